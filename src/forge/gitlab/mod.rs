//! GitLab, in the cloud and on an organisation's own servers.
//!
//! Everything goes through the REST calls of version 4, as GitLab documents them. They read one project
//! each, and show its whole tree and the bytes as they are stored.

mod discover;
mod look;
mod read;
mod write;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::wire::{BaseError, Call, Clock, Http, Method, Watcher, Wire, escape};
use super::{Discovered, Error, Forge, Reading, RepositoryName, Standing, Token, Unread};
use crate::path::RepoPath;
use crate::project::MAX_BYTES;

/// Most entries of a list that GitLab gives at once.
const PAGE: usize = 100;

/// GitLab.
pub struct GitLab {
    wire: Wire,
}

impl GitLab {
    /// GitLab at a base URL: `https://gitlab.com`, or that of an own server.
    pub fn new(
        base: &str,
        token: &Token,
        clock: Box<dyn Clock>,
        watcher: Box<dyn Watcher>,
    ) -> Result<Self, BaseError> {
        let (http, host) = Http::new(base, token, &[("accept", "application/json")])?;
        Ok(Self { wire: Wire::new(http, host, clock, watcher) })
    }

    fn get<T: DeserializeOwned>(&self, path: &str, purpose: impl Into<String>) -> Result<T, Error> {
        self.wire.ask(&Call::get(format!("/api/v4{path}"), purpose))
    }

    /// The same, none where there is nothing.
    fn find<T: DeserializeOwned>(&self, path: &str, purpose: impl Into<String>) -> Result<Option<T>, Error> {
        match self.get(path, purpose) {
            Ok(found) => Ok(Some(found)),
            Err(Error::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Value,
        purpose: impl Into<String>,
    ) -> Result<T, Error> {
        self.wire.ask(&Call::send(method, format!("/api/v4{path}"), body, purpose))
    }

    /// The entries of a list that comes in pages, `most` pages of it, and whether that is all. `path` has a
    /// query. GitLab names the next page, by number for some lists and by a mark for others.
    fn list<T: DeserializeOwned>(
        &self,
        path: &str,
        most: usize,
        purpose: &str,
    ) -> Result<(Vec<T>, bool), Error> {
        let mut all = Vec::new();
        let mut path = format!("/api/v4{path}&per_page={PAGE}");
        for _ in 0..most {
            let answer = self.wire.send(&Call::get(path.as_str(), purpose))?;
            all.extend(self.wire.read::<Vec<T>>(&answer, purpose)?);
            match answer.header("link").and_then(next_page) {
                // A page that names itself as the next would be read without end.
                Some(next) if next != path => path = next,
                _ => return Ok((all, true)),
            }
        }
        Ok((all, false))
    }

    /// The bytes of a file, none where it is larger than what is read.
    fn bytes(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        let call = Call::get(format!("/api/v4{path}"), "reading a file");
        match self.wire.send(&Call { most_bytes: MAX_BYTES, ..call }) {
            Ok(answer) => Ok(Some(answer.body)),
            Err(Error::TooLarge { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The path of the next page in a `link` header. Its host is left out: the token goes to ours alone.
fn next_page(link: &str) -> Option<String> {
    let next = link.split(',').find(|part| part.contains("rel=\"next\""))?;
    let url = next.split_once('<')?.1.split_once('>')?.0;
    let (_, behind) = url.split_once("://")?;
    behind.find('/').and_then(|start| behind.get(start..)).map(str::to_owned)
}

/// The path of a project's calls.
fn project(name: &RepositoryName) -> String {
    format!("/projects/{}", escape(name.as_str()))
}

/// An error of one repository that keeps no other from being read, or the error itself.
fn unread(error: Error) -> Result<Unread, Error> {
    match error {
        Error::Missing { .. } => Ok(Unread::Missing),
        Error::Forbidden { message, .. } | Error::Refused { message, .. } => Ok(Unread::Refused(message)),
        Error::Moved { .. } => Ok(Unread::Refused("it moved".to_owned())),
        error => Err(error),
    }
}

impl Forge for GitLab {
    fn host(&self) -> &str {
        self.wire.host()
    }

    fn discover(&self, owner: &str) -> Result<Discovered, Error> {
        discover::discover(self, owner)
    }

    fn read(
        &self,
        names: &[RepositoryName],
        also: &[RepoPath],
        known: &dyn Fn(&RepositoryName) -> Option<String>,
        each: &mut dyn FnMut(&RepositoryName, Reading),
    ) -> Result<(), Error> {
        for name in names {
            let reading = read::read(self, name, also, known(name));
            each(name, reading.or_else(|error| unread(error).map(Reading::Unread))?);
        }
        Ok(())
    }

    fn look(
        &self,
        names: &[RepositoryName],
        branch: &str,
        each: &mut dyn FnMut(&RepositoryName, Result<Standing, Unread>),
    ) -> Result<(), Error> {
        for name in names {
            match look::look(self, name, branch) {
                Ok(standing) => each(name, Ok(standing)),
                Err(error) => each(name, Err(unread(error)?)),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_asked_of_our_own_host() {
        let link = "<https://other.dev/api/v4/x?page=1>; rel=\"first\", <https://other.dev/api/v4/x?page=3>; rel=\"next\"";
        assert_eq!(next_page(link).as_deref(), Some("/api/v4/x?page=3"));
        assert_eq!(next_page("<https://other.dev/x>; rel=\"last\""), None);
        assert_eq!(next_page("<https://other.dev>; rel=\"next\""), None);
    }
}
