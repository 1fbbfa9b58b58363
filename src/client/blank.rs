//! Blanks as the client's own language sees them: that of ECMAScript, not of Unicode.

/// Whether a trim of the client takes this character away.
pub fn is_blank(c: char) -> bool {
    match c {
        '\u{feff}' => true,
        '\u{85}' => false,
        c => c.is_whitespace(),
    }
}

/// The text without blanks at both ends.
pub fn trim(text: &str) -> &str {
    text.trim_matches(is_blank)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_byte_order_mark_is_blank_and_next_line_is_not() {
        assert_eq!(trim("\u{feff}\u{a0}\t a \u{2029}\n"), "a");
        assert_eq!(trim("\u{85}"), "\u{85}");
        assert_eq!(trim("\u{200b}"), "\u{200b}");
    }
}
