//! Holding a project against the requirements of a framework.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use super::attested;
use super::files::{self, Shown};
use super::status::{Answer, Channel, Enforced, Exemption, Line, Status};
use crate::access::File;
use crate::client::Version;
use crate::finding::{Finding, Origin};
use crate::fleet::{State, Verdict};
use crate::json::Pointer;
use crate::policy::{
    Baseline, CallsNeed, Claim, Day, Framework, Need, Policy, SettingNeed, Waiver, Weight, breach_of,
    violations,
};
use crate::project::{Content, LOCK, Role, digest};
use crate::repository::{Checked, Held};
use crate::rule::{List, Rule, implies};
use crate::secret;
use crate::settings::{Scope, Settings, merge};

/// Most lines and places that are told of one answer.
const MOST: usize = 5;

/// The settings of this machine that count beside those of a project.
#[derive(Debug, Clone, Default)]
pub struct Machine {
    /// The files; those of projects are left out of account.
    pub files: Vec<File>,
}

impl Machine {
    /// The managed settings.
    pub(super) fn managed(&self) -> impl Iterator<Item = &Settings> {
        self.of(Scope::Managed).map(|file| &file.settings)
    }

    /// The user's own settings.
    pub(super) fn user(&self) -> impl Iterator<Item = &Settings> {
        self.of(Scope::User).map(|file| &file.settings)
    }

    /// Whether the client runs no hooks but those of managed settings.
    fn leaves_only_managed_hooks(&self) -> bool {
        let only = Pointer::of(["allowManagedHooksOnly"]).to_string();
        self.managed().any(|settings| settings.taken().pointer(&only) == Some(&Value::Bool(true)))
    }

    fn of(&self, scope: Scope) -> impl Iterator<Item = &File> {
        self.files.iter().filter(move |file| file.settings.scope() == scope)
    }
}

/// A repository as it was seen.
#[derive(Debug, Clone)]
pub struct Seen {
    /// How it stands to the policy.
    verdict: Verdict,
    /// Why less is known of it than there is, if so.
    doubt: Option<&'static str>,
}

impl Seen {
    /// A repository that was checked.
    pub fn of(checked: &Checked) -> Self {
        let is_cut = checked.projects.iter().any(|held| held.around.is_cut());
        let doubt = if checked.is_partial {
            Some("its forge showed the root alone")
        } else if is_cut {
            Some("it has more files to look at than are read")
        } else if !checked.is_whole {
            Some("something in it could not be read")
        } else {
            None
        };
        Self { verdict: Verdict::of(checked), doubt }
    }

    /// How it stands to the policy.
    pub fn state(&self) -> State {
        self.verdict.state
    }
}

/// A framework, the policy that attests and waives, and the day.
pub struct Look<'a> {
    framework: &'a Framework,
    policy: &'a Policy,
    today: Day,
    machine: Option<&'a Machine>,
    /// What was proved of calls, by a digest of the question: many projects of a fleet have the same settings.
    proved: Mutex<HashMap<String, Shown>>,
}

impl<'a> Look<'a> {
    /// For many projects that are held against one policy.
    pub fn new(
        framework: &'a Framework,
        policy: &'a Policy,
        today: Day,
        machine: Option<&'a Machine>,
    ) -> Self {
        Self { framework, policy, today, machine, proved: Mutex::default() }
    }

    /// What the files of a project show, for each requirement in their order; none where somebody attests it, which
    /// depends on the name of the repository. The same for repositories that are alike.
    pub fn files(&self, held: &Held, checked: &Checked, seen: &Seen) -> Vec<Option<Answer>> {
        // Asked for by several requirements, and each of them runs all checks again.
        let unwaived = OnceCell::new();
        let answer = |need: &Need| {
            let answer = match need {
                Need::Attestation(_) => return None,
                Need::Person(what) => return Some(Answer::new(Status::ForAPerson, what.as_str())),
                Need::Setting(need) => self.setting(need, held),
                Need::Calls(need) => self.calls(need, held),
                Need::Checks(names) => checks(
                    names,
                    held,
                    checked,
                    &seen.verdict,
                    unwaived.get_or_init(|| without_waivers(held)),
                ),
                Need::InLine => in_line(held, seen),
            };
            Some(match seen.doubt {
                Some(doubt) if !answer.status.needs_attention() => Answer {
                    status: Status::NotShown,
                    until: None,
                    enforced: Vec::new(),
                    why: format!("{}, as far as it was seen: {doubt}", answer.why),
                    ..answer
                },
                _ => answer,
            })
        };
        self.framework.requirements().map(|(_, _, requirement)| answer(&requirement.needs)).collect()
    }

