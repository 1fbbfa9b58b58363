//! Bundles: a policy as one file, numbered, dated and signed, for machines that are not to ask a repository.
//!
//! A bundle is a JSON document with the texts of the policy; its signature lies beside it under the same name with
//! `.sig` behind it, in OpenSSH's form, for the namespace [`NAMESPACE`]: `ssh-keygen -Y sign` makes it and
//! `ssh-keygen -Y verify` reads it.
//!
//! INVARIANT: nothing of a bundle is used before its signature was verified; the same files give the same bytes.
//!
//! Leaves out asking for keys (`ssh-keygen` signs) and which signers are trusted: that comes from outside.

mod record;
mod sign;

pub use record::{Record, Seen};
pub use sign::{sign, unsign};

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::path::RepoPath;
use crate::policy::{Day, PolicyFiles};
use crate::signature::{self, AllowedSigners, Signer};

/// What signatures of bundles are for.
pub const NAMESPACE: &str = "bylaws-bundle";

/// How the name of a bundle ends.
pub const ENDING: &str = ".bundle";

/// What stands in `format`.
const FORMAT: &str = "bylaws-bundle";

/// Most bytes that a bundle may have.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// A bundle as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct BundleFile {
    /// Always `bylaws-bundle`.
    format: String,
    /// Always 1.
    version: u32,
    /// The organisation that the policy speaks for.
    organization: String,
    /// Counts up: a bundle of a lower number is an older one.
    sequence: u64,
    /// The day on which it was made.
    created: Day,
    /// The commit that the policy was in, where it was in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revision: Option<String>,
    /// Digest of the files, `sha256:…`.
    digest: String,
    /// The texts of the policy by path.
    files: BTreeMap<String, String>,
}

/// What a bundle says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// The organisation that the policy speaks for.
    pub organization: String,
    /// Its number.
    pub sequence: u64,
    /// The day on which it was made.
    pub created: Day,
    /// The commit that the policy was in.
    pub revision: Option<String>,
}

/// A bundle whose signature was verified.
#[derive(Debug, Clone)]
pub struct Bundle {
    /// What it says of itself.
    pub about: About,
    /// Digest of the files.
    pub digest: String,
    /// The policy.
    pub files: PolicyFiles,
    /// Who signed it.
    pub signer: Signer,
    /// The day that is taken for today: no clock of a machine goes back behind it.
    pub today: Day,
    /// What the user should know.
    pub notes: Vec<String>,
}

/// The bytes of a bundle and of its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The bundle.
    pub bundle: Vec<u8>,
    /// The signature.
    pub signature: String,
}

/// What a bundle has to be.
#[derive(Debug, Clone)]
pub struct Demands<'a> {
    /// Who may have signed it.
    pub signers: &'a AllowedSigners,
    /// Today, as the machine has it.
    pub today: Day,
    /// Now, in seconds since 1970, as the machine has it.
    pub now: i64,
    /// Most days since it was made.
    pub max_age: Option<u32>,
    /// Whether it may be older than one that was seen.
    pub allows_rollback: bool,
    /// What was seen before.
    pub seen: Option<&'a Seen>,
}

