//! What is known of programs: which name files without opening them, which write, which run other programs, which
//! take a program as text.
//!
//! From the documentation of the programs, not of the client. What is not listed is taken for a program that may read
//! every file that it names.

use crate::client::{Version, paths};

/// Programs that name files, or anything else, without reading what is in them.
const NAMING: &[&str] = &[
    ":", "[", "[[", "basename", "bg", "break", "continue", "dirname", "du", "echo", "exit", "false", "fg",
    "hash", "help", "jobs", "kill", "let", "logout", "ls", "popd", "printf", "pwd", "readlink", "realpath",
    "return", "set", "shift", "shopt", "sleep", "stat", "test", "times", "tree", "true", "type", "ulimit",
    "umask", "unset", "wait", "whereis", "which",
];

/// Programs that change files that they name, and read nothing of them.
const CHANGING: &[&str] = &[
    "chgrp", "chmod", "chown", "mkdir", "mkfifo", "rm", "rmdir", "shred", "sponge", "tee", "touch",
    "truncate", "unlink",
];

/// Editors, which read and write.
const EDITORS: &[&str] = &["ed", "emacs", "ex", "nano", "nvim", "pico", "vi", "vim"];

/// Programs that read the files they name, beside those that the client knows.
const READING: &[&str] = &[
    "7z",
    "7za",
    "7zr",
    "7zz",
    "ack",
    "ag",
    "b2sum",
    "base32",
    "bat",
    "batcat",
    "bunzip2",
    "bzcat",
    "bzip2",
    "cksum",
    "csplit",
    "dd",
    "egrep",
    "fgrep",
    "gpg",
    "gunzip",
    "gzip",
    "hd",
    "hexyl",
    "iconv",
    "join",
    "less",
    "ln",
    "lz4",
    "md5",
    "more",
    "most",
    "openssl",
    "pandoc",
    "pigz",
    "rar",
    "rgrep",
    "rsync",
    "scp",
    "sha512sum",
    "shasum",
    "source",
    "split",
    "tar",
    "view",
    "xxd",
    "xz",
    "xzcat",
    "yq",
    "zcat",
    "zgrep",
    "zip",
    "zless",
    "zstd",
    "zstdcat",
];

/// Programs whose first operand is a pattern or a program, not a file.
const PATTERN_FIRST: &[&str] = &[
    "ack", "ag", "awk", "egrep", "expr", "fgrep", "gawk", "grep", "jq", "mawk", "nawk", "rg", "rgrep", "sed",
    "tr", "yq", "zgrep",
];

/// Options whose value is text, by their name; those of one letter are listed with their program.
const TEXT_OPTIONS: &[&str] = &[
    "--author",
    "--body",
    "--description",
    "--exclude",
    "--exclude-dir",
    "--glob",
    "--grep",
    "--header",
    "--iglob",
    "--include",
    "--label",
    "--message",
    "--name",
    "--notes",
    "--regexp",
    "--subject",
    "--title",
];

/// Options of one letter whose value is text.
const TEXT_LETTERS: &[(&str, &[&str])] = &[
    ("ack", &["-g"]),
    ("curl", &["-A", "-H", "-X", "-e", "-u"]),
    ("egrep", &["-e"]),
    ("fgrep", &["-e"]),
    ("gh", &["-b", "-t"]),
    ("git", &["-S", "-G", "-m"]),
    ("grep", &["-e"]),
    ("rg", &["-e", "-g", "-r", "-t", "-T"]),
    ("sed", &["-e"]),
    ("find", &["-iname", "-ipath", "-iregex", "-iwholename", "-name", "-path", "-regex", "-wholename"]),
];

