//! Which files of a repository checks look at beside the settings, told by their names alone.
//!
//! INVARIANT: cheap enough to ask of every file of a large repository.

use super::sensitive;

/// Folders that hold other people's code or what a build leaves, never a project of this repository.
const SKIPPED: [&str; 6] = [".git", "node_modules", "target", ".venv", "__pycache__", ".terraform"];

/// The folders below `.claude` that are looked into.
const BELOW_CLAUDE: [&str; 3] = ["skills", "commands", "agents"];

/// What checks look for in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Instructions that the client reads: `CLAUDE.md`, `AGENTS.md`.
    Instructions,
    /// A skill or a command, which may grant itself permissions.
    Skill,
    /// A sub-agent, which may set its own permission mode.
    Agent,
    /// What a CI service runs.
    Workflow,
    /// Who owns which files.
    Owners,
    /// Settings, servers and lock of a project.
    Configuration,
    /// The personal settings, which should not be tracked by git.
    LocalSettings,
    /// A file whose name says that it may hold a secret.
    Secret,
}

impl Role {
    /// The role of the file `name` in a folder, which is a path from the root of the repository.
    pub fn of(folder: &str, name: &str) -> Option<Self> {
        match name {
            "CLAUDE.md" | "CLAUDE.local.md" | "AGENTS.md" => return Some(Self::Instructions),
            "CODEOWNERS" => return is_owners_folder(folder).then_some(Self::Owners),
            ".mcp.json" => return Some(Self::Configuration),
            "settings.json" | "bylaws.lock" => return is_claude(folder).then_some(Self::Configuration),
            "settings.local.json" => return is_claude(folder).then_some(Self::LocalSettings),
            _ => {}
        }
        if let Some(role) = name.ends_with(".md").then(|| of_markdown(folder, name)).flatten() {
            return Some(role);
        }
        if is_workflow(folder, name) {
            return Some(Self::Workflow);
        }
        sensitive::may_hold(folder, name).then_some(Self::Secret)
    }
}

/// Whether a walk through a repository goes into the folder `name` of `folder`.
pub(super) fn is_entered(folder: &str, name: &str) -> bool {
    if is_claude(folder) { BELOW_CLAUDE.contains(&name) } else { !SKIPPED.contains(&name) }
}

/// Whether a path ends in the folder of a project's own files.
fn is_claude(folder: &str) -> bool {
    folder.strip_suffix(".claude").is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
}

/// What stands below `.claude`, where the path leads through such a folder.
fn below_claude(folder: &str) -> Option<&str> {
    folder.strip_prefix(".claude/").or_else(|| folder.split_once("/.claude/").map(|(_, below)| below))
}

/// The client reads `skills/NAME/SKILL.md`, and `commands` and `agents` to any depth (observed, 2.1.330).
fn of_markdown(folder: &str, name: &str) -> Option<Role> {
    let below = below_claude(folder)?;
    match below.split_once('/') {
        Some(("skills", skill)) => (name == "SKILL.md" && !skill.contains('/')).then_some(Role::Skill),
        Some(("commands", _)) => Some(Role::Skill),
        Some(("agents", _)) => Some(Role::Agent),
        None if below == "commands" => Some(Role::Skill),
        None if below == "agents" => Some(Role::Agent),
        _ => None,
    }
}

/// Where GitHub and GitLab look for owners (their documentation, November 2026).
fn is_owners_folder(folder: &str) -> bool {
    matches!(folder, "" | ".github" | ".gitlab" | "docs")
}

fn is_workflow(folder: &str, name: &str) -> bool {
    let Some(stem) = name.strip_suffix(".yml").or_else(|| name.strip_suffix(".yaml")) else { return false };
    match folder {
        "" => matches!(
            stem,
            ".gitlab-ci" | ".travis" | ".drone" | ".woodpecker" | "azure-pipelines" | "bitbucket-pipelines"
        ),
        ".github/workflows" | ".buildkite" | ".woodpecker" | ".gitlab/ci" => true,
        ".circleci" => stem == "config",
        _ => stem == "action" && folder.starts_with(".github/actions/"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_name_and_folder() {
        for (path, role) in [
            ("CLAUDE.md", Some(Role::Instructions)),
            ("a/AGENTS.md", Some(Role::Instructions)),
            (".claude/skills/x/SKILL.md", Some(Role::Skill)),
            (".claude/skills/x/y/SKILL.md", None),
            (".claude/skills/x/notes.md", None),
            ("a/.claude/commands/deploy.md", Some(Role::Skill)),
            (".claude/commands/ops/deploy.md", Some(Role::Skill)),
            (".claude/agents/x/y.md", Some(Role::Agent)),
            ("agents/x.md", None),
            (".claude/settings.local.json", Some(Role::LocalSettings)),
            ("x.claude/settings.local.json", None),
            (".github/workflows/ci.yaml", Some(Role::Workflow)),
            ("a/.github/workflows/ci.yml", None),
            (".github/actions/review/action.yml", Some(Role::Workflow)),
            (".gitlab-ci.yml", Some(Role::Workflow)),
            (".github/CODEOWNERS", Some(Role::Owners)),
            ("a/CODEOWNERS", None),
            ("a/.env", Some(Role::Secret)),
            ("src/main.rs", None),
        ] {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            assert_eq!(Role::of(folder, name), role, "{path}");
        }
    }

    #[test]
    fn little_of_what_stands_below_dot_claude_is_looked_into() {
        assert!(is_entered("a/.claude", "skills"));
        assert!(!is_entered("a/.claude", "worktrees"));
        assert!(is_entered("a", ".claude"));
        assert!(!is_entered("a", "node_modules"));
    }
}
