//! A credential stands in plain text in a file of the project.
//!
//! INVARIANT: no report prints a credential. [`hide`] cuts them out of what every check says.

use super::registry::check;
use super::{Context, Run};
use crate::finding::{Finding, Severity};
use crate::json::{Kind, Node, Pointer};
use crate::project::{File, Project};
use crate::rule::List;
use crate::secret::{self, Secret};

check!(
    "plaintext-secret",
    Block,
    "a credential stands in plain text in a file of the project",
    "everybody who can read the repository has it, and so has its history",
    Run::Project(run)
);

/// A string of a file with credentials in it.
#[derive(Debug)]
pub(super) struct Written<'a> {
    file: &'a File,
    pointer: Pointer,
    node: &'a Node,
    text: &'a str,
    secrets: Vec<Secret>,
}

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for Written { file, pointer, node, text, secrets } in context.secrets() {
        let Some(first) = secrets.iter().max_by_key(|secret| secret.known) else { continue };
        let personal = context.project.local.file.path == file.path;
        // What only a name tells may be something else, and a personal file is not in the repository as a rule.
        let severity = if first.known && !personal { CHECK.severity } else { Severity::Warn };
        let at = pointer.dotted();
        let more = match secrets.len() {
            1 => String::new(),
            several => format!(", and {} more", several - 1),
        };
        let message = format!("`{at}` holds {} in plain text, `{}`{more}", first.what, first.shown(text));
        findings.push(
            Finding::new(CHECK.name, severity, file.place(node.span), message)
                .key(pointer.to_string())
                .help(advice(context, file, pointer)),
        );
    }
}

fn advice(context: &Context<'_>, file: &File, pointer: &Pointer) -> &'static str {
    if pointer.parent().as_ref().and_then(List::of_pointer).is_some() {
        return "have it replaced by whoever issued it, then take the rule out";
    }
    if context.project.mcp_file.path == file.path {
        return "have it replaced by whoever issued it, then write `${NAME}`, for which the client puts in a variable of its environment";
    }
    "have it replaced by whoever issued it, then take it out: it belongs into the environment or a store for secrets"
}

/// All strings with credentials, file by file in the order of the text.
pub(super) fn look_for(project: &Project) -> Vec<Written<'_>> {
    let mut found = Vec::new();
    let files = [
        (&project.shared.file, project.shared.document()),
        (&project.local.file, project.local.document()),
        (&project.mcp_file, project.mcp.document()),
    ];
    for (file, document) in files {
        if let Some(root) = document.root() {
            let mut path = Vec::new();
            walk(file, root, "", &mut path, &mut found);
        }
    }
    found
}

/// Looks at a value that stands under `name`.
fn walk<'a>(
    file: &'a File,
    node: &'a Node,
    name: &'a str,
    path: &mut Vec<String>,
    found: &mut Vec<Written<'a>>,
) {
    match &node.kind {
        Kind::String(text) => {
            let secrets = secret::find_under(name, text);
            if !secrets.is_empty() {
                let pointer = Pointer::of(path.iter().cloned());
                found.push(Written { file, pointer, node, text, secrets });
            }
        }
        Kind::Object(members) => {
            for member in members {
                path.push(member.key.clone());
                walk(file, &member.value, &member.key, path, found);
                path.pop();
            }
        }
        Kind::Array(items) => {
            // An option and its value are neighbours: `"--token", "x"`.
            let mut name = name;
            for (index, item) in items.iter().enumerate() {
                path.push(index.to_string());
                walk(file, item, name, path, found);
                path.pop();
                name = item.as_str().filter(|text| text.starts_with("--")).unwrap_or_default();
            }
        }
        Kind::Null | Kind::Bool(_) | Kind::Number(_) => {}
    }
}

/// Cuts the credentials of the project out of everything that is said.
pub(super) fn hide(context: &Context<'_>, findings: &mut [Finding]) {
    if context.secrets().is_empty() {
        return;
    }
    let pieces: Vec<(&str, String)> = context.secrets().iter().flat_map(pieces).collect();
    let hide = |text: &mut String| {
        for (whole, shown) in &pieces {
            cut(text, whole, shown);
        }
        if let std::borrow::Cow::Owned(masked) = secret::mask(text) {
            *text = masked;
        }
    };
    for finding in findings {
        hide(&mut finding.message);
        hide(&mut finding.key);
        finding.help.iter_mut().for_each(hide);
        finding.related.iter_mut().for_each(|(_, shows)| hide(shows));
        finding.fix.iter_mut().for_each(|fix| hide(&mut fix.title));
    }
}

/// The words of the credentials in a string, each with what is shown instead.
fn pieces<'a>(written: &'a Written<'_>) -> impl Iterator<Item = (&'a str, String)> {
    written.secrets.iter().flat_map(|secret| {
        let whole = written.text.get(secret.span.start..secret.span.end).unwrap_or_default();
        let words = whole.split_whitespace().filter(|word| word.len() >= RECOGNIZED.min(whole.len()));
        words.map(|word| (word, secret.shown(written.text)))
    })
}

/// Letters of a credential by which it is known where it was cut short.
const RECOGNIZED: usize = 12;

/// Puts `shown` in the place of every beginning of `whole`.
fn cut(text: &mut String, whole: &str, shown: &str) {
    let beginning =
        whole.char_indices().nth(RECOGNIZED).and_then(|(end, _)| whole.get(..end)).unwrap_or(whole);
    if whole.is_empty() {
        return;
    }
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find(beginning)).map(|at| from + at) {
        let rest = text.get(at..).unwrap_or_default();
        let same = rest
            .chars()
            .zip(whole.chars())
            .take_while(|(a, b)| a == b)
            .map(|(a, _)| a.len_utf8())
            .sum::<usize>();
        text.replace_range(at..at + same, shown);
        from = at + shown.len();
    }
}
