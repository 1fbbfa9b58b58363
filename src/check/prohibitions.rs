//! Sentences that forbid to read files, in instructions for agents.
//!
//! INVARIANT: only what is said without a condition, of files that are named as such: in backquotes, or by a
//! name that nothing else has. What may be meant otherwise is passed over.

use std::sync::OnceLock;

use regex::Regex;

use crate::text::Span;

/// A file pattern that a text says is never to be read, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Prohibited<'a> {
    pub(super) pattern: &'a str,
    pub(super) span: Span,
}

/// Longest line that is looked at, in bytes.
const MAX_LINE: usize = 2000;

/// Endings of files that hold data; what else has a dot in it may be code.
const DATA: [&str; 24] = [
    "cer",
    "conf",
    "crt",
    "csv",
    "db",
    "ini",
    "jks",
    "json",
    "key",
    "keystore",
    "log",
    "p12",
    "pem",
    "pfx",
    "properties",
    "sql",
    "sqlite",
    "tfstate",
    "tfvars",
    "toml",
    "txt",
    "xml",
    "yaml",
    "yml",
];

/// Beginnings of the names of hidden files that hold secrets.
const HIDDEN: [&str; 15] = [
    ".aws",
    ".docker",
    ".env",
    ".git-credentials",
    ".gnupg",
    ".htpasswd",
    ".kube",
    ".netrc",
    ".npmrc",
    ".pgpass",
    ".pypirc",
    ".secret",
    ".ssh",
    ".vault",
    ".credentials",
];

/// Names that nothing but a file has.
const NAMES: [&str; 4] = ["id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"];

/// Whom a sentence speaks to, or the files that it speaks of.
const SUBJECTS: [&str; 14] = [
    "agents",
    "agent",
    "ai",
    "also",
    "always",
    "assistants",
    "claude",
    "code",
    "files",
    "folders",
    "models",
    "paths",
    "please",
    "you",
];

/// Words with which the reason begins, or the way out.
const ENDS: [&str; 10] = ["-", "as", "because", "but", "instead", "it", "since", "so", "use", "–"];

/// Words that say by whom, or in which case: what is forbidden then is not the reading itself.
const LIMITS: [&str; 6] = ["by", "during", "for", "from", "through", "via"];

/// The same, unless files follow.
const PLACES: [&str; 4] = ["in", "inside", "under", "within"];

/// The patterns that a text says are never to be read.
pub(super) fn prohibited(text: &str) -> Vec<Prohibited<'_>> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut fenced = false;
    let mut listed: Option<Lead> = None;
    for line in text.split_inclusive('\n') {
        let span = Span::new(start, start + line.trim_end().len());
        start += line.len();
        let content = line.trim();
        if content.starts_with("```") || content.starts_with("~~~") {
            fenced = !fenced;
            continue;
        }
        if fenced || content.is_empty() || line.len() > MAX_LINE {
            continue;
        }
        let item = item(content);
        match (&listed, item) {
            (Some(_), Some(item)) if !forbids(item) => {
                let at = span.end - item.len();
                found.extend(first_pattern(item, at));
                continue;
            }
            // What stands before the first item belongs to the lead.
            (Some(lead), None) if lead.is_heading && !content.starts_with('#') && !forbids(content) => {
                continue;
            }
            _ => {}
        }
        let first = found.len();
        let text = item.unwrap_or(content);
        let at = span.end - text.len();
        for sentence in sentences(text) {
            found.extend(in_sentence(
                text.get(sentence.start..sentence.end).unwrap_or_default(),
                at + sentence.start,
            ));
        }
        listed = lead(content).filter(|_| found.len() == first);
    }
    found.dedup();
    found
}

/// A line whose list says what is forbidden.
struct Lead {
    is_heading: bool,
}

fn lead(line: &str) -> Option<Lead> {
    let is_heading = line.starts_with('#');
    let plain = line.trim_end_matches(['*', '_', ' ']);
    (forbids(line) && !is_conditional(line) && (is_heading || plain.ends_with(':')))
        .then_some(Lead { is_heading })
}

/// What stands behind the sign of a list item.
fn item(line: &str) -> Option<&str> {
    let bullet = line.strip_prefix("- ").or_else(|| line.strip_prefix("* "));
    let numbered = || {
        let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
        rest.strip_prefix(". ").filter(|_| rest.len() < line.len())
    };
    bullet.or_else(numbered).map(str::trim_start)
}

fn expression() -> Option<&'static Regex> {
    static EXPRESSION: OnceLock<Option<Regex>> = OnceLock::new();
    let build = || {
        let never = r"(?:never|do not|don['’]t|must not|must never|mustn['’]t|should not|should never|shall not|may not|are not to|not allowed to)";
        let verb = r"(?:read|access|open|view|cat|inspect|print|display|look (?:at|into|inside))";
        let other = r"(?:edit|touch|load|modify|write|change|create|delete|commit|log|output|expose|share|search|grep|parse|copy|execute|request|ask for)";
        let join = r"(?:\s*,\s*(?:or\s+|and\s+)?|\s*/\s*|\s+or\s+|\s+and\s+)";
        let words = format!(
            r"(?i)\b{never}[\s*_]+(?:to\s+|ever\s+|even\s+|try to\s+|attempt to\s+)?(?:(?:{verb}|{other}){join})*{verb}\b(?:{join}{other}\b)*"
        );
        Regex::new(&words).ok()
    };
    EXPRESSION.get_or_init(build).as_ref()
}

