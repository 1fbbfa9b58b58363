//! Several rules in one text: an argument of the command line, a line of frontmatter.

use crate::text::Span;

/// The rules in a text: blanks and commas outside of parentheses stand between them (observed, 2.1.330).
pub fn rules_in(text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let (mut start, mut depth) = (0, 0_u32);
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ' ' | ',' if depth == 0 || at == text.len() => {
                if start < at {
                    found.push(Span::new(start, at));
                }
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_holds_several_rules() {
        let rules = |text: &str| -> Vec<String> {
            rules_in(text)
                .into_iter()
                .map(|span| text.get(span.start..span.end).unwrap().to_owned())
                .collect()
        };
        assert_eq!(rules("Bash(foo a) Bash(b, c),Read"), ["Bash(foo a)", "Bash(b, c)", "Read"]);
        assert_eq!(rules(" Read , Bash(x"), ["Read", "Bash(x"]);
    }
}
