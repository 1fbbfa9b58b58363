//! The records as they come: each call is set in its place, decided once, and counted.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};
use std::rc::Rc;

use super::ground::{Answer, Ground, Ready, Standing, home_of};
use super::memo::{Memo, Told};
use super::recent::Recent;
use super::tally::Tally;
use super::{MOST_IDS, Options, Policies, Replayed, Sides, Undecided};
use crate::access::{Call, Mode, Verdict};
use crate::record::{Became, Kept, Listener, Recorded};

/// Most sides that are ready at one time.
const MOST_READY: usize = 64;

/// Most places in which both sides are at hand at one time: some hundred KB each, with a few hundred path rules.
const MOST_STANDING: usize = 256;

/// Texts with numbers.
#[derive(Debug, Default)]
struct Names {
    numbers: HashMap<Box<str>, u32>,
    texts: Vec<String>,
}

impl Names {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.texts.push(text.to_owned());
        self.numbers.insert(text.into(), number);
        number
    }
}

/// The mode of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
enum Stance {
    /// No record says.
    #[default]
    Untold,
    Known(Mode),
    /// One that nobody here knows.
    Strange,
}

impl Stance {
    fn parse(mode: &str) -> Self {
        Mode::parse(mode).map_or(Self::Strange, Self::Known)
    }
}

#[derive(Debug, Default)]
struct Session {
    root: Option<Box<str>>,
    stance: Stance,
    has_calls: bool,
}

/// What tells places apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct GroundKey {
    root: Option<Box<str>>,
    folder: Option<Box<str>>,
    mode: Option<Mode>,
    repository: Option<Box<str>>,
    user: Option<Box<str>>,
}

/// Numbers that are hashes already.
#[derive(Debug, Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |sum, byte| (sum << 8) | u64::from(*byte));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

/// What is waited for.
#[derive(Debug, Clone, Copy)]
enum Awaited {
    Change(u32),
    Denied,
}

/// Hears records and decides their calls.
pub struct Replay<'p, P> {
    policies: &'p mut P,
    options: Options,
    session_names: Names,
    sessions: Vec<Session>,
    last_session: Option<(Box<str>, u32)>,
    ground_numbers: HashMap<GroundKey, u32>,
    grounds: Vec<Ground>,
    ready: Recent<Ready>,
    standing: Recent<Standing>,
    /// The place of the call before: most calls are made where the one before was made.
    last: Option<(GroundKey, u32)>,
    tools: Names,
    repositories: Names,
    users: Names,
    /// By pair of sides and tool: the fields of an input that either side looks at, shared by those that look at the same.
    heeded: HashMap<(usize, u32), Rc<[Box<str>]>>,
    memo: Memo,
    key: Vec<u8>,
    seen: HashSet<u64, BuildHasherDefault<AsItIs>>,
    hashes: RandomState,
    awaited: HashMap<Box<str>, Awaited>,
    tally: Tally,
}

impl<'p, P: Policies> Replay<'p, P> {
    /// Begins with nothing.
    pub fn new(policies: &'p mut P, options: Options) -> Self {
        Self {
            policies,
            options,
            session_names: Names::default(),
            sessions: Vec::new(),
            last_session: None,
            ground_numbers: HashMap::new(),
            grounds: Vec::new(),
            ready: Recent::new(MOST_READY),
            standing: Recent::new(MOST_STANDING),
            last: None,
            tools: Names::default(),
            repositories: Names::default(),
            users: Names::default(),
            heeded: HashMap::new(),
            memo: Memo::default(),
            key: Vec::new(),
            seen: HashSet::default(),
            hashes: RandomState::new(),
            awaited: HashMap::new(),
            tally: Tally::default(),
        }
    }

    /// A file is over: results stand in the file of their calls.
    pub fn end_file(&mut self) {
        self.awaited.clear();
        // What names no session is not known to go on elsewhere.
        if let Some(number) = self.session_names.numbers.get("")
            && let Some(session) = self.sessions.get_mut(*number as usize)
        {
            *session = Session { has_calls: session.has_calls, ..Session::default() };
        }
    }

    /// What came of it.
    pub fn finish(self) -> Replayed {
        let mut replayed = self.tally.finish();
        replayed.sessions = self.sessions.iter().filter(|session| session.has_calls).count();
        replayed.tools = self.tools.texts;
        replayed.repositories = self.repositories.texts;
        replayed.users = self.users.texts;
        replayed.calls_of_users.resize(replayed.users.len(), 0);
        replayed.calls_of_repositories.resize(replayed.repositories.len(), 0);
        replayed
    }

