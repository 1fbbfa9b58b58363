//! Where our branch and its merge request stand.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{GitLab, project};
use crate::forge::change::change_of_commit;
use crate::forge::wire::escape;
use crate::forge::{
    Branch, Checks, Error, RepositoryName, Request, RequestState, Standing, Writing, change_of_body,
};

#[derive(Deserialize)]
struct Project {
    id: u64,
    #[serde(default)]
    archived: bool,
    default_branch: Option<String>,
}

#[derive(Deserialize)]
struct BranchFound {
    commit: Commit,
}

#[derive(Deserialize)]
struct Commit {
    id: String,
    message: String,
}

#[derive(Deserialize)]
struct Compared {
    commits: Vec<Commit>,
    diffs: Vec<Diff>,
}

#[derive(Deserialize)]
struct Diff {
    new_path: String,
    #[serde(default)]
    deleted_file: bool,
}

/// A merge request.
#[derive(Deserialize)]
pub(super) struct Merge {
    pub(super) iid: u64,
    web_url: String,
    pub(super) state: String,
    description: Option<String>,
    source_project_id: Option<u64>,
    head_pipeline: Option<Pipeline>,
}

#[derive(Deserialize)]
struct Pipeline {
    status: String,
}

pub(super) fn look(gitlab: &GitLab, name: &RepositoryName, branch: &str) -> Result<Standing, Error> {
    let root = project(name);
    let found: Project = gitlab.get(&root, format!("looking at {name}"))?;
    let request = match newest(gitlab, &root, found.id, branch, "all")? {
        // The list does not tell of pipelines.
        Some(merge) if merge.state == "opened" => {
            let path = format!("{root}/merge_requests/{}", merge.iid);
            Some(gitlab.get::<Merge>(&path, format!("looking at the merge request of {name}"))?)
        }
        merge => merge,
    };
    Ok(Standing {
        id: found.id.to_string(),
        is_frozen: found.archived,
        branch: look_at_branch(gitlab, &root, branch, found.default_branch.as_deref())?,
        request: request.map(Request::from),
    })
}

/// The newest merge request from a branch of the project itself: anybody may open one from a fork whose
/// branch has the name of ours.
pub(super) fn newest(
    gitlab: &GitLab,
    root: &str,
    id: u64,
    branch: &str,
    state: &str,
) -> Result<Option<Merge>, Error> {
    let path = format!(
        "{root}/merge_requests?source_branch={}&state={state}&order_by=created_at&sort=desc",
        escape(branch)
    );
    let (found, _) = gitlab.list::<Merge>(&path, 1, "looking for the merge request")?;
    Ok(found.into_iter().find(|merge| merge.source_project_id == Some(id)))
}

/// A branch is ours where it is one commit ahead of the main branch, and that commit names what it changes
/// as its content.
fn look_at_branch(gitlab: &GitLab, root: &str, branch: &str, main: Option<&str>) -> Result<Branch, Error> {
    let escaped = escape(branch);
    let path = format!("{root}/repository/branches/{escaped}");
    let found = gitlab.find::<BranchFound>(&path, format!("looking at the branch `{branch}`"))?;
    let (Some(BranchFound { commit }), Some(main)) = (found, main) else { return Ok(Branch::Missing) };
    let path = format!("{root}/repository/compare?from={}&to={}", escape(main), commit.id);
    let compared: Compared = gitlab.get(&path, format!("comparing the branch `{branch}`"))?;
    let touched = |why: String| Ok(Branch::Touched { why });
    match compared.commits.as_slice() {
        [only] if only.id == commit.id => {}
        // Nothing would be lost with it: it was merged.
        [] => return Ok(Branch::Ours { commit: commit.id, change: None }),
        commits => return touched(format!("it has {} commits, where ours has one", commits.len())),
    }
    let mut content = Fingerprint::default();
    for diff in &compared.diffs {
        let path = format!("{root}/repository/files/{}/raw?ref={}", escape(&diff.new_path), commit.id);
        let text = match diff.deleted_file {
            true => None,
            false => match gitlab.bytes(&path)? {
                Some(text) => Some(text),
                None => return touched(format!("its `{}` is larger than what we write", diff.new_path)),
            },
        };
        content.add(&diff.new_path, text.as_deref());
    }
    match change_of_commit(&commit.message, &content.finish()) {
        Some(change) => Ok(Branch::Ours { change: Some(change.to_owned()), commit: commit.id }),
        None => touched(format!("its commit {} is not ours", commit.id.get(..10).unwrap_or(&commit.id))),
    }
}

/// What tells the content of a commit: the files that it changes, and what they hold afterwards.
#[derive(Default)]
struct Fingerprint(BTreeMap<String, Option<Vec<u8>>>);

impl Fingerprint {
    fn add(&mut self, path: &str, text: Option<&[u8]>) {
        self.0.insert(path.to_owned(), text.map(<[u8]>::to_vec));
    }

    fn finish(&self) -> String {
        let mut hash = Sha256::new();
        for (path, text) in &self.0 {
            for part in [Some(path.as_bytes()), text.as_deref()] {
                // Lengths keep neighbours apart.
                hash.update(part.map_or(u64::MAX, |part| part.len() as u64).to_le_bytes());
                hash.update(part.unwrap_or_default());
            }
        }
        hash.finalize().iter().take(20).fold(String::new(), |mut hex, byte| {
            // Writing into a text does not fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}

/// What tells the content of a commit that is to be made.
pub(super) fn fingerprint(files: &[Writing]) -> String {
    let mut content = Fingerprint::default();
    for file in files {
        content.add(file.path.as_str(), file.after.as_deref().map(str::as_bytes));
    }
    content.finish()
}

impl From<Merge> for Request {
    fn from(merge: Merge) -> Self {
        let state = match merge.state.as_str() {
            "merged" => RequestState::Merged,
            "closed" => RequestState::Closed,
            // Open, or locked while it is merged.
            _ => RequestState::Open,
        };
        let checks = match merge.head_pipeline.as_ref().map(|pipeline| pipeline.status.as_str()) {
            None | Some("skipped") => Checks::None,
            Some("success") => Checks::Passing,
            Some("failed" | "canceled") => Checks::Failing,
            Some(_) => Checks::Pending,
        };
        let change = merge.description.as_deref().and_then(change_of_body).map(str::to_owned);
        Self { number: merge.iid, url: merge.web_url, state, checks, change }
    }
}
