//! A token of a forge.

use std::fmt;

/// A token: of a person, or of the installation of an app.
///
/// INVARIANT: it is shown to nobody. It has no `Display`, its `Debug` says nothing of it, and only the wire
/// sends it, in a header.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Takes a token; none where the text could not stand in a header.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        let is_token = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        is_token.then(|| Self(text.to_owned()))
    }

    pub(super) fn as_header(&self) -> String {
        format!("Bearer {}", self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_shows_itself_to_nobody() {
        let token = Token::new(" ghp_secret\n").unwrap();
        assert_eq!(format!("{token:?}"), "Token");
        assert_eq!(token.as_header(), "Bearer ghp_secret");
        assert_eq!(Token::new(" \n"), None);
        assert_eq!(Token::new("a\r\nX-Other: b"), None);
    }
}
