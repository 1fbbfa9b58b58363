//! Lines of the client's transcripts, `projects/FOLDER/SESSION.jsonl` and `SESSION/subagents/agent-ID.jsonl`.
//!
//! A call is a part of an answer (`tool_use`), its result a part of what comes back (`tool_result`), and what refused
//! it stands beside that (`toolDenialKind`, or in older transcripts the words of the result). Modes are records of
//! their own (`permission-mode`) or stand on what the user says (2.1.330, and older ones as they were described).
//!
//! Left out: why a call was allowed. Transcripts do not say it.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::input::Text;
use super::{Became, Input, Kept, Line, Listener, Recorded, day};

/// What a refusal begins with in transcripts that do not name it.
const REFUSALS: &[&str] = &[
    "Permission to use ",
    "Permission for this ",
    "Claude requested permissions to ",
    "The user doesn't want to",
];

/// How far a refusal is looked for in a result, in bytes.
const FIRST: usize = 200;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TranscriptLine<'a> {
    #[serde(borrow, default)]
    session_id: Option<Text<'a>>,
    #[serde(borrow, default)]
    cwd: Option<Text<'a>>,
    #[serde(borrow, default)]
    timestamp: Option<Text<'a>>,
    #[serde(borrow, default)]
    permission_mode: Option<Text<'a>>,
    #[serde(borrow, default)]
    tool_denial_kind: Option<Text<'a>>,
    #[serde(borrow, default)]
    message: Option<Message<'a>>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow, default)]
    content: Parts<'a>,
}

/// The parts of a message; none where it is a text.
#[derive(Default)]
struct Parts<'a>(Vec<Part<'a>>);

#[derive(Deserialize)]
struct Part<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Option<Text<'a>>,
    #[serde(borrow, default)]
    id: Option<Text<'a>>,
    #[serde(borrow, default)]
    name: Option<Text<'a>>,
    #[serde(borrow, default)]
    input: Input<'a>,
    #[serde(borrow, default)]
    tool_use_id: Option<Text<'a>>,
    #[serde(default)]
    is_error: Option<bool>,
    #[serde(borrow, default)]
    content: Option<&'a RawValue>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Parts<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PartsVisitor).map(Parts)
    }
}

struct PartsVisitor;

impl<'de> Visitor<'de> for PartsVisitor {
    type Value = Vec<Part<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a list of parts")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut parts = Vec::new();
        while let Some(part) = items.next_element()? {
            parts.push(part);
        }
        Ok(parts)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Vec::new())
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }
}

fn text<'t>(text: &'t Option<Text<'_>>) -> Option<&'t str> {
    text.as_ref().map(|text| &*text.0)
}

/// Reads a line; none where it is of another form.
pub(super) fn read(line: &[u8], listener: &mut impl Listener) -> Option<Line> {
    let line: TranscriptLine<'_> = serde_json::from_str(std::str::from_utf8(line).ok()?).ok()?;
    let (session, mode) = (text(&line.session_id), text(&line.permission_mode));
    if let Some(mode) = mode {
        listener.mode(session, mode);
    }
    let mut read = if mode.is_some() { Line::Read } else { Line::Other };
    for part in line.message.iter().flat_map(|message| &message.content.0) {
        match text(&part.kind) {
            Some("tool_use") => {
                let tool = text(&part.name)?;
                let kept = if part.input.is_there() { Kept::Whole } else { Kept::Nothing };
                listener.call(&Recorded {
                    tool,
                    input: &part.input,
                    kept: Kept::of(tool, kept),
                    id: text(&part.id),
                    session,
                    user: None,
                    folder: text(&line.cwd),
                    root: None,
                    mode: None,
                    repository: None,
                    day: text(&line.timestamp).and_then(day),
                });
                read = Line::Read;
            }
            Some("tool_result") => {
                if let Some(id) = text(&part.tool_use_id) {
                    listener.became(id, part.became(text(&line.tool_denial_kind)));
                }
                read = Line::Read;
            }
            _ => {}
        }
    }
    Some(read)
}

impl Part<'_> {
    fn became(&self, denial: Option<&str>) -> Became {
        if self.is_error != Some(true) {
            return Became::Ran;
        }
        match denial {
            Some("interrupted" | "cancelled") => Became::Stopped,
            Some(_) => Became::Refused,
            None => {
                let content = self.content.map(RawValue::get).unwrap_or_default();
                let end = content.floor_char_boundary(FIRST);
                let first = content.get(..end).unwrap_or_default();
                let refused = REFUSALS.iter().any(|words| first.contains(words));
                if refused { Became::Refused } else { Became::Ran }
            }
        }
    }
}
