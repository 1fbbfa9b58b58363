//! Credentials that are told by what stands before them: `PASSWORD=…`, `Authorization: Bearer …`,
//! `https://user:password@host`.

use super::Secret;
use crate::text::Span;

/// What the name of a credential ends with, in small letters and without `_` and `-`.
pub(super) const NAMES: &[&str] = &[
    "accesskey",
    "apikey",
    "apitoken",
    "authkey",
    "authorization",
    "authtoken",
    "clientsecret",
    "credential",
    "credentials",
    "encryptionkey",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "privatetoken",
    "pwd",
    "secret",
    "secretkey",
    "signingkey",
    "token",
];

/// Words by which an authorization begins.
const SCHEMES: &[&str] = &["Basic ", "Bearer ", "Token ", "basic ", "bearer ", "token "];

/// Words of values that stand for another.
const PLACEHOLDERS: &[&str] = &[
    "0000",
    "1234567",
    "abcdef",
    "change",
    "dummy",
    "example",
    "fake",
    "insert",
    "my-",
    "my_",
    "password",
    "placeholder",
    "redacted",
    "replace",
    "sample",
    "secret",
    "test-",
    "test_",
    "token",
    "todo",
    "xxx",
    "your",
];

/// Fewest characters of a value that is told by its name.
const LEAST: usize = 16;

/// The same for a password.
const LEAST_OF_PASSWORD: usize = 8;

/// Most letters by which it is judged whether a value is a credential.
pub(super) const LONGEST_JUDGED: usize = 64;

/// The credentials behind a name within the text.
pub(super) fn find(text: &str) -> Vec<Secret> {
    scan(text, |secret: &Secret| secret.span, in_address, behind)
}

/// What `in_address` makes of what stands behind each `://`, and `behind` of each place where a value may follow a name.
/// What lies within something that was found is passed over: a credential is one, whatever stands in it.
pub(super) fn scan<T>(
    text: &str,
    span: impl Fn(&T) -> Span,
    in_address: impl Fn(&str, usize) -> Option<T>,
    behind: impl Fn(&str, usize, u8) -> Option<T>,
) -> Vec<T> {
    let mut found: Vec<T> = Vec::new();
    for (at, byte) in text.bytes().enumerate() {
        if found.last().is_some_and(|last| at < span(last).end) {
            continue;
        }
        match byte {
            b':' if text.get(at..).is_some_and(|rest| rest.starts_with("://")) => {
                found.extend(in_address(text, at + 3));
            }
            b'=' | b':' | b' ' => found.extend(behind(text, at, byte)),
            _ => {}
        }
    }
    found
}

/// The whole value, where its name says that it is a credential and it looks like one.
pub(super) fn whole(name: &str, value: &str) -> Option<Secret> {
    let kind = kind(name)?;
    let start = scheme(value);
    let body = value.get(start..)?;
    kind.fits(body).then(|| secret(kind, start, value.len()))
}

/// The value behind the separator at `at`, if a name stands before it.
fn behind(text: &str, at: usize, separator: u8) -> Option<Secret> {
    let head = text.get(..at)?;
    let head = if separator == b' ' { head } else { head.trim_end() };
    let head = head.trim_end_matches(['"', '\'', '\\']);
    let start = head.rfind(|c: char| !(c.is_ascii_alphanumeric() || "_-".contains(c))).map_or(0, |at| at + 1);
    let name = head.get(start..)?;
    // `--token x`: a blank separates an option from its value, and nothing else.
    if separator == b' ' && !name.starts_with("--") {
        return None;
    }
    let kind = kind(name)?;
    let tail = text.get(at + 1..)?;
    let blanks = tail.len() - tail.trim_start_matches([' ', '"', '\'', '\\']).len();
    let from = at + 1 + blanks;
    let from = from + scheme(text.get(from..)?);
    let value = text.get(from..)?;
    let ends = |c: char| c.is_whitespace() || "\"'`,;&|)<>\\".contains(c);
    // A few letters tell; only what is one is read to its end.
    let judged = value.char_indices().take(LONGEST_JUDGED).find(|(_, c)| ends(*c)).map(|(end, _)| end);
    let judged = judged.or_else(|| value.char_indices().nth(LONGEST_JUDGED).map(|(end, _)| end));
    if !kind.fits(value.get(..judged.unwrap_or(value.len()))?) {
        return None;
    }
    Some(secret(kind, from, from + value.find(ends).unwrap_or(value.len())))
}

