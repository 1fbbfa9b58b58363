//! A GitHub on loopback: repositories in memory, behind the calls that the program makes.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::graphql::{self, Field, Object};
use super::published::Published;
use super::repository::{Commit, Files, Pull, Repository, State, digest};
use super::server::{Asked, Told};

const NOTHING: &str = "0000000000000000000000000000000000000000";
const PREFIX: &str = "/api/v3";

/// The answer of a GitHub that has these repositories.
pub(crate) fn answer(state: &State, asked: &Asked) -> Told {
    let body: Value = serde_json::from_str(&asked.body).unwrap_or_default();
    let (status, answer) = answer_to(state, asked, &body);
    Told::json(status, &answer)
}

fn answer_to(state: &State, asked: &Asked, body: &Value) -> (u16, Value) {
    if asked.header("authorization") != Some("Bearer token-of-a-test") {
        return (
            401,
            json!({ "message": "Bad credentials", "documentation_url": "https://docs.github.com/rest" }),
        );
    }
    if asked.path == "/api/graphql" {
        let at = |node| At { state: Arc::clone(state), node };
        return (200, graphql::answer(body, at(Node::Query), at(Node::Mutation)));
    }
    let path = asked.path.strip_prefix(PREFIX).unwrap_or_default();
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let mut state = state.lock().unwrap();
    let missing =
        || (404, json!({ "message": "Not Found", "documentation_url": "https://docs.github.com/rest" }));
    if let ["orgs", owner, "properties", "values"] = parts[..] {
        return (200, properties(&state, owner, query));
    }
    let ["repos", owner, name, ref rest @ ..] = parts[..] else { return missing() };
    let full = format!("{owner}/{name}");
    let Some(repository) = state.get_mut(&full).map(Arc::make_mut) else { return missing() };
    match (asked.method.as_str(), rest) {
        ("POST", ["git", "trees"]) => make_tree(repository, body),
        ("POST", ["git", "commits"]) => make_commit(repository, body),
        ("GET", ["git", "ref", "heads", branch @ ..]) => {
            let branch = branch.join("/");
            let Some(commit) = repository.branches.get(&branch) else { return missing() };
            let mut found = template("git-ref");
            put(&mut found, "ref", json!(format!("refs/heads/{branch}")));
            put(&mut found, "object", json!({ "type": "commit", "sha": commit, "url": "https://x.dev/c" }));
            (200, found)
        }
        ("GET", ["pulls"]) => {
            let asked = |name: &str| {
                let pair =
                    query.split('&').filter_map(|pair| pair.split_once('=')).find(|pair| pair.0 == name);
                pair.unwrap().1.replace("%2F", "/").replace("%3A", ":")
            };
            let head = asked("head");
            let is_asked = |pull: &&Pull| {
                pull.state == "OPEN" && !pull.is_foreign && format!("{owner}:{}", pull.branch) == head
            };
            let found = repository.pulls.iter().filter(is_asked);
            (200, found.map(|pull| pull_json(pull, "pull-request-simple")).collect())
        }
        ("POST", ["pulls"]) => open_pull(repository, body),
        ("PATCH", ["pulls", number]) => {
            let Some(pull) = repository.pulls.iter_mut().find(|pull| pull.number.to_string() == **number)
            else {
                return missing();
            };
            if let Some(title) = body["title"].as_str() {
                pull.title = title.into();
            }
            if let Some(text) = body["body"].as_str() {
                pull.body = text.into();
            }
            if body["state"] == "closed" && pull.state == "OPEN" {
                pull.state = "CLOSED";
            }
            (200, pull_json(pull, "pull-request"))
        }
        ("POST", ["issues", number, "labels"]) => {
            let Some(pull) = repository.pulls.iter_mut().find(|pull| pull.number.to_string() == **number)
            else {
                return missing();
            };
            for label in body["labels"].as_array().unwrap() {
                let label = label.as_str().unwrap().to_owned();
                if !pull.labels.contains(&label) {
                    pull.labels.push(label);
                }
            }
            let label = |(number, name): (usize, &String)| {
                json!({ "id": number, "node_id": "L", "url": "https://x.dev/l", "name": name, "description": null,
                    "color": "ededed", "default": false })
            };
            (200, pull.labels.iter().enumerate().map(label).collect())
        }
        ("POST", ["pulls", number, "requested_reviewers"]) => {
            let Some(pull) = repository.pulls.iter_mut().find(|pull| pull.number.to_string() == **number)
            else {
                return missing();
            };
            let wanted = ["reviewers", "team_reviewers"].map(|name| body[name].as_array().unwrap().clone());
            let wanted =
                wanted.concat().iter().map(|name| name.as_str().unwrap().to_owned()).collect::<Vec<_>>();
            if wanted.iter().any(|name| name == "stranger") {
                return (422, json!({ "message": "Reviews may only be requested from collaborators." }));
            }
            pull.reviewers = wanted;
            (201, pull_json(pull, "pull-request-simple"))
        }
        _ => missing(),
    }
}

