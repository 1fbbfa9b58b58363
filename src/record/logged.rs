//! Lines of a hook that logs calls: those of the policy `audit-script` and of others that write what the client tells its
//! hooks by the names that it has for it, and those of the trail of `audit-trail`, in which a call has a `target` instead of an input.

use serde::Deserialize;

use super::input::Text;
use super::{Became, Input, Kept, Line, Listener, Recorded, day};

/// The bytes at which logs cut a value, and how they mark that.
const LONGEST: usize = 1_500;
const CUT: &[&str] = &["...", "…"];

/// What stands where a credential was.
const MASKED: char = '…';

#[derive(Deserialize)]
struct LoggedLine<'a> {
    #[serde(borrow, default)]
    time: Option<Text<'a>>,
    #[serde(borrow, default, alias = "hook_event_name")]
    event: Option<Text<'a>>,
    #[serde(borrow, default, alias = "session")]
    session_id: Option<Text<'a>>,
    #[serde(borrow, default, alias = "call")]
    tool_use_id: Option<Text<'a>>,
    #[serde(borrow, default, alias = "mode")]
    permission_mode: Option<Text<'a>>,
    #[serde(borrow, default)]
    cwd: Option<Text<'a>>,
    #[serde(borrow, default)]
    project: Option<Text<'a>>,
    #[serde(borrow, default)]
    user: Option<Text<'a>>,
    #[serde(borrow, default)]
    repository: Option<Text<'a>>,
    #[serde(borrow, default, alias = "tool")]
    tool_name: Option<Text<'a>>,
    #[serde(borrow, default, alias = "tool_input", alias = "target")]
    input: Input<'a>,
}

fn text<'t>(text: &'t Option<Text<'_>>) -> Option<&'t str> {
    text.as_ref().map(|text| &*text.0)
}

/// Reads a line; none where it is of another form.
pub(super) fn read(line: &[u8], listener: &mut impl Listener) -> Option<Line> {
    let line: LoggedLine<'_> = serde_json::from_str(std::str::from_utf8(line).ok()?).ok()?;
    let (Some(event), Some(tool)) = (text(&line.event), text(&line.tool_name)) else {
        return Some(Line::Other);
    };
    let became = match event {
        "PreToolUse" => None,
        "PostToolUse" | "PostToolUseFailure" => Some(Became::Ran),
        "PermissionDenied" => Some(Became::Refused),
        _ => return Some(Line::Other),
    };
    let input = &line.input;
    let kept = if !input.is_there() {
        Kept::Nothing
    } else if input.any_text(|text| text.len() >= LONGEST && CUT.iter().any(|cut| text.ends_with(cut))) {
        Kept::Cut
    } else if input.any_text(|text| text.contains(MASKED)) {
        Kept::Masked
    } else {
        Kept::Whole
    };
    let id = text(&line.tool_use_id);
    listener.call(&Recorded {
        tool,
        input,
        kept: Kept::of(tool, kept),
        id,
        session: text(&line.session_id),
        user: text(&line.user),
        folder: text(&line.cwd),
        root: text(&line.project),
        mode: text(&line.permission_mode),
        repository: text(&line.repository),
        day: text(&line.time).and_then(day),
    });
    if let (Some(id), Some(became)) = (id, became) {
        listener.became(id, became);
    }
    Some(Line::Read)
}
