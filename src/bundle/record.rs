//! What was seen: the highest number of an organisation's bundles, the latest day, and the last bundle that was good.
//!
//! INVARIANT: the record never goes back, but for a roll-back that was asked for; what lies in the folder is
//! verified again whenever it is used. Whoever may write to the folder can make it forget, and nothing worse.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::{Bundle, Error, Signed};
use crate::policy::Day;

/// What was seen of an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Seen {
    /// The organisation.
    pub organization: String,
    /// The highest number.
    pub sequence: u64,
    /// Digest of the files of that bundle.
    pub digest: String,
    /// The latest day on which a bundle was used.
    pub day: Day,
    /// The latest time at which one was used, in seconds since 1970.
    pub second: i64,
}

/// A bundle that was good.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    bundle: String,
    signature: String,
}

/// A folder of such records.
#[derive(Debug, Clone)]
pub struct Record {
    folder: PathBuf,
}

impl Record {
    /// The records in a folder, which is made when something is kept.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// What was seen for the bundle at a path; none where there is no record.
    pub fn seen(&self, bundle: &Path) -> Result<Option<Seen>, Error> {
        let path = self.path(bundle, "seen.json");
        let read = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            read => read.map_err(|error| error.to_string()),
        };
        let seen = read.and_then(|text| serde_json::from_str(&text).map_err(|error| error.to_string()));
        seen.map(Some).map_err(|reason| Error::Forgotten { path, reason })
    }

    /// The last bundle that was good, to be verified again like any other.
    pub fn last_good(&self, bundle: &Path) -> Option<Signed> {
        let text = fs::read_to_string(self.path(bundle, "last.json")).ok()?;
        serde_json::from_str::<Kept>(&text)
            .ok()
            .map(|kept| Signed { bundle: kept.bundle.into_bytes(), signature: kept.signature })
    }

    /// Keeps what was seen, and with `copy` the bundle itself. Writes only what is not there yet.
    pub fn keep(
        &self,
        path: &Path,
        bundle: &Bundle,
        copy: Option<&Signed>,
        today: Day,
        now: i64,
    ) -> Result<(), Error> {
        let before = self.seen(path).unwrap_or_default();
        let last = before.as_ref();
        let seen = Seen {
            organization: bundle.about.organization.clone(),
            sequence: bundle.about.sequence,
            digest: bundle.digest.clone(),
            day: last.map_or(today, |last| last.day.max(today)).max(bundle.about.created),
            // To the hour: not every use is worth a write.
            second: last.map_or(i64::MIN, |last| last.second).max(now.div_euclid(3600) * 3600),
        };
        if let Some(signed) = copy {
            // One file, so that a bundle never lies beside the signature of another.
            let bundle = String::from_utf8_lossy(&signed.bundle).into_owned();
            let kept = Kept { bundle, signature: signed.signature.clone() };
            let text = serde_json::to_string(&kept).unwrap_or_default();
            self.write(&self.path(path, "last.json"), text.as_bytes())?;
        }
        if before.as_ref() != Some(&seen) {
            let text = serde_json::to_string_pretty(&seen).unwrap_or_default() + "\n";
            self.write(&self.path(path, "seen.json"), text.as_bytes())?;
        }
        Ok(())
    }

    /// A file for the bundle of this name: bundles of the same name share it, wherever they lie.
    fn path(&self, bundle: &Path, ending: &str) -> PathBuf {
        let name = bundle.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        self.folder.join(format!("{name}.{ending}"))
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), Error> {
        let failed = |source: io::Error| Error::Record { path: path.to_owned(), source };
        if fs::read(path).is_ok_and(|found| found == bytes) {
            return Ok(());
        }
        fs::create_dir_all(&self.folder).map_err(failed)?;
        let mut temporary = NamedTempFile::new_in(&self.folder).map_err(failed)?;
        temporary.write_all(bytes).map_err(failed)?;
        temporary.persist(path).map_err(|error| failed(error.error))?;
        Ok(())
    }
}
