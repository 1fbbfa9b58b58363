//! A hook reads a variable that the client does not set.

use super::registry::check;
use super::{Context, Run};
use crate::client::hook_variables::is_believed;
use crate::finding::Finding;
use crate::settings::Action;

check!(
    "unknown-hook-variable",
    Warn,
    "a hook reads a variable that the client does not set",
    "the variable is empty, so a guard guards nothing and a formatter formats nothing",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let sets = |name: &str| {
        let files = context.project.settings_files();
        files.iter().any(|file| file.settings.env().iter().any(|pair| pair.name == name))
    };
    for file in context.project.settings_files() {
        for hook in file.settings.hooks() {
            let Action::Command { command, .. } = hook.action else { continue };
            let mut names: Vec<&str> = variables(command).filter(|name| is_believed(name)).collect();
            names.sort_unstable();
            names.dedup();
            for name in names {
                if command.contains(&format!("{name}=")) || sets(name) {
                    continue;
                }
                let message = format!("`${name}` is empty: the client sets no such variable for hooks");
                let help = "a hook gets its input as JSON on standard input, \
                            for instance `jq -r .tool_input.file_path`";
                let place = file.place(&hook.pointer.join("command"));
                let key = format!("{} {name}", hook.pointer);
                findings.push(Finding::new(CHECK.name, CHECK.severity, place, message).key(key).help(help));
            }
        }
    }
}

/// The names behind each `$` and `${`.
fn variables(command: &str) -> impl Iterator<Item = &str> {
    command.split('$').skip(1).map(|behind| {
        let name = behind.strip_prefix('{').unwrap_or(behind);
        let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
        name.get(..end).unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_where_the_shell_ends_them() {
        let found: Vec<&str> = variables("a $X \"${Y_1:-z}\" $(b) $Z.c").collect();
        assert_eq!(found, ["X", "Y_1", "", "Z"]);
    }
}
