//! `bylaws fleet evidence`.

use std::collections::BTreeMap;

use clap::Args;

use super::{FleetArguments, Opened, ReachArguments};
use crate::cli::error::CommandError;
use crate::cli::evidence::{FormArguments, subject};
use crate::cli::ui::{Progress, Ui};
use crate::evidence::{Answer, Evidence, HeldAgainst, Look, Seen, Subject};
use crate::fleet::{Member, Run, Verdict};
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
    reach: ReachArguments,

    #[command(flatten)]
    form: FormArguments,
}

pub(super) fn run(ui: &mut Ui, arguments: &Arguments) -> Result<u8, CommandError> {
    if arguments.reach.shard.is_some() {
        let message = "evidence is given for a whole fleet: a part of it would look as if it were all";
        return Err(CommandError::usage(message).hint("leave `--shard` out"));
    }
    let question = arguments.fleet.question(BTreeMap::new(), arguments.reach.offline)?;
    let checker = Checker::new(&question);
    let opened = arguments.fleet.open(ui, &checker, None)?;
    let shown = opened.shown(ui, None)?;
    let Opened { policy, inventory, .. } = opened;
    if inventory.members().is_empty() {
        return Err(CommandError::usage("there is no repository to look at"));
    }
    let framework = arguments.form.framework(policy.policy())?;
    let look = Look::new(&framework, policy.policy(), question.today, None);
    let progress = Progress::new(ui, inventory.members().len());
    let run = Run {
        checker: &checker,
        policy: &policy,
        jobs: arguments.fleet.jobs(),
        access: &question.access,
        memory: None,
        shown: shown.as_ref(),
    };
    let answered =
        run.map(inventory.members(), || progress.step(), |member, checked| answers(&look, member, checked));
    progress.clear();
    let answered = answered?.into_iter().flatten().collect();
    let against = HeldAgainst {
        source: policy.name.clone(),
        organization: policy.policy().organization.clone(),
        revision: policy.revision().map(str::to_owned),
        digest: policy.digest().to_owned(),
    };
    let evidence = Evidence::gather(&framework, against, question.today, false, answered);
    arguments.form.write(ui, &evidence)
}

/// The answers about each project of a member; one that was not looked at has one row that says so.
fn answers(
    look: &Look<'_>,
    member: &Member,
    checked: Result<Checked, Verdict>,
) -> Vec<(Subject, Vec<Answer>)> {
    let location = member.location.to_string();
    let checked = match checked {
        Ok(checked) => checked,
        Err(verdict) => {
            let reason = verdict.reasons.first().map(|reason| reason.message.as_str());
            let state = verdict.state.to_string();
            let why = reason.map_or_else(|| state.clone(), |reason| format!("{state}, {reason}"));
            let subject = Subject {
                repository: member.name.clone(),
                project: None,
                location,
                commit: None,
                state,
                digest: None,
            };
            return vec![(subject, look.unread(Some(&member.name), &why))];
        }
    };
    let seen = Seen::of(&checked, Some(member.name.clone()));
    let row = |held| {
        let subject = subject(&checked, held, &seen, member.name.clone(), location.clone());
        (subject, look.project(held, &checked, &seen))
    };
    checked.projects.iter().map(row).collect()
}
