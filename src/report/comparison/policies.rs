//! What a change of policy grants, for all repositories: those for which it means the same are told together.
//!
//! INVARIANT: a repository that no group names is asked the same by both policies.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::markdown::add_body;
use super::text::write_body;
use super::{ComparisonReport, DirectionReport, Outcome, comparison_limits, direction_of};
use crate::finding::Place;
use crate::policy::DemandChange;
use crate::report::markdown::{Page, escaped, shortened};
use crate::report::some_names;
use crate::report::style::{BOLD, DIM, painted, tame};

/// What `bylaws policy diff --format json` prints, version 1.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PolicyDiffReport {
    /// Always 1.
    version: u32,
    /// The day as of which waivers and dates of layers count.
    day: String,
    /// The policy before the change, as it was named.
    old: String,
    /// The policy after it.
    new: String,
    /// How many repositories there are.
    repositories: usize,
    /// What came of all of them: new access where there is some for one, undecided where that is all.
    pub outcome: Outcome,
    /// What is to know about how it was found out.
    notes: Vec<String>,
    /// Repositories for which the change means the same, those with new access first.
    groups: Vec<GroupReport>,
    /// What this does not speak of.
    limits: Vec<String>,
}

/// Repositories for which the change means the same.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GroupReport {
    /// Their names.
    repositories: Vec<String>,
    /// What comes of it for each of them.
    outcome: Outcome,
    /// What changes beside the settings that a project gets: limits, catalogues, waivers, weights.
    demands: Vec<DemandReport>,
    /// What changes in the settings of a project that holds nothing but the policy.
    settings: ComparisonReport,
}

#[derive(Debug, PartialEq, Serialize, JsonSchema)]
struct DemandReport {
    /// What changes.
    what: String,
    /// What that means.
    direction: DirectionReport,
    /// The line that asked for it: `FILE:LINE:COLUMN`.
    #[serde(skip_serializing_if = "Option::is_none")]
    old: Option<String>,
    /// The line that asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<String>,
}

impl GroupReport {
    /// What a change means for repositories of which both policies ask the same, each for itself.
    pub fn new(repositories: Vec<String>, settings: ComparisonReport, demands: &[DemandChange]) -> Self {
        let place = |place: &Option<Place>| place.as_ref().map(ToString::to_string);
        let demands: Vec<DemandReport> = demands
            .iter()
            .map(|demand| DemandReport {
                what: demand.what.clone(),
                direction: direction_of(demand.direction),
                old: place(&demand.old),
                new: place(&demand.new),
            })
            .collect();
        let has = |direction| demands.iter().any(|demand| demand.direction == direction);
        let outcome = match settings.outcome {
            Outcome::NewAccess => Outcome::NewAccess,
            _ if has(DirectionReport::Looser) => Outcome::NewAccess,
            Outcome::Undecided => Outcome::Undecided,
            _ if has(DirectionReport::Unordered) => Outcome::Undecided,
            Outcome::NoNewAccess => Outcome::NoNewAccess,
        };
        Self { repositories, outcome, demands, settings }
    }

    fn is_empty(&self) -> bool {
        self.demands.is_empty() && !self.settings.has_changes() && self.settings.keys.is_empty()
    }

    /// Whether another group tells the same.
    fn tells_the_same_as(&self, other: &Self) -> bool {
        let told = |group: &Self| serde_json::to_string(&group.settings).unwrap_or_default();
        self.demands == other.demands && told(self) == told(other)
    }

    fn in_words(&self) -> &'static str {
        match self.outcome {
            Outcome::NewAccess => "new access",
            Outcome::Undecided => "not decided",
            Outcome::NoNewAccess => "no new access",
        }
    }
}

/// Who was asked what.
pub struct AskedPolicies<'a> {
    /// The policy before the change.
    pub old: &'a str,
    /// The policy after it.
    pub new: &'a str,
    /// The day.
    pub day: String,
    /// How many repositories there are.
    pub repositories: usize,
    /// What is to know about how it was found out.
    pub notes: Vec<String>,
}

