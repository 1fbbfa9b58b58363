//! Commands that run another command, and how far rules look through them.
//!
//! Observed with clients 2.1.197 and 2.1.330. Left out: `xargs`, which has a rule of its own, and everything that no rule
//! looks through (`bash -c`, `su -c`, `npx`).

use super::Version;

/// Shells, which run a text behind `-c`.
pub const SHELLS: &[&str] = &["bash", "dash", "ksh", "sh", "zsh"];

/// A command that runs another one.
#[derive(Debug, Clone, Copy)]
pub struct Wrapper {
    /// Its name.
    pub name: &'static str,
    /// The options that a rule of either kind looks through.
    pub open: Options,
    /// The options that only deny and ask rules look through; none where there are no others.
    pub closed: Option<Options>,
}

/// Options and operands in front of the command that is run.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Whether the form exists at all.
    pub seen: bool,
    /// Options without a value.
    pub flags: &'static [&'static str],
    /// More of them, each with the first client that was seen to know it.
    pub later_flags: &'static [(&'static str, Version)],
    /// Options with a value behind them, as the next word or, of one letter, in the same word; `--name=value`.
    pub values: &'static [&'static str],
    /// Options of one letter with a value in the same word only.
    pub glued: &'static [&'static str],
    /// Options whose value is a command line.
    pub commands: &'static [&'static str],
    /// Whether `--` may stand behind the options.
    pub dashes: bool,
    /// Whether other options are skipped.
    pub any: bool,
    /// Whether assignments may stand in front of the command.
    pub assignments: bool,
    /// What stands between options and command.
    pub operand: Operand,
}

/// What stands between the options of a wrapper and the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operand {
    /// Nothing.
    None,
    /// A time: `5`, `0.5`, `5m`.
    Duration,
    /// One word.
    Word,
}

const NONE: Options = Options {
    seen: true,
    flags: &[],
    later_flags: &[],
    values: &[],
    glued: &[],
    commands: &[],
    dashes: false,
    any: false,
    assignments: false,
    operand: Operand::None,
};

const UNSEEN: Options = Options { seen: false, ..NONE };
const ANY: Options = Options { any: true, dashes: true, ..NONE };

const fn closed(name: &'static str, options: Options) -> Wrapper {
    Wrapper { name, open: UNSEEN, closed: Some(options) }
}

const TIMEOUT: Options = Options {
    flags: &["--foreground", "--preserve-status", "--verbose", "-v"],
    values: &["--kill-after", "--signal", "-k", "-s"],
    operand: Operand::Duration,
    ..NONE
};

/// By name.
const WRAPPERS: &[Wrapper] = &[
    Wrapper { name: "builtin", open: Options { dashes: true, ..NONE }, closed: None },
    closed("chrt", Options { operand: Operand::Word, ..ANY }),
    Wrapper { name: "command", open: Options { flags: &["-p"], dashes: true, ..NONE }, closed: None },
    closed("doas", Options { values: &["-C", "-u"], ..ANY }),
    closed(
        "env",
        Options {
            values: &["--chdir", "--unset", "-C", "-u"],
            commands: &["--split-string", "-S"],
            assignments: true,
            ..ANY
        },
    ),
    closed("exec", Options { values: &["-a"], ..ANY }),
    closed(
        "flock",
        Options {
            values: &["--conflict-exit-code", "--timeout", "-E", "-w"],
            commands: &["--command", "-c"],
            operand: Operand::Word,
            ..ANY
        },
    ),
    closed("ionice", Options { values: &["--class", "--classdata", "-c", "-n"], ..ANY }),
    closed("ltrace", Options { values: &["-a", "-e", "-l", "-n", "-o", "-s", "-u"], ..ANY }),
    Wrapper {
        name: "nice",
        open: Options { values: &["-n"], glued: &["-"], ..NONE },
        closed: Some(Options { values: &["-n"], glued: &["-"], dashes: true, ..NONE }),
    },
    closed("nocorrect", NONE),
    Wrapper { name: "noglob", open: NONE, closed: None },
    Wrapper { name: "nohup", open: NONE, closed: Some(Options { dashes: true, ..NONE }) },
    closed("nsenter", Options { values: &["-G", "-S", "-t"], ..ANY }),
    closed("pkexec", Options { values: &["--user"], ..ANY }),
    closed("sandbox-exec", Options { values: &["-D", "-f", "-n", "-p"], ..ANY }),
    closed("script", Options { commands: &["--command", "-c"], ..ANY }),
    closed("setsid", ANY),
    Wrapper {
        name: "stdbuf",
        open: Options { glued: &["-e", "-i", "-o"], ..NONE },
        closed: Some(Options { glued: &["-e", "-i", "-o"], dashes: true, ..NONE }),
    },
    closed(
        "strace",
        Options {
            values: &["-E", "-I", "-O", "-P", "-S", "-X", "-a", "-b", "-e", "-o", "-p", "-s", "-u"],
            ..ANY
        },
    ),
    closed(
        "sudo",
        Options {
            values: &["--user", "-C", "-D", "-R", "-T", "-U", "-g", "-h", "-p", "-r", "-t", "-u"],
            assignments: true,
            ..ANY
        },
    ),
    closed("taskset", Options { operand: Operand::Word, ..ANY }),
    Wrapper {
        name: "time",
        open: NONE,
        closed: Some(Options { later_flags: &[("-p", Version::NEWEST)], dashes: true, ..NONE }),
    },
    Wrapper { name: "timeout", open: TIMEOUT, closed: Some(Options { dashes: true, ..TIMEOUT }) },
    closed("unshare", Options { values: &["-G", "-R", "-S", "-w"], ..ANY }),
    closed("watch", Options { values: &["--interval", "-n"], ..ANY }),
];

/// All wrappers, by name.
pub fn all() -> &'static [Wrapper] {
    WRAPPERS
}

/// What is known of the command with this name.
pub fn find(name: &str) -> Option<&'static Wrapper> {
    WRAPPERS.binary_search_by(|wrapper| wrapper.name.cmp(name)).ok().and_then(|at| WRAPPERS.get(at))
}

/// Whether a word is a time as `timeout` takes it.
pub fn is_duration(word: &str) -> bool {
    let number = word.strip_suffix(['s', 'm', 'h', 'd']).unwrap_or(word);
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && digits(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrappers_are_sorted_for_the_search() {
        assert!(WRAPPERS.is_sorted_by(|a, b| a.name < b.name));
        assert!(find("timeout").is_some() && find("bash").is_none());
    }

    #[test]
    fn durations_are_numbers_with_a_unit() {
        for word in ["5", "0.5", "5m", "10s"] {
            assert!(is_duration(word), "{word}");
        }
        for word in ["", "5x", "m", ".5", "$T", "-5"] {
            assert!(!is_duration(word), "{word}");
        }
    }
}
