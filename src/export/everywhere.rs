//! What settings mean in every folder of a machine and did not mean in the file of one project.
//!
//! Leaves out permission rules: a path in them means the same in both (see [`super`]).

use serde_json::{Map, Value};

use super::compiled::Compiled;
use super::{NoteKind, counted, quoted};
use crate::json::Pointer;

/// The variable that stands for the folder of a project in hooks.
const PROJECT_VARIABLE: &str = "CLAUDE_PROJECT_DIR";

/// The guard as a hook, and the argument that gives it a file of the machine.
const GUARD: &str = "hook guard";
const GUARD_FILE: &str = "--compiled";

/// Keys that grant something, and in a project's file only where somebody trusts the folder (documentation, August
/// 2026; of the servers observed, 2.1.330).
const TRUSTED: [&str; 3] = ["enableAllProjectMcpServers", "enabledMcpjsonServers", "extraKnownMarketplaces"];

/// Lists of paths whose beginning depends on the file that they stand in (documentation, August 2026).
const SANDBOX_PATHS: [&str; 4] = ["allowRead", "allowWrite", "denyRead", "denyWrite"];

/// Says it.
pub(super) fn tell(compiled: &mut Compiled) {
    trusted_lists(compiled);
    trusted_keys(compiled);
    sandbox_paths(compiled);
    hooks(compiled);
}

fn trusted_lists(compiled: &mut Compiled) {
    for (list, one, many) in
        [("allow", "allow rule", "allow rules"), ("additionalDirectories", "folder", "folders")]
    {
        let entries = compiled.settings.get("permissions").and_then(|permissions| permissions.get(list));
        let count = entries.and_then(Value::as_array).map_or(0, Vec::len);
        if count > 0 {
            let message = format!(
                "{} of `permissions.{list}` in force in every folder; from a project's file only where \
                 somebody trusts the folder",
                counted(count, one, many)
            );
            compiled.tell(NoteKind::Differs, message, &Pointer::of(["permissions", list]));
        }
    }
}

fn trusted_keys(compiled: &mut Compiled) {
    for key in TRUSTED {
        let grants = match compiled.settings.get(key) {
            None | Some(Value::Null | Value::Bool(false)) => false,
            Some(Value::Array(entries)) => !entries.is_empty(),
            Some(Value::Object(members)) => !members.is_empty(),
            Some(_) => true,
        };
        if grants {
            let message = format!(
                "`{key}` in force in every folder; from a project's file only where somebody trusts the folder"
            );
            compiled.tell(NoteKind::Differs, message, &Pointer::of([key]));
        }
    }
}

/// In a project's file a path without an anchor means the project, in the user's file `~/.claude`; of managed settings
/// nothing is said.
fn sandbox_paths(compiled: &mut Compiled) {
    let Some(sandbox) = compiled.settings.get("sandbox") else { return };
    let lists = SANDBOX_PATHS
        .iter()
        .filter_map(|list| sandbox.get("filesystem")?.get(*list)?.as_array())
        .flatten()
        .filter_map(Value::as_str);
    let files = sandbox.get("credentials").and_then(|credentials| credentials.get("files"));
    let files = files.and_then(Value::as_array).into_iter().flatten();
    let files = files.filter_map(|file| file.get("path").and_then(Value::as_str));
    let mut loose: Vec<&str> = lists.chain(files).filter(|path| !is_anchored(path)).collect();
    loose.dedup();
    if loose.is_empty() {
        return;
    }
    let message = format!(
        "{} of `sandbox`: in a project's file it begins in the project; where it begins in managed settings is not \
         documented, so it may cover nothing: write it with `/` or `~/` in front",
        quoted(loose)
    );
    compiled.tell(NoteKind::NotEnforced, message, &Pointer::of(["sandbox"]));
}

fn hooks(compiled: &mut Compiled) {
    let commands = commands(&compiled.settings);
    let of_project = commands.iter().any(|command| command.contains(PROJECT_VARIABLE));
    let mut found: Vec<&str> = Vec::new();
    for command in &commands {
        let program = program(command);
        if !is_anchored(program) && !program.contains(PROJECT_VARIABLE) && !found.contains(&program) {
            found.push(program);
        }
    }
    let mut messages = Vec::new();
    if of_project {
        messages.push(format!(
            "hooks that name `{PROJECT_VARIABLE}` run whatever the project has there, which its users can change, \
             and stop nothing where it has nothing"
        ));
    }
    if !found.is_empty() {
        messages.push(format!(
            "hooks that run {}: which program that is depends on the `PATH` and the folder of each user; a full path \
             to what only administrators write does not",
            quoted(found)
        ));
    }
    if commands.iter().any(|command| command.contains(GUARD) && !command.contains(GUARD_FILE)) {
        messages.push(format!(
            "the guard reads the compiled policy of each project: where there is none, it refuses every call with \
             `--fail-closed` and judges none without; `bylaws hook compile` makes one for machines, and \
             `{GUARD_FILE}` names it"
        ));
    }
    for message in messages {
        compiled.tell(NoteKind::NotEnforced, message, &Pointer::of(["hooks"]));
    }
}

/// The command lines of hooks.
fn commands(settings: &Map<String, Value>) -> Vec<String> {
    let events = settings.get("hooks").and_then(Value::as_object);
    let groups = events.into_iter().flat_map(Map::values).filter_map(Value::as_array).flatten();
    let hooks = groups.filter_map(|group| group.get("hooks")?.as_array()).flatten();
    hooks.filter_map(|hook| hook.get("command")?.as_str()).map(str::to_owned).collect()
}

/// The first word of a command line, without quotes around it.
fn program(command: &str) -> &str {
    let command = command.trim_start();
    match command.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let inner = command.strip_prefix(quote).unwrap_or_default();
            inner.split(quote).next().unwrap_or_default()
        }
        _ => command.split_whitespace().next().unwrap_or_default(),
    }
}

/// Whether a path says by itself where it begins.
fn is_anchored(path: &str) -> bool {
    let drive = path.split_once(':').is_some_and(|(drive, rest)| {
        drive.len() == 1 && drive.chars().all(|c| c.is_ascii_alphabetic()) && rest.starts_with(['\\', '/'])
    });
    drive || path.starts_with(['/', '~']) || path.starts_with("\\\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_of_a_command_is_its_first_word() {
        for (command, expected) in [
            ("bylaws hook guard || exit 2", "bylaws"),
            (" '/opt/a b/run' x", "/opt/a b/run"),
            ("\"C:\\Program Files\\a.exe\" x", "C:\\Program Files\\a.exe"),
            ("", ""),
        ] {
            assert_eq!(program(command), expected);
        }
    }

    #[test]
    fn a_path_is_anchored_where_it_says_where_it_begins() {
        for path in ["/opt/a", "~/a", "~", "C:\\a", "c:/a", "\\\\server\\a", "//a"] {
            assert!(is_anchored(path), "{path}");
        }
        for path in ["a", "./a", "../a", ".", "CC:\\a", "C:a", "$HOME/a", ""] {
            assert!(!is_anchored(path), "{path}");
        }
    }
}
