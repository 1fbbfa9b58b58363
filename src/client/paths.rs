//! Which words of known commands are paths that the client looks at.
//!
//! Data alone; everything here was observed with 2.1.330, and what [`BEFORE`] says with 2.1.197. The client's own
//! reading counts, not that of the command: `sort -o x` reads `x`, `dd` and `less` are not known at all.

use super::Version;

/// Which words of a command are paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paths {
    /// All words that are no flags and no values of these flags: read.
    Read(&'static [&'static str]),
    /// All words that are no flags: written.
    Write,
    /// All words that are no flags: the last one is written, as it is and as a folder of the others, which
    /// are read.
    Copy,
    /// The same, and the others are written, too.
    Move,
    /// All words are written, the last one as a folder of the others, too; with any flag the client asks and
    /// looks at none.
    Transfer,
    /// A program, then files to read; where a flag may name the program, or a word expands, the client asks
    /// and looks at none.
    Program(&'static PatternFlags),
    /// A program and files that the client does not look at; where a flag may name the program, or a word
    /// expands, it asks.
    ProgramAlone,
    /// A pattern, then files to read.
    Pattern(&'static PatternFlags),
    /// The command enters the one word.
    Enter,
    /// Roots, and the values of some tests.
    Find,
    /// The same; the client asks for a path that expands, and does not look at it.
    FindPlain,
    /// `git diff` and `git grep`.
    Git,
    /// `git diff --no-index`.
    GitDiff,
    /// A page or a file, and whatever is joined to a flag.
    Man,
    /// A script, then files that are read, and written unless the script only prints.
    Sed,
    /// The same, and what is written does not count as read.
    SedOrEdit,
    /// One or two sets of characters, then files to read.
    Tr,
}

/// The flags of commands whose first operand is a pattern, a program or a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PatternFlags {
    /// The next word is a value.
    pub values: &'static [&'static str],
    /// The next word is the pattern.
    pub patterns: &'static [&'static str],
    /// The next word, or what follows `=`, is a file with patterns.
    pub files: &'static [&'static str],
    /// The next word, or what follows `=`, is a file that is read besides.
    pub read_files: &'static [&'static str],
    /// The word after the next one is a file.
    pub named_files: &'static [&'static str],
    /// The pattern may stand in one word with a flag of one letter: `-ex`.
    pub joined: bool,
    /// Values are skipped behind the pattern, too.
    pub values_after: bool,
}

const GREP: PatternFlags = PatternFlags {
    values: &[
        "--after-context",
        "--before-context",
        "--context",
        "--exclude",
        "--exclude-dir",
        "--include-dir",
        "--include",
        "--max-count",
        "-A",
        "-B",
        "-C",
        "-m",
    ],
    patterns: &["--regexp", "-e"],
    files: &["--file", "-f"],
    read_files: &["--exclude-from", "--ignore-file"],
    named_files: &[],
    joined: true,
    values_after: false,
};

const RG: PatternFlags = PatternFlags {
    values: &[
        "--after-context",
        "--before-context",
        "--context",
        "--glob",
        "--max-count",
        "--max-depth",
        "--replace",
        "--type",
        "--type-not",
        "-A",
        "-B",
        "-C",
        "-T",
        "-g",
        "-m",
        "-r",
        "-t",
    ],
    ..GREP
};

const AWK: PatternFlags = PatternFlags {
    values: &["--assign", "--field-separator", "-F", "-v"],
    patterns: &["-e"],
    files: &["--file", "-E", "-f"],
    read_files: &[],
    named_files: &[],
    joined: false,
    values_after: false,
};

const JQ: PatternFlags = PatternFlags {
    values: &["--arg", "--argjson", "--args", "--indent", "--jsonargs", "--tab", "--library-path", "-L"],
    patterns: &["--expression", "-e"],
    files: &["--from-file", "-f"],
    read_files: &[],
    named_files: &["--rawfile", "--slurpfile"],
    joined: false,
    values_after: true,
};

/// The flags of `git grep`.
pub const GIT_GREP: PatternFlags = PatternFlags {
    values: &[
        "--after-context",
        "--before-context",
        "--context",
        "--max-count",
        "--max-depth",
        "--threads",
        "-A",
        "-B",
        "-C",
        "-m",
    ],
    ..GREP
};

/// The tests of `find` whose values are paths.
pub const FIND_PATHS: &[&str] = &[
    "-anewer",
    "-cnewer",
    "-ilname",
    "-ipath",
    "-iwholename",
    "-lname",
    "-mnewer",
    "-newer",
    "-path",
    "-samefile",
    "-wholename",
];

/// The flags of `awk` that name a program, a library or a debugger.
pub const PROGRAM_FLAGS: &[&str] =
    &["--debug", "--exec", "--file", "--include", "--load", "--source", "-D", "-E", "-e", "-f", "-i", "-l"];

