//! A permission rule that is a piece of a shell script, saved by answering "don't ask again".

use super::registry::check;
use super::{Context, Run};
use crate::finding::Finding;
use crate::project::WrittenRule;

check!(
    "rule-fragment",
    Warn,
    "a permission rule is a piece of a shell script",
    "no command begins like this, so it allows nothing; it only hides the rules that do",
    Run::Project(run)
);

/// Words of the shell that no command begins with.
const FRAGMENTS: &[&str] = &["do", "done", "elif", "else", "esac", "fi", "in", "then", "}", ")", ";;"];

/// Words that the client puts in for lines and variables of a script.
const ARTEFACTS: [&str; 2] = ["__NEW_LINE_", "__TRACKED_VAR__"];

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for file in context.project.settings_files() {
        for WrittenRule { rule, span, pointer, .. } in &file.rules {
            let Some(what) = rule.content().filter(|_| rule.tool() == "Bash").and_then(fragment) else {
                continue;
            };
            let message = format!("this rule matches no command: {what}");
            findings.push(
                Finding::new(CHECK.name, CHECK.severity, file.file.place(*span), message)
                    .key(pointer.to_string())
                    .help("take it out"),
            );
        }
    }
}

/// What kind of piece it is.
fn fragment(content: &str) -> Option<String> {
    if let Some(artefact) = ARTEFACTS.iter().find(|artefact| content.contains(*artefact)) {
        return Some(format!("`{artefact}` stands for a line or a variable of a script that is gone"));
    }
    let word = content.split([' ', ':', '\n', '\t']).next().unwrap_or_default();
    FRAGMENTS.contains(&word).then(|| format!("`{word}` is a piece of a compound command"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_known_by_their_first_word() {
        for piece in ["done", "do echo x", "fi", "then", "else:*", "__NEW_LINE_1a2b__ ls"] {
            assert!(fragment(piece).is_some(), "{piece}");
        }
        for command in ["docker ps", "find .", "install x", "for x", "donest"] {
            assert!(fragment(command).is_none(), "{command}");
        }
    }
}