fn properties(state: &BTreeMap<String, Arc<Repository>>, owner: &str, query: &str) -> Value {
    let page: usize = query.rsplit_once("page=").unwrap().1.parse().unwrap();
    let own = state.iter().filter(|(name, _)| name.starts_with(&format!("{owner}/")));
    let values = own.enumerate().map(|(number, (name, repository))| {
        let properties = repository.properties.iter();
        let properties = properties.map(|(name, value)| json!({ "property_name": name, "value": value }));
        json!({ "repository_id": number, "repository_name": name.rsplit('/').next(),
            "repository_full_name": name, "properties": properties.collect::<Vec<_>>() })
    });
    values.skip((page - 1) * 100).take(100).collect()
}

fn make_tree(repository: &mut Repository, body: &Value) -> (u16, Value) {
    let Some(base) = repository.trees.get(body["base_tree"].as_str().unwrap()) else {
        return (422, json!({ "message": "base_tree is not a valid tree oid" }));
    };
    let mut files = base.clone();
    for entry in body["tree"].as_array().unwrap() {
        let path = entry["path"].as_str().unwrap().to_owned();
        match entry["content"].as_str() {
            Some(text) => {
                let mode = u32::from_str_radix(entry["mode"].as_str().unwrap(), 8).unwrap();
                files.insert(path, (mode, text.to_owned()));
            }
            None => {
                assert!(entry["sha"].is_null());
                files.remove(&path);
            }
        }
    }
    let id = repository.keep_tree(files);
    (201, json!({ "sha": id, "url": "https://x.dev/t", "truncated": false, "tree": [] }))
}

fn make_commit(repository: &mut Repository, body: &Value) -> (u16, Value) {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let parents = body["parents"].as_array().unwrap().iter().map(text).collect();
    let commit = Commit { tree: text(&body["tree"]), message: text(&body["message"]), parents };
    let id = repository.keep_commit(commit.clone());
    let mut made = template("git-commit");
    put(&mut made, "sha", json!(id));
    put(&mut made, "message", json!(commit.message));
    (201, made)
}

fn open_pull(repository: &mut Repository, body: &Value) -> (u16, Value) {
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    let invalid = |message: String| {
        let error = json!({ "resource": "PullRequest", "code": "custom", "message": message });
        (422, json!({ "message": "Validation Failed", "errors": [error] }))
    };
    let branch = text("head");
    let (head, base) = (repository.branches.get(&branch), repository.branches.get("main"));
    if head.is_none() || head == base {
        return invalid(format!("No commits between main and {branch}"));
    }
    if repository.pulls.iter().any(|pull| pull.state == "OPEN" && pull.branch == branch && !pull.is_foreign) {
        return invalid(format!("A pull request already exists for acme:{branch}."));
    }
    let pull = Pull {
        number: repository.pulls.len() as u64 + 1,
        branch,
        title: text("title"),
        body: text("body"),
        state: "OPEN",
        is_draft: body["draft"] == true,
        is_foreign: false,
        checks: None,
        labels: Vec::new(),
        reviewers: Vec::new(),
    };
    let answer = pull_json(&pull, "pull-request");
    repository.pulls.push(pull);
    repository.opened += 1;
    (201, answer)
}

fn pull_json(pull: &Pull, kind: &str) -> Value {
    let mut value = template(kind);
    put(&mut value, "number", json!(pull.number));
    put(&mut value, "html_url", json!(format!("https://github.test/pull/{}", pull.number)));
    put(&mut value, "state", json!(if pull.state == "OPEN" { "open" } else { "closed" }));
    put(&mut value, "title", json!(pull.title));
    put(&mut value, "body", json!(pull.body));
    put(&mut value, "draft", json!(pull.is_draft));
    // The published example has a team that the schema does not take.
    put(&mut value, "requested_teams", json!([]));
    value
}

