//! Frameworks: controls of a standard, each with what of it can be seen in settings, in a policy and in
//! attestations, and with what only a person can decide.
//!
//! A framework is a map, not the standard: ids and short titles in our own words. What it says is no legal advice.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::attestation::web_address_fault;
use super::file::Holds;
use super::layer::PolicyDocument;
use super::load::{INVALID, decode};
use super::schema::violations;
use super::{Policy, builtin};
use crate::finding::{FileName, Finding, Place, Severity};
use crate::json::Pointer;
use crate::path::RepoPath;
use crate::rule::{List, Rule};

/// A framework: the controls of a standard and what each of them needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FrameworkFile {
    /// Where the schema of this file is published; for editors only.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Name of the standard.
    pub title: String,
    /// Which edition of it is meant.
    pub version: String,
    /// Where the standard is published; an `https` address.
    pub url: String,
    /// The controls that bear on what coding agents may do.
    #[schemars(length(min = 1))]
    pub controls: Vec<ControlEntry>,
}

/// A control of a standard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ControlEntry {
    /// What the standard calls it: `CC6.1`, `A.8.15`, `Article 32`.
    pub id: String,
    /// What it is about, in own words: the texts of most standards are not free to copy.
    pub title: String,
    /// What it needs, as far as it bears on coding agents.
    #[schemars(length(min = 1))]
    pub requirements: Vec<RequirementEntry>,
}

/// Something that a control needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequirementEntry {
    /// What must be so, in one sentence without its full stop.
    pub says: String,
    /// What shows it.
    pub needs: Need,
}

/// What shows that a requirement is met.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// A key of the settings holds.
    Setting(SettingNeed),
    /// Calls are proved to be decided so, whatever allow rules people have of their own.
    Calls(CallsNeed),
    /// These checks run and find nothing, and the policy asks for what they look at.
    Checks(Vec<String>),
    /// The repository says all that the policy asks of it.
    InLine,
    /// Somebody attests it, in the policy.
    Attestation(AttestationNeed),
    /// No tool can decide it: what a person has to look at.
    Person(String),
}

/// A key of the settings, and what it must be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SettingNeed {
    /// JSON pointer of the key in `settings.json`.
    pub at: String,
    /// A JSON Schema (2020-12) that its value satisfies.
    pub is: Value,
    /// Whether it may as well not be set.
    #[serde(default, skip_serializing_if = "is_false")]
    pub or_unset: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

/// Calls and what becomes of each of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallsNeed {
    /// The calls, as permission rules: all that deny rules of these texts would stop.
    #[schemars(length(min = 1))]
    pub calls: Vec<String>,
    /// What becomes of each of them.
    pub are: Holds,
}

/// An attestation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AttestationNeed {
    /// Its kind: `key-rotation`, `training`, `data-processing-agreement`, `zero-retention`, or one of your own.
    pub kind: String,
    /// Most days that it may be old, where its own due date is later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<u16>,
}

/// A framework that was read without an error.
#[derive(Debug, Clone)]
pub struct Framework {
    /// What it is called on the command line: its file name without folder and ending.
    pub id: String,
    /// What it says.
    pub content: FrameworkFile,
    file: PolicyDocument,
}

impl Framework {
    /// Takes a file over, reporting everything in it that cannot be used.
    pub(super) fn new(
        path: &RepoPath,
        file: PolicyDocument,
        content: FrameworkFile,
        findings: &mut Vec<Finding>,
    ) -> Option<Self> {
        let before = findings.len();
        let mut report = |at: Pointer, message: String| {
            findings.push(Finding::new(INVALID, Severity::Block, file.place(&at), message));
        };
        let at = |tokens: &[&str]| Pointer::of(tokens.iter().copied());
        if let Some(fault) = web_address_fault(&content.url) {
            report(at(&["url"]), fault);
        }
        for (key, text) in [("title", &content.title), ("version", &content.version)] {
            if text.trim().is_empty() {
                report(at(&[key]), format!("the framework has no {key}"));
            }
        }
        if content.controls.is_empty() {
            report(at(&["controls"]), "the framework has no control".to_owned());
        }
        let mut seen = BTreeSet::new();
        for (number, control) in content.controls.iter().enumerate() {
            let place = at(&["controls"]).join(number.to_string());
            if control.id.trim().is_empty() || !seen.insert(control.id.as_str()) {
                let message = match control.id.trim() {
                    "" => "the control has no id".to_owned(),
                    id => format!("control `{id}` stands here twice"),
                };
                report(place.join("id"), message);
            }
            if control.requirements.is_empty() {
                report(place.join("requirements"), format!("control `{}` needs nothing", control.id));
            }
            for (number, requirement) in control.requirements.iter().enumerate() {
                let place = place.join("requirements").join(number.to_string());
                if requirement.says.trim().is_empty() {
                    report(place.join("says"), "the requirement says nothing".to_owned());
                }
                for (below, message) in requirement.needs.faults() {
                    report(below.iter().fold(place.join("needs"), |at, token| at.join(token)), message);
                }
            }
        }
        let name = path.as_str().rsplit('/').next().unwrap_or_default();
        let id = name.strip_suffix(".json").unwrap_or(name).to_owned();
        (findings.len() == before).then_some(Self { id, content, file })
    }

