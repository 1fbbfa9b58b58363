//! One GraphQL call about many repositories, each under an alias of its own.
//!
//! INVARIANT: of each name asked for, the caller is told exactly once, or the whole ends in an error.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::GitHub;
use crate::forge::{Error, RepositoryName, Unread};

/// Most attempts at a call before it is made smaller: a gateway that gives up on a long query does so again.
const ATTEMPTS: u32 = 3;

/// What an answer of GraphQL holds.
#[derive(Debug, Deserialize)]
pub(super) struct Reply<T> {
    pub(super) data: Option<T>,
    #[serde(default)]
    pub(super) errors: Vec<Fault>,
}

/// A fault in an answer of GraphQL.
#[derive(Debug, Deserialize)]
pub(super) struct Fault {
    #[serde(default, rename = "type")]
    pub(super) kind: Option<String>,
    #[serde(default)]
    pub(super) message: String,
    /// The alias that it is in, and what comes below.
    #[serde(default)]
    path: Option<Vec<Value>>,
}

impl Fault {
    fn alias(&self) -> Option<&str> {
        self.path.as_ref()?.first()?.as_str()
    }

    /// Whether fewer repositories in one call may do.
    fn is_of_size(&self) -> bool {
        matches!(self.kind.as_deref(), Some("RESOURCE_LIMITS_EXCEEDED" | "MAX_NODE_LIMIT_EXCEEDED"))
            || self.message.starts_with("Something went wrong while executing your query")
    }
}

/// What is asked of each repository.
pub(super) struct Question<'a> {
    /// The variables of the query, as `$branch: String!`, and their values.
    pub(super) variables: (&'a str, Value),
    /// What is selected of a repository, for each.
    pub(super) selection: &'a dyn Fn(&RepositoryName) -> String,
    /// The fragments that the selection uses.
    pub(super) fragments: &'a str,
    /// What it is for; the number of repositories is put behind.
    pub(super) purpose: &'a str,
}

/// Asks the same of many repositories, at most `most` in one call, and fewer where the forge cannot answer.
pub(super) fn ask<T: DeserializeOwned>(
    github: &GitHub,
    names: &[RepositoryName],
    most: usize,
    question: &Question<'_>,
    each: &mut dyn FnMut(&RepositoryName, Result<T, Unread>),
) -> Result<(), Error> {
    let mut waiting: Vec<&[RepositoryName]> = names.chunks(most.max(1)).rev().collect();
    while let Some(batch) = waiting.pop() {
        let reply = match ask_once(github, batch, question) {
            Ok(reply) => reply,
            Err(Error::Lost { .. } | Error::TooLarge { .. }) if batch.len() > 1 => {
                halve(batch, &mut waiting);
                continue;
            }
            Err(Error::TooLarge { .. }) => {
                let why = "its files are larger than what is read".to_owned();
                batch.iter().for_each(|name| each(name, Err(Unread::Refused(why.clone()))));
                continue;
            }
            Err(error) => return Err(error),
        };
        let is_too_large = reply.errors.iter().any(Fault::is_of_size);
        if is_too_large && batch.len() > 1 {
            halve(batch, &mut waiting);
            continue;
        }
        let Some(mut data) = reply.data else {
            let message = reply.errors.first().map_or("nothing", |fault| fault.message.as_str()).to_owned();
            if let ([name], true) = (batch, is_too_large) {
                each(name, Err(Unread::Refused(message)));
                continue;
            }
            return Err(Error::Refused { what: purpose(question, batch), status: 200, message });
        };
        let faults: BTreeMap<&str, &Fault> =
            reply.errors.iter().filter_map(|fault| Some((fault.alias()?, fault))).collect();
        for (number, name) in batch.iter().enumerate() {
            let alias = alias(number);
            let value = data.remove(&alias).unwrap_or_default();
            each(name, answer_of(github, question, name, value, faults.get(alias.as_str()).copied())?);
        }
    }
    Ok(())
}

fn halve<'a>(batch: &'a [RepositoryName], waiting: &mut Vec<&'a [RepositoryName]>) {
    let (first, second) = batch.split_at(batch.len() / 2);
    waiting.extend([second, first]);
}

fn answer_of<T: DeserializeOwned>(
    github: &GitHub,
    question: &Question<'_>,
    name: &RepositoryName,
    value: Value,
    fault: Option<&Fault>,
) -> Result<Result<T, Unread>, Error> {
    match fault {
        Some(fault) if fault.kind.as_deref() == Some("NOT_FOUND") && value.is_null() => {
            Ok(Err(Unread::Missing))
        }
        // A part that failed may be the one that matters.
        Some(fault) => Ok(Err(Unread::Refused(fault.message.clone()))),
        None if value.is_null() => Ok(Err(Unread::Missing)),
        None => serde_json::from_value(value).map(Ok).map_err(|error| Error::NotUnderstood {
            host: github.wire.host().to_owned(),
            what: format!("{} ({name})", question.purpose),
            reason: error.to_string(),
        }),
    }
}

fn ask_once(
    github: &GitHub,
    names: &[RepositoryName],
    question: &Question<'_>,
) -> Result<Reply<Map<String, Value>>, Error> {
    let (declared, values) = &question.variables;
    let mut query = format!("query{declared} {{\n");
    for (number, name) in names.iter().enumerate() {
        // Names hold nothing that would end the text; whoever took over a name that was given up is not
        // followed.
        query.push_str(&format!(
            "  {}: repository(owner: \"{}\", name: \"{}\", followRenames: false) {{ {} }}\n",
            alias(number),
            name.owner(),
            name.name(),
            (question.selection)(name),
        ));
    }
    query.push_str("}\n");
    query.push_str(question.fragments);
    let call = github.graphql(&query, values.clone(), purpose(question, names)).attempts(ATTEMPTS);
    github.wire.ask(&call)
}

fn purpose(question: &Question<'_>, names: &[RepositoryName]) -> String {
    match names {
        [name] => format!("{} {name}", question.purpose),
        names => format!("{} {} repositories", question.purpose, names.len()),
    }
}

fn alias(number: usize) -> String {
    format!("r{number}")
}
