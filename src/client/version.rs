//! Versions of the client, and which of those whose behaviour is known speak for another one.

use std::fmt;
use std::str::FromStr;

/// A version of the client, `2.1.330`.
///
/// INVARIANT: none is older than [`Version::OLDEST`]: of older ones nothing is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version([u32; 3]);

/// Which versions were seen deciding, so that they can speak for this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// This one was.
    Known,
    /// An older and a newer one were: what both decide alike is taken for known.
    Between(Version, Version),
    /// None that is as new was: the newest speaks for it.
    Newer,
}

/// Why a text is no version that can be decided for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VersionError {
    /// Not three numbers.
    #[error("`{0}` is no version; write it as `{newest}`", newest = Version::NEWEST)]
    Form(String),
    /// Older than all that is known.
    #[error(
        "of a client as old as {0} nothing is known; known are {oldest} and {newest}",
        oldest = Version::OLDEST,
        newest = Version::NEWEST
    )]
    TooOld(String),
}

impl Version {
    /// The oldest whose behaviour is known.
    pub const OLDEST: Self = Self([2, 1, 197]);

    /// The newest whose behaviour is known; what is decided without a version is decided as this one does.
    pub const NEWEST: Self = Self([2, 1, 330]);

    /// Which versions speak for this one.
    pub fn standing(self) -> Standing {
        if self == Self::OLDEST || self == Self::NEWEST {
            Standing::Known
        } else if self > Self::NEWEST {
            Standing::Newer
        } else {
            Standing::Between(Self::OLDEST, Self::NEWEST)
        }
    }
}

impl Default for Version {
    fn default() -> Self {
        Self::NEWEST
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.0;
        write!(f, "{major}.{minor}.{patch}")
    }
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        let numbers: Option<Vec<u32>> = text.split('.').map(number).collect();
        let Some([major, minor, patch]) = numbers.and_then(|numbers| <[u32; 3]>::try_from(numbers).ok())
        else {
            return Err(VersionError::Form(text.to_owned()));
        };
        let version = Self([major, minor, patch]);
        if version < Self::OLDEST { Err(VersionError::TooOld(text.to_owned())) } else { Ok(version) }
    }
}

/// Digits alone: no sign, which numbers of Rust may have.
fn number(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_three_numbers() {
        for text in
            ["", "2", "2.1", "2.1.330.1", "v2.1.330", "2.1.+330", "2.1.x", "2..330", "2.1.99999999999"]
        {
            assert_eq!(text.parse::<Version>(), Err(VersionError::Form(text.to_owned())), "{text}");
        }
        assert_eq!("2.1.330".parse(), Ok(Version::NEWEST));
        assert_eq!(Version::OLDEST.to_string(), "2.1.197");
    }

    #[test]
    fn known_versions_speak_for_those_between_and_behind_them() {
        let standing = |text: &str| text.parse::<Version>().map(Version::standing);
        assert_eq!(standing("2.1.197"), Ok(Standing::Known));
        assert_eq!(standing("2.1.330"), Ok(Standing::Known));
        assert_eq!(standing("2.1.250"), Ok(Standing::Between(Version::OLDEST, Version::NEWEST)));
        assert_eq!(standing("2.1.331"), Ok(Standing::Newer));
        assert_eq!(standing("3.0.0"), Ok(Standing::Newer));
        assert_eq!(standing("2.1.196"), Err(VersionError::TooOld("2.1.196".to_owned())));
        assert_eq!(standing("1.9.999"), Err(VersionError::TooOld("1.9.999".to_owned())));
    }
}
