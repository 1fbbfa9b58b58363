//! `bylaws hook guard`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use clap::Args;

use super::input;
use crate::access::Call;
use crate::cli::error::CommandError;
use crate::cli::exit;
use crate::cli::ui::Ui;
use crate::exchange::{self, Sent};
use crate::files::Disk;
use crate::guard::{CompiledFile, Guard, Said};

/// Longest time for an answer, well within the `timeout` that the built-in policy gives the hook: the client gives up a
/// hook that takes longer, and makes the call.
const LONGEST: Duration = Duration::from_secs(5);

/// The stack of the thread that looks for the answer: that of a process.
const STACK: usize = 8 * 1024 * 1024;

/// Refuse or ask, before a call, what the policy says and the client's own rules cannot express
///
/// A PreToolUse hook: reads the call from standard input and answers in the client's protocol. It never allows:
/// without an opinion it prints nothing, and the client's own rules decide.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct Arguments {
    /// The compiled policy [default: .claude/bylaws-guard.json of the project]
    #[arg(long, value_name = "FILE")]
    compiled: Option<PathBuf>,

    /// The digest that the compiled policy must have; another file is as good as none
    #[arg(long, value_name = "DIGEST")]
    digest: Option<String>,

    /// Refuse every call while the compiled policy or the call cannot be read
    ///
    /// Without it such a call is left to the client's own rules, and a message goes to standard error.
    #[arg(long)]
    fail_closed: bool,
}

pub(super) fn run(ui: &mut Ui, arguments: &Arguments) -> Result<u8, CommandError> {
    let answer = match judge_in_time(arguments) {
        Ok(said) => said.map(|said| (said.answer.name(), said.sentence())),
        Err(why) if arguments.fail_closed => {
            Some(("deny", format!("{why}; the guard was told to refuse then (`--fail-closed`)")))
        }
        Err(why) => {
            ui.note(&format!("the guard has no opinion: {why}"));
            None
        }
    };
    if let Some((decision, reason)) = answer {
        ui.out.write_all(exchange::decision(decision, &format!("bylaws: {reason}")).as_bytes())?;
    }
    Ok(exit::CLEAN)
}

/// The answer, or that there was none in time: a folder on a disk that does not answer, a call made to take long.
fn judge_in_time(arguments: &Arguments) -> Result<Option<Said>, String> {
    let (answer, answers) = mpsc::channel();
    let arguments = arguments.clone();
    let judging = thread::Builder::new().stack_size(STACK).spawn(move || {
        // Nobody listens where the time is over.
        let _ = answer.send(judge(&arguments));
    });
    judging.map_err(|error| format!("the guard cannot begin to look at the call: {error}"))?;
    answers
        .recv_timeout(LONGEST)
        .map_err(|_| format!("there was no answer within {} seconds", LONGEST.as_secs()))?
}

fn judge(arguments: &Arguments) -> Result<Option<Said>, String> {
    let sent = input::read()?;
    if sent.event != "PreToolUse" {
        return Err(format!("the event is `{}`, and the guard answers `PreToolUse` alone", sent.event));
    }
    let Sent { tool_name: Some(tool), tool_input, cwd, .. } = sent else {
        return Err("the input of the hook names no tool".to_owned());
    };
    let project = input::project(cwd.as_deref());
    let path = arguments.compiled.clone().unwrap_or_else(|| project.join(input::COMPILED));
    let guard = Guard::new(compiled(&path, arguments.digest.as_deref())?, input::place(&project));
    let cwd = cwd.unwrap_or_else(|| project.to_string_lossy().into_owned());
    let call = Call { tool, input: tool_input.unwrap_or_default() };
    Ok(guard.judge(&call, &cwd, &Disk))
}

/// Reads a compiled policy.
pub(super) fn compiled(path: &Path, digest: Option<&str>) -> Result<CompiledFile, String> {
    let told = path.display();
    let text = std::fs::read(path).map_err(|error| {
        format!("there is no compiled policy at `{told}` ({error}): `bylaws apply` or `bylaws hook compile` writes it")
    })?;
    CompiledFile::read(&text, digest).map_err(|fault| {
        format!("`{told}` is not used: {fault}; `bylaws apply` or `bylaws hook compile` writes it anew")
    })
}
