//! A rollout as JSON. Its forms are frozen: fields are added, never changed; a change makes version 2.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::super::json::{Tool, tool};
use super::{Survey, next};
use crate::fleet::SameChange;
use crate::forge;
use crate::rollout::{self, Agenda};

/// A report of `bylaws fleet rollout status`, version 1.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RolloutStatusReport {
    /// Always 1.
    version: u32,
    /// The program that wrote the report.
    tool: Tool,
    #[serde(flatten)]
    standing: Standing,
}

/// A report of `bylaws fleet rollout preview`, version 1.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RolloutPreviewReport {
    /// Always 1.
    version: u32,
    /// The program that wrote the report.
    tool: Tool,
    #[serde(flatten)]
    standing: Standing,
    /// The repositories in which `advance` would open a request now, in its order.
    open: Vec<String>,
    /// Those whose request it would renew.
    renew: Vec<String>,
    /// Those whose request it would close, since it is no longer needed.
    close: Vec<String>,
    /// What the requests would change, the change for most repositories first.
    changes: Vec<Change>,
}

/// How a rollout stands.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Standing {
    /// The name of the rollout.
    rollout: String,
    /// The branch that carries its changes.
    branch: String,
    /// The policy that it brings.
    policy: Policy,
    /// The rings, in order.
    rings: Vec<Ring>,
    /// The repositories of the rings, in the order of names.
    repositories: Vec<Repository>,
    /// Why no more is done now; the rollout is halted where one is `halted`.
    holds: Vec<Hold>,
    /// Who takes no part.
    left_out: LeftOut,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Policy {
    /// Where it is, as locks name it.
    source: String,
    /// Its commit, or the version of the program for a built-in policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Ring {
    /// Its name.
    name: String,
    /// The share in percent whose requests must be merged or closed before the next ring begins.
    settled: u8,
    /// How many repositories it has.
    repositories: usize,
    /// How many of them are at each stage.
    stages: BTreeMap<Stage, usize>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Repository {
    /// `owner/name`.
    name: String,
    /// The name of its ring.
    ring: String,
    /// Where it stands.
    stage: Stage,
    /// For `held`: why nothing is done there.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    /// The newest request from the branch of the rollout.
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<Request>,
}

/// Where a repository stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Stage {
    /// Nothing is to be changed that a request would mend, and none was merged.
    InLine,
    /// A request is to be opened.
    Waiting,
    /// The request is open, and to be renewed.
    Stale,
    /// The request is open with the change.
    Open,
    /// The request is open, or its branch left over, and no longer needed.
    Unneeded,
    /// The request was merged.
    Merged,
    /// The request was closed unmerged.
    Declined,
    /// It is left alone.
    Held,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Request {
    /// Its number.
    number: u64,
    /// Where people see it.
    url: String,
    /// Whether it is open.
    state: State,
    /// What its checks say.
    checks: Checks,
}

/// Whether a request is open.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum State {
    /// It is open.
    Open,
    /// It was merged.
    Merged,
    /// It was closed and not merged.
    Closed,
}

/// What the checks of a request say.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Checks {
    /// There are none.
    None,
    /// Some have not ended.
    Pending,
    /// All passed.
    Passing,
    /// One failed.
    Failing,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Hold {
    /// What holds it.
    kind: HoldKind,
    /// The same in words.
    message: String,
    /// When it ends by itself, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
}