/// The commands whose words the client looks at, sorted by name.
pub const COMMANDS: &[(&str, Paths)] = &[
    ("awk", Paths::Pattern(&AWK)),
    ("base64", Paths::Read(&[])),
    ("cat", Paths::Read(&[])),
    ("cd", Paths::Enter),
    ("cmp", Paths::Read(&[])),
    (
        "column",
        Paths::Read(&[
            "-C", "-E", "-H", "-N", "-O", "-R", "-T", "-W", "-c", "-i", "-l", "-o", "-p", "-r", "-s",
        ]),
    ),
    ("comm", Paths::Read(&[])),
    ("cp", Paths::Copy),
    ("cut", Paths::Read(&["-b", "-c", "-d", "-f"])),
    ("diff", Paths::Read(&[])),
    ("egrep", Paths::Pattern(&GREP)),
    ("expand", Paths::Read(&["-t"])),
    ("fgrep", Paths::Pattern(&GREP)),
    ("file", Paths::Read(&[])),
    ("find", Paths::Find),
    ("fmt", Paths::Read(&["-d", "-g", "-l", "-w"])),
    ("fold", Paths::Read(&["-w"])),
    ("gawk", Paths::Pattern(&AWK)),
    ("git", Paths::Git),
    ("grep", Paths::Pattern(&GREP)),
    ("head", Paths::Read(&[])),
    ("hexdump", Paths::Read(&[])),
    ("jq", Paths::Pattern(&JQ)),
    ("ls", Paths::Read(&[])),
    ("man", Paths::Man),
    ("mawk", Paths::Pattern(&AWK)),
    ("md5sum", Paths::Read(&[])),
    ("mkdir", Paths::Write),
    ("mv", Paths::Move),
    ("nawk", Paths::Pattern(&AWK)),
    ("nl", Paths::Read(&[])),
    ("numfmt", Paths::Read(&["-d"])),
    ("od", Paths::Read(&[])),
    ("paste", Paths::Read(&["-d"])),
    ("pr", Paths::Read(&["-D", "-N", "-W", "-h", "-l", "-o", "-w"])),
    ("rev", Paths::Read(&[])),
    ("rg", Paths::Pattern(&RG)),
    ("rm", Paths::Write),
    ("rmdir", Paths::Write),
    ("sed", Paths::Sed),
    ("sha1sum", Paths::Read(&[])),
    ("sha256sum", Paths::Read(&[])),
    ("sort", Paths::Read(&[])),
    ("stat", Paths::Read(&[])),
    ("strings", Paths::Read(&[])),
    ("tac", Paths::Read(&["-s"])),
    ("tail", Paths::Read(&[])),
    ("tee", Paths::Write),
    ("touch", Paths::Write),
    ("tr", Paths::Tr),
    ("tsort", Paths::Read(&[])),
    ("unexpand", Paths::Read(&["-t"])),
    ("uniq", Paths::Read(&[])),
    ("wc", Paths::Read(&[])),
];

/// What clients before a version took the words of a command for, sorted by name; none where they did not know
/// the command.
pub const BEFORE: &[(&str, Version, Option<Paths>)] = &[
    ("awk", Version::NEWEST, Some(Paths::Program(&AWK))),
    ("cmp", Version::NEWEST, None),
    ("column", Version::NEWEST, Some(Paths::Read(&[]))),
    ("comm", Version::NEWEST, None),
    ("cp", Version::NEWEST, Some(Paths::Transfer)),
    ("egrep", Version::NEWEST, None),
    ("expand", Version::NEWEST, None),
    ("fgrep", Version::NEWEST, None),
    ("find", Version::NEWEST, Some(Paths::FindPlain)),
    ("fmt", Version::NEWEST, None),
    ("fold", Version::NEWEST, None),
    ("gawk", Version::NEWEST, Some(Paths::ProgramAlone)),
    ("git", Version::NEWEST, Some(Paths::GitDiff)),
    ("man", Version::NEWEST, None),
    ("mawk", Version::NEWEST, Some(Paths::ProgramAlone)),
    ("mv", Version::NEWEST, Some(Paths::Transfer)),
    ("nawk", Version::NEWEST, Some(Paths::ProgramAlone)),
    ("numfmt", Version::NEWEST, None),
    ("pr", Version::NEWEST, None),
    ("rev", Version::NEWEST, None),
    ("sed", Version::NEWEST, Some(Paths::SedOrEdit)),
    ("tac", Version::NEWEST, None),
    ("tee", Version::NEWEST, None),
    ("tsort", Version::NEWEST, None),
    ("unexpand", Version::NEWEST, None),
];

/// Commands whose paths the client also sees behind a folder (`./rm`, `/bin/cp`), each since a version; of all
/// others it knows the bare name alone (observed, 2.1.197 and 2.1.330).
pub const IN_ANY_FOLDER: &[(&str, Version)] = &[
    ("cp", Version::NEWEST),
    ("mv", Version::NEWEST),
    ("rm", Version::OLDEST),
    ("rmdir", Version::OLDEST),
    ("tee", Version::NEWEST),
];

/// What is known of the paths of the command with this name, in this client.
pub fn find(name: &str, version: Version) -> Option<Paths> {
    let name = match name.rsplit_once('/') {
        Some((_, last)) => IN_ANY_FOLDER.iter().find(|(known, since)| *known == last && *since <= version)?.0,
        None => name,
    };
    if version < Version::NEWEST
        && let Some((_, since, before)) = BEFORE.iter().find(|(known, ..)| *known == name)
        && version < *since
    {
        return *before;
    }
    let at = COMMANDS.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
    COMMANDS.get(at).map(|(_, paths)| *paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_for_the_search() {
        assert!(COMMANDS.is_sorted_by(|a, b| a.0 < b.0));
        assert!(BEFORE.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(find("cat", Version::NEWEST), Some(Paths::Read(&[])));
        assert_eq!(find("less", Version::NEWEST), None);
        assert_eq!(find("tee", Version::NEWEST), Some(Paths::Write));
        assert_eq!(find("tee", Version::OLDEST), None);
        assert_eq!(find("cat", Version::OLDEST), Some(Paths::Read(&[])));
        assert_eq!(find("./rm", Version::OLDEST), Some(Paths::Write));
        assert_eq!(find("/bin/cp", Version::OLDEST), None);
        assert_eq!(find("/bin/cp", Version::NEWEST), Some(Paths::Copy));
        assert_eq!(find("/bin/cat", Version::NEWEST), None);
    }
}