/// An example that GitHub published, so that all that it demands is there; without it, nothing.
fn template(kind: &str) -> Value {
    Published::installed().map_or_else(|| json!({}), |published| published.example(kind))
}

fn put(value: &mut Value, name: &str, new: Value) {
    value.as_object_mut().unwrap().insert(name.to_owned(), new);
}

/// Something that GraphQL asks about.
struct At {
    state: State,
    node: Node,
}

#[derive(Clone)]
enum Node {
    Query,
    Mutation,
    Payload,
    Owner(String),
    Repositories(Vec<String>, Option<String>),
    PageInfo(Option<String>),
    Repository(String),
    Branch(String, String),
    Commit(String, String),
    Tree(String, String, String),
    Entry(String, String, String),
    Blob(String, String, String),
    Pulls(String, Vec<usize>),
    Pull(String, usize),
    PullCommits(String, usize),
    PullCommit(String, usize),
    HeadCommit(String, usize),
    Rollup(&'static str),
    Topics(Vec<String>),
    Topic(String),
    Named(String),
}

impl At {
    fn at(&self, node: Node) -> Self {
        Self { state: Arc::clone(&self.state), node }
    }

    fn repository(&self, name: &str) -> Arc<Repository> {
        Arc::clone(&self.state.lock().unwrap()[name])
    }

    fn update_refs(&self, input: &Value) -> Field<Self> {
        let mut state = self.state.lock().unwrap();
        let repository = Arc::make_mut(
            state.get_mut(input["repositoryId"].as_str().unwrap().trim_start_matches("R_")).unwrap(),
        );
        for update in input["refUpdates"].as_array().unwrap() {
            let name = update["name"].as_str().unwrap().trim_start_matches("refs/heads/").to_owned();
            let now = repository.branches.get(&name).map_or(NOTHING, String::as_str);
            let (before, after) =
                (update["beforeOid"].as_str().unwrap(), update["afterOid"].as_str().unwrap());
            if now != before {
                return Field::Fault("UNPROCESSABLE", format!("Ref cannot be updated: expected {before}"));
            }
            if after == NOTHING {
                repository.branches.remove(&name);
            } else {
                assert!(repository.commits.contains_key(after));
                repository.branches.insert(name.clone(), after.to_owned());
            }
            // As GitHub does: without a difference there is no request.
            let main = repository.branches.get("main").cloned();
            if after == NOTHING || main.as_deref() == Some(after) {
                for pull in &mut repository.pulls {
                    if pull.branch == name && pull.state == "OPEN" && !pull.is_foreign {
                        pull.state = "CLOSED";
                    }
                }
            }
        }
        Field::Object(self.at(Node::Payload))
    }
}

/// The names and modes of what lies directly in a folder.
fn listed(files: &Files, folder: &str) -> Vec<String> {
    let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let below = files.keys().filter_map(|path| path.strip_prefix(&prefix));
    let mut names: Vec<String> =
        below.map(|path| format!("{prefix}{}", path.split('/').next().unwrap())).collect();
    names.dedup();
    names
}

fn is_folder(files: &Files, path: &str) -> bool {
    files.keys().any(|file| file.starts_with(&format!("{path}/")))
}

impl Object for At {
    fn kind(&self) -> &'static str {
        match self.node {
            Node::Query => "Query",
            Node::Mutation => "Mutation",
            Node::Payload => "UpdateRefsPayload",
            Node::Owner(_) => "Organization",
            Node::Repositories(..) => "RepositoryConnection",
            Node::PageInfo(_) => "PageInfo",
            Node::Repository(_) => "Repository",
            Node::Branch(..) => "Ref",
            Node::Commit(..) | Node::HeadCommit(..) => "Commit",
            Node::Tree(..) => "Tree",
            Node::Entry(..) => "TreeEntry",
            Node::Blob(..) => "Blob",
            Node::Pulls(..) => "PullRequestConnection",
            Node::Pull(..) => "PullRequest",
            Node::PullCommits(..) => "PullRequestCommitConnection",
            Node::PullCommit(..) => "PullRequestCommit",
            Node::Rollup(_) => "StatusCheckRollup",
            Node::Topics(_) => "RepositoryTopicConnection",
            Node::Topic(_) => "RepositoryTopic",
            Node::Named(_) => "Named",
        }
    }