/// Where the words end that forbid to read, none where nothing is forbidden to the reader: "the parser must not
/// read" speaks of something else.
fn end_of_ban(sentence: &str) -> Option<usize> {
    // The expression is slow beside this look at the words that it needs.
    if !["ver", "VER", "not", "NOT", "n't", "n’t", "N'T"].iter().any(|word| sentence.contains(word)) {
        return None;
    }
    let ban = expression()?.find(sentence)?;
    let before = sentence.get(..ban.start()).unwrap_or_default().trim_end_matches(['*', '_', ' ']);
    let subject = before.rsplit(|c: char| c.is_whitespace() || "*_`".contains(c)).next().unwrap_or_default();
    let is_reader = subject.is_empty()
        || subject.ends_with(|c: char| !c.is_alphanumeric())
        || SUBJECTS.iter().any(|word| subject.eq_ignore_ascii_case(word));
    is_reader.then_some(ban.end())
}

fn forbids(text: &str) -> bool {
    end_of_ban(text).is_some()
}

/// Whether a sentence forbids something only at times or in part.
fn is_conditional(sentence: &str) -> bool {
    const CONDITIONS: [&str; 17] = [
        "directly", "writing", "unless", "except", "without", "until", "before", "if", "when", "whenever",
        "outside", "entire", "whole", "full", "only", "again", "after",
    ];
    sentence
        .split(|c: char| !c.is_alphanumeric())
        .any(|word| CONDITIONS.iter().any(|condition| word.eq_ignore_ascii_case(condition)))
}

/// The sentences of a line: they end with a full stop, a semicolon or such, outside of backquotes.
fn sentences(line: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut quoted = false;
    let mut chars = line.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        quoted ^= c == '`';
        let before_blank = chars.peek().is_none_or(|(_, next)| next.is_whitespace() || *next == '*');
        if !quoted && before_blank && matches!(c, '.' | '!' | '?' | ';') {
            found.push(Span::new(start, at));
            start = at + c.len_utf8();
        }
    }
    found.push(Span::new(start, line.len()));
    found
}

/// What a sentence forbids to read.
fn in_sentence(sentence: &str, at: usize) -> Vec<Prohibited<'_>> {
    let mut found = Vec::new();
    let Some(behind) = end_of_ban(sentence).filter(|_| !is_conditional(sentence)) else { return found };
    let text = |span: &Span| sentence.get(span.start..span.end).unwrap_or_default();
    let is_one_of = |word: &str, words: &[&str]| words.iter().any(|other| word.eq_ignore_ascii_case(other));
    let words: Vec<_> = words(sentence).into_iter().filter(|(span, _)| span.start >= behind).collect();
    for (index, (span, is_quoted)) in words.iter().enumerate() {
        let word = text(span);
        let next = words.get(index + 1).map(|(span, is_quoted)| (text(span), *is_quoted)).unwrap_or_default();
        if is_file(word, *is_quoted) {
            found.push(Prohibited { pattern: word, span: Span::new(at + span.start, at + span.end) });
        } else if *is_quoted || (!found.is_empty() && is_one_of(word, &ENDS)) {
            // Of what follows it cannot be said whether it is forbidden, too.
            break;
        } else if !found.is_empty()
            && next.0 != "any"
            && (is_one_of(word, &LIMITS) || (is_one_of(word, &PLACES) && !is_file(next.0, next.1)))
        {
            return Vec::new();
        }
    }
    found
}

/// The file that an item of a list begins with.
fn first_pattern(item: &str, at: usize) -> Option<Prohibited<'_>> {
    let (span, is_quoted) = *words(item).first()?;
    let pattern = item.get(span.start..span.end).filter(|word| is_file(word, is_quoted))?;
    (!is_conditional(item)).then(|| Prohibited { pattern, span: Span::new(at + span.start, at + span.end) })
}

/// The words of a text, and those in backquotes as one each.
fn words(text: &str) -> Vec<(Span, bool)> {
    let mut found = Vec::new();
    let mut at = 0;
    for (index, part) in text.split('`').enumerate() {
        if index % 2 == 1 {
            found.push((Span::new(at, at + part.len()), true));
        } else {
            let mut start = 0;
            for word in part.split(|c: char| c.is_whitespace() || "()\"“”:,".contains(c)) {
                let inner = word.trim_matches(['*', '_']);
                let kept = if word.starts_with("*.") { word } else { inner };
                let kept = kept.trim_end_matches(['.', '!', '?']);
                let offset = start + word.find(kept).unwrap_or_default();
                if !kept.is_empty() {
                    found.push((Span::new(at + offset, at + offset + kept.len()), false));
                }
                let behind = part.get(start + word.len()..).and_then(|rest| rest.chars().next());
                start += word.len() + behind.map_or(0, char::len_utf8);
            }
        }
        at += part.len() + 1;
    }
    found
}

