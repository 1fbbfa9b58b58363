//! Where our branch and its request stand, in many repositories at once.

use serde::Deserialize;
use serde_json::json;

use super::GitHub;
use super::query::{Question, ask};
use crate::forge::change::change_of_commit;
use crate::forge::{
    Branch, Checks, Error, RepositoryName, Request, RequestState, Standing, Unread, change_of_body,
};

/// Most repositories that are asked about at once.
const MOST: usize = 100;

const FRAGMENT: &str = "fragment look on Repository {
  id isArchived isLocked isDisabled
  ref(qualifiedName: $ref) { target { oid ... on Commit { message tree { oid } } } }
  pullRequests(headRefName: $branch, first: 10, orderBy: {field: CREATED_AT, direction: DESC}) {
    nodes {
      number url state body isCrossRepository
      commits(last: 1) { nodes { commit { statusCheckRollup { state } } } }
    }
  }
}
";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Seen {
    id: String,
    is_archived: bool,
    is_locked: bool,
    is_disabled: bool,
    #[serde(rename = "ref")]
    branch: Option<Ref>,
    pull_requests: Nodes<Pull>,
}

#[derive(Deserialize)]
struct Nodes<T> {
    #[serde(default = "Vec::new")]
    nodes: Vec<Option<T>>,
}

#[derive(Deserialize)]
struct Ref {
    target: Option<Target>,
}

#[derive(Deserialize)]
struct Target {
    oid: String,
    message: Option<String>,
    tree: Option<Tree>,
}

#[derive(Deserialize)]
struct Tree {
    oid: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pull {
    number: u64,
    url: String,
    state: String,
    body: String,
    is_cross_repository: bool,
    commits: Nodes<PullCommit>,
}

#[derive(Deserialize)]
struct PullCommit {
    commit: Checked,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Checked {
    status_check_rollup: Option<Rollup>,
}

#[derive(Deserialize)]
struct Rollup {
    state: String,
}

pub(super) fn look(
    github: &GitHub,
    names: &[RepositoryName],
    branch: &str,
    each: &mut dyn FnMut(&RepositoryName, Result<Standing, Unread>),
) -> Result<(), Error> {
    let variables = json!({ "ref": format!("refs/heads/{branch}"), "branch": branch });
    let question = Question {
        variables: ("($ref: String!, $branch: String!)", variables),
        selection: &|_| "...look".to_owned(),
        fragments: FRAGMENT,
        purpose: "looking at the requests of",
    };
    ask::<Seen>(github, names, MOST, &question, &mut |name, seen| each(name, seen.map(standing)))
}

fn standing(seen: Seen) -> Standing {
    let pulls = seen.pull_requests.nodes.into_iter().flatten();
    // Anybody may open a request from a fork whose branch has the name of ours.
    let request = pulls.filter(|pull| !pull.is_cross_repository).map(request).next();
    Standing {
        id: seen.id,
        is_frozen: seen.is_archived || seen.is_locked || seen.is_disabled,
        branch: branch(seen.branch),
        request,
    }
}

/// A branch is ours where its last commit names its own tree as its content: a commit on top of it does
/// not, nor does ours once somebody has changed what it carries or what it stands on.
fn branch(found: Option<Ref>) -> Branch {
    let Some(target) = found.and_then(|found| found.target) else { return Branch::Missing };
    let tree = target.tree.map_or_else(String::new, |tree| tree.oid);
    match change_of_commit(target.message.as_deref().unwrap_or_default(), &tree) {
        Some(change) => Branch::Ours { change: Some(change.to_owned()), commit: target.oid },
        None => Branch::Touched { why: format!("its commit {} is not ours", short(&target.oid)) },
    }
}

fn short(oid: &str) -> &str {
    oid.get(..10).unwrap_or(oid)
}

fn request(pull: Pull) -> Request {
    let state = match pull.state.as_str() {
        "MERGED" => RequestState::Merged,
        "CLOSED" => RequestState::Closed,
        _ => RequestState::Open,
    };
    let rollup =
        pull.commits.nodes.into_iter().flatten().next().and_then(|last| last.commit.status_check_rollup);
    let checks = match rollup.as_ref().map(|rollup| rollup.state.as_str()) {
        None => Checks::None,
        Some("SUCCESS") => Checks::Passing,
        Some("FAILURE" | "ERROR") => Checks::Failing,
        Some(_) => Checks::Pending,
    };
    let change = change_of_body(&pull.body).map(str::to_owned);
    Request { number: pull.number, url: pull.url, state, checks, change }
}
