//! A rollout for people: where each ring stands, what needs somebody, and what would be done now.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::super::style::{BOLD, DIM, GONE, painted, tame};
use super::Survey;
use crate::forge::{Checks, RepositoryName, Request};
use crate::rollout::{Agenda, Did, Stage};

/// Most repositories that are named for one thing that is to be done.
const MOST_NAMES: usize = 20;

/// Writes each ring with the number of its repositories at each stage, then those that need somebody.
pub fn write_survey(out: &mut dyn Write, survey: Survey<'_>) -> io::Result<()> {
    for (number, ring) in survey.plan.rings().iter().enumerate() {
        let mut stages: BTreeMap<Standing, usize> = BTreeMap::new();
        let own = survey.each().filter(|(member, _)| member.ring == number);
        own.for_each(|(_, looked)| *stages.entry(Standing::of(&looked.stage)).or_default() += 1);
        let all: usize = stages.values().sum();
        let noun = if all == 1 { "repository" } else { "repositories" };
        writeln!(out, "{}  {all} {noun}", painted(BOLD, tame(&ring.name)))?;
        for (standing, count) in stages {
            writeln!(out, "  {count:>5}  {}", standing.words())?;
        }
    }
    let mut is_first = true;
    for (member, looked) in survey.each() {
        let Some(why) = why(&looked.stage) else { continue };
        if is_first {
            writeln!(out)?;
            is_first = false;
        }
        let url = looked.request().map(|request| format!("  {}", tame(&request.url))).unwrap_or_default();
        writeln!(out, "{}  {}{}", member.name, tame(why), painted(DIM, url))?;
    }
    Ok(())
}

/// Writes what would be done now.
pub fn write_agenda(out: &mut dyn Write, survey: Survey<'_>, agenda: &Agenda) -> io::Result<()> {
    let stale = |number: &&usize| survey.of(**number).is_some_and(|(_, seen)| seen.stage == Stage::Stale);
    let (renew, open): (Vec<&usize>, Vec<&usize>) = agenda.propose.iter().partition(stale);
    let close: Vec<&usize> = agenda.withdraw.iter().collect();
    for (what, numbers) in [("to open", open), ("to renew", renew), ("to close, no longer needed", close)] {
        if numbers.is_empty() {
            continue;
        }
        writeln!(out, "\n{}  {}", painted(BOLD, what), numbers.len())?;
        for number in numbers.iter().take(MOST_NAMES) {
            let Some((member, looked)) = survey.of(**number) else { continue };
            let url = |request: &Request| format!("  {}", tame(&request.url));
            let url = looked.request().filter(|_| looked.stage != Stage::Waiting).map(url);
            writeln!(out, "  {}{}", member.name, painted(DIM, url.unwrap_or_default()))?;
        }
        if numbers.len() > MOST_NAMES {
            writeln!(out, "  {}", painted(DIM, format!("and {} more", numbers.len() - MOST_NAMES)))?;
        }
    }
    Ok(())
}

/// Writes what was done in a repository.
pub fn write_done(out: &mut dyn Write, name: &RepositoryName, did: &Did) -> io::Result<()> {
    match did {
        Did::Proposed { url, .. } => writeln!(out, "{name}  {}", tame(url)),
        Did::Failed { why } => writeln!(out, "{name}  {}: {}", painted(GONE, "failed"), tame(why)),
        Did::Withdrew { request: Some(number) } => {
            writeln!(out, "{name}  closed request {number}, no longer needed")
        }
        Did::Withdrew { request: None } => writeln!(out, "{name}  removed a branch that was left over"),
        // These are of the rollout as a whole, or not done yet.
        Did::Began { .. } | Did::Paused { .. } | Did::Resumed => Ok(()),
    }
}

/// A stage as it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    Merged,
    InLine,
    Open,
    Passing,
    Failing,
    Stale,
    Unneeded,
    Waiting,
    Declined,
    Held,
}

impl Standing {
    fn of(stage: &Stage) -> Self {
        match stage {
            Stage::InLine => Self::InLine,
            Stage::Waiting => Self::Waiting,
            Stage::Stale => Self::Stale,
            Stage::Open(Checks::Failing) => Self::Failing,
            Stage::Open(Checks::Passing) => Self::Passing,
            Stage::Open(Checks::Pending | Checks::None) => Self::Open,
            Stage::Unneeded => Self::Unneeded,
            Stage::Merged => Self::Merged,
            Stage::Declined => Self::Declined,
            Stage::Held(_) => Self::Held,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Merged => "merged",
            Self::InLine => "in line without a request, or nothing that a change mends",
            Self::Open => "open",
            Self::Passing => "open, checks pass",
            Self::Failing => "open, checks fail",
            Self::Stale => "open, to be renewed",
            Self::Unneeded => "to be closed, no longer needed",
            Self::Waiting => "waiting for a request",
            Self::Declined => "closed unmerged",
            Self::Held => "left alone",
        }
    }
}

/// Why somebody should look at a repository, none where nobody has to.
pub(super) fn why(stage: &Stage) -> Option<&str> {
    match stage {
        Stage::Open(Checks::Failing) => Some("its checks fail"),
        Stage::Declined => Some("its request was closed unmerged"),
        Stage::Held(why) => Some(why),
        Stage::Open(_) | Stage::InLine | Stage::Waiting | Stage::Stale | Stage::Unneeded | Stage::Merged => {
            None
        }
    }
}