/// Puts a change of policy into words.
pub fn policy_diff_report(asked: AskedPolicies<'_>, groups: Vec<GroupReport>) -> PolicyDiffReport {
    let mut told: Vec<GroupReport> = Vec::new();
    for group in groups.into_iter().filter(|group| !group.is_empty()) {
        match told.iter_mut().find(|known| known.tells_the_same_as(&group)) {
            Some(known) => known.repositories.extend(group.repositories),
            None => told.push(group),
        }
    }
    let weight = |outcome: Outcome| match outcome {
        Outcome::NewAccess => 0,
        Outcome::Undecided => 1,
        Outcome::NoNewAccess => 2,
    };
    told.sort_by_key(|group| (weight(group.outcome), std::cmp::Reverse(group.repositories.len())));
    PolicyDiffReport {
        version: 1,
        day: asked.day,
        old: asked.old.to_owned(),
        new: asked.new.to_owned(),
        repositories: asked.repositories,
        outcome: told.first().map_or(Outcome::NoNewAccess, |group| group.outcome),
        notes: asked.notes,
        groups: told,
        limits: comparison_limits().map(str::to_owned).collect(),
    }
}

impl PolicyDiffReport {
    /// Whether anything is not the same.
    pub fn has_changes(&self) -> bool {
        !self.groups.is_empty()
    }

    /// What came of it, in one line.
    pub fn in_words(&self) -> String {
        let count = |outcome: Outcome| -> usize {
            let groups = self.groups.iter().filter(|group| group.outcome == outcome);
            groups.map(|group| group.repositories.len()).sum()
        };
        let [more, open, less] = [Outcome::NewAccess, Outcome::Undecided, Outcome::NoNewAccess].map(count);
        let all = match self.repositories {
            1 => "1 repository".to_owned(),
            count => format!("{count} repositories"),
        };
        if self.groups.is_empty() {
            return format!("both policies ask the same of {all}");
        }
        let parts =
            [(more, "new access in"), (open, "not decided in"), (less, "a change without new access in")];
        let parts = parts.into_iter().filter(|(count, _)| *count > 0);
        let parts: Vec<String> = parts.map(|(count, what)| format!("{what} {count}")).collect();
        format!("{} of {all}", parts.join(", "))
    }
}

/// Writes a change of policy with lines of at most `width` characters, words that are longer apart.
pub fn write_policy_diff(out: &mut dyn Write, width: usize, report: &PolicyDiffReport) -> io::Result<()> {
    writeln!(out, "{}", painted(BOLD, report.in_words()))?;
    for note in &report.notes {
        writeln!(out, "  {}", painted(DIM, tame(note)))?;
    }
    for group in &report.groups {
        let names = some_names(&group.repositories);
        writeln!(out, "\n{}", painted(BOLD, format!("== {} in {}", group.in_words(), tame(&names))))?;
        if !group.demands.is_empty() {
            writeln!(out, "\n{}", painted(BOLD, "the policy itself"))?;
        }
        for demand in &group.demands {
            writeln!(out, "  {}: {}", demand.direction.in_words(), tame(&demand.what))?;
            for (side, place) in [("old", &demand.old), ("new", &demand.new)] {
                if let Some(place) = place {
                    writeln!(out, "      {} {}", painted(DIM, format!("{side}:")), tame(place))?;
                }
            }
        }
        write_body(out, width, &group.settings)?;
    }
    Ok(())
}

/// Writes a change of policy for a comment.
pub fn write_policy_diff_markdown(out: &mut dyn Write, report: &PolicyDiffReport) -> io::Result<()> {
    let mut page = Page::default();
    page.add(&format!("### Agent policy: {}\n", report.in_words()));
    page.add_all(report.notes.iter().map(|note| format!("\n- {}\n", escaped(&shortened(note)))));
    for group in &report.groups {
        let names = escaped(&shortened(&some_names(&group.repositories)));
        if !page.add(&format!("\n#### {} in {names}\n", sentence(group.in_words()))) {
            page.end("\nMore repositories are not told here.\n");
            break;
        }
        let demands = group.demands.iter().map(|demand| {
            let place = demand.new.as_ref().or(demand.old.as_ref());
            let place = place.map(|place| format!(" ({})", escaped(place))).unwrap_or_default();
            format!("- {}: {}{place}\n", demand.direction.in_words(), escaped(&shortened(&demand.what)))
        });
        page.add("\n");
        page.add_all(demands);
        add_body(&mut page, &group.settings);
    }
    page.end(&format!("\n<sub>Left out: {}.</sub>\n", escaped(&report.limits.join("; "))));
    out.write_all(page.text.as_bytes())
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
