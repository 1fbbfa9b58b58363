//! What a change of settings grants, as people and programs read it. The JSON form is frozen like that of the
//! report: fields are added, never changed.
//!
//! INVARIANT: what is not decided is never told as no new access.

mod annotations;
mod markdown;
mod policies;
mod text;

pub use annotations::comparison_findings;
pub use markdown::write_comparison_markdown;
pub use policies::{
    AskedPolicies, GroupReport, PolicyDiffReport, policy_diff_report, write_policy_diff,
    write_policy_diff_markdown,
};
pub use text::write_comparison;

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::decision::{RuleReport, Words, place_of};
use super::explanation::CallReport;
use crate::access::{Access, Call, Cause, Decision, Loaded, RuleId, Setup};
use crate::automaton::Budget;
use crate::client::Version;
use crate::finding;
use crate::json::Pointer;
use crate::proof::{
    self, Changed, Comparison, Direction, Flow, KeyChange, LIMITS, Open, Pair, Part, Said, Why, Written,
    changed_keys,
};
use crate::secret;
use crate::state::State;

/// What no comparison of files speaks of, beside what the proof leaves out.
const OTHER_FILES: &str = "settings of the machine count as well and are left out";

/// What a comparison does not speak of, each in one sentence.
pub fn comparison_limits() -> impl Iterator<Item = &'static str> {
    LIMITS.iter().copied().chain([OTHER_FILES])
}

/// Most rules that are named of those whose question is open for the same reason.
const MOST_ABOUT: usize = 6;

/// Two states, as they decide, and all that is known of the change.
struct Compared<'a> {
    /// Before the change.
    old: (&'a State, &'a Access),
    /// After it.
    new: (&'a State, &'a Access),
    /// Which calls come to be decided otherwise.
    comparison: &'a Comparison,
    /// Which keys are not the same.
    keys: &'a [KeyChange],
    /// The client that decides.
    client: Version,
}

/// Compares two states as the client of a version decides. Both are set in one made-up place.
pub fn compare(old: &State, new: &State, client: Version, mut budget: Budget) -> ComparisonReport {
    let setup = |state: &State| Setup { version: client, ..state.setup() };
    let pair = Pair::new(&setup(old), &setup(new));
    let sides = pair.sides();
    let comparison = proof::compare(sides, &mut budget);
    let (old_files, new_files) = (old.settings(), new.settings());
    let keys = changed_keys(
        Said { files: &old_files, servers: old.servers() },
        Said { files: &new_files, servers: new.servers() },
    );
    comparison_report(&Compared {
        old: (old, sides.old),
        new: (new, sides.new),
        comparison: &comparison,
        keys: &keys,
        client,
    })
}

/// What comes of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It is proved that no call is decided less strictly, and no key lets more happen.
    NoNewAccess,
    /// A call is decided less strictly, or a key lets more happen.
    NewAccess,
    /// Neither is known.
    Undecided,
}

