//! The shared settings speak of a folder of one person.

use super::registry::check;
use super::{Context, Run};
use crate::finding::Finding;
use crate::json::Pointer;
use crate::rule::DeadKind;

check!(
    "personal-path",
    Warn,
    "the shared settings speak of a folder of one person",
    "on every other machine it does nothing, or speaks of something else",
    Run::Project(run)
);

/// Names of homes that are everybody's: those of containers and CI runners.
const SHARED_HOMES: &[&str] = &[
    "Public",
    "Shared",
    "USERNAME",
    "YOUR_USERNAME",
    "app",
    "circleci",
    "claude",
    "coder",
    "codespace",
    "dev",
    "developer",
    "gitpod",
    "node",
    "root",
    "runner",
    "ubuntu",
    "user",
    "username",
    "vscode",
    "you",
    "your-username",
];

const HOMES: &[&str] = &["/Users/", "/home/", "/c/Users/", "C:/Users/", "C:\\Users\\"];

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let file = context.shared();
    let mut report = |span, at: &Pointer, text: &str, advice: &str| {
        if let Some(home) = personal_home(text) {
            let message = format!("`{home}` is there for one person only");
            findings.push(
                Finding::new(CHECK.name, CHECK.severity, file.file.place(span), message)
                    .key(at.to_string())
                    .help(advice),
            );
        }
    };
    let advice = "write `~/…` for the home folder, a path from the project, or move it to `.claude/settings.local.json`";
    for written in &file.rules {
        // With one slash it is no folder of a person at all: see `dead-rule`.
        if written.rule.dead(written.list).is_some_and(|dead| dead.kind == DeadKind::NotAbsolute) {
            continue;
        }
        report(written.span, &written.pointer, written.rule.text(), advice);
    }
    for entry in file.settings.written_strings(Pointer::of(["permissions", "additionalDirectories"])) {
        report(entry.span, &entry.pointer, entry.text, advice);
    }
    for hook in file.settings.hooks() {
        if let crate::settings::Action::Command { command, .. } = hook.action {
            let advice = "name the script from `\"$CLAUDE_PROJECT_DIR\"`";
            report(hook.span, &hook.pointer, command, advice);
        }
    }
}

/// The home folder of a person that the text names.
fn personal_home(text: &str) -> Option<&str> {
    HOMES.iter().find_map(|start| {
        let at = text.find(start)?;
        let behind = text.get(at + start.len()..)?;
        let end = behind.find(|c: char| !(c.is_alphanumeric() || "._-".contains(c))).unwrap_or(behind.len());
        let name = behind.get(..end).filter(|name| !name.is_empty() && !SHARED_HOMES.contains(name))?;
        text.get(at..at + start.len() + name.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn homes_of_containers_are_nobodys() {
        assert_eq!(personal_home("Read(//Users/ann.lee/code/**)"), Some("/Users/ann.lee"));
        assert_eq!(personal_home("Bash(ls /home/ann:*)"), Some("/home/ann"));
        assert_eq!(personal_home("C:\\Users\\ann\\x"), Some("C:\\Users\\ann"));
        for fine in ["/home/runner/work", "/home/*/x", "/Users/$USER", "~/x", "/opt/x"] {
            assert_eq!(personal_home(fine), None, "{fine}");
        }
    }
}
