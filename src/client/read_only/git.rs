//! The flags with which git commands only read. Observed, 2.1.330.

use super::{Flags, Form, Operands, PLAIN};

/// `git blame`
pub(super) const BLAME: Flags = Flags {
    plain: &[
        "--incremental", "--line-porcelain", "--porcelain", "--root", "--score-debug", "--show-email",
        "--show-name", "--show-number", "--show-stats", "-C", "-M", "-e", "-f", "-l", "-n", "-p", "-s",
        "-t", "-w",
    ],
    number: &["--abbrev"],
    text: &["--date", "--ignore-rev", "--ignore-revs-file", "-L"],
    dashes_end: false,
    ..PLAIN
};

/// `git branch`
pub(super) const BRANCH: Flags = Flags {
    plain: &[
        "--all", "--color", "--column", "--ignore-case", "--list", "--merged", "--no-abbrev",
        "--no-color", "--no-column", "--no-merged", "--remotes", "--show-current", "--verbose", "-a",
        "-i", "-l", "-r", "-v",
    ],
    number: &["--abbrev"],
    text: &["--contains", "--no-contains", "--points-at", "--sort"],
    operands: Operands::Listing { list: &["--list", "-l"], operand: &["--merged", "--no-merged"], },
    dashes_end: false,
    ..PLAIN
};

/// `git cat-file`
pub(super) const CAT_FILE: Flags = Flags {
    plain: &["--batch-check", "-e", "-p", "-s", "-t"],
    ..PLAIN
};

/// `git config --get`
pub(super) const CONFIG: Flags = Flags {
    plain: &[
        "--bool", "--bool-or-int", "--expiry-date", "--global", "--int", "--local", "--name-only",
        "--null", "--path", "--show-origin", "--show-scope", "--system", "--worktree", "-z",
    ],
    text: &["--default", "--type"],
    ..PLAIN
};

/// `git describe`
pub(super) const DESCRIBE: Flags = Flags {
    plain: &[
        "--always", "--broken", "--contains", "--dirty", "--exact-match", "--long", "--tags",
    ],
    number: &["--abbrev", "--candidates"],
    text: &["--exclude", "--match"],
    ..PLAIN
};

/// `git diff`
pub(super) const DIFF: Flags = Flags {
    plain: &[
        "--binary", "--break-rewrites", "--cached", "--check", "--color", "--color-words", "--dirstat",
        "--exit-code", "--find-copies", "--find-copies-harder", "--find-renames", "--full-index",
        "--function-context", "--histogram", "--ignore-all-space", "--ignore-blank-lines",
        "--ignore-space-at-eol", "--ignore-space-change", "--irreversible-delete", "--minimal",
        "--name-only", "--name-status", "--no-color", "--no-ext-diff", "--no-index", "--no-renames",
        "--numstat", "--patch-with-stat", "--patience", "--pickaxe-all", "--pickaxe-regex", "--quiet",
        "--shortstat", "--staged", "--stat", "--summary", "--word-diff", "-B", "-C", "-D", "-M", "-R",
        "-l", "-p", "-s", "-u",
    ],
    number: &["--abbrev", "--inter-hunk-context"],
    text: &[
        "--diff-algorithm", "--diff-filter", "--relative", "--word-diff-regex", "--ws-error-highlight",
        "-G", "-O", "-S",
    ],
    ..PLAIN
};

/// `git for-each-ref`
pub(super) const FOR_EACH_REF: Flags = Flags {
    number: &["--count"],
    text: &[
        "--contains", "--merged", "--no-contains", "--no-merged", "--points-at", "--sort",
    ],
    ..PLAIN
};

/// `git grep`
pub(super) const GREP: Flags = Flags {
    plain: &[
        "--and", "--basic-regexp", "--break", "--cached", "--color", "--count", "--extended-regexp",
        "--files-with-matches", "--files-without-match", "--fixed-strings", "--full-name", "--heading",
        "--ignore-case", "--invert-match", "--line-number", "--no-color", "--no-index", "--not",
        "--only-matching", "--or", "--perl-regexp", "--quiet", "--recurse-submodules", "--untracked",
        "--word-regexp", "-E", "-F", "-G", "-H", "-L", "-P", "-c", "-h", "-i", "-l", "-n", "-o", "-q",
        "-v", "-w",
    ],
    number: &[
        "--after-context", "--before-context", "--context", "--max-depth", "--threads", "-A", "-B",
        "-C",
    ],
    text: &["-e"],
    ..PLAIN
};

