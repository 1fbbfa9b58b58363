//! The pieces of a line that could not be read: what may be a command in it, for rules that refuse.
//!
//! INVARIANT: never too little for text that a shell would run; it may be too much.

use crate::text::Span;

/// Words in front of a command that are none themselves.
const LEADING_WORDS: &[&str] = &["!", "do", "elif", "else", "if", "then", "until", "while", "{", "}"];

/// Stretches of the text between operators, parentheses and backquotes that no closed quote hides.
pub fn fragments(text: &str) -> Vec<Span> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut start = 0;
    let mut at = 0;
    let mut in_double = false;
    while let Some(byte) = bytes.get(at).copied() {
        match byte {
            b'\\' => at += 1,
            b'\'' if !in_double => {
                if let Some(length) = closed(bytes, at, b'\'') {
                    at += length;
                }
            }
            b'"' if in_double => in_double = false,
            b'"' => in_double = closed(bytes, at, b'"').is_some(),
            b'(' | b'`' | b')' => {
                push(text, start, at, &mut found);
                start = at + 1;
            }
            b';' | b'&' | b'|' | b'\n' if !in_double => {
                push(text, start, at, &mut found);
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    push(text, start, text.len(), &mut found);
    found
}

/// How far the closing quote is.
fn closed(bytes: &[u8], at: usize, quote: u8) -> Option<usize> {
    bytes.get(at + 1..)?.iter().position(|byte| *byte == quote).map(|length| length + 1)
}

fn push(text: &str, start: usize, end: usize, found: &mut Vec<Span>) {
    let Some(mut piece) = text.get(start..end) else { return };
    let mut begin = start;
    loop {
        let trimmed = piece.trim_start();
        begin += piece.len() - trimmed.len();
        piece = trimmed;
        let word = piece.split([' ', '\t']).next().unwrap_or_default();
        if word.is_empty() || !LEADING_WORDS.contains(&word) {
            break;
        }
        begin += word.len();
        piece = piece.get(word.len()..).unwrap_or_default();
    }
    let length = piece.trim_end().len();
    if length > 0 {
        found.push(Span::new(begin, begin + length));
    }
}
