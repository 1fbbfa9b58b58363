//! One repository: its projects, each held against the policy that is asked for or that its lock pins.
//!
//! This is the one way from a folder to findings; every command and the fleet use it. A [`Checker`] may be
//! shared between threads.

mod policies;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::check::{self, Context, Plan};
use crate::files::{self, Located};
use crate::finding::{Finding, Severity};
use crate::forge::Snapshot;
use crate::git::{self, Commit};
use crate::path::RepoPath;
use crate::policy::{Baseline, Day, Facts, Policy, Weight};
use crate::project::{Content, Found, LOCK, Lock, Pin, Project, Refusal, Surroundings};
use crate::source::{self, Access, PolicySource};
use policies::{OpenPolicy, Policies};

/// What is asked of a repository.
#[derive(Debug, Clone)]
pub struct Question {
    /// The policy, where it is not the one that the lock pins.
    pub policy: Option<PolicySource>,
    /// How locks name that policy, where it is a copy of what they pin.
    pub pinned_as: Option<String>,
    /// Whether the newest state of the policy is meant, not the pinned one.
    pub newest: bool,
    /// Whether rules that are proved to decide nothing are to go.
    pub tidy: bool,
    /// Facts that go before those of the inventory.
    pub facts: Facts,
    /// Weights of single checks that go before those of the policy.
    pub weights: BTreeMap<String, Weight>,
    /// The day.
    pub today: Day,
    /// How policies are brought here.
    pub access: Access,
}

