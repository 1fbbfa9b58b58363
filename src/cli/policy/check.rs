//! `bylaws policy check`.

use std::io::Write;

use clap::Args;

use super::SourceArguments;
use crate::check;
use crate::cli::arguments::{DayArguments, FailOn};
use crate::cli::check::{Format, untold_words, write_for_home};
use crate::cli::error::CommandError;
use crate::cli::exit;
use crate::cli::ui::Ui;
use crate::finding::{Counts, Finding, Severity};
use crate::policy::Policy;
use crate::report::{self, Kind};

/// Check a policy: its files, its layers against each other, its waivers
///
/// Reports everything that is wrong at once, each with its place.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    source: SourceArguments,

    #[command(flatten)]
    day: DayArguments,

    /// Exit with 1 when something of this weight or more is found
    #[arg(long, value_name = "WEIGHT", default_value = "block")]
    fail_on: FailOn,

    /// Form of the report [default: text on a terminal, plain elsewhere]
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
}

pub(super) fn run(ui: &mut Ui, arguments: &Arguments) -> Result<u8, CommandError> {
    let today = arguments.day.day();
    let loaded = arguments.source.load(ui)?;
    let mut findings = loaded.findings;
    if let Some(policy) = &loaded.policy {
        findings.extend(check::policy_findings(policy, today));
    }
    Finding::sort(&mut findings);
    let format = arguments.format.unwrap_or(if ui.is_terminal() { Format::Text } else { Format::Plain });
    let mut untold = 0;
    match format {
        Format::Text => {
            let width = ui.width();
            untold = report::write_text(&mut ui.out, width, &findings)?;
            if !findings.is_empty() {
                writeln!(ui.out)?;
            }
        }
        Format::Plain => report::write_plain(&mut ui.out, "", &findings)?,
        Format::Json => {
            let report = report::policy_report(&today.to_string(), &loaded.name, &findings);
            serde_json::to_writer_pretty(&mut ui.out, &report).map_err(std::io::Error::from)?;
            writeln!(ui.out)?;
        }
        Format::Junit => {
            let suite: report::Suite<'_> = (loaded.name.as_str(), Ok(findings.iter().collect()));
            report::write_junit(&mut ui.out, &Kind::checks(), &[suite], &|severity| {
                arguments.fail_on.fails(severity)
            })?;
        }
        Format::Sarif | Format::Github | Format::Gitlab | Format::Markdown => {
            let all: Vec<&Finding> = findings.iter().collect();
            write_for_home(
                ui,
                format,
                report::Home::Policy,
                &format!("against itself: {}", loaded.name),
                &all,
                &[],
            )?;
        }
    }
    ui.status(&match &loaded.policy {
        Some(policy) => format!("{}: {}", Counts::of(&findings).in_words(), describe(policy)),
        None => format!("{}: the policy cannot be used", Counts::of(&findings).in_words()),
    });
    if let Some(policy) = &loaded.policy {
        policy.unseen().iter().for_each(|unseen| ui.note(unseen));
    }
    if untold > 0 {
        ui.status(&untold_words(untold));
    }
    let unusable = findings.iter().any(|finding| finding.severity == Severity::Block);
    let fails = findings.iter().any(|finding| arguments.fail_on.fails(finding.severity));
    Ok(match (unusable, fails) {
        (true, _) => exit::USAGE,
        (false, true) => exit::FOUND,
        (false, false) => exit::CLEAN,
    })
}

fn describe(policy: &Policy) -> String {
    let mut layers: Vec<&str> =
        policy.layers.iter().flat_map(|placed| &placed.layers).map(|layer| layer.id.as_str()).collect();
    layers.sort_unstable();
    layers.dedup();
    let count =
        |count: usize, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    format!(
        "{}, {}, {}, {}",
        count(layers.len(), "layer", "layers"),
        count(policy.waivers.len(), "waiver", "waivers"),
        count(policy.repositories.len(), "repository", "repositories"),
        count(policy.cases.len(), "case", "cases"),
    )
}
