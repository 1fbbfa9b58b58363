//! What a backslash means in a path pattern.
//!
//! Leaves out classes, in which it stands before members only.

use std::str::Chars;

use super::{Piece, Ranges, fold};

/// What a backslash makes of what is behind it; none where nothing is matched.
///
/// The client hands most escapes on to regular expressions, where letters and digits have a meaning (observed,
/// 2.1.330: `\b`, `\d`, `\w`, `\s` and the control characters; the others as regular expressions of its language
/// have them). At the end of a pattern it stands for itself.
pub(super) fn escaped(rest: &mut Chars<'_>) -> Option<Piece> {
    let before = rest.clone();
    let Some(c) = rest.next() else { return Some(Piece::Char('\\')) };
    Some(match c {
        // The client reads the `?` first and then finds a class that no name fits.
        '?' => return None,
        'n' => Piece::Char('\n'),
        'r' => Piece::Char('\r'),
        't' => Piece::Char('\t'),
        'f' => Piece::Char('\u{c}'),
        'v' => Piece::Char('\u{b}'),
        'b' => Piece::Edge(true),
        'B' => Piece::Edge(false),
        'd' => Piece::Class(DIGITS.into()),
        'D' => Piece::Class(others(DIGITS)),
        'w' => Piece::Class(WORD.into()),
        // The client compares without case: small letters are letters of words, too.
        'W' => Piece::Class(others(&[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')])),
        's' => Piece::Class(BLANK.into()),
        'S' => Piece::Class(others(BLANK)),
        'x' => numbered(rest, 2, 16).map_or(Piece::Char('X'), Piece::Char),
        'u' => numbered(rest, 4, 16).map_or(Piece::Char('U'), Piece::Char),
        'c' => match rest.as_str().bytes().next() {
            Some(letter) if letter.is_ascii_alphabetic() => {
                rest.next();
                Piece::Char(char::from(letter % 32))
            }
            _ => {
                *rest = before;
                Piece::Char('\\')
            }
        },
        '0'..='7' => {
            *rest = before;
            let octal = |length: &usize| {
                rest.as_str().get(..*length).is_some_and(|digits| {
                    digits.bytes().all(|digit| matches!(digit, b'0'..=b'7'))
                        && u32::from_str_radix(digits, 8).is_ok_and(|code| code <= 0o377)
                })
            };
            let length = [3, 2, 1].into_iter().find(octal)?;
            Piece::Char(numbered(rest, length, 8)?)
        }
        c => Piece::Char(fold(c)),
    })
}

const DIGITS: &[(char, char)] = &[('0', '9')];
const WORD: &[(char, char)] = &[('0', '9'), ('A', 'Z'), ('_', '_')];
const BLANK: &[(char, char)] = &[('\t', '\r'), (' ', ' '), ('\u{a0}', '\u{a0}')];

/// The character with the number of so many digits, which are taken; none where there are fewer.
fn numbered(rest: &mut Chars<'_>, length: usize, radix: u32) -> Option<char> {
    let digits = rest.as_str().get(..length).filter(|digits| digits.chars().all(|c| c.is_digit(radix)))?;
    let found = char::from_u32(u32::from_str_radix(digits, radix).ok()?)?;
    rest.nth(length - 1);
    Some(fold(found))
}

/// All characters but these, which are sorted.
fn others(ranges: &[(char, char)]) -> Ranges {
    let mut found = Vec::new();
    let mut from = 0_u32;
    for (first, last) in ranges {
        let before = u32::from(*first).checked_sub(1).filter(|before| from <= *before);
        found.extend(before.and_then(|before| char::from_u32(from).zip(char::from_u32(before))));
        from = u32::from(*last) + 1;
    }
    found.extend(char::from_u32(from).map(|from| (from, char::MAX)));
    found.into()
}

/// Whether a word begins or ends in `name` before `rest`, what is left of it.
pub(super) fn is_edge(name: &str, rest: &str) -> bool {
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
    let before = name.strip_suffix(rest).and_then(|before| before.chars().next_back());
    is_word(before) != is_word(rest.chars().next())
}

/// Whether the last backslash has nothing to escape.
pub(super) fn ends_in_escape(pattern: &str) -> bool {
    pattern.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}
