//! Path patterns in the manner of `.gitignore`, as the client reads them.
//!
//! `*` and `?` stay within one segment, `**` between slashes stands for any number of segments, `[a-z]`
//! is a class. A pattern without a slash inside matches at any depth, all others from the root on. What
//! matches a folder covers everything below it; a pattern that ends in `/` matches folders alone. Case
//! does not count.
//!
//! INVARIANT: matching takes time linear in the path for a given pattern, without recursion.
//!
//! Leaves out where a pattern is anchored and what the client does to its text before.

mod escape;
mod pattern;

use std::str::Chars;

use escape::{ends_in_escape, escaped, is_edge};

/// A pattern for paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathPattern {
    segments: Box<[Segment]>,
    negated: bool,
    /// Only folders match.
    folder: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    /// `**`: any number of segments.
    Deep,
    /// Exactly this name.
    Name(Box<str>),
    /// A name of this form.
    Form(Box<[Piece]>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Char(char),
    /// `?`
    One,
    /// `*`
    Many,
    /// `[a-c]`, also `\d`
    Class(Box<[(char, char)]>),
    /// `\b`: a place where a word begins or ends; `\B` with `false`: one where none does.
    Edge(bool),
}

/// A path made ready for patterns: its segments, without regard to case.
#[derive(Debug, Clone)]
pub struct PathText {
    text: String,
    ends: Vec<usize>,
}

impl PathText {
    /// Takes a normal path, with or without a slash at its beginning.
    pub fn new(path: &str) -> Self {
        let path = path.strip_prefix('/').unwrap_or(path);
        let text: String =
            if path.is_ascii() { path.to_ascii_uppercase() } else { path.chars().map(fold).collect() };
        let mut ends: Vec<usize> =
            text.bytes().enumerate().filter(|(_, byte)| *byte == b'/').map(|(at, _)| at).collect();
        if !text.is_empty() {
            ends.push(text.len());
        }
        Self { text, ends }
    }

    /// How many segments there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The segments as one text, without a slash at its beginning.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether `folder` is this path or a folder above it.
    pub fn starts_with(&self, folder: &Self) -> bool {
        self.text
            .strip_prefix(&*folder.text)
            .is_some_and(|rest| folder.is_empty() || rest.is_empty() || rest.starts_with('/'))
    }

    /// One segment, empty behind the last.
    pub fn segment(&self, at: usize) -> &str {
        let start = match at.checked_sub(1) {
            None => 0,
            Some(before) => self.ends.get(before).map_or(self.text.len(), |end| end + 1),
        };
        let end = self.ends.get(at).copied().unwrap_or(self.text.len());
        self.text.get(start..end).unwrap_or_default()
    }
}

/// A path below a root, a view of a [`PathText`].
#[derive(Debug, Clone, Copy)]
pub struct Below<'a> {
    /// The whole path.
    pub path: &'a PathText,
    /// How many of its segments are those of the root.
    pub skip: usize,
}

impl<'a> Below<'a> {
    /// How many segments there are below the root.
    pub fn len(self) -> usize {
        self.path.len().saturating_sub(self.skip)
    }

    /// Whether this is the root itself.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    fn segment(self, at: usize) -> &'a str {
        self.path.segment(self.skip + at)
    }
}

