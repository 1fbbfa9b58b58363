//! What words of a command line stand for: letters that a shell takes as they are, letters that it would expand, and
//! what is known only when the line runs.
//!
//! Leaves out files: a pattern stays a pattern here.

use std::collections::HashMap;

/// Most values that are kept of one variable or one word.
pub(super) const MOST_VALUES: usize = 64;

/// Longest word with braces or a pattern in it that is filled in, in letters. No path is longer.
pub(super) const LONGEST_PATTERN: usize = 4_096;

/// One letter of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Glyph {
    /// A letter that means itself unless it is one of a pattern.
    Plain(char),
    /// A letter in quotes.
    Quoted(char),
    /// Text that is known only when the line runs.
    Unknown,
}

/// A word.
pub(super) type Word = Vec<Glyph>;

/// What the line says of its variables: the values that one may have, none where they are not known.
pub(super) type Variables = HashMap<String, Option<Vec<Word>>>;

/// A text without quotes.
pub(super) fn plain(text: &str) -> Word {
    text.chars().map(Glyph::Plain).collect()
}

/// A text in quotes.
pub(super) fn quoted(text: &str) -> Word {
    text.chars().map(Glyph::Quoted).collect()
}

/// The text of a word, where all of it is known; patterns as they are written.
pub(super) fn value(word: &[Glyph]) -> Option<String> {
    word.iter()
        .map(|glyph| match glyph {
            Glyph::Plain(c) | Glyph::Quoted(c) => Some(*c),
            Glyph::Unknown => None,
        })
        .collect()
}

/// Whether a shell would look for files that the word is a pattern of.
pub(super) fn is_pattern(word: &[Glyph]) -> bool {
    word.iter().any(|glyph| matches!(glyph, Glyph::Plain('*' | '?' | '[')))
}

/// What follows the first slash behind everything that is not known: `.env` of `$DIR/.env`.
pub(super) fn tail(word: &[Glyph]) -> Option<Word> {
    let last = word.iter().rposition(|glyph| *glyph == Glyph::Unknown)?;
    let rest = word.get(last + 1..)?;
    let slash = rest.iter().position(|glyph| matches!(glyph, Glyph::Plain('/') | Glyph::Quoted('/')))?;
    rest.get(slash + 1..).filter(|tail| !tail.is_empty()).map(<[Glyph]>::to_vec)
}

/// The words that `{a,b}` makes of one.
pub(super) fn braces(word: &[Glyph]) -> Vec<Word> {
    if word.len() > LONGEST_PATTERN && word.contains(&Glyph::Plain('{')) {
        return vec![vec![Glyph::Unknown]];
    }
    let mut done = Vec::new();
    let mut open = vec![word.to_vec()];
    while let Some(word) = open.pop() {
        if done.len() + open.len() > MOST_VALUES {
            // Too many to name: what stands there is not known.
            return vec![vec![Glyph::Unknown]];
        }
        match brace(&word) {
            Some(words) => open.extend(words.into_iter().rev()),
            None => done.push(word),
        }
    }
    done
}

/// The words that the first `{a,b}` or `{a..b}` makes.
fn brace(word: &[Glyph]) -> Option<Vec<Word>> {
    let mut start = 0;
    while let Some(at) = word.get(start..)?.iter().position(|glyph| *glyph == Glyph::Plain('{')) {
        let from = start + at;
        if let Some((parts, end)) = parts(word, from) {
            let (head, rest) = (word.get(..from)?, word.get(end..)?);
            let made = parts.into_iter().map(|part| [head, &part, rest].concat());
            return Some(made.collect());
        }
        start = from + 1;
    }
    None
}

/// The parts between the braces that open at `from`, and what follows them.
fn parts(word: &[Glyph], from: usize) -> Option<(Vec<Word>, usize)> {
    let mut found: Vec<Word> = Vec::new();
    let mut part = Word::new();
    let mut depth = 0_usize;
    for (at, glyph) in word.iter().enumerate().skip(from + 1) {
        match glyph {
            Glyph::Plain('{') => depth += 1,
            Glyph::Plain('}') if depth > 0 => depth -= 1,
            Glyph::Plain('}') => {
                found.push(part);
                if found.len() == 1 {
                    found = range(found.first()?)?;
                }
                return Some((found, at + 1));
            }
            Glyph::Plain(',') if depth == 0 => {
                found.push(std::mem::take(&mut part));
                continue;
            }
            _ => {}
        }
        part.push(*glyph);
    }
    None
}

