//! What is proved of a project beside what policy wants of it: whether what it lacks lets more happen, and whether it
//! holds back a call that policy alone would let through.
//!
//! The proof of `bylaws compare` is put between the project as it is and the project as the fixes make it. Rules are
//! told by calls, keys beside them by the order of their values. What is shared is compared by itself, since it is
//! what everybody gets, and once more with personal settings where a file of them is there.
//!
//! INVARIANT: an effect is [`Effect::Nothing`] only where it is proved that nothing more happens. What cannot be
//! looked at, or is not decided within the budget, is [`Effect::Open`].
//!
//! Left out: what settings of the machine add, but for rules that ask: those matter where a user allows more.

use crate::access::{Setup, Verdict};
use crate::automaton::Budget;
use crate::finding::{Change, ChangeKind, Finding, Witness};
use crate::json::{Document, Edit, Pointer};
use crate::path::RepoPath;
use crate::project::{Content, MCP, Project, Role, WrittenRule};
use crate::proof::{self, Changed, Direction, Outcome, Pair, Part, Side, Sides, changed_keys};
use crate::repository::Held;
use crate::rule::{List, implies};
use crate::settings::{Scope, Settings};

/// How much work the proof of one repository may take, in steps: about 10 milliseconds.
const BUDGET: usize = 1_000_000;

/// What it means that a fix is not made yet.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Effect {
    /// It is proved that nothing more happens.
    Nothing,
    /// It is not known whether more happens, and why.
    Open(&'static str),
    /// A key beside rules lets more happen.
    Key,
    /// A call is let through that would not be, or is not asked for that would be.
    Shown(Witness),
}

impl Effect {
    /// How much there is to tell, the most first.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::Shown(_) => 0,
            Self::Key => 1,
            Self::Open(_) => 2,
            Self::Nothing => 3,
        }
    }
}

/// What it means for `held` that the fixes of these of its findings are not made, for each.
pub(super) fn effects(held: &Held, lacking: &[&Finding]) -> Vec<Effect> {
    let findings: Vec<Finding> = lacking.iter().map(|finding| (*finding).clone()).collect();
    let plan = held.plan_for(&findings);
    let is_planned = |change: &Change| change.what == ChangeKind::Pin || plan.change(&change.path).is_some();
    if !lacking.iter().all(|finding| changes(finding).all(is_planned)) {
        return vec![Effect::Open("what a fix of it alone would come to is not known"); lacking.len()];
    }
    let wanted = held.project_after(&plan);
    let mut beside = Beside::default();
    beside.add(&wanted, &held.project, false);
    if held.project.local.file.content != Content::Missing {
        beside.add(&wanted, &held.project, true);
    }
    let mut effects: Vec<Effect> = lacking.iter().map(|finding| beside.of(&held.project, finding)).collect();
    // What no finding is behind is behind all of them together.
    if effects.iter().all(|effect| *effect == Effect::Nothing)
        && let Some(first) = effects.first_mut()
    {
        *first = beside.strongest();
    }
    effects
}

fn changes(finding: &Finding) -> impl Iterator<Item = &Change> {
    finding.fix.iter().flat_map(|fix| &fix.changes)
}

/// A rule by its list and text.
type RuleName = (List, String);

/// What the project as it is lets happen, beside the project as it is wanted.
#[derive(Default)]
struct Beside {
    /// Calls, each with the rule that is behind it; none where a mode or a folder is.
    shown: Vec<(Option<RuleName>, Witness)>,
    /// Rules about whose calls nothing is known.
    open: Vec<Option<RuleName>>,
    /// Keys and what the change of each means.
    keys: Vec<(Part, Pointer, Direction)>,
}

impl Beside {
    fn add(&mut self, wanted: &Project, now: &Project, with_personal: bool) {
        let [wanted_files, now_files] = [wanted, now].map(|project| files(project, with_personal));
        let setup = |files: &[&Settings]| Setup::made_up(files.iter().map(|settings| (*settings).clone()));
        let pair = Pair::new(&setup(&wanted_files), &setup(&now_files));
        let sides = pair.sides();
        let Outcome { flows, open } = proof::gains(sides, &mut Budget(BUDGET));
        for flow in flows {
            let rule = flow.changed.and_then(|changed| rule_of(sides, changed));
            match [flow.old.verdict, flow.new.verdict] {
                verdicts if verdicts.contains(&Verdict::Undecided) => self.open.push(rule),
                [policy, now] => self.shown.push((rule, flow.witness.as_witness(now, policy))),
            }
        }
        self.open.extend(open.iter().map(|open| open.changed.and_then(|changed| rule_of(sides, changed))));
        let keys = changed_keys(
            proof::Said { files: &wanted_files, servers: Some(&wanted.mcp) },
            proof::Said { files: &now_files, servers: Some(&now.mcp) },
        );
        self.keys.extend(keys.into_iter().map(|change| (change.part, change.pointer, change.direction)));
    }

    /// What it means that a finding is not mended.
    fn of(&self, project: &Project, finding: &Finding) -> Effect {
        let effects = changes(finding).map(|change| self.of_change(project, change));
        effects.min_by_key(Effect::rank).unwrap_or(Effect::Open("no fix of it is known"))
    }

    fn of_change(&self, project: &Project, change: &Change) -> Effect {
        let ChangeKind::Json(edit) = &change.what else {
            return match change.what {
                ChangeKind::Pin => Effect::Nothing,
                _ if is_prose(&change.path) => Effect::Nothing,
                _ => Effect::Open("what the file does is not known"),
            };
        };
        if change.path == project.path.join(MCP) {
            return self.of_keys(edit, |part| part == Part::Server);
        }
        if change.path != project.shared.file.path {
            return Effect::Open("what the file does is not known");
        }
        match edit {
            Edit::Append { at, value } => match (List::of_pointer(at), value.as_str()) {
                (Some(list), Some(text)) => self.of_rule(&(list, text.to_owned())),
                _ => self.of_keys(edit, |part| part != Part::Server),
            },
            _ => self.of_keys(edit, |part| part != Part::Server),
        }
    }