    fn interfaces(&self) -> &'static [&'static str] {
        match self.node {
            Node::Commit(..) | Node::Tree(..) | Node::Blob(..) => &["GitObject"],
            Node::Owner(_) => &["RepositoryOwner"],
            _ => &[],
        }
    }

    fn field(&self, field: &str, arguments: &Map<String, Value>) -> Field<Self> {
        let text = |name: &str| arguments[name].as_str().unwrap();
        let value = Field::Value;
        match (&self.node, field) {
            (Node::Query, "repository") => {
                assert_eq!(arguments["followRenames"], false);
                let name = format!("{}/{}", text("owner"), text("name"));
                if self.state.lock().unwrap().contains_key(&name) {
                    Field::Object(self.at(Node::Repository(name)))
                } else {
                    Field::Fault(
                        "NOT_FOUND",
                        format!("Could not resolve to a Repository with the name '{name}'."),
                    )
                }
            }
            (Node::Query, "repositoryOwner") => Field::Object(self.at(Node::Owner(text("login").into()))),
            (Node::Mutation, "updateRefs") => self.update_refs(&arguments["input"]),
            (Node::Payload, "clientMutationId") => value(Value::Null),
            (Node::Owner(owner), "repositories") => {
                let first = arguments["first"].as_u64().unwrap() as usize;
                let after = arguments["after"].as_str().unwrap_or_default().to_owned();
                let state = self.state.lock().unwrap();
                let own =
                    state.keys().filter(|name| name.starts_with(&format!("{owner}/")) && **name > after);
                let mut names: Vec<String> = own.take(first + 1).cloned().collect();
                let has_more = names.len() > first;
                names.truncate(first);
                let next = has_more.then(|| names.last().unwrap().clone());
                Field::Object(self.at(Node::Repositories(names, next)))
            }
            (Node::Repositories(_, next), "pageInfo") => Field::Object(self.at(Node::PageInfo(next.clone()))),
            (Node::Repositories(names, _), "nodes") => {
                Field::List(names.iter().map(|name| self.at(Node::Repository(name.clone()))).collect())
            }
            (Node::PageInfo(next), "hasNextPage") => value(json!(next.is_some())),
            (Node::PageInfo(next), "endCursor") => value(json!(next)),
            (Node::Repository(name), _) => self.repository_field(name, field, arguments),
            (Node::Branch(_, branch), "name") => value(json!(branch)),
            (Node::Branch(name, branch), "target") => {
                let commit = self.repository(name).branches[branch].clone();
                Field::Object(self.at(Node::Commit(name.clone(), commit)))
            }
            (Node::Commit(_, commit), "oid") => value(json!(commit)),
            (Node::Commit(name, commit), "message") => {
                value(json!(self.repository(name).commits[commit].message))
            }
            (Node::Commit(name, commit), "tree") => {
                let tree = self.repository(name).commits[commit].tree.clone();
                Field::Object(self.at(Node::Tree(name.clone(), tree, String::new())))
            }
            (Node::Commit(name, commit), "file") => {
                let repository = self.repository(name);
                let tree = repository.commits[commit].tree.clone();
                let (files, path) = (&repository.trees[&tree], text("path"));
                let is_there = files.contains_key(path) || is_folder(files, path);
                is_there.then(|| self.at(Node::Entry(name.clone(), tree, path.into()))).into()
            }
            (Node::Tree(_, tree, folder), "oid") => value(json!(if folder.is_empty() {
                tree.clone()
            } else {
                digest(&format!("{tree}{folder}"))
            })),
            (Node::Tree(name, tree, folder), "entries") => {
                let files = &self.repository(name).trees[tree];
                let entry = |path: String| self.at(Node::Entry(name.clone(), tree.clone(), path));
                Field::List(listed(files, folder).into_iter().map(entry).collect())
            }
            (Node::Entry(_, _, path), "name") => value(json!(path.rsplit('/').next())),
            (Node::Entry(name, tree, path), "mode") => {
                value(json!(self.repository(name).trees[tree].get(path).map_or(0o040_000, |file| file.0)))
            }
            (Node::Entry(name, tree, path), "oid") => {
                let text = self.repository(name).trees[tree].get(path).map(|file| file.1.clone());
                value(json!(digest(&text.unwrap_or_else(|| format!("{tree}{path}")))))
            }
            (Node::Entry(name, tree, path), "object") => {
                let is_file = self.repository(name).trees[tree].contains_key(path);
                let below = if is_file { Node::Blob } else { Node::Tree };
                Field::Object(self.at(below(name.clone(), tree.clone(), path.clone())))
            }
            (Node::Blob(name, tree, path), _) => {
                let repository = self.repository(name);
                let text = &repository.trees[tree][path].1;
                let is_recoded = repository.recoded.contains(path);
                value(match field {
                    "byteSize" => json!(text.len()),
                    "isBinary" => json!(false),
                    "text" if is_recoded => json!(format!("{text}é")),
                    "text" => json!(text),
                    _ => panic!("{field}"),
                })
            }
            (Node::Pulls(name, numbers), "nodes") => {
                Field::List(numbers.iter().map(|number| self.at(Node::Pull(name.clone(), *number))).collect())
            }
            (Node::Pull(name, number), "commits") => {
                Field::Object(self.at(Node::PullCommits(name.clone(), *number)))
            }
            (Node::Pull(name, number), _) => {
                let pull = &self.repository(name).pulls[*number];
                value(match field {
                    "number" => json!(pull.number),
                    "url" => json!(format!("https://github.test/{name}/pull/{}", pull.number)),
                    "state" => json!(pull.state),
                    "body" => json!(pull.body),
                    "isCrossRepository" => json!(pull.is_foreign),
                    _ => panic!("{field}"),
                })
            }
            (Node::PullCommits(name, number), "nodes") => {
                Field::List(vec![self.at(Node::PullCommit(name.clone(), *number))])
            }
            (Node::PullCommit(name, number), "commit") => {
                Field::Object(self.at(Node::HeadCommit(name.clone(), *number)))
            }
            (Node::HeadCommit(name, number), "statusCheckRollup") => {
                self.repository(name).pulls[*number].checks.map(|state| self.at(Node::Rollup(state))).into()
            }
            (Node::Rollup(state), "state") => value(json!(state)),
            (Node::Topics(topics), "nodes") => {
                Field::List(topics.iter().map(|topic| self.at(Node::Topic(topic.clone()))).collect())
            }
            (Node::Topic(topic), "topic") => Field::Object(self.at(Node::Named(topic.clone()))),
            (Node::Named(name), "name") => value(json!(name)),
            _ => panic!("{}.{field} is not there", self.kind()),
        }
    }
}