    /// The framework of this name that comes with the program, and everything that is wrong with it.
    pub fn builtin(name: &str) -> Option<(Option<Self>, Vec<Finding>)> {
        let (_, text) = builtin::FRAMEWORKS.iter().find(|(known, _)| *known == name)?;
        let path = RepoPath::root().join(&format!("{name}.json"));
        let file = FileName::Policy { source: format!("{}frameworks", builtin::PREFIX), path: path.clone() };
        let mut findings = Vec::new();
        let framework = decode::<FrameworkFile>(file, text, &mut findings)
            .and_then(|(file, content)| Self::new(&path, file, content, &mut findings));
        Some((framework, findings))
    }

    /// The requirements in order, each with its control, its number within that (from 1) and its place.
    pub fn requirements(&self) -> impl Iterator<Item = (&ControlEntry, usize, &RequirementEntry)> {
        self.content.controls.iter().flat_map(|control| {
            control.requirements.iter().enumerate().map(move |(number, entry)| (control, number + 1, entry))
        })
    }

    /// The place of what shows a requirement, by the numbers of control and requirement (from 0).
    pub fn place_of_need(&self, control: usize, requirement: usize) -> Place {
        let tokens = ["controls", &control.to_string(), "requirements", &requirement.to_string(), "needs"];
        self.file.place(&Pointer::of(tokens))
    }
}

impl Need {
    /// The word for it in files.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Setting(_) => "setting",
            Self::Calls(_) => "calls",
            Self::Checks(_) => "checks",
            Self::InLine => "in-line",
            Self::Attestation(_) => "attestation",
            Self::Person(_) => "person",
        }
    }

    /// What is looked at, in few words.
    pub fn shown(&self) -> String {
        match self {
            Self::Setting(need) => {
                let unset = if need.or_unset { ", or not set" } else { "" };
                format!("setting `{}`{unset}", need.at)
            }
            Self::Calls(need) => {
                let are = match need.are {
                    Holds::NeverAllowed => "never run unasked",
                    Holds::AlwaysDenied => "never run",
                };
                format!("{} {are}", need.calls.join(", "))
            }
            Self::Checks(names) => format!("nothing found by {}", names.join(", ")),
            Self::InLine => "the repository is in line with the policy".to_owned(),
            Self::Attestation(need) => format!("attestation `{}`", need.kind),
            Self::Person(what) => what.clone(),
        }
    }

    /// What of it cannot be used, with its place below the need.
    fn faults(&self) -> Vec<(Vec<String>, String)> {
        let at = |tokens: &[&str]| tokens.iter().map(|token| (*token).to_owned()).collect::<Vec<String>>();
        let mut faults = Vec::new();
        match self {
            Self::Setting(need) => {
                match need.at.parse::<Pointer>() {
                    Ok(pointer) if pointer.tokens().is_empty() => {
                        faults.push((at(&["setting", "at"]), "this names no key".to_owned()));
                    }
                    Ok(_) => {}
                    Err(error) => faults.push((at(&["setting", "at"]), error.to_string())),
                }
                if let Err(fault) = violations(&need.is, &Value::Null) {
                    let message =
                        format!("this is no JSON Schema: `{}` {}", fault.at.dotted(), fault.message);
                    faults.push((at(&["setting", "is"]), message));
                }
            }
            Self::Calls(need) => {
                if need.calls.is_empty() {
                    faults.push((at(&["calls", "calls"]), "the requirement is about no call".to_owned()));
                }
                for (number, text) in need.calls.iter().enumerate() {
                    if let Some(problem) = Rule::parse(text).problem(List::Deny) {
                        let message = format!("this is no rule: {problem}");
                        faults.push((at(&["calls", "calls", &number.to_string()]), message));
                    }
                }
            }
            Self::Checks(names) if names.is_empty() => {
                faults.push((at(&["checks"]), "the requirement names no check".to_owned()));
            }
            Self::Attestation(need) if need.kind.trim().is_empty() => {
                faults.push((at(&["attestation", "kind"]), "the requirement names no kind".to_owned()));
            }
            Self::Person(what) if what.trim().is_empty() => {
                let message = "nothing says what a person has to look at".to_owned();
                faults.push((at(&["person"]), message));
            }
            Self::Checks(_) | Self::InLine | Self::Attestation(_) | Self::Person(_) => {}
        }
        faults
    }
}

impl Policy {
    /// The framework of this name: `builtin:NAME` comes with the program, any other is one of the policy's own or,
    /// where it has none of that name, comes with the program as well.
    pub fn framework(&self, name: &str) -> Option<Framework> {
        let own = self.frameworks.iter().find(|framework| framework.id == name).cloned();
        let builtin = name.strip_prefix(builtin::PREFIX).unwrap_or(name);
        own.or_else(|| Framework::builtin(builtin).and_then(|(framework, _)| framework))
    }

    /// The names of all frameworks that [`Self::framework`] finds.
    pub fn framework_names(&self) -> Vec<String> {
        let own = self.frameworks.iter().map(|framework| framework.id.as_str());
        let all: BTreeSet<&str> = own.chain(builtin::FRAMEWORKS.iter().map(|(name, _)| *name)).collect();
        all.into_iter().map(str::to_owned).collect()
    }
}