/// Options of one letter, or long ones, that have a value of any kind behind them.
const VALUED: &[(&str, &[&str])] = &[
    ("ack", &["-A", "-B", "-C", "-m"]),
    ("ag", &["-A", "-B", "-C", "-m", "--ignore", "-G"]),
    ("awk", &["-F", "-f", "-v"]),
    ("head", &["-n", "-c"]),
    ("sort", &["-k", "-t", "-o"]),
    ("tail", &["-n", "-c"]),
    ("cp", &["-S", "-t", "--target-directory"]),
    ("egrep", &["-A", "-B", "-C", "-D", "-d", "-e", "-f", "-m"]),
    ("fgrep", &["-A", "-B", "-C", "-D", "-d", "-e", "-f", "-m"]),
    ("gawk", &["-F", "-f", "-v"]),
    ("grep", &["-A", "-B", "-C", "-D", "-d", "-e", "-f", "-m"]),
    ("install", &["-g", "-m", "-o", "-t"]),
    ("ln", &["-S", "-t"]),
    ("mawk", &["-F", "-f", "-v"]),
    ("mv", &["-S", "-t", "--target-directory"]),
    ("nawk", &["-F", "-f", "-v"]),
    (
        "rg",
        &["-A", "-B", "-C", "-M", "-T", "-d", "-e", "-f", "-g", "-j", "-m", "-r", "-t", "--glob", "--type"],
    ),
    ("rsync", &["-e", "-f", "--exclude", "--include", "--rsh"]),
    ("scp", &["-F", "-P", "-c", "-i", "-l", "-o"]),
    ("sed", &["-E", "-e", "-f", "-l"]),
    ("zgrep", &["-e", "-f"]),
    ("zip", &["-b", "-t", "-x", "-i"]),
];

/// Options that give the pattern or program, so that no operand is one.
const PATTERN_OPTIONS: &[&str] = &["-e", "-f", "--file", "--regexp", "--expression", "--from-file"];

/// Programs that take a program as text, and the options that it stands behind.
const INTERPRETERS: &[(&str, &[&str])] = &[
    ("bun", &["-e", "--eval", "-p", "--print"]),
    ("deno", &["eval"]),
    ("elixir", &["-e"]),
    ("groovy", &["-e"]),
    ("guile", &["-c"]),
    ("julia", &["-e", "-E"]),
    ("lua", &["-e"]),
    ("node", &["-e", "--eval", "-p", "--print", "-pe"]),
    ("nodejs", &["-e", "--eval", "-p", "--print", "-pe"]),
    ("osascript", &["-e"]),
    ("php", &["-r", "-R", "-B", "-E"]),
    ("powershell", &["-c", "-Command", "-command"]),
    ("pwsh", &["-c", "-Command", "-command"]),
    ("R", &["-e"]),
    ("Rscript", &["-e"]),
    ("swift", &["-e"]),
    ("tclsh", &[]),
];

/// Runners that pass everything behind their words on, each with how many operands stand before the program.
const RUNNERS: &[(&str, &str, usize)] = &[
    ("bundle", "exec", 0),
    ("conda", "run", 0),
    ("direnv", "exec", 1),
    ("dotenv", "run", 0),
    ("hatch", "run", 0),
    ("mise", "exec", 0),
    ("npm", "exec", 0),
    ("pdm", "run", 0),
    ("pipenv", "run", 0),
    ("pnpm", "exec", 0),
    ("poetry", "run", 0),
    ("rbenv", "exec", 0),
    ("uv", "run", 0),
    ("yarn", "exec", 0),
];

/// Wrappers beside those that the client knows, each with how many operands stand before the program.
const WRAPPERS: &[(&str, usize)] = &[
    ("busybox", 0),
    ("caffeinate", 0),
    ("catchsegv", 0),
    ("chronic", 0),
    ("chroot", 1),
    ("fakeroot", 0),
    ("gtimeout", 1),
    ("linux32", 0),
    ("linux64", 0),
    ("proot", 0),
    ("run0", 0),
    ("setarch", 1),
    ("toybox", 0),
    ("unbuffer", 0),
    ("xvfb-run", 0),
];

/// Programs whose words are names of tasks, packages and the like, unless they look like paths.
const NAME_TAKING: &[&str] = &[
    "bun",
    "bundle",
    "cargo",
    "docker",
    "gh",
    "git",
    "glab",
    "go",
    "gradle",
    "helm",
    "just",
    "kubectl",
    "make",
    "mvn",
    "npm",
    "npx",
    "pip",
    "pnpm",
    "podman",
    "poetry",
    "rake",
    "systemctl",
    "task",
    "terraform",
    "uv",
    "yarn",
];

/// Whether the words of a command, which is told as `` `name …` ``, are names unless they look like paths.
pub(super) fn takes_names(told: &str) -> bool {
    let name = told.trim_start_matches('`').split([' ', '`']).next().unwrap_or_default();
    NAME_TAKING.contains(&name)
}

pub(super) fn names_only(name: &str) -> bool {
    NAMING.contains(&name)
}

pub(super) fn changes(name: &str) -> bool {
    CHANGING.contains(&name) || EDITORS.contains(&name)
}

