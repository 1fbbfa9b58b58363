//! Which repositories there are, where they are, and what is known of them.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::files::{self, FoundRepository};
use crate::forge::{Listed, RepositoryName};
use crate::git;
use crate::policy::{Facts, InventoryFile, OneOrMany, RepositoryEntry};
use crate::repository::{host_of_url, name_of_url};

/// The fact that says where a repository is: a folder or a URL.
pub const SOURCE: &str = "source";

/// What keeps an inventory from being read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The disk.
    #[error(transparent)]
    Files(#[from] files::Error),
    /// A file of facts or of repositories cannot be understood.
    #[error("{}:{line}: {message}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is the matter.
        message: String,
    },
}

/// Where a repository is read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Location {
    /// A clone on this machine: its work tree is read.
    WorkTree(PathBuf),
    /// A bare repository on this machine: the commit of its current branch is read.
    Bare(PathBuf),
    /// A repository elsewhere.
    Url(String),
    /// Nothing says where.
    Unknown,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WorkTree(path) | Self::Bare(path) => path.display().fmt(f),
            Self::Url(url) => f.write_str(&git::without_password(url)),
            Self::Unknown => f.write_str("nowhere"),
        }
    }
}

/// A repository of the fleet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// What it is called: `owner/name`, told apart from others of the same name.
    pub name: String,
    /// Where it is.
    pub location: Location,
    /// What is known of it, `name` among it.
    pub facts: Facts,
}

impl Member {
    fn new(name: &str, location: Location) -> Self {
        Self { name: name.to_owned(), location, facts: Facts::none().with("name", name) }
    }

    /// Its name on the forge with this base URL: where it is said to be there, or nothing says where it is.
    pub fn name_on(&self, base: &str) -> Option<RepositoryName> {
        let name = match &self.location {
            Location::Url(url) if host_of_url(url) == host_of_url(base) => name_of_url(url)?,
            Location::Unknown => self.facts.value("name")?.to_owned(),
            Location::Url(_) | Location::WorkTree(_) | Location::Bare(_) => return None,
        };
        RepositoryName::new(&name).ok()
    }

    /// Whether its forge says that it is archived: it cannot be changed.
    pub fn is_archived(&self) -> bool {
        self.facts.value("archived") == Some("true")
    }
}

/// The repositories of a fleet.
#[derive(Debug, Clone, Default)]
pub struct Inventory {
    members: Vec<Member>,
    /// What the user should know about how it was made.
    pub notes: Vec<String>,
}

impl Inventory {
    /// The members, sorted by name. A place that was named twice is there once.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// Adds the clones and bare repositories below a folder.
    pub fn add_folder(&mut self, folder: &Path) -> Result<(), Error> {
        let found = files::repositories(folder)?;
        let root = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        self.notes
            .extend(found.unread.iter().map(|error| format!("{error}: what lies there is not checked")));
        for FoundRepository { path, is_bare } in found.repositories {
            let name = name_of_clone(&root, &path);
            let location = if is_bare { Location::Bare(path) } else { Location::WorkTree(path) };
            self.members.push(Member::new(&name, location));
        }
        Ok(())
    }

