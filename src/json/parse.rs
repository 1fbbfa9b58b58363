//! The parser: strict about what counts as JSON, tolerant about what it can still read.
//!
//! Whatever is not JSON becomes a [`Fault`] with its place, and reading goes on, so that one stray
//! comma does not hide the rest of the file. Time is linear in the length of the text; nesting is
//! bounded by [`MAX_DEPTH`].

use serde_json::Number;

use super::node::{Kind, Member, Node};
use crate::text::Span;

/// Deepest nesting that is read; what lies below is a fault.
pub const MAX_DEPTH: usize = 128;

/// Most faults that are kept for one text; a binary file would give one for each byte.
const MAX_FAULTS: usize = 100;

/// One thing in a text that JSON does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: FaultKind,
}

/// The things that JSON does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// `//` or `/* */`
    Comment,
    /// A comma before a closing bracket.
    TrailingComma,
    /// No comma between two elements.
    MissingComma,
    /// No `:` behind a key.
    MissingColon,
    /// No value where one belongs.
    MissingValue,
    /// A string in single quotes.
    SingleQuotes,
    /// A key without quotes.
    BareKey,
    /// `\x`, or `\u` without four digits.
    BadEscape,
    /// A line break or another control character within a string.
    ControlCharacter,
    /// A string without its closing quote.
    UnclosedString,
    /// `{` or `[` without its end.
    Unclosed,
    /// Not one of `true`, `false` and `null`.
    BadWord,
    /// A number that JSON writes otherwise: `+1`, `.5`, `01`, `0x1F`.
    BadNumber,
    /// A character that means nothing here.
    Unexpected,
    /// More text behind the end of the document.
    TextAfterEnd,
    /// Nesting below [`MAX_DEPTH`].
    TooDeep,
}

impl FaultKind {
    /// The fault in a few words, to stand behind the place.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Comment => "a comment",
            Self::TrailingComma => "a comma before the closing bracket",
            Self::MissingComma => "no comma between two entries",
            Self::MissingColon => "no colon behind a key",
            Self::MissingValue => "no value where one belongs",
            Self::SingleQuotes => "single quotes around a string",
            Self::BareKey => "a key without double quotes",
            Self::BadEscape => "an escape that JSON does not know",
            Self::ControlCharacter => "a line break or control character within a string",
            Self::UnclosedString => "a string without its closing quote",
            Self::Unclosed => "a bracket that is never closed",
            Self::BadWord => "a word that JSON does not know",
            Self::BadNumber => "a number that is not written as JSON writes it",
            Self::Unexpected => "a character that means nothing here",
            Self::TextAfterEnd => "more text behind the end of the document",
            Self::TooDeep => "nesting deeper than 128 levels",
        }
    }
}

