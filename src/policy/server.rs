//! Which MCP servers an entry of a catalogue means, by the client's own rules of admission
//! (`allowedMcpServers` and `deniedMcpServers`).
//!
//! Leaves out those rules themselves (`access`).

pub use crate::access::Server;
use crate::access::ServerPattern;
use crate::glob::UrlPattern;

use super::file::ServerEntry;

impl ServerEntry {
    /// The entry as the client compares it.
    pub fn pattern(&self) -> ServerPattern {
        match self {
            Self::Name(name) => ServerPattern::Name(name.clone()),
            Self::Command(words) => ServerPattern::Command(words.clone()),
            Self::Url(pattern) => ServerPattern::Url(UrlPattern::new(pattern)),
        }
    }
}

/// Whether a catalogue admits a server.
pub(super) fn is_admitted(server: &Server, catalogue: &[ServerEntry]) -> bool {
    let catalogue: Vec<ServerPattern> = catalogue.iter().map(ServerEntry::pattern).collect();
    server.is_admitted(&catalogue)
}