/// What holds a rollout.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum HoldKind {
    /// Somebody paused it.
    Paused,
    /// Too many of a ring failed.
    Halted,
    /// A ring is not settled yet.
    Ring,
    /// As many requests are open as may be.
    MaxOpen,
    /// As many were opened or renewed in this hour as may be.
    Pace,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct LeftOut {
    /// How many repositories are in no ring.
    in_no_ring: usize,
    /// How many are archived.
    archived: usize,
    /// Those that are not on the forge.
    elsewhere: Vec<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Change {
    /// The repositories in which it is the same.
    repositories: Vec<String>,
    /// The diff, as it is in the first of them: line numbers may differ in others.
    diff: String,
}

/// The report on how a rollout stands; `agenda` is what may be done now.
pub fn rollout_status_report(survey: Survey<'_>, agenda: &Agenda) -> RolloutStatusReport {
    RolloutStatusReport { version: 1, tool: tool(), standing: standing(survey, agenda) }
}

/// The report on what may be done now, by `changes`.
pub fn rollout_preview_report(
    survey: Survey<'_>,
    agenda: &Agenda,
    changes: &[SameChange],
) -> RolloutPreviewReport {
    let names = |numbers: Vec<usize>| {
        let members = numbers.into_iter().filter_map(|number| survey.of(number));
        members.map(|(member, _)| member.name.to_string()).collect()
    };
    let is_stale =
        |number: &usize| survey.of(*number).is_some_and(|(_, seen)| seen.stage == rollout::Stage::Stale);
    let (renew, open) = agenda.propose.iter().copied().partition(is_stale);
    let changes = changes
        .iter()
        .map(|change| Change { repositories: change.repositories.clone(), diff: change.diff.clone() })
        .collect();
    RolloutPreviewReport {
        version: 1,
        tool: tool(),
        standing: standing(survey, agenda),
        open: names(open),
        renew: names(renew),
        close: names(agenda.withdraw.clone()),
        changes,
    }
}

fn standing(survey: Survey<'_>, agenda: &Agenda) -> Standing {
    let Survey { plan, policy, cast, .. } = survey;
    let ring = |(number, ring): (usize, &rollout::Ring)| {
        let mut stages = BTreeMap::new();
        for (_, seen) in survey.each().filter(|(member, _)| member.ring == number) {
            *stages.entry(Stage::of(&seen.stage)).or_default() += 1;
        }
        Ring { name: ring.name.clone(), settled: ring.settled, repositories: stages.values().sum(), stages }
    };
    let repository = |(member, looked): (&rollout::Member, &rollout::Looked)| Repository {
        name: member.name.to_string(),
        ring: plan.rings().get(member.ring).map(|ring| ring.name.clone()).unwrap_or_default(),
        stage: Stage::of(&looked.stage),
        why: match &looked.stage {
            rollout::Stage::Held(why) => Some(why.clone()),
            _ => None,
        },
        request: looked.request().map(Request::of),
    };
    Standing {
        rollout: plan.name().to_owned(),
        branch: plan.branch().to_owned(),
        policy: Policy { source: policy.name.clone(), revision: policy.revision().map(str::to_owned) },
        rings: plan.rings().iter().enumerate().map(ring).collect(),
        repositories: survey.each().map(repository).collect(),
        holds: agenda.holds.iter().map(Hold::of).collect(),
        left_out: LeftOut {
            in_no_ring: cast.in_no_ring,
            archived: cast.archived,
            elsewhere: cast.elsewhere.clone(),
        },
    }
}

impl Stage {
    fn of(stage: &rollout::Stage) -> Self {
        match stage {
            rollout::Stage::InLine => Self::InLine,
            rollout::Stage::Waiting => Self::Waiting,
            rollout::Stage::Stale => Self::Stale,
            rollout::Stage::Open(_) => Self::Open,
            rollout::Stage::Unneeded => Self::Unneeded,
            rollout::Stage::Merged => Self::Merged,
            rollout::Stage::Declined => Self::Declined,
            rollout::Stage::Held(_) => Self::Held,
        }
    }
}

impl Request {
    fn of(request: &forge::Request) -> Self {
        let state = match request.state {
            forge::RequestState::Open => State::Open,
            forge::RequestState::Merged => State::Merged,
            forge::RequestState::Closed => State::Closed,
        };
        let checks = match request.checks {
            forge::Checks::None => Checks::None,
            forge::Checks::Pending => Checks::Pending,
            forge::Checks::Passing => Checks::Passing,
            forge::Checks::Failing => Checks::Failing,
        };
        Self { number: request.number, url: request.url.clone(), state, checks }
    }
}

impl Hold {
    fn of(hold: &rollout::Hold) -> Self {
        let kind = match hold {
            rollout::Hold::Paused(_) => HoldKind::Paused,
            rollout::Hold::Halted { .. } => HoldKind::Halted,
            rollout::Hold::Ring { .. } => HoldKind::Ring,
            rollout::Hold::MaxOpen(_) => HoldKind::MaxOpen,
            rollout::Hold::Pace { .. } => HoldKind::Pace,
        };
        Self { kind, message: hold.to_string(), until: next(hold).map(|at| at.to_string()) }
    }
}
