//! The files of a command line: redirections and operands against path rules and working directories, and
//! what `cd` makes of them.

use std::borrow::Cow;

use super::reading::{File, Line, Piece};
use super::words::{OUTPUT, UNKNOWN, in_working_directory};
use super::{Around, candidates, fallback};
use crate::access::operands::{self, Use};
use crate::access::paths::{FileVerdict, joined, normal};
use crate::access::{Mode, RuleId};
use crate::client::Profile;
use crate::shell::Word;

/// What the files of a line say.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// A deny rule covers one.
    pub(super) denied: Option<RuleId>,
    /// One is protected.
    pub(super) protected: bool,
    /// The removal of a folder that always asks.
    pub(super) critical: bool,
    /// The line as a whole asks.
    pub(super) asked: bool,
    /// Whether a command asks for its files, command by command.
    pub(super) asks: Vec<bool>,
}

/// Commands that the client does not run behind a `cd`.
const VERSION_CONTROL: &[&str] = &["git", "hg", "jj", "svn"];

pub(super) fn check(around: Around<'_>, text: &str, line: &Line<'_>, denies_reading: bool) -> Files {
    check_pieces(around, text, &line.pieces, denies_reading)
}

/// What is said of the files of one command, taken for itself.
pub(super) fn check_piece(around: Around<'_>, text: &str, piece: &Piece<'_>, denies_reading: bool) -> Files {
    check_pieces(around, text, std::slice::from_ref(piece), denies_reading)
}

fn check_pieces(around: Around<'_>, text: &str, pieces: &[Piece<'_>], denies_reading: bool) -> Files {
    let mut files = Files::default();
    let mut folder = Cow::Borrowed(around.place.project.as_str());
    let (mut moves, mut controls, mut writes, mut reads) = (0_usize, false, false, false);
    let profile = around.profile;
    for piece in pieces {
        let command = piece.command(text);
        let words = piece.words.get(command.files_start(around.profile)..).unwrap_or_default();
        let name = words.first().and_then(|word| word.value.as_deref()).unwrap_or_default();
        let mut look = Look {
            around,
            text,
            folder: &folder,
            files: &mut files,
            asks: false,
            moved: moves > 0 && profile.follows_cd,
        };
        for file in &piece.files {
            look.redirection(file);
            writes |= file.writes && !(is_null(file) && profile.spares_null_behind_cd);
        }
        if look.asks && !profile.looks_past_redirections {
            files.critical |= removes_critical(around, text, words);
            files.asks.push(true);
            continue;
        }
        let mut entered = None;
        let mut named = false;
        for operand in operands::operands(words, profile.version) {
            let Some(path) = operand.path.as_deref() else {
                look.asks |= operand.used == Use::Write;
                continue;
            };
            match operand.used {
                Use::Read => {
                    reads |= !path.starts_with(['/', '~']);
                    named = true;
                    look.read(operand.word, path);
                    // What is copied counts as written, too, unless the line begins with the bare command
                    // (observed, 2.1.330).
                    let is_bare =
                        name == "cp" && piece.assignments.is_empty() && words.len() == piece.words.len();
                    if !is_bare && candidates::last_name(name) == "cp" {
                        look.write(path);
                    }
                }
                Use::Write => {
                    writes = true;
                    look.write(path);
                }
                Use::Enter => {
                    look.read(operand.word, path);
                    entered = Some(look.absolute(path).into_owned());
                }
            }
        }
        let mut asks = look.asks;
        if !named && searches_here(profile, name, words) {
            reads = true;
            files.denied = files.denied.or_else(|| around.paths.read_denial(around.world, &folder));
        }
        if name == "cd" {
            let to = entered.or_else(|| (words.len() == 1).then(|| around.place.home.clone()));
            asks |= words.len() == 1;
            if to.as_deref() != Some(&*normal(&around.place.project)) {
                moves += 1;
            }
            if let Some(to) = to {
                folder = Cow::Owned(to);
            }
        }
        // With any flag the client does not know what these do.
        asks |= matches!(name, "cp" | "mv") && words.iter().skip(1).any(is_flag);
        controls |= VERSION_CONTROL.contains(&name);
        asks |= WRITING.contains(&name) && words.iter().any(is_runtime);
        files.critical |= removes_critical(around, text, words);
        files.critical |=
            moves > 0 && name == "rm" && words.iter().any(|word| word.value.as_deref() == Some("*"));
        files.asks.push(asks);
    }
    files.asked =
        moves > 1 || (moves > 0 && (controls || writes || (reads && denies_reading && profile.follows_cd)));
    files
}