    fn session(&mut self, name: Option<&str>) -> u32 {
        let name = name.unwrap_or_default();
        if let Some((last, number)) = &self.last_session
            && **last == *name
        {
            return *number;
        }
        let number = self.session_names.number(name);
        self.last_session = Some((name.into(), number));
        if number as usize >= self.sessions.len() {
            self.sessions.resize_with(number as usize + 1, Session::default);
        }
        number
    }

    /// The place of a call; none where its mode is not known.
    fn ground(&mut self, session: u32, call: &Recorded<'_>) -> Option<u32> {
        let session = self.sessions.get_mut(session as usize)?;
        session.has_calls = true;
        if session.root.is_none() {
            session.root = call.root.or(call.folder).map(Box::from);
        }
        let mode = match call.mode.map_or(session.stance, Stance::parse) {
            Stance::Untold => None,
            Stance::Known(mode) => Some(mode),
            Stance::Strange => return None,
        };
        if let Some((key, number)) = &self.last
            && key.root == session.root
            && key.folder.as_deref() == call.folder.or(session.root.as_deref())
            && key.mode == mode
            && key.repository.as_deref() == call.repository
            && key.user.as_deref() == call.user
        {
            return Some(*number);
        }
        let key = GroundKey {
            root: session.root.clone(),
            folder: call.folder.map(Box::from).or_else(|| session.root.clone()),
            mode,
            repository: call.repository.map(Box::from),
            user: call.user.map(Box::from),
        };
        let number = match self.ground_numbers.get(&key) {
            Some(number) => *number,
            None => self.new_ground(&key),
        };
        self.last = Some((key, number));
        Some(number)
    }

    fn new_ground(&mut self, key: &GroundKey) -> u32 {
        // Folders of another system mean nothing to the rules here.
        let told = |folder: &Option<Box<str>>| {
            folder.as_deref().filter(|folder| folder.starts_with('/')).map(str::to_owned)
        };
        let (root, folder) = (told(&key.root), told(&key.folder));
        let governed = self.policies.at(root.as_deref(), key.repository.as_deref());
        let repository = self.repositories.number(&governed.repository);
        let owner = root.as_deref().and_then(home_of).and_then(|home| home.rsplit('/').next());
        let user = key.user.as_deref().or(owner).map(|user| self.users.number(user));
        let ground = Ground::new(root.as_deref(), folder.as_deref(), key.mode, (governed, repository), user);
        let number = u32::try_from(self.grounds.len()).unwrap_or(u32::MAX);
        self.grounds.push(ground);
        self.ground_numbers.insert(key.clone(), number);
        number
    }

    /// Decides a call in its place, or remembers what was decided.
    fn tell(&mut self, number: u32, call: &Recorded<'_>) -> Told {
        let sides = self.grounds.get(number as usize).and_then(|ground| ground.sides.clone());
        let Some(sides) = sides else { return Told::Undecided(Undecided::NoSettings) };
        let why = match call.kept {
            Kept::Whole => None,
            Kept::Cut => Some(Undecided::Cut),
            Kept::Masked => Some(Undecided::Masked),
            Kept::Nothing => Some(Undecided::NoInput),
        };
        if let Some(why) = why {
            return Told::Undecided(why);
        }
        let tool = self.tools.number(call.tool);
        let heeded = match self.heeded.get(&(sides.number, tool)) {
            Some(fields) => Rc::clone(fields),
            None => self.heed(&sides, tool, call.tool),
        };
        self.key.clear();
        self.key.extend_from_slice(&number.to_ne_bytes());
        self.key.extend_from_slice(&tool.to_ne_bytes());
        for (at, field) in heeded.iter().enumerate() {
            for given in call.input.fields().iter().filter(|given| *given.name == **field) {
                self.key.extend_from_slice(&at.to_ne_bytes());
                self.key.extend_from_slice(given.value.get().as_bytes());
            }
        }
        if let Some(told) = self.memo.find(&self.key) {
            return told;
        }
        let told = self.decide(number, &sides, tool, call);
        self.memo.keep(&self.key, told);
        told
    }

