//! Signatures made with SSH keys (`ssh-keygen -Y sign`, `git commit -S` with `gpg.format=ssh`), held against a list of
//! allowed signers (`allowed_signers`, as `git` and `ssh-keygen` use it).
//!
//! INVARIANT: what is not understood in a line of the list allows nobody. Times without a zone are taken in the way
//! that allows least.
//!
//! Verified by a library and not by `ssh-keygen`: whoever runs the program chooses its `PATH`, and with it what
//! `ssh-keygen` says. Leaves out certificates, and keys that are not Ed25519 or ECDSA over P-256: they are refused by
//! name. Who may sign is asked, not as whom: every principal of the list is as good as another.

mod signers;

pub use signers::AllowedSigners;

use ssh_key::public::KeyData;
use ssh_key::{HashAlg, SshSig};

/// What a signature was found to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// As whom the list knows the key.
    pub principals: String,
    /// `SHA256:…`
    pub fingerprint: String,
}

/// Why a signature does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No signature in OpenSSH's armoured form.
    #[error("this is no SSH signature: {0}")]
    NotASignature(String),
    /// It was made for something else.
    #[error("the signature is for `{found}`, not for `{wanted}`")]
    Namespace {
        /// What it is for.
        found: String,
        /// What it should be for.
        wanted: String,
    },
    /// The key is on no line of the list that counts.
    #[error("the key {fingerprint} is no allowed signer{}", reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default())]
    Unknown {
        /// The key.
        fingerprint: String,
        /// Why lines with the key, or lines that may be meant for it, do not count.
        reason: Option<String>,
    },
    /// The kind of key is one that is not verified here.
    #[error("keys of the kind `{0}` are not verified: sign with an Ed25519 or an ECDSA (P-256) key")]
    Kind(String),
    /// The signature is not of this content.
    #[error("the signature of {0} is not of this content: it was changed, or signed by somebody else")]
    Wrong(String),
}

/// Holds a signature against a content.
///
/// `namespace` is what the signature must be for: `git`, `bylaws-bundle`. `at` is the time at which the key must be
/// allowed, in seconds since 1970.
pub fn verify(
    content: &[u8],
    armored: &str,
    namespace: &str,
    signers: &AllowedSigners,
    at: i64,
) -> Result<Signer, Error> {
    let signature =
        SshSig::from_pem(armored.trim_start()).map_err(|error| Error::NotASignature(error.to_string()))?;
    if signature.namespace() != namespace {
        let found = signature.namespace().to_owned();
        return Err(Error::Namespace { found, wanted: namespace.to_owned() });
    }
    let data = signature.public_key();
    let fingerprint = data.fingerprint(HashAlg::Sha256).to_string();
    if !is_verified(data) {
        return Err(Error::Kind(data.algorithm().to_string()));
    }
    let (key, principals) = signers
        .find(data, namespace, at)
        .map_err(|reason| Error::Unknown { fingerprint: fingerprint.clone(), reason })?;
    key.verify(namespace, content, &signature).map_err(|_| Error::Wrong(fingerprint.clone()))?;
    Ok(Signer { principals: principals.to_owned(), fingerprint })
}

/// The kinds of keys that the library is built for.
fn is_verified(data: &KeyData) -> bool {
    match data {
        KeyData::Ed25519(_) | KeyData::SkEd25519(_) | KeyData::SkEcdsaSha2NistP256(_) => true,
        KeyData::Ecdsa(key) => matches!(key.curve(), ssh_key::EcdsaCurve::NistP256),
        _ => false,
    }
}
