//! What is suggested for allow rules, as people and programs read it. The JSON form is frozen like that of the report:
//! fields are added, never changed.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::Heard;
use super::decision::{RuleReport, Words, place_of};
use super::style::{BOLD, DIM, painted, tame};
use super::text::hanging;
use crate::client::Version;
use crate::secret;
use crate::state::State;
use crate::suggest::{Advice, LIMITS, Suggestion, Used};

/// What `bylaws suggest --format json` prints, version 1.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SuggestionReport {
    /// Always 1.
    version: u32,
    /// The settings, as they were named.
    settings: String,
    /// The client version whose behaviour decides.
    client: String,
    /// How many calls count.
    calls: u64,
    /// In how many sessions they were made.
    sessions: usize,
    /// On how many days.
    days: usize,
    /// Calls of sessions that began in other folders; they do not count.
    elsewhere: u64,
    /// Calls of which the record does not hold the whole input; what they used is not known.
    unread: u64,
    /// Each allow rule and what is suggested for it.
    rules: Vec<AdviceReport>,
    /// The allow rules that are left. It is proved that nothing more is allowed by them than today.
    allow: Vec<String>,
    /// How many of the calls run without a question today.
    allowed: u64,
    /// How many of these would be asked for.
    asked: u64,
    /// Some of these, without what tells of somebody.
    examples: Vec<String>,
    /// What was read.
    records: Heard,
    /// What is to know about how it was found out.
    notes: Vec<String>,
    /// What this does not speak of.
    limits: Vec<String>,
}

/// An allow rule and what is suggested for it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct AdviceReport {
    /// The rule.
    rule: RuleReport,
    /// How many calls fell under it.
    calls: u64,
    /// `unused`: it decided no recorded call, and may go. `narrower`: others may take its place. `kept`: it stays.
    advice: String,
    /// The rules that may take its place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    into: Vec<NarrowerReport>,
    /// Why it stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

/// A narrower rule.
#[derive(Debug, Serialize, JsonSchema)]
struct NarrowerReport {
    /// The rule.
    rule: String,
    /// How many calls it is for.
    calls: u64,
}

/// Puts suggestions for the settings of a state into words.
pub fn suggestion_report(
    state: &State,
    client: Version,
    suggestion: &Suggestion,
    used: &Used,
    heard: Heard,
    mut notes: Vec<String>,
) -> SuggestionReport {
    let place = |rule: &crate::access::Loaded| match state.place_of_rule(rule) {
        Some(place) => (place.file().to_string(), Some(place.start())),
        None => (state.name.clone(), None),
    };
    let rules = suggestion.access.rules();
    let words = Words { version: client, rules, mode: suggestion.access.mode(), place: &place };
    if used.unread > 0 {
        let tools: Vec<&str> = used.unread_tools().iter().map(String::as_str).collect();
        notes.push(format!(
            "what {} of {} used is not known, so no rule for it is told to be unused",
            counted(used.unread, "call"),
            tools.join(", ")
        ));
    }
    if used.beyond > 0 {
        notes.push(format!("{} calls more were too many to be looked at one by one", used.beyond));
    }
    let rules = suggestion.rules.iter().filter_map(|(id, calls, advice)| {
        let (name, into, why) = match advice {
            Advice::Unused => ("unused", Vec::new(), None),
            Advice::Narrower(rules) => {
                let into = rules.iter().map(|(rule, calls)| NarrowerReport {
                    rule: secret::mask(rule).into_owned(),
                    calls: *calls,
                });
                ("narrower", into.collect(), None)
            }
            Advice::Kept(why) => ("kept", Vec::new(), Some(why.in_words().to_owned())),
        };
        let rule = words.rule(*id, None)?;
        Some(AdviceReport { rule, calls: *calls, advice: name.to_owned(), into, why })
    });
    SuggestionReport {
        version: 1,
        settings: state.name.clone(),
        client: client.to_string(),
        calls: used.heard,
        sessions: used.sessions(),
        days: used.days(),
        elsewhere: used.elsewhere,
        unread: used.unread,
        rules: rules.collect(),
        allow: suggestion.allow.iter().map(|rule| secret::mask(rule).into_owned()).collect(),
        allowed: suggestion.allowed,
        asked: suggestion.asked,
        examples: suggestion.examples.clone(),
        // Names of files tell of people.
        records: Heard { repeated: used.repeated, first_broken: None, ..heard },
        notes,
        limits: LIMITS.iter().map(|limit| (*limit).to_owned()).collect(),
    }
}

impl SuggestionReport {
    fn of<'r>(&'r self, advice: &'static str) -> impl Iterator<Item = &'r AdviceReport> {
        self.rules.iter().filter(move |rule| rule.advice == advice)
    }

