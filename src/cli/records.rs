//! Which records are read, and reading them.

use std::env;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::value::RawValue;

use super::arguments::working_folder;
use super::error::CommandError;
use super::ui::Ui;
use crate::files;
use crate::record::{Line, Lines, Listener, Reader, Taken};
use crate::report::Heard;

/// How the names of files with records end.
const ENDINGS: &[&str] = &["jsonl", "ndjson", "json", "log"];

/// Largest document over several lines that is read, in bytes: as much as one line.
const MOST_OF_DOCUMENT: usize = 64 * 1024 * 1024;

/// Deepest folder that is looked into.
const MAX_DEPTH: usize = 12;

/// Which records.
#[derive(Debug, Args)]
pub(super) struct RecordArguments {
    /// Records of sessions: files or folders of them, `-` for standard input [default: the transcripts of this user]
    ///
    /// Read are transcripts of the client (`~/.claude/projects/**/*.jsonl`), OpenTelemetry logs as JSON, an export or a
    /// record on each line, and the logs of hooks such as that of `builtin:audit-trail` and `builtin:audit-script`. In folders, these are files whose names
    /// end in `.jsonl`, `.ndjson`, `.json` or `.log`.
    #[arg(value_name = "RECORDS")]
    records: Vec<PathBuf>,
}

impl RecordArguments {
    /// Reads all records. `listen` hears those of one file, then `end` is told that it is over.
    pub(super) fn hear<L: Listener>(
        &self,
        listener: &mut L,
        end: impl Fn(&mut L),
    ) -> Result<Heard, CommandError> {
        let mut heard = Heard::default();
        let reader = Reader::default();
        for path in self.paths()? {
            let name = shown(&path);
            let failed = |error| CommandError::failed(format!("cannot read `{name}`: {error}"));
            let input: Box<dyn Read> = if path == Path::new("-") {
                Box::new(std::io::stdin().lock())
            } else {
                Box::new(File::open(&path).map_err(failed)?)
            };
            heard.files += 1;
            let mut lines = Lines::new(input);
            let mut document: Option<Vec<u8>> = None;
            for number in 1_u64.. {
                let Some(taken) = lines.next().map_err(failed)? else { break };
                heard.lines += 1;
                let Taken::Line(line) = taken else {
                    heard.too_long += 1;
                    continue;
                };
                heard.bytes += line.len() as u64 + 1;
                if number == 1 && matches!(line.trim_ascii(), b"{" | b"[") {
                    document = Some(Vec::new());
                }
                match &mut document {
                    None => tell(&mut heard, reader.line(line, listener), &name, number),
                    Some(document) if document.len() + line.len() > MOST_OF_DOCUMENT => {
                        heard.too_long += 1;
                        document.clear();
                        break;
                    }
                    Some(document) => {
                        document.extend_from_slice(line);
                        document.push(b' ');
                    }
                }
            }
            for record in serde_json::Deserializer::from_slice(&document.unwrap_or_default())
                .into_iter::<Box<RawValue>>()
            {
                let line = match &record {
                    Ok(record) => reader.line(record.get().as_bytes(), listener),
                    Err(_) => Line::Broken,
                };
                tell(&mut heard, line, &name, 1);
            }
            end(listener);
        }
        Ok(heard)
    }

    /// The files, those of a folder before those of the folders in it: what a session says of itself comes before
    /// what its sub-agents say.
    fn paths(&self) -> Result<Vec<PathBuf>, CommandError> {
        let mut found = Vec::new();
        if self.records.is_empty() {
            let folder = client_folder().join("projects");
            if !folder.is_dir() {
                let message = format!("there are no transcripts at `{}`", folder.display());
                return Err(CommandError::usage(message).hint("name the files or folders with the records"));
            }
            collect(&folder, 0, &mut found)?;
            return Ok(found);
        }
        for path in &self.records {
            if path == Path::new("-") {
                found.push(path.clone());
                continue;
            }
            let path = working_folder().join(path);
            let known = fs::metadata(&path)
                .map_err(|error| CommandError::usage(format!("cannot read `{}`: {error}", shown(&path))))?;
            if known.is_dir() {
                collect(&path, 0, &mut found)?;
            } else {
                found.push(path);
            }
        }
        Ok(found)
    }
}

/// Keeps account of a line or a record.
fn tell(heard: &mut Heard, line: Line, name: &str, number: u64) {
    match line {
        Line::Read => {}
        Line::Other => heard.other += 1,
        Line::Broken => {
            heard.broken += 1;
            heard.first_broken.get_or_insert_with(|| format!("{name}:{number}"));
        }
    }
}

/// Tells whoever runs this where the first line is that is no record. A report goes to others, and does not say it.
pub(super) fn note_broken(ui: &mut Ui, heard: &Heard) {
    if let Some(place) = &heard.first_broken {
        ui.note(&format!("the first line that is not a record of a known form is {place}"));
    }
}

/// The folder of the user's own settings.
pub(super) fn client_folder() -> PathBuf {
    let named = env::var_os("CLAUDE_CONFIG_DIR").filter(|folder| !folder.is_empty()).map(PathBuf::from);
    named.unwrap_or_else(|| home_folder().join(".claude"))
}

/// The home folder of the user.
pub(super) fn home_folder() -> PathBuf {
    env::home_dir().unwrap_or_else(|| PathBuf::from("/"))
}

fn collect(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), CommandError> {
    let mut folders = Vec::new();
    for name in files::names(folder)? {
        let path = folder.join(name);
        let Ok(known) = fs::symlink_metadata(&path) else { continue };
        let ending = path.extension().and_then(|end| end.to_str());
        if known.is_dir() {
            folders.push(path);
        } else if known.is_file() && ending.is_some_and(|ending| ENDINGS.contains(&ending)) {
            found.push(path);
        }
    }
    if depth < MAX_DEPTH {
        folders.iter().try_for_each(|folder| collect(folder, depth + 1, found))?;
    }
    Ok(())
}

/// A path as it is told: from the working folder, or from the home folder.
fn shown(path: &Path) -> String {
    if let Ok(rest) = path.strip_prefix(working_folder()) {
        return rest.display().to_string();
    }
    match path.strip_prefix(home_folder()) {
        Ok(rest) => format!("~/{}", rest.display()),
        Err(_) => path.display().to_string(),
    }
}
