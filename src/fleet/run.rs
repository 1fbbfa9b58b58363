//! Looking at all members in parallel.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::alike::{Alike, Place, Walked};
use super::shown::{self, Shown};
use super::{Change, Changes, Location, Member, Memory, Outcome, SOURCE, State, Verdict};
use crate::files;
use crate::forge::{Reading, Snapshot};
use crate::git::{self, Commit, Repository};
use crate::policy::Facts;
use crate::project::Found;
use crate::repository::{Checked, Checker, InForce};
use crate::source::Access;

/// How members are looked at.
pub struct Run<'a> {
    /// The check.
    pub checker: &'a Checker<'a>,
    /// The policy that it holds repositories against.
    pub policy: &'a InForce,
    /// How many members are looked at at a time.
    pub jobs: usize,
    /// How repositories elsewhere are brought here.
    pub access: &'a Access,
    /// What is remembered of earlier runs.
    pub memory: Option<&'a Memory>,
    /// What a forge showed of those members that are on it.
    pub shown: Option<&'a Shown>,
}

/// The commit that was read of a member, none of a work tree, and what was made of it; or why it was not looked at.
pub type Looked<T> = Result<(Option<String>, Arc<T>), Verdict>;

/// What keeps a run from starting.
#[derive(Debug, thiserror::Error)]
#[error("cannot start as many threads: {0}")]
pub struct NoThreads(#[from] rayon::ThreadPoolBuildError);

/// What a run came to.
#[derive(Debug)]
pub struct Seen {
    /// The outcomes, in the order of the members.
    pub outcomes: Vec<Outcome>,
    /// The changes that they name.
    pub changes: Changes,
}

impl Run<'_> {
    /// Checks all members. `show` gives the diff of a repository without colours, empty where nothing would change;
    /// `done` is called for each that is done with, from any thread.
    pub fn check(
        &self,
        members: &[Member],
        done: impl Fn() + Sync,
        show: impl Fn(&Checked) -> String + Sync,
    ) -> Result<Seen, NoThreads> {
        let known = Known {
            show: &show,
            alike: Alike::default(),
            verdicts: Mutex::default(),
            changes: Mutex::default(),
        };
        let outcomes = self.each(members, done, |member| {
            let (commit, verdict) = self.look(member, &known);
            let facts = further_facts(member);
            let location = member.location.to_string();
            Outcome { name: member.name.clone(), location, commit, facts, verdict }
        })?;
        let mut changes = known.changes.into_inner().unwrap_or_else(PoisonError::into_inner);
        for digest in outcomes.iter().filter_map(|outcome| outcome.verdict.change.as_ref()) {
            if let (Some(memory), false) = (self.memory, changes.contains_key(digest)) {
                changes.extend(memory.change(digest).map(|text| (digest.clone(), text.to_owned())));
            }
        }
        Ok(Seen { outcomes, changes })
    }

    /// Checks all members and gives what `take` makes of each, in their order. `done` is called as for
    /// [`Self::check`]. What is remembered is of no use here.
    pub fn map<T: Send>(
        &self,
        members: &[Member],
        done: impl Fn() + Sync,
        take: impl Fn(&Member, Result<Checked, Verdict>) -> T + Sync,
    ) -> Result<Vec<T>, NoThreads> {
        self.each(members, done, |member| take(member, self.check_one(member)))
    }

    /// Checks all members and gives, in their order, what `take` makes of each. Of members that are alike it is made once:
    /// `take` goes by what a check looks at and by nothing else. `done` is called as for [`Self::check`]. What is
    /// remembered is of no use here.
    pub fn map_alike<T: Send + Sync>(
        &self,
        members: &[Member],
        done: impl Fn() + Sync,
        take: impl Fn(&Checked) -> T + Sync,
    ) -> Result<Vec<Looked<T>>, NoThreads> {
        let alike = Alike::default();
        self.each(members, done, |member| {
            let opened = self.open(member)?;
            let (made, _) = self.take(member, &opened, &alike, |checked| Arc::new(take(checked)))?;
            Ok((opened.commit(), made))
        })
    }

    /// Checks one member, whatever is remembered of it. What keeps it from being checked is a verdict.
    pub fn check_one(&self, member: &Member) -> Result<Checked, Verdict> {
        self.open(member).and_then(|opened| self.checked(member, &opened))
    }

    fn each<T: Send>(
        &self,
        members: &[Member],
        done: impl Fn() + Sync,
        work: impl Fn(&Member) -> T + Sync,
    ) -> Result<Vec<T>, NoThreads> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.jobs).build()?;
        let each = |member: &Member| {
            let made = work(member);
            done();
            made
        };
        Ok(pool.install(|| members.par_iter().map(each).collect()))
    }

    /// Looks at one member, at what is remembered of it first. Whatever is wrong with it is a verdict.
    fn look(&self, member: &Member, known: &Known<'_>) -> (Option<String>, Arc<Verdict>) {
        match self.recall(member) {
            Ok(None) => {}
            Ok(Some((commit, verdict))) => return (Some(commit), verdict),
            Err(wrong) => return (None, known.shared(wrong)),
        }
        let opened = match self.open(member) {
            Ok(opened) => opened,
            Err(wrong) => return (None, known.shared(wrong)),
        };
        let (verdict, lasts) = self.judge(member, &opened, known);
        let commit = opened.commit();
        if let (Some(memory), Some(commit), true) = (self.memory, &commit, lasts) {
            let key = memory.key(self.policy, member, commit);
            memory.note(&opened.place(member), key, &verdict);
        }
        (commit, verdict)
    }

    /// The verdict on what was opened, and whether it would be the same another time.
    fn judge(&self, member: &Member, opened: &Opened<'_>, known: &Known<'_>) -> (Arc<Verdict>, bool) {
        let taken = self.take(member, opened, &known.alike, |checked| {
            known.shared(Verdict { change: known.change(checked), ..Verdict::of(checked) })
        });
        taken.unwrap_or_else(|wrong| (known.shared(wrong), false))
    }

    /// What `take` makes of a member that was opened, or made of one that is alike, and whether it would be the same
    /// another time.
    fn take<T: Clone>(
        &self,
        member: &Member,
        opened: &Opened<'_>,
        alike: &Alike<T>,
        take: impl FnOnce(&Checked) -> T,
    ) -> Result<(T, bool), Verdict> {
        let first = opened.walked().and_then(|walked| {
            let name = self.checker.name_in_locks(opened.root());
            Alike::<T>::first_look(self.policy, name.as_deref(), member, &walked)
        });
        let like = first.as_ref().zip(opened.walked());
        if let Some(known) = like.as_ref().and_then(|(first, walked)| alike.known(first, walked)) {
            return Ok((known, true));
        }
        let checked = self.checked(member, opened)?;
        let made = take(&checked);
        if let Some((first, walked)) = like {
            alike.note(first, &walked, &checked, &made);
        }
        Ok((made, checked.is_whole))
    }

    /// The verdict of an earlier run on the same commit: only references are read for it.
    fn recall(&self, member: &Member) -> Result<Option<(String, Arc<Verdict>)>, Verdict> {
        let Some(memory) = self.memory.filter(|_| !member.is_archived()) else { return Ok(None) };
        match self.shown(member) {
            Some(Reading::Unchanged) => return Ok(shown::newest(memory, self.policy, member)),
            Some(_) => return Ok(None),
            None => {}
        }
        let commit = match &member.location {
            Location::Bare(path) => git::plain_head(path),
            Location::Url(url) if !self.access.offline => Some(self.access.cache.tip(url).map_err(wrong)?),
            _ => None,
        };
        let Some(commit) = commit.map(|commit| commit.to_string()) else { return Ok(None) };
        let key = memory.key(self.policy, member, &commit);
        Ok(memory.recall(&member.location.to_string(), &key).map(|known| (commit, known)))
    }

    fn shown(&self, member: &Member) -> Option<&Reading> {
        self.shown?.of(member)
    }

    /// Opens one member. What keeps it from being opened is a verdict.
    fn open(&self, member: &Member) -> Result<Opened<'_>, Verdict> {
        if member.is_archived() {
            return Err(Verdict::unchecked(State::Archived, ""));
        }
        let unreachable = |why: String| Verdict::unchecked(State::Unreachable, why);
        match self.shown(member) {
            None => {}
            Some(Reading::Read(snapshot)) => return Ok(Opened::Shown(snapshot)),
            Some(Reading::Empty) => {
                return Err(Verdict::unchecked(State::Unreadable, "it has no commit yet"));
            }
            Some(Reading::Unread(why)) => return Err(unreachable(why.to_string())),
            Some(Reading::Unchanged) => return Err(unreachable("the forge showed nothing of it".to_owned())),
        }
        match &member.location {
            Location::Unknown => Err(unreachable("nothing says where it is".to_owned())),
            Location::WorkTree(path) => {
                let root = path.canonicalize();
                let root = root.map_err(|_| unreachable(format!("there is no `{}`", path.display())))?;
                let found = files::discover(&root);
                let found =
                    found.map_err(|error| Verdict::unchecked(State::Unreadable, error.to_string()))?;
                Ok(Opened::WorkTree { root, found })
            }
            Location::Bare(path) => {
                let repository = Repository::open_bare(path).map_err(wrong)?;
                let commit = repository.find(None).map_err(wrong)?;
                let found = repository.discover(commit).map_err(wrong)?;
                Ok(Opened::Commit { root: path.clone(), repository: Box::new(repository), commit, found })
            }
            Location::Url(url) => self.bring(url),
        }
    }

    /// Checks what was opened; of what is elsewhere, the files that checks look at are fetched first. What keeps it from being checked is a verdict.
    fn checked(&self, member: &Member, opened: &Opened<'_>) -> Result<Checked, Verdict> {
        let checked = match opened {
            Opened::WorkTree { root, found } => self.checker.check_work_tree(root, found, &member.facts),
            Opened::Shown(snapshot) => self.checker.check_snapshot(snapshot, &member.facts),
            Opened::Commit { root, repository, commit, found } => {
                repository.fetch_files(*commit, found.files()).map_err(wrong)?;
                self.checker.check_commit(root, repository, *commit, found, &member.facts)
            }
        };
        checked.map_err(|error| Verdict::unchecked(State::Unreadable, error.to_string()))
    }

    /// Brings the main branch of a repository elsewhere here, without its files.
    fn bring(&self, url: &str) -> Result<Opened<'_>, Verdict> {
        let cache = &self.access.cache;
        let repository = if self.access.offline {
            let why = "there is no copy of it here, and the network is not used";
            cache.tip_copy(url).ok_or_else(|| Verdict::unchecked(State::Unreachable, why))?
        } else {
            cache.fetch_tip(url).map_err(wrong)?
        };
        let commit = repository.find(None).map_err(wrong)?;
        let found = repository.discover(commit).map_err(wrong)?;
        Ok(Opened::Commit { root: PathBuf::new(), repository: Box::new(repository), commit, found })
    }
}

