//! `bylaws policy test`.

use std::collections::BTreeSet;
use std::io::Write;

use anstyle::AnsiColor;
use clap::Args;

use super::SourceArguments;
use crate::cli::arguments::{ClientArguments, DayArguments};
use crate::cli::error::CommandError;
use crate::cli::exit;
use crate::cli::ui::Ui;
use crate::policy::Tried;
use crate::report::{BOLD, DIM, painted};
use crate::rule::List;

/// Try the cases of a policy: calls, and what becomes of them under it
///
/// Each case is decided as the client would, in a project that holds nothing but the policy and what the case
/// itself allows. Says which rules of the policy no case speaks of.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    source: SourceArguments,

    #[command(flatten)]
    day: DayArguments,

    #[command(flatten)]
    client: ClientArguments,

    /// Fail also when no case speaks of some rule
    #[arg(long)]
    all_rules: bool,

    /// Print every case, not only those that fail
    #[arg(long, short)]
    verbose: bool,
}

pub(super) fn run(ui: &mut Ui, arguments: &Arguments) -> Result<u8, CommandError> {
    let today = arguments.day.day();
    let policy = arguments.source.usable(ui)?;
    let version = arguments.client.version(ui).unwrap_or_default();
    let mut failed = 0;
    let mut matched: BTreeSet<(List, String)> = BTreeSet::new();
    for case in &policy.cases {
        let tried = policy.try_case(case, today, version);
        matched.extend(tried.matched.iter().cloned());
        failed += usize::from(tried.fault.is_some());
        if tried.fault.is_none() && !arguments.verbose {
            continue;
        }
        let (style, word) = match tried.fault {
            Some(_) => (AnsiColor::Red.on_default().bold(), "fail"),
            None => (AnsiColor::Green.on_default(), "ok"),
        };
        writeln!(
            ui.out,
            "{} {}: {}",
            painted(style, format!("{word:4}")),
            case.place,
            painted(BOLD, case.call())
        )?;
        if let Some(title) = &case.entry.title {
            writeln!(ui.out, "     {}", painted(DIM, title))?;
        }
        if let Some(fault) = &tried.fault {
            writeln!(ui.out, "     {fault}; {}", because(&tried))?;
        }
    }
    let rules = policy.enforced_rules();
    let silent: Vec<_> =
        rules.iter().filter(|(list, text, _)| !matched.contains(&(*list, text.clone()))).collect();
    if !silent.is_empty() {
        writeln!(ui.out, "{}", painted(BOLD, "rules that no case speaks of"))?;
        for (list, text, origin) in &silent {
            writeln!(ui.out, "     {}: {} {text}", origin.place, list.key())?;
        }
    }
    ui.status(&format!(
        "{} of {} cases are as they should be; cases speak of {} of {} rules",
        policy.cases.len() - failed,
        policy.cases.len(),
        rules.len() - silent.len(),
        rules.len(),
    ));
    let incomplete = arguments.all_rules && !silent.is_empty();
    Ok(if failed > 0 || incomplete { exit::FOUND } else { exit::CLEAN })
}

/// What the verdict rests on.
fn because(tried: &Tried) -> String {
    match &tried.rule {
        Some((rule, origins)) => match origins.first() {
            Some(origin) => format!("`{rule}` of {} decides", origin.place),
            None => format!("`{rule}`, which the case allows, decides"),
        },
        None => "no rule of the policy decides".to_owned(),
    }
}
