//! One repository: its projects, each held against the policy that is asked for or that its lock pins.
//!
//! This is the one way from a folder to findings; every command and the fleet use it.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::check::{self, Context, Plan};
use crate::files::{self, Located};
use crate::finding::{Finding, Severity};
use crate::git::{self, Commit};
use crate::path::RepoPath;
use crate::policy::{self, AskedFacts, Baseline, Day, Facts, Policy, Weight};
use crate::project::{Content, Found, LOCK, Lock, Pin, Project, Surroundings};
use crate::source::{self, Access, PolicySource};

/// What is asked of a repository.
#[derive(Debug, Clone)]
pub struct Question {
    /// The policy, where it is not the one that the lock pins.
    pub policy: Option<PolicySource>,
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
    pub around: Rc<Surroundings>,
    /// What is asked of it.
    pub baseline: Rc<Baseline>,
    /// The pin that its lock would hold.
    pub pin: Pin,
    /// The day.
    pub today: Day,
    /// What was found.
    pub findings: Vec<Finding>,
    open: Rc<OpenPolicy>,
}

impl Held {
    /// The policy.
    pub fn policy(&self) -> &Policy {
        &self.open.policy
    }

    /// What to write to mend what can be mended.
    pub fn plan(&self) -> Plan {
        check::plan(&self.context(), &self.findings)
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

/// A repository that was checked.
#[derive(Debug)]
pub struct Checked {
    /// Its root, links resolved.
    pub root: PathBuf,
    given_name: Option<String>,
    /// Whether it has no work tree; what was read is the commit of its current branch.
    pub is_bare: bool,
    /// Its projects.
    pub projects: Vec<Held>,
}

impl Checked {
    /// Its name, where known: `owner/name`.
    pub fn name(&self) -> Option<String> {
        name_of(&self.root, self.given_name.as_deref())
    }
}

/// The name that is given, or that of the remote.
fn name_of(root: &Path, given: Option<&str>) -> Option<String> {
    let given = given.map(str::to_owned);
    given.or_else(|| git::origin(root).and_then(|url| name_of_url(&url)))
}

/// Where the files of a repository are read.
enum Reader {
    Disk,
    Commit(Box<git::Repository>, Commit),
}

impl Reader {
    fn read(&self, root: &Path, path: &RepoPath) -> Content {
        match self {
            Self::Disk => files::read(root, path),
            Self::Commit(repository, commit) => repository.read(*commit, path),
        }
    }
}

/// Checks repositories, opening each policy once and resolving it once for each group of repositories
/// that it asks the same of.
pub struct Checker<'a> {
    question: &'a Question,
    policies: HashMap<(PolicySource, Option<String>), Rc<OpenPolicy>>,
    notes: Vec<String>,
}

/// A policy that is in use.
#[derive(Debug)]
struct OpenPolicy {
    policy: Policy,
    revision: Option<String>,
    /// What findings weigh: by the policy, and before it by the question.
    weights: BTreeMap<String, Weight>,
    asked: AskedFacts,
    resolved: RefCell<BTreeMap<Facts, Rc<Resolved>>>,
}

/// What a policy asks of a group of repositories.
#[derive(Debug)]
struct Resolved {
    baseline: Rc<Baseline>,
    digest: String,
    clashes: Vec<Finding>,
}

impl OpenPolicy {
    fn resolve(&self, facts: &Facts, today: Day) -> Rc<Resolved> {
        let asked = self.asked.of(facts);
        if let Some(known) = self.resolved.borrow().get(&asked) {
            return Rc::clone(known);
        }
        let (baseline, clashes) = self.policy.resolve(facts, today);
        let resolved = Rc::new(Resolved { digest: baseline.digest(), baseline: Rc::new(baseline), clashes });
        self.resolved.borrow_mut().insert(asked, Rc::clone(&resolved));
        resolved
    }
}

impl<'a> Checker<'a> {
    /// For one question to many repositories.
    pub fn new(question: &'a Question) -> Self {
        Self { question, policies: HashMap::new(), notes: Vec::new() }
    }

    /// What the user should know about where policies came from; each is told once.
    pub fn take_notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }

    /// Checks the repository that holds `start`. The projects at or below `start` are looked at.
    pub fn check(&mut self, start: &Path) -> Result<Checked, Error> {
        let Located { root, below, is_work_tree } = files::locate(start)?;
        let (reader, found) = match (!is_work_tree).then(|| bare(&root)).flatten() {
            Some(repository) => {
                let commit = repository.find(None)?;
                let found = repository.discover(commit)?;
                (Reader::Commit(Box::new(repository), commit), found)
            }
            None => (Reader::Disk, files::discover(&root)?),
        };
        let around = Rc::new(self.look_around(&root, &reader, &found, is_work_tree));
        let projects = found.projects();
        let asked =
            |path: &RepoPath| below.as_os_str().is_empty() || Path::new(path.as_str()).starts_with(&below);
        let all = projects.len();
        let mut paths: Vec<RepoPath> = projects.into_iter().filter(asked).collect();
        let complete = paths.len() == all;
        if paths.is_empty() {
            paths.push(RepoPath::root());
        }
        let mut held = Vec::new();
        for path in paths {
            held.push(self.hold(&root, &reader, &path, &around)?);
        }
        let mut findings: Vec<&mut Vec<Finding>> = held.iter_mut().map(|held| &mut held.findings).collect();
        check::settle(&mut findings, complete);
        let given = self.question.facts.value("name").map(str::to_owned);
        Ok(Checked { root, given_name: given, is_bare: matches!(reader, Reader::Commit(..)), projects: held })
    }

