//! Waivers: what they open, for whom, and how they stand on a day.
//!
//! INVARIANT: [`Waiver::standing`] is the only place that compares a waiver with a day.

use super::facts::{Facts, matches};
use super::file::{Day, WaiverFile};
use super::layer::PolicyDocument;
use super::load::INVALID;
use crate::finding::{Finding, Place, Severity};
use crate::json::Pointer;
use crate::path::RepoPath;
use crate::rule::{List, Rule, implies};

/// Days before its end from which a waiver is reported as expiring.
const EXPIRING_DAYS: i64 = 30;

/// Longest time, in days, that a waiver may still have to run before it counts as over-broad.
const LONGEST_DAYS: i64 = 366;

/// A waiver that was read without an error.
#[derive(Debug, Clone)]
pub struct Waiver {
    /// Its file name without folder and ending.
    pub id: String,
    /// What it says.
    pub content: WaiverFile,
    /// The rules that it opens.
    pub rules: Vec<Rule>,
    /// The places in `settings.json` that it opens.
    pub pointers: Vec<Pointer>,
    file: PolicyDocument,
}

/// How a waiver stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Its last day is over, by this many days.
    Expired(i64),
    /// It holds for these more days, today not counted, few enough to say so.
    Expiring(i64),
    /// It holds.
    Holds,
}

/// A waiver that speaks of a repository, on the day of the baseline.
#[derive(Debug, Clone)]
pub struct HeldWaiver {
    /// The waiver.
    pub waiver: Waiver,
    /// How it stands.
    pub standing: Standing,
}

impl HeldWaiver {
    /// Whether it opens anything on this day.
    pub fn holds(&self) -> bool {
        !matches!(self.standing, Standing::Expired(_))
    }
}

impl Waiver {
    /// Takes a file over, reporting every rule and pointer that is none.
    pub(super) fn new(
        path: &RepoPath,
        file: PolicyDocument,
        content: WaiverFile,
        findings: &mut Vec<Finding>,
    ) -> Option<Self> {
        let before = findings.len();
        let mut rules = Vec::new();
        for (index, text) in content.opens.rules.iter().enumerate() {
            let rule = Rule::parse(text);
            if let Some(problem) = rule.problem(List::Deny) {
                let at = Pointer::of(["opens".to_owned(), "rules".to_owned(), index.to_string()]);
                let message = problem.to_string();
                findings.push(Finding::new(INVALID, Severity::Block, file.place(&at), message));
            }
            rules.push(rule);
        }
        let mut pointers = Vec::new();
        for (index, text) in content.opens.pointers.iter().enumerate() {
            match text.parse::<Pointer>() {
                Ok(pointer) => pointers.push(pointer),
                Err(error) => {
                    let at = Pointer::of(["opens".to_owned(), "pointers".to_owned(), index.to_string()]);
                    findings.push(Finding::new(INVALID, Severity::Block, file.place(&at), error.to_string()));
                }
            }
        }
        if content.opens == super::OpensFile::default() {
            let place = file.place(&Pointer::of(["opens"]));
            findings.push(Finding::new(INVALID, Severity::Block, place, "the waiver opens nothing"));
        }
        for (key, text) in
            [("reason", &content.reason), ("owner", &content.owner), ("approvedBy", &content.approved_by)]
        {
            if text.trim().is_empty() {
                let place = file.place(&Pointer::of([key]));
                findings.push(Finding::new(
                    INVALID,
                    Severity::Block,
                    place,
                    format!("the waiver has no {key}"),
                ));
            }
        }
        let name = path.as_str().rsplit('/').next().unwrap_or_default();
        let id = name.strip_suffix(".json").unwrap_or(name).to_owned();
        (findings.len() == before).then_some(Self { id, content, rules, pointers, file })
    }

    /// Whether the waiver speaks of the repository with these facts.
    pub fn concerns(&self, facts: &Facts) -> bool {
        let name = facts.value("name").unwrap_or_default();
        self.content.repositories.iter().any(|pattern| matches(pattern, name))
    }

    /// How the waiver stands on a day; it holds through its last day.
    pub fn standing(&self, today: Day) -> Standing {
        match self.content.expires.days_since(today) {
            left if left < 0 => Standing::Expired(-left),
            left if left <= EXPIRING_DAYS => Standing::Expiring(left),
            _ => Standing::Holds,
        }
    }

    /// Why the waiver opens more than a waiver should, if it does, with the place.
    pub fn over_broad(&self, today: Day) -> Vec<(Place, String)> {
        let mut found = Vec::new();
        let mut note = |at: Pointer, message: String| found.push((self.file.place(&at), message));
        for (index, pattern) in self.content.repositories.iter().enumerate() {
            if pattern.chars().all(|c| c == '*' || c == '/') {
                let at = Pointer::of(["repositories".to_owned(), index.to_string()]);
                note(at, format!("`{pattern}` is every repository"));
            }
        }
        for (index, rule) in self.rules.iter().enumerate() {
            if rule.content().is_none_or(|content| content.chars().all(|c| "*/.:".contains(c))) {
                let at = Pointer::of(["opens".to_owned(), "rules".to_owned(), index.to_string()]);
                note(at, format!("`{rule}` opens everything that `{}` can do", rule.tool()));
            }
        }
        for (index, pointer) in self.pointers.iter().enumerate() {
            let lists = ["", "/permissions", "/permissions/deny", "/permissions/ask", "/permissions/allow"];
            if lists.contains(&pointer.to_string().as_str()) {
                let at = Pointer::of(["opens".to_owned(), "pointers".to_owned(), index.to_string()]);
                note(at, format!("`{}` opens all that is enforced below it", pointer.dotted()));
            }
        }
        for (index, server) in self.content.opens.servers.iter().enumerate() {
            if server.chars().all(|c| c == '*') {
                let at = Pointer::of(["opens".to_owned(), "servers".to_owned(), index.to_string()]);
                note(at, format!("`{server}` opens every MCP server"));
            }
        }
        let left = self.content.expires.days_since(today);
        if left > LONGEST_DAYS {
            note(Pointer::of(["expires"]), format!("it runs for {left} more days, longer than a year"));
        }
        found
    }

    /// The place of what the waiver says at `pointer`.
    pub fn place(&self, pointer: &Pointer) -> Place {
        self.file.place(pointer)
    }

    /// Whether an enforced rule need not be there: it lies within a rule that the waiver opens.
    pub fn opens_rule(&self, list: List, rule: &Rule) -> bool {
        self.rules.iter().any(|opened| implies(list, opened, rule))
    }

    /// Whether nothing is enforced at `pointer`.
    pub fn opens_pointer(&self, pointer: &Pointer) -> bool {
        self.pointers.iter().any(|opened| opened.contains(pointer))
    }

    /// Whether the MCP server of this name needs no approval.
    pub fn opens_server(&self, name: &str) -> bool {
        self.content.opens.servers.iter().any(|pattern| matches(pattern, name))
    }
}
