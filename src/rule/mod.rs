//! Permission rules: their grammar, what the client makes of them, and how they relate.
//!
//! [`Rule::parse`] never fails: a text that the client would skip is a [`Rule`] with a
//! [`Problem`]. [`implies`] and [`disjoint`] say only what is certain.

mod command;
mod cover;
mod dead;
mod listed;
mod parse;
mod path;
mod problem;
mod relate;

pub use cover::Cover;
pub use dead::{Dead, DeadKind};
pub use listed::rules_in;
pub use parse::{List, Rule};
pub use problem::{Problem, ProblemKind};
pub use relate::{disjoint, implies, may_let_through};
