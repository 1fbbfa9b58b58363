//! What a change of settings grants: from two [`Access`]es to the calls that come to be decided otherwise.
//!
//! Every call is decided by asking which rules a text is for: of a command line the texts of its commands,
//! of a file its path, of an address its host. More deny and ask rules for a text never make a decision less
//! strict, more allow rules never make it stricter. So where each text that is denied or asked for before is
//! so afterwards, and each that is allowed afterwards was so before, no call at all is decided less strictly,
//! whatever its form. That is a question about sets of texts, and [`crate::automaton`] answers it for all of
//! them.
//!
//! Where a text does come to be treated otherwise, calls are made of it and put to [`Access::decide`], which
//! has the last word: what it confirms is a witness. What it does not confirm is left undecided, never taken
//! for nothing new.
//!
//! One thing goes the other way: under a rule for every command a line in the background is asked for where its
//! commands need no such rule, since they have one of their own, only read, or write where they may. So what is
//! lost there is looked at as well.
//!
//! INVARIANT: every witness was decided on both sides, and the verdicts are those of the decisions.
//!
//! Leaves out what [`LIMITS`] says. Keys beside rules have an order of their own, key by key: [`changed_keys`].

mod commands;
mod files;
mod hosts;
mod idle;
mod keys;
mod names;
mod order;
mod pair;
mod parameters;
mod question;

pub use idle::{Idle, Reason, idle_rules};
pub use keys::{Home, KeyChange, Part, Said, Written, changed_keys};
pub use order::{Direction, is_ordered};
pub use pair::Pair;

use crate::access::{Access, Call, Decision, Mode, RuleId, Silent, Verdict, World};
use crate::automaton::Budget;
use crate::rule::List;

/// What an answer does not speak of, each in one sentence.
pub const LIMITS: &[&str] = &[
    "hooks may decide otherwise and are left out",
    "which MCP servers run is left out, as are names of theirs that hold `__`",
    "hosts that are IPv6 addresses are looked at only where a rule is for these alone",
    "programs whose name holds a blank are left out",
    "links are not followed: each path is taken for what it says, and so are its capital letters",
];

/// The two sides of a comparison, with the files that both see.
///
/// Both are to be told [`by rules alone`](Access::by_rules_alone).
#[derive(Clone, Copy)]
pub struct Sides<'a> {
    /// Before the change.
    pub old: &'a Access,
    /// After it.
    pub new: &'a Access,
    /// Links and folders.
    pub world: &'a dyn World,
}

/// One of the two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// Before the change.
    Old,
    /// After it.
    New,
}

/// A rule that stands on one side and not on the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Changed {
    /// The side that it stands on.
    pub side: Side,
    /// The rule there.
    pub rule: RuleId,
}

/// A call that comes to be decided otherwise.
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    /// The shortest call for which it was found.
    pub witness: Call,
    /// What became of it.
    pub old: Decision,
    /// What becomes of it.
    pub new: Decision,
    /// The rule that came or went; none where the mode or a folder did.
    pub changed: Option<Changed>,
}

/// A question without an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Open {
    /// Why.
    pub why: Why,
    /// The rule that came or went; none where the mode or a folder did.
    pub changed: Option<Changed>,
}

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Why {
    /// What rules say of this call is not the same, and no call like it was seen to be decided otherwise.
    Unconfirmed(Call),
    /// The rule takes paths out again (`!x`), or speaks of places in a name.
    Form,
    /// The budget was spent.
    Budget,
    /// What is proved rests on how the newest client that is known asks its rules, and another one decides.
    Client,
}

/// What is known of calls that become less strictly decided, or more.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outcome {
    /// Such calls, one for each rule that brings some.
    pub flows: Vec<Flow>,
    /// What could not be decided.
    pub open: Vec<Open>,
}

impl Outcome {
    /// Whether it is proved that there is no such call.
    pub fn is_proved_empty(&self) -> bool {
        self.flows.is_empty() && self.open.is_empty()
    }
}

/// All that is known of a change.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Calls that are less strictly decided.
    pub looser: Outcome,
    /// Calls that are more strictly decided.
    pub stricter: Outcome,
}

/// Compares two sides.
pub fn compare(sides: Sides<'_>, budget: &mut Budget) -> Comparison {
    let looser = gains(sides, budget);
    let mirrored = gains(sides.swapped(), budget);
    Comparison { looser, stricter: mirrored.swapped() }
}

/// The calls that become less strictly decided.
pub fn gains(sides: Sides<'_>, budget: &mut Budget) -> Outcome {
    search(sides, Counted::All, budget)
}

