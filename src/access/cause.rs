//! What a decision rests on.

use super::{RuleId, Verdict};

/// What a decision rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// This permission rule.
    Rule(RuleId),
    /// No rule speaks of it.
    NoRule,
    /// A command that only reads, known to the client.
    ReadOnly,
    /// A file within the working directories.
    Inside,
    /// A file outside of the working directories.
    Outside,
    /// A file that the client always asks for.
    Protected,
    /// A command line that the client does not follow, or a form that it asks for; a rule for every
    /// command and the mode without questions still allow it.
    Unclear,
    /// Commands that only read, one of them in the background: asked for even where a rule allows every
    /// command, not in the mode without questions.
    Background,
    /// The removal of a folder that the client asks for whatever the rules and the mode say.
    Critical,
    /// Something that the client allows by itself: a host of documentation, a sub-agent, a skill.
    BuiltIn,
    /// The mode allows or refuses what is asked for otherwise.
    Mode,
    /// A hook, counted over all files in their order.
    Hook(u32),
    /// The MCP server of the tool is not there or not admitted.
    Server,
    /// The input is not one that the tool takes.
    Input,
    /// A settings file with which the client does not start.
    Halted,
    /// Nobody has seen this version of the client decide, and the known ones around it disagree.
    Version {
        /// What the older one decides.
        older: Verdict,
        /// What the newer one decides.
        newer: Verdict,
    },
}
