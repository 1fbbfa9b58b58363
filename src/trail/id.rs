//! Names that no two lines share, whatever the clock says.

use std::hash::{BuildHasher, Hasher, RandomState};

/// A new id: 32 hexadecimal digits. The keys of the standard hashers come from the random source of the system, anew
/// in each process.
pub fn fresh_id() -> String {
    let number = |salt: u64| {
        let mut hasher = RandomState::new().build_hasher();
        hasher.write_u64(salt);
        hasher.finish()
    };
    format!("{:016x}{:016x}", number(1), number(2))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_are_alike() {
        let ids: HashSet<String> = (0..10_000).map(|_| fresh_id()).collect();
        assert_eq!(ids.len(), 10_000);
        assert!(ids.iter().all(|id| id.len() == 32));
    }
}