/// What keeps a repository from being checked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The disk.
    #[error(transparent)]
    Files(#[from] files::Error),
    /// Git.
    #[error(transparent)]
    Git(#[from] git::Error),
    /// The policy cannot be brought here.
    #[error("cannot open the policy: {0}")]
    Source(#[from] source::Error),
    /// Nobody says which policy is meant.
    #[error("no policy is named, and `{}` pins none", path.display())]
    NoPolicy {
        /// The lock that is missing or says nothing.
        path: PathBuf,
    },
    /// The lock that should name the policy cannot be read.
    #[error("{}: {message}", path.display())]
    Lock {
        /// The lock.
        path: PathBuf,
        /// What is the matter.
        message: String,
        /// What to do.
        help: &'static str,
    },
    /// The policy has errors.
    #[error("the policy `{name}` has errors")]
    Policy {
        /// The policy.
        name: String,
        /// The errors.
        findings: Vec<Finding>,
    },
}

/// A project, what is asked of it, and what was found.
#[derive(Debug)]
pub struct Held {
    /// The project.
    pub project: Project,
    /// What stands around the projects of its repository.
    pub around: Arc<Surroundings>,
    /// What is asked of it.
    pub baseline: Arc<Baseline>,
    /// The pin that its lock would hold.
    pub pin: Pin,
    /// The day.
    pub today: Day,
    /// What was found.
    pub findings: Vec<Finding>,
    open: Arc<OpenPolicy>,
}

impl Held {
    /// The policy.
    pub fn policy(&self) -> &Policy {
        &self.open.policy
    }

    /// A digest of all files of the policy and of what findings weigh.
    pub fn policy_digest(&self) -> &str {
        &self.open.digest
    }

    /// What findings of this check weigh, where policy or question say another thing than the check.
    pub fn weight(&self, check: &str) -> Option<Weight> {
        self.open.weights.get(check).copied()
    }

    /// Whether the check of waivers that nobody needs is switched on.
    fn tells_of_needless_waivers(&self) -> bool {
        check::tells_of_needless_waivers(&self.open.weights)
    }

    /// What would be found if one of the waivers of the baseline were not there.
    pub fn findings_without_waiver(&self, index: usize) -> Vec<Finding> {
        let baseline = self.baseline.without_waiver(index);
        let context = Context::new(&baseline, &self.project, &self.around, &self.pin, self.today);
        check::run(&context, &self.open.weights)
    }

    /// What to write to mend what can be mended.
    pub fn plan(&self) -> Plan {
        check::plan(&self.context(), &self.findings)
    }

    /// What to write to mend these of its findings alone. Nothing where that cannot be done without the others.
    pub fn plan_for(&self, findings: &[Finding]) -> Plan {
        check::plan(&self.context(), findings)
    }

    /// Adds findings that no check made. Fixes that cannot be made are taken away, as from any finding.
    pub fn add(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.findings.extend(findings);
        let context = Context::new(&self.baseline, &self.project, &self.around, &self.pin, self.today);
        check::keep_possible_fixes(&context, &mut self.findings);
        Finding::sort(&mut self.findings);
    }

    /// The project as it is once `plan` is carried out.
    pub fn project_after(&self, plan: &Plan) -> Project {
        check::project_after(&self.context(), plan)
    }

    /// What would be found in the project if it were `project`.
    pub fn findings_in(&self, project: &Project) -> Vec<Finding> {
        let context = Context::new(&self.baseline, project, &self.around, &self.pin, self.today);
        check::run(&context, &self.open.weights)
    }

    fn context(&self) -> Context<'_> {
        Context::new(&self.baseline, &self.project, &self.around, &self.pin, self.today)
    }
}

/// The policy that all repositories are held against, and its name.
#[derive(Debug)]
pub struct InForce {
    /// The name.
    pub name: String,
    open: Arc<OpenPolicy>,
}

impl InForce {
    /// The policy.
    pub fn policy(&self) -> &Policy {
        &self.open.policy
    }

    /// Its commit, or the version of the program for a built-in policy.
    pub fn revision(&self) -> Option<&str> {
        self.open.revision.as_deref()
    }

    /// The part of `facts` that changes what it asks for.
    pub fn asked(&self, facts: &Facts) -> Facts {
        self.open.asked.of(facts)
    }

    /// A digest of all its files and of what findings weigh.
    pub fn digest(&self) -> &str {
        &self.open.digest
    }
}

/// A repository that was checked.
#[derive(Debug)]
pub struct Checked {
    /// Its root, links resolved.
    pub root: PathBuf,
    given_name: Option<String>,
    /// Whether it has no work tree here; what was read is the commit of its current branch.
    pub is_bare: bool,
    /// The commit that was read; none for a work tree.
    pub commit: Option<String>,
    /// Whether projects in folders below its root may be there that were not seen.
    pub is_partial: bool,
    /// Whether everything could be read that stands there: what could not may be readable another time.
    pub is_whole: bool,
    /// The files that were looked for, there or not. Where a work tree was read, each with the digest of what was found
    /// there: its files may change at any time.
    pub looked_for: BTreeMap<RepoPath, Option<String>>,
    /// Its projects.
    pub projects: Vec<Held>,
    /// Whether these are all projects that it has.
    is_complete: bool,
}

impl Checked {
    /// Its name, where known: `owner/name`.
    pub fn name(&self) -> Option<String> {
        name_of(&self.root, self.given_name.as_deref())
    }

    /// The waivers that hold and without which more would be found in some project, with their last days; the one that
    /// ends first before the others. What is not known to be needless is needed.
    pub fn needed_waivers(&self) -> BTreeSet<(Day, &str)> {
        let needless = self.needless_waivers();
        let held = self.projects.iter().flat_map(|held| held.baseline.holding_waivers());
        let needed = held.filter(|waiver| !needless.contains(waiver.id.as_str()));
        needed.map(|waiver| (waiver.content.expires, waiver.id.as_str())).collect()
    }

    /// What a waiver is needed for does not depend on whether somebody wants to be told that it is not.
    fn needless_waivers(&self) -> BTreeSet<&str> {
        if self.projects.iter().any(Held::tells_of_needless_waivers) {
            let findings = self.projects.iter().flat_map(|held| &held.findings);
            let told = findings.filter(|finding| check::subject(finding) == check::Subject::WaiverNeed);
            return told.map(|finding| finding.key.as_str()).collect();
        }
        let each = self.projects.iter().map(|held| check::needless_waivers(&held.context()));
        let everywhere = each.reduce(|some, other| &some & &other).filter(|_| self.is_complete);
        everywhere.unwrap_or_default()
    }
}

/// The name that is given, or that of the remote.
fn name_of(root: &Path, given: Option<&str>) -> Option<String> {
    let given = given.map(str::to_owned);
    given.or_else(|| git::origin(root).and_then(|url| name_of_url(&url)))
}

/// A repository as it is read.
struct Tree<'t> {
    root: &'t Path,
    reader: Reader<'t>,
    /// Whether there is a work tree of git at the root.
    is_work_tree: bool,
    /// All that is known of the repository, where it need not be looked up.
    facts: Option<&'t Facts>,
    /// Whether something could not be read.
    failed: Cell<bool>,
    /// What was looked for.
    looked_for: RefCell<BTreeMap<RepoPath, Option<String>>>,
}

