//! The projects of a group with its subgroups, or of a user.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::GitLab;
use crate::forge::wire::escape;
use crate::forge::{Discovered, Error, Listed, RepositoryName};

/// Most pages of projects: GitLab refuses lists beyond 50,000 entries.
const MOST_PAGES: usize = 500;

#[derive(Deserialize)]
struct Project {
    path_with_namespace: String,
    visibility: Option<String>,
    #[serde(default)]
    archived: bool,
    #[serde(default)]
    topics: Vec<String>,
    forked_from_project: Option<serde::de::IgnoredAny>,
    /// Told to administrators only.
    #[serde(default)]
    custom_attributes: Vec<Attribute>,
}

#[derive(Deserialize)]
struct Attribute {
    key: String,
    value: String,
}

pub(super) fn discover(gitlab: &GitLab, owner: &str) -> Result<Discovered, Error> {
    let what = format!("listing the projects of {owner}");
    let query = "with_custom_attributes=true&order_by=id&sort=asc";
    let group =
        format!("/groups/{}/projects?include_subgroups=true&with_shared=false&{query}", escape(owner));
    let (projects, is_all) = match gitlab.list::<Project>(&group, MOST_PAGES, &what) {
        Err(Error::Missing { .. }) => {
            gitlab.list(&format!("/users/{}/projects?{query}", escape(owner)), MOST_PAGES, &what)?
        }
        found => found?,
    };
    let mut notes = vec!["GitLab's list does not tell the language of a project".to_owned()];
    if !is_all {
        notes.push(format!("there are more projects than the {} that were listed", projects.len()));
    }
    let mut found = BTreeMap::new();
    for project in projects {
        match RepositoryName::new(&project.path_with_namespace) {
            Ok(name) => {
                found.insert(name, facts(project));
            }
            Err(error) => notes.push(format!("left out: {error}")),
        }
    }
    let repositories = found.into_iter().map(|(name, facts)| Listed { name, facts }).collect();
    Ok(Discovered { repositories, notes })
}

fn facts(project: Project) -> BTreeMap<String, Vec<String>> {
    // What GitLab itself knows goes before an attribute of the same name.
    let attributes = project.custom_attributes.into_iter();
    let mut facts: BTreeMap<String, Vec<String>> =
        attributes.map(|attribute| (attribute.key, vec![attribute.value])).collect();
    facts.insert("archived".to_owned(), vec![project.archived.to_string()]);
    facts.insert("fork".to_owned(), vec![project.forked_from_project.is_some().to_string()]);
    facts.extend(project.visibility.map(|visibility| ("visibility".to_owned(), vec![visibility])));
    if !project.topics.is_empty() {
        facts.insert("topics".to_owned(), project.topics);
    }
    facts
}
