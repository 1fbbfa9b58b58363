//! The flags with which commands other than git only read. Observed, 2.1.330.

use super::{Flags, Form, Operands, PLAIN};

/// `file`
pub(super) const FILE: Flags = Flags {
    plain: &[
        "--apple", "--brief", "--dereference", "--help", "--keep-going", "--list", "--mime",
        "--mime-encoding", "--mime-type", "--no-buffer", "--no-dereference", "--preserve-date",
        "--print0", "--raw", "--special-files", "--version", "-0", "-L", "-b", "-c", "-h", "-i", "-k",
        "-l", "-n", "-p", "-r", "-s", "-v",
    ],
    text: &["--exclude", "--exclude-quiet", "--separator", "-F"],
    ..PLAIN
};

/// `base64`
pub(super) const BASE64: Flags = Flags {
    plain: &["--decode", "--help", "--ignore-garbage", "--version", "-D", "-d", "-h"],
    number: &["--break", "--wrap", "-b", "-w"],
    text: &["--input", "-i"],
    dashes_end: false,
    ..PLAIN
};

/// `sort`
pub(super) const SORT: Flags = Flags {
    plain: &[
        "--check", "--dictionary-order", "--general-numeric-sort", "--help", "--human-numeric-sort",
        "--ignore-case", "--ignore-leading-blanks", "--ignore-nonprinting", "--merge", "--month-sort",
        "--numeric-sort", "--random-sort", "--reverse", "--stable", "--unique", "--version",
        "--version-sort", "--zero-terminated", "-C", "-M", "-R", "-V", "-b", "-c", "-d", "-f", "-g",
        "-h", "-i", "-m", "-n", "-r", "-s", "-u", "-z",
    ],
    number: &["--batch-size", "--parallel"],
    text: &["--buffer-size", "--field-separator", "--key", "--sort", "-S", "-k", "-t"],
    ..PLAIN
};

/// `grep`
pub(super) const GREP: Flags = Flags {
    plain: &[
        "--basic-regexp", "--binary", "--byte-offset", "--count", "--dereference-recursive",
        "--extended-regexp", "--files-with-matches", "--files-without-match", "--fixed-strings",
        "--help", "--ignore-case", "--initial-tab", "--invert-match", "--line-buffered",
        "--line-number", "--line-regexp", "--no-filename", "--no-group-separator", "--no-ignore-case",
        "--no-messages", "--null", "--null-data", "--only-matching", "--perl-regexp", "--quiet",
        "--recursive", "--silent", "--text", "--unix-byte-offsets", "--version", "--with-filename",
        "--word-regexp", "-?", "-E", "-F", "-G", "-H", "-I", "-L", "-P", "-R", "-T", "-U", "-V", "-Z",
        "-a", "-b", "-c", "-h", "-i", "-l", "-n", "-o", "-q", "-r", "-s", "-u", "-v", "-w", "-x", "-z",
    ],
    number: &[
        "--after-context", "--before-context", "--context", "--max-count", "-A", "-B", "-C", "-m",
    ],
    text: &[
        "--binary-files", "--color", "--colour", "--devices", "--directories", "--exclude",
        "--exclude-dir", "--exclude-from", "--file", "--group-separator", "--include", "--label",
        "--regexp", "-D", "-d", "-e", "-f",
    ],
    joined_digits: true,
    ..PLAIN
};

/// `rg`
pub(super) const RG: Flags = Flags {
    plain: &[
        "--column", "--count", "--debug", "--files-with-matches", "--files-without-match",
        "--fixed-strings", "--follow", "--heading", "--help", "--hidden", "--ignore-case",
        "--invert-match", "--json", "--line-number", "--no-heading", "--no-ignore", "--only-matching",
        "--quiet", "--smart-case", "--stats", "--text", "--type-list", "--version", "--word-regexp",
        "-F", "-H", "-L", "-S", "-a", "-c", "-h", "-i", "-l", "-n", "-o", "-q", "-u", "-v", "-w",
    ],
    number: &[
        "--after-context", "--before-context", "--context", "--max-count", "--max-depth", "-A", "-B",
        "-C", "-d", "-m",
    ],
    text: &[
        "--color", "--glob", "--regexp", "--type", "--type-not", "-T", "-e", "-f", "-g", "-t",
    ],
    joined_digits: true,
    ..PLAIN
};

