//! The policy as the guard reads it: one small file with the rules, what to answer where nothing is known, and the
//! line of policy behind each. A frozen format with a schema of its own.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Answer, Kind};
use crate::rule::List;

/// The version of the format.
const VERSION: u32 = 1;

/// Longest file that is read, in bytes.
const LONGEST: usize = 8 * 1024 * 1024;

/// A policy for one project, compiled for `bylaws hook guard`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CompiledFile {
    /// The version of this format: 1.
    pub version: u32,
    /// The policy that it was made from, as it was named.
    pub policy: String,
    /// A digest over all that follows. It tells a file that was damaged or changed by hand.
    pub digest: String,
    /// What to answer where nothing is known.
    pub unclear: Vec<CompiledAnswer>,
    /// The rules that refuse or ask.
    pub rules: Vec<CompiledRule>,
}

/// A permission rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CompiledRule {
    /// The list it stands in.
    pub list: CompiledList,
    /// The rule.
    pub rule: String,
    /// The line of policy that asks for it.
    pub origin: String,
    /// Title of its layer.
    pub layer: String,
}

/// A list of rules that does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CompiledList {
    /// Rules that refuse.
    Deny,
    /// Rules that ask.
    Ask,
}

impl From<CompiledList> for List {
    fn from(list: CompiledList) -> Self {
        match list {
            CompiledList::Deny => Self::Deny,
            CompiledList::Ask => Self::Ask,
        }
    }
}

/// What to answer for one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CompiledAnswer {
    /// What is not known.
    pub kind: Kind,
    /// The answer.
    pub answer: Answer,
    /// The line of policy that asks for it.
    pub origin: String,
    /// Title of its layer.
    pub layer: String,
}

/// Why a compiled policy is not used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompiledFault {
    /// It is not of the format.
    #[error("it is no compiled policy: {0}")]
    Form(String),
    /// Another version of the program wrote it.
    #[error("it has version {0} of the format, and this program reads version {VERSION}")]
    Version(u32),
    /// It is not what was written.
    #[error("it was damaged or changed by hand: its digest is not that of its content")]
    Digest,
    /// It is another one than was asked for.
    #[error("its digest is `{0}`, and another one was asked for")]
    Other(String),
    /// A rule in it is none.
    #[error("the client would skip its rule `{0}`")]
    Rule(String),
}

impl CompiledFile {
    /// Puts a compiled policy together.
    pub fn new(policy: &str, unclear: Vec<CompiledAnswer>, rules: Vec<CompiledRule>) -> Self {
        let digest = digest(&unclear, &rules);
        Self { version: VERSION, policy: policy.to_owned(), digest, unclear, rules }
    }

    /// Reads one, and only one that is whole. `wanted` is the digest that it must have, where one is asked for.
    pub fn read(text: &[u8], wanted: Option<&str>) -> Result<Self, CompiledFault> {
        if text.len() > LONGEST {
            return Err(CompiledFault::Form(format!("it has more than {LONGEST} bytes")));
        }
        let file: Self =
            serde_json::from_slice(text).map_err(|error| CompiledFault::Form(error.to_string()))?;
        if file.version != VERSION {
            return Err(CompiledFault::Version(file.version));
        }
        if file.digest != digest(&file.unclear, &file.rules) {
            return Err(CompiledFault::Digest);
        }
        if wanted.is_some_and(|wanted| wanted != file.digest) {
            return Err(CompiledFault::Other(file.digest));
        }
        // A rule that says nothing would be a hole that nobody sees.
        let skipped = |rule: &&CompiledRule| {
            crate::rule::Rule::parse(&rule.rule).fault(List::from(rule.list)).is_some()
        };
        match file.rules.iter().find(skipped) {
            Some(rule) => Err(CompiledFault::Rule(rule.rule.clone())),
            None => Ok(file),
        }
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }
}

/// Each text with its length in front, so that no two contents have one form.
fn digest(unclear: &[CompiledAnswer], rules: &[CompiledRule]) -> String {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    };
    for entry in unclear {
        [entry.kind.key(), entry.answer.name(), &entry.origin, &entry.layer].into_iter().for_each(&mut add);
    }
    add("rules");
    for rule in rules {
        [List::from(rule.list).key(), &rule.rule, &rule.origin, &rule.layer].into_iter().for_each(&mut add);
    }
    let hex: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}
