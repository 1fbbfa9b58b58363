//! Writing: one call that makes the commit and the branch together, and the merge request.
//!
//! GitLab has no way to move a branch only from where it was seen. It is looked at once more right before,
//! and what is pushed in between is lost from the branch: a moment, where GitHub has none.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::look::{Merge, fingerprint, look, newest};
use super::{GitLab, project};
use crate::forge::wire::{Call, Method, escape};
use crate::forge::{
    Branch, Change, Error, Kind, Proposed, RepositoryName, Request, RequestState, Standing, WritableForge,
    Writing,
};

#[derive(Deserialize)]
struct User {
    id: u64,
}

impl WritableForge for GitLab {
    fn propose(
        &self,
        name: &RepositoryName,
        change: &Change,
        standing: &Standing,
    ) -> Result<Proposed, Error> {
        let digest = change.digest();
        match &standing.branch {
            Branch::Ours { change: Some(carried), .. } if *carried == digest => {}
            seen => {
                require_untouched(self, name, &change.branch, seen)?;
                commit(self, name, change)?;
            }
        }
        let mut notes = Vec::new();
        if !change.team_reviewers.is_empty() {
            notes.push(format!("{name}: GitLab asks people for reviews, not teams"));
        }
        let fields = fields(self, change, &mut notes)?;
        let open = standing.request.as_ref().filter(|request| request.state == RequestState::Open);
        let request = match open {
            Some(request) => renew(self, name, request.number, fields)?,
            None => open_request(self, name, change, &standing.id, fields)?,
        };
        Ok(Proposed { request, notes })
    }

    fn withdraw(&self, name: &RepositoryName, branch: &str, standing: &Standing) -> Result<(), Error> {
        require_untouched(self, name, branch, &standing.branch)?;
        let root = project(name);
        if let Some(request) = standing.request.as_ref().filter(|request| request.state == RequestState::Open)
        {
            let path = format!("{root}/merge_requests/{}", request.number);
            let what = format!("closing the merge request {} of {name}", request.number);
            self.send::<Value>(Method::Put, &path, json!({ "state_event": "close" }), what)?;
        }
        if standing.branch == Branch::Missing {
            return Ok(());
        }
        let path = format!("/api/v4{root}/repository/branches/{}", escape(branch));
        let what = format!("removing the branch `{branch}` of {name}");
        match self.wire.send(&Call { method: Method::Delete, ..Call::get(path, what) }) {
            Err(Error::Missing { .. }) => Ok(()),
            done => done.map(drop),
        }
    }
}

/// Ends it where the branch is not, or no longer, as it was seen, or not ours.
fn require_untouched(
    gitlab: &GitLab,
    name: &RepositoryName,
    branch: &str,
    seen: &Branch,
) -> Result<(), Error> {
    let in_the_way = |reason: String| {
        Err(Error::InTheWay { what: format!("changing the branch `{branch}` of {name}"), reason })
    };
    if let Branch::Touched { why } = seen {
        return in_the_way(why.clone());
    }
    if look(gitlab, name, branch)?.branch != *seen {
        return in_the_way("it changed while the program was at work".to_owned());
    }
    Ok(())
}

/// Makes the commit on top of the one that was read, and the branch of it, whatever the branch was before.
fn commit(gitlab: &GitLab, name: &RepositoryName, change: &Change) -> Result<(), Error> {
    let actions: Vec<Value> = change.patch.files.iter().flat_map(actions).collect();
    let body = json!({
        "branch": change.branch,
        "start_sha": change.patch.base.commit,
        "force": true,
        "commit_message": change.commit_message(&fingerprint(&change.patch.files)),
        "actions": actions,
    });
    let path = format!("{}/repository/commits", project(name));
    gitlab.send::<Value>(Method::Post, &path, body, format!("making the commit of {name}")).map(drop)
}

fn actions(file: &Writing) -> Vec<Value> {
    let path = file.path.as_str();
    match (&file.before, &file.after) {
        (_, None) => vec![json!({ "action": "delete", "file_path": path })],
        (before, Some(text)) => {
            let action = if before.is_some() { "update" } else { "create" };
            let mut actions = vec![json!({ "action": action, "file_path": path, "content": text })];
            if before.is_none() && file.kind == (Kind::File { is_executable: true }) {
                actions.push(json!({ "action": "chmod", "file_path": path, "execute_filemode": true }));
            }
            actions
        }
    }
}

/// What opening and renewing a request have in common.
fn fields(gitlab: &GitLab, change: &Change, notes: &mut Vec<String>) -> Result<Map<String, Value>, Error> {
    let draft = if change.is_draft { "Draft: " } else { "" };
    let mut fields = Map::new();
    fields.insert("title".into(), json!(format!("{draft}{}", change.title)));
    fields.insert("description".into(), json!(change.marked_body()));
    if !change.labels.is_empty() {
        fields.insert("add_labels".into(), json!(change.labels.join(",")));
    }
    let mut reviewers = Vec::new();
    for reviewer in &change.reviewers {
        let path = format!("/users?username={}", escape(reviewer));
        let found: Vec<User> = gitlab.get(&path, format!("looking for the user {reviewer}"))?;
        match found.first() {
            Some(user) => reviewers.push(user.id),
            None => notes.push(format!("there is no user `{reviewer}` to ask for a review")),
        }
    }
    if !reviewers.is_empty() {
        fields.insert("reviewer_ids".into(), json!(reviewers));
    }
    Ok(fields)
}

fn open_request(
    gitlab: &GitLab,
    name: &RepositoryName,
    change: &Change,
    id: &str,
    mut fields: Map<String, Value>,
) -> Result<Request, Error> {
    if let Some(labels) = fields.remove("add_labels") {
        fields.insert("labels".into(), labels);
    }
    fields.insert("source_branch".into(), json!(change.branch));
    fields.insert("target_branch".into(), json!(change.patch.base.branch));
    fields.insert("remove_source_branch".into(), json!(true));
    let root = project(name);
    let what = format!("opening the merge request of {name}");
    let opened = gitlab.send::<Merge>(Method::Post, &format!("{root}/merge_requests"), fields.into(), what);
    match opened {
        Ok(merge) => Ok(merge.into()),
        // An earlier attempt may have opened it while its answer was lost.
        Err(error @ Error::Refused { status: 409, .. }) => {
            let id = id.parse().unwrap_or_default();
            let merge = newest(gitlab, &root, id, &change.branch, "opened")?;
            merge.map(Request::from).ok_or(error)
        }
        Err(error) => Err(error),
    }
}

fn renew(
    gitlab: &GitLab,
    name: &RepositoryName,
    number: u64,
    fields: Map<String, Value>,
) -> Result<Request, Error> {
    let path = format!("{}/merge_requests/{number}", project(name));
    let what = format!("renewing the merge request {number} of {name}");
    gitlab.send::<Merge>(Method::Put, &path, fields.into(), what).map(Request::from)
}
