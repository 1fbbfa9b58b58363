//! Where a hook stands: its input, the project, the home folder.

use std::env;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::access::Place;
use crate::exchange::{LONGEST_INPUT, Sent};

/// The file that the guard reads where none is named, from the folder of the project.
pub(super) const COMPILED: &str = ".claude/bylaws-guard.json";

/// What the client wrote to standard input.
pub(super) fn read() -> Result<Sent, String> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .take(LONGEST_INPUT + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| format!("the input of the hook cannot be read: {error}"))?;
    if bytes.len() as u64 > LONGEST_INPUT {
        return Err(format!("the input of the hook has more than {LONGEST_INPUT} bytes"));
    }
    Sent::read(&bytes).map_err(|error| format!("the input of the hook is not what the client sends: {error}"))
}

/// The folder of the project: the client names it, otherwise it is the working directory of the call.
pub(super) fn project(cwd: Option<&str>) -> PathBuf {
    let named = env::var_os("CLAUDE_PROJECT_DIR").filter(|folder| !folder.is_empty()).map(PathBuf::from);
    named.or_else(|| cwd.map(PathBuf::from)).or_else(|| env::current_dir().ok()).unwrap_or_else(|| "/".into())
}

/// The home folder, and the folder of the client's own settings.
pub(super) fn home() -> (PathBuf, PathBuf) {
    let named = |name: &str| env::var_os(name).filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let home = named("HOME").or_else(|| named("USERPROFILE")).unwrap_or_else(|| "/".into());
    let config = named("CLAUDE_CONFIG_DIR").unwrap_or_else(|| home.join(".claude"));
    (home, config)
}

/// The folders that rules are read against.
pub(super) fn place(project: &Path) -> Place {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let (home, config) = home();
    Place { project: text(project), home: text(&home), config: text(&config) }
}
