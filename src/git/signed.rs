//! Signatures of commits and tags, and what they are signatures of. Whether they count is not asked here.

use git2::ObjectType;

use super::Error;
use super::tree::{Commit, Repository};

/// The line with which a signature of SSH begins.
const ARMOUR: &str = "-----BEGIN SSH SIGNATURE-----";

/// A text with its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedText {
    /// What was signed.
    pub content: Vec<u8>,
    /// The signature in its armoured form.
    pub signature: String,
    /// When it was signed, as the signer says, in seconds since 1970: the time that `git verify-commit` takes, too.
    pub at: i64,
}

impl Repository {
    /// The SSH signatures of a commit, and of the tag `revision` where that is a tag of this name for this very
    /// commit.
    pub fn signatures(&self, commit: Commit, revision: Option<&str>) -> Result<Vec<SignedText>, Error> {
        let mut found = Vec::new();
        if let Ok((signature, content)) = self.inner.extract_signature(&commit.0, None) {
            let signature = String::from_utf8_lossy(&signature).into_owned();
            let at =
                self.inner.find_commit(commit.0).map_err(|error| self.unreadable("the commit", &error))?;
            let at = at.committer().when().seconds();
            if signature.starts_with(ARMOUR) {
                found.push(SignedText { content: content.to_vec(), signature, at });
            }
        }
        found.extend(revision.and_then(|revision| self.signed_tag(commit, revision)));
        Ok(found)
    }

    fn signed_tag(&self, commit: Commit, revision: &str) -> Option<SignedText> {
        let object = self.inner.revparse_single(revision).ok()?;
        let tag = object.as_tag()?;
        if tag.as_object().peel(ObjectType::Commit).ok()?.id() != commit.0 {
            return None;
        }
        // What is signed is the name within the tag. A ref can be given any other, and so make an old tag a new one.
        let asked = revision.strip_prefix("refs/").unwrap_or(revision);
        if tag.name().ok()? != asked.strip_prefix("tags/").unwrap_or(asked) {
            return None;
        }
        let at = tag.tagger()?.when().seconds();
        let objects = self.inner.odb().ok()?;
        let raw = objects.read(tag.id()).ok()?;
        // The signature stands behind the message, and all before it is what was signed.
        let start = raw.data().windows(ARMOUR.len()).rposition(|part| part == ARMOUR.as_bytes())?;
        let (content, signature) = raw.data().split_at_checked(start)?;
        let is_line = content.last().is_none_or(|byte| *byte == b'\n');
        is_line.then(|| SignedText {
            content: content.to_vec(),
            signature: String::from_utf8_lossy(signature).into_owned(),
            at,
        })
    }
}
