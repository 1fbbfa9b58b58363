//! What known commands do with their words: whether they only read, which words are paths that are read
//! or written, and which of them the client lets run on its own when edits are accepted.
//!
//! INVARIANT: a command or flag that was not seen is never taken for one that only reads.

use std::borrow::Cow;

mod edits;
mod flags;
mod forms;
mod paths;

pub(in crate::access) use edits::{edits, removes_critical};

use crate::client::Version;
use crate::client::read_only::{self, Form};
use crate::shell::Word;
use flags::value;

/// What a command does with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::access) enum Use {
    /// Reads it.
    Read,
    /// Writes, makes or removes it.
    Write,
    /// Makes it the working directory.
    Enter,
}

/// A word that is a path.
#[derive(Debug, Clone)]
pub(in crate::access) struct Operand<'a> {
    /// The word.
    pub(in crate::access) word: &'a Word<'a>,
    /// The path, which is the value of the word or the end of it, as in `--file=path`; none where the value
    /// is not known.
    pub(in crate::access) path: Option<Cow<'a, str>>,
    /// What is done with it.
    pub(in crate::access) used: Use,
}

impl<'a> Operand<'a> {
    /// Whether the client does not take the path for one and asks: the value is not known, or looks as if a
    /// shell would expand it, `=x` of zsh included, even in quotes.
    pub(in crate::access) fn is_opaque(&self) -> bool {
        self.path.as_deref().is_none_or(|path| path.starts_with('=') || path.contains(['$', '`']))
    }

    fn of(word: &'a Word<'a>, used: Use) -> Self {
        Self { word, path: word.value.as_deref().map(Cow::Borrowed), used }
    }
}

/// Whether the client runs the command without a rule because it only reads. `words` begin with the
/// command itself; `text` is the command line that their spans speak of.
///
/// The client puts the value of `$HOME` into a command before it looks at the flags, that of `$PWD` it does
/// not. Where the operands lie is looked at elsewhere: `cat /etc/passwd` only reads, too.
pub(in crate::access) fn is_read_only(text: &str, words: &[Word]) -> bool {
    let Some((name, rest)) = words.split_first() else { return false };
    let Some(command) = name.value.as_deref().and_then(read_only::find) else { return false };
    let known = rest.iter().all(|word| word.value.is_some() && (command.globs || !word.glob));
    let expands = |word: &Word| {
        word.expansion && !text.get(word.span.start..word.span.end).is_some_and(|raw| raw.contains("$HOME"))
    };
    let strange = |word: &Word| value(word).contains(['=', '$', '`']);
    // What expands is a riddle to every client: the widest knowledge of paths finds most.
    let opaque = || operands(words, Version::NEWEST).iter().any(Operand::is_opaque);
    known
        && !(rest.iter().any(strange) && opaque())
        && (command.form == Form::Any || !rest.iter().any(expands))
        && forms::only_reads(text, command.name == "git", command.form, rest)
}

/// The paths among the words of a command; none for a command that the client does not know. `words` begin
/// with the command itself. A path may occur twice, read and written.
///
/// The client holds them against the deny rules for Read and Edit, and asks for those outside of the working
/// directories, whatever rule allows the command. Of a path that is read with `*`, `?` or `[` in it, quoted or
/// not, the client checks the folder in front of the first name that holds one (`src/*/x`: `src`); one that is
/// written is held against no deny rule, and asks unless `Bash` as a whole is allowed. A leading `~/` is the
/// home folder even in quotes.
pub(in crate::access) fn operands<'a>(words: &'a [Word<'a>], version: Version) -> Vec<Operand<'a>> {
    let Some((name, rest)) = words.split_first() else { return Vec::new() };
    paths::find(name.value.as_deref().unwrap_or_default(), rest, version)
}

#[cfg(test)]
mod tests;
