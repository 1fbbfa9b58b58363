//! What the program says: results on standard output, everything about the work on standard error.

use std::io::{self, BufRead, BufWriter, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::error::{CommandError, Kind};
use super::exit;
use crate::forge::{Reason, Waiting, Watcher};
use crate::report::painted;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const NOTE: Style = AnsiColor::Cyan.on_default().bold();

/// The widths within which running text reads well, in characters.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=100;

/// When to use colours.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How far a long work is, on one line of a terminal; nothing anywhere else. Any thread may tell of a step.
pub(super) struct Progress {
    total: usize,
    done: AtomicUsize,
    is_shown: bool,
}

impl Progress {
    pub(super) fn new(ui: &mut Ui, total: usize) -> Self {
        let _ = ui.out.flush();
        Self { total, done: AtomicUsize::new(0), is_shown: io::stderr().is_terminal() }
    }

    /// One more of them is done. The line is written for each percent: a terminal is slower than the work.
    pub(super) fn step(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if self.is_shown && (done.is_multiple_of(self.total.div_ceil(100)) || done == self.total) {
            let _ = write!(io::stderr(), "\r\u{1b}[K{done} of {}", self.total);
        }
    }

    /// Takes the line away.
    pub(super) fn clear(&self) {
        if self.is_shown {
            let _ = write!(io::stderr(), "\r\u{1b}[K");
        }
    }
}

/// Says on standard error what is waited for.
pub(super) struct Waits;

impl Watcher for Waits {
    fn wait(&self, waiting: &Waiting) {
        let Waiting { host, purpose, time, reason } = waiting;
        let why = match reason {
            Reason::Limit => "allows no more calls just now".to_owned(),
            Reason::Status(status) => format!("answered with status {status}"),
            Reason::Connection(why) => format!("could not be asked ({why})"),
        };
        let seconds = time.as_secs_f64().ceil();
        let _ = writeln!(io::stderr(), "waiting {seconds} s: {purpose}: `{host}` {why}");
    }
}

/// The streams of the process.
pub(super) struct Ui {
    /// Results.
    pub(super) out: BufWriter<AutoStream<io::Stdout>>,
    err: AutoStream<io::Stderr>,
    is_terminal: bool,
    width: usize,
    is_interactive: bool,
}

impl Ui {
    pub(super) fn new(color: Color) -> Self {
        let choice = |stream: &dyn Fn() -> ColorChoice| match color {
            Color::Auto => stream(),
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        let (stdout, stderr) = (io::stdout(), io::stderr());
        let out_choice = choice(&|| AutoStream::choice(&stdout));
        let err_choice = choice(&|| AutoStream::choice(&stderr));
        let is_terminal = stdout.is_terminal();
        let width =
            terminal_size::terminal_size_of(&stdout).map_or(*WIDTHS.end(), |(width, _)| width.0.into());
        let is_interactive = is_terminal && stderr.is_terminal() && io::stdin().is_terminal();
        let out = BufWriter::new(AutoStream::new(stdout, out_choice));
        Self { out, err: AutoStream::new(stderr, err_choice), is_terminal, width, is_interactive }
    }

    /// Whether a person reads the results as they come.
    pub(super) fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// The width of running text, in characters: that of the terminal within [`WIDTHS`].
    pub(super) fn width(&self) -> usize {
        self.width.clamp(*WIDTHS.start(), *WIDTHS.end())
    }

    /// Whether somebody sits there who sees questions and can answer them.
    pub(super) fn is_interactive(&self) -> bool {
        self.is_interactive
    }

    /// Asks for a line; an empty one stands for `default`. Plain lines work on every terminal.
    pub(super) fn ask(&mut self, question: &str, default: &str) -> Result<String, CommandError> {
        self.out.flush()?;
        write!(self.err, "{question} {} ", painted(NOTE, format!("[{default}]")))?;
        self.err.flush()?;
        let mut line = String::new();
        if io::stdin().lock().read_line(&mut line)? == 0 {
            let _ = writeln!(self.err);
            return Err(CommandError::failed("no answer came; nothing was written"));
        }
        let answer = line.trim();
        Ok(if answer.is_empty() { default.to_owned() } else { answer.to_owned() })
    }

    /// Writes a result as JSON.
    pub(super) fn json(&mut self, value: &impl Serialize) -> Result<(), CommandError> {
        serde_json::to_writer_pretty(&mut self.out, value).map_err(io::Error::from)?;
        Ok(writeln!(self.out)?)
    }

    /// Writes bytes as they are, colours or not.
    pub(super) fn write_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.flush()?;
        let mut out = io::stdout().lock();
        out.write_all(bytes)?;
        out.flush()
    }

    /// Says how the work goes. That nobody listens there is no reason to stop.
    pub(super) fn status(&mut self, text: &str) {
        let _ = self.out.flush();
        let _ = writeln!(self.err, "{text}");
    }

    /// Says something that the user should know.
    pub(super) fn note(&mut self, text: &str) {
        let text = format!("{} {text}", painted(NOTE, "note:"));
        self.status(&text);
    }

    /// Says what to do next.
    pub(super) fn next(&mut self, text: &str) {
        let text = format!("{} {text}", painted(NOTE, "next:"));
        self.status(&text);
    }

    /// Says what went wrong with one part of the work, while the rest goes on.
    pub(super) fn error(&mut self, error: &CommandError) {
        let mut text = format!("{} {}", painted(ERROR, "error:"), error.message);
        for hint in &error.hints {
            text.push_str(&format!("\n  {} {hint}", painted(NOTE, "hint:")));
        }
        self.status(&text);
    }

    /// Ends the output.
    pub(super) fn finish(&mut self) -> Result<(), CommandError> {
        Ok(self.out.flush()?)
    }

    /// Ends the program with an error.
    pub(super) fn fail(&mut self, error: &CommandError) -> ExitCode {
        match error.kind {
            // Whoever read the output has enough; the work is not finished all the same.
            Kind::BrokenPipe => {}
            _ => self.error(error),
        }
        ExitCode::from(error.kind.exit_code())
    }

    /// Ends the program with the parser's answer: help and version are no errors, and everything else ends with `code`.
    pub(super) fn usage(&mut self, error: &clap::Error, code: u8) -> ExitCode {
        let text = error.render();
        if error.use_stderr() {
            let _ = write!(self.err, "{}", text.ansi());
            return ExitCode::from(code);
        }
        let written = write!(self.out, "{}", text.ansi()).and_then(|()| self.out.flush());
        ExitCode::from(if written.is_ok() { exit::CLEAN } else { exit::FAILED })
    }
}