/// Commands whose words the client wants to know before they write.
const WRITING: &[&str] = &["cp", "mkdir", "mv", "rm", "rmdir", "sed", "tee", "touch"];

fn is_flag(word: &Word<'_>) -> bool {
    word.value.as_deref().is_some_and(|value| value.len() > 1 && value.starts_with('-') && value != "--")
}

fn is_runtime(word: &Word<'_>) -> bool {
    word.value.as_deref().is_some_and(|value| value.contains(UNKNOWN) || value.contains(OUTPUT))
}

/// Whether a command removes a folder that always asks, also as the text that a shell is given.
pub(super) fn removes_critical(around: Around<'_>, text: &str, words: &[Word<'_>]) -> bool {
    if let Some(script) = candidates::script(words).and_then(|word| word.value.as_deref()) {
        return fallback::removes_critical(around, script);
    }
    operands::removes_critical(text, words, around.place)
}

struct Look<'l> {
    around: Around<'l>,
    text: &'l str,
    folder: &'l str,
    files: &'l mut Files,
    asks: bool,
    moved: bool,
}

impl Look<'_> {
    fn absolute<'p>(&self, path: &'p str) -> Cow<'p, str> {
        if path == "~" || path.starts_with("~/") {
            return self.around.place.absolute(path);
        }
        joined(self.folder, path)
    }

    /// A path that the client asks for because it may lead elsewhere than it seems; says whether the client
    /// leaves it at that.
    fn gives_up(&mut self, path: &str) -> bool {
        let unclear = climbs(path) || is_odd(path);
        self.asks |= unclear;
        unclear && !self.around.profile.looks_at_unclear_paths
    }

    fn path<'p>(&self, word: &Word<'_>, path: &'p str) -> Cow<'p, str> {
        let raw = self.text.get(word.span.start..word.span.end).unwrap_or_default();
        in_working_directory(raw, path, self.around.place).map_or(Cow::Borrowed(path), Cow::Owned)
    }

    fn read(&mut self, word: &Word<'_>, path: &str) {
        let written = path;
        let path = self.path(word, path);
        if *path != *written {
            // The client also takes what it puts in for `$PWD` for a name (observed, 2.1.330).
            let shown = self.around.place.absolute(written);
            let denied = self.around.paths.read_denial(self.around.world, &shown);
            self.files.denied = self.files.denied.or(denied);
        }
        let shown = match path.find(['*', '?', '[']) {
            Some(at) => path
                .get(..at)
                .and_then(|head| head.rsplit_once('/'))
                .map_or("", |(folder, _)| if folder.is_empty() { "/" } else { folder }),
            None => &path,
        };
        if self.gives_up(&path) {
            return;
        }
        if shown.is_empty() {
            let denied = self.around.paths.read_denial(self.around.world, self.folder);
            self.files.denied = self.files.denied.or(denied);
            return;
        }
        let (paths, world) = (self.around.paths, self.around.world);
        if self.moved
            && let Some(rule) = paths.read_denial(world, &self.absolute(shown))
        {
            self.files.denied = self.files.denied.or(Some(rule));
        }
        // Where a `cd` leads does not count for what lies inside.
        let absolute = self.around.place.absolute(shown);
        match paths.read_by_command(world, &absolute) {
            FileVerdict::Denied(rule) => self.files.denied = self.files.denied.or(Some(rule)),
            FileVerdict::Inside | FileVerdict::Allowed(_) => {}
            FileVerdict::Outside | FileVerdict::Protected | FileVerdict::Asked(_) => self.asks = true,
        }
    }

    /// What is said of writing a file, behind a `cd` and without it.
    fn written(&self, path: &str) -> FileVerdict {
        let (paths, world) = (self.around.paths, self.around.world);
        if self.moved
            && let denied @ FileVerdict::Denied(_) = paths.write_by_command(world, &self.absolute(path))
        {
            return denied;
        }
        paths.write_by_command(world, &self.around.place.absolute(path))
    }

    /// A file that a command writes.
    fn write(&mut self, path: &str) {
        if path.contains(['*', '?', '[']) {
            self.asks = true;
            return;
        }
        self.asks |= path.contains(['{', '}']);
        if self.gives_up(path) {
            return;
        }
        match self.written(path) {
            FileVerdict::Denied(rule) => self.files.denied = self.files.denied.or(Some(rule)),
            FileVerdict::Protected => self.files.protected = true,
            _ if path.starts_with("//") && self.around.profile.guards_double_slashes => {
                self.files.protected = true;
            }
            FileVerdict::Inside | FileVerdict::Allowed(_) => {}
            FileVerdict::Outside | FileVerdict::Asked(_) => self.outside(path),
        }
    }

    fn redirection(&mut self, file: &File<'_>) {
        let Some(path) = file.word.value.as_deref() else {
            self.asks = true;
            return;
        };
        if is_null(file) {
            return;
        }
        if !file.writes && !self.around.profile.looks_at_input {
            return;
        }
        let path = self.path(&file.word, path);
        if self.gives_up(&path) {
            return;
        }
        if !file.writes {
            if self.moved || path.contains(['*', '?', '[']) {
                self.asks = true;
            }
            self.read(&file.word, &path);
            return;
        }
        if path.contains(['*', '?', '[', '{', '}']) {
            self.asks = true;
            return;
        }
        if path.starts_with('~') {
            // The client asks for every one, and holds it to deny rules all the same (observed, 2.1.330).
            self.asks = true;
            if let FileVerdict::Denied(rule) = self.written(&path) {
                self.files.denied = self.files.denied.or(Some(rule));
            }
            return;
        }
        match self.written(&path) {
            FileVerdict::Denied(rule) => self.files.denied = self.files.denied.or(Some(rule)),
            FileVerdict::Protected => self.files.protected = true,
            FileVerdict::Allowed(_) => {}
            FileVerdict::Inside if self.around.mode == Mode::AcceptEdits => {}
            FileVerdict::Inside => self.asks = true,
            FileVerdict::Outside | FileVerdict::Asked(_) => self.outside(&path),
        }
    }

    /// A file that is written outside of the working directories. Where a link leads out of them, the client
    /// asks even when every command is allowed.
    fn outside(&mut self, path: &str) {
        let absolute = self.around.place.absolute(path);
        self.files.protected |= self.around.paths.leads_out(self.around.world, &absolute);
        self.asks = true;
    }
}