    /// Reads what stands around the projects, and notes what cannot be known.
    fn look_around(
        &mut self,
        root: &Path,
        reader: &Reader,
        found: &Found,
        is_work_tree: bool,
    ) -> Surroundings {
        let local = found.local_settings();
        let tracked = match reader {
            Reader::Commit(..) => local,
            Reader::Disk if !is_work_tree => Vec::new(),
            Reader::Disk => git::tracked(root, &local).unwrap_or_else(|error| {
                self.notes.push(format!("whether git tracks personal settings is not known: {error}"));
                Vec::new()
            }),
        };
        let around = Surroundings::read(found, tracked, |path| reader.read(root, path));
        if around.is_cut() {
            let place = root.display();
            self.notes
                .push(format!("`{place}` has more files to look at than are read: not all were checked"));
        }
        around
    }

    fn hold(
        &mut self,
        root: &Path,
        reader: &Reader,
        path: &RepoPath,
        around: &Rc<Surroundings>,
    ) -> Result<Held, Error> {
        let (open, source) = self.policy_for(root, reader, path)?;
        // Asking git for the name takes time, and most policies do not care.
        let given = self.question.facts.value("name");
        let name = open.asked.need_repository().then(|| name_of(root, given)).flatten();
        let mut facts = name.map(|name| open.policy.facts_of(&name)).unwrap_or_default();
        for (fact, values) in self.question.facts.iter() {
            facts.set(fact, values.iter().cloned());
        }
        facts.set("path", [path.to_string()]);
        let today = self.question.today;
        let resolved = open.resolve(&facts, today);
        if resolved.clashes.iter().any(|finding| finding.severity == Severity::Block) {
            return Err(Error::Policy { name: source, findings: resolved.clashes.clone() });
        }
        let pin = Pin { source, revision: open.revision.clone(), digest: resolved.digest.clone() };
        let baseline = Rc::clone(&resolved.baseline);
        let project = Project::read(path, &baseline, |path| reader.read(root, path));
        let context = Context::new(&baseline, &project, around, &pin, today).tidied(self.question.tidy);
        let findings = check::run(&context, &open.weights);
        Ok(Held { project, around: Rc::clone(around), baseline, pin, today, findings, open })
    }

    /// The policy for a project: the one asked for, or that of its lock, or that of the root's lock.
    /// Beside it the name that a lock here gives it.
    fn policy_for(
        &mut self,
        root: &Path,
        reader: &Reader,
        path: &RepoPath,
    ) -> Result<(Rc<OpenPolicy>, String), Error> {
        // Whoever names a policy means what it says now.
        let (source, pinned) = match &self.question.policy {
            Some(source) => (source.clone(), None),
            None => pinned_source(root, reader, path)?,
        };
        let pinned = pinned.filter(|_| !self.question.newest);
        let name = source.name(root);
        let key = (source, pinned);
        if let Some(open) = self.policies.get(&key) {
            return Ok((Rc::clone(open), name));
        }
        let open = Rc::new(self.open(&key.0, key.1.as_deref())?);
        self.policies.insert(key, Rc::clone(&open));
        Ok((open, name))
    }

    fn open(&mut self, source: &PolicySource, pinned: Option<&str>) -> Result<OpenPolicy, Error> {
        let opened = source.open(pinned, &self.question.access)?;
        self.notes.extend(opened.note);
        let (policy, mut findings) = policy::load(&opened.files);
        if let Some(policy) = &policy {
            findings.extend(check::unknown_weights(policy));
        }
        match policy {
            Some(policy) if !findings.iter().any(|finding| finding.severity == Severity::Block) => {
                let mut weights = policy.checks.clone();
                weights.extend(self.question.weights.clone());
                let asked = policy.asked_facts();
                Ok(OpenPolicy {
                    policy,
                    revision: opened.revision,
                    weights,
                    asked,
                    resolved: RefCell::default(),
                })
            }
            _ => Err(Error::Policy { name: source.display(), findings }),
        }
    }
}

/// The policy that the lock of a project pins, or else that of the root's lock, and the commit.
fn pinned_source(
    root: &Path,
    reader: &Reader,
    path: &RepoPath,
) -> Result<(PolicySource, Option<String>), Error> {
    let lock = match read_lock(root, reader, path) {
        None if !path.is_root() => read_lock(root, reader, &RepoPath::root()),
        lock => lock,
    };
    match lock {
        Some(Ok(lock)) => Ok((PolicySource::parse(&lock.pin.source, root), lock.pin.revision)),
        Some(Err(error)) => Err(error.into_error(root, path)),
        None => Err(Error::NoPolicy { path: root.join(path.join(LOCK).as_str()) }),
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
fn read_lock(root: &Path, reader: &Reader, path: &RepoPath) -> Option<Result<Lock, BadLock>> {
    match reader.read(root, &path.join(LOCK)) {
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
fn name_of_url(url: &str) -> Option<String> {
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/')?.1,
        None => url.split_once(':')?.1,
    };
    let path = path.trim_matches('/');
    let name = path.strip_suffix(".git").unwrap_or(path);
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

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
