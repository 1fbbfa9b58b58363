//! What is brought to a repository, and where it stands there.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::snapshot::{Kind, Snapshot};
use crate::check::FileChange;
use crate::path::RepoPath;
use crate::project::Refusal;

/// The line of a commit that names the change that it carries.
const CHANGE: &str = "Bylaws-Change: ";
/// The line of a commit that names its own content, so that a commit that others wrote over is known.
const CONTENT: &str = "Bylaws-Content: ";
/// Before and after the change in the text of a request; readers do not see it.
const MARK: (&str, &str) = ("<!-- bylaws-change: ", " -->");

/// What is to be different in a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    /// What it was made from.
    pub base: Base,
    /// The files to write.
    pub files: Vec<Writing>,
}

/// A change to a repository, and the request that proposes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The branch that carries it: the same for every change of a rollout.
    pub branch: String,
    /// What is to be different.
    pub patch: Patch,
    /// The message of its commit.
    pub message: String,
    /// `Name <address>` of whoever signs it off.
    pub signed_off: Option<String>,
    /// The title of the request.
    pub title: String,
    /// The text of the request, Markdown.
    pub body: String,
    /// Its labels.
    pub labels: Vec<String>,
    /// Who is asked to review it.
    pub reviewers: Vec<String>,
    /// Teams that are asked, by their short names.
    pub team_reviewers: Vec<String>,
    /// Whether it is opened as a draft.
    pub is_draft: bool,
}

/// What a change is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// The main branch.
    pub branch: String,
    /// Its commit when the files were read.
    pub commit: String,
    /// The tree of that commit.
    pub tree: String,
}

/// A file that is written or removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writing {
    /// The file, links followed.
    pub path: RepoPath,
    /// Its mode.
    pub kind: Kind,
    /// Its text when it was read, none where it was missing.
    pub before: Option<String>,
    /// Its new text, none where it goes.
    pub after: Option<String>,
}

impl Writing {
    /// The files of a plan, where they stand in a repository that was read.
    pub fn of_plan(changes: &[FileChange], snapshot: &Snapshot) -> Result<Vec<Self>, (RepoPath, Refusal)> {
        let place = |change: &FileChange| match snapshot.place(&change.path) {
            Ok((path, kind)) => {
                Ok(Self { path, kind, before: change.before.clone(), after: change.after.clone() })
            }
            Err(refusal) => Err((change.path.clone(), refusal)),
        };
        changes.iter().map(place).collect()
    }
}

impl Base {
    /// The commit of a repository that was read.
    pub fn of(snapshot: &Snapshot) -> Self {
        let Snapshot { commit, tree, branch, .. } = snapshot;
        Self { branch: branch.clone(), commit: commit.clone(), tree: tree.clone() }
    }
}

impl Patch {
    /// What tells this change from others: the files before and after. Another base or another text of the
    /// request is not another change.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        let mut add = |text: Option<&str>| {
            // Lengths keep neighbours apart.
            hash.update(text.map_or(u64::MAX, |text| text.len() as u64).to_le_bytes());
            hash.update(text.unwrap_or_default().as_bytes());
        };
        for file in &self.files {
            add(Some(file.path.as_str()));
            add(file.before.as_deref());
            add(file.after.as_deref());
        }
        hash.finalize().iter().take(16).fold(String::new(), |mut hex, byte| {
            // Writing into a text does not fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}

impl Change {
    /// What tells it from others: see [`Patch::digest`].
    pub fn digest(&self) -> String {
        self.patch.digest()
    }

    /// The message of the commit: what we know it by afterwards stands in its last lines. `content` is what
    /// the forge tells the content of a commit by.
    pub(super) fn commit_message(&self, content: &str) -> String {
        let mut message = self.message.trim_end().to_owned();
        message.push_str(&format!("\n\n{CHANGE}{}\n{CONTENT}{content}\n", self.digest()));
        if let Some(name) = &self.signed_off {
            message.push_str(&format!("Signed-off-by: {name}\n"));
        }
        message
    }

    /// The text of the request, with what we know it by afterwards.
    pub(super) fn marked_body(&self) -> String {
        format!("{}\n\n{}{}{}\n", self.body.trim_end(), MARK.0, self.digest(), MARK.1)
    }
}

/// The change that the text of a request says it carries. People may edit the text: what is not in our form
/// is none.
pub fn change_of_body(body: &str) -> Option<&str> {
    let (_, behind) = body.rsplit_once(MARK.0)?;
    let (digest, _) = behind.split_once(MARK.1)?;
    is_digest(digest).then_some(digest)
}

/// The change that a commit of ours carries: none where its message does not name it, or names another
/// content than the commit has.
pub(super) fn change_of_commit<'a>(message: &'a str, content: &str) -> Option<&'a str> {
    let line = |name: &str| message.lines().rev().find_map(|line| line.strip_prefix(name));
    line(CHANGE).filter(|digest| is_digest(digest) && line(CONTENT) == Some(content))
}