    /// The same for a repository that could not be looked at.
    pub fn unread(&self, why: &str) -> Vec<Option<Answer>> {
        let answer = |need: &Need| match need {
            Need::Attestation(_) => None,
            Need::Person(what) => Some(Answer::new(Status::ForAPerson, what.as_str())),
            _ => Some(Answer::new(Status::NotShown, format!("the repository was not looked at: {why}"))),
        };
        self.framework.requirements().map(|(_, _, requirement)| answer(&requirement.needs)).collect()
    }

    /// All answers about a project of the repository of this name: what its files show, and what is attested of it.
    pub fn answers(&self, files: &[Option<Answer>], name: Option<&str>) -> Vec<Answer> {
        let requirements = self.framework.requirements().zip(files);
        let answers = requirements.map(|((_, _, requirement), shown)| match (shown, &requirement.needs) {
            (Some(answer), _) => answer.clone(),
            (None, Need::Attestation(need)) => attested::answer(self.policy, need, name, self.today),
            (None, _) => Answer::new(Status::NotShown, "nothing was looked at for it"),
        });
        answers.collect()
    }

    fn setting(&self, need: &SettingNeed, held: &Held) -> Answer {
        let Ok(at) = need.at.parse::<Pointer>() else {
            return Answer::new(Status::NotShown, format!("`{}` names no key", need.at));
        };
        // Managed settings may leave no hook but their own.
        let own_hooks_alone = at.tokens().first().is_some_and(|first| first == "hooks")
            && self.machine.is_some_and(Machine::leaves_only_managed_hooks);
        let question = |files: &[&Settings]| {
            let counts = |file: &&&Settings| !own_hooks_alone || file.scope() == Scope::Managed;
            let files: Vec<&Settings> = files.iter().filter(counts).copied().collect();
            let merged = merge(&files).value;
            match merged.pointer(&need.at) {
                None if need.or_unset => Shown::Holds { said: false },
                None => Shown::Not(format!("`{}` is not set", at.dotted())),
                Some(value) => judged(need, &at, value),
            }
        };
        let verdict = files::ask(&held.project, self.machine, &question);
        let mut answer = Answer::new(verdict.status, verdict.why);
        for channel in verdict.channels {
            let place = match channel {
                Channel::Project => held.project.shared.place(&at).to_string(),
                other => self.machine_file(other, |settings| settings.taken().pointer(&need.at).is_some()),
            };
            answer.enforced.push(Enforced { by: channel, place });
        }
        answer.lines = Line::of(demands_of(&held.baseline, &at).into_iter().take(MOST));
        let opening = |waiver: &Waiver| waiver.opens_pointer(&at);
        self.waived(answer, held, opening, || true)
    }

