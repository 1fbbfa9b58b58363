//! The list of allowed signers: `PRINCIPALS [OPTIONS] KEY`, one a line (`ssh-keygen(1)`, ALLOWED SIGNERS).

use jiff::civil::DateTime;
use jiff::tz::Offset;
use ssh_key::PublicKey;
use ssh_key::public::KeyData;

use crate::glob::Wildcard;

/// How far local times lie before and behind UTC at most, in seconds.
const FURTHEST_EAST: i64 = 14 * 3600;
const FURTHEST_WEST: i64 = 12 * 3600;

/// Who may sign.
#[derive(Debug, Clone, Default)]
pub struct AllowedSigners {
    lines: Vec<Line>,
}

/// One line of the list.
#[derive(Debug, Clone)]
struct Line {
    /// From 1.
    number: usize,
    /// What it allows, or why nothing.
    content: Result<Allowed, String>,
}

#[derive(Debug, Clone)]
struct Allowed {
    principals: String,
    key: PublicKey,
    namespaces: Option<Vec<Wildcard>>,
    /// Seconds since 1970.
    after: Option<i64>,
    before: Option<i64>,
}

impl AllowedSigners {
    /// Reads a list. Lines that are not understood allow nobody; [`AllowedSigners::faults`] names them.
    pub fn parse(text: &str) -> Self {
        let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
        let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let lines = lines.map(|(number, line)| Line { number, content: parse(line) });
        Self { lines: lines.collect() }
    }

    /// Lines that allow nobody, each with the reason.
    pub fn faults(&self) -> impl Iterator<Item = (usize, &str)> {
        self.lines
            .iter()
            .filter_map(|line| line.content.as_ref().err().map(|why| (line.number, why.as_str())))
    }

    /// Whether there is nobody who may sign.
    pub fn is_empty(&self) -> bool {
        self.lines.iter().all(|line| line.content.is_err())
    }

    /// The line for a key that counts for `namespace` at a time; otherwise the reason why none does, where one is known.
    pub(super) fn find(
        &self,
        key: &KeyData,
        namespace: &str,
        at: i64,
    ) -> Result<(&PublicKey, &str), Option<String>> {
        let mut reason = None;
        for line in &self.lines {
            let allowed = match &line.content {
                Ok(allowed) => allowed,
                Err(why) => {
                    reason.get_or_insert_with(|| {
                        format!("line {} of the list allows nobody: {why}", line.number)
                    });
                    continue;
                }
            };
            if allowed.key.key_data() != key {
                continue;
            }
            match allowed.refuses(namespace, at) {
                None => return Ok((&allowed.key, &allowed.principals)),
                Some(why) => reason = Some(format!("line {} of the list {why}", line.number)),
            }
        }
        Err(reason)
    }
}

impl Allowed {
    fn refuses(&self, namespace: &str, at: i64) -> Option<String> {
        if let Some(namespaces) = &self.namespaces
            && !namespaces.iter().any(|pattern| pattern.matches(namespace))
        {
            return Some(format!("does not allow it to sign for `{namespace}`"));
        }
        if self.after.is_some_and(|after| at < after) {
            return Some("allows it only later".to_owned());
        }
        if self.before.is_some_and(|before| at >= before) {
            return Some("allows it no longer".to_owned());
        }
        None
    }
}

fn parse(line: &str) -> Result<Allowed, String> {
    let mut words = words(line)?.into_iter();
    let principals = words.next().ok_or("it is empty")?.replace('"', "");
    let mut rest: Vec<String> = words.collect();
    let mut allowed = (None, None, None);
    if let Some(options) = rest.first().filter(|word| !is_kind(word)).cloned() {
        rest.remove(0);
        for option in split(&options, ',') {
            let (name, value) = match option.split_once('=') {
                Some((name, value)) => (name, value.trim_matches('"')),
                None => (option.as_str(), ""),
            };
            match name.to_ascii_lowercase().as_str() {
                "namespaces" => allowed.0 = Some(namespaces(value)?),
                "valid-after" => allowed.1 = Some(time(value, FURTHEST_WEST)?),
                "valid-before" => allowed.2 = Some(time(value, -FURTHEST_EAST)?),
                "cert-authority" => {
                    return Err(
                        "it names an authority for certificates, which are not verified here".to_owned()
                    );
                }
                _ => return Err(format!("the option `{name}` is not known")),
            }
        }
    }
    let key = PublicKey::from_openssh(&rest.join(" ")).map_err(|_| "it holds no public key".to_owned())?;
    let (namespaces, after, before) = allowed;
    Ok(Allowed { principals, key, namespaces, after, before })
}

