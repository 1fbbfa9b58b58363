//! Evidence: what of the controls of a framework is shown by repositories, their policy and its attestations, and what
//! is not.
//!
//! INVARIANT: what could not be read, is not decided or was seen in part is never met.
//! INVARIANT: a requirement about findings is met only where the policy asks for what the checks look at.
//!
//! Left out: what only the standard says. A framework maps controls to requirements; whether they are enough is for
//! the people who answer for it, and nothing here is legal advice.

mod attested;
mod files;
mod look;
mod status;

use std::collections::HashMap;

use crate::policy::{Day, Framework, Need};

pub use look::{Look, Machine, Seen};
pub use status::{Answer, Channel, Enforced, Exemption, Line, Said, Status};

/// What no report shows, each in one sentence; every format says all of them.
pub const LIMITS: &[&str] = &[
    "this is no legal advice and no certificate: whether a control is met as a whole is for the people who answer \
     for it and for their auditors",
    "a requirement is a part of its control, the part that bears on coding agents and that files can show; the rest \
     of the control is not looked at",
    "what a file of a project says is changed by a pull request, and whoever works on a machine of their own can \
     start another program: only managed settings cannot be edited",
    "keys other than deny and ask rules may be set otherwise by a personal settings file or a flag on a machine",
    "settings say what the client is asked to do; that it ran with them on a machine is not shown",
    "hooks and the services behind them are seen as lines of a file; that they wrote anything is not shown",
    "a rule for files holds for the tools of the client and for commands that it knows to read or write files: another \
     program that a command starts opens them all the same",
    "that calls are denied or asked for is proved from rules: a hook may answer the question, and names of servers that \
     hold `__`, programs whose name holds a blank, IPv6 addresses and links between files are left out",
    "an attestation is what its owner says: the evidence behind its link was not looked at",
];

/// What it says more where managed settings were not looked at.
pub const NO_MACHINE: &str =
    "managed settings of machines and of the organisation's server were not looked at";

/// A project that was looked at, or was to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The repository: `owner/name`, or the folder where that is not known.
    pub repository: String,
    /// The folder of the project within it, none for its root.
    pub project: Option<String>,
    /// Where it was read.
    pub location: String,
    /// The commit that was read; none for a work tree, and where nothing was read.
    pub commit: Option<String>,
    /// How it stands to the policy, in words.
    pub state: String,
    /// A digest of what the policy asks of it; none where it was not read.
    pub digest: Option<String>,
}

impl Subject {
    /// How reports name it.
    pub fn name(&self) -> String {
        match &self.project {
            Some(project) => format!("{}/{project}", self.repository),
            None => self.repository.clone(),
        }
    }
}

/// The policy that subjects were held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldAgainst {
    /// Its name.
    pub source: String,
    /// The organisation that it speaks for.
    pub organization: String,
    /// Its commit, or the version of the program for a built-in policy.
    pub revision: Option<String>,
    /// A digest of all its files, attestations and waivers among them, and of what findings weigh.
    pub digest: String,
}

/// Subjects for which a requirement has the same answer.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The answer.
    pub answer: Answer,
    /// The subjects, by their number in [`Evidence::subjects`].
    pub subjects: Vec<usize>,
}

/// A requirement and what is known of it.
#[derive(Debug, Clone)]
pub struct Requirement {
    /// Its number within its control, from 1.
    pub number: usize,
    /// What must be so.
    pub says: String,
    /// What shows it.
    pub need: Need,
    /// The answers, the worst first.
    pub outcomes: Vec<Outcome>,
}

impl Requirement {
    /// The worst of its answers; nothing is shown where nothing was looked at.
    pub fn status(&self) -> Status {
        self.outcomes.iter().map(|outcome| outcome.answer.status).min().unwrap_or(Status::NotShown)
    }
}

/// A control and its requirements.
#[derive(Debug, Clone)]
pub struct Control {
    /// What the standard calls it.
    pub id: String,
    /// What it is about.
    pub title: String,
    /// What it needs.
    pub requirements: Vec<Requirement>,
}

impl Control {
    /// The worst of its requirements.
    pub fn status(&self) -> Status {
        self.requirements.iter().map(Requirement::status).min().unwrap_or(Status::NotShown)
    }
}

/// What is shown of a framework.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// The framework.
    pub framework: Framework,
    /// The policy.
    pub policy: HeldAgainst,
    /// The day for which waivers, attestations and dates of layers were decided.
    pub day: Day,
    /// Whether managed settings of this machine were looked at.
    pub saw_machine: bool,
    /// What was looked at.
    pub subjects: Vec<Subject>,
    /// The controls in the order of the framework.
    pub controls: Vec<Control>,
}

impl Evidence {
    /// Puts the answers about subjects together; each has one for every requirement, in their order.
    pub fn gather(
        framework: &Framework,
        policy: HeldAgainst,
        day: Day,
        saw_machine: bool,
        answered: impl IntoIterator<Item = (Subject, Vec<Answer>)>,
    ) -> Self {
        let mut controls: Vec<Control> = framework
            .content
            .controls
            .iter()
            .map(|control| Control {
                id: control.id.clone(),
                title: control.title.clone(),
                requirements: Vec::new(),
            })
            .collect();
        let mut subjects = Vec::new();
        let mut columns: Vec<HashMap<Answer, Vec<usize>>> =
            framework.requirements().map(|_| HashMap::new()).collect();
        for (number, (subject, answers)) in answered.into_iter().enumerate() {
            subjects.push(subject);
            for (column, answer) in columns.iter_mut().zip(answers) {
                column.entry(answer).or_default().push(number);
            }
        }
        for ((entry, number, requirement), column) in framework.requirements().zip(columns) {
            let mut outcomes: Vec<Outcome> =
                column.into_iter().map(|(answer, subjects)| Outcome { answer, subjects }).collect();
            outcomes.sort_by(|a, b| (a.answer.status, &a.subjects).cmp(&(b.answer.status, &b.subjects)));
            let requirement = Requirement {
                number,
                says: requirement.says.clone(),
                need: requirement.needs.clone(),
                outcomes,
            };
            if let Some(control) = controls.iter_mut().find(|control| control.id == entry.id) {
                control.requirements.push(requirement);
            }
        }
        Self { framework: framework.clone(), policy, day, saw_machine, subjects, controls }
    }

    /// The requirements with their controls.
    pub fn requirements(&self) -> impl Iterator<Item = (&Control, &Requirement)> {
        self.controls
            .iter()
            .flat_map(|control| control.requirements.iter().map(move |requirement| (control, requirement)))
    }

    /// How many requirements are in each status, the worst first; those that there are none of are left out.
    pub fn counts(&self) -> Vec<(Status, usize)> {
        let count = |status: Status| {
            self.requirements().filter(|(_, requirement)| requirement.status() == status).count()
        };
        let counts = Status::ALL.into_iter().map(|status| (status, count(status)));
        counts.filter(|(_, count)| *count > 0).collect()
    }

    /// Everything that this does not show, each in one sentence.
    pub fn limits(&self) -> Vec<&'static str> {
        let machine = (!self.saw_machine).then_some(NO_MACHINE);
        LIMITS.iter().copied().chain(machine).collect()
    }
}
