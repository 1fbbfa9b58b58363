//! One policy for what coding agents may do, merged into every repository's settings.

pub mod access;
pub mod automaton;
pub mod block;
pub mod bootstrap;
pub mod check;
pub mod cli;
pub mod client;
pub mod files;
pub mod finding;
pub mod frontmatter;
pub mod git;
pub mod glob;
pub mod json;
pub mod path;
pub mod policy;
pub mod project;
pub mod proof;
pub mod report;
pub mod repository;
pub mod rule;
pub mod scopes;
pub mod secret;
pub mod settings;
pub mod shell;
pub mod source;
pub mod text;