    /// Whether anything is suggested.
    pub fn has_suggestions(&self) -> bool {
        self.rules.iter().any(|rule| rule.advice != "kept")
    }

    /// What came of it, in one line.
    pub fn in_words(&self) -> String {
        if self.calls == 0 {
            return match self.rules.len() {
                1 => "no recorded call counts, so nothing is known of 1 allow rule".to_owned(),
                count => format!("no recorded call counts, so nothing is known of {count} allow rules"),
            };
        }
        let (unused, narrower) = (self.of("unused").count(), self.of("narrower").count());
        let all = match self.rules.len() {
            1 => "1 allow rule".to_owned(),
            count => format!("{count} allow rules"),
        };
        let wide = match narrower {
            1 => "1 is wider than what was used".to_owned(),
            count => format!("{count} are wider than what was used"),
        };
        match (unused, narrower) {
            (0, 0) => format!("nothing to suggest for {all}"),
            (0, _) => format!("of {all} {wide}"),
            (_, 0) => format!("of {all} {unused} decided no recorded call"),
            _ => format!("of {all} {unused} decided no recorded call, and {wide}"),
        }
    }
}

/// Writes suggestions with lines of at most `width` characters, words that are longer apart.
pub fn write_suggestion(out: &mut dyn Write, width: usize, report: &SuggestionReport) -> io::Result<()> {
    writeln!(out, "{}", painted(BOLD, report.in_words()))?;
    let days = match report.days {
        0 => String::new(),
        days => format!(" on {}", counted(days as u64, "day")),
    };
    let mut calls =
        format!("{} in {}{days}", counted(report.calls, "call"), counted(report.sessions as u64, "session"));
    if report.elsewhere > 0 {
        calls.push_str(&format!("; {} made elsewhere left out", counted(report.elsewhere, "call")));
    }
    if report.unread > 0 {
        calls.push_str(&format!("; of {} the record does not hold the whole input", report.unread));
    }
    labelled(out, width, 2, "used", &calls)?;
    for note in &report.notes {
        labelled(out, width, 2, "note", note)?;
    }
    for (advice, title) in
        [("unused", "decided no recorded call"), ("narrower", "narrower"), ("kept", "stay as they are")]
    {
        if report.of(advice).next().is_none() {
            continue;
        }
        writeln!(out, "\n{}", painted(BOLD, title))?;
        for rule in report.of(advice) {
            write_rule(out, width, rule)?;
        }
    }
    if !report.has_suggestions() {
        writeln!(out)?;
        return labelled(out, width, 0, "not said", &report.limits.join("; "));
    }
    writeln!(out)?;
    let asked = match report.asked {
        0 => format!("all {} recorded calls that run without a question today still do", report.allowed),
        asked => format!(
            "{asked} of {} recorded calls that run without a question today would be asked for",
            report.allowed
        ),
    };
    hanging(out, width, 0, "", &asked)?;
    for example in &report.examples {
        labelled(out, width, 2, "such as", example)?;
    }
    hanging(
        out,
        width,
        0,
        "",
        "proved for every call: nothing is allowed by what is suggested that is not allowed today",
    )?;
    writeln!(out)?;
    labelled(out, width, 0, "not said", &report.limits.join("; "))
}

fn write_rule(out: &mut dyn Write, width: usize, advice: &AdviceReport) -> io::Result<()> {
    let calls = match advice.calls {
        0 => String::new(),
        calls => format!(", {}", counted(calls, "call")),
    };
    let rule = painted(BOLD, tame(&advice.rule.rule).into_owned());
    writeln!(out, "  {rule} in {}{calls}", tame(&place_of(&advice.rule)))?;
    for narrower in &advice.into {
        writeln!(out, "      {} {} ({})", painted(DIM, "→"), tame(&narrower.rule), narrower.calls)?;
    }
    match &advice.why {
        Some(why) => hanging(out, width, 6, "      ", why),
        None => Ok(()),
    }
}

/// Writes a layer for a policy: what is left is recommended, and nothing beyond it may be allowed.
pub fn write_suggested_layer(out: &mut dyn Write, report: &SuggestionReport) -> io::Result<()> {
    let layer = json!({
        "title": "Least privilege from recorded calls",
        "recommend": {"permissions": {"allow": report.allow}},
        "limit": {"allow": report.allow},
    });
    serde_json::to_writer_pretty(&mut *out, &layer)?;
    writeln!(out)
}

fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

fn labelled(out: &mut dyn Write, width: usize, indent: usize, label: &str, text: &str) -> io::Result<()> {
    let lead = format!("{:indent$}{} ", "", painted(DIM, format!("{label}:")));
    hanging(out, width, indent + label.len() + 2, &lead, text)
}
