//! Writing: a commit from git objects, a branch that moves only from where it was seen, and the pull request.

use serde::Deserialize;
use serde_json::{Value, json};

use super::GitHub;
use super::query::Reply;
use crate::forge::wire::{Method, escape};
use crate::forge::{
    Branch, Change, Checks, Error, Proposed, RepositoryName, Request, RequestState, Standing, WritableForge,
    change_of_body,
};

/// The object id that stands for "there is none".
const NOTHING: &str = "0000000000000000000000000000000000000000";

/// Moves a branch from one commit to another, and does nothing where it is not at the first.
const MOVE: &str = "mutation($repository: ID!, $name: GitRefname!, $from: GitObjectID!, $to: GitObjectID!) {
  updateRefs(input: {
    repositoryId: $repository, refUpdates: [{name: $name, beforeOid: $from, afterOid: $to, force: true}]
  }) { clientMutationId }
}
";

#[derive(Deserialize)]
struct Object {
    sha: String,
}

#[derive(Deserialize)]
struct Ref {
    object: Object,
}

#[derive(Deserialize)]
struct Pull {
    number: u64,
    html_url: String,
    body: Option<String>,
}

impl From<Pull> for Request {
    fn from(pull: Pull) -> Self {
        let change = pull.body.as_deref().and_then(change_of_body).map(str::to_owned);
        Self {
            number: pull.number,
            url: pull.html_url,
            state: RequestState::Open,
            checks: Checks::None,
            change,
        }
    }
}

impl WritableForge for GitHub {
    fn propose(
        &self,
        name: &RepositoryName,
        change: &Change,
        standing: &Standing,
    ) -> Result<Proposed, Error> {
        let digest = change.digest();
        let from = match &standing.branch {
            Branch::Touched { why } => {
                let what = format!("changing the branch `{}` of {name}", change.branch);
                return Err(Error::InTheWay { what, reason: why.clone() });
            }
            Branch::Ours { change: Some(carried), .. } if *carried == digest => None,
            Branch::Ours { commit, .. } => Some(commit.as_str()),
            Branch::Missing => Some(NOTHING),
        };
        if let Some(from) = from {
            let commit = commit(self, name, change)?;
            move_branch(self, name, &standing.id, &change.branch, from, &commit)?;
        }
        let open = standing.request.as_ref().filter(|request| request.state == RequestState::Open);
        let request = match open {
            Some(request) if request.change.as_ref() == Some(&digest) => request.clone(),
            Some(request) => renew(self, name, request.number, change)?,
            None => open_request(self, name, change)?,
        };
        let notes = furnish(self, name, request.number, change)?;
        Ok(Proposed { request, notes })
    }

    fn withdraw(&self, name: &RepositoryName, branch: &str, standing: &Standing) -> Result<(), Error> {
        let commit = match &standing.branch {
            Branch::Touched { why } => {
                let what = format!("closing the request of {name}");
                return Err(Error::InTheWay { what, reason: why.clone() });
            }
            Branch::Ours { commit, .. } => Some(commit),
            Branch::Missing => None,
        };
        if let Some(request) = standing.request.as_ref().filter(|request| request.state == RequestState::Open)
        {
            let path = format!("/repos/{name}/pulls/{}", request.number);
            let what = format!("closing the request {} of {name}", request.number);
            self.wire.send(&self.send(Method::Patch, &path, json!({ "state": "closed" }), what))?;
        }
        match commit {
            Some(commit) => move_branch(self, name, &standing.id, branch, commit, NOTHING),
            None => Ok(()),
        }
    }
}

/// Makes the commit; it stands in no branch yet.
fn commit(github: &GitHub, name: &RepositoryName, change: &Change) -> Result<String, Error> {
    let entry = |file: &crate::forge::Writing| {
        let mut entry = json!({ "path": file.path.as_str(), "mode": file.kind.mode(), "type": "blob" });
        match (&file.after, entry.as_object_mut()) {
            (Some(text), Some(entry)) => entry.insert("content".into(), Value::from(text.as_str())),
            (None, Some(entry)) => entry.insert("sha".into(), Value::Null),
            (_, None) => None,
        };
        entry
    };
    let entries: Vec<Value> = change.patch.files.iter().map(entry).collect();
    let path = format!("/repos/{name}/git/trees");
    let body = json!({ "base_tree": change.patch.base.tree, "tree": entries });
    let tree: Object =
        github.wire.ask(&github.send(Method::Post, &path, body, format!("writing the files of {name}")))?;
    let path = format!("/repos/{name}/git/commits");
    let message = change.commit_message(&tree.sha);
    let body = json!({ "message": message, "tree": tree.sha, "parents": [change.patch.base.commit] });
    let made: Object =
        github.wire.ask(&github.send(Method::Post, &path, body, format!("making the commit of {name}")))?;
    Ok(made.sha)
}

