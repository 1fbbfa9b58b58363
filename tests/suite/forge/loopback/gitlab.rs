//! A GitLab on loopback: repositories in memory, behind the calls that the program makes.

use std::sync::Arc;

use serde_json::{Value, json};

use super::repository::{Commit, Pull, Repository, State, digest};
use super::server::{Asked, Told};

/// The answer of a GitLab that has these repositories.
pub(crate) fn answer(state: &State, asked: &Asked) -> Told {
    if asked.header("authorization") != Some("Bearer token-of-a-test") {
        return Told::json(401, &json!({ "message": "401 Unauthorized" }));
    }
    let body: Value = serde_json::from_str(&asked.body).unwrap_or_default();
    let path = asked.path.strip_prefix("/api/v4/").unwrap();
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let parameter = |name: &str| {
        query
            .split('&')
            .find_map(|pair| pair.strip_prefix(&format!("{name}=")))
            .map(decode)
            .unwrap_or_default()
    };
    let parts: Vec<String> = path.split('/').map(decode).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let mut state = state.lock().unwrap();
    let list = |values: Vec<Value>| {
        let (most, page) =
            (parameter("per_page").parse().unwrap_or(20), parameter("page").parse().unwrap_or(1));
        let is_last = values.len() <= page * most;
        let told = Told::json(200, &values.into_iter().skip((page - 1) * most).take(most).collect());
        let rest = query.split("&page=").next().unwrap();
        let next = format!("<http://elsewhere.test/api/v4/{path}?{rest}&page={}>; rel=\"next\"", page + 1);
        if is_last { told } else { told.with("link", &next) }
    };
    match parts[..] {
        ["groups", group, "projects"] if group != "ada" => {
            let own = state.iter().filter(|(name, _)| name.starts_with(&format!("{group}/")));
            list(own.map(|(name, repository)| project_json(name, repository)).collect())
        }
        ["users", "ada", "projects"] => {
            let own = state.iter().filter(|(name, _)| name.starts_with("ada/"));
            list(own.map(|(name, repository)| project_json(name, repository)).collect())
        }
        ["users"] => match parameter("username").as_str() {
            "stranger" => Told::json(200, &json!([])),
            name => Told::json(200, &json!([{ "id": 7, "username": name }])),
        },
        ["projects", name, ref rest @ ..] => match state.get_mut(name).map(Arc::make_mut) {
            Some(repository) => {
                answer_project(name, repository, &asked.method, rest, &body, &parameter, &list)
            }
            None => missing(),
        },
        _ => missing(),
    }
}

fn missing() -> Told {
    Told::json(404, &json!({ "message": "404 Not Found" }))
}

fn decode(text: &str) -> String {
    text.replace("%2F", "/").replace("%3A", ":").replace("%2E", ".")
}

fn project_json(name: &str, repository: &Repository) -> Value {
    let attributes = repository.properties.iter().map(|(key, value)| json!({ "key": key, "value": value }));
    let branch = repository.branches.contains_key("main").then_some("main");
    json!({ "id": id(name), "path_with_namespace": name, "visibility": "private", "archived": repository.is_archived,
        "topics": repository.topics, "default_branch": branch, "custom_attributes": attributes.collect::<Vec<_>>() })
}

/// A number for a project.
fn id(name: &str) -> u64 {
    name.bytes().fold(1, |id, byte| (id * 31 + u64::from(byte)) % 1_000_000)
}