    fn calls(&self, need: &CallsNeed, held: &Held) -> Answer {
        let proved = |calls: &[String], files: &[&Settings]| self.proved(need, calls, files, held);
        let verdict =
            files::ask(&held.project, self.machine, &|files: &[&Settings]| proved(&need.calls, files));
        let mut answer = Answer::new(verdict.status, verdict.why);
        let calls: Vec<Rule> = need.calls.iter().map(|text| Rule::parse(text)).collect();
        let covers = |list: List, rule: &Rule| {
            list != List::Allow
                && calls.iter().any(|call| implies(list, rule, call) || implies(list, call, rule))
        };
        for channel in verdict.channels {
            if channel != Channel::Project {
                let place = self.machine_file(channel, |_| true);
                answer.enforced.push(Enforced { by: channel, place });
                continue;
            }
            let shared = &held.project.shared;
            let rules = shared.rules.iter().filter(|written| covers(written.list, &written.rule));
            let mut places: Vec<String> =
                rules.map(|written| shared.file.place(written.span).to_string()).take(MOST).collect();
            if places.is_empty() {
                places.push(shared.file.path.to_string());
            }
            answer.enforced.extend(places.into_iter().map(|place| Enforced { by: channel, place }));
        }
        let asked = held.baseline.rules.iter();
        let asked = asked.filter(|demand| covers(demand.what.list, &demand.what.rule));
        answer.lines = Line::of(asked.flat_map(|demand| &demand.origins).take(MOST));
        let opens = |waiver: &Waiver, call: &Rule| {
            waiver.rules.iter().any(|rule| implies(List::Deny, rule, call))
                || [List::Deny, List::Ask].iter().any(|list| waiver.opens_pointer(&list.pointer()))
        };
        let opening = |waiver: &Waiver| {
            calls.iter().any(|call| {
                opens(waiver, call) || waiver.rules.iter().any(|rule| implies(List::Deny, call, rule))
            })
        };
        // What no waiver opens as a whole must be so all the same.
        let rest_holds = || {
            let closed: Vec<String> = calls
                .iter()
                .filter(|call| !held.baseline.holding_waivers().any(|waiver| opens(waiver, call)))
                .map(|call| call.text().to_owned())
                .collect();
            closed.len() < calls.len()
                && (closed.is_empty()
                    || files::ask(&held.project, self.machine, &|files: &[&Settings]| proved(&closed, files))
                        .status
                        == Status::Met)
        };
        self.waived(answer, held, opening, rest_holds)
    }

    /// Whether the settings are proved to decide calls so, even for somebody who allows all of them.
    fn proved(&self, need: &CallsNeed, calls: &[String], files: &[&Settings], held: &Held) -> Shown {
        let mut key = format!("{:?} {calls:?}", need.are);
        for file in files {
            key.push_str(&format!(" {:?} {}", file.scope(), file.document().source().text()));
        }
        let key = digest(&key);
        let known = |proved: &HashMap<String, Shown>| proved.get(&key).cloned();
        if let Some(shown) = known(&self.proved.lock().unwrap_or_else(PoisonError::into_inner)) {
            return shown;
        }
        let usable = |text: &&String| Rule::parse(text).fault(List::Allow).is_none();
        let allow: Vec<String> = calls.iter().filter(usable).cloned().collect();
        let files: Vec<Settings> = files.iter().map(|file| (*file).clone()).collect();
        let claim = Claim { calls, allow: &allow, are: need.are };
        let shown = match breach_of(claim, &files, &held.baseline, Version::NEWEST) {
            None => Shown::Holds { said: true },
            Some(breach) if breach.is_shown => {
                Shown::Not(format!("{} where somebody has an allow rule for it", breach.what))
            }
            Some(breach) => Shown::Open(breach.what),
        };
        let mut proved = self.proved.lock().unwrap_or_else(PoisonError::into_inner);
        proved.insert(key, shown.clone());
        shown
    }

    /// Adds the waivers that bear on a requirement; where they open all that is not so, it is waived.
    fn waived(
        &self,
        answer: Answer,
        held: &Held,
        opening: impl Fn(&Waiver) -> bool,
        rest_holds: impl Fn() -> bool,
    ) -> Answer {
        let waivers: Vec<Exemption> =
            held.baseline.holding_waivers().filter(|waiver| opening(waiver)).map(exemption).collect();
        if waivers.is_empty() || answer.status != Status::NotMet || !rest_holds() {
            return Answer { waivers, ..answer };
        }
        waived_by(answer, waivers)
    }

    /// The file of this machine that makes something so.
    fn machine_file(&self, channel: Channel, says: impl Fn(&Settings) -> bool) -> String {
        let scope = if channel == Channel::User { Scope::User } else { Scope::Managed };
        let mut files = self.machine.iter().flat_map(|machine| machine.of(scope));
        files.find(|file| says(&file.settings)).map(|file| file.path.clone()).unwrap_or_default()
    }
}