    /// The fields that matter of a tool's input.
    fn heed(&mut self, sides: &Sides, tool: u32, name: &str) -> Rc<[Box<str>]> {
        let ready = self.ready.get(sides.number, || Ready::new(sides, &self.options));
        let fields: Rc<[Box<str>]> = ready.heeded(name).into();
        self.heeded.insert((sides.number, tool), Rc::clone(&fields));
        self.tally.replayed.rules.entry(sides.number).or_insert_with(|| ready.rules());
        fields
    }

    fn decide(&mut self, number: u32, sides: &Sides, tool: u32, call: &Recorded<'_>) -> Told {
        let Some(ground) = self.grounds.get(number as usize) else {
            return Told::Undecided(Undecided::NoSettings);
        };
        let (ready, options) = (&mut self.ready, &self.options);
        let standing = self.standing.get(number as usize, || {
            ready.get(sides.number, || Ready::new(sides, options)).standing(ground, options)
        });
        let call = Call { tool: call.tool.to_owned(), input: call.input.to_map() };
        match standing.decide(&call) {
            Answer::Same(verdict) => Told::Same(verdict),
            Answer::Undecided(why) => Told::Undecided(why),
            Answer::Changed(old, new) => {
                let change = self.tally.change(sides.number, tool, old, new);
                let place = ground.place(&self.options);
                self.tally.example(change, self.options.examples, || call.shown_in(&place));
                Told::Changed(change)
            }
        }
    }

    /// Whether a call was heard of before.
    fn is_repeated(&mut self, id: &str) -> bool {
        let hash = self.hashes.hash_one(id);
        if self.seen.len() >= MOST_IDS {
            self.tally.replayed.is_overfull = true;
            return self.seen.contains(&hash);
        }
        !self.seen.insert(hash)
    }
}

impl<P: Policies> Listener for Replay<'_, P> {
    fn call(&mut self, call: &Recorded<'_>) {
        if call.id.is_some_and(|id| self.is_repeated(id)) {
            self.tally.replayed.repeated += 1;
            return;
        }
        self.tally.replayed.calls += 1;
        if let Some(day) = call.day {
            self.tally.day(day);
        }
        let session = self.session(call.session);
        let ground = self.ground(session, call);
        let told = match ground {
            Some(ground) => self.tell(ground, call),
            None => Told::Undecided(Undecided::Mode),
        };
        let place = ground.and_then(|ground| self.grounds.get(ground as usize));
        let (repository, user) = place.map_or((None, None), |ground| (Some(ground.repository), ground.user));
        if let Some(repository) = repository {
            add(&mut self.tally.replayed.calls_of_repositories, repository);
        }
        if let Some(user) = user {
            add(&mut self.tally.replayed.calls_of_users, user);
        }
        let awaited = match told {
            Told::Same(verdict) => {
                *self.tally.replayed.unchanged.entry(verdict).or_default() += 1;
                (verdict == Verdict::Deny).then_some(Awaited::Denied)
            }
            Told::Undecided(why) => {
                *self.tally.replayed.undecided.entry(why).or_default() += 1;
                None
            }
            Told::Changed(change) => {
                self.tally.count(change, session, repository.unwrap_or_default(), user);
                Some(Awaited::Change(change))
            }
        };
        if let (Some(awaited), Some(id)) = (awaited, call.id) {
            self.awaited.insert(id.into(), awaited);
        }
    }

    fn became(&mut self, id: &str, became: Became) {
        match self.awaited.remove(id) {
            Some(Awaited::Change(change)) => {
                self.tally.became(change, became);
                let refused = self.tally.replayed.changes.get(change as usize);
                let was_denied = refused.is_some_and(|change| change.old.verdict == Verdict::Deny);
                self.tally.replayed.ran_though_denied += u64::from(was_denied && became == Became::Ran);
            }
            Some(Awaited::Denied) => {
                self.tally.replayed.ran_though_denied += u64::from(became == Became::Ran);
            }
            None => {}
        }
    }

    fn mode(&mut self, session: Option<&str>, mode: &str) {
        let session = self.session(session);
        if let Some(session) = self.sessions.get_mut(session as usize) {
            session.stance = Stance::parse(mode);
        }
    }

    fn awaits(&self, id: &str) -> bool {
        !self.awaited.is_empty() && self.awaited.contains_key(id)
    }
}

/// One more of a number.
fn add(counts: &mut Vec<u64>, number: u32) {
    if number as usize >= counts.len() {
        counts.resize(number as usize + 1, 0);
    }
    if let Some(count) = counts.get_mut(number as usize) {
        *count += 1;
    }
}
