//! Environment variables in front of a command and in its words.
//!
//! Observed with client 2.1.330.

/// Variables that an allow rule does not look at when they stand in front of a command.
const HARMLESS: &[&str] = &[
    "ANTHROPIC_API_KEY",
    "BLOCKSIZE",
    "BLOCK_SIZE",
    "CGO_ENABLED",
    "CHARSET",
    "CI",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "COLORTERM",
    "FORCE_COLOR",
    "GCC_COLORS",
    "GO111MODULE",
    "GOARCH",
    "GOEXPERIMENT",
    "GOOS",
    "GREP_COLOR",
    "GREP_COLORS",
    "LANGUAGE",
    "LC_TIME",
    "LSCOLORS",
    "LS_COLORS",
    "NODE_ENV",
    "NO_COLOR",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONUNBUFFERED",
    "RUST_BACKTRACE",
    "RUST_LOG",
    "TERM",
    "TIME_STYLE",
    "TZ",
];

/// Variables whose unknown value the client accepts within a quoted text.
const READABLE: &[&str] = &[
    "BASHPID",
    "BASH_VERSION",
    "EUID",
    "HISTFILE",
    "HOSTNAME",
    "IFS",
    "LINENO",
    "LOGNAME",
    "OLDPWD",
    "PATH",
    "PPID",
    "PWD",
    "RANDOM",
    "SECONDS",
    "SHELL",
    "SHLVL",
    "TMPDIR",
    "UID",
    "USER",
];

/// Variables that change how later commands are found or run, or that the shell takes for numbers: the client
/// does not follow an assignment of its own.
const GUARDED: &[&str] = &[
    "BASH_ENV",
    "CDPATH",
    "DYLD_INSERT_LIBRARIES",
    "DYLD_LIBRARY_PATH",
    "ENV",
    "EUID",
    "EXECIGNORE",
    "FPATH",
    "FUNCNEST",
    "GLOBIGNORE",
    "HISTFILE",
    "HOME",
    "IFS",
    "LANG",
    "LC_ALL",
    "LD_AUDIT",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "LINENO",
    "MAILPATH",
    "MODULE_PATH",
    "NULLCMD",
    "OPTIND",
    "PATH",
    "PPID",
    "RANDOM",
    "SECONDS",
    "SHELL",
    "SHLVL",
    "TMOUT",
    "UID",
    "ZDOTDIR",
];

/// Variables that a shell has from outside: an assignment of its own is asked for.
const INHERITED: &[&str] = &[
    "ANTHROPIC_BASE_URL",
    "CLAUDECODE",
    "CLAUDE_CONFIG_DIR",
    "LOGNAME",
    "OLDPWD",
    "PS4",
    "PWD",
    "TMPDIR",
    "USER",
];

/// Whether an allow rule does not look at this variable in front of a command.
pub fn is_harmless(name: &str) -> bool {
    HARMLESS.binary_search(&name).is_ok()
}

/// Whether a command that only reads may have this variable with this value in front of it.
pub fn is_harmless_to_reading(name: &str, value: &str) -> bool {
    let value = value.trim_matches(['"', '\'']);
    match name {
        "LANG" | "LC_ALL" | "LC_CTYPE" => {
            matches!(value, "C" | "POSIX") || value.ends_with("UTF-8") || value.ends_with("utf8")
        }
        "COLUMNS" | "LINES" => !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()),
        "DEBIAN_FRONTEND" | "GIT_TERMINAL_PROMPT" | "PYTEST_DEBUG" => true,
        _ => is_harmless(name),
    }
}

/// Whether the value of a harmless variable is one that an allow rule does not look at.
pub fn is_plain_value(value: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.:/-".contains(&byte);
    !value.is_empty() && !value.starts_with(['/', '.']) && value.bytes().all(plain)
}

/// Whether the variable may stand in a quoted text although its value is not known.
pub fn is_readable(name: &str) -> bool {
    READABLE.binary_search(&name).is_ok()
}

/// Whether an assignment of its own keeps the client from following the rest.
pub fn is_guarded(name: &str) -> bool {
    GUARDED.binary_search(&name).is_ok()
}

/// Whether a shell has the variable from outside.
pub fn is_inherited(name: &str) -> bool {
    INHERITED.binary_search(&name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_for_the_search() {
        for table in [HARMLESS, READABLE, GUARDED, INHERITED] {
            assert!(table.is_sorted());
        }
    }

    #[test]
    fn values_are_plain_words() {
        assert!(is_plain_value("a/b-c:1.2"));
        for value in ["", "/x", "./x", "a+b", "a,b", "\u{e9}"] {
            assert!(!is_plain_value(value), "{value}");
        }
    }
}
