//! Which settings hold where: those of two policies, or those of the projects here and what a policy would make of them.
//!
//! INVARIANT: where the settings of a folder are not known, this says so, and does not take them for empty.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::access::Loaded;
use crate::cli::error::CommandError;
use crate::cli::records::{client_folder, home_folder};
use crate::files;
use crate::finding::Severity;
use crate::git;
use crate::policy::{Baseline, Day, Facts, Holding, Policy};
use crate::replay::{A_HOME_FOLDER, Governed, Policies, Sides, home_of};
use crate::repository::{Checker, name_of_url};
use crate::scopes::{Scopes, managed_folder};
use crate::settings::{Scope, Settings};
use crate::state::State;
use crate::text::Position;

/// The settings before.
pub(super) enum Before<'q> {
    /// What a policy asks for.
    Policy {
        /// Its name.
        name: String,
        /// The policy.
        policy: Box<Policy>,
    },
    /// What stands in the projects here.
    Projects {
        /// Holds them against the policy after.
        checker: Box<Checker<'q>>,
        /// Whether the settings of this machine count as well.
        machine: bool,
    },
}

/// Knows which settings hold where.
pub(super) struct Standing<'q> {
    before: Before<'q>,
    after: (String, Policy),
    facts: Facts,
    day: Day,
    /// By the folder of a session and the repository that its records name.
    known: HashMap<(Option<String>, Option<String>), Governed>,
    /// By what holds of both policies.
    alike: BTreeMap<(Holding, Holding), usize>,
    pairs: Vec<Pair>,
    /// What keeps the work from being finished.
    pub(super) failed: Option<CommandError>,
}

/// Two states of settings.
struct Pair {
    old: State,
    new: State,
    /// The settings of this machine, which stand behind those of both states.
    machine: Vec<String>,
    /// What the policy asks for, where the new state is a project that it was applied to.
    baseline: Option<Arc<Baseline>>,
    sides: Arc<Sides>,
}

impl<'q> Standing<'q> {
    pub(super) fn new(before: Before<'q>, after: (String, Policy), facts: Facts, day: Day) -> Self {
        let (known, alike) = (HashMap::new(), BTreeMap::new());
        Self { before, after, facts, day, known, alike, pairs: Vec::new(), failed: None }
    }

    /// What stands before, as it is told.
    pub(super) fn old_name(&self) -> String {
        match &self.before {
            Before::Policy { name, .. } => name.clone(),
            Before::Projects { machine: false, .. } => "the projects as they stand here".to_owned(),
            Before::Projects { machine: true, .. } => {
                "the projects and this machine as they stand".to_owned()
            }
        }
    }

