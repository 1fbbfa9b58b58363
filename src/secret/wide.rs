//! Whatever may be a credential, for texts that are kept and sent on: there one that is masked without need costs
//! little, and one that is left costs much. Words that look like a value that is to be replaced are masked as well.
//!
//! Leaves out a credential that nothing announces: a password as a plain word, in a file, in a program.

use super::named::{LONGEST_JUDGED, NAMES, is_random, password_in_address, scan, scheme};
use crate::text::Span;

/// Names beside those that announce a credential everywhere.
const MORE_NAMES: &[&str] =
    &["auth", "bearer", "connectionstring", "cookie", "creds", "jwt", "pass", "passcode", "pw"];

/// Names behind which a credential may stand, and much else does.
const MAYBE_NAMES: &[&str] = &["code", "key", "session", "sessionid", "sid", "sig", "signature"];

/// Fewest letters of a value behind one of those.
const LEAST_OF_MAYBE: usize = 16;

/// What shows that the text that comes in is a password.
const TAKES_INPUT: &[&str] = &[
    "--passphrase-fd",
    "--password-stdin",
    "--stdin",
    "--with-token",
    "-S",
    "chpasswd",
    "cryptsetup",
    "passwd",
];

/// An option of some programs behind which a password stands.
struct Announced {
    programs: &'static [&'static str],
    /// A word that has to be there as well; none where it is empty.
    with: &'static str,
    options: &'static [&'static str],
    /// Whether the value stands in the next word, and whether in the same.
    next: bool,
    same: bool,
    /// What stands between a name and the password in the value.
    between: Option<char>,
}

const fn behind(programs: &'static [&'static str], options: &'static [&'static str]) -> Announced {
    Announced { programs, with: "", options, next: true, same: true, between: None }
}

const OPTIONS: &[Announced] = &[
    Announced {
        between: Some(':'),
        ..behind(&["curl", "wget"], &["-u", "--user", "-U", "--proxy-user", "--user=", "--proxy-user="])
    },
    Announced { between: Some(':'), ..behind(&["http", "https", "xh"], &["-a", "--auth", "--auth="]) },
    behind(&["curl"], &["-b", "--cookie", "--cookie="]),
    Announced {
        next: false,
        ..behind(
            &["mysql", "mysqladmin", "mysqldump", "mysqlimport", "mariadb", "mariadb-admin", "mariadb-dump"],
            &["-p"],
        )
    },
    Announced { next: false, ..behind(&["7z", "7za", "7zr", "7zz", "rar", "unrar"], &["-p", "-hp"]) },
    behind(&["sshpass", "mongo", "mongosh", "mongodump", "mongorestore", "cqlsh"], &["-p"]),
    Announced {
        with: "login",
        same: false,
        ..behind(&["docker", "podman", "helm", "az", "oc", "oras", "skopeo", "crane", "buildah"], &["-p"])
    },
    behind(&["redis-cli"], &["-a"]),
    behind(&["ldapadd", "ldapdelete", "ldapmodify", "ldappasswd", "ldapsearch", "ldapwhoami"], &["-w"]),
    behind(&["zip", "unzip", "mosquitto_pub", "mosquitto_sub", "sqlcmd", "bcp"], &["-P"]),
    Announced { between: Some('%'), ..behind(&["smbclient", "rpcclient", "net"], &["-U", "--user="]) },
];

/// A word of a command, without the quotes around it.
#[derive(Clone, Copy)]
struct Word<'a> {
    start: usize,
    text: &'a str,
}

impl Word<'_> {
    fn span(self) -> Span {
        Span::new(self.start, self.start + self.text.len())
    }

    /// What stands behind the first `count` bytes, without quotes.
    fn behind(self, count: usize) -> Self {
        unquoted(self.start + count, self.text.get(count..).unwrap_or_default())
    }
}

/// Where something stands that may be a credential; spans may overlap.
pub(super) fn find(text: &str) -> Vec<Span> {
    let mut found = scan(text, |span: &Span| *span, in_address, behind_name);
    in_commands(text, &mut found);
    found.retain(|span| !span.is_empty());
    found
}

fn in_address(text: &str, at: usize) -> Option<Span> {
    let (span, password) = password_in_address(text, at)?;
    (!is_reference(password)).then_some(span)
}

#[derive(PartialEq, Eq)]
enum Named {
    /// A line of a head of HTTP: all of it counts.
    Head,
    Value,
    /// Only what nobody makes up.
    Maybe,
}

fn named(name: &str) -> Option<Named> {
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    if plain.ends_with("authorization") || matches!(&*plain, "cookie" | "setcookie") {
        return Some(Named::Head);
    }
    let is = |names: &[&str]| names.iter().any(|known| plain.ends_with(known));
    if is(NAMES) || is(MORE_NAMES) {
        return Some(Named::Value);
    }
    is(MAYBE_NAMES).then_some(Named::Maybe)
}