/// `fd`
pub(super) const FD: Flags = Flags {
    plain: &[
        "--absolute-path", "--case-sensitive", "--fixed-strings", "--follow", "--full-path", "--glob",
        "--help", "--hidden", "--ignore-case", "--no-ignore", "--no-ignore-parent", "--no-ignore-vcs",
        "--no-require-git", "--one-file-system", "--print0", "--prune", "--quiet", "--regex",
        "--show-errors", "--strip-cwd-prefix", "--version", "-0", "-1", "-F", "-H", "-I", "-L", "-V",
        "-a", "-g", "-h", "-i", "-p", "-q", "-s",
    ],
    number: &[
        "--batch-size", "--exact-depth", "--max-depth", "--max-results", "--min-depth", "--threads",
        "-d", "-j",
    ],
    text: &[
        "--and", "--base-directory", "--changed-before", "--changed-within", "--color", "--exclude",
        "--extension", "--format", "--hyperlink", "--ignore-file", "--max-buffer-time", "--owner",
        "--path-separator", "--search-path", "--size", "--type", "-E", "-S", "-c", "-e", "-o", "-t",
    ],
    ..PLAIN
};

/// `tree`
pub(super) const TREE: Flags = Flags {
    plain: &[
        "--device", "--dirsfirst", "--du", "--fflinks", "--filesfirst", "--fromfile", "--fromtabfile",
        "--gitignore", "--help", "--hyperlink", "--ignore-case", "--info", "--inodes", "--matchdirs",
        "--metafirst", "--nolinks", "--noreport", "--prune", "--si", "--version", "-A", "-C", "-D",
        "-F", "-J", "-N", "-Q", "-S", "-U", "-X", "-a", "-c", "-d", "-f", "-g", "-h", "-i", "-l", "-n",
        "-p", "-q", "-r", "-s", "-t", "-u", "-v", "-x",
    ],
    number: &["--filelimit", "-L"],
    text: &[
        "--authority", "--charset", "--gitfile", "--hintro", "--houtro", "--infofile", "--scheme",
        "--sort", "--timefmt", "-H", "-I", "-P", "-T",
    ],
    ..PLAIN
};

/// `which`
pub(super) const WHICH: Flags = Flags {
    plain: &[
        "--all", "--help", "--show-dot", "--show-tilde", "--skip-alias", "--skip-dot",
        "--skip-functions", "--skip-tilde", "--version", "-V", "-a", "-p", "-s", "-v", "-w",
    ],
    operands: Operands::Names,
    ..PLAIN
};

/// `sha256sum`
pub(super) const SHA256SUM: Flags = Flags {
    plain: &[
        "--binary", "--check", "--help", "--ignore-missing", "--quiet", "--status", "--strict", "--tag",
        "--text", "--version", "--warn", "--zero", "-?", "-b", "-c", "-t", "-w", "-z",
    ],
    ..PLAIN
};

/// `ps`
pub(super) const PS: Flags = Flags {
    plain: &[
        "--deselect", "--forest", "--headers", "--help", "--info", "--no-headers", "--version", "-A",
        "-F", "-H", "-L", "-N", "-T", "-V", "-a", "-c", "-d", "-e", "-f", "-j", "-l", "-m", "-w", "-y",
    ],
    number: &["--width"],
    text: &[
        "--pid", "--quick-pid", "--sid", "--sort", "--tty", "--user", "-C", "-G", "-U", "-g", "-n",
        "-p", "-q", "-s", "-t", "-u",
    ],
    operands: Operands::Bsd,
    dashes_end: false,
    ..PLAIN
};

/// `pgrep`
pub(super) const PGREP: Flags = Flags {
    plain: &[
        "--count", "--exact", "--full", "--help", "--ignore-case", "--inverse", "--lightweight",
        "--list-full", "--list-name", "--logpidfile", "--newest", "--oldest", "--version", "-L", "-V",
        "-a", "-c", "-f", "-i", "-l", "-n", "-o", "-v", "-w", "-x",
    ],
    text: &[
        "--delimiter", "--euid", "--group", "--ns", "--nslist", "--older", "--parent", "--pgroup",
        "--pidfile", "--runstates", "--session", "--terminal", "--uid", "-F", "-G", "-O", "-P", "-U",
        "-d", "-g", "-r", "-s", "-t", "-u",
    ],
    ..PLAIN
};

