//! Commands that edit: those that run on their own when edits are accepted, and removals that always ask.

use super::flags::value;
use super::forms::substitutes;
use crate::access::Place;
use crate::shell::Word;

/// Whether the client lets the command run without a rule in the mode that accepts edits, provided that its
/// paths lie within the working directories. `words` begin with the command itself.
///
/// `touch`, `cp` and `mv` only without flags, `sed` only as one substitution; globs, and expansions in a path
/// that is written, always ask (observed, 2.1.330).
pub(in crate::access) fn edits(words: &[Word]) -> bool {
    let Some((name, rest)) = words.split_first() else { return false };
    if rest.iter().any(|word| word.value.is_none() || word.glob || word.expansion) {
        return false;
    }
    let flag = |word: &Word| value(word).starts_with('-') && value(word).len() > 1;
    let is_plain = |word: &str| !word.contains(['$', '`', '*', '?', '[', '{']);
    let plain = || rest.iter().map(value).all(is_plain);
    match value(name) {
        "mkdir" => plain(),
        "rm" | "rmdir" => plain() && !rest.iter().any(|word| value(word).is_empty()),
        "touch" | "cp" | "mv" => {
            plain() && !rest.iter().any(|word| value(word).is_empty() || value(word).starts_with('-'))
        }
        "sed" => {
            let mut script = None;
            for word in rest {
                match value(word) {
                    "--" | "-i" | "--in-place" | "-E" | "-r" | "--regexp-extended" | "--posix" => {}
                    _ if flag(word) => return false,
                    text if script.is_none() => script = Some(text),
                    text if !text.is_empty() && (!is_plain(text) || text.contains(';')) => return false,
                    _ => {}
                }
            }
            script.is_some_and(|script| substitutes(script) && !script.contains(['`', '{']))
        }
        _ => false,
    }
}

/// Whether `rm` or `rmdir` removes something that the client asks for whatever is allowed, in every mode: the
/// root and what stands directly in it, the home folder, the working directory and the folders above it, and
/// all that one of these holds (`/usr/*`). `words` begin with the command itself, `text` is the command line
/// that their spans speak of.
///
/// A path that begins with an unknown variable is critical where nothing but `/` or `/*` follows
/// (observed, 2.1.330).
pub(in crate::access) fn removes_critical(text: &str, words: &[Word], place: &Place) -> bool {
    let Some((name, rest)) = words.split_first() else { return false };
    let name = value(name);
    if !matches!(name.rsplit('/').next(), Some("rm" | "rmdir")) {
        return false;
    }
    let recursive = rest.iter().map(value).any(|word| {
        word == "--recursive" || word.starts_with('-') && !word.starts_with("--") && word.contains(['r', 'R'])
    });
    let mut ended = false;
    rest.iter().any(|word| {
        let raw = text.get(word.span.start..word.span.end).unwrap_or_default();
        if let Some(path) = word.value.as_deref() {
            if !ended && path.starts_with('-') && path.len() > 1 {
                ended = path == "--";
                return false;
            }
            // The client does not put the value of `$PWD` into paths that are written.
            if word.expansion && raw.trim_start_matches('"').starts_with("$PWD") {
                return only_variables(raw) && raw.trim_matches('"') != "$PWD";
            }
            return is_critical(path, place);
        }
        (recursive && is_substitution(raw)) || is_home(raw) || only_variables(raw)
    })
}

/// `$(…)` and nothing else.
fn is_substitution(raw: &str) -> bool {
    let raw = raw.trim_matches('"');
    (raw.starts_with("$(") && raw.ends_with(')')) || (raw.starts_with('`') && raw.ends_with('`'))
}

/// `${HOME}` and `${HOME}/*`, which the parser does not resolve.
fn is_home(raw: &str) -> bool {
    let raw = raw.trim_matches('"');
    matches!(raw.trim_end_matches(['/', '*']), "${HOME}" | "$HOME" | "${PWD}")
}

/// `$X/`, `"$X"/*`, `"$X/$Y"`: the root where the variables are empty.
fn only_variables(raw: &str) -> bool {
    let text: String = raw.chars().filter(|c| *c != '"').collect();
    let text = text.trim_end_matches('*');
    let mut names = text.split('/').filter(|name| !name.is_empty());
    let variable = |name: &str| {
        let name = name.trim_start_matches('$').trim_start_matches('{').trim_end_matches('}');
        name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let variables = names.clone().all(|name| name.starts_with('$') && variable(name));
    let count = names.by_ref().count();
    variables && (text.ends_with('/') || count > 1)
}

fn is_critical(path: &str, place: &Place) -> bool {
    let path = path.trim_end_matches('/');
    let folder = match path.rsplit_once('/') {
        Some((folder, last)) if !last.is_empty() && last.bytes().all(|byte| byte == b'*') => folder,
        None if !path.is_empty() && path.bytes().all(|byte| byte == b'*') => ".",
        _ => path,
    };
    let mut names: Vec<&str> = Vec::new();
    let rest = if folder == "~" || folder.starts_with("~/") {
        names.extend(place.home.split('/').filter(|name| !name.is_empty()));
        folder.strip_prefix('~').unwrap_or_default()
    } else if folder.starts_with('/') || path.is_empty() || folder.is_empty() {
        folder
    } else {
        names.extend(place.project.split('/').filter(|name| !name.is_empty()));
        folder
    };
    for name in rest.split('/') {
        match name {
            "" | "." => {}
            ".." => {
                names.pop();
            }
            name => names.push(name),
        }
    }
    // Of a glob at the end the client knows no folder that holds another or a `..`.
    let unclear = |name: &str| name == ".." || name.contains(['*', '?', '[']);
    if folder != path && rest.split('/').any(unclear) {
        return true;
    }
    if folder != path && rest.bytes().all(|byte| byte == b'*') && !rest.is_empty() {
        return true;
    }
    let within = |outer: &[&str], inner: &str| {
        let mut inner = inner.split('/').filter(|name| !name.is_empty());
        outer.iter().all(|name| inner.next().is_some_and(|inner| inner.eq_ignore_ascii_case(name)))
    };
    let depth = place.home.split('/').filter(|name| !name.is_empty()).count();
    // `/usr/lib/..` is taken for a folder below `/usr`.
    let top = names.is_empty() || (names.len() == 1 && !rest.split('/').any(|name| name == ".."));
    top || (names.len() == depth && within(&names, &place.home)) || within(&names, &place.project)
}
