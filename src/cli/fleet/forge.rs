//! Forges on the command line: which one, by what token, and what it is asked for.

use std::env;

use clap::Args;

use crate::cli::error::CommandError;
use crate::cli::ui::{Ui, Waits};
use crate::fleet::{Site, entries_of};
use crate::forge::{GitHub, GitLab, SystemClock, Token, WritableForge};
use crate::git;
use crate::policy::RepositoryEntry;

/// The variable that holds the token.
const TOKEN: &str = "BYLAWS_FORGE_TOKEN";

/// Which forge.
#[derive(Debug, Args)]
pub(super) struct ForgeArguments {
    /// Ask this forge over its API, without clones: `https://github.com`, or the URL of an own server
    ///
    /// The token is that of the variable `BYLAWS_FORGE_TOKEN`, or else the password that the credential helpers of
    /// `git` have for the host. Repositories that the inventory places on this host are read there, as are those of
    /// which it does not say where they are.
    #[arg(long, value_name = "URL")]
    pub(super) forge: Option<String>,

    /// What the forge is, where its host does not tell
    #[arg(long, value_name = "KIND", requires = "forge")]
    forge_kind: Option<Kind>,

    /// All repositories of an organisation, a user, or a group with its subgroups; may be given several times
    #[arg(long, value_name = "NAME", requires = "forge")]
    pub(super) organization: Vec<String>,
}

/// The forges that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    /// GitHub, in the cloud or on an own server
    Github,
    /// GitLab, in the cloud or on an own server
    Gitlab,
}

/// A forge that can be asked.
pub(super) struct Connected {
    base: String,
    pub(super) forge: Box<dyn WritableForge>,
}

impl Connected {
    pub(super) fn site(&self) -> Site<'_> {
        Site { base: &self.base, forge: &*self.forge }
    }
}

impl ForgeArguments {
    /// The forge that is named, none where none is.
    pub(super) fn connect(&self) -> Result<Option<Connected>, CommandError> {
        let Some(base) = &self.forge else { return Ok(None) };
        if base.contains('@') {
            return Err(CommandError::usage("the URL of a forge names no user and holds no password")
                .hint(format!("put the token into the variable `{TOKEN}`")));
        }
        let kind = self.forge_kind.or_else(|| kind_of(base)).ok_or_else(|| {
            CommandError::usage(format!("`{base}` does not tell what forge it is"))
                .hint("`--forge-kind github` or `--forge-kind gitlab` does")
        })?;
        let token = token(base)?;
        let (clock, watcher) = (Box::new(SystemClock), Box::new(Waits));
        let connected: Result<Box<dyn WritableForge>, _> = match kind {
            Kind::Github => GitHub::new(base, &token, clock, watcher).map(|forge| Box::new(forge) as _),
            Kind::Gitlab => GitLab::new(base, &token, clock, watcher).map(|forge| Box::new(forge) as _),
        };
        let forge = connected.map_err(|error| CommandError::from(crate::forge::Error::from(error)))?;
        Ok(Some(Connected { base: base.clone(), forge }))
    }

    /// The repositories of the organisations that are named, as entries of an inventory.
    pub(super) fn discover(
        &self,
        ui: &mut Ui,
        connected: &Connected,
    ) -> Result<Vec<RepositoryEntry>, CommandError> {
        let mut entries = Vec::new();
        for owner in &self.organization {
            let found = connected.forge.discover(owner)?;
            found.notes.iter().for_each(|note| ui.note(&format!("{owner}: {note}")));
            entries.extend(entries_of(&connected.base, found.repositories));
        }
        Ok(entries)
    }
}

/// What a host that is named after its forge is.
fn kind_of(base: &str) -> Option<Kind> {
    let host = crate::repository::host_of_url(base)?;
    let is_github = host == "github.com" || host.ends_with(".ghe.com") || host.starts_with("github.");
    let is_gitlab = host.starts_with("gitlab.");
    is_github.then_some(Kind::Github).or_else(|| is_gitlab.then_some(Kind::Gitlab))
}

/// The token for a forge. Those that other programs keep in the environment are left alone: they may be meant for
/// another host.
fn token(base: &str) -> Result<Token, CommandError> {
    let given = env::var(TOKEN).ok().filter(|text| !text.trim().is_empty());
    let host = base.strip_prefix("https://").map(|host| host.trim_end_matches('/'));
    let text = match (given, host) {
        (Some(text), _) => Some(text),
        (None, Some(host)) => git::password(host)?.map(|password| password.reveal().to_owned()),
        (None, None) => None,
    };
    let Some(text) = text else {
        let message = format!("there is no token for `{base}`");
        return Err(CommandError::usage(message).hint(format!(
            "put one into the variable `{TOKEN}`, or give `git` a credential helper that has one"
        )));
    };
    Token::new(&text).ok_or_else(|| {
        CommandError::usage("the token cannot be sent: it has blanks or other signs that no token has")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_is_named_after_its_forge_tells_what_it_is() {
        for (base, kind) in [
            ("https://github.com", Some(Kind::Github)),
            ("https://acme.ghe.com", Some(Kind::Github)),
            ("https://github.acme.dev", Some(Kind::Github)),
            ("https://gitlab.acme.dev:8443/", Some(Kind::Gitlab)),
            ("https://git.acme.dev", None),
            ("https://git.acme.dev/github.com", None),
        ] {
            assert_eq!(kind_of(base), kind, "{base}");
        }
    }
}
