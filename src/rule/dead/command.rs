//! Dead rules for commands.

use super::{Dead, DeadKind, rule_of};
use crate::client::builtins;
use crate::rule::List;

/// A rule for `Bash` or another shell.
pub(super) fn dead(tool: &str, list: List, content: &str) -> Option<Dead> {
    let (kind, meant) = suspicion(list, content)?;
    let calls = match kind {
        DeadKind::Port => vec![content.replace(":*", ":3000/")],
        DeadKind::Operators | DeadKind::AlwaysAsked => examples(content),
        DeadKind::Redirection if content.starts_with(['>', '<']) => vec![format!("echo x {content}")],
        DeadKind::Redirection => examples(content),
        _ => meant.iter().flat_map(|content| examples(content)).collect(),
    };
    let calls = calls.iter().map(|command| format!("{tool}({command})")).collect();
    let meant = match kind {
        DeadKind::Redirection => {
            written_file(content).map(|path| rule_of("Edit", &path)).into_iter().collect()
        }
        _ => meant.iter().map(|content| rule_of(tool, content)).collect(),
    };
    Dead::new(kind, calls, meant)
}

/// What is the matter, and the contents that were probably meant.
fn suspicion(list: List, content: &str) -> Option<(DeadKind, Vec<String>)> {
    let one = |kind, meant: String| Some((kind, vec![meant]));
    if content.contains('\n') {
        return None;
    }
    let trimmed = content.trim();
    let is_pattern = trimmed.contains('*') && !trimmed.ends_with("\\*");
    if let [quote @ (b'"' | b'\''), inner @ .., last] = content.as_bytes()
        && quote == last
        && !inner.contains(quote)
        && inner.contains(&b' ')
    {
        return one(DeadKind::Quoted, content.get(1..content.len() - 1)?.to_owned());
    }
    // `foo :*`, `foo:* `, `foo:* x`: where `:*` stands for anything, it stands at the very end.
    if let Some((head, tail)) = trimmed.split_once(":*")
        && !tail.contains(":*")
    {
        let blank = head.ends_with(' ') || head.is_empty();
        let at_end = tail.is_empty();
        let command = head.trim_end();
        let words = command.split(' ').count();
        // `npm run test:* --x` may mean scripts of that name, and images and remotes have colons, too.
        let names_no_colon =
            words == 1 || (words == 2 && (command.starts_with("git ") || command.starts_with("gh ")));
        if (at_end && (blank || content.ends_with(' '))) || (!at_end && names_no_colon && !command.is_empty())
        {
            if command.is_empty() {
                return None;
            }
            let tail = if at_end || tail.starts_with(' ') { tail.to_owned() } else { format!("*{tail}") };
            return one(DeadKind::MisplacedPrefix, format!("{command} *{}", tail.trim_start_matches('*')));
        }
    }
    if trimmed != content && (!is_pattern || content.ends_with(":*")) {
        return one(DeadKind::Blanks, trimmed.to_owned());
    }
    if let Some(head) = content.strip_suffix(":*") {
        if head.contains('*') && !head.contains("\\*") {
            return one(DeadKind::StarBeforePrefix, format!("{head} *"));
        }
        if head.contains(' ') && is_host(head) {
            return one(DeadKind::Port, format!("{head}*"));
        }
    }
    if content.starts_with('^') {
        let plain = content.trim_start_matches('^').trim_end_matches('$');
        let plain = plain.strip_suffix(".*").map_or_else(|| plain.to_owned(), |head| format!("{head} *"));
        let plain = plain.replace("  ", " ");
        let usable = !plain.contains(['^', '$', '(', '[', '|', '\\']) && !plain.contains(".*");
        return Some((DeadKind::Anchored, usable.then_some(plain).into_iter().collect()));
    }
    if let Some(kind) = joined(content, is_pattern) {
        // Deny and ask rules are held against whole pipelines as well.
        let even = content.split('|').map(str::trim).collect::<Vec<_>>().join(" | ");
        let pipes = kind == DeadKind::Operators && list != List::Allow && !content.contains([';', '&']);
        if pipes && !content.contains("||") && even != content {
            return one(DeadKind::Pipe, even);
        }
        return Some((kind, Vec::new()));
    }
    let word = content.split([' ', ':']).next().unwrap_or_default();
    if list == List::Allow && is_pattern && (builtins::is_evaluating(word) || is_running_find(word, content))
    {
        return Some((DeadKind::AlwaysAsked, Vec::new()));
    }
    let main = content.strip_prefix("command:").filter(|rest| !rest.is_empty() && *rest != "*");
    main.map(|rest| (DeadKind::MainField, vec![rest.trim_start().to_owned()]))
}

/// An operator outside of quotes that no single command has.
fn joined(content: &str, is_pattern: bool) -> Option<DeadKind> {
    let redirects = content.starts_with(['>', '<']);
    if !is_pattern && !redirects {
        return None;
    }
    let mut quote = None;
    let mut rest = content.bytes().peekable();
    let mut redirected = redirects;
    while let Some(byte) = rest.next() {
        match (quote, byte) {
            (Some(open), byte) if open == byte => quote = None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'\\') => {
                rest.next();
            }
            (None, b';') => return Some(DeadKind::Operators),
            (None, b'&') if !redirected => return Some(DeadKind::Operators),
            (None, b'|') => return Some(DeadKind::Operators),
            (None, b'>' | b'<') => redirected = true,
            _ => {}
        }
    }
    redirected.then_some(DeadKind::Redirection)
}

/// `find` with an action, which no pattern allows.
fn is_running_find(word: &str, content: &str) -> bool {
    word == "find" && ["-exec", "-delete", "-ok", "-fprint"].iter().any(|action| content.contains(action))
}

/// The file behind the last `>`, where it is one word.
fn written_file(content: &str) -> Option<String> {
    let path = content.rsplit('>').next()?.trim();
    let plain = !path.is_empty() && !path.contains([' ', '*', '$', '<', '&', '|', ';', '"', '\'']);
    plain.then(|| if path.starts_with('/') { format!("/{path}") } else { path.to_owned() })
}

/// Whether a command ends with the host of an address, behind which a port may stand: `curl http://localhost`.
fn is_host(command: &str) -> bool {
    let word = command.rsplit(' ').next().unwrap_or(command).trim_matches(['"', '\'']);
    match word.split_once("://") {
        Some((_, host)) => !host.is_empty() && !host.contains(['/', ':', '?']),
        None => word == "localhost" && ["curl ", "wget "].iter().any(|program| command.starts_with(program)),
    }
}

/// Commands that a pattern looks like it is for: a star alone is a word, and one beside letters nothing or some.
fn examples(content: &str) -> Vec<String> {
    let content = content.trim().replace(":*", " *");
    let word = |word: &str| if word == "*" { "x".to_owned() } else { word.replace('*', "") };
    let plain = content.split(' ').map(word).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let filled = content.replace('*', "x");
    if plain == filled || plain.is_empty() { vec![filled] } else { vec![plain, filled] }
}
