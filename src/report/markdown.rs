//! A summary in Markdown, for a comment on a change: short where all is well, the longer part folded.
//!
//! INVARIANT: nothing from a repository or a policy is markup here: no HTML, no link, no mention, no
//! reference to an issue.
//! INVARIANT: the summary fits into a comment.

use std::io::{self, Write};

use super::home::{Home, place_of, sentence};
use super::style::tame;
use crate::finding::{Counts, Finding, Severity};

/// Longest summary, in bytes. A comment on GitHub has 65,536 characters at most, on GitLab more; some room
/// is left for what others put around it.
const LONGEST: usize = 64_000;

/// Room that is kept for the ends of sections.
const RESERVED: usize = 1_000;

/// Longest sentence that is told whole, in characters.
const LONGEST_SENTENCE: usize = 240;

/// Keeps text from becoming a mention, a reference or a link: it takes no room.
const BREAK: char = '\u{200b}';

/// Writes a summary. `against` says what the repository was held against.
pub fn write_markdown(
    out: &mut dyn Write,
    home: Home,
    against: &str,
    findings: &[&Finding],
    failed: &[(String, String)],
) -> io::Result<()> {
    let counts = Counts::of(findings.iter().copied());
    let mut page = Page::default();
    let title = if failed.is_empty() { counts.in_words() } else { "could not finish".to_owned() };
    page.add(&format!("### Agent policy: {title}\n"));
    if !against.is_empty() {
        page.add(&format!("\nHeld {}.\n", escaped(&shortened(against))));
    }
    page.add_all(failed.iter().map(|(path, error)| {
        format!("\n- {} could not be checked: {}\n", code(&shortened(path)), escaped(&shortened(error)))
    }));
    if counts.fixable > 0 {
        page.add(&format!("\n`bylaws apply` makes {} of the changes.\n", counts.fixable));
    }
    for severity in Severity::ALL.into_iter().rev() {
        let of_weight: Vec<&Finding> =
            findings.iter().filter(|finding| finding.severity == severity).copied().collect();
        if of_weight.is_empty() {
            continue;
        }
        let open = if severity == Severity::Block { " open" } else { "" };
        page.end(&format!("\n<details{open}><summary>{} {severity}</summary>\n\n", of_weight.len()));
        page.end("| where | check | what |\n| --- | --- | --- |\n");
        page.add_all(of_weight.iter().map(|finding| row(finding, home)));
        page.end("\n</details>\n");
    }
    out.write_all(page.text.as_bytes())
}

fn row(finding: &Finding, home: Home) -> String {
    let place = place_of(finding, home);
    let at = code(&format!("{}:{}", shortened(place.path), place.start.line));
    format!("| {at} | `{}` | {} |\n", finding.check, escaped(&shortened(&sentence(finding, home))))
}

/// A text that stays within [`LONGEST`].
#[derive(Default)]
pub(super) struct Page {
    pub(super) text: String,
}

impl Page {
    /// Adds a text where it fits.
    pub(super) fn add(&mut self, text: &str) -> bool {
        let fits = self.text.len() + text.len() <= LONGEST - RESERVED;
        if fits {
            self.text.push_str(text);
        }
        fits
    }

    /// Adds texts as long as they fit, and says how many did not.
    pub(super) fn add_all(&mut self, texts: impl ExactSizeIterator<Item = String>) {
        let mut left = texts.len();
        for text in texts {
            if !self.add(&text) {
                self.end(&format!("\n{left} more are not told here.\n"));
                return;
            }
            left -= 1;
        }
    }

    /// Adds a text for which room was reserved.
    pub(super) fn end(&mut self, text: &str) {
        self.text.push_str(text);
    }
}

pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST_SENTENCE) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// A sentence as it is: what stands in backquotes is code, and all else is words.
pub(super) fn escaped(text: &str) -> String {
    let text = tame(text);
    if !text.matches('`').count().is_multiple_of(2) {
        return code(&text);
    }
    let parts = text.split('`').enumerate();
    parts.map(|(index, part)| if index % 2 == 1 { code(part) } else { words(part) }).collect()
}

/// Words that mean nothing but themselves. Services look for mentions and references in what is left when
/// the escapes are taken away, so they are broken up as well.
fn words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '(' | ')' | '.' | ',' | ';' | ':' | '-' | '/' | '\'' | '"' | '+' | '=' | '?' => out.push(c),
            c if c.is_ascii_punctuation() => out.push_str(&entity(c)),
            c => out.push(c),
        }
        if matches!(c, '@' | '#' | '!' | '~' | '%' | '$' | '&' | '^') {
            out.push(BREAK);
        }
    }
    let unlinked = [("://", format!(":{BREAK}//")), ("www.", format!("www{BREAK}."))];
    unlinked.iter().fold(out, |out, (mark, broken)| out.replace(mark, broken))
}

/// Code, also such as cannot stand between backquotes in the cell of a table.
pub(super) fn code(text: &str) -> String {
    let text = tame(text);
    let plain = !text.is_empty() && text.trim() == text && !text.contains(['`', '|', '\\']);
    if plain {
        return format!("`{text}`");
    }
    let mut out = "<code>".to_owned();
    for c in text.chars() {
        if c.is_ascii_punctuation() { out.push_str(&entity(c)) } else { out.push(c) }
    }
    out.push_str("</code>");
    out
}

fn entity(c: char) -> String {
    format!("&#{};", u32::from(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_a_repository_stays_text() {
        assert_eq!(escaped("<b>*x* | @all"), "&#60;b&#62;&#42;x&#42; &#124; &#64;\u{200b}all");
        assert_eq!(escaped("`Bash(* <x>)` is"), "`Bash(* <x>)` is");
        assert_eq!(escaped("`a|b`"), "<code>a&#124;b</code>");
        assert_eq!(escaped("a ` b"), "<code>a &#96; b</code>");
        assert_eq!(escaped("see https://x.dev"), "see https:\u{200b}//x.dev");
    }
}