/// `man`
pub(super) const MAN: Flags = Flags {
    plain: &["--all", "--apropos", "--whatis", "-a", "-d", "-f", "-h", "-k", "-w"],
    text: &["-S", "-s"],
    operands: Operands::Page,
    inline: false,
    ..PLAIN
};

/// `lsof`
pub(super) const LSOF: Flags = Flags {
    plain: &[
        "-C", "-E", "-F", "-H", "-K", "-L", "-N", "-O", "-P", "-Q", "-R", "-S", "-T", "-U", "-V", "-X",
        "-a", "-b", "-g", "-h", "-i", "-l", "-n", "-o", "-r", "-s", "-t", "-v", "-x",
    ],
    text: &["-A", "-c", "-d", "-e", "-k", "-p", "-u"],
    inline: false,
    operands: Operands::Files,
    ..PLAIN
};

/// `test`, between its comparisons.
pub const TEST: Flags = Flags {
    number: &["-t"],
    text: &[
        "-G", "-L", "-N", "-O", "-S", "-b", "-c", "-d", "-e", "-f", "-g", "-h", "-k", "-n", "-p", "-r", "-s", "-u",
        "-w", "-x", "-z",
    ],
    dashes_end: false,
    ..PLAIN
};

/// `tput`
pub(super) const TPUT: Flags = Flags {
    plain: &["-V", "-x"],
    text: &["-T"],
    operands: Operands::Capability,
    ..PLAIN
};

/// `netstat`
pub(super) const NETSTAT: Flags = Flags {
    plain: &["-L", "-a", "-g", "-i", "-l", "-m", "-n", "-r", "-s", "-v"],
    text: &["-I", "-f"],
    ..PLAIN
};

/// `hostname`
pub(super) const HOSTNAME: Flags = Flags {
    plain: &[
        "--alias", "--all-fqdns", "--all-ip-addresses", "--domain", "--fqdn", "--help", "--ip-address",
        "--long", "--short", "--verbose", "--version", "-A", "-I", "-V", "-a", "-d", "-f", "-h", "-i",
        "-s", "-v",
    ],
    operands: Operands::None,
    combined: false,
    dashes_end: false,
    ..PLAIN
};

/// `ss`
pub(super) const SS: Flags = Flags {
    plain: &[
        "--all", "--bpf", "--cgroup", "--context", "--contexts", "--dccp", "--events", "--extended",
        "--help", "--inet-sockopt", "--info", "--ipv4", "--ipv6", "--listening", "--memory", "--mptcp",
        "--no-header", "--numeric", "--oneline", "--options", "--packet", "--processes", "--raw",
        "--sctp", "--summary", "--tcp", "--tipc", "--tipcinfo", "--tos", "--udp", "--unix", "--version",
        "--vsock", "-0", "-4", "-6", "-E", "-H", "-M", "-O", "-S", "-V", "-Z", "-a", "-b", "-d", "-e",
        "-h", "-i", "-l", "-m", "-n", "-o", "-p", "-s", "-t", "-u", "-w", "-x", "-z",
    ],
    text: &["--family", "--query", "--socket", "-A", "-f"],
    operands: Operands::Filter,
    ..PLAIN
};

/// `date`
pub(super) const DATE: Flags = Flags {
    plain: &[
        "--debug", "--help", "--rfc-email", "--universal", "--utc", "--version", "-I", "-R", "-u",
    ],
    text: &["--date", "--iso-8601", "--reference", "--rfc-3339", "-d", "-r"],
    operands: Operands::Format,
    ..PLAIN
};

/// `help`
pub(super) const HELP: Flags = Flags {
    plain: &["-d"],
    operands: Operands::Page,
    ..PLAIN
};

/// `docker logs`
pub(super) const DOCKER_LOGS: Flags = Flags {
    plain: &["--details", "--follow", "--timestamps", "-f", "-t"],
    text: &["--since", "--tail", "--until", "-n"],
    ..PLAIN
};

/// `docker inspect`
pub(super) const DOCKER_INSPECT: Flags = Flags {
    plain: &["--size", "-s"],
    text: &["--format", "--type", "-f"],
    ..PLAIN
};

/// The commands of docker.
pub(super) const DOCKER: &[(&[&str], Form)] = &[
    (&["images"], Form::Docker),
    (&["inspect"], Form::Flags(&DOCKER_INSPECT)),
    (&["logs"], Form::Flags(&DOCKER_LOGS)),
    (&["ps"], Form::Docker),
];