pub(super) fn only_changes(name: &str) -> bool {
    CHANGING.contains(&name)
}

/// Whether a program is known to read every file that it names, whether or not the file is there yet.
pub(super) fn reads(name: &str) -> bool {
    READING.contains(&name)
        || EDITORS.contains(&name)
        || (!only_changes(name) && !names_only(name) && paths::find(name, Version::NEWEST).is_some())
}

/// Whether the first operand is no file, given all words of the command.
pub(super) fn has_pattern_first(name: &str, words: &[&str]) -> bool {
    let given = |word: &&&str| {
        PATTERN_OPTIONS.iter().any(|option| {
            *word == option || word.strip_prefix(option).is_some_and(|rest| rest.starts_with('='))
        })
    };
    PATTERN_FIRST.contains(&name) && !words.iter().any(|word| given(&word))
}

fn listed(table: &'static [(&'static str, &'static [&'static str])], name: &str) -> &'static [&'static str] {
    table.iter().find(|(known, _)| *known == name).map_or(&[], |(_, options)| options)
}

/// Whether the value of an option is text and no file.
pub(super) fn takes_text(name: &str, option: &str) -> bool {
    TEXT_OPTIONS.contains(&option) || listed(TEXT_LETTERS, name).contains(&option)
}

/// Whether a value stands behind an option.
pub(super) fn takes_value(name: &str, option: &str) -> bool {
    takes_text(name, option) || listed(VALUED, name).contains(&option)
}

/// The options behind which a program stands as text; none for what takes no such text.
pub(super) fn code_options(name: &str) -> Option<CodeOptions> {
    if let Some((_, options)) = INTERPRETERS.iter().find(|(known, _)| *known == name) {
        return Some(CodeOptions::Words(options));
    }
    let versioned = |family: &str| {
        name.strip_prefix(family).is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
    };
    if versioned("python") || versioned("pypy") {
        return Some(CodeOptions::Letters("c"));
    }
    if versioned("perl") || versioned("ruby") {
        return Some(CodeOptions::Letters("eE"));
    }
    if versioned("lua") {
        return Some(CodeOptions::Words(&["-e"]));
    }
    None
}

/// How the options are written.
#[derive(Debug, Clone, Copy)]
pub(super) enum CodeOptions {
    /// As whole words.
    Words(&'static [&'static str]),
    /// As the last letter of a group: `-nle`.
    Letters(&'static str),
}

impl CodeOptions {
    /// Whether a program as text stands behind this word.
    pub(super) fn has(self, word: &str) -> bool {
        match self {
            Self::Words(words) => words.contains(&word),
            Self::Letters(letters) => {
                word.len() > 1
                    && word.starts_with('-')
                    && !word.starts_with("--")
                    && word.ends_with(|c| letters.contains(c))
                    && word.bytes().skip(1).all(|byte| byte.is_ascii_alphanumeric())
            }
        }
    }
}

/// Whether the first operand is a program as text: the family of awk, and sed.
pub(super) fn is_programmed(name: &str) -> bool {
    matches!(name, "awk" | "gawk" | "mawk" | "nawk" | "sed")
}

/// How many operands stand between a runner and the program, where `name first` is one.
pub(super) fn runner(name: &str, first: Option<&str>) -> Option<usize> {
    RUNNERS.iter().find(|(known, word, _)| *known == name && Some(*word) == first).map(|(_, _, count)| *count)
}

/// The same for a wrapper that the client does not know.
pub(super) fn wrapper(name: &str) -> Option<usize> {
    WRAPPERS.iter().find(|(known, _)| *known == name).map(|(_, count)| *count)
}

/// How a program reads or changes whole folders.
#[derive(Debug, Clone, Copy)]
pub(super) struct Recursive {
    /// Letters of options that make it; none where it always does.
    letters: &'static str,
    /// Long options that make it.
    long: &'static [&'static str],
    /// It passes names with a dot in front over.
    pub(super) skips_hidden: bool,
    /// It reads what links lead to; otherwise the letters of options that make it.
    follows: bool,
    follow_letters: &'static str,
    /// The last operand is where it writes.
    pub(super) last_is_target: bool,
    /// How many operands stand before what it reads: what is to be done, and what it writes.
    pub(super) before: usize,
}

const RECURSIVE: Recursive = Recursive {
    letters: "",
    long: &[],
    skips_hidden: false,
    follows: false,
    follow_letters: "L",
    last_is_target: false,
    before: 0,
};