fn is_digest(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Where a branch of ours and its request stand in a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// What the forge knows the repository by.
    pub id: String,
    /// Whether it takes no changes: archived, or locked.
    pub is_frozen: bool,
    /// The branch.
    pub branch: Branch,
    /// The newest request from that branch.
    pub request: Option<Request>,
}

/// A branch of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Branch {
    /// There is none.
    Missing,
    /// One commit on the main branch, as we made it.
    Ours {
        /// The commit.
        commit: String,
        /// The change that it carries, none where its commit was merged and it carries nothing more.
        change: Option<String>,
    },
    /// There is a branch of that name that is not, or no longer, as we made it.
    Touched {
        /// What we would not have done.
        why: String,
    },
}

/// A pull or merge request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Its number.
    pub number: u64,
    /// Where people see it.
    pub url: String,
    /// Open, merged or closed.
    pub state: RequestState,
    /// What its checks say.
    pub checks: Checks,
    /// The change that its text names.
    pub change: Option<String>,
}

/// Whether a request is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestState {
    /// It is open.
    Open,
    /// It was merged.
    Merged,
    /// It was closed and not merged.
    Closed,
}

/// What the checks of a request say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checks {
    /// There are none.
    None,
    /// Some have not ended.
    Pending,
    /// All passed.
    Passing,
    /// One failed.
    Failing,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change() -> Change {
        let file = Writing {
            path: RepoPath::new(".claude/settings.json").unwrap(),
            kind: Kind::of_mode(0o100_644),
            before: None,
            after: Some("{}\n".into()),
        };
        Change {
            branch: "bylaws/policy".into(),
            patch: Patch {
                base: Base { branch: "main".into(), commit: "c".into(), tree: "t".into() },
                files: vec![file],
            },
            message: "Bring the agent settings in line".into(),
            signed_off: Some("Ada <ada@acme.dev>".into()),
            title: "Agent settings".into(),
            body: "Why.\n".into(),
            labels: Vec::new(),
            reviewers: Vec::new(),
            team_reviewers: Vec::new(),
            is_draft: false,
        }
    }

    #[test]
    fn a_commit_of_ours_is_known_by_its_own_content() {
        let change = change();
        let message = change.commit_message("abc123");
        assert!(message.ends_with("\nSigned-off-by: Ada <ada@acme.dev>\n"), "{message}");
        assert_eq!(change_of_commit(&message, "abc123"), Some(change.digest().as_str()));
        assert_eq!(change_of_commit(&message, "abc124"), None, "somebody wrote over it");
        assert_eq!(change_of_commit("Fix a typo", "abc123"), None);
    }

    #[test]
    fn a_request_is_known_by_its_text() {
        let change = change();
        assert_eq!(change_of_body(&change.marked_body()), Some(change.digest().as_str()));
        assert_eq!(change_of_body("Why."), None);
        assert_eq!(change_of_body("<!-- bylaws-change: ../../etc -->"), None);
    }

    #[test]
    fn changes_differ_where_files_do_and_nowhere_else() {
        let first = change();
        let mut other = change();
        other.body = "Otherwise.".into();
        other.patch.base.commit = "d".into();
        assert_eq!(first.digest(), other.digest());
        other.patch.files[0].before = Some(String::new());
        assert_ne!(first.digest(), other.digest(), "an empty file is not a missing one");
        other.patch.files[0].after = None;
        assert_ne!(first.digest(), other.digest());
    }
}