/// A member that can be read.
enum Opened<'a> {
    WorkTree { root: PathBuf, found: Found },
    Shown(&'a Snapshot),
    Commit { root: PathBuf, repository: Box<Repository>, commit: Commit, found: Found },
}

impl Opened<'_> {
    fn root(&self) -> &Path {
        match self {
            Self::WorkTree { root, .. } | Self::Commit { root, .. } => root,
            Self::Shown(_) => Path::new(""),
        }
    }

    fn commit(&self) -> Option<String> {
        match self {
            Self::WorkTree { .. } => None,
            Self::Shown(snapshot) => Some(snapshot.commit.clone()),
            Self::Commit { commit, .. } => Some(commit.to_string()),
        }
    }

    /// What the memory knows it by.
    fn place(&self, member: &Member) -> String {
        match self {
            Self::Shown(_) => shown::place(member),
            Self::WorkTree { .. } | Self::Commit { .. } => member.location.to_string(),
        }
    }

    fn walked(&self) -> Option<Walked<'_>> {
        match self {
            Self::Shown(_) => None,
            Self::WorkTree { root, found } => Some(Walked { place: Place::WorkTree(root), found }),
            Self::Commit { repository, commit, found, .. } => {
                Some(Walked { place: Place::Commit(repository, *commit), found })
            }
        }
    }
}