impl At {
    fn repository_field(&self, name: &str, field: &str, arguments: &Map<String, Value>) -> Field<Self> {
        let repository = self.repository(name);
        let value = Field::Value;
        match field {
            "id" => value(json!(format!("R_{name}"))),
            "nameWithOwner" => value(json!(name)),
            "visibility" => value(json!("PRIVATE")),
            "isArchived" => value(json!(repository.is_archived)),
            "isFork" | "isLocked" | "isDisabled" => value(json!(false)),
            "isEmpty" => value(json!(repository.branches.is_empty())),
            "primaryLanguage" => Field::Object(self.at(Node::Named("Rust".into()))),
            "repositoryTopics" => Field::Object(self.at(Node::Topics(repository.topics.clone()))),
            "defaultBranchRef" => {
                let main = repository.branches.contains_key("main");
                main.then(|| self.at(Node::Branch(name.into(), "main".into()))).into()
            }
            "object" => {
                let oid = arguments["oid"].as_str().unwrap().to_owned();
                let is_there = repository.commits.contains_key(&oid);
                is_there.then(|| self.at(Node::Commit(name.into(), oid))).into()
            }
            "ref" => {
                let branch = arguments["qualifiedName"].as_str().unwrap().trim_start_matches("refs/heads/");
                let is_there = repository.branches.contains_key(branch);
                is_there.then(|| self.at(Node::Branch(name.into(), branch.into()))).into()
            }
            "pullRequests" => {
                let branch = arguments["headRefName"].as_str().unwrap();
                let first = arguments["first"].as_u64().unwrap() as usize;
                let found = repository.pulls.iter().enumerate().filter(|(_, pull)| pull.branch == branch);
                let numbers = found.map(|(number, _)| number).rev().take(first).collect();
                Field::Object(self.at(Node::Pulls(name.into(), numbers)))
            }
            _ => panic!("Repository.{field} is not there"),
        }
    }
}
