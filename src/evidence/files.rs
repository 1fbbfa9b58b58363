//! Which files of which scope make something so: shared settings, personal ones over them, managed ones above all.

use super::look::Machine;
use super::status::{Channel, Status};
use crate::project::{Content, Project};
use crate::settings::Settings;

/// What files show of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shown {
    /// It is so. `said` tells whether the files say it, or it is so because they say nothing.
    Holds {
        /// Whether something in the files makes it so.
        said: bool,
    },
    /// It is not so, and why.
    Not(String),
    /// It is not decided, and why.
    Open(String),
}

/// What the files of a project and of this machine come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) status: Status,
    pub(super) why: String,
    /// What makes it so, each by itself.
    pub(super) channels: Vec<Channel>,
}

/// Asks a question of the files. What is shared must answer it, and what stands over it must not answer otherwise.
pub(super) fn ask(
    project: &Project,
    machine: Option<&Machine>,
    question: &dyn Fn(&[&Settings]) -> Shown,
) -> Verdict {
    let verdict =
        |status, why: String, channels: &[Channel]| Verdict { status, why, channels: channels.to_vec() };
    for file in [&project.shared.file, &project.local.file] {
        if let Content::Refused(refusal) = &file.content {
            return verdict(Status::NotShown, format!("`{}` is not read: {refusal}", file.path), &[]);
        }
    }
    let managed: Vec<&Settings> = machine.iter().flat_map(|machine| machine.managed()).collect();
    let shared = &project.shared.settings;
    let by_managed = !managed.is_empty() && question(&managed) == Shown::Holds { said: true };
    let by_project = question(&[shared]);
    let all: Vec<&Settings> = managed.iter().copied().chain([shared]).collect();
    let together = if managed.is_empty() { by_project.clone() } else { question(&all) };
    let mut channels = Vec::new();
    channels.extend(by_managed.then_some(Channel::Managed));
    channels.extend((by_project == Shown::Holds { said: true }).then_some(Channel::Project));
    match together {
        Shown::Holds { said } => {
            if matches!(project.local.file.content, Content::Text(_)) {
                let over: Vec<&Settings> = all.iter().copied().chain([&project.local.settings]).collect();
                let path = &project.local.file.path;
                match question(&over) {
                    Shown::Holds { .. } => {}
                    Shown::Not(why) => {
                        return verdict(Status::NotMet, format!("`{path}` says otherwise: {why}"), &[]);
                    }
                    Shown::Open(why) => {
                        return verdict(Status::NotShown, format!("not decided with `{path}`: {why}"), &[]);
                    }
                }
            }
            // Neither says it alone: without what is managed it is not so.
            if said && channels.is_empty() {
                channels.push(Channel::Managed);
            }
            let why = if said { "the settings say so" } else { "the settings say nothing else" };
            Verdict { status: Status::Met, why: why.to_owned(), channels }
        }
        Shown::Not(why) => {
            let user: Vec<&Settings> = machine.iter().flat_map(|machine| machine.user()).collect();
            let with_user: Vec<&Settings> = user.iter().copied().chain(all).collect();
            if !user.is_empty() && question(&with_user) == (Shown::Holds { said: true }) {
                let why = format!("only this user's own settings say so: {why}");
                return verdict(Status::NotShown, why, &[Channel::User]);
            }
            let why = match shared.is_read() || project.shared.file.content == Content::Missing {
                true => why,
                false => format!("the client takes nothing of `{}`: {why}", project.shared.file.path),
            };
            verdict(Status::NotMet, why, &[])
        }
        Shown::Open(why) => verdict(Status::NotShown, format!("not decided: {why}"), &[]),
    }
}