/// Where the files of a repository are read.
enum Reader<'t> {
    Disk,
    Commit(&'t git::Repository, Commit),
    Snapshot(&'t Snapshot),
}

impl<'t> Tree<'t> {
    fn new(root: &'t Path, reader: Reader<'t>, is_work_tree: bool, facts: Option<&'t Facts>) -> Self {
        Self { root, reader, is_work_tree, facts, failed: Cell::new(false), looked_for: RefCell::default() }
    }

    fn read(&self, path: &RepoPath) -> Content {
        let content = match &self.reader {
            Reader::Disk => files::read(self.root, path),
            Reader::Commit(repository, commit) => repository.read(*commit, path),
            Reader::Snapshot(snapshot) => snapshot.read(path),
        };
        if matches!(content, Content::Refused(Refusal::Unreadable(_))) {
            self.failed.set(true);
        }
        let digest = matches!(self.reader, Reader::Disk).then(|| content.digest());
        let before = self.looked_for.borrow_mut().insert(path.clone(), digest.clone());
        if before.is_some_and(|before| before != digest) {
            // It changed in between: what comes of it is of neither.
            self.failed.set(true);
        }
        content
    }

    fn discover(&self) -> Result<Found, Error> {
        Ok(match &self.reader {
            Reader::Disk => files::discover(self.root)?,
            Reader::Commit(repository, commit) => repository.discover(*commit)?,
            Reader::Snapshot(snapshot) => snapshot.found(),
        })
    }
}

/// Checks repositories, opening each policy once and resolving it once for each group of repositories
/// that it asks the same of.
pub struct Checker<'a> {
    question: &'a Question,
    policies: Policies,
    notes: Mutex<Vec<String>>,
}

impl<'a> Checker<'a> {
    /// For one question to many repositories.
    pub fn new(question: &'a Question) -> Self {
        Self { question, policies: Policies::default(), notes: Mutex::default() }
    }