    /// Adds what stands in a list: a folder or URL a line, empty lines and those behind `#` apart. Relative folders
    /// are meant from the folder of the list.
    pub fn add_list(&mut self, path: &Path) -> Result<(), Error> {
        let text = files::read_text(path)?;
        let base = path.parent().unwrap_or(Path::new(""));
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            self.add_source(line, base);
        }
        Ok(())
    }

    /// Adds one repository by its folder or URL; a relative folder is meant from `base`.
    fn add_source(&mut self, source: &str, base: &Path) {
        let location = locate(source, base);
        let name = match &location {
            Location::Url(url) => name_of_url(url).unwrap_or_else(|| url.clone()),
            _ => name_of_clone(base, &base.join(source)),
        };
        self.members.push(Member::new(&name, location));
    }

    /// Adds the repositories of an inventory file. Relative folders are meant from `base`.
    pub fn add_entries(&mut self, entries: &[RepositoryEntry], base: &Path) {
        for entry in entries {
            let source = entry.facts.get(SOURCE).and_then(|source| source.texts().first());
            let location = source.map_or(Location::Unknown, |source| locate(source, base));
            let mut member = Member::new(&entry.name, location);
            member.facts.extend(&entry.facts);
            self.members.push(member);
        }
    }

    /// Joins facts to members by name. Facts of the member stay where both speak of one.
    pub fn join<'a>(&mut self, facts: impl IntoIterator<Item = (&'a str, &'a BTreeMap<String, OneOrMany>)>) {
        let known: BTreeMap<&str, &BTreeMap<String, OneOrMany>> = facts.into_iter().collect();
        for member in &mut self.members {
            let Some(facts) = known.get(member.facts.value("name").unwrap_or_default()) else { continue };
            let mut joined = Facts::none();
            joined.extend(facts);
            for (name, values) in member.facts.iter() {
                joined.set(name, values.iter().cloned());
            }
            member.facts = joined;
        }
    }

    /// Sorts the members, drops what was named twice, and tells those of one name apart.
    pub fn settle(&mut self) {
        self.members.sort_by(|a, b| (&a.name, &a.location).cmp(&(&b.name, &b.location)));
        self.members.dedup_by(|b, a| a.name == b.name && a.location == b.location);
        let mut last: Option<String> = None;
        for member in &mut self.members {
            if last.as_ref() == Some(&member.name) {
                let text =
                    format!("`{}` is there more than once: also at `{}`", member.name, member.location);
                self.notes.push(text);
                member.name = format!("{} at {}", member.name, member.location);
            } else {
                last = Some(member.name.clone());
            }
        }
        self.members.sort_by(|a, b| a.name.cmp(&b.name));
    }

    /// The inventory as a file of a policy. What is known of where a repository is stands in it without credentials.
    pub fn to_file(&self) -> InventoryFile {
        let entry = |member: &Member| {
            let mut facts: BTreeMap<String, OneOrMany> = BTreeMap::new();
            for (name, values) in member.facts.iter().filter(|(name, _)| *name != "name") {
                let values = match values {
                    [one] => OneOrMany::One(one.clone()),
                    several => OneOrMany::Many(several.to_vec()),
                };
                facts.insert(name.to_owned(), values);
            }
            if member.location != Location::Unknown {
                let source = match &member.location {
                    Location::WorkTree(path) | Location::Bare(path) => git::origin(path),
                    _ => None,
                };
                let source =
                    source.map_or_else(|| member.location.to_string(), |url| git::without_password(&url));
                facts.insert(SOURCE.to_owned(), OneOrMany::One(source));
            }
            RepositoryEntry { name: member.name.clone(), facts }
        };
        InventoryFile { schema: None, repositories: self.members.iter().map(entry).collect() }
    }

    /// Keeps those members that `wanted` takes.
    pub fn keep(&mut self, wanted: impl FnMut(&Member) -> bool) {
        self.members.retain(wanted);
    }
}

/// What the forge with this base URL listed, as entries of an inventory. Its facts are the forge's own, so that none of
/// them says what a repository is called or where it is.
pub fn entries_of(base: &str, listed: Vec<Listed>) -> Vec<RepositoryEntry> {
    let entry = |Listed { name, facts }: Listed| {
        let facts = facts.into_iter().filter(|(fact, _)| fact != "name");
        let mut facts: BTreeMap<String, OneOrMany> =
            facts.map(|(fact, values)| (fact, OneOrMany::Many(values))).collect();
        let url = format!("{}/{name}.git", base.trim_end_matches('/'));
        facts.insert(SOURCE.to_owned(), OneOrMany::One(url));
        RepositoryEntry { name: name.to_string(), facts }
    };
    listed.into_iter().map(entry).collect()
}

/// The location of a folder or URL; a folder that is not there is a work tree that cannot be reached.
fn locate(source: &str, base: &Path) -> Location {
    if git::is_url(source) {
        return Location::Url(source.to_owned());
    }
    let path = base.join(source);
    if files::is_bare(&path) { Location::Bare(path) } else { Location::WorkTree(path) }
}

/// The name of a clone: that of its remote, or else its path below `root`, without `.git`.
fn name_of_clone(root: &Path, path: &Path) -> String {
    if let Some(name) = git::origin(path).and_then(|url| name_of_url(&url)) {
        return name;
    }
    let below = path.strip_prefix(root).ok().filter(|below| !below.as_os_str().is_empty());
    let below = below.map(Path::as_os_str).or(path.file_name()).unwrap_or(path.as_os_str());
    let below = below.to_string_lossy().replace('\\', "/");
    below.strip_suffix(".git").unwrap_or(&below).to_owned()
}