/// What is known of a program that may read whole folders.
pub(super) fn reads_folders(name: &str) -> Option<Recursive> {
    Some(match name {
        "grep" | "egrep" | "fgrep" | "zgrep" => {
            let long = &["--recursive", "--dereference-recursive"];
            Recursive { letters: "rR", long, follow_letters: "R", ..RECURSIVE }
        }
        "rgrep" => Recursive { follows: true, ..RECURSIVE },
        "ack" | "borg" | "dar" | "ditto" | "genisoimage" | "mkisofs" | "mksquashfs" | "pax" | "restic"
        | "tarsnap" => RECURSIVE,
        // The first of their operands says what is to be done, the second is the archive.
        "7z" | "7za" | "7zr" | "7zz" | "rar" => Recursive { before: 2, ..RECURSIVE },
        "gzip" | "lz4" | "pigz" | "zstd" => Recursive { letters: "r", long: &["--recursive"], ..RECURSIVE },
        "aws" | "az" | "gcloud" | "gsutil" | "mc" | "rclone" | "s3cmd" | "s5cmd" => Recursive {
            letters: "rR",
            long: &["--recursive", "copy", "mirror", "move", "rsync", "sync", "upload-batch"],
            last_is_target: true,
            ..RECURSIVE
        },
        "docker" | "kubectl" | "oc" | "podman" => {
            Recursive { long: &["cp"], last_is_target: true, ..RECURSIVE }
        }
        "rg" | "ag" => Recursive { skips_hidden: true, ..RECURSIVE },
        "cp" => Recursive {
            letters: "rRa",
            long: &["--recursive", "--archive"],
            last_is_target: true,
            ..RECURSIVE
        },
        "mv" => Recursive { last_is_target: true, ..RECURSIVE },
        "rsync" => Recursive {
            letters: "ra",
            long: &["--recursive", "--archive"],
            last_is_target: true,
            ..RECURSIVE
        },
        "scp" => Recursive { letters: "r", last_is_target: true, ..RECURSIVE },
        "zip" => {
            Recursive { letters: "r", long: &["--recurse-paths"], follows: true, before: 1, ..RECURSIVE }
        }
        "diff" => Recursive { letters: "r", long: &["--recursive"], follows: true, ..RECURSIVE },
        _ => return None,
    })
}

/// What is known of a program that may change whole folders.
pub(super) fn changes_folders(name: &str) -> Option<Recursive> {
    Some(match name {
        "rm" => Recursive { letters: "rR", long: &["--recursive"], ..RECURSIVE },
        "chmod" | "chown" | "chgrp" => Recursive { letters: "R", long: &["--recursive"], ..RECURSIVE },
        "mv" => Recursive { last_is_target: true, ..RECURSIVE },
        _ => return None,
    })
}

impl Recursive {
    /// Whether the words of the command make it take whole folders.
    pub(super) fn is_on(&self, words: &[&str]) -> bool {
        let on = |word: &&str| {
            self.long.contains(word)
                || (word.starts_with('-')
                    && !word.starts_with("--")
                    && word.contains(|c| self.letters.contains(c)))
        };
        (self.letters.is_empty() && self.long.is_empty()) || words.iter().any(on)
    }

    /// Whether the words of the command make it read what links lead to.
    pub(super) fn follows(&self, words: &[&str]) -> bool {
        const LONG: [&str; 5] =
            ["--follow", "--dereference", "--dereference-recursive", "--copy-links", "--copy-dirlinks"];
        let on = |word: &&str| {
            LONG.contains(word)
                || (word.starts_with('-')
                    && !word.starts_with("--")
                    && word.contains(|c| self.follow_letters.contains(c)))
        };
        self.follows || words.iter().any(on)
    }
}

/// Whether words of `rg` and `ag` ask for names with a dot in front as well.
pub(super) fn asks_for_hidden(words: &[&str]) -> bool {
    let unrestricted: usize = words
        .iter()
        .map(|word| match *word {
            "--unrestricted" => 1,
            word if word.starts_with('-') && !word.starts_with("--") => word.matches('u').count(),
            _ => 0,
        })
        .sum();
    unrestricted > 1
        || words.iter().any(|word| {
            *word == "--hidden" || (word.starts_with('-') && !word.starts_with("--") && word.contains('.'))
        })
}