fn in_address(text: &str, at: usize) -> Option<Secret> {
    let (span, password) = password_in_address(text, at)?;
    let fits = password.len() >= 6 && !stands_for_another(password) && !is_placeholder(password);
    fits.then_some(Secret { what: "a password in an address", span, prefix: 0, known: true })
}

/// The password in `user:password@` of an address that begins at `at`.
pub(super) fn password_in_address(text: &str, at: usize) -> Option<(Span, &str)> {
    let rest = text.get(at..)?;
    let ends = |c: char| c.is_whitespace() || "/?#\"'`".contains(c);
    let authority = rest.get(..rest.find(ends).unwrap_or(rest.len()))?;
    let (user, _) = authority.rsplit_once('@')?;
    let (name, password) = user.split_once(':')?;
    let start = at + name.len() + 1;
    Some((Span::new(start, start + password.len()), password))
}

/// What kind of value a name announces.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Password,
    Other,
}

impl Kind {
    /// Whether a value looks like a credential of this kind.
    fn fits(self, value: &str) -> bool {
        let least = if self == Self::Password { LEAST_OF_PASSWORD } else { LEAST };
        value.len() >= least
            && value.bytes().all(|byte| byte.is_ascii_graphic())
            && !stands_for_another(value)
            && !is_placeholder(value)
            && !is_name(value)
            && (self == Self::Password || is_random(value))
    }
}

fn secret(kind: Kind, start: usize, end: usize) -> Secret {
    let what = if kind == Kind::Password { "a password" } else { "what looks like a credential" };
    Secret { what, span: Span::new(start, end), prefix: 0, known: false }
}

fn kind(name: &str) -> Option<Kind> {
    if name.len() < 3 {
        return None;
    }
    let plain: String =
        name.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect();
    let known = NAMES.iter().find(|known| plain.ends_with(**known))?;
    Some(if matches!(*known, "passwd" | "password" | "pwd" | "passphrase") {
        Kind::Password
    } else {
        Kind::Other
    })
}

/// The length of the scheme of `Authorization` that a value begins with.
pub(super) fn scheme(value: &str) -> usize {
    SCHEMES.iter().find(|scheme| value.starts_with(**scheme)).map_or(0, |scheme| scheme.len())
}

/// A variable, a template, a path, an address or a reference to a store.
fn stands_for_another(value: &str) -> bool {
    value.starts_with(['$', '<', '{', '%', '/', '.', '~', '[', '*', '(', '@', '#'])
        || value.contains("://")
        || value.contains("${")
        || value.contains("$(")
        || value.contains("{{")
        || value.contains('*')
}

/// A value that somebody is to replace, or that stands in documentation.
pub(super) fn is_placeholder(value: &str) -> bool {
    let small = value.to_ascii_lowercase();
    let mut letters: Vec<u8> = small.bytes().filter(u8::is_ascii_alphanumeric).collect();
    letters.sort_unstable();
    letters.dedup();
    letters.len() < 6 || PLACEHOLDERS.iter().any(|word| small.contains(word))
}

/// Words and numbers with something between them: `deploy-bot-2`, `ACCESS_TOKEN`.
fn is_name(value: &str) -> bool {
    let word = |part: &str| {
        let digits = part.bytes().all(|byte| byte.is_ascii_digit());
        let small = part.bytes().skip(1).all(|byte| byte.is_ascii_lowercase());
        let capital = part.bytes().all(|byte| byte.is_ascii_uppercase());
        part.len() <= 14
            && ((digits && part.len() <= 4)
                || ((small || capital) && part.bytes().all(|b| b.is_ascii_alphabetic())))
    };
    value.split(['-', '_', '.', '/', ':']).all(word)
}

/// Letters and digits in a mixture that nobody makes up: three bits and more for each of them.
pub(super) fn is_random(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    let mut counts = [0_u32; 128];
    for byte in value.bytes() {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    let length = f64::from(u32::try_from(value.len()).unwrap_or(u32::MAX));
    let shares = counts.iter().filter(|count| **count > 0).map(|count| f64::from(*count) / length);
    let bits: f64 = shares.map(|share| -share * share.log2()).sum();
    digits >= 2 && letters >= 2 && bits >= 3.0
}