/// `git log`
pub(super) const LOG: Flags = Flags {
    plain: &[
        "--abbrev-commit", "--all", "--ancestry-path", "--author-date-order", "--boundary",
        "--branches", "--cherry-mark", "--cherry-pick", "--color", "--date-order", "--decorate",
        "--dense", "--first-parent", "--follow", "--full-history", "--graph", "--left-right",
        "--merges", "--name-only", "--name-status", "--no-color", "--no-decorate", "--no-ext-diff",
        "--no-max-parents", "--no-merges", "--no-min-parents", "--no-patch", "--no-walk", "--numstat",
        "--oneline", "--patch", "--pickaxe-all", "--pickaxe-regex", "--relative-date", "--remotes",
        "--reverse", "--shortstat", "--simplify-merges", "--source", "--sparse", "--stat", "--tags",
        "--topo-order", "--walk-reflogs", "-p", "-s",
    ],
    number: &["--max-age", "--max-count", "--min-age", "--skip", "-n"],
    text: &[
        "--after", "--author", "--before", "--committer", "--date", "--diff-filter", "--grep",
        "--since", "--until", "-G", "-S",
    ],
    ..PLAIN
};

/// `git ls-files`
pub(super) const LS_FILES: Flags = Flags {
    plain: &[
        "--cached", "--debug", "--deleted", "--directory", "--eol", "--error-unmatch",
        "--exclude-standard", "--full-name", "--ignored", "--killed", "--modified",
        "--no-empty-directory", "--others", "--recurse-submodules", "--stage", "--unmerged", "-c", "-d",
        "-f", "-i", "-k", "-m", "-o", "-s", "-t", "-u", "-v", "-z",
    ],
    number: &["--abbrev"],
    text: &["--exclude", "--exclude-from", "--exclude-per-directory", "-X", "-x"],
    ..PLAIN
};

/// `git ls-remote`
pub(super) const LS_REMOTE: Flags = Flags {
    plain: &[
        "--branches", "--exit-code", "--get-url", "--heads", "--quiet", "--refs", "--symref", "--tags",
        "-b", "-h", "-q", "-t",
    ],
    text: &["--sort"],
    operands: Operands::None,
    dashes_end: false,
    ..PLAIN
};

/// `git merge-base`
pub(super) const MERGE_BASE: Flags = Flags {
    plain: &["--all", "--fork-point", "--independent", "--is-ancestor", "--octopus"],
    ..PLAIN
};

/// `git reflog`
pub(super) const REFLOG: Flags = Flags {
    plain: &[
        "--all", "--branches", "--decorate", "--graph", "--no-decorate", "--oneline", "--relative-date",
        "--remotes", "--tags",
    ],
    number: &["--max-count", "-n"],
    text: &[
        "--after", "--author", "--before", "--committer", "--date", "--grep", "--since", "--until",
    ],
    operands: Operands::Reflog,
    ..PLAIN
};

/// `git remote show`
pub(super) const REMOTE_SHOW: Flags = Flags {
    plain: &["-n"],
    operands: Operands::Name,
    ..PLAIN
};

/// `git rev-list`
pub(super) const REV_LIST: Flags = Flags {
    plain: &[
        "--abbrev-commit", "--all", "--ancestry-path", "--branches", "--count", "--dense",
        "--first-parent", "--full-history", "--graph", "--merges", "--no-max-parents", "--no-merges",
        "--no-min-parents", "--oneline", "--remotes", "--reverse", "--source", "--sparse", "--tags",
        "--walk-reflogs",
    ],
    number: &[
        "--abbrev", "--max-age", "--max-count", "--max-parents", "--min-age", "--min-parents", "--skip",
        "-n",
    ],
    text: &[
        "--after", "--author", "--before", "--committer", "--grep", "--since", "--until",
    ],
    ..PLAIN
};

/// `git rev-parse`
pub(super) const REV_PARSE: Flags = Flags {
    plain: &[
        "--abbrev-ref", "--absolute-git-dir", "--git-common-dir", "--git-dir", "--is-bare-repository",
        "--is-inside-git-dir", "--is-inside-work-tree", "--is-shallow-repository", "--show-cdup",
        "--show-prefix", "--show-toplevel", "--symbolic", "--symbolic-full-name", "--verify",
    ],
    text: &["--short"],
    ..PLAIN
};