impl PathPattern {
    /// Reads a pattern; none for one that matches nothing.
    pub fn new(pattern: &str) -> Option<Self> {
        let pattern = without_blank_end(pattern);
        let (negated, pattern) = match pattern.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, pattern),
        };
        if pattern.is_empty() {
            return None;
        }
        let (folder, body) = match pattern.strip_suffix('/') {
            Some(body) => (true, body),
            None => (false, pattern),
        };
        let anchored = body.contains('/');
        let body = body.strip_prefix('/').unwrap_or(body);
        let mut segments = Vec::new();
        if !anchored {
            segments.push(Segment::Deep);
        }
        // A star at the very end is one even when it is escaped (observed, 2.1.330).
        let starred = body.strip_suffix("\\*").filter(|head| !folder && !ends_in_escape(head));
        let starred = starred.map(|head| format!("{head}*"));
        for part in starred.as_deref().unwrap_or(body).split('/') {
            let segment = Segment::new(part, anchored || folder)?;
            if !(segment == Segment::Deep && segments.last() == Some(&Segment::Deep)) {
                segments.push(segment);
            }
        }
        Some(Self { segments: segments.into(), negated, folder })
    }

    /// Whether the pattern takes paths out again (`!x`).
    pub fn is_negated(&self) -> bool {
        self.negated
    }

    /// The name that every match passes through, where the pattern is that name alone, at any depth.
    pub fn lone_name(&self) -> Option<&str> {
        match &*self.segments {
            [Segment::Deep, Segment::Name(name)] if !self.folder => Some(name),
            _ => None,
        }
    }

    /// What follows the last dot in a name that every match passes through, where the pattern is such a name
    /// alone, at any depth: `js` for `*.js`.
    pub fn lone_ending(&self) -> Option<String> {
        let [Segment::Deep, Segment::Form(pieces)] = &*self.segments else { return None };
        let many = pieces.iter().rposition(|piece| !matches!(piece, Piece::Char(_)))?;
        let tail: String = pieces.get(many + 1..)?.iter().filter_map(Piece::as_char).collect();
        tail.rsplit_once('.').map(|(_, ending)| ending.to_owned())
    }

    /// The name below the root in which every match begins.
    pub fn first_name(&self) -> Option<&str> {
        match self.segments.first() {
            Some(Segment::Name(name)) => Some(name),
            _ => None,
        }
    }

    /// Whether the path or a folder above it matches.
    pub fn covers(&self, path: Below<'_>) -> bool {
        self.walk(path, path.len(), false)
    }

    /// Whether exactly the first `length` segments match; they are a folder when more follow.
    pub fn matches(&self, path: Below<'_>, length: usize) -> bool {
        self.walk(path, length, true)
    }

    fn walk(&self, path: Below<'_>, length: usize, exact: bool) -> bool {
        let (mut at, mut place) = (0, 0);
        // Where to go on when the way since the last `**` fails.
        let mut back: Option<(usize, usize)> = None;
        loop {
            let step = match self.segments.get(at) {
                None => {
                    let folder = place < path.len();
                    let fits = place > 0 && (!exact || place == length) && (folder || !self.folder);
                    if fits {
                        return true;
                    }
                    false
                }
                Some(Segment::Deep) if at + 1 == self.segments.len() => {
                    let more = if at == 0 || !self.folder { 1 } else { 0 };
                    return place + more <= length && (!self.folder || place + more < path.len().max(1));
                }
                Some(Segment::Deep) => {
                    at += 1;
                    back = Some((at, place));
                    true
                }
                Some(segment) if place < length && segment.matches(path.segment(place)) => {
                    at += 1;
                    place += 1;
                    true
                }
                Some(_) => false,
            };
            if step {
                continue;
            }
            match back {
                Some((from, start)) if start < length => {
                    at = from;
                    place = start + 1;
                    back = Some((from, start + 1));
                }
                _ => return false,
            }
        }
    }
}

impl Segment {
    fn new(part: &str, between: bool) -> Option<Self> {
        if part == "**" && between {
            return Some(Self::Deep);
        }
        let mut pieces = Vec::new();
        let mut rest = part.chars();
        while let Some(c) = rest.next() {
            let piece = match c {
                '*' if pieces.last() == Some(&Piece::Many) => continue,
                '*' => Piece::Many,
                '?' => Piece::One,
                '\\' => escaped(&mut rest)?,
                '[' => {
                    let (ranges, behind) = class(rest.as_str())?;
                    rest = behind.chars();
                    Piece::Class(ranges)
                }
                c => Piece::Char(fold(c)),
            };
            pieces.push(piece);
        }
        let literal: Option<String> = pieces
            .iter()
            .map(|piece| match piece {
                Piece::Char(c) => Some(*c),
                _ => None,
            })
            .collect();
        Some(match literal {
            Some(name) => Self::Name(name.into()),
            None => Self::Form(pieces.into()),
        })
    }

    fn matches(&self, name: &str) -> bool {
        match self {
            Self::Deep => true,
            Self::Name(expected) => **expected == *name,
            Self::Form(pieces) => form_matches(pieces, name),
        }
    }
}

