//! The repositories of an owner, with what GitHub knows of them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::GitHub;
use super::query::Reply;
use crate::forge::{Discovered, Error, Listed, RepositoryName};

/// Most repositories, and most values of properties, that GitHub gives at once.
const PAGE: usize = 100;

const QUERY: &str = "query($owner: String!, $after: String) {
  repositoryOwner(login: $owner) {
    repositories(first: 100, after: $after, ownerAffiliations: [OWNER], orderBy: {field: NAME, direction: ASC}) {
      pageInfo { hasNextPage endCursor }
      nodes {
        nameWithOwner visibility isArchived isFork
        primaryLanguage { name }
        repositoryTopics(first: 100) { nodes { topic { name } } }
      }
    }
  }
}
";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Owners {
    repository_owner: Option<Owner>,
}

#[derive(Deserialize)]
struct Owner {
    repositories: Page,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    page_info: PageInfo,
    #[serde(default)]
    nodes: Vec<Option<Node>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_next_page: bool,
    end_cursor: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    name_with_owner: String,
    visibility: String,
    is_archived: bool,
    is_fork: bool,
    primary_language: Option<Named>,
    repository_topics: Topics,
}

#[derive(Deserialize)]
struct Topics {
    #[serde(default)]
    nodes: Vec<Option<Topic>>,
}

#[derive(Deserialize)]
struct Topic {
    topic: Named,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

/// The custom properties of one repository.
#[derive(Deserialize)]
struct Properties {
    repository_full_name: String,
    properties: Vec<Property>,
}

#[derive(Deserialize)]
struct Property {
    property_name: String,
    value: Value,
}

pub(super) fn discover(github: &GitHub, owner: &str) -> Result<Discovered, Error> {
    let mut found = BTreeMap::new();
    let mut notes = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let what = format!("listing the repositories of {owner}");
        let call = github.graphql(QUERY, json!({ "owner": owner, "after": after }), what.as_str());
        let reply: Reply<Owners> = github.wire.ask(&call)?;
        if let Some(fault) = reply.errors.first() {
            return Err(match fault.kind.as_deref() {
                Some("NOT_FOUND") => Error::Missing { what },
                _ => Error::Refused { what, status: 200, message: fault.message.clone() },
            });
        }
        let Some(owner) = reply.data.and_then(|data| data.repository_owner) else {
            return Err(Error::Missing { what });
        };
        let page = owner.repositories;
        for node in page.nodes.into_iter().flatten() {
            match RepositoryName::new(&node.name_with_owner) {
                Ok(name) => {
                    found.insert(name, facts(node));
                }
                Err(error) => notes.push(format!("left out: {error}")),
            }
        }
        match page.page_info.end_cursor.filter(|_| page.page_info.has_next_page) {
            // A cursor that stays would be asked for without end.
            Some(cursor) if after.as_ref() != Some(&cursor) => after = Some(cursor),
            _ => break,
        }
    }
    if let Err(error) = add_properties(github, owner, &mut found) {
        notes.push(format!("custom properties are not known: {error}"));
    }
    let repositories = found.into_iter().map(|(name, facts)| Listed { name, facts }).collect();
    Ok(Discovered { repositories, notes })
}

fn facts(node: Node) -> BTreeMap<String, Vec<String>> {
    let mut facts = BTreeMap::from([
        ("archived".to_owned(), vec![node.is_archived.to_string()]),
        ("fork".to_owned(), vec![node.is_fork.to_string()]),
        ("visibility".to_owned(), vec![node.visibility.to_lowercase()]),
    ]);
    if let Some(language) = node.primary_language {
        facts.insert("language".to_owned(), vec![language.name.to_lowercase()]);
    }
    let topics: Vec<String> =
        node.repository_topics.nodes.into_iter().flatten().map(|topic| topic.topic.name).collect();
    if !topics.is_empty() {
        facts.insert("topics".to_owned(), topics);
    }
    facts
}

/// Adds the custom properties that the organisation gave its repositories. What GitHub itself knows goes
/// before a property of the same name.
fn add_properties(
    github: &GitHub,
    owner: &str,
    found: &mut BTreeMap<RepositoryName, BTreeMap<String, Vec<String>>>,
) -> Result<(), Error> {
    // An owner that could not stand in a path is none that GitHub has.
    if !owner.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
        return Ok(());
    }
    for page in 1.. {
        let path = format!("/orgs/{owner}/properties/values?per_page={PAGE}&page={page}");
        let call = github.get(&path, format!("reading the custom properties of {owner}"));
        let values: Vec<Properties> = match github.wire.ask(&call) {
            Ok(values) => values,
            // A user has none.
            Err(Error::Missing { .. }) => return Ok(()),
            Err(error) => return Err(error),
        };
        let is_last = values.len() < PAGE;
        for properties in values {
            let name = RepositoryName::new(&properties.repository_full_name);
            let Some(facts) = name.ok().and_then(|name| found.get_mut(&name)) else { continue };
            for property in properties.properties {
                let values = texts(property.value);
                if !values.is_empty() {
                    facts.entry(property.property_name).or_insert(values);
                }
            }
        }
        if is_last {
            break;
        }
    }
    Ok(())
}

/// A property has a text, several, or nothing.
fn texts(value: Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(values) => values.into_iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}