fn is_kind(word: &str) -> bool {
    ["ssh-", "ecdsa-", "sk-"].iter().any(|start| word.starts_with(start))
}

/// Words between blanks, with quoted blanks within them.
fn words(line: &str) -> Result<Vec<String>, String> {
    let line = line.replace('\t', " ");
    if line.matches('"').count() % 2 == 1 {
        return Err("a quote is open".to_owned());
    }
    Ok(split(&line, ' '))
}

/// Parts between separators that are not within quotes; empty ones are left out.
fn split(text: &str, separator: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    for c in text.chars() {
        quoted ^= c == '"';
        if c == separator && !quoted {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

fn namespaces(value: &str) -> Result<Vec<Wildcard>, String> {
    let names = value.split(',').map(str::trim).filter(|name| !name.is_empty());
    let names = names.map(|name| {
        if name.starts_with('!') || name.contains('?') {
            return Err(format!("the namespace `{name}` is a pattern of a kind that is not known here"));
        }
        Ok(Wildcard::new(name))
    });
    names.collect()
}

/// `YYYYMMDD[HHMM[SS]][Z]` in seconds since 1970. Without `Z` it is the local time of whoever verifies, for
/// `ssh-keygen`; here `without_zone` seconds later than in UTC.
fn time(value: &str, without_zone: i64) -> Result<i64, String> {
    let wrong = || format!("`{value}` is no time");
    let (digits, shift) = match value.strip_suffix(['Z', 'z']) {
        Some(digits) => (digits, 0),
        None => (value, without_zone),
    };
    let full = match digits.len() {
        8 => format!("{digits}000000"),
        12 => format!("{digits}00"),
        14 => digits.to_owned(),
        _ => return Err(wrong()),
    };
    if !full.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let read = DateTime::strptime("%Y%m%d%H%M%S", &full).map_err(|_| wrong())?;
    let read = Offset::UTC.to_timestamp(read).map_err(|_| wrong())?;
    Ok(read.as_second() + shift)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti";

    fn allowed(line: &str) -> Result<(), Option<String>> {
        at(line, "bylaws-bundle", 1_750_000_000)
    }

    fn at(line: &str, namespace: &str, at: i64) -> Result<(), Option<String>> {
        let key = PublicKey::from_openssh(KEY).unwrap();
        AllowedSigners::parse(line).find(key.key_data(), namespace, at).map(|_| ())
    }

    #[test]
    fn lines_allow_what_they_say() {
        for line in [
            format!("a@acme.dev {KEY}"),
            format!("# head\n\n\"a b\",c\t{KEY} a comment"),
            format!("* namespaces=\"git,bylaws-bundle\" {KEY}"),
            format!("* namespaces=\"bylaws-*\",valid-after=\"20200101\" {KEY}"),
            format!("* valid-before=\"20990101120000Z\" {KEY}"),
        ] {
            assert_eq!(allowed(&line), Ok(()), "{line}");
        }
    }

    #[test]
    fn what_is_not_understood_allows_nobody() {
        for (line, part) in [
            (format!("* namespaces=\"git\" {KEY}"), "does not allow it to sign"),
            (format!("* cert-authority {KEY}"), "certificates"),
            (format!("* zone=x {KEY}"), "`zone` is not known"),
            (format!("* namespaces=\"!git,*\" {KEY}"), "pattern"),
            (format!("* valid-after=\"20990101\" {KEY}"), "only later"),
            (format!("* valid-before=\"20200101Z\" {KEY}"), "no longer"),
            (format!("* valid-before=\"soon\" {KEY}"), "no time"),
            (format!("* namespaces=\"git {KEY}"), "quote"),
            ("* ssh-ed25519 AAAA".to_owned(), "no public key"),
        ] {
            let reason = allowed(&line).unwrap_err();
            assert!(reason.as_ref().is_some_and(|reason| reason.contains(part)), "{line}: {reason:?}");
        }
        assert_eq!(allowed(""), Err(None));
    }

    /// A day without a zone begins last in the west, and has begun first in the east.
    #[test]
    fn times_without_a_zone_allow_least() {
        let day = time("20260101Z", 0).unwrap();
        let after = format!("* valid-after=\"20260101\" {KEY}");
        let before = format!("* valid-before=\"20260101\" {KEY}");
        assert!(at(&after, "x", day + FURTHEST_WEST - 1).is_err());
        assert!(at(&after, "x", day + FURTHEST_WEST).is_ok());
        assert!(at(&before, "x", day - FURTHEST_EAST - 1).is_ok());
        assert!(at(&before, "x", day - FURTHEST_EAST).is_err());
    }
}