/// Whether a value is as a requirement asks.
fn judged(need: &SettingNeed, at: &Pointer, value: &Value) -> Shown {
    match violations(&need.is, value) {
        Err(fault) => Shown::Open(format!("what it must be is no JSON Schema: {}", fault.message)),
        Ok(found) => match found.first() {
            None => Shown::Holds { said: true },
            Some(violation) => {
                let tokens = at.tokens().iter().chain(violation.at.tokens());
                let place = Pointer::of(tokens.map(String::as_str));
                // The words of a schema may hold the value.
                Shown::Not(secret::mask(&format!("`{}` {}", place.dotted(), violation.message)).into_owned())
            }
        },
    }
}

/// The lines of policy that ask for something at a key, above it or below it.
fn demands_of<'b>(baseline: &'b Baseline, at: &Pointer) -> Vec<&'b Origin> {
    let touches = |other: &Pointer| other.contains(at) || at.contains(other);
    let schema_path: String = at
        .tokens()
        .iter()
        .map(|token| format!("/properties/{}", token.replace('~', "~0").replace('/', "~1")))
        .collect();
    let values =
        baseline.values.iter().filter(|demand| touches(&demand.what.at)).map(|demand| &demand.origins);
    let entries =
        baseline.entries.iter().filter(|demand| touches(&demand.what.at)).map(|demand| &demand.origins);
    let schemas = baseline.schemas.iter();
    let schemas =
        schemas.filter(|demand| demand.what.pointer(&schema_path).is_some()).map(|demand| &demand.origins);
    values.chain(entries).chain(schemas).flatten().collect()
}

/// The waivers that hold, each with what would be found without it.
fn without_waivers(held: &Held) -> Vec<(Exemption, Vec<Finding>)> {
    let waivers = held.baseline.waivers.iter().enumerate().filter(|(_, waiver)| waiver.holds());
    let told = waivers
        .map(|(index, held_waiver)| (exemption(&held_waiver.waiver), held.findings_without_waiver(index)));
    told.collect()
}

fn findings_of(checked: &Checked) -> impl Iterator<Item = &Finding> {
    checked.projects.iter().flat_map(|held| &held.findings)
}

fn exemption(waiver: &Waiver) -> Exemption {
    Exemption { id: waiver.id.clone(), owner: waiver.content.owner.clone(), until: waiver.content.expires }
}

/// The answer as waivers have it: until the first of them ends.
fn waived_by(answer: Answer, waivers: Vec<Exemption>) -> Answer {
    Answer {
        status: Status::Waived,
        until: waivers.iter().map(|waiver| waiver.until).min(),
        waivers,
        ..answer
    }
}

/// Whether there is what a check looks at, so that its silence says something.
fn has_what_is_checked(check: &str, held: &Held) -> bool {
    let baseline = &held.baseline;
    match check {
        "missing-rule" => !baseline.rules.is_empty(),
        "missing-value" | "changed-value" | "forbidden-key" => !baseline.values.is_empty(),
        "limit-schema" => !baseline.schemas.is_empty(),
        "exceeds-limit" => !baseline.bounds.is_empty() || !baseline.never.is_empty(),
        "unapproved-mcp-server" => !baseline.approved.is_empty(),
        "blocked-mcp-server" => !baseline.blocked.is_empty(),
        "missing-mcp-server" => !baseline.provided.is_empty(),
        "missing-file-block" | "edited-file-block" => !baseline.texts.is_empty(),
        "unreadable-settings" | "invalid-value" | "invalid-rule" => {
            held.project.shared.file.content != Content::Missing
        }
        "foreign-policy" | "edited-managed-entry" | "withdrawn-entry" | "unreadable-lock" => {
            held.project.readable_lock().is_some()
        }
        "unowned-agent-config" => {
            held.around.files(Role::Owners).any(|file| matches!(file.content, Content::Text(_)))
        }
        "skip-permissions-in-workflow" => held.around.files(Role::Workflow).next().is_some(),
        _ => true,
    }
}