fn form_matches(pieces: &[Piece], name: &str) -> bool {
    let mut left = pieces;
    let mut rest = name.chars();
    let mut back: Option<(&[Piece], Chars<'_>)> = None;
    loop {
        match left.split_first() {
            None if rest.as_str().is_empty() => return true,
            Some((Piece::Many, [])) => return true,
            Some((Piece::Many, behind)) => {
                back = Some((behind, rest.clone()));
                left = behind;
                continue;
            }
            Some((Piece::Edge(edge), behind)) if is_edge(name, rest.as_str()) == *edge => {
                left = behind;
                continue;
            }
            Some((piece, behind)) => {
                if let Some(c) = rest.next()
                    && piece.matches(c)
                {
                    left = behind;
                    continue;
                }
            }
            None => {}
        }
        let Some((behind, from)) = &mut back else { return false };
        if from.next().is_none() {
            return false;
        }
        left = behind;
        rest = from.clone();
    }
}

impl Piece {
    fn as_char(&self) -> Option<char> {
        match self {
            Self::Char(c) => Some(*c),
            _ => None,
        }
    }

    fn matches(&self, c: char) -> bool {
        match self {
            Self::Char(expected) => *expected == c,
            Self::One | Self::Many => true,
            Self::Edge(_) => false,
            Self::Class(ranges) => {
                let within = |c: char| ranges.iter().any(|(from, to)| *from <= c && c <= *to);
                within(c) || c.to_lowercase().any(within)
            }
        }
    }
}

type Ranges = Box<[(char, char)]>;

/// The class at the beginning of `rest`, behind its `[`, and what follows it. A class is never negated
/// (`[!a]` and `[^a]` are ordinary members); one that has no end or no member matches nothing
/// (observed, 2.1.330).
fn class(rest: &str) -> Option<(Ranges, &str)> {
    let (body, behind) = rest.split_once(']')?;
    if ends_in_escape(body) {
        return None;
    }
    let mut ranges: Vec<(char, char)> = Vec::new();
    let mut chars = body.chars().peekable();
    let mut pending: Option<char> = None;
    while let Some(c) = chars.next() {
        let c = match c {
            '\\' => chars.next()?,
            '-' if pending.is_some() && chars.peek().is_some() => {
                let from = pending.take()?;
                let to = match chars.next()? {
                    '\\' => chars.next()?,
                    to => to,
                };
                if from <= to {
                    ranges.push((from, to));
                }
                continue;
            }
            c => c,
        };
        ranges.extend(pending.replace(c).map(|c| (c, c)));
    }
    ranges.extend(pending.map(|c| (c, c)));
    (!ranges.is_empty()).then_some((ranges.into(), behind))
}

fn without_blank_end(pattern: &str) -> &str {
    let end = pattern.trim_end_matches([' ', '\t', '\r', '\n']);
    match pattern.get(end.len()..).and_then(|blanks| blanks.chars().next()) {
        Some(blank) if ends_in_escape(end) => pattern.get(..end.len() + blank.len_utf8()).unwrap_or(pattern),
        _ => end,
    }
}

/// One letter without its case, as the client compares letters: never across the border of ASCII.
fn fold(c: char) -> char {
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(up), None) if c.is_ascii() || !up.is_ascii() => up,
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(pattern: &str, path: &str) -> bool {
        let text = PathText::new(path);
        PathPattern::new(pattern).is_some_and(|pattern| pattern.covers(Below { path: &text, skip: 0 }))
    }

    #[test]
    fn depth_depends_on_slashes() {
        for (pattern, path, is) in [
            ("x", "a/x/b", true),
            ("/x", "a/x", false),
            ("a/x", "b/a/x", false),
            ("**/x", "x", true),
            ("a/**/b", "a/b", true),
            ("a/**/b", "a/c/d/b/e", true),
            ("a/**/b", "a/c", false),
            ("src/*", "src", false),
            ("src/*", "src/a/b", true),
            ("dir/", "dir", false),
            ("dir/", "dir/a", true),
            ("*.JS", "a/b.js", true),
            ("**", "a", true),
            ("a/**", "a", false),
            ("a**b", "axb", true),
            ("a**b", "a/b", false),
            ("../x", "x", false),
        ] {
            assert_eq!(covers(pattern, path), is, "{pattern} {path}");
        }
    }

    #[test]
    fn segments_have_wildcards_and_classes() {
        for (pattern, path, is) in [
            ("a?c", "abc", true),
            ("a?c", "a/c", false),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", true),
            ("[^a]", "b", false),
            ("[b", "[b", false),
            (r"\[x\]", "[x]", true),
            (r".env\*", ".env.local", true),
            (r"src/\*", "src/a", true),
            (r"a\*c", "abc", false),
            (r"a\*/", "ab/c", false),
            (r"a\b", "a", true),
            (r"a\b", "ab", false),
            (r"a\b.c", "a.c", true),
            (r"a\B*", "ab", true),
            (r"a\B*", "a.b", false),
            (r"a\Dc", "abc", true),
            (r"a\Dc", "a1c", false),
            (r"a\Wc", "a-c", true),
            (r"a\x2d\u0062", "a-b", true),
            (r"a\x", "ax", true),
            (r"a\101", "aa", true),
            (r".env\", r".env\", true),
            ("*.{js,ts}", "a.js", false),
            ("a*b*c", "aXbYc", true),
            ("a*b*c", "aXc", false),
            ("É", "é", true),
        ] {
            assert_eq!(covers(pattern, path), is, "{pattern} {path}");
        }
    }

    #[test]
    fn exact_lengths_serve_lists_with_negation() {
        let text = PathText::new("a/b/c");
        let path = Below { path: &text, skip: 0 };
        let pattern = PathPattern::new("a/*").unwrap();
        assert!(!pattern.matches(path, 1) && pattern.matches(path, 2) && !pattern.matches(path, 3));
    }

    #[test]
    fn hostile_patterns_stay_cheap() {
        let pattern = PathPattern::new(&"*a".repeat(200)).unwrap();
        let text = PathText::new(&"a".repeat(100_000));
        assert!(pattern.covers(Below { path: &text, skip: 0 }));
        let deep = PathPattern::new(&"**/a/".repeat(100)).unwrap();
        let text = PathText::new(&"b/".repeat(50_000));
        assert!(!deep.covers(Below { path: &text, skip: 0 }));
    }
}
