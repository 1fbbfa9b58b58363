//! A fleet as one page of HTML, for people who decide: numbers, how they moved, who answers for which exception, which
//! repositories share a change, and each repository by itself.
//!
//! The page holds its data, its style and its script. The data is that of the JSON form, so that what the page says is
//! what programs read; `*.js` beside this file show it.
//!
//! INVARIANT: the page asks no server for anything, and no text of a repository or a policy is markup or script in it:
//! texts are escaped here, and the script writes texts as texts. The page's own policy for its content, with the digests
//! of its style and script, stands behind both.

mod words;

use std::collections::BTreeMap;
use std::io::{self, Write};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::super::style::tame;
use super::{FleetReport, TrendReport, fleet_report, trend_report};
use crate::check;
use crate::fleet::{Fleet, State, Trend};

const PAGE: &str = include_str!("report.html");
const STYLE: &str = concat!(include_str!("../../base.css"), include_str!("report.css"));

/// The parts of the script, each using those before it.
const SCRIPT: [&str; 4] = [
    include_str!("parts.js"),
    include_str!("chart.js"),
    include_str!("sections.js"),
    include_str!("repositories.js"),
];

/// What the script reads.
#[derive(Serialize)]
struct Data<'a> {
    fleet: FleetReport,
    #[serde(skip_serializing_if = "Option::is_none")]
    trend: Option<TrendReport>,
    /// All states, what needs attention most first.
    states: Vec<words::StateWords>,
    /// The checks that the reasons name.
    checks: BTreeMap<&'a str, CheckWords>,
}

#[derive(Serialize)]
struct CheckWords {
    summary: &'static str,
    why: &'static str,
}

/// Writes a fleet, and how it moved where that is known.
pub fn write_fleet_html(out: &mut dyn Write, fleet: &Fleet, trend: Option<&Trend>) -> io::Result<()> {
    let data = Data {
        fleet: fleet_report(fleet),
        trend: trend.map(trend_report),
        states: State::ALL.into_iter().map(words::of).collect(),
        checks: checks(fleet),
    };
    // Git may have brought the files here with other ends of lines; a browser takes them for these, and so do digests.
    let style = STYLE.replace("\r\n", "\n");
    let script = SCRIPT.concat().replace("\r\n", "\n");
    let revision = fleet.revision.as_deref().unwrap_or("not known");
    let parts = [
        ("security", security(&style, &script)),
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
        ("headline", headline(fleet)),
        ("policy", escaped(&fleet.policy)),
        ("revision", escaped(revision)),
        ("day", fleet.day.to_string()),
        ("counts", counts(fleet)),
        ("data", embedded(&serde_json::to_string(&data)?)),
        ("style", style),
        ("script", script),
    ];
    write_filled(out, PAGE, &parts)
}

/// A template with its holes filled; what fills them is not looked at again.
fn write_filled(out: &mut dyn Write, template: &str, parts: &[(&str, String)]) -> io::Result<()> {
    let mut rest = template;
    while let Some((before, (name, after))) =
        rest.split_once("{{").and_then(|(before, behind)| Some((before, behind.split_once("}}")?)))
    {
        out.write_all(before.as_bytes())?;
        if let Some((_, text)) = parts.iter().find(|(known, _)| *known == name) {
            out.write_all(text.as_bytes())?;
        }
        rest = after;
    }
    out.write_all(rest.as_bytes())
}

/// What the browser lets the page do: this style, this script, and nothing from anywhere.
fn security(style: &str, script: &str) -> String {
    let digest = |text: &str| format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)));
    format!(
        "default-src 'none'; style-src {}; script-src {}; img-src data:; base-uri 'none'; form-action 'none'",
        digest(style),
        digest(script)
    )
}

fn headline(fleet: &Fleet) -> String {
    match (fleet.attention(), fleet.outcomes.len()) {
        (0, 0) => "No repository was looked at".to_owned(),
        (0, 1) => "The repository needs no attention".to_owned(),
        (0, all) => format!("None of {all} repositories needs attention"),
        (some, all) => format!("{some} of {all} repositories need attention"),
    }
}

/// The counts by state as rows of a table, for readers without JavaScript.
fn counts(fleet: &Fleet) -> String {
    let row = |(state, count): (State, usize)| {
        let meaning = words::of(state).meaning;
        format!("      <tr><th scope=\"row\">{state}</th><td>{meaning}</td><td>{count}</td></tr>\n")
    };
    super::counts(fleet).map(row).collect()
}

/// The checks that the reasons of a fleet name. A name that this program does not know has no words.
fn checks(fleet: &Fleet) -> BTreeMap<&str, CheckWords> {
    let reasons = fleet.outcomes.iter().flat_map(|outcome| &outcome.verdict.reasons);
    let names = reasons.filter_map(|reason| reason.check.as_deref());
    let words =
        |name: &str| check::find(name).map(|check| CheckWords { summary: check.summary, why: check.why });
    names.filter_map(|name| Some((name, words(name)?))).collect()
}

/// A text as it stands between tags and in attributes.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in tame(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// JSON that stays within its element. These characters stand in texts alone, where they may be written as numbers.
fn embedded(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fills_a_hole_is_not_looked_at_again() {
        let mut out = Vec::new();
        let parts = [("a", "{{b}} }}".to_owned()), ("b", "no".to_owned())];
        write_filled(&mut out, "<{{a}}|{{a}}> {{unknown}}{{", &parts).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "<{{b}} }}|{{b}} }}> {{");
    }

    #[test]
    fn every_hole_of_the_page_is_known() {
        let known = [
            "security", "version", "headline", "policy", "revision", "day", "counts", "data", "style",
            "script",
        ];
        for hole in PAGE.split("{{").skip(1) {
            let name = hole.split("}}").next().unwrap();
            assert!(known.contains(&name), "{name}");
        }
    }

    #[test]
    fn no_text_ends_the_data() {
        let hostile = "</script><script>alert(1)</script><!-- & \u{2028}\u{2029} \"";
        let json = serde_json::to_string(hostile).unwrap();
        let safe = embedded(&json);
        assert!(!safe.contains(['<', '>', '&', '\u{2028}', '\u{2029}']), "{safe}");
        assert_eq!(serde_json::from_str::<String>(&safe).unwrap(), hostile);
    }

    #[test]
    fn texts_are_no_markup() {
        assert_eq!(escaped("<b a=\"'\">&\u{1b}[31m"), "&lt;b a=&quot;&#39;&quot;&gt;&amp;\\u{1b}[31m");
    }

    #[test]
    fn style_and_script_stay_within_their_elements() {
        let all = [&SCRIPT[..], &[STYLE]].concat();
        for text in all {
            assert!(!text.contains("</") && !text.contains("<!--"), "an element would end");
        }
        for text in SCRIPT {
            for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "fetch("]
            {
                assert!(!text.contains(word), "{word}");
            }
        }
    }
}