/// Whether a word can only be the name or the pattern of files.
fn is_file(word: &str, is_quoted: bool) -> bool {
    let plain = |c: char| c.is_alphanumeric() || "._-*/~+".contains(c);
    if word.len() < 2 || word.len() > 200 || !word.chars().all(plain) || word.starts_with('-') {
        return false;
    }
    if word.contains("..") || word.contains("//") || !word.chars().any(char::is_alphanumeric) {
        return false;
    }
    let name = word.trim_end_matches(['/', '*']).rsplit('/').next().unwrap_or_default();
    let begins = |text: &str| {
        HIDDEN.iter().any(|hidden| {
            text.strip_prefix(hidden).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '*', '/']))
        })
    };
    let hidden = word.split('/').any(begins);
    let known = NAMES.contains(&name);
    let secret =
        name.rsplit_once('.').is_some_and(|(_, end)| ["pem", "key", "p12", "pfx", "env"].contains(&end));
    let globbed = word.starts_with("*.") && secret;
    if !is_quoted {
        return hidden || known || globbed;
    }
    let data = name.rsplit_once('.').is_some_and(|(_, end)| DATA.contains(&end));
    let folder = word.ends_with("/**") || word.ends_with("/*") || word.ends_with('/');
    let home = word.starts_with("~/");
    hidden || known || globbed || data || folder || home
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        let found = prohibited(text);
        for one in &found {
            assert_eq!(text.get(one.span.start..one.span.end).unwrap(), one.pattern);
        }
        found.into_iter().map(|one| one.pattern).collect()
    }

    #[test]
    fn clear_sentences() {
        for (text, patterns) in [
            ("Never read `.env`.", &[".env"][..]),
            ("- **NEVER** read .env or `secrets/**` files", &[".env", "secrets/**"]),
            ("You must not open, print or commit `config/prod.json`", &["config/prod.json"]),
            ("Do not edit or read `.env` and `.env.*` files. Use `src/env.ts`.", &[".env", ".env.*"]),
            ("Don't access secrets (`*.pem`, `id_rsa`).", &["*.pem", "id_rsa"]),
            ("Never read `.env` - use `.env.example` instead", &[".env"]),
            ("Never access `~/.ssh/` or `~/.aws/`", &["~/.ssh/", "~/.aws/"]),
            ("Do not read *.pem files", &["*.pem"]),
            ("Never read, display, or output the contents of `.env`, or any file with keys", &[".env"]),
            ("NEVER read any `.env` file (including but not limited to `.env.local`)", &[".env"]),
            ("Never read `.env`, print `env`, or expand `$TOKEN`", &[".env"]),
            ("Secrets: you must never request or read .env", &[".env"]),
            ("Do not read .env or anything in `secrets/`, for any reason", &[".env", "secrets/"]),
            ("In particular, do not access `.env` files, use network tools", &[".env"]),
            ("Never open `00_raw/` or `01_statements/` (blocked)", &["00_raw/", "01_statements/"]),
        ] {
            assert_eq!(found(text), patterns, "{text}");
        }
    }

    #[test]
    fn lists_below_a_line_that_forbids() {
        assert_eq!(found("## Files never to read\n- `.env`\n"), [".env"]);
        assert_eq!(
            found(
                "## Never read these files\n\nThey hold secrets.\n\n- `.env`\n- `secrets/` (keys)\n\n## Commands\n- `a.json`\n"
            ),
            [".env", "secrets/"]
        );
        assert_eq!(
            found("Do not read:\n- .env\n* `*.key`: keys\n1. `id_rsa`\nDone:\n- `b.json`"),
            [".env", "*.key", "id_rsa"]
        );
        assert_eq!(found("Rules:\n- Never read `.env`\n- Run `make`\n"), [".env"]);
    }

    #[test]
    fn what_is_not_clear_is_passed_over() {
        for text in [
            "Read `.env` first",
            "Settings never read `.env`",
            "NEVER touch `data/`: it is frozen",
            "Never open `a.json` for writing",
            "Do not read `plan.txt` for this work",
            "Do not access `db.sqlite` in tests",
            "Never open `translated/` or any `idiomatic/*.js` except `ram.js`",
            "They are never given the keys, and never read `.env`",
            "The adapter must not read `config.json`",
            "Never read `.env` or `api.json` directly in step files",
            "Never commit `.env`",
            "Do not edit `.env`",
            "Never read `.env` unless asked",
            "Do not read `docs/big.md` in full",
            "Do not read `process.env` directly",
            "Never access `window.location` or `.value`",
            "Never read secrets from code",
            "Do not access `src/internal` from `src/api`",
            "```\nNever read `.env`\n```",
            "Do not open a PR without `CHANGELOG.md`",
            "Never read `a b.json`",
            "Do not open `https://x.dev/a.json`",
            "Never load `config.json` when offline",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }
}
