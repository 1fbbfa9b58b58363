//! What sets one version of the client apart from another, fact by fact.
//!
//! INVARIANT: whoever decides asks here and never looks at the number of a version itself.

use super::version::{Standing, Version};

/// How one version of the client decides, as far as versions differ.
#[derive(Debug, PartialEq, Eq)]
pub struct Profile {
    /// The version in which all this was seen.
    pub version: Version,
    /// Deny and ask rules are held against commands in substitutions, in groups, and in forms that the client
    /// does not follow (`case`, functions, `{ }`); otherwise only against what stands at the top of such a
    /// line, and against nothing in a line with a group in parentheses.
    pub holds_nested: bool,
    /// Deny and ask rules know a program by its name alone: `/bin/rm` is `rm`.
    pub holds_program_names: bool,
    /// Deny and ask rules are held against the bare words as well: without quotes, redirections between them
    /// and substitutions behind them, one blank between each.
    pub holds_bare_words: bool,
    /// Deny and ask rules are held against what stands behind a redirection (`2>&1 rm x`) or a variable with
    /// a substitution (`X=$(id) rm x`).
    pub holds_behind_redirections: bool,
    /// A command that only reads needs no rule behind `timeout 5` either.
    pub reads_behind_timeout: bool,
    /// In the background `jq` counts as a command that only reads, whatever it is told to do.
    pub reads_by_any_jq: bool,
    /// A line that ends in `&&` or `||` is read as if it did not, and an open quote as if the end closed it.
    pub mends_lines: bool,
    /// The file behind `<` is one that is read.
    pub looks_at_input: bool,
    /// A path that may lead elsewhere than it seems (`src/../.env`) is held against deny rules, too, before the
    /// client asks for it.
    pub looks_at_unclear_paths: bool,
    /// A path that begins with `//` is asked for before a command writes it, whatever is allowed.
    pub guards_double_slashes: bool,
    /// Where a redirection is asked for, the files of its command are held against deny rules all the same.
    pub looks_past_redirections: bool,
    /// Files are held against deny rules also as they are meant behind a `cd`.
    pub follows_cd: bool,
    /// Output to `/dev/null` behind a `cd` is no file that is written.
    pub spares_null_behind_cd: bool,
    /// `git grep` without files reads the folder that it runs in.
    pub looks_into_git_grep: bool,
    /// A relative deny or ask rule is meant from every additional directory as well as from the project.
    pub roots_rules_in_additional: bool,
    /// An allow rule for a whole tool written with a star (`Read(*)`) ends at the working directories.
    pub starred_rules_stay_inside: bool,
    /// `permissions.blockReadsOutsideWorkingDirectories` and its like for writing are known.
    pub blocks_outside: bool,
    /// The mode `manual` is known; otherwise it costs the whole file, of managed settings their `permissions`.
    pub knows_manual: bool,
    /// A wrong value in the `permissions` of managed settings costs that value alone, not all of them.
    pub keeps_sound_permissions: bool,
    /// `permissions.defaultMode` may be `bypassPermissions` in the files of a repository.
    pub heeds_bypass_of_repositories: bool,
}

const OLDEST: Profile = Profile {
    version: Version::OLDEST,
    holds_nested: false,
    holds_program_names: false,
    holds_bare_words: false,
    holds_behind_redirections: false,
    reads_behind_timeout: false,
    reads_by_any_jq: false,
    mends_lines: true,
    looks_at_input: false,
    looks_at_unclear_paths: false,
    guards_double_slashes: true,
    looks_past_redirections: false,
    follows_cd: false,
    spares_null_behind_cd: false,
    looks_into_git_grep: false,
    roots_rules_in_additional: false,
    starred_rules_stay_inside: false,
    blocks_outside: false,
    knows_manual: false,
    keeps_sound_permissions: false,
    heeds_bypass_of_repositories: true,
};

const NEWEST: Profile = Profile {
    version: Version::NEWEST,
    holds_nested: true,
    holds_program_names: true,
    holds_bare_words: true,
    holds_behind_redirections: true,
    reads_behind_timeout: true,
    reads_by_any_jq: true,
    mends_lines: false,
    looks_at_input: true,
    looks_at_unclear_paths: true,
    guards_double_slashes: false,
    looks_past_redirections: true,
    follows_cd: true,
    spares_null_behind_cd: true,
    looks_into_git_grep: true,
    roots_rules_in_additional: true,
    starred_rules_stay_inside: true,
    blocks_outside: true,
    knows_manual: true,
    keeps_sound_permissions: true,
    heeds_bypass_of_repositories: false,
};

impl Profile {
    /// The profile that speaks for a version, and a second one where only what both say is known.
    pub fn speaking_for(version: Version) -> (&'static Self, Option<&'static Self>) {
        match version.standing() {
            Standing::Between(..) => (&NEWEST, Some(&OLDEST)),
            Standing::Known if version == Version::OLDEST => (&OLDEST, None),
            Standing::Known | Standing::Newer => (&NEWEST, None),
        }
    }
}
