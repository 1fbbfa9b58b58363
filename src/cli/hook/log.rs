//! `bylaws hook log`.

use std::env;
use std::process::{Command, Stdio};

use clap::Args;

use super::input;
use super::trail::{LimitArguments, TrailArguments, User, seconds, time};
use crate::cli::error::CommandError;
use crate::cli::exit;
use crate::cli::ui::Ui;
use crate::exchange::Sent;
use crate::trail::{AuditLine, Host, Sender, fresh_id};

/// Append a redacted line to the trail of this machine, after a call
///
/// A hook for PreToolUse, PostToolUse, PostToolUseFailure, PermissionRequest, PermissionDenied and ConfigChange. It
/// prints nothing and decides nothing: it ends with 0, or with 3 where a line is not written or cannot be sent, which the
/// client shows while the work goes on. Where `--to` names a sink, a process of its own sends what is there.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    trail: TrailArguments,

    #[command(flatten)]
    limits: LimitArguments,

    /// How the user is told
    #[arg(long, value_name = "FORM", default_value = "name")]
    user: User,
}

pub(super) fn run(ui: &mut Ui, arguments: &Arguments) -> Result<u8, CommandError> {
    match append(ui, arguments) {
        Ok(()) => Ok(exit::CLEAN),
        Err(error) => {
            ui.note(&error.message);
            // INVARIANT: never with 2, by which a hook refuses the call.
            Ok(exit::FAILED)
        }
    }
}

fn append(ui: &mut Ui, arguments: &Arguments) -> Result<(), CommandError> {
    let sent = match input::read() {
        Ok(sent) => Some(sent),
        Err(why) => {
            ui.note(&why);
            None
        }
    };
    let mut line = line(sent.as_ref(), arguments.user);
    let written = arguments.trail.store(arguments.limits).append(&mut line);
    written.map_err(|error| CommandError::failed(format!("nothing was logged: {error}")))?;
    // A sink that cannot be spoken to is no reason to lose the line.
    let sinks = arguments.trail.sinks().map_err(|error| CommandError {
        message: format!("the line is logged, and is not sent: {}", error.message),
        ..error
    })?;
    if arguments.trail.has_sinks()
        && Sender::new(&arguments.trail.folder(), &sinks, &seconds).is_wanted()
        && let Err(error) = send_behind(&arguments.trail)
    {
        let told = format!("the line is logged, and nobody could be started to send it: {error}");
        return Err(CommandError::failed(told));
    }
    Ok(())
}

/// The line for what the client sent.
pub(super) fn line(sent: Option<&Sent>, user: User) -> AuditLine {
    let named =
        |names: &[&str]| names.iter().find_map(|name| env::var(name).ok()).filter(|name| !name.is_empty());
    let host = Host {
        user: named(&["USER", "LOGNAME", "USERNAME"]).and_then(|name| user.form().told(&name)),
        host: host_name(),
        project: env::var("CLAUDE_PROJECT_DIR").ok(),
    };
    AuditLine::of(sent, &host, fresh_id(), time())
}

fn host_name() -> Option<String> {
    let named = env::var("HOSTNAME").or_else(|_| env::var("COMPUTERNAME")).ok();
    let named = named.or_else(|| std::fs::read_to_string("/proc/sys/kernel/hostname").ok());
    named.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty())
}

/// Starts a process that sends, and does not wait for it.
fn send_behind(trail: &TrailArguments) -> std::io::Result<()> {
    let mut command = Command::new(env::current_exe()?);
    command.args(["hook", "send", "--quiet"]).args(trail.again());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        // In a group of its own: the client may end that of the hook.
        command.process_group(0);
    }
    command.spawn().map(drop)
}