/// The calls that become allowed by a rule. What the client allows without one does not count.
///
/// Both sides are to refuse questions ([`Access::refusing_prompts`]).
pub fn grants(sides: Sides<'_>, budget: &mut Budget) -> Outcome {
    search(sides, Counted::ByRule, budget)
}

fn search(sides: Sides<'_>, counted: Counted, budget: &mut Budget) -> Outcome {
    let mut search = question::Search::new(sides, counted, budget);
    if sides.new.is_halted() {
        return search.outcome;
    }
    if !Freedom::of(sides.new).is_within(Freedom::of(sides.old)) {
        search.ask_of_modes();
    }
    // First: such a rule is for commands of the same text as well.
    parameters::gains(&mut search);
    commands::gains(&mut search);
    files::gains(&mut search);
    hosts::gains(&mut search);
    names::gains(&mut search);
    files::gains_where_reading_was_denied(&mut search);
    let newest = sides.old.is_newest() && sides.new.is_newest();
    if search.outcome.is_proved_empty() && !newest && !sides.are_alike() {
        search.leave(None, Why::Client);
    }
    search.outcome
}

/// Which calls count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counted {
    /// Every call that is less strictly decided.
    All,
    /// Those alone that a rule allows in the end.
    ByRule,
}

impl Sides<'_> {
    fn swapped(self) -> Self {
        Self { old: self.new, new: self.old, world: self.world }
    }

    /// Whether both have the same rules, folders and mode, so that there is nothing to prove.
    fn are_alike(self) -> bool {
        let rules = |access: &Access| -> Vec<(List, usize, String)> {
            let rules =
                access.rules().iter().map(|(_, one)| (one.list, one.file, one.rule.text().to_owned()));
            rules.collect()
        };
        rules(self.old) == rules(self.new)
            && self.old.working_folders() == self.new.working_folders()
            && Freedom::of(self.old) == Freedom::of(self.new)
    }

    /// A call as both sides decide it, where the new one is less strict.
    fn confirm(self, witness: Call, changed: Option<Changed>) -> Result<Flow, Call> {
        let decide = |access: &Access| access.decide(&witness, self.world, &mut Silent);
        let (old, new) = (decide(self.old), decide(self.new));
        if looseness(old.verdict) < looseness(new.verdict) {
            Ok(Flow { witness, old, new, changed })
        } else {
            Err(witness)
        }
    }
}

impl Counted {
    fn counts(self, flow: &Flow) -> bool {
        let by_rule = flow.new.verdict == Verdict::Allow && flow.new.cause.rule().is_some();
        self == Self::All || by_rule
    }
}

impl Outcome {
    /// The same change seen from the other side.
    fn swapped(self) -> Self {
        let turned = |changed: Option<Changed>| {
            changed.map(|changed| Changed {
                side: match changed.side {
                    Side::Old => Side::New,
                    Side::New => Side::Old,
                },
                ..changed
            })
        };
        let flows = self.flows.into_iter().map(|flow| Flow {
            old: flow.new,
            new: flow.old,
            changed: turned(flow.changed),
            ..flow
        });
        let open = self.open.into_iter().map(|open| Open { changed: turned(open.changed), ..open });
        Self { flows: flows.collect(), open: open.collect() }
    }
}

/// How much a verdict lets happen; what cannot be known may be anything short of allowed.
fn looseness(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Deny => 0,
        Verdict::Ask => 1,
        Verdict::Undecided => 2,
        Verdict::Allow => 3,
    }
}

/// What the mode adds to the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Freedom {
    /// The client starts.
    runs: bool,
    /// Questions are put; they are refused otherwise.
    asks: bool,
    /// Edits within the working folders are allowed.
    accepts_edits: bool,
    /// What no rule speaks of is allowed.
    lifts: bool,
}

impl Freedom {
    fn of(access: &Access) -> Self {
        let mode = access.mode();
        Self {
            runs: !access.is_halted(),
            asks: mode != Mode::DontAsk && !access.refuses_prompts(),
            accepts_edits: matches!(mode, Mode::AcceptEdits | Mode::BypassPermissions),
            lifts: mode == Mode::BypassPermissions,
        }
    }

    fn is_within(self, other: Self) -> bool {
        self.runs <= other.runs
            && self.asks <= other.asks
            && self.accepts_edits <= other.accepts_edits
            && self.lifts <= other.lifts
    }
}

#[cfg(test)]
mod tests;
