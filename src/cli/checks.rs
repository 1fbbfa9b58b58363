//! `bylaws checks`.

use std::io::Write;

use clap::Args;

use super::error::CommandError;
use super::exit;
use super::ui::Ui;
use crate::check;
use crate::report::{BOLD, painted, severity_style};

/// List the checks, or explain one
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Name of a check
    #[arg(value_name = "NAME")]
    name: Option<String>,
}

pub(super) fn run(ui: &mut Ui, arguments: &Arguments) -> Result<u8, CommandError> {
    match &arguments.name {
        Some(name) => {
            let check = check::find(name).ok_or_else(|| {
                let error = CommandError::usage(format!("there is no check `{name}`"));
                match nearest(name) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error.hint("`bylaws checks` lists the checks"),
                }
            })?;
            write!(ui.out, "{}", check.page)?;
        }
        None => {
            let width = check::ALL.iter().map(|check| check.name.len()).max().unwrap_or(0);
            for check in check::ALL {
                let severity = painted(severity_style(check.severity), format!("{:5}", check.severity));
                let name = painted(BOLD, format!("{:width$}", check.name));
                writeln!(ui.out, "{name}  {severity}  {}", check.summary)?;
            }
        }
    }
    Ok(exit::CLEAN)
}

fn nearest(name: &str) -> Option<&'static str> {
    crate::client::keys::nearest_of(name, check::ALL.iter().map(|check| check.name))
}