/// The value behind the separator at `at`, if a name stands before it.
fn behind_name(text: &str, at: usize, separator: u8) -> Option<Span> {
    let head = text.get(..at)?;
    let head = if separator == b' ' { head } else { head.trim_end() };
    let head = head.trim_end_matches(['"', '\'', '\\']);
    let is_letter = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let name = head.get(head.len() - head.chars().rev().take_while(is_letter).count()..)?;
    // A blank separates an option from its value, and the name of a setting from what it is set to.
    if separator == b' ' && !name.starts_with("--") && !name.contains('_') {
        return None;
    }
    let named = named(name)?;
    let tail = text.get(at + 1..)?;
    if tail.starts_with(':') {
        return None;
    }
    let mut from = at + 1 + (tail.len() - tail.trim_start_matches([' ', '\\']).len());
    let quote = text.get(from..)?.chars().next().filter(|c| matches!(c, '"' | '\''));
    from += usize::from(quote.is_some());
    from += scheme(text.get(from..)?);
    let rest = text.get(from..)?;
    let ends = |c: char| match quote {
        Some(quote) => c == quote,
        None if named == Named::Head => matches!(c, '"' | '\'' | '\n'),
        None => c.is_whitespace() || "\"'`;&|)<>\\".contains(c),
    };
    // A few letters tell; only what counts is read to its end.
    let judged = rest.char_indices().enumerate();
    let judged = judged.take_while(|(count, (_, c))| *count < LONGEST_JUDGED && !ends(*c)).last();
    let judged = judged.map_or(0, |(_, (at, c))| at + c.len_utf8());
    let value = rest.get(..judged)?;
    let path = value.starts_with('/') && !is_random(value);
    let option = separator == b' ' && value.starts_with("--");
    let fits = named != Named::Maybe || (value.len() >= LEAST_OF_MAYBE && is_random(value));
    (fits && !path && !option && !is_reference(value))
        .then(|| Span::new(from, from + rest.find(ends).unwrap_or(rest.len())))
}

/// A variable, a substitution, a place for a value, a path from here.
fn is_reference(value: &str) -> bool {
    let letter = |c: char| c.is_ascii_alphanumeric() || "_{(".contains(c);
    value.strip_prefix('$').is_some_and(|rest| rest.starts_with(letter))
        || ["<", "{{", "./", "../", "~/"].iter().any(|start| value.starts_with(start))
}

/// What programs take for a password by an option, or from what comes in.
fn in_commands(text: &str, found: &mut Vec<Span>) {
    let commands = commands(text);
    for (at, (words, piped)) in commands.iter().enumerate() {
        let runs = |program: &&str| {
            words.iter().any(|word| word.text.rsplit('/').next().is_some_and(|name| name == *program))
        };
        for known in OPTIONS {
            let asked = known.with.is_empty() || words.iter().any(|word| word.text == known.with);
            if asked && known.programs.iter().any(runs) {
                known.values(words, found);
            }
        }
        for word in words {
            let start = word.text.find("pass:").filter(|start| *start == 0 || word.text.starts_with("-pass"));
            if let Some(start) = start {
                found.push(word.behind(start + "pass:".len()).span());
            }
            let schemed = scheme(word.text);
            if schemed > 0 {
                found.push(word.behind(schemed).span());
            }
        }
        let next = commands.get(at + 1).filter(|_| *piped).map_or(&[][..], |(words, _)| words);
        let is_password = next.iter().any(|word| TAKES_INPUT.contains(&word.text));
        if is_password && (runs(&"echo") || runs(&"printf")) {
            let operands = words.iter().skip(1).filter(|word| !word.text.starts_with('-'));
            found.extend(operands.filter(|word| !is_reference(word.text)).map(|word| word.span()));
        }
    }
}

impl Announced {
    fn values(&self, words: &[Word<'_>], found: &mut Vec<Span>) {
        for (at, word) in words.iter().enumerate() {
            for option in self.options {
                let glued = option.ends_with('=') || !option.starts_with("--");
                let value = match word.text.strip_prefix(option) {
                    Some("") if self.next => words.get(at + 1).copied(),
                    Some(rest) if !rest.is_empty() && self.same && glued => Some(word.behind(option.len())),
                    _ => None,
                };
                let Some(value) = value.filter(|value| !is_reference(value.text)) else { continue };
                match self.between {
                    None => found.push(value.span()),
                    Some(between) => {
                        found.extend(value.text.find(between).map(|name| value.behind(name + 1).span()));
                    }
                }
            }
        }
    }
}

/// The words of the commands of a line, as far as quotes and operators tell them apart, and whether what a command prints
/// goes into the next one.
fn commands(text: &str) -> Vec<(Vec<Word<'_>>, bool)> {
    let mut commands = Vec::new();
    let mut spans: Vec<(usize, usize)> = Vec::new();
    let (mut start, mut quote) = (None, None);
    for (at, c) in text.char_indices() {
        if let Some(open) = quote {
            if c == open {
                quote = None;
            }
            continue;
        }
        let ends_command = matches!(c, '|' | ';' | '&' | '(' | ')' | '\n');
        if c.is_whitespace() || ends_command {
            spans.extend(start.take().map(|from| (from, at)));
            if ends_command {
                commands.push((std::mem::take(&mut spans), c == '|'));
            }
            continue;
        }
        if matches!(c, '"' | '\'') {
            quote = Some(c);
        }
        start.get_or_insert(at);
    }
    spans.extend(start.map(|from| (from, text.len())));
    commands.push((spans, false));
    let word = |(from, to): (usize, usize)| unquoted(from, text.get(from..to).unwrap_or_default());
    let read = |(spans, piped): (Vec<(usize, usize)>, bool)| (spans.into_iter().map(word).collect(), piped);
    commands.into_iter().map(read).collect()
}

fn unquoted(start: usize, text: &str) -> Word<'_> {
    let inner = text.trim_start_matches(['"', '\'']);
    Word { start: start + (text.len() - inner.len()), text: inner.trim_end_matches(['"', '\'']) }
}
