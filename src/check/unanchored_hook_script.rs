//! A hook runs a script by a path from wherever the session happens to be.

use super::registry::check;
use super::{Context, Run};
use crate::finding::Finding;
use crate::settings::Action;

check!(
    "unanchored-hook-script",
    Warn,
    "a hook runs a script by a relative path",
    "hooks run in the folder that the session is in: elsewhere the script is not found, and the call goes on unguarded",
    Run::Project(run)
);

/// Programs whose first operand is a script.
const RUNNERS: &[&str] = &["bash", "bun", "deno", "node", "perl", "python", "python3", "ruby", "sh", "zsh"];

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for file in context.project.settings_files() {
        for hook in file.settings.hooks() {
            let Action::Command { command, arguments: None } = hook.action else { continue };
            let Some(script) = relative_script(command) else { continue };
            let message = format!("`{script}` is found only while the session is in this folder");
            let at = hook.pointer.join("command");
            let mut finding =
                Finding::new(CHECK.name, CHECK.severity, file.place(&at), message).key(at.to_string());
            match script.strip_prefix("./").unwrap_or(script) {
                above if above.starts_with("../") => {
                    finding =
                        finding.help("name it from `\"$CLAUDE_PROJECT_DIR\"`, the folder of the project");
                }
                below => {
                    let anchored = command.replacen(script, &format!("\"$CLAUDE_PROJECT_DIR\"/{below}"), 1);
                    finding = finding.help(format!("write `{anchored}`"));
                }
            }
            findings.push(finding);
        }
    }
}

/// The script that the command runs first, where its path is relative.
fn relative_script(command: &str) -> Option<&str> {
    let mut words = command.split_ascii_whitespace();
    let mut word = words.next()?;
    if RUNNERS.contains(&word) {
        word = words.find(|word| !word.starts_with('-'))?;
    }
    // Quotes, variables and expressions: a path that this function would misread.
    let plain = word.bytes().all(|b| b.is_ascii_alphanumeric() || b"._/-+@".contains(&b));
    (plain && word.contains('/') && !word.starts_with('/')).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_read_off_plain_commands_only() {
        assert_eq!(relative_script(".claude/hooks/a.sh"), Some(".claude/hooks/a.sh"));
        assert_eq!(relative_script("python3 -I scripts/a.py x"), Some("scripts/a.py"));
        assert_eq!(relative_script("bash ../a.sh"), Some("../a.sh"));
        for anchored in
            ["\"$CLAUDE_PROJECT_DIR\"/a.sh", "~/a.sh", "/a/b", "npm run x/y", "node", "bash -c 'a/b'"]
        {
            assert_eq!(relative_script(anchored), None, "{anchored}");
        }
    }
}