    /// What the user should know about where policies came from; each is told once.
    pub fn take_notes(&self) -> Vec<String> {
        std::mem::take(&mut *self.notes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The policy that the question names, opened; none where it names none.
    pub fn policy(&self) -> Result<Option<InForce>, Error> {
        let Some(source) = self.question.policy.clone() else { return Ok(None) };
        let name = self.question.pinned_as.clone().unwrap_or_else(|| source.display());
        let open = self.policies.open((source, None), self.question, |note| self.note(note))?;
        Ok(Some(InForce { name, open }))
    }

    fn note(&self, text: String) {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).push(text);
    }

    /// Checks the repository that holds `start`. The projects at or below `start` are looked at.
    pub fn check(&self, start: &Path) -> Result<Checked, Error> {
        let Located { root, below, is_work_tree } = files::locate(start)?;
        let bare = (!is_work_tree).then(|| bare(&root)).flatten();
        let reader = match &bare {
            Some(repository) => Reader::Commit(repository, repository.find(None)?),
            None => Reader::Disk,
        };
        let tree = Tree::new(&root, reader, is_work_tree, None);
        self.check_tree(&tree, &tree.discover()?, &below)
    }

    /// Checks a commit of a repository, in which `found` was come upon. `facts` are all that is known of it, its name
    /// among them.
    pub fn check_commit(
        &self,
        root: &Path,
        repository: &git::Repository,
        commit: Commit,
        found: &Found,
        facts: &Facts,
    ) -> Result<Checked, Error> {
        let reader = Reader::Commit(repository, commit);
        self.check_tree(&Tree::new(root, reader, false, Some(facts)), found, Path::new(""))
    }

    /// Checks the work tree at `root`, links resolved, in which `found` was come upon. `facts` are all that is known of
    /// it, its name among them.
    pub fn check_work_tree(&self, root: &Path, found: &Found, facts: &Facts) -> Result<Checked, Error> {
        let is_work_tree = root.join(".git").exists();
        let tree = Tree::new(root, Reader::Disk, is_work_tree, Some(facts));
        self.check_tree(&tree, found, Path::new(""))
    }

    /// Checks what a forge showed of a repository. `facts` are all that is known of it, its name among them.
    pub fn check_snapshot(&self, snapshot: &Snapshot, facts: &Facts) -> Result<Checked, Error> {
        let tree = Tree::new(Path::new(""), Reader::Snapshot(snapshot), false, Some(facts));
        self.check_tree(&tree, &tree.discover()?, Path::new(""))
    }

    fn check_tree(&self, tree: &Tree<'_>, found: &Found, below: &Path) -> Result<Checked, Error> {
        let around = Arc::new(self.look_around(tree, found));
        let projects = found.projects();
        let asked =
            |path: &RepoPath| below.as_os_str().is_empty() || Path::new(path.as_str()).starts_with(below);
        let all = projects.len();
        let mut paths: Vec<RepoPath> = projects.into_iter().filter(asked).collect();
        let complete = paths.len() == all;
        if paths.is_empty() {
            paths.push(RepoPath::root());
        }
        let mut held = Vec::new();
        for path in paths {
            held.push(self.hold(tree, &path, &around)?);
        }
        let mut findings: Vec<&mut Vec<Finding>> = held.iter_mut().map(|held| &mut held.findings).collect();
        check::settle(&mut findings, complete);
        let given = tree.facts.unwrap_or(&self.question.facts).value("name").map(str::to_owned);
        let is_partial = matches!(tree.reader, Reader::Snapshot(snapshot) if !snapshot.is_whole());
        let is_whole = !tree.failed.get();
        Ok(Checked {
            root: tree.root.to_owned(),
            given_name: given,
            is_bare: !matches!(tree.reader, Reader::Disk),
            commit: match &tree.reader {
                Reader::Disk => None,
                Reader::Commit(_, commit) => Some(commit.to_string()),
                Reader::Snapshot(snapshot) => Some(snapshot.commit.clone()),
            },
            is_partial,
            is_whole,
            looked_for: tree.looked_for.take(),
            projects: held,
            is_complete: complete,
        })
    }

    /// Reads what stands around the projects, and notes what cannot be known.
    fn look_around(&self, tree: &Tree<'_>, found: &Found) -> Surroundings {
        let local = found.local_settings();
        let tracked = match tree.reader {
            Reader::Commit(..) | Reader::Snapshot(_) => local,
            Reader::Disk if !tree.is_work_tree => Vec::new(),
            Reader::Disk => git::tracked(tree.root, &local).unwrap_or_else(|error| {
                self.note(format!("whether git tracks personal settings is not known: {error}"));
                Vec::new()
            }),
        };
        let around = Surroundings::read(found, tracked, |path| tree.read(path));
        if around.is_cut() {
            let place = tree.root.display();
            self.note(format!("`{place}` has more files to look at than are read: not all were checked"));
        }
        around
    }

    fn hold(&self, tree: &Tree<'_>, path: &RepoPath, around: &Arc<Surroundings>) -> Result<Held, Error> {
        let (open, source) = self.policy_for(tree, path)?;
        let facts = self.facts_of(tree, &open).with("path", path.to_string());
        let today = self.question.today;
        let resolved = open.resolve(&facts, today);
        if resolved.clashes.iter().any(|finding| finding.severity == Severity::Block) {
            return Err(Error::Policy { name: source, findings: resolved.clashes.clone() });
        }
        let pin = Pin { source, revision: open.revision.clone(), digest: resolved.digest.clone() };
        let baseline = Arc::clone(&resolved.baseline);
        let project = Project::read(path, &baseline, |path| tree.read(path));
        let context = Context::new(&baseline, &project, around, &pin, today).tidied(self.question.tidy);
        let findings = check::run(&context, &open.weights);
        Ok(Held { project, around: Arc::clone(around), baseline, pin, today, findings, open })
    }

    /// The name that a lock of the repository at `root` gives a policy.
    fn pinned_name(&self, source: &PolicySource, root: &Path) -> String {
        self.question.pinned_as.clone().unwrap_or_else(|| source.name(root))
    }

    /// The name that a lock of the repository at `root` gives the policy of the question, none where it names none.
    pub fn name_in_locks(&self, root: &Path) -> Option<String> {
        self.question.policy.as_ref().map(|source| self.pinned_name(source, root))
    }

    fn facts_of(&self, tree: &Tree<'_>, open: &OpenPolicy) -> Facts {
        if let Some(facts) = tree.facts {
            return facts.clone();
        }
        // Asking git for the name takes time, and most policies do not care.
        let given = self.question.facts.value("name");
        let name = open.asked.need_repository().then(|| name_of(tree.root, given)).flatten();
        let mut facts = name.map(|name| open.policy.facts_of(&name)).unwrap_or_default();
        for (fact, values) in self.question.facts.iter() {
            facts.set(fact, values.iter().cloned());
        }
        facts
    }

    /// The policy for a project: the one asked for, or that of its lock, or that of the root's lock.
    /// Beside it the name that a lock here gives it.
    fn policy_for(&self, tree: &Tree<'_>, path: &RepoPath) -> Result<(Arc<OpenPolicy>, String), Error> {
        // Whoever names a policy means what it says now.
        let (source, pinned) = match &self.question.policy {
            Some(source) => (source.clone(), None),
            None => pinned_source(tree, path)?,
        };
        let pinned = pinned.filter(|_| !self.question.newest);
        let name = self.pinned_name(&source, tree.root);
        Ok((self.policies.open((source, pinned), self.question, |note| self.note(note))?, name))
    }
}

/// The policy that the lock of a project pins, or else that of the root's lock, and the commit.
fn pinned_source(tree: &Tree<'_>, path: &RepoPath) -> Result<(PolicySource, Option<String>), Error> {
    let lock = match read_lock(tree, path) {
        None if !path.is_root() => read_lock(tree, &RepoPath::root()),
        lock => lock,
    };
    match lock {
        Some(Ok(lock)) => Ok((PolicySource::parse(&lock.pin.source, tree.root), lock.pin.revision)),
        Some(Err(error)) => Err(error.into_error(tree.root, path)),
        None => Err(Error::NoPolicy { path: tree.root.join(path.join(LOCK).as_str()) }),
    }
}

struct BadLock {
    message: String,
    help: &'static str,
}

impl BadLock {
    fn into_error(self, root: &Path, path: &RepoPath) -> Error {
        Error::Lock { path: root.join(path.join(LOCK).as_str()), message: self.message, help: self.help }
    }
}

/// The lock of a project, none where there is none.
fn read_lock(tree: &Tree<'_>, path: &RepoPath) -> Option<Result<Lock, BadLock>> {
    match tree.read(&path.join(LOCK)) {
        Content::Missing => None,
        Content::Text(text) => {
            let read = Lock::read(&crate::json::Document::parse(text));
            Some(read.map_err(|fault| BadLock { message: fault.message, help: fault.help }))
        }
        Content::Refused(refusal) => {
            let message = format!("the lock is not read: {refusal}");
            Some(Err(BadLock { message, help: "put a plain file there, or nothing" }))
        }
    }
}

/// The repository at `root` where it has no work tree.
fn bare(root: &Path) -> Option<git::Repository> {
    if !root.join("HEAD").is_file() || !root.join("objects").is_dir() {
        return None;
    }
    git::Repository::open(root).ok().filter(git::Repository::is_bare)
}

/// `owner/name` of a URL: everything behind the host, without `.git`.
pub fn name_of_url(url: &str) -> Option<String> {
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/')?.1,
        None => url.split_once(':')?.1,
    };
    let path = path.trim_matches('/');
    let name = path.strip_suffix(".git").unwrap_or(path);
    (!name.is_empty()).then(|| name.to_owned())
}