/// Reads `text`, which begins at byte `start` (behind a byte order mark). No root where the text is
/// blank or begins with nothing that is a value.
pub(super) fn parse(text: &str, start: usize) -> (Option<Node>, Vec<Fault>) {
    let mut parser = Parser { text, bytes: text.as_bytes(), at: start, faults: Vec::new() };
    parser.skip_blanks();
    if parser.peek().is_none() {
        return (None, parser.faults);
    }
    let root = parser.value(0);
    parser.skip_blanks();
    if parser.peek().is_some() {
        parser.fault(Span::new(parser.at, text.len()), FaultKind::TextAfterEnd);
    }
    parser.faults.sort_by_key(|fault| (fault.span.start, fault.span.end));
    (root, parser.faults)
}

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    faults: Vec<Fault>,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn looking_at(&self, text: &str) -> bool {
        self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(text.as_bytes()))
    }

    fn fault(&mut self, span: Span, kind: FaultKind) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(Fault { span, kind });
        }
    }

    /// Blanks and comments; each comment is a fault.
    fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                Some(b'/') if self.looking_at("//") => {
                    let start = self.at;
                    while self.peek().is_some_and(|b| b != b'\n') {
                        self.at += 1;
                    }
                    self.fault(Span::new(start, self.at), FaultKind::Comment);
                }
                Some(b'/') if self.looking_at("/*") => {
                    let start = self.at;
                    self.at += 2;
                    while self.peek().is_some() && !self.looking_at("*/") {
                        self.at += 1;
                    }
                    self.at = (self.at + 2).min(self.bytes.len());
                    self.fault(Span::new(start, self.at), FaultKind::Comment);
                }
                _ => return,
            }
        }
    }

    /// One value; none where no value begins here, with the fault noted and nothing consumed but
    /// what can be neither a value nor a delimiter.
    fn value(&mut self, depth: usize) -> Option<Node> {
        let start = self.at;
        let kind = match self.peek()? {
            b'{' | b'[' if depth >= MAX_DEPTH => {
                self.fault(Span::new(start, self.bytes.len()), FaultKind::TooDeep);
                self.at = self.bytes.len();
                return None;
            }
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            quote @ (b'"' | b'\'') => Kind::String(self.string(quote)),
            b',' | b':' | b'}' | b']' => {
                self.fault(Span::at(start), FaultKind::MissingValue);
                return None;
            }
            _ => self.scalar()?,
        };
        Some(Node { span: Span::new(start, self.at), kind })
    }

    fn object(&mut self, depth: usize) -> Kind {
        let open = self.at;
        let mut members: Vec<Member> = Vec::new();
        self.at += 1;
        loop {
            self.skip_blanks();
            match self.peek() {
                None => {
                    self.fault(Span::new(open, open + 1), FaultKind::Unclosed);
                    return Kind::Object(members);
                }
                Some(b'}') => {
                    self.at += 1;
                    return Kind::Object(members);
                }
                Some(_) => {}
            }
            let before = self.at;
            if let Some(member) = self.entry(depth) {
                members.push(member);
            }
            self.separator(b'}', before);
        }
    }

    fn entry(&mut self, depth: usize) -> Option<Member> {
        let start = self.at;
        let key = match self.peek()? {
            quote @ (b'"' | b'\'') => self.string(quote),
            b if b.is_ascii_alphabetic() || b == b'_' || b == b'$' => {
                let key = self.word().to_owned();
                self.fault(Span::new(start, self.at), FaultKind::BareKey);
                key
            }
            _ => {
                self.unexpected();
                return None;
            }
        };
        let key_span = Span::new(start, self.at);
        self.skip_blanks();
        if self.peek() == Some(b':') {
            self.at += 1;
        } else {
            self.fault(Span::at(key_span.end), FaultKind::MissingColon);
        }
        self.skip_blanks();
        if self.peek().is_none() {
            self.fault(Span::at(self.at), FaultKind::MissingValue);
        }
        let value = self.value(depth + 1)?;
        Some(Member { key, key_span, value })
    }

    fn array(&mut self, depth: usize) -> Kind {
        let open = self.at;
        let mut items = Vec::new();
        self.at += 1;
        loop {
            self.skip_blanks();
            match self.peek() {
                None => {
                    self.fault(Span::new(open, open + 1), FaultKind::Unclosed);
                    return Kind::Array(items);
                }
                Some(b']') => {
                    self.at += 1;
                    return Kind::Array(items);
                }
                Some(_) => {}
            }
            let before = self.at;
            if let Some(item) = self.value(depth + 1) {
                items.push(item);
            }
            self.separator(b']', before);
        }
    }

    /// What stands between two entries. `before` is where the last entry was begun: when nothing was
    /// consumed since, one character is, so that reading always ends.
    fn separator(&mut self, close: u8, before: usize) {
        self.skip_blanks();
        match self.peek() {
            None => {}
            Some(b) if b == close => {}
            Some(b',') => {
                let comma = Span::new(self.at, self.at + 1);
                self.at += 1;
                self.skip_blanks();
                if self.peek() == Some(close) {
                    self.fault(comma, FaultKind::TrailingComma);
                }
            }
            Some(_) if self.at == before => self.unexpected(),
            Some(b'}' | b']' | b':') => self.unexpected(),
            Some(_) => self.fault(Span::at(self.at), FaultKind::MissingComma),
        }
    }

    fn unexpected(&mut self) {
        let start = self.at;
        let width = self.text.get(start..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
        self.at += width;
        self.fault(Span::new(start, self.at), FaultKind::Unexpected);
    }

    /// Letters, digits and the signs that numbers use.
    fn word(&mut self) -> &str {
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_alphanumeric() || b"_$+-.".contains(&b)) {
            self.at += 1;
        }
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn scalar(&mut self) -> Option<Kind> {
        let start = self.at;
        let word = self.word().to_owned();
        let span = Span::new(start, self.at);
        match word.as_str() {
            "" => {
                self.unexpected();
                None
            }
            "null" => Some(Kind::Null),
            "true" => Some(Kind::Bool(true)),
            "false" => Some(Kind::Bool(false)),
            _ => match number(&word) {
                Some(number) => Some(Kind::Number(number)),
                None => {
                    let numeric = word.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
                    self.fault(span, if numeric { FaultKind::BadNumber } else { FaultKind::BadWord });
                    Some(Kind::Null)
                }
            },
        }
    }

    /// A string that begins at the quote under the cursor.
    fn string(&mut self, quote: u8) -> String {
        let open = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            let start = self.at;
            while self.peek().is_some_and(|b| b != quote && b != b'\\' && b >= b' ') {
                self.at += 1;
            }
            text.push_str(self.text.get(start..self.at).unwrap_or_default());
            match self.peek() {
                Some(b) if b == quote => {
                    self.at += 1;
                    if quote == b'\'' {
                        self.fault(Span::new(open, self.at), FaultKind::SingleQuotes);
                    }
                    return text;
                }
                Some(b'\\') => self.escape(&mut text),
                // A raw line break ends the line's string for a reader: going on would swallow the file.
                Some(b'\n' | b'\r') | None => {
                    self.fault(Span::new(open, self.at), FaultKind::UnclosedString);
                    return text;
                }
                Some(control) => {
                    text.push(char::from(control));
                    self.fault(Span::new(self.at, self.at + 1), FaultKind::ControlCharacter);
                    self.at += 1;
                }
            }
        }
    }

    fn escape(&mut self, text: &mut String) {
        let start = self.at;
        self.at += 1;
        let plain = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                match self.unicode() {
                    Some(c) => text.push(c),
                    None => self.fault(Span::new(start, self.at), FaultKind::BadEscape),
                }
                return;
            }
            _ => {
                self.fault(Span::new(start, self.at), FaultKind::BadEscape);
                return;
            }
        };
        self.at += 1;
        text.push(plain);
    }

    /// The character behind `\u`, a surrogate pair taken together and a lone half as U+FFFD.
    fn unicode(&mut self) -> Option<char> {
        let high = self.hex4()?;
        if !(0xD800..0xDC00).contains(&high) {
            return Some(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let resume = self.at;
        if self.looking_at("\\u") {
            self.at += 2;
            if let Some(low) = self.hex4().filter(|low| (0xDC00..0xE000).contains(low)) {
                let code = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
                return Some(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = resume;
        }
        Some(char::REPLACEMENT_CHARACTER)
    }

    fn hex4(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }
}

/// A number as JSON writes it; one beyond the range of a double counts as its largest, since the
/// client reads `1e999` without complaint.
fn number(word: &str) -> Option<Number> {
    let digits = word.strip_prefix('-').unwrap_or(word);
    let (whole, rest) = digits.split_at(digits.bytes().take_while(u8::is_ascii_digit).count());
    if whole.is_empty() || (whole.len() > 1 && whole.starts_with('0')) {
        return None;
    }
    let rest = match rest.strip_prefix('.') {
        Some(fraction) => {
            let count = fraction.bytes().take_while(u8::is_ascii_digit).count();
            if count == 0 {
                return None;
            }
            fraction.split_at(count).1
        }
        None => rest,
    };
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if exponent.is_empty() || !exponent.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
    } else if !rest.is_empty() {
        return None;
    }
    let integer = word.parse::<i64>().ok().map(Number::from);
    integer.or_else(|| word.parse::<u64>().ok().map(Number::from)).or_else(|| {
        let double = word.parse::<f64>().ok()?;
        Number::from_f64(double.clamp(f64::MIN, f64::MAX))
    })
}
