//! A folder for one test, with repositories in it, and the program run there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A temporary folder that goes with the value.
pub(crate) struct Place {
    folder: PathBuf,
    _temporary: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        let temporary = tempfile::tempdir().unwrap();
        Self { folder: temporary.path().canonicalize().unwrap(), _temporary: temporary }
    }

    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.folder.join(below)
    }

    /// Writes a file and the folders that hold it.
    pub(crate) fn write(&self, below: &str, text: impl AsRef<[u8]>) {
        let path = self.path(below);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, below: &str) -> String {
        fs::read_to_string(self.path(below)).unwrap()
    }

    /// `git` in a folder, with nothing of this machine's configuration.
    pub(crate) fn git(&self, below: &str, arguments: &[&str]) -> String {
        let mut command = self.clean(Command::new("git"), below);
        command.args([
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@b",
            "-c",
            "init.defaultBranch=main",
            "-c",
            "protocol.file.allow=always",
        ]);
        let done = command.args(arguments).output().unwrap();
        assert!(done.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap().trim().to_owned()
    }

    /// Commits all of a folder, making it a repository first where it is none.
    pub(crate) fn commit(&self, below: &str) -> String {
        if !self.path(below).join(".git").exists() {
            self.git(below, &["init", "--quiet"]);
        }
        self.git(below, &["add", "--all", "--force"]);
        self.git(below, &["commit", "--quiet", "--allow-empty", "--message", "x"]);
        self.git(below, &["rev-parse", "HEAD"])
    }

    /// The program, to be run in a folder.
    pub(crate) fn program(&self, below: &str) -> Command {
        self.clean(Command::new(env!("CARGO_BIN_EXE_bylaws")), below)
    }

    fn clean(&self, mut command: Command, below: &str) -> Command {
        command.current_dir(self.path(below)).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", &self.folder).env("BYLAWS_CACHE", self.path("cache")).env("NO_COLOR", "1");
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z");
        command.env("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z");
        command
    }

    /// Runs the program in a folder.
    pub(crate) fn run(&self, below: &str, arguments: &[&str]) -> Ran {
        Ran::of(self.program(below).args(arguments).output().unwrap())
    }
}

/// What a run of the program gave.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Asserts the exit code, and that the program did not die.
    #[track_caller]
    pub(crate) fn code(self, expected: i32) -> Self {
        assert_eq!(self.code, Some(expected), "{}\n{}", self.out, self.err);
        assert!(!self.err.contains("panicked"), "{}", self.err);
        self
    }

    /// Asserts that something was said, on either stream.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(
            self.out.contains(text) || self.err.contains(text),
            "not said: {text}\n{}\n{}",
            self.out,
            self.err
        );
        self
    }
}

/// All files below a folder, with what links point to.
pub(crate) fn snapshot(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let kind = fs::symlink_metadata(&path).unwrap();
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_symlink() {
                found.push((path.clone(), fs::read_link(&path).unwrap().to_str().unwrap().into()));
            } else if kind.is_file() {
                found.push((path.clone(), fs::read(&path).unwrap_or_default()));
            }
        }
    }
    found.sort();
    found
}
