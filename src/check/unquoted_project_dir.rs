//! `$CLAUDE_PROJECT_DIR` stands in the command of a hook without quotes.

use super::registry::check;
use super::{Context, Run};
use crate::finding::Finding;
use crate::settings::Action;

check!(
    "unquoted-project-dir",
    Note,
    "`$CLAUDE_PROJECT_DIR` stands in the command of a hook without quotes",
    "in a folder with a blank in its name the hook fails, and the call goes on unguarded",
    Run::Project(run)
);

const SPELLINGS: [&str; 2] = ["${CLAUDE_PROJECT_DIR}", "$CLAUDE_PROJECT_DIR"];

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for file in context.project.settings_files() {
        for hook in file.settings.hooks() {
            let Action::Command { command, arguments: None } = hook.action else { continue };
            let Some(quoted) = quoted(command) else { continue };
            let at = hook.pointer.join("command");
            let message = "`$CLAUDE_PROJECT_DIR` is split at blanks here";
            let finding =
                Finding::new(CHECK.name, CHECK.severity, file.place(&at), message).key(at.to_string());
            findings.push(finding.help(format!("write `{quoted}`")));
        }
    }
}

/// The command with quotes around each of the variable that has none; none where all have.
fn quoted(command: &str) -> Option<String> {
    let mut text = String::with_capacity(command.len() + 2);
    let (mut rest, mut quote, mut changed) = (command, None, false);
    while let Some(c) = rest.chars().next() {
        let spelling = SPELLINGS.into_iter().find(|spelling| rest.starts_with(spelling));
        if let (Some(spelling), None) = (spelling, quote) {
            let behind = rest.strip_prefix(spelling).unwrap_or_default();
            let ends = !behind.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
            // The value of an assignment is not split.
            if ends && !text.ends_with('=') {
                text.push_str(&format!("\"{spelling}\""));
                changed = true;
                rest = behind;
                continue;
            }
        }
        match (c, quote) {
            ('\\', None | Some('"')) => {
                text.push(c);
                rest = rest.get(1..).unwrap_or_default();
                if let Some(escaped) = rest.chars().next() {
                    text.push(escaped);
                    rest = rest.get(escaped.len_utf8()..).unwrap_or_default();
                }
                continue;
            }
            ('"' | '\'', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            _ => {}
        }
        text.push(c);
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    changed.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_come_where_there_are_none() {
        assert_eq!(
            quoted("bash $CLAUDE_PROJECT_DIR/a.sh").as_deref(),
            Some("bash \"$CLAUDE_PROJECT_DIR\"/a.sh")
        );
        assert_eq!(
            quoted("cd ${CLAUDE_PROJECT_DIR} && 'x' $CLAUDE_PROJECT_DIR/y").as_deref(),
            Some("cd \"${CLAUDE_PROJECT_DIR}\" && 'x' \"$CLAUDE_PROJECT_DIR\"/y")
        );
        for fine in [
            "\"$CLAUDE_PROJECT_DIR\"/a",
            "bash \"$CLAUDE_PROJECT_DIR/a\"",
            "D=$CLAUDE_PROJECT_DIR; x",
            "'$CLAUDE_PROJECT_DIR'",
            "$CLAUDE_PROJECT_DIRS",
            "\\$CLAUDE_PROJECT_DIR",
        ] {
            assert_eq!(quoted(fine), None, "{fine}");
        }
    }
}