/// The files of the repository that a check reads and that are there: who changes them can undo what its silence shows.
fn files_of(check: &str, held: &Held) -> Vec<String> {
    let around = |role: Role| held.around.files(role).map(|file| file.path.to_string()).collect();
    let is_there = |content: &Content| *content != Content::Missing;
    match check {
        "foreign-policy" | "edited-managed-entry" | "withdrawn-entry" | "unreadable-lock" => {
            vec![held.project.path.join(LOCK).to_string()]
        }
        "unowned-agent-config" => around(Role::Owners),
        "skip-permissions-in-workflow" => around(Role::Workflow),
        // They look at the policy.
        "waiver-expired" | "waiver-expiring" | "waiver-over-broad" | "waiver-unused" => Vec::new(),
        _ => {
            let file = &held.project.shared.file;
            if is_there(&file.content) { vec![file.path.to_string()] } else { Vec::new() }
        }
    }
}

/// What checks find is asked of the whole repository: some are told once, whatever the number of its projects.
fn checks(
    names: &[String],
    held: &Held,
    checked: &Checked,
    verdict: &Verdict,
    unwaived: &[(Exemption, Vec<Finding>)],
) -> Answer {
    let is_named = |finding: &Finding| names.iter().any(|name| name == finding.check);
    let found: Vec<&Finding> = findings_of(checked).filter(|finding| is_named(finding)).collect();
    if let Some(first) = found.first() {
        let more = if found.len() > 1 { format!(", and {} more", found.len() - 1) } else { String::new() };
        let why = format!("{}: {}{more}", first.check, first.message);
        let lines = Line::of(found.iter().flat_map(|finding| &finding.origins).take(MOST));
        return Answer { lines, ..Answer::new(Status::NotMet, why) };
    }
    if let Some(name) = names.iter().find(|name| held.weight(name) == Some(Weight::Off)) {
        return Answer::new(Status::NotShown, format!("check `{name}` is switched off"));
    }
    if let Some(name) = names.iter().find(|name| !has_what_is_checked(name, held)) {
        let why = format!("there is nothing that `{name}` could speak of, so its silence says nothing");
        return Answer::new(Status::NotShown, why);
    }
    // Settings that the client drops, or that could not be read, may hide what there is to find.
    if verdict.state == State::Unreadable {
        return Answer::new(Status::NotShown, "settings or lock say nothing that can be relied on");
    }
    let needed = unwaived.iter().filter(|(_, found)| found.iter().any(is_named));
    let waivers: Vec<Exemption> = needed.map(|(waiver, _)| waiver.clone()).collect();
    let why = format!("nothing was found by {}", names.join(", "));
    let places: BTreeSet<String> = names.iter().flat_map(|name| files_of(name, held)).collect();
    let enforced = places.into_iter().map(|place| Enforced { by: Channel::Project, place });
    let answer = Answer { enforced: enforced.take(MOST).collect(), ..Answer::new(Status::Met, why) };
    if waivers.is_empty() { answer } else { waived_by(answer, waivers) }
}

fn in_line(held: &Held, seen: &Seen) -> Answer {
    let verdict = &seen.verdict;
    let reason = verdict.reasons.first().map(|reason| format!(": {}", reason.message)).unwrap_or_default();
    let why = format!("the repository is {}{reason}", verdict.state);
    let nothing_is_asked =
        held.baseline.enforced_settings().as_object().is_none_or(serde_json::Map::is_empty)
            && held.baseline.schemas.is_empty()
            && held.baseline.bounds.is_empty()
            && held.baseline.never.is_empty()
            && held.baseline.approved.is_empty()
            && held.baseline.blocked.is_empty()
            && held.baseline.provided.is_empty()
            && held.baseline.texts.is_empty();
    let status = match verdict.state {
        State::InLine | State::Stricter if nothing_is_asked => {
            return Answer::new(Status::NotShown, "the policy asks nothing of this project");
        }
        State::InLine | State::Stricter => Status::Met,
        State::Waived => Status::Waived,
        State::Unreadable | State::Unreachable | State::Archived => Status::NotShown,
        _ => Status::NotMet,
    };
    let mut answer = Answer::new(status, why);
    if status == Status::Waived {
        answer.until = verdict.until;
        let needed = held.baseline.holding_waivers().filter(|waiver| verdict.waivers.contains(&waiver.id));
        answer.waivers = needed.map(exemption).collect();
    }
    if matches!(status, Status::Met | Status::Waived) {
        let place = held.project.shared.file.path.to_string();
        answer.enforced = vec![Enforced { by: Channel::Project, place }];
    }
    answer
}