    /// What is to know about how the settings were found.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        match &self.before {
            Before::Policy { .. } => notes.push(
                "both sides are what the policies ask for; what projects allow by themselves is left out".to_owned(),
            ),
            Before::Projects { machine: false, .. } => notes.push(
                "settings of the user and managed ones are left out; `--machine` lets those of this machine count"
                    .to_owned(),
            ),
            Before::Projects { machine: true, .. } => {}
        }
        if let Before::Projects { checker, .. } = &self.before {
            notes.extend(checker.take_notes());
        }
        let hooks = |settings: &[Settings]| {
            settings.iter().any(|file| file.hooks().iter().any(|hook| hook.event == "PreToolUse"))
        };
        if self.pairs.iter().any(|pair| hooks(&pair.sides.old) || hooks(&pair.sides.new)) {
            notes.push("hooks run before tools there, and what they would say is left out".to_owned());
        }
        if matches!(self.before, Before::Projects { .. })
            && self.known.values().any(|governed| governed.sides.is_none())
        {
            notes.push(
                "some projects are not here any more; `--from POLICY` says which policy held there"
                    .to_owned(),
            );
        }
        notes
    }

    /// Where a rule stands: the line of policy that asks for it, or that of the project.
    pub(super) fn place(&self, sides: usize, is_new: bool, rule: &Loaded) -> (String, Option<Position>) {
        let Some(pair) = self.pairs.get(sides) else { return (String::new(), None) };
        let state = if is_new { &pair.new } else { &pair.old };
        let asked = pair.baseline.as_ref().filter(|_| is_new);
        let origin = asked.and_then(|baseline| baseline.rule_origins(rule.list, rule.rule.text()));
        let place = origin.and_then(|origins| Some(origins.first()?.place.clone()));
        match place.or_else(|| state.place_of_rule(rule)) {
            Some(place) => (place.file().to_string(), Some(place.start())),
            None => {
                let number = rule.file.checked_sub(state.settings().len());
                let file = number.and_then(|number| pair.machine.get(number));
                (file.cloned().unwrap_or_else(|| state.name.clone()), None)
            }
        }
    }

    fn find(&mut self, root: Option<&str>, repository: Option<&str>) -> Result<Governed, CommandError> {
        let located = root.and_then(|root| files::locate(Path::new(root)).ok());
        let remote = located.as_ref().filter(|located| located.is_work_tree);
        let remote = remote.and_then(|located| git::origin(&located.root)).and_then(|url| name_of_url(&url));
        let last = root.and_then(|root| root.trim_end_matches('/').rsplit('/').next()).map(str::to_owned);
        let given = self.facts.value("name").map(str::to_owned);
        let named = given.or_else(|| repository.map(str::to_owned)).or(remote);
        let named = named.or_else(|| self.listed(last.as_deref()?));
        // A home folder is named after a person.
        let is_home = root.is_some_and(|root| home_of(root) == Some(root.trim_end_matches('/')));
        let last = if is_home { Some(A_HOME_FOLDER.to_owned()) } else { last };
        let repository = named.clone().or(last).unwrap_or_else(|| "not recorded".to_owned());
        if matches!(self.before, Before::Projects { .. }) {
            let sides = match root.zip(located) {
                Some((root, located)) => self.stands(root, &located)?,
                None => None,
            };
            return Ok(Governed { repository, sides });
        }
        let mut facts = self.facts.clone();
        if let Some(name) = &named {
            facts.set("name", [name.as_str()]);
        }
        if let Some(located) = located {
            let below = located.below.to_string_lossy().replace('\\', "/");
            facts.set("path", [if below.is_empty() { "." } else { &below }]);
        }
        let sides = Some(self.asked(&repository, &facts)?);
        Ok(Governed { repository, sides })
    }

    /// The one repository of the inventories whose name ends so.
    fn listed(&self, folder: &str) -> Option<String> {
        let mut policies = vec![&self.after.1];
        if let Before::Policy { policy, .. } = &self.before {
            policies.push(policy);
        }
        let all = policies.iter().flat_map(|policy| &policy.repositories).map(|repository| &repository.name);
        let mut found: Vec<&String> = all.filter(|name| name.rsplit('/').next() == Some(folder)).collect();
        found.sort();
        found.dedup();
        match found.as_slice() {
            [one] => Some((*one).clone()),
            _ => None,
        }
    }

    /// What both policies ask of a repository.
    fn asked(&mut self, repository: &str, facts: &Facts) -> Result<Arc<Sides>, CommandError> {
        let Before::Policy { name, policy } = &self.before else {
            return Err(CommandError::failed(format!("no policy before is known for `{repository}`")));
        };
        let [old, new] = [&**policy, &self.after.1].map(|policy| (policy, policy.known_facts(facts)));
        let holding = (old.0.holding_for(&old.1), new.0.holding_for(&new.1));
        if let Some(pair) = self.alike.get(&holding).and_then(|number| self.pairs.get(*number)) {
            return Ok(Arc::clone(&pair.sides));
        }
        let [old, new] = [(name, old), (&self.after.0, new)].map(|(name, (policy, facts))| {
            let (baseline, findings) = policy.resolve(&facts, self.day);
            if findings.iter().any(|finding| finding.severity == Severity::Block) {
                return Err(crate::cli::policy::with_faults(&policy.source, findings));
            }
            Ok(State::of_baseline(name, baseline, Vec::new()))
        });
        let number = self.pairs.len();
        self.alike.insert(holding, number);
        Ok(self.keep(old?, new?, None, &[]))
    }

    /// What stands in a project here, and what the policy would make of it; none where it is not known.
    fn stands(&mut self, root: &str, located: &files::Located) -> Result<Option<Arc<Sides>>, CommandError> {
        let Before::Projects { checker, .. } = &self.before else { return Ok(None) };
        let checked = checker.check(Path::new(root))?;
        let below = located.below.to_string_lossy().replace('\\', "/");
        let path = if below.is_empty() { "." } else { &below };
        let Some(held) = checked.projects.iter().find(|held| held.project.path.to_string() == path) else {
            return Ok(None);
        };
        let old = State::of_read(root, &held.project)?;
        let new = State::of_read(root, &held.project_after(&held.plan()))?;
        let machine = self.machine(root)?;
        Ok(Some(self.keep(old, new, Some(Arc::clone(&held.baseline)), &machine)))
    }

    /// The settings of this machine.
    fn machine(&self, root: &str) -> Result<Vec<(String, Settings)>, CommandError> {
        if !matches!(self.before, Before::Projects { machine: true, .. }) {
            return Ok(Vec::new());
        }
        let scopes = Scopes {
            project: PathBuf::from(root),
            home: home_folder(),
            config: client_folder(),
            managed: Some(managed_folder().to_owned()),
            user: true,
            flag: None,
        };
        let files = scopes.read()?.files.into_iter();
        let files = files.filter(|file| matches!(file.settings.scope(), Scope::Managed | Scope::User));
        let home = home_folder().to_string_lossy().replace('\\', "/");
        let shown = |path: String| match path.strip_prefix(&home) {
            Some(rest) if rest.starts_with('/') => format!("~{rest}"),
            _ => path,
        };
        Ok(files.map(|file| (shown(file.path), file.settings)).collect())
    }

    fn keep(
        &mut self,
        old: State,
        new: State,
        baseline: Option<Arc<Baseline>>,
        machine: &[(String, Settings)],
    ) -> Arc<Sides> {
        let settings = |state: &State| -> Vec<Settings> {
            let own = state.settings().into_iter().cloned();
            own.chain(machine.iter().map(|(_, settings)| settings.clone())).collect()
        };
        let number = self.pairs.len();
        let sides = Arc::new(Sides { number, old: settings(&old), new: settings(&new) });
        let machine = machine.iter().map(|(path, _)| path.clone()).collect();
        self.pairs.push(Pair { old, new, machine, baseline, sides: Arc::clone(&sides) });
        sides
    }
}

impl Policies for Standing<'_> {
    fn at(&mut self, root: Option<&str>, repository: Option<&str>) -> Governed {
        let key = (root.map(str::to_owned), repository.map(str::to_owned));
        if let Some(governed) = self.known.get(&key) {
            return governed.clone();
        }
        let governed = self.find(root, repository).unwrap_or_else(|error| {
            self.failed.get_or_insert(error);
            Governed { repository: repository.or(root).unwrap_or_default().to_owned(), sides: None }
        });
        self.known.insert(key, governed.clone());
        governed
    }
}
