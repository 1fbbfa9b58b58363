//! Files of the client itself that it reads and writes by its own rules. Observed with client 2.1.330.

use crate::automaton::Pattern;

/// Whether a path is one that no tool may write, in any mode: the file that holds the user's credentials.
pub fn is_closed(path: &str, config: &str) -> bool {
    path.strip_prefix(config).is_some_and(|rest| rest.eq_ignore_ascii_case("/.credentials.json"))
}

/// Whether a path is that of a settings file, in whatever folder.
pub fn is_settings(path: &str) -> bool {
    path.ends_with("/.claude/settings.json") || path.ends_with("/.claude/settings.local.json")
}

/// Whether a path is one that the client reads without asking: what it keeps of a project.
pub fn is_read_freely(path: &str, config: &str, project: &str) -> bool {
    kept(path, config, project).is_some()
}

/// Whether a path is one that the client writes without asking: its notes of a project, and how a project
/// is started.
pub fn is_written_freely(path: &str, config: &str, project: &str) -> bool {
    let notes =
        kept(path, config, project).is_some_and(|rest| rest.starts_with("/memory/") && rest.ends_with(".md"));
    notes || path.strip_prefix(project) == Some("/.claude/launch.json")
}

/// All paths that are read or written without asking, and perhaps more, as a pattern for proofs.
pub fn free(config: &str, project: &str) -> Pattern {
    let kept = Pattern::chain([Pattern::text(config), Pattern::text("/projects/"), Pattern::anything()]);
    let launch = Pattern::chain([Pattern::text(project), Pattern::text("/.claude/launch.json")]);
    Pattern::either([kept, launch])
}

/// What follows the folder that the client keeps for a project.
fn kept<'a>(path: &'a str, config: &str, project: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(config)?.strip_prefix("/projects/")?;
    let folder: String = project.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    rest.strip_prefix(folder.as_str()).filter(|rest| rest.starts_with('/'))
}
