//! Rules of the project that are proved to decide nothing, found once for the checks that report them.
//!
//! A rule of the shared settings is held against the shared rules alone: personal ones are there for one person.

use crate::access::{Access, MapWorld, Place, RuleId};
use crate::automaton::Budget;
use crate::finding;
use crate::json::Edit;
use crate::project::{SettingsFile, WrittenRule};
use crate::proof::{self, Reason};

use super::{Check, Context};
use crate::finding::Finding;

/// How much work the proofs of one file may take, about 20 milliseconds. What is not proved by then is not
/// reported.
const BUDGET: usize = 2_000_000;

/// A rule that decides nothing.
#[derive(Debug)]
pub(super) struct IdleRule<'a> {
    pub(super) file: &'a SettingsFile,
    pub(super) written: &'a WrittenRule,
    pub(super) why: Why<'a>,
    /// A call that it is for, in its short form.
    pub(super) example: Option<String>,
}

/// Why a rule decides nothing, with the rules that decide in its place.
#[derive(Debug)]
pub(super) enum Why<'a> {
    Covered(Vec<Standing<'a>>),
    Beaten(Vec<Standing<'a>>),
    Free,
    Empty,
}

/// A rule and the file that it stands in.
pub(super) type Standing<'a> = (&'a SettingsFile, &'a WrittenRule);

/// The rules of both files that decide nothing. Those of policy stay.
pub(super) fn find<'a>(context: &Context<'a>) -> Vec<IdleRule<'a>> {
    let [shared, local] = context.project.settings_files();
    let mut found = in_file(context, shared, &[shared]);
    found.extend(in_file(context, local, &[shared, local]));
    found
}

fn in_file<'a>(
    context: &Context<'a>,
    file: &'a SettingsFile,
    beside: &[&'a SettingsFile],
) -> Vec<IdleRule<'a>> {
    if file.rules.is_empty() {
        return Vec::new();
    }
    let written = beside.iter().flat_map(|file| file.rules.iter().map(move |rule| (*file, rule)));
    let taken: Vec<Standing<'a>> =
        written.filter(|(_, written)| written.rule.fault(written.list).is_none()).collect();
    let apart;
    let access = if beside.len() > 1 || context.project.local.rules.is_empty() {
        context.rules_alone()
    } else {
        let rules = taken.iter().map(|(_, written)| (written.list, written.rule.clone()));
        apart = Access::of_rules(rules, &Place::made_up());
        &apart
    };
    let standing = |rule: RuleId| taken.get(rule.index()).copied();
    // Whoever adds a rule adds it at the end: the earlier one stays.
    let ids: Vec<RuleId> = access.rules().iter().map(|(id, _)| id).collect();
    let own = ids.into_iter().rev().filter(|id| {
        standing(*id).is_some_and(|(of, written)| {
            std::ptr::eq(of, file)
                && !access.stands_alone(*id)
                && !context.is_of_policy(written.list, &written.rule)
                && super::dead_rule::dead(&written.rule, written.list).is_none()
        })
    });
    let idle = proof::idle_rules(access, own, &MapWorld::default(), &mut Budget(BUDGET));
    let all = |rules: Vec<RuleId>| rules.into_iter().filter_map(standing).collect();
    let found = idle.into_iter().filter_map(|idle| {
        let (file, written) = standing(idle.rule)?;
        let why = match idle.why {
            Reason::Covered(by) => Why::Covered(all(by)),
            Reason::Beaten(by) => Why::Beaten(all(by)),
            Reason::Free => Why::Free,
            Reason::Empty => Why::Empty,
        };
        Some(IdleRule { file, written, why, example: idle.example.map(|call| call.shown()) })
    });
    found.collect()
}

impl IdleRule<'_> {
    /// A finding on the rule; when the project is to be tidied, with the change that takes it out. Only the shared
    /// file is written.
    pub(super) fn report(&self, context: &Context<'_>, check: &Check, message: String) -> Finding {
        let WrittenRule { list, rule, span, pointer } = self.written;
        let place: finding::Place = self.file.file.place(*span);
        let mut finding = Finding::new(check.name, check.severity, place, message);
        finding.key = format!("{} {rule}", list.key());
        if let Why::Covered(by) | Why::Beaten(by) = &self.why {
            for (file, by) in by {
                finding = finding
                    .related(file.file.place(by.span), format!("`{}` in `{}`", by.rule, by.list.key()));
            }
        }
        if !std::ptr::eq(self.file, context.shared()) {
            return finding.help("take it out");
        }
        if !context.tidies {
            return finding.help("`bylaws apply --tidy` takes it out");
        }
        let edit = Edit::Remove { at: pointer.clone() };
        finding.fix(context.edit(format!("take `{rule}` out of `{}`", list.key()), edit))
    }
}

/// Rules in a sentence.
pub(super) fn named(rules: &[Standing<'_>]) -> String {
    let names: Vec<String> = rules.iter().map(|(_, written)| format!("`{}`", written.rule)).collect();
    match names.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}