/// Whether a command without operands reads the folder in which it runs.
fn searches_here(profile: &Profile, name: &str, words: &[Word<'_>]) -> bool {
    let recursive = |word: &Word<'_>| {
        word.value.as_deref().is_some_and(|flag| {
            flag == "--recursive"
                || (flag.starts_with('-') && !flag.starts_with("--") && flag.contains(['r', 'R']))
        })
    };
    let searches = |word: &Word<'_>| word.value.as_deref() == Some("grep");
    matches!(name, "ls" | "find" | "rg")
        || (name == "git" && profile.looks_into_git_grep && words.get(1).is_some_and(searches))
        || (name == "grep" && words.iter().any(recursive))
}

fn is_null(file: &File<'_>) -> bool {
    file.word.value.as_deref() == Some("/dev/null")
}

/// Whether the client takes the path for one that a shell could change: `$x`, `~name`.
fn is_odd(path: &str) -> bool {
    (path.contains('$') && !path.contains("$(("))
        || (path.starts_with('~') && path.len() > 1 && !path.starts_with("~/"))
}

/// Whether `..` stands behind a folder, which may be a link.
fn climbs(path: &str) -> bool {
    let mut folder = false;
    path.split('/').any(|name| match name {
        "" | "." => false,
        ".." => folder,
        _ => {
            folder = true;
            false
        }
    })
}