/// The host of a URL, without user and port.
pub fn host_of_url(url: &str) -> Option<&str> {
    let place = match url.split_once("://") {
        Some((_, rest)) => rest.split('/').next()?,
        None => url.split_once(':')?.0,
    };
    let host = place.rsplit('@').next()?;
    match host.strip_prefix('[') {
        Some(address) => address.split(']').next(),
        None => host.split(':').next(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_a_url_is_told_in_all_its_forms() {
        for (url, host) in [
            ("https://github.com/acme/web.git", Some("github.com")),
            ("https://ada:secret@git.acme.dev:8443/acme/web", Some("git.acme.dev")),
            ("git@github.com:acme/web.git", Some("github.com")),
            ("ssh://git@[::1]:2222/acme/web", Some("::1")),
            ("https://github.com", Some("github.com")),
            ("acme/web", None),
        ] {
            assert_eq!(host_of_url(url), host, "{url}");
        }
    }

    #[test]
    fn the_name_of_a_repository_is_that_of_its_remote() {
        for (url, name) in [
            ("https://github.com/acme/web.git", Some("acme/web")),
            ("git@github.com:acme/web.git", Some("acme/web")),
            ("ssh://git@git.acme.dev:2222/team/sub/web/", Some("team/sub/web")),
            ("https://github.com", None),
        ] {
            assert_eq!(name_of_url(url).as_deref(), name, "{url}");
        }
    }
}