/// What `bylaws compare --format json` prints, version 1.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ComparisonReport {
    /// Always 1.
    version: u32,
    /// The client version whose behaviour decides.
    client: String,
    /// Before the change.
    old: StateReport,
    /// After it.
    new: StateReport,
    /// What came of it.
    pub outcome: Outcome,
    /// Calls that are less strictly decided than before, one for each rule that brings some.
    looser: Vec<FlowReport>,
    /// Calls that are more strictly decided than before.
    stricter: Vec<FlowReport>,
    /// What could not be decided about calls.
    undecided: Vec<OpenReport>,
    /// Keys beside rules that are not the same.
    keys: Vec<KeyReport>,
    /// What this does not speak of.
    limits: Vec<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct StateReport {
    /// How it was named.
    name: String,
    /// What is to know about how it was read.
    notes: Vec<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct FlowReport {
    /// The shortest call that shows it, in a project at `/home/user/project`.
    call: CallReport,
    /// The same in its short form.
    short: String,
    /// What became of it.
    from: String,
    /// What becomes of it.
    to: String,
    /// Why it was decided so.
    old_reason: String,
    /// Why it is decided so.
    new_reason: String,
    /// The rules that came or went; none where a mode or a folder did.
    changed: Vec<ChangedReport>,
    /// Where the change stands.
    #[serde(skip)]
    place: finding::Place,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ChangedReport {
    /// The side that has the rule.
    side: SideReport,
    #[serde(flatten)]
    rule: RuleReport,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum SideReport {
    /// Before the change.
    Old,
    /// After it.
    New,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct OpenReport {
    /// What was asked: whether calls become less strictly decided, or more.
    direction: DirectionReport,
    /// Why it is not known.
    why: String,
    /// A call about which it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<CallReport>,
    /// The rule that came or went; none where a mode or a folder did.
    #[serde(skip_serializing_if = "Option::is_none")]
    changed: Option<ChangedReport>,
    #[serde(skip)]
    place: finding::Place,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct KeyReport {
    /// The place of the key in the settings, or of a server in `.mcp.json`: a JSON Pointer. Of an entry, that of
    /// its list.
    key: String,
    /// `value`, `entry` of a list, or `server`.
    part: PartReport,
    /// What the old side says, none where it says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    old: Option<WrittenReport>,
    /// What the new side says.
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<WrittenReport>,
    /// What the change means.
    direction: DirectionReport,
    /// What there is to know about the key.
    why: String,
    #[serde(skip)]
    place: finding::Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum PartReport {
    Value,
    Entry,
    Server,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum DirectionReport {
    /// More happens, or the same.
    Looser,
    /// It cannot be ordered: it may let more happen.
    Unordered,
    /// Less happens, or the same.
    Stricter,
    /// Nothing changes in what agents may do.
    Neutral,
}

#[derive(Debug, Serialize, JsonSchema)]
struct WrittenReport {
    /// The value; credentials are cut short.
    value: Value,
    /// The file.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    /// Its line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    /// Its column, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
}

/// Puts a comparison into words.
fn comparison_report(compared: &Compared<'_>) -> ComparisonReport {
    let Compared { old, new, comparison, keys, client } = compared;
    let mut undecided = Vec::new();
    for (direction, outcome) in
        [(DirectionReport::Looser, &comparison.looser), (DirectionReport::Stricter, &comparison.stricter)]
    {
        undecided.extend(outcome.open.iter().map(|open| compared.open(direction, open)));
    }
    let flows = |flows: &[Flow]| {
        let mut told: Vec<FlowReport> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        for flow in flows {
            // One call can show what several rules bring.
            let call = format!("{} {}", flow.witness.tool, Value::Object(flow.witness.input.clone()));
            let at = *known.entry(call).or_insert(told.len());
            match told.get_mut(at) {
                Some(told) => told.changed.extend(flow.changed.and_then(|changed| compared.changed(changed))),
                None => told.push(compared.flow(flow)),
            }
        }
        // What is allowed weighs more than what is asked for, and of each tool all stands together.
        told.sort_by_key(|flow| (flow.to != "allow", flow.call.tool.clone(), flow.from != "deny"));
        told
    };
    let state = |state: &State| StateReport { name: state.name.clone(), notes: state.notes.clone() };
    let granting = |direction| keys.iter().any(|change| change.direction == direction);
    ComparisonReport {
        version: 1,
        client: client.to_string(),
        old: state(old.0),
        new: state(new.0),
        outcome: if !comparison.looser.flows.is_empty() || granting(Direction::Looser) {
            Outcome::NewAccess
        } else if !comparison.looser.open.is_empty() || granting(Direction::Unordered) {
            Outcome::Undecided
        } else {
            Outcome::NoNewAccess
        },
        looser: flows(&comparison.looser.flows),
        stricter: flows(&comparison.stricter.flows),
        undecided,
        keys: keys.iter().map(|change| compared.key(change)).collect(),
        limits: comparison_limits().map(str::to_owned).collect(),
    }
}

impl ComparisonReport {
    /// The names of both sides: `main → topic`.
    pub fn sides(&self) -> String {
        format!("{} → {}", self.old.name, self.new.name)
    }

    /// Whether anything is not the same in what agents may do.
    pub fn has_changes(&self) -> bool {
        let keys = self.keys.iter().any(|key| key.direction != DirectionReport::Neutral);
        keys || !(self.looser.is_empty() && self.stricter.is_empty() && self.undecided.is_empty())
    }

    /// What came of it, in one line.
    pub fn in_words(&self) -> String {
        let keys = |direction| self.keys.iter().filter(|key| key.direction == direction).count();
        let open = self.undecided.iter().filter(|open| open.direction == DirectionReport::Looser).count();
        let counted = |count: usize, one: &str, more: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            count => Some(format!("{count} {more}")),
        };
        let joined = |parts: [Option<String>; 2]| parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
        let granted = joined([
            counted(self.looser.len(), "kind of call", "kinds of calls"),
            counted(keys(DirectionReport::Looser), "key", "keys"),
        ]);
        let left = joined([
            counted(open, "question about calls", "questions about calls"),
            counted(
                keys(DirectionReport::Unordered),
                "key that cannot be ordered",
                "keys that cannot be ordered",
            ),
        ]);
        match (granted.as_str(), left.as_str()) {
            ("", "") if self.keys.is_empty() => "no new access: proved for every call".to_owned(),
            ("", "") => "no new access: proved for every call, and no key lets more happen".to_owned(),
            ("", left) => format!("not decided: {left}"),
            (granted, "") => format!("new access: {granted}"),
            (granted, left) => format!("new access: {granted}; not decided: {left}"),
        }
    }

    /// The keys of one direction.
    fn keys_of(&self, direction: DirectionReport) -> impl Iterator<Item = &KeyReport> {
        self.keys.iter().filter(move |key| key.direction == direction)
    }

    /// The open questions of one direction.
    fn open_of(&self, direction: DirectionReport) -> impl Iterator<Item = &OpenReport> {
        self.undecided.iter().filter(move |open| open.direction == direction)
    }
}

impl Compared<'_> {
    fn flow(&self, flow: &Flow) -> FlowReport {
        let reason = |side: SideReport, decision: &Decision| {
            self.words(side, &|words| words.reason(decision.verdict, decision.cause))
        };
        FlowReport {
            call: told_call(&flow.witness),
            short: flow.witness.shown(),
            from: flow.old.verdict.name().to_owned(),
            to: flow.new.verdict.name().to_owned(),
            old_reason: reason(SideReport::Old, &flow.old),
            new_reason: reason(SideReport::New, &flow.new),
            changed: flow.changed.and_then(|changed| self.changed(changed)).into_iter().collect(),
            place: self.place(flow.changed, &flow.new),
        }
    }

    fn open(&self, direction: DirectionReport, open: &Open) -> OpenReport {
        let (why, call) = match &open.why {
            Why::Unconfirmed(call) => (
                format!(
                    "rules say another thing of `{}`, and no call like it was found that is decided otherwise",
                    call.shown()
                ),
                Some(told_call(call)),
            ),
            Why::Form => (
                "lists with rules that take paths out again (`!x`) are not followed, and they are not the same"
                    .to_owned(),
                None,
            ),
            Why::Client => (
                "nothing is proved for clients older than the newest that is known; no call was found".to_owned(),
                None,
            ),
            Why::Budget => ("the budget was spent; `--budget` gives more".to_owned(), None),
        };
        OpenReport {
            direction,
            why,
            call,
            changed: open.changed.and_then(|changed| self.changed(changed)),
            place: self.place_of_change(open.changed).unwrap_or_else(|| self.new.0.main_file()),
        }
    }

    fn key(&self, change: &KeyChange) -> KeyReport {
        let place = |state: &State, written: &Option<Written>| {
            written.as_ref().and_then(|written| state.place_of_key(&change.pointer, written))
        };
        let (old, new) = (place(self.old.0, &change.old), place(self.new.0, &change.new));
        let written = |written: &Option<Written>, place: &Option<finding::Place>| {
            written.as_ref().map(|written| WrittenReport {
                value: masked(change.pointer.last().unwrap_or_default(), &written.value),
                file: place.as_ref().map(|place| place.file().to_string()),
                line: place.as_ref().map(|place| place.start().line),
                column: place.as_ref().map(|place| place.start().column),
            })
        };
        KeyReport {
            key: change.pointer.to_string(),
            part: match change.part {
                Part::Value => PartReport::Value,
                Part::Entry => PartReport::Entry,
                Part::Server => PartReport::Server,
            },
            old: written(&change.old, &old),
            new: written(&change.new, &new),
            direction: direction_of(change.direction),
            why: change.why.to_owned(),
            place: new.unwrap_or_else(|| self.new.0.main_file()),
        }
    }

    fn side(&self, side: SideReport) -> (&State, &Access) {
        match side {
            SideReport::Old => self.old,
            SideReport::New => self.new,
        }
    }

    fn words<T>(&self, side: SideReport, say: &dyn Fn(&Words<'_>) -> T) -> T {
        let (state, access) = self.side(side);
        let place = |rule: &Loaded| match state.place_of_rule(rule) {
            Some(place) => (place.file().to_string(), Some(place.start())),
            None => (state.name.clone(), None),
        };
        say(&Words { version: self.client, rules: access.rules(), mode: access.mode(), place: &place })
    }

    fn changed(&self, changed: Changed) -> Option<ChangedReport> {
        let side = side_of(changed);
        let rule = self.words(side, &|words| words.rule(changed.rule, None))?;
        Some(ChangedReport { side, rule })
    }

    /// Where the new side says what changed: at the rule that came, at the one that decides, or nowhere in
    /// particular, where a rule went.
    fn place(&self, changed: Option<Changed>, new: &Decision) -> finding::Place {
        let deciding = match new.cause {
            Cause::Rule(rule) => self.rule_place(SideReport::New, rule),
            _ => None,
        };
        self.place_of_change(changed).or(deciding).unwrap_or_else(|| self.new.0.main_file())
    }

    fn place_of_change(&self, changed: Option<Changed>) -> Option<finding::Place> {
        let changed = changed.filter(|changed| side_of(*changed) == SideReport::New)?;
        self.rule_place(SideReport::New, changed.rule)
    }

    fn rule_place(&self, side: SideReport, rule: RuleId) -> Option<finding::Place> {
        let (state, access) = self.side(side);
        state.place_of_rule(access.rules().get(rule)?)
    }
}

fn direction_of(direction: Direction) -> DirectionReport {
    match direction {
        Direction::Looser => DirectionReport::Looser,
        Direction::Unordered => DirectionReport::Unordered,
        Direction::Stricter => DirectionReport::Stricter,
        Direction::Neutral => DirectionReport::Neutral,
    }
}

impl DirectionReport {
    fn in_words(self) -> &'static str {
        match self {
            Self::Looser => "more access",
            Self::Unordered => "not decided",
            Self::Stricter => "less access",
            Self::Neutral => "without effect on access",
        }
    }
}

fn side_of(changed: Changed) -> SideReport {
    match changed.side {
        proof::Side::Old => SideReport::Old,
        proof::Side::New => SideReport::New,
    }
}

fn told_call(call: &Call) -> CallReport {
    let input = call.input.iter().map(|(field, value)| (field.clone(), masked(field, value)));
    CallReport { tool: call.tool.clone(), input: input.collect() }
}

/// What a key says, in one line: `"a" → "b"`, `+ "a"`.
fn change_in_words(key: &KeyReport) -> String {
    let value = |written: &Option<WrittenReport>| {
        written.as_ref().map_or("not set".to_owned(), |written| written.value.to_string())
    };
    match (key.part, &key.old, &key.new) {
        (PartReport::Entry | PartReport::Server, None, _) => format!("+ {}", value(&key.new)),
        (PartReport::Entry | PartReport::Server, _, None) => format!("- {}", value(&key.old)),
        _ => format!("{} → {}", value(&key.old), value(&key.new)),
    }
}

/// The key as people write it; a server with its file.
fn key_in_words(key: &KeyReport) -> String {
    let dotted = key.key.parse::<Pointer>().map_or_else(|_| key.key.clone(), |at| at.dotted());
    if key.part == PartReport::Server { format!("{dotted} of .mcp.json") } else { dotted }
}

/// Where it stands: on the new side, or where it stood.
fn key_place(key: &KeyReport) -> Option<String> {
    let (side, written) = match (&key.new, &key.old) {
        (Some(new), _) => ("new", new),
        (None, Some(old)) => ("old", old),
        (None, None) => return None,
    };
    let place = format!("{}:{}:{}", written.file.as_ref()?, written.line?, written.column?);
    Some(format!("{side} {place}"))
}

/// The rules that came or went and that no reason names already.
fn changes_of_rules(flow: &FlowReport) -> Vec<String> {
    let told = flow.changed.iter().filter_map(|changed| {
        let (reason, what) = match changed.side {
            SideReport::Old => (&flow.old_reason, "gone"),
            SideReport::New => (&flow.new_reason, "added"),
        };
        let named = format!("`{}` in {}", changed.rule.rule, place_of(&changed.rule));
        (*reason != named).then(|| format!("{what}: {named}"))
    });
    told.collect()
}

/// Open questions that are open for the same reason, each reason with the rules that it is about.
fn by_reason<'r>(open: impl Iterator<Item = &'r OpenReport>) -> Vec<(&'r str, Vec<String>)> {
    let mut reasons: Vec<(&str, Vec<String>)> = Vec::new();
    for open in open {
        let about = match &open.changed {
            Some(changed) => format!("`{}` in {}", changed.rule.rule, place_of(&changed.rule)),
            None => "the mode or a folder".to_owned(),
        };
        match reasons.iter_mut().find(|(why, _)| *why == open.why) {
            Some((_, abouts)) => abouts.push(about),
            None => reasons.push((&open.why, vec![about])),
        }
    }
    for (_, abouts) in &mut reasons {
        let more = abouts.len().saturating_sub(MOST_ABOUT);
        abouts.truncate(MOST_ABOUT);
        abouts.extend((more > 0).then(|| format!("and {more} more")));
    }
    reasons
}

/// A value whose credentials are cut short.
fn masked(name: &str, value: &Value) -> Value {
    match value {
        Value::String(text) => {
            Value::String(secret::masked(text, &secret::find_under(name, text)).into_owned())
        }
        Value::Array(items) => items.iter().map(|item| masked(name, item)).collect(),
        Value::Object(members) => {
            let members = members.iter().map(|(key, value)| (key.clone(), masked(key, value)));
            Value::Object(members.collect())
        }
        plain => plain.clone(),
    }
}