/// Moves a branch from `from` to `to`. Whoever moved it meanwhile keeps what they did.
fn move_branch(
    github: &GitHub,
    name: &RepositoryName,
    repository: &str,
    branch: &str,
    from: &str,
    to: &str,
) -> Result<(), Error> {
    let what = format!("moving the branch `{branch}` of {name}");
    let variables =
        json!({ "repository": repository, "name": format!("refs/heads/{branch}"), "from": from, "to": to });
    let reply: Reply<Value> = github.wire.ask(&github.graphql(MOVE, variables, what.as_str()))?;
    let Some(fault) = reply.errors.first() else { return Ok(()) };
    // An earlier attempt may have done it while its answer was lost.
    if branch_commit(github, name, branch)?.as_deref().unwrap_or(NOTHING) == to {
        return Ok(());
    }
    Err(Error::InTheWay { what, reason: fault.message.clone() })
}

/// The commit of a branch, none where there is no such branch.
fn branch_commit(github: &GitHub, name: &RepositoryName, branch: &str) -> Result<Option<String>, Error> {
    let path = format!("/repos/{name}/git/ref/heads/{branch}");
    match github.wire.ask::<Ref>(&github.get(&path, format!("looking at the branch `{branch}` of {name}"))) {
        Ok(found) => Ok(Some(found.object.sha)),
        Err(Error::Missing { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn open_request(github: &GitHub, name: &RepositoryName, change: &Change) -> Result<Request, Error> {
    let path = format!("/repos/{name}/pulls");
    let body = json!({
        "title": change.title,
        "head": change.branch,
        "base": change.patch.base.branch,
        "body": change.marked_body(),
        "draft": change.is_draft,
    });
    let what = format!("opening the request of {name}");
    match github.wire.ask::<Pull>(&github.send(Method::Post, &path, body, what.as_str())) {
        Ok(pull) => Ok(pull.into()),
        // An earlier attempt may have opened it while its answer was lost.
        Err(error @ Error::Refused { status: 422, .. }) => match open_pull(github, name, change)? {
            Some(pull) => Ok(pull.into()),
            None => Err(error),
        },
        Err(error) => Err(error),
    }
}

/// The open request from our branch.
fn open_pull(github: &GitHub, name: &RepositoryName, change: &Change) -> Result<Option<Pull>, Error> {
    let (owner, branch, base) = (name.owner(), &change.branch, &change.patch.base.branch);
    let query = format!("head={}&base={}&state=open", escape(&format!("{owner}:{branch}")), escape(base));
    let path = format!("/repos/{name}/pulls?{query}");
    let pulls: Vec<Pull> =
        github.wire.ask(&github.get(&path, format!("looking for the request of {name}")))?;
    Ok(pulls.into_iter().next())
}

fn renew(github: &GitHub, name: &RepositoryName, number: u64, change: &Change) -> Result<Request, Error> {
    let path = format!("/repos/{name}/pulls/{number}");
    let body = json!({ "title": change.title, "body": change.marked_body() });
    let call = github.send(Method::Patch, &path, body, format!("renewing the request {number} of {name}"));
    github.wire.ask::<Pull>(&call).map(Request::from)
}

/// Adds labels and asks for reviews. A request without a reviewer is a request: what GitHub refuses of
/// these is noted.
fn furnish(
    github: &GitHub,
    name: &RepositoryName,
    number: u64,
    change: &Change,
) -> Result<Vec<String>, Error> {
    let mut notes = Vec::new();
    let mut ask = |path: String, body: Value, what: String| match github.wire.send(&github.send(
        Method::Post,
        &path,
        body,
        what,
    )) {
        Err(error @ (Error::Refused { .. } | Error::Forbidden { .. } | Error::Missing { .. })) => {
            notes.push(error.to_string());
            Ok(())
        }
        done => done.map(drop),
    };
    if !change.labels.is_empty() {
        let path = format!("/repos/{name}/issues/{number}/labels");
        ask(path, json!({ "labels": change.labels }), format!("labelling the request {number} of {name}"))?;
    }
    if !change.reviewers.is_empty() || !change.team_reviewers.is_empty() {
        let path = format!("/repos/{name}/pulls/{number}/requested_reviewers");
        let body = json!({ "reviewers": change.reviewers, "team_reviewers": change.team_reviewers });
        ask(path, body, format!("asking for reviews of the request {number} of {name}"))?;
    }
    Ok(notes)
}
