//! `bylaws hook test`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Map, Value};

use super::input;
use super::trail::User;
use crate::access::Call;
use crate::cli::arguments::{PolicyArguments, working_folder};
use crate::cli::error::CommandError;
use crate::cli::exit;
use crate::cli::ui::Ui;
use crate::exchange::Sent;
use crate::files::Disk;
use crate::guard::Guard;
use crate::report;

/// Say what the guard would answer to a call here, and which line the log would keep
///
/// The policy is that of `--policy`, otherwise the compiled one. Nothing is run, written or sent.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// The call: `Bash(cat .e*)`, `Read(.env)`
    #[arg(value_name = "CALL", required_unless_present = "tool")]
    call: Option<String>,

    /// Name of the tool, where its whole input is given
    #[arg(long, value_name = "NAME", conflicts_with = "call")]
    tool: Option<String>,

    /// The input of the tool, a JSON object
    #[arg(long, value_name = "JSON", requires = "tool", default_value = "{}", hide_default_value = true)]
    input: String,

    /// Folder of the project
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    project: PathBuf,

    /// The folder in which the call is made, where it is another one
    #[arg(long, value_name = "FOLDER")]
    cwd: Option<PathBuf>,

    /// The compiled policy [default: .claude/bylaws-guard.json of the project]
    #[arg(long, value_name = "FILE", conflicts_with = "policy")]
    compiled: Option<PathBuf>,

    /// Print JSON, `bylaws schema hook-test`
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    policy: PolicyArguments,
}

pub(super) fn run(ui: &mut Ui, arguments: &Arguments) -> Result<u8, CommandError> {
    let project = working_folder().join(&arguments.project);
    let missing = |error: std::io::Error| {
        CommandError::usage(format!("there is no project at `{}`: {error}", arguments.project.display()))
    };
    let project = project.canonicalize().map_err(missing)?;
    let place = input::place(&project);
    let call = match (&arguments.call, &arguments.tool) {
        (Some(text), _) => Call::parse(text, &place).ok_or_else(|| {
            CommandError::usage(format!("`{text}` is no call"))
                .hint("write `Bash(git push)`, `Read(.env)`, or `--tool NAME --input JSON`")
        })?,
        (None, tool) => {
            let input: Map<String, Value> = serde_json::from_str(&arguments.input)
                .map_err(|error| CommandError::usage(format!("`--input` is no JSON object: {error}")))?;
            Call { tool: tool.clone().unwrap_or_default(), input }
        }
    };
    let compiled = if arguments.policy.policy.is_some() {
        let (policy, baseline) = super::resolved(ui, &arguments.policy)?;
        baseline.compiled(&policy.source)
    } else {
        let path = arguments.compiled.clone().unwrap_or_else(|| project.join(input::COMPILED));
        super::guard::compiled(&path, None).map_err(CommandError::failed)?
    };
    let cwd = arguments.cwd.as_deref().map_or_else(|| project.clone(), |cwd| working_folder().join(cwd));
    let cwd = cwd.to_string_lossy().into_owned();
    let guard = Guard::new(compiled, place);
    let said = guard.judge(&call, &cwd, &Disk);
    let sent = Sent {
        event: "PostToolUse".to_owned(),
        cwd: Some(cwd),
        tool_name: Some(call.tool.clone()),
        tool_input: Some(call.input.clone()),
        ..Sent::default()
    };
    let mut line = super::log::line(Some(&sent), User::Name);
    // What differs from run to run says nothing here.
    (line.id, line.time, line.host, line.user) = (String::new(), String::new(), None, None);
    if arguments.json {
        let report = report::hook_test_report(&call, guard.policy(), said.as_ref(), &line);
        serde_json::to_writer_pretty(&mut ui.out, &report).map_err(std::io::Error::from)?;
        writeln!(ui.out)?;
    } else {
        report::write_hook_test(&mut ui.out, &call, said.as_ref(), &line)?;
    }
    Ok(exit::CLEAN)
}
