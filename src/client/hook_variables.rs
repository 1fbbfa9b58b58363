//! Environment variables of hook commands: those that the client sets, and names that people believe it
//! sets.
//!
//! A hook gets its input as JSON on standard input. The second list was met in published settings files.

/// Set by the client (its documentation, 2.1.330).
pub const SET: &[&str] = &[
    "CLAUDE_CODE_REMOTE",
    "CLAUDE_ENV_FILE",
    "CLAUDE_PLUGIN_DATA",
    "CLAUDE_PLUGIN_ROOT",
    "CLAUDE_PROJECT_DIR",
];

/// Believed to be set: what a name begins with.
const BELIEVED: &[&str] =
    &["CLAUDE_FILE", "CLAUDE_HOOK_", "CLAUDE_TOOL", "TOOL_ARGS", "TOOL_INPUT", "TOOL_NAME"];

/// Whether people take this for a variable that the client sets, and it is not.
pub fn is_believed(name: &str) -> bool {
    !SET.contains(&name) && BELIEVED.iter().any(|start| name.starts_with(start))
}
