//! The commands that the client runs without a rule because they only read, and the flags that keep them so.
//!
//! Data alone; `access` holds a command against it. Everything here was observed with 2.1.330. What is not
//! listed was seen to ask, or was never seen: both are no read-only command.
//!
//! Leaves out where the operands of the command lie, which the client looks at besides.

#[rustfmt::skip]
mod git;
#[rustfmt::skip]
mod tools;

pub use tools::TEST;

/// The flags that a command may have and still only reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flags {
    /// Flags without a value.
    pub plain: &'static [&'static str],
    /// Flags with a value of digits alone.
    pub number: &'static [&'static str],
    /// Flags with any value.
    pub text: &'static [&'static str],
    /// The words that are no flags.
    pub operands: Operands,
    /// Whether nothing behind `--` is taken for a flag.
    pub dashes_end: bool,
    /// Whether `-ab` is `-a -b`.
    pub combined: bool,
    /// Whether a value may be joined with `=`.
    pub inline: bool,
    /// Whether digits may follow a flag of one letter: `-A5`.
    pub joined_digits: bool,
}

/// No flags at all, to begin a table with.
const PLAIN: Flags = Flags {
    plain: &[],
    number: &[],
    text: &[],
    operands: Operands::Any,
    dashes_end: true,
    combined: true,
    inline: true,
    joined_digits: false,
};

/// The words of a command that are no flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operands {
    /// Whatever they are.
    Any,
    /// There are none.
    None,
    /// They begin with `+`, as the format of `date`.
    Format,
    /// They are no options in the style of BSD that show the environment, and none beside `-e`.
    Bsd,
    /// No capability of the terminal that clears or resets it.
    Capability,
    /// No path.
    Page,
    /// Files, and options with `+`, of which `+m` makes a mount supplement file.
    Files,
    /// Names of commands.
    Names,
    /// A filter of sockets.
    Filter,
    /// They follow one of the flags `list`, or are operands of one of the flags `operand`.
    Listing {
        /// Flags after which all operands are patterns.
        list: &'static [&'static str],
        /// Flags whose operands are optional.
        operand: &'static [&'static str],
    },
    /// Exactly one name of letters, digits, `_` and `-`.
    Name,
    /// `show` or `list` comes first, and none of them is a sub-command that removes.
    Reflog,
}