/// What an error of git says of a repository.
fn wrong(error: git::Error) -> Verdict {
    let state = match error {
        git::Error::Fetch { .. } | git::Error::NoGit(_) | git::Error::CacheFolder { .. } => {
            State::Unreachable
        }
        _ => State::Unreadable,
    };
    Verdict::unchecked(state, error.to_string())
}

/// What is known of a member beside its name and where it is.
fn further_facts(member: &Member) -> Facts {
    let mut facts = Facts::none();
    for (name, values) in member.facts.iter().filter(|(name, _)| *name != "name" && *name != SOURCE) {
        facts.set(name, values.iter().cloned());
    }
    facts
}

/// What was found out in this run.
struct Known<'a> {
    /// The diff of a repository, empty where nothing would change.
    show: &'a (dyn Fn(&Checked) -> String + Sync),
    alike: Alike<Arc<Verdict>>,
    /// Verdicts that are the same, kept once.
    verdicts: Mutex<HashSet<Arc<Verdict>>>,
    changes: Mutex<Changes>,
}

impl Known<'_> {
    /// The digest of what would change in a repository. Takes note of the change.
    fn change(&self, checked: &Checked) -> Option<String> {
        let Change { digest, text } = Change::of(&(self.show)(checked))?;
        self.changes.lock().unwrap_or_else(PoisonError::into_inner).insert(digest.clone(), text);
        Some(digest)
    }

    fn shared(&self, verdict: Verdict) -> Arc<Verdict> {
        let mut known = self.verdicts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(same) = known.get(&verdict) {
            return Arc::clone(same);
        }
        let fresh = Arc::new(verdict);
        known.insert(Arc::clone(&fresh));
        fresh
    }
}