/// `git shortlog`
pub(super) const SHORTLOG: Flags = Flags {
    plain: &[
        "--all", "--branches", "--committer", "--email", "--no-merges", "--numbered", "--remotes",
        "--summary", "--tags", "-c", "-e", "-n", "-s",
    ],
    text: &["--after", "--author", "--before", "--group", "--since", "--until"],
    ..PLAIN
};

/// `git show`
pub(super) const SHOW: Flags = Flags {
    plain: &[
        "--abbrev-commit", "--color", "--color-words", "--decorate", "--first-parent", "--graph",
        "--name-only", "--name-status", "--no-color", "--no-decorate", "--no-ext-diff", "--no-patch",
        "--numstat", "--oneline", "--patch", "--quiet", "--raw", "--relative-date", "--shortstat",
        "--stat", "--word-diff", "-m", "-p", "-s",
    ],
    text: &["--date", "--diff-filter", "--word-diff-regex"],
    ..PLAIN
};

/// `git stash list`
pub(super) const STASH_LIST: Flags = Flags {
    plain: &[
        "--all", "--branches", "--decorate", "--graph", "--no-decorate", "--oneline", "--relative-date",
        "--remotes", "--tags",
    ],
    number: &["--max-count", "-n"],
    text: &["--date"],
    dashes_end: false,
    ..PLAIN
};

/// `git stash show`
pub(super) const STASH_SHOW: Flags = Flags {
    plain: &[
        "--color", "--name-only", "--name-status", "--no-color", "--no-ext-diff", "--no-patch",
        "--numstat", "--patch", "--shortstat", "--stat", "--word-diff", "-p", "-s",
    ],
    number: &["--abbrev"],
    text: &["--diff-filter", "--word-diff-regex"],
    ..PLAIN
};

/// `git status`
pub(super) const STATUS: Flags = Flags {
    plain: &[
        "--ahead-behind", "--branch", "--column", "--ignored", "--long", "--no-ahead-behind",
        "--no-column", "--no-renames", "--porcelain", "--renames", "--short", "--verbose", "-b", "-s",
        "-v",
    ],
    text: &["--find-renames", "--ignore-submodules", "--untracked-files", "-M", "-u"],
    ..PLAIN
};

/// `git tag`
pub(super) const TAG: Flags = Flags {
    plain: &["--column", "--ignore-case", "--list", "--no-column", "-i", "-l"],
    number: &["-n"],
    text: &[
        "--contains", "--merged", "--no-contains", "--no-merged", "--points-at", "--sort",
    ],
    operands: Operands::Listing { list: &["--list", "-l"], operand: &[], },
    dashes_end: false,
    ..PLAIN
};

/// `git worktree list`
pub(super) const WORKTREE_LIST: Flags = Flags {
    plain: &["--porcelain", "--verbose", "-v"],
    text: &["--expire"],
    ..PLAIN
};

/// The commands of git. A longer one stands before its beginning.
pub(super) const COMMANDS: &[(&[&str], Form)] = &[
    (&["blame"], Form::Flags(&BLAME)),
    (&["branch"], Form::Flags(&BRANCH)),
    (&["cat-file"], Form::Flags(&CAT_FILE)),
    (&["config", "--get"], Form::Flags(&CONFIG)),
    (&["describe"], Form::Flags(&DESCRIBE)),
    (&["diff"], Form::Flags(&DIFF)),
    (&["for-each-ref"], Form::Flags(&FOR_EACH_REF)),
    (&["grep"], Form::Flags(&GREP)),
    (&["log"], Form::Flags(&LOG)),
    (&["ls-files"], Form::Flags(&LS_FILES)),
    (&["ls-remote"], Form::Flags(&LS_REMOTE)),
    (&["merge-base"], Form::Flags(&MERGE_BASE)),
    (&["reflog"], Form::Flags(&REFLOG)),
    (&["remote", "show"], Form::Flags(&REMOTE_SHOW)),
    (&["remote"], Form::Repeated(&["--verbose", "-v"])),
    (&["rev-list"], Form::Flags(&REV_LIST)),
    (&["rev-parse"], Form::Flags(&REV_PARSE)),
    (&["shortlog"], Form::Flags(&SHORTLOG)),
    (&["show"], Form::Flags(&SHOW)),
    (&["stash", "list"], Form::Flags(&STASH_LIST)),
    (&["stash", "show"], Form::Flags(&STASH_SHOW)),
    (&["status"], Form::Flags(&STATUS)),
    (&["tag"], Form::Flags(&TAG)),
    (&["worktree", "list"], Form::Flags(&WORKTREE_LIST)),
];