/// `a..e`, `1..3`.
fn range(part: &[Glyph]) -> Option<Vec<Word>> {
    let text = value(part)?;
    let (first, last) = text.split_once("..")?;
    if let (Ok(first), Ok(last)) = (first.parse::<i64>(), last.parse::<i64>()) {
        let (low, high) = (first.min(last), first.max(last));
        if high.checked_sub(low)? >= i64::try_from(MOST_VALUES).ok()? {
            return Some(vec![vec![Glyph::Unknown]]);
        }
        return Some((low..=high).map(|number| plain(&number.to_string())).collect());
    }
    let one = |text: &str| {
        let mut chars = text.chars();
        chars.next().filter(|_| chars.next().is_none())
    };
    let (first, last) = (one(first)?, one(last)?);
    let (low, high) = (first.min(last), first.max(last));
    Some((low..=high).take(MOST_VALUES).map(|c| vec![Glyph::Plain(c)]).collect())
}

/// The words that a shell makes of the value of a variable without quotes.
pub(super) fn split(word: &[Glyph]) -> Vec<Word> {
    let blank = |glyph: &Glyph| matches!(glyph, Glyph::Plain(' ' | '\t' | '\n'));
    word.split(blank).filter(|part| !part.is_empty()).map(<[Glyph]>::to_vec).collect()
}

/// `$'…'`, read as bash does.
pub(super) fn ansi(text: &str) -> String {
    let mut plain = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        let Some(kind) = chars.next() else { break };
        let mut number = |radix: u32, most: usize, first: Option<char>| {
            let mut digits: String = first.into_iter().collect();
            while digits.len() < most
                && let Some(digit) = chars.next_if(|c| c.is_digit(radix))
            {
                digits.push(digit);
            }
            u32::from_str_radix(&digits, radix).ok().and_then(char::from_u32)
        };
        match kind {
            'n' => plain.push('\n'),
            't' => plain.push('\t'),
            'r' => plain.push('\r'),
            'a' | 'b' | 'e' | 'E' | 'f' | 'v' => plain.push(' '),
            'x' => plain.extend(number(16, 2, None)),
            'u' => plain.extend(number(16, 4, None)),
            'U' => plain.extend(number(16, 8, None)),
            digit @ '0'..='7' => plain.extend(number(8, 3, Some(digit))),
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_make_words() {
        let made = |text: &str| -> Vec<String> {
            braces(&plain(text)).iter().map(|word| value(word).unwrap_or("?".into())).collect()
        };
        assert_eq!(made("{.env,a}"), [".env", "a"]);
        assert_eq!(made("x{a,{b,c}}y"), ["xay", "xby", "xcy"]);
        assert_eq!(made("f{1..3}"), ["f1", "f2", "f3"]);
        assert_eq!(made("{a}"), ["{a}"]);
        assert_eq!(made("{a"), ["{a"]);
        assert_eq!(made("{1..99999}"), ["?"]);
        assert_eq!(made("{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}"), ["?"]);
    }

    #[test]
    fn escapes_are_read() {
        assert_eq!(ansi(r"\x2eenv"), ".env");
        assert_eq!(ansi(r"\056env\n"), ".env\n");
        assert_eq!(ansi(r"\u002eenv\'"), ".env'");
    }

    #[test]
    fn the_end_of_a_path_is_known_though_its_beginning_is_not() {
        let mut word = vec![Glyph::Unknown];
        word.extend(plain("/.env"));
        assert_eq!(value(&tail(&word).unwrap()).unwrap(), ".env");
        assert_eq!(tail(&plain("a/b")), None);
        assert_eq!(tail(&[Glyph::Unknown]), None);
    }
}
