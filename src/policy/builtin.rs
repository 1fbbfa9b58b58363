//! The policies that come with the program: each a layer, its cases and a README in `policies/`.

use crate::json::{Document, Node, Pointer};

/// What stands before the name of a built-in policy.
pub const PREFIX: &str = "builtin:";

/// A policy that comes with the program.
#[derive(Debug)]
pub struct Builtin {
    /// Its name, without `builtin:`.
    pub name: &'static str,
    /// The text of its layer.
    pub layer: &'static str,
    /// The text of its cases.
    pub cases: &'static str,
    /// What it says for people.
    pub readme: &'static str,
}

macro_rules! builtins {
    ($($name:literal),* $(,)?) => {
        /// All of them, by name.
        pub static ALL: &[Builtin] = &[$(Builtin {
            name: $name,
            layer: include_str!(concat!("../../policies/", $name, "/layer.json")),
            cases: include_str!(concat!("../../policies/", $name, "/cases.json")),
            readme: include_str!(concat!("../../policies/", $name, "/README.md")),
        }),*];
    };
}

builtins![
    "audit-script",
    "audit-trail",
    "baseline",
    "development",
    "guard",
    "mcp-allow-list",
    "production",
    "residency-bedrock",
    "residency-vertex",
    "retention",
    "staging",
    "strict",
    "transparency",
];

impl Builtin {
    /// What it is for in one sentence: the description of its layer.
    pub fn summary(&self) -> String {
        let layer = Document::parse(self.layer);
        let description = layer.at(&Pointer::of(["description"]));
        description.and_then(Node::as_str).unwrap_or_default().to_owned()
    }
}

/// The built-in policy of this name.
pub fn find(name: &str) -> Option<&'static Builtin> {
    ALL.iter().find(|policy| policy.name == name)
}

/// The templates that come with the program, by file name.
pub static TEMPLATES: &[(&str, &str)] = &[
    ("audit-trail.sh", include_str!("../../templates/audit-trail.sh")),
    ("bylaws-guard.json", include_str!("../../templates/bylaws-guard.json")),
    ("claude-md.md", include_str!("../../templates/claude-md.md")),
];

/// The frameworks that come with the program, by name: the texts of their files.
pub static FRAMEWORKS: &[(&str, &str)] = &[
    ("eu-ai-act", include_str!("../../policies/frameworks/eu-ai-act.json")),
    ("gdpr", include_str!("../../policies/frameworks/gdpr.json")),
    ("hipaa", include_str!("../../policies/frameworks/hipaa.json")),
    ("iso27001", include_str!("../../policies/frameworks/iso27001.json")),
    ("nist-ai-rmf", include_str!("../../policies/frameworks/nist-ai-rmf.json")),
    ("soc2", include_str!("../../policies/frameworks/soc2.json")),
];