    fn of_rule(&self, rule: &RuleName) -> Effect {
        let is_it = |other: &Option<RuleName>| other.as_ref() == Some(rule);
        if let Some((_, witness)) = self.shown.iter().find(|(other, _)| is_it(other)) {
            return Effect::Shown(witness.clone());
        }
        if self.open.iter().any(|other| other.is_none() || is_it(other)) {
            return Effect::Open("whether it lets more happen is not decided");
        }
        match rule.0 {
            // The client asks anyway, and no longer where somebody's own settings allow it.
            List::Ask => Effect::Open("a user's own settings may allow what is not asked for here"),
            List::Allow | List::Deny => Effect::Nothing,
        }
    }

    fn of_keys(&self, edit: &Edit, is_meant: impl Fn(Part) -> bool) -> Effect {
        let at = match edit {
            Edit::Set { at, .. } | Edit::Append { at, .. } | Edit::Remove { at } => at,
            Edit::Mend { .. } => return Effect::Open("the file is not JSON"),
        };
        // Modes, folders and whole lists of rules are told by calls.
        let is_of_permissions = at.tokens().first().is_none_or(|first| first == "permissions");
        let touches_rules =
            List::ALL.into_iter().any(|list| at.contains(&list.pointer()) || list.pointer().contains(at));
        if is_of_permissions {
            let shown = self.shown.iter().find(|(rule, _)| touches_rules || rule.is_none());
            if let Some((_, witness)) = shown {
                return Effect::Shown(witness.clone());
            }
            if self.open.iter().any(|rule| touches_rules || rule.is_none()) {
                return Effect::Open("whether it lets more happen is not decided");
            }
        }
        let meant = self
            .keys
            .iter()
            .filter(|(part, pointer, _)| is_meant(*part) && (pointer.contains(at) || at.contains(pointer)));
        let effects = meant.map(|(_, _, direction)| of_direction(*direction));
        effects.min_by_key(Effect::rank).unwrap_or(Effect::Nothing)
    }

    /// What all of it together means.
    fn strongest(&self) -> Effect {
        if let Some((_, witness)) = self.shown.first() {
            return Effect::Shown(witness.clone());
        }
        let open = self.open.first().map(|_| Effect::Open("whether it lets more happen is not decided"));
        let keys = self.keys.iter().map(|(_, _, direction)| of_direction(*direction));
        keys.chain(open).min_by_key(Effect::rank).unwrap_or(Effect::Nothing)
    }
}

fn of_direction(direction: Direction) -> Effect {
    match direction {
        Direction::Looser => Effect::Key,
        Direction::Unordered => Effect::Open("no order of its values is known"),
        Direction::Stricter | Direction::Neutral => Effect::Nothing,
    }
}

/// The settings files of a project, its personal ones last.
fn files(project: &Project, with_personal: bool) -> Vec<&Settings> {
    let personal = with_personal.then_some(&project.local.settings);
    std::iter::once(&project.shared.settings).chain(personal).collect()
}

fn rule_of(sides: Sides<'_>, changed: Changed) -> Option<RuleName> {
    let access = match changed.side {
        Side::Old => sides.old,
        Side::New => sides.new,
    };
    let loaded = access.rules().get(changed.rule)?;
    Some((loaded.list, loaded.rule.text().to_owned()))
}

/// Whether a file holds text that grants nothing and forbids nothing by itself. Heads of skills and agents do.
fn is_prose(path: &RepoPath) -> bool {
    let folder = path.parent().unwrap_or_default();
    let has_head = matches!(Role::of(folder.as_str(), path.name()), Some(Role::Skill | Role::Agent));
    path.name().ends_with(".md") && !has_head
}

/// A rule of the project that holds back a call which policy alone would let through, and the call.
pub(super) fn stricter(held: &Held) -> Option<(&WrittenRule, Witness)> {
    let shared = &held.project.shared;
    // What rules of policy cover text by text holds back nothing more, and needs no proof.
    let is_own = |written: &&WrittenRule| {
        written.list != List::Allow
            && written.rule.fault(written.list).is_none()
            && !held.baseline.asks_for_rule(written.list, written.rule.text())
            && !held.baseline.rules.iter().any(|demand| {
                demand.what.list == written.list && implies(written.list, &demand.what.rule, &written.rule)
            })
    };
    let own: Vec<&WrittenRule> = shared.rules.iter().filter(is_own).collect();
    if own.is_empty() {
        return None;
    }
    let alone = Settings::read(Document::parse(held.baseline.settings().to_string()), Scope::Project);
    let pair = Pair::new(&Setup::made_up([shared.settings.clone()]), &Setup::made_up([alone]));
    let sides = pair.sides();
    // What is not decided is not stricter.
    let Outcome { flows, open: _ } = proof::gains(sides, &mut Budget(BUDGET));
    flows.into_iter().find_map(|flow| {
        let changed = flow.changed.filter(|changed| changed.side == Side::Old)?;
        let (list, text) = rule_of(sides, changed)?;
        let written = own.iter().find(|written| written.list == list && written.rule.text() == text)?;
        let verdicts = [flow.old.verdict, flow.new.verdict];
        let is_known = !verdicts.contains(&Verdict::Undecided);
        is_known.then(|| (*written, flow.witness.as_witness(flow.old.verdict, flow.new.verdict)))
    })
}
