//! Shell command lines, as the client reads them: into statements, simple commands, words and redirections.
//!
//! INVARIANT: bounded work and memory for any input, and no guess: what the client would not follow is
//! an error or stands as such in the tree, so that the layers above can refuse to allow it.
//!
//! The grammar is that of the client's own parser, which takes some lines that a shell refuses (an `if`
//! without `fi`) and refuses some that a shell takes (observed, 2.1.330).
//!
//! Leaves out what a command does (`client`) and whether it may run (`access`).

mod cursor;
mod fragments;
mod parse;
mod plain;
mod simple;
mod substitution;
mod tree;
mod word;

pub use fragments::fragments;
pub use parse::{is_ambiguous, parse};
pub use plain::plain_words;
pub use tree::{
    Assignment, Compound, For, Join, Kind, Node, Part, RawWord, Redirection, Simple, Statement, Statements,
    Substitution,
};
pub use word::Word;

/// Why a line could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failure {
    /// Where reading ended.
    pub at: usize,
    /// What was wrong.
    pub problem: Problem,
}

/// What can be wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// It is not of the grammar.
    Syntax,
    /// It is nested too deeply.
    Depth,
    /// It has too many parts.
    Size,
}

#[cfg(test)]
mod tests;