pub(super) fn only_reads(text: &str, words: &[Word<'_>]) -> bool {
    match words.first().and_then(|word| word.value.as_deref()) {
        Some("cd") => {
            words.len() == 1
                || (words.len() == 2
                    && words
                        .get(1)
                        .and_then(|word| word.value.as_deref())
                        .is_some_and(|path| path == "-" || !path.starts_with('-')))
        }
        _ => operands::is_read_only(text, words),
    }
}

/// The line without the redirections of output, as the client compares it as a whole.
pub(super) fn without_redirections(text: &str) -> Cow<'_, str> {
    if !text.contains('>') {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut kept = String::with_capacity(text.len());
    let mut quote: Option<u8> = None;
    let (mut from, mut at) = (0, 0);
    while let Some(byte) = bytes.get(at).copied() {
        match (quote, byte) {
            (None | Some(b'"'), b'\\') => at += 1,
            (Some(open), byte) if open == byte => quote = None,
            (None, b'\'' | b'"') => quote = Some(byte),
            (None, b'>') if bytes.get(at + 1) != Some(&b'(') => {
                let head = text.get(from..at).unwrap_or_default();
                let head = head
                    .trim_end_matches(|c: char| c.is_ascii_digit() || c == '&')
                    .trim_end_matches([' ', '\t']);
                kept.push_str(head);
                let ends =
                    |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'(' | b')');
                let skip = |at: usize, what: &dyn Fn(&u8) -> bool| {
                    bytes
                        .get(at..)
                        .and_then(|rest| rest.iter().position(|byte| !what(byte)))
                        .map_or(bytes.len(), |length| at + length)
                };
                at = skip(at, &|byte| matches!(byte, b'>' | b'|' | b'&'));
                at = skip(at, &|byte| matches!(byte, b' ' | b'\t'));
                at = skip(at, &|byte| !ends(byte));
                from = at;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    kept.push_str(text.get(from..).unwrap_or_default());
    Cow::Owned(kept)
}

/// A pipeline as the client compares it as a whole: without redirections, and with one blank on each side of `|`
/// (observed, 2.1.330).
pub(super) fn piped(text: &str) -> Cow<'_, str> {
    let text = without_redirections(text);
    let bytes = text.as_bytes();
    let mut even = String::with_capacity(text.len() + 8);
    let mut quote: Option<u8> = None;
    let (mut depth, mut from, mut at) = (0_usize, 0, 0);
    while let Some(byte) = bytes.get(at).copied() {
        match (quote, byte) {
            (None | Some(b'"'), b'\\') => at += 1,
            (Some(open), byte) if open == byte => quote = None,
            (None, b'\'' | b'"' | b'`') => quote = Some(byte),
            (None, b'(') => depth += 1,
            (None, b')') => depth = depth.saturating_sub(1),
            (None, b'|') if matches!(bytes.get(at + 1), Some(b'|' | b'&')) => at += 1,
            (None, b'|') if depth == 0 => {
                even.push_str(text.get(from..at).unwrap_or_default().trim_end_matches([' ', '\t', '\n']));
                even.push_str(" | ");
                let behind = text.get(at + 1..).unwrap_or_default();
                at += 1 + behind.len() - behind.trim_start_matches([' ', '\t', '\n']).len();
                from = at;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    if from == 0 {
        return text;
    }
    even.push_str(text.get(from..).unwrap_or_default());
    Cow::Owned(even)
}

/// Signs that the client's parser stumbles over, wherever they stand.
pub(super) fn is_suspicious(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut before = b'\n';
    let mut brace = false;
    let mut quote: Option<u8> = None;
    let mut escaped = false;
    for (at, byte) in bytes.iter().copied().enumerate() {
        let next = bytes.get(at + 1).copied();
        let odd = match byte {
            b'\\' => match next {
                Some(b' ' | b'\t') => true,
                Some(b'\n') => !matches!(before, b' ' | b'\t'),
                _ => false,
            },
            b'~' => next == Some(b'['),
            b'=' => {
                matches!(before, b' ' | b'\t' | b'\n' | b';' | b'&' | b'|')
                    && next.is_some_and(|next| next.is_ascii_alphabetic() || next == b'_')
            }
            0..=8 | 11..=31 | 127 => true,
            _ => false,
        };
        if odd {
            return true;
        }
        if std::mem::take(&mut escaped) {
            before = byte;
            continue;
        }
        match (quote, byte) {
            (None | Some(b'"'), b'\\') => escaped = true,
            (Some(open), byte) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'\'' | b'"') if brace => return true,
            (None, b'\'' | b'"') => quote = Some(byte),
            (None, b'{') => brace = true,
            (None, b'}') => brace = false,
            _ => {}
        }
        before = byte;
    }
    !text.is_ascii()
        && text.chars().any(|c| c.is_whitespace() && !c.is_ascii() || matches!(c, '\u{200b}' | '\u{feff}'))
}

/// The line with one blank around each `&&`, `||` and `|` between its commands, as the client compares it
/// with rules for the whole text.
pub(super) fn spaced<'a>(text: &'a str, line: &Line<'_>) -> Cow<'a, str> {
    let mut spans: Vec<_> = line.pieces.iter().map(|piece: &Piece<'_>| piece.span).collect();
    spans.sort_unstable();
    let mut spaced = String::new();
    let mut from = 0;
    for pair in spans.windows(2) {
        let [one, next] = pair else { continue };
        let gap = text.get(one.end..next.start).unwrap_or_default();
        let operator = gap.trim_matches([' ', '\t']);
        if matches!(operator, "&&" | "||" | "|") {
            spaced.push_str(text.get(from..one.end).unwrap_or_default());
            spaced.push(' ');
            spaced.push_str(operator);
            spaced.push(' ');
            from = next.start;
        }
    }
    if from == 0 {
        return Cow::Borrowed(text);
    }
    spaced.push_str(text.get(from..).unwrap_or_default());
    Cow::Owned(spaced)
}
