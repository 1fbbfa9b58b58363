//! `bylaws fleet evidence`.

use std::collections::BTreeMap;
use std::sync::Arc;

use clap::Args;

use super::{FleetArguments, NetworkArguments, Opened};
use crate::cli::error::CommandError;
use crate::cli::evidence::{FormArguments, subject};
use crate::cli::ui::{Progress, Ui};
use crate::evidence::{Answer, Evidence, HeldAgainst, Look, Seen, Subject};
use crate::fleet::{Looked, Member, Run, Verdict};
use crate::repository::{Checked, Checker};

/// Show what of a framework's controls a fleet meets, where it is enforced, and what is not shown
///
/// The same as `bylaws evidence` of each repository, put together. A repository that could not be looked at shows
/// nothing and is named as such. This is no legal advice.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    fleet: FleetArguments,

    #[command(flatten)]
    network: NetworkArguments,

    #[command(flatten)]
    form: FormArguments,
}

pub(super) fn run(ui: &mut Ui, arguments: &Arguments) -> Result<u8, CommandError> {
    let question = arguments.fleet.question(BTreeMap::new(), arguments.network.offline)?;
    let checker = Checker::new(&question);
    let opened = arguments.fleet.open(ui, &checker, None)?;
    let shown = opened.shown(ui, None)?;
    let Opened { policy, inventory, .. } = opened;
    let members = inventory.members();
    if members.is_empty() {
        return Err(CommandError::usage("there is no repository to look at"));
    }
    let framework = arguments.form.framework(policy.policy())?;
    let look = Look::new(&framework, policy.policy(), question.today, None);
    let progress = Progress::new(ui, members.len());
    let run = Run {
        checker: &checker,
        policy: &policy,
        jobs: arguments.fleet.jobs(),
        access: &question.access,
        memory: None,
        shown: shown.as_ref(),
    };
    let looked = run.map_alike(members, || progress.step(), |checked| projects(&look, checked));
    progress.clear();
    let answered = members.iter().zip(looked?).flat_map(|(member, looked)| answers(&look, member, looked));
    let against = HeldAgainst {
        source: policy.name.clone(),
        organization: policy.policy().organization.clone(),
        revision: policy.revision().map(str::to_owned),
        digest: policy.digest().to_owned(),
    };
    let evidence = Evidence::gather(&framework, against, question.today, false, answered);
    arguments.form.write(ui, &evidence)
}

/// A project, and what its files show of each requirement.
type Shown = (Subject, Vec<Option<Answer>>);

/// What the projects of a repository show; the same for all that are alike.
fn projects(look: &Look<'_>, checked: &Checked) -> Vec<Shown> {
    let seen = Seen::of(checked);
    let shown = |held| (subject(held, &seen), look.files(held, checked, &seen));
    checked.projects.iter().map(shown).collect()
}

/// The answers about each project of a member; one that was not looked at has one row that says so.
fn answers(look: &Look<'_>, member: &Member, looked: Looked<Vec<Shown>>) -> Vec<(Subject, Vec<Answer>)> {
    let (commit, projects) = looked.unwrap_or_else(|verdict| (None, Arc::new(vec![unread(look, &verdict)])));
    let row = |(subject, files): &Shown| {
        let subject = Subject {
            repository: member.name.clone(),
            location: member.location.to_string(),
            commit: commit.clone(),
            ..subject.clone()
        };
        (subject, look.answers(files, Some(&member.name)))
    };
    projects.iter().map(row).collect()
}

fn unread(look: &Look<'_>, verdict: &Verdict) -> Shown {
    let state = verdict.state.to_string();
    let reason = verdict.reasons.first().map(|reason| reason.message.as_str());
    let why = reason.map_or_else(|| state.clone(), |reason| format!("{state}, {reason}"));
    let subject = Subject {
        repository: String::new(),
        project: None,
        location: String::new(),
        commit: None,
        state,
        digest: None,
    };
    (subject, look.unread(&why))
}