/// Why a bundle is not used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The disk.
    #[error("cannot read `{}`: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Its signature is not there.
    #[error("there is no signature `{}`: a bundle is used only when it is signed", path.display())]
    Unsigned {
        /// Where it should be.
        path: PathBuf,
    },
    /// Its signature does not count.
    #[error("the bundle is not used: {0}")]
    Signature(#[from] signature::Error),
    /// It is no bundle.
    #[error("this is no bundle: {0}")]
    Form(String),
    /// The files are not those of its digest.
    #[error("the bundle says `{said}`, and its files are `{found}`")]
    Digest {
        /// What it says.
        said: String,
        /// What they are.
        found: String,
    },
    /// It is too old.
    #[error("the bundle is of {created}, {age} days old, and may be {most} days old")]
    Age {
        /// The day on which it was made.
        created: Day,
        /// Its age.
        age: i64,
        /// The most that is allowed.
        most: u32,
    },
    /// A newer one was seen.
    #[error("the bundle has number {found}, and number {seen} was seen before: it is an older one")]
    Rollback {
        /// Its number.
        found: u64,
        /// The number that was seen.
        seen: u64,
    },
    /// It is of another organisation.
    #[error("the bundle is of `{found}`, and one of `{seen}` was seen before")]
    Organization {
        /// Of whom it is.
        found: String,
        /// Of whom the one before was.
        seen: String,
    },
    /// Two bundles have one number.
    #[error("a bundle of number {0} with other content was seen before")]
    Twice(u64),
    /// What was seen before is not known.
    #[error("what was seen of bundles cannot be read from `{}`: {reason}; an older bundle would not be noticed", path.display())]
    Forgotten {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// Signing failed.
    #[error("cannot sign with `{}`: {reason}", key.display())]
    Sign {
        /// The key.
        key: PathBuf,
        /// What `ssh-keygen` said.
        reason: String,
    },
    /// A file beside a bundle, or what was seen, cannot be written.
    #[error("cannot write `{}`: {source}", path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// The text of a bundle: the same for the same policy, number, day and commit.
pub fn text(files: &PolicyFiles, about: &About) -> String {
    let texts: BTreeMap<String, String> =
        files.files.iter().map(|(path, text)| (path.to_string(), text.clone())).collect();
    let file = BundleFile {
        format: FORMAT.to_owned(),
        version: 1,
        organization: about.organization.clone(),
        sequence: about.sequence,
        created: about.created,
        revision: about.revision.clone(),
        digest: digest(&texts),
        files: texts,
    };
    serde_json::to_string_pretty(&file).unwrap_or_default() + "\n"
}

/// Where the signature of a bundle lies.
pub fn signature_path(bundle: &Path) -> PathBuf {
    let mut name = bundle.as_os_str().to_owned();
    name.push(".sig");
    name.into()
}

/// Reads a bundle and its signature, and verifies nothing yet.
pub fn read(path: &Path) -> Result<Signed, Error> {
    let bundle = read_bytes(path)?;
    let beside = signature_path(path);
    let signature = match read_bytes(&beside) {
        Err(Error::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            return Err(Error::Unsigned { path: beside });
        }
        read => read?,
    };
    Ok(Signed { bundle, signature: String::from_utf8_lossy(&signature).into_owned() })
}

/// The number of the bundle that lies at a path, signed or not; none where nothing lies there.
pub fn sequence_at(path: &Path) -> Result<Option<u64>, Error> {
    let bytes = match read_bytes(path) {
        Err(Error::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => return Ok(None),
        read => read?,
    };
    let file: BundleFile = serde_json::from_slice(&bytes).map_err(|error| Error::Form(error.to_string()))?;
    Ok(Some(file.sequence))
}

fn read_bytes(path: &Path) -> Result<Vec<u8>, Error> {
    let failed = |source| Error::Read { path: path.to_owned(), source };
    // Looked at before it is opened: opening a pipe waits for somebody to write.
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(failed(io::Error::other("it is no file")));
    }
    let file = File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(failed(io::Error::other(format!("it has more than {MAX_BYTES} bytes"))));
    }
    Ok(bytes)
}

/// Verifies a bundle and takes it apart. `name` is how it is told of.
///
/// The clock of the machine may stand wrong. A signed bundle shows that its day has come, and so does the day that was
/// seen before: the latest of the three is taken for today, so that no clock makes an old bundle young.
pub fn verify(signed: &Signed, name: &str, demands: &Demands<'_>) -> Result<Bundle, Error> {
    let last = demands.seen.map(|seen| seen.day);
    let mut notes = Vec::new();
    // Keys are looked at as of now, and never as of an earlier time than one that was seen.
    let seen_second = demands.seen.map_or(i64::MIN, |seen| seen.second);
    let now = demands.now.max(seen_second);
    let signer = signature::verify(&signed.bundle, &signed.signature, NAMESPACE, demands.signers, now)?;
    let file: BundleFile =
        serde_json::from_slice(&signed.bundle).map_err(|error| Error::Form(error.to_string()))?;
    if file.format != FORMAT || file.version != 1 {
        return Err(Error::Form(format!("`{}` of version {} is not known here", file.format, file.version)));
    }
    let found = digest(&file.files);
    if found != file.digest {
        return Err(Error::Digest { said: file.digest, found });
    }
    let today = last.into_iter().fold(demands.today.max(file.created), Day::max);
    if today > demands.today {
        notes.push(format!("the clock of this machine says {}, and {today} has come already", demands.today));
    }
    let age = today.days_since(file.created);
    if let Some(most) = demands.max_age.filter(|most| age > i64::from(*most)) {
        return Err(Error::Age { created: file.created, age, most });
    }
    if let Some(seen) = demands.seen {
        let is_foreign = seen.organization != file.organization;
        let is_older = file.sequence < seen.sequence;
        let is_other = file.sequence == seen.sequence && found != seen.digest;
        if demands.allows_rollback {
            if is_older {
                notes.push(format!("number {} goes back behind number {}", file.sequence, seen.sequence));
            }
        } else if is_foreign {
            return Err(Error::Organization { found: file.organization, seen: seen.organization.clone() });
        } else if is_older {
            return Err(Error::Rollback { found: file.sequence, seen: seen.sequence });
        } else if is_other {
            return Err(Error::Twice(file.sequence));
        }
    }
    let mut files = BTreeMap::new();
    for (path, text) in file.files {
        let path = RepoPath::new(&path).map_err(|error| Error::Form(error.to_string()))?;
        if !PolicyFiles::is_part(&path) {
            return Err(Error::Form(format!("`{path}` is no file of a policy")));
        }
        files.insert(path, text);
    }
    let about = About {
        organization: file.organization,
        sequence: file.sequence,
        created: file.created,
        revision: file.revision,
    };
    let files = PolicyFiles { source: name.to_owned(), files };
    Ok(Bundle { about, digest: found, files, signer, today, notes })
}

fn digest(files: &BTreeMap<String, String>) -> String {
    let mut hash = Sha256::new();
    for (path, text) in files {
        for part in [path, text] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
    }
    let hex: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}
