//! `bylaws policy test`.

use std::collections::BTreeSet;
use std::io::{self, Write};

use anstyle::AnsiColor;
use clap::Args;

use super::SourceArguments;
use crate::cli::arguments::{ClientArguments, DayArguments};
use crate::cli::error::CommandError;
use crate::cli::exit;
use crate::cli::ui::Ui;
use crate::finding::{Origin, Place};
use crate::policy::{Invariant, Proven};
use crate::report::{self, BOLD, DIM, painted};
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
        write_head(ui, tried.fault.is_none(), &case.place, case.call(), case.entry.title.as_deref())?;
        if let Some(fault) = &tried.fault {
            writeln!(ui.out, "     {fault}; {}", because(&tried.rule))?;
        }
    }
    let mut broken = 0;
    for invariant in &policy.invariants {
        let proven = policy.prove(invariant, today, version);
        let holds = proven.breaches.is_empty() && proven.repositories > 0;
        broken += usize::from(!holds);
        if !holds || arguments.verbose {
            write_invariant(ui, invariant, &proven, holds)?;
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
    if !policy.invariants.is_empty() {
        policy.unseen().iter().for_each(|unseen| ui.note(unseen));
        ui.status(&format!(
            "{} of {} invariants are proved for every call",
            policy.invariants.len() - broken,
            policy.invariants.len(),
        ));
    }
    let incomplete = arguments.all_rules && !silent.is_empty();
    Ok(if failed > 0 || broken > 0 || incomplete { exit::FOUND } else { exit::CLEAN })
}

/// Says where a case or an invariant stands, and whether it is as it should be.
fn write_head(
    ui: &mut Ui,
    is_fine: bool,
    place: &Place,
    what: String,
    title: Option<&str>,
) -> io::Result<()> {
    let (style, word) = match is_fine {
        false => (AnsiColor::Red.on_default().bold(), "fail"),
        true => (AnsiColor::Green.on_default(), "ok"),
    };
    let word = painted(style, format!("{word:4}"));
    writeln!(ui.out, "{word} {place}: {}", painted(BOLD, what))?;
    match title {
        Some(title) => writeln!(ui.out, "     {}", painted(DIM, title)),
        None => Ok(()),
    }
}

fn write_invariant(ui: &mut Ui, invariant: &Invariant, proven: &Proven, holds: bool) -> io::Result<()> {
    write_head(ui, holds, &invariant.place, invariant.claim(), invariant.entry.title.as_deref())?;
    if proven.repositories == 0 {
        return writeln!(ui.out, "     no repository of the inventory is as `when` says");
    }
    for breach in &proven.breaches {
        let names = report::some_names(&breach.repositories);
        if breach.is_shown {
            writeln!(ui.out, "     {}; {}", breach.what, because(&breach.rule))?;
        } else {
            writeln!(ui.out, "     not decided: {}", breach.what)?;
        }
        writeln!(ui.out, "     in {names}")?;
    }
    Ok(())
}

/// What the verdict rests on.
fn because(rule: &Option<(String, Vec<Origin>)>) -> String {
    match rule {
        Some((rule, origins)) => match origins.first() {
            Some(origin) => format!("`{rule}` of {} decides", origin.place),
            None => format!("`{rule}`, which the case allows, decides"),
        },
        None => "no rule of the policy decides".to_owned(),
    }
}