fn answer_project(
    name: &str,
    repository: &mut Repository,
    method: &str,
    rest: &[&str],
    body: &Value,
    parameter: &dyn Fn(&str) -> String,
    list: &dyn Fn(Vec<Value>) -> Told,
) -> Told {
    let text = |field: &str| body[field].as_str().unwrap().to_owned();
    let commit_json = |id: &String, commit: &Commit| json!({ "id": id, "message": commit.message });
    match (method, rest) {
        ("GET", []) => Told::json(200, &project_json(name, repository)),
        ("GET", ["repository", "commits", "HEAD"]) => match repository.branches.get("main") {
            Some(id) => Told::json(200, &commit_json(id, &repository.commits[id])),
            None => missing(),
        },
        ("GET", ["repository", "tree"]) => {
            let files = &repository.trees[&repository.commits[&parameter("ref")].tree];
            let mut entries = Vec::new();
            for (path, (mode, text)) in files {
                for (cut, _) in path.match_indices('/') {
                    let folder = path.split_at(cut).0;
                    if !entries.iter().any(|entry: &Value| entry["path"] == folder) {
                        entries.push(
                            json!({ "id": digest(folder), "path": folder, "mode": "040000", "type": "tree" }),
                        );
                    }
                }
                let mode = format!("{mode:06o}");
                entries.push(json!({ "id": digest(text), "path": path, "mode": mode, "type": "blob" }));
            }
            list(entries)
        }
        ("GET", ["repository", "blobs", id, "raw"]) => {
            let mut texts = repository.trees.values().flat_map(|files| files.values());
            texts.find(|(_, text)| digest(text) == **id).map_or_else(missing, |(_, text)| raw(text))
        }
        ("GET", ["repository", "files", path, "raw"]) => {
            let files = &repository.trees[&repository.commits[&parameter("ref")].tree];
            files.get(*path).map_or_else(missing, |(_, text)| raw(text))
        }
        ("GET", ["repository", "branches", branch]) => match repository.branches.get(*branch) {
            Some(id) => {
                let commit = commit_json(id, &repository.commits[id]);
                Told::json(200, &json!({ "name": branch, "commit": commit }))
            }
            None => missing(),
        },
        ("DELETE", ["repository", "branches", branch]) => match repository.branches.remove(*branch) {
            Some(_) => Told { status: 204, headers: Vec::new(), body: String::new() },
            None => missing(),
        },
        ("GET", ["repository", "compare"]) => {
            let (from, to) = (repository.branches[&parameter("from")].clone(), parameter("to"));
            let (base, commits) = ahead(repository, &from, &to);
            let (before, after) = (files(repository, &base), files(repository, &to));
            let mut paths: Vec<&String> = before.keys().chain(after.keys()).collect();
            paths.sort();
            paths.dedup();
            let changed = paths.into_iter().filter(|path| before.get(*path) != after.get(*path));
            let diff = |path: &String| json!({ "old_path": path, "new_path": path, "deleted_file": !after.contains_key(path) });
            let commits: Vec<Value> =
                commits.iter().map(|id| commit_json(id, &repository.commits[id])).collect();
            Told::json(200, &json!({ "commits": commits, "diffs": changed.map(diff).collect::<Vec<_>>() }))
        }
        ("POST", ["repository", "commits"]) => {
            let start = text("start_sha");
            assert_eq!(body["force"], true);
            let mut now = files(repository, &start);
            for action in body["actions"].as_array().unwrap() {
                let path = action["file_path"].as_str().unwrap().to_owned();
                match (action["action"].as_str().unwrap(), now.get(&path)) {
                    ("create", None) => {
                        now.insert(path, (0o100_644, action["content"].as_str().unwrap().into()))
                    }
                    ("update", Some((mode, _))) => {
                        let mode = *mode;
                        now.insert(path, (mode, action["content"].as_str().unwrap().into()))
                    }
                    ("delete", Some(_)) => now.remove(&path),
                    _ => {
                        return Told::json(400, &json!({ "message": "A file with this name doesn't exist" }));
                    }
                };
            }
            let tree = repository.keep_tree(now);
            let commit = Commit { tree, message: text("commit_message"), parents: vec![start] };
            let id = repository.keep_commit(commit.clone());
            repository.branches.insert(text("branch"), id.clone());
            Told::json(201, &commit_json(&id, &commit))
        }
        ("GET", ["merge_requests"]) => {
            let (branch, state) = (parameter("source_branch"), parameter("state"));
            let is_asked = |pull: &&Pull| {
                pull.branch == branch && (state == "all" || (state == "opened" && pull.state == "OPEN"))
            };
            list(
                repository
                    .pulls
                    .iter()
                    .rev()
                    .filter(is_asked)
                    .map(|pull| merge_json(name, pull, false))
                    .collect(),
            )
        }
        ("POST", ["merge_requests"]) => {
            let branch = text("source_branch");
            if !repository.branches.contains_key(&branch) {
                return Told::json(400, &json!({ "message": { "source_branch": ["does not exist"] } }));
            }
            let is_same = |pull: &Pull| pull.state == "OPEN" && pull.branch == branch && !pull.is_foreign;
            if repository.pulls.iter().any(is_same) {
                let message = "Another open merge request already exists for this source branch: !1";
                return Told::json(409, &json!({ "message": [message] }));
            }
            let mut pull = Pull {
                number: repository.pulls.len() as u64 + 1,
                branch,
                title: text("title"),
                body: text("description"),
                state: "OPEN",
                is_draft: text("title").starts_with("Draft: "),
                is_foreign: false,
                checks: None,
                labels: Vec::new(),
                reviewers: Vec::new(),
            };
            furnish(&mut pull, body);
            let answer = merge_json(name, &pull, true);
            repository.pulls.push(pull);
            repository.opened += 1;
            Told::json(201, &answer)
        }
        (method, ["merge_requests", number]) => {
            let Some(pull) = repository.pulls.iter_mut().find(|pull| pull.number.to_string() == **number)
            else {
                return missing();
            };
            if method == "PUT" {
                furnish(pull, body);
            }
            Told::json(200, &merge_json(name, pull, true))
        }
        _ => missing(),
    }
}

