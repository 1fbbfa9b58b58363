//! `bylaws completions`.

use std::io::Write;

use clap::{Args, CommandFactory};

use super::error::CommandError;
use super::exit;
use super::ui::Ui;

/// Print a script that completes commands and options at a shell
///
/// Bash: put it into `~/.local/share/bash-completion/completions/bylaws`. Zsh: into `_bylaws` in a folder of
/// `$fpath`. Fish: into `~/.config/fish/completions/bylaws.fish`. PowerShell: at the end of `$PROFILE`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: clap_complete::Shell,
}

pub(super) fn run(ui: &mut Ui, arguments: &Arguments) -> Result<u8, CommandError> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut super::Cli::command(), "bylaws", &mut script);
    ui.out.write_all(&script)?;
    Ok(exit::CLEAN)
}