/// When a command only reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Always.
    Any,
    /// With these flags.
    Flags(&'static Flags),
    /// With exactly these words behind its name, one of the lists.
    Exactly(&'static [&'static [&'static str]]),
    /// With these flags alone, each as often as you like.
    Repeated(&'static [&'static str]),
    /// The commands below have forms of their own.
    Cd,
    /// With a line count at most.
    History,
    /// With the name of an interface at most.
    Ifconfig,
    /// Without the actions that run, remove or write.
    Find,
    /// Without what reads files or the environment on its own.
    Jq,
    /// Without `-v`.
    Printf,
    /// With a script that only prints lines, or one substitution of standard input.
    Sed,
    /// `[ … ]`, without expansions.
    Brackets,
    /// With known operators.
    Test,
    /// Filters standard input.
    Uniq,
    /// Before a command of a short list.
    Xargs,
    /// With these words behind its name, and then their flags.
    Subcommands(&'static [(&'static [&'static str], Form)]),
    /// Any arguments but the flags that lead to another server.
    Docker,
}

/// A command that only reads.
#[derive(Debug, Clone, Copy)]
pub struct Command {
    /// Its name.
    pub name: &'static str,
    /// When it only reads.
    pub form: Form,
    /// Whether it may have unquoted globs, which could stand for flags.
    pub globs: bool,
}

/// The actions of `find` that run, remove or write.
pub const FIND_ACTIONS: &[&str] = &[
    "-delete",
    "-exec",
    "-execdir",
    "-files0-from",
    "-fls",
    "-fprint",
    "-fprint0",
    "-fprintf",
    "-ok",
    "-okdir",
    "-rm",
];

/// The tests of `find` that take the next word, whatever it is.
pub const FIND_VALUES: &[&str] = &[
    "-Bmin",
    "-Btime",
    "-amin",
    "-anewer",
    "-atime",
    "-cmin",
    "-cnewer",
    "-context",
    "-ctime",
    "-flags",
    "-fstype",
    "-gid",
    "-group",
    "-ilname",
    "-iname",
    "-inum",
    "-ipath",
    "-iregex",
    "-iwholename",
    "-links",
    "-lname",
    "-maxdepth",
    "-mindepth",
    "-mmin",
    "-mtime",
    "-name",
    "-newer",
    "-path",
    "-perm",
    "-printf",
    "-regex",
    "-regextype",
    "-samefile",
    "-size",
    "-type",
    "-uid",
    "-used",
    "-user",
    "-wholename",
    "-xattrname",
    "-xtype",
];

/// The commands behind `xargs`.
pub const XARGS_TARGETS: &[&str] = &["echo", "egrep", "fgrep", "grep", "head", "printf", "tail", "wc"];

/// The flags of docker that lead to another server or configuration.
pub const DOCKER_SERVER: &[&str] = &[
    "--config",
    "--connection",
    "--context",
    "--host",
    "--identity",
    "--remote",
    "--tlscacert",
    "--tlscert",
    "--tlskey",
    "--url",
];

/// The capabilities that `tput` must not be asked for: they clear, reset or print.
pub const TPUT_CAPABILITIES: &[&str] = &[
    "clear", "flash", "if", "init", "iprog", "is1", "is2", "is3", "mc0", "mc4", "mc5", "mc5i", "mc5p",
    "pfkey", "pfloc", "pfx", "pfxl", "reset", "rf", "rmcup", "rs1", "rs2", "rs3", "smcup",
];

/// The sub-commands of `git reflog` that write.
pub const REFLOG_WRITES: &[&str] = &["delete", "drop", "exists", "expire", "write"];

const fn any(name: &'static str) -> Command {
    Command { name, form: Form::Any, globs: false }
}

const fn free(name: &'static str) -> Command {
    Command { name, form: Form::Any, globs: true }
}

const fn of(name: &'static str, form: Form) -> Command {
    Command { name, form, globs: false }
}

const fn glob(name: &'static str, form: Form) -> Command {
    Command { name, form, globs: true }
}

/// The commands that only read, sorted by name.
pub const COMMANDS: &[Command] = &[
    of("[", Form::Brackets),
    of("[[", Form::Brackets),
    of("arch", Form::Exactly(&[&[], &["-h"], &["--help"]])),
    of("base64", Form::Flags(&tools::BASE64)),
    free("basename"),
    any("cal"),
    free("cat"),
    glob("cd", Form::Cd),
    of("claude", Form::Exactly(&[&["-h"], &["--help"]])),
    free("cmp"),
    free("column"),
    any("comm"),
    free("cut"),
    of("date", Form::Flags(&tools::DATE)),
    free("df"),
    free("diff"),
    free("dirname"),
    of("docker", Form::Subcommands(tools::DOCKER)),
    free("du"),
    free("echo"),
    glob("egrep", Form::Flags(&tools::GREP)),
    any("expand"),
    any("expr"),
    any("false"),
    of("fd", Form::Flags(&tools::FD)),
    of("fdfind", Form::Flags(&tools::FD)),
    glob("fgrep", Form::Flags(&tools::GREP)),
    of("file", Form::Flags(&tools::FILE)),
    of("find", Form::Find),
    any("fmt"),
    any("fold"),
    any("free"),
    of("git", Form::Subcommands(git::COMMANDS)),
    glob("grep", Form::Flags(&tools::GREP)),
    any("groups"),
    free("head"),
    of("help", Form::Flags(&tools::HELP)),
    free("hexdump"),
    of("history", Form::History),
    of("hostname", Form::Flags(&tools::HOSTNAME)),
    any("id"),
    of("ifconfig", Form::Ifconfig),
    of("ip", Form::Exactly(&[&["addr"]])),
    of("jq", Form::Jq),
    any("locale"),
    free("ls"),
    of("lsof", Form::Flags(&tools::LSOF)),
    of("man", Form::Flags(&tools::MAN)),
    glob("md5sum", Form::Flags(&tools::SHA256SUM)),
    of("netstat", Form::Flags(&tools::NETSTAT)),
    free("nl"),
    of("node", Form::Exactly(&[&["-v"], &["--version"]])),
    any("nproc"),
    any("numfmt"),
    free("od"),
    any("paste"),
    of("pgrep", Form::Flags(&tools::PGREP)),
    any("pr"),
    of("printf", Form::Printf),
    of("ps", Form::Flags(&tools::PS)),
    of("pwd", Form::Exactly(&[&[]])),
    of("python", Form::Exactly(&[&["--version"]])),
    of("python3", Form::Exactly(&[&["--version"]])),
    free("readlink"),
    free("realpath"),
    free("rev"),
    of("rg", Form::Flags(&tools::RG)),
    of("sed", Form::Sed),
    any("seq"),
    glob("sha1sum", Form::Flags(&tools::SHA256SUM)),
    glob("sha256sum", Form::Flags(&tools::SHA256SUM)),
    any("sleep"),
    of("sort", Form::Flags(&tools::SORT)),
    of("ss", Form::Flags(&tools::SS)),
    free("stat"),
    free("strings"),
    free("tac"),
    free("tail"),
    of("test", Form::Test),
    of("tput", Form::Flags(&tools::TPUT)),
    free("tr"),
    of("tree", Form::Flags(&tools::TREE)),
    any("true"),
    any("tsort"),
    any("type"),
    any("uname"),
    any("unexpand"),
    of("uniq", Form::Uniq),
    any("uptime"),
    free("wc"),
    of("which", Form::Flags(&tools::WHICH)),
    of("whoami", Form::Exactly(&[&[]])),
    of("xargs", Form::Xargs),
];

/// What is known of the command with this name.
pub fn find(name: &str) -> Option<&'static Command> {
    COMMANDS.binary_search_by(|command| command.name.cmp(name)).ok().and_then(|at| COMMANDS.get(at))
}

/// Whether a command that begins with these words may be one that only reads; never too little.
pub fn may_read(words: &[&str]) -> bool {
    let Some((name, rest)) = words.split_first() else { return true };
    match find(name).map(|command| command.form) {
        None => false,
        Some(Form::Subcommands(list)) => {
            list.iter().any(|(names, _)| names.iter().zip(rest).all(|(name, word)| name == word))
        }
        Some(Form::Xargs) => {
            rest.first().is_none_or(|word| word.starts_with('-') || XARGS_TARGETS.contains(word))
        }
        Some(_) => true,
    }
}

/// The names of the commands, with those of their sub-commands.
pub fn names() -> impl Iterator<Item = String> {
    COMMANDS.iter().flat_map(|command| match command.form {
        Form::Subcommands(list) => {
            list.iter().map(|(names, _)| format!("{} {}", command.name, names.join(" "))).collect()
        }
        _ => vec![command.name.to_owned()],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags_are_sorted(form: &Form) {
        match form {
            Form::Flags(flags) => {
                for list in [flags.plain, flags.number, flags.text] {
                    assert!(list.is_sorted_by(|a, b| a < b), "{list:?}");
                }
            }
            Form::Subcommands(list) => list.iter().for_each(|(_, form)| flags_are_sorted(form)),
            _ => {}
        }
    }

    #[test]
    fn tables_are_sorted_for_the_search() {
        assert!(COMMANDS.is_sorted_by(|a, b| a.name < b.name));
        for list in
            [FIND_ACTIONS, FIND_VALUES, XARGS_TARGETS, DOCKER_SERVER, TPUT_CAPABILITIES, REFLOG_WRITES]
        {
            assert!(list.is_sorted_by(|a, b| a < b), "{list:?}");
        }
        COMMANDS.iter().for_each(|command| flags_are_sorted(&command.form));
    }
}
