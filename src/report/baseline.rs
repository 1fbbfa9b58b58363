//! A baseline as people read it: what is asked for, each with the line that asks for it.

use std::io::{self, Write};

use serde_json::Value;

use super::style::{BOLD, DIM, painted, severity_style};
use crate::finding::{Origin, Severity};
use crate::json::Pointer;
use crate::policy::{Baseline, Demand, FileMode};

/// Writes everything that a baseline asks for, by section.
pub fn write_baseline(out: &mut dyn Write, baseline: &Baseline) -> io::Result<()> {
    let mut sections: Vec<(String, Vec<Line>)> = Vec::new();
    for demand in &baseline.rules {
        section(&mut sections, demand.what.at().dotted(), line(demand.what.rule.to_string(), demand));
    }
    for demand in &baseline.entries {
        section(&mut sections, demand.what.at.dotted(), line(demand.what.entry.to_string(), demand));
    }
    for demand in &baseline.values {
        let value = match &demand.what.value {
            Value::Null => format!("{} is not set", demand.what.at.dotted()),
            value => format!("{} = {value}", demand.what.at.dotted()),
        };
        section(&mut sections, "values".to_owned(), line(value, demand));
    }
    for demand in &baseline.recommendations {
        let what = format!("{} {}", demand.what.at().dotted(), demand.what.value());
        section(&mut sections, "recommended, written once".to_owned(), line(what, demand));
    }
    for demand in &baseline.bounds {
        let rules: Vec<String> = demand.what.iter().map(ToString::to_string).collect();
        section(&mut sections, "allowed at most".to_owned(), line(rules.join(", "), demand));
    }
    for demand in &baseline.never {
        section(&mut sections, "never allowed".to_owned(), line(demand.what.to_string(), demand));
    }
    for demand in &baseline.schemas {
        section(&mut sections, "schema of the settings".to_owned(), line(demand.what.to_string(), demand));
    }
    for demand in &baseline.approved {
        let servers: Vec<String> = demand.what.iter().map(ToString::to_string).collect();
        section(
            &mut sections,
            "approved MCP servers".to_owned(),
            line(if servers.is_empty() { "none".to_owned() } else { servers.join(", ") }, demand),
        );
    }
    for demand in &baseline.blocked {
        section(&mut sections, "blocked MCP servers".to_owned(), line(demand.what.to_string(), demand));
    }
    for demand in &baseline.provided {
        let what = format!("{} {}", demand.what.name, demand.what.value);
        section(&mut sections, "provided MCP servers".to_owned(), line(what, demand));
    }
    for demand in &baseline.texts {
        let mode = match demand.what.mode {
            FileMode::Whole => "the whole file",
            FileMode::Block => "a block",
            FileMode::Seed => "written once",
        };
        let what = format!("{}, {mode}", demand.what.path);
        section(&mut sections, "files".to_owned(), line(what, demand));
    }
    for demand in &baseline.guard {
        let what = format!("{} = {}", demand.what.kind.key(), demand.what.answer.name());
        section(&mut sections, "what the guard answers where it cannot judge".to_owned(), line(what, demand));
    }
    for held in &baseline.waivers {
        let content = &held.waiver.content;
        let state = if held.holds() {
            format!("until {}", content.expires)
        } else {
            format!("ended {}", content.expires)
        };
        let text = format!("{} {state}, owner {}: {}", held.waiver.id, content.owner, content.reason);
        let place = held.waiver.place(&Pointer::root()).to_string();
        section(&mut sections, "waivers".to_owned(), Line { text, severity: Severity::Note, asked: place });
    }
    for (index, (title, lines)) in sections.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{}", painted(BOLD, title))?;
        for line in lines {
            let severity = painted(severity_style(line.severity), format!("{:5}", line.severity));
            writeln!(out, "  {severity} {}  {}", line.text, painted(DIM, &line.asked))?;
        }
    }
    Ok(())
}

struct Line {
    text: String,
    severity: Severity,
    asked: String,
}

fn line<T>(text: String, demand: &Demand<T>) -> Line {
    let mut asked = origins(&demand.origins);
    if let Some(day) = demand.blocks_from {
        asked.push_str(&format!(", blocks from {day}"));
    }
    Line { text, severity: demand.severity, asked }
}

fn origins(origins: &[Origin]) -> String {
    let told: Vec<String> =
        origins.iter().map(|origin| format!("{} ({})", origin.place, origin.layer)).collect();
    told.join(", ")
}

fn section(sections: &mut Vec<(String, Vec<Line>)>, title: String, line: Line) {
    match sections.iter_mut().find(|(known, _)| *known == title) {
        Some((_, lines)) => lines.push(line),
        None => sections.push((title, vec![line])),
    }
}
