//! `bylaws policy builtins`.

use std::io::Write;

use clap::Args;

use crate::cli::error::CommandError;
use crate::cli::exit;
use crate::cli::ui::Ui;
use crate::client::keys::nearest_of;
use crate::policy::builtin;
use crate::report::{BOLD, painted};

/// List the policies that come with the program, or print the page of one
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// Name of a policy, without `builtin:`
    #[arg(value_name = "NAME")]
    name: Option<String>,

    /// Print the layer instead, to be put into `layers/` of a policy and changed there
    #[arg(long, requires = "name")]
    layer: bool,
}

pub(super) fn run(ui: &mut Ui, arguments: &Arguments) -> Result<u8, CommandError> {
    match &arguments.name {
        Some(name) => {
            let name = name.strip_prefix(builtin::PREFIX).unwrap_or(name);
            let policy = builtin::find(name).ok_or_else(|| {
                let error = CommandError::usage(format!("there is no built-in policy `{name}`"));
                match nearest_of(name, builtin::ALL.iter().map(|policy| policy.name)) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error.hint("`bylaws policy builtins` lists them"),
                }
            })?;
            if arguments.layer {
                // Where the layers of a policy stand, the schema is one folder nearer.
                write!(ui.out, "{}", policy.layer.replacen("../../schema/", "../schema/", 1))?;
            } else {
                write!(ui.out, "{}", policy.readme)?;
            }
        }
        None => {
            let width = builtin::ALL.iter().map(|policy| policy.name.len()).max().unwrap_or(0);
            for policy in builtin::ALL {
                let name = painted(BOLD, format!("{}{:width$}", builtin::PREFIX, policy.name));
                writeln!(ui.out, "{name}  {}", policy.summary())?;
            }
        }
    }
    Ok(exit::CLEAN)
}