fn furnish(pull: &mut Pull, body: &Value) {
    if let Some(title) = body["title"].as_str() {
        pull.title = title.into();
    }
    if let Some(text) = body["description"].as_str() {
        pull.body = text.into();
    }
    for labels in [&body["labels"], &body["add_labels"]] {
        for label in labels.as_str().unwrap_or_default().split(',').filter(|label| !label.is_empty()) {
            if !pull.labels.iter().any(|own| own == label) {
                pull.labels.push(label.into());
            }
        }
    }
    if let Some(ids) = body["reviewer_ids"].as_array() {
        pull.reviewers = ids.iter().map(ToString::to_string).collect();
    }
    if body["state_event"] == "close" && pull.state == "OPEN" {
        pull.state = "CLOSED";
    }
}

fn raw(text: &str) -> Told {
    Told { status: 200, headers: vec![("content-type".into(), "text/plain".into())], body: text.into() }
}

fn files(repository: &Repository, commit: &str) -> super::repository::Files {
    repository.trees[&repository.commits[commit].tree].clone()
}

/// Where `to` left `from`, and its commits since, the newest last.
fn ahead(repository: &Repository, from: &str, to: &str) -> (String, Vec<String>) {
    let line = |id: &str| {
        std::iter::successors(Some(id.to_owned()), |id| repository.commits[id].parents.first().cloned())
    };
    let known: Vec<String> = line(from).collect();
    let mut commits: Vec<String> = line(to).take_while(|id| !known.contains(id)).collect();
    let base = line(to).find(|id| known.contains(id)).unwrap();
    commits.reverse();
    (base, commits)
}

fn merge_json(project: &str, pull: &Pull, has_pipeline: bool) -> Value {
    let state = match pull.state {
        "OPEN" => "opened",
        "MERGED" => "merged",
        _ => "closed",
    };
    let status = pull.checks.map(|checks| match checks {
        "SUCCESS" => "success",
        "FAILURE" | "ERROR" => "failed",
        _ => "running",
    });
    let pipeline = status.filter(|_| has_pipeline).map(|status| json!({ "status": status }));
    let source = if pull.is_foreign { 0 } else { id(project) };
    json!({ "iid": pull.number, "web_url": format!("https://gitlab.test/{project}/-/merge_requests/{}", pull.number),
        "state": state, "title": pull.title, "description": pull.body, "source_project_id": source,
        "head_pipeline": pipeline })
}
