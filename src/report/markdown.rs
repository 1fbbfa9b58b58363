//! A summary in Markdown, for a comment on a change: short where all is well, the longer part folded.

use std::io::{self, Write};

use super::home::{Home, sentence};
use super::style::tame;
use super::{Counts, home};
use crate::finding::{Finding, Severity};

/// Most findings that are told one by one; a comment may not be longer than 65,536 characters.
const TOLD: usize = 200;

/// Longest sentence that is told whole.
const LONGEST: usize = 240;

/// Writes a summary. `against` says what the repository was held against.
pub fn write_markdown(
    out: &mut dyn Write,
    home: Home,
    against: &str,
    findings: &[&Finding],
    failed: &[(String, String)],
) -> io::Result<()> {
    let counts = Counts::of(findings.iter().copied());
    writeln!(
        out,
        "### Agent policy: {}",
        if failed.is_empty() { counts.in_words() } else { "could not finish".to_owned() }
    )?;
    if !against.is_empty() {
        writeln!(out, "\nHeld {}.", escaped(against))?;
    }
    for (path, error) in failed {
        writeln!(out, "\n- **{}** could not be checked: {}", escaped(path), escaped(error))?;
    }
    if findings.is_empty() {
        return Ok(());
    }
    if counts.fixable > 0 {
        writeln!(out, "\n`bylaws apply` makes {} of the changes.", counts.fixable)?;
    }
    let mut findings = findings.to_vec();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let mut left = TOLD;
    for severity in [Severity::Block, Severity::Warn, Severity::Note] {
        let of_weight: Vec<&&Finding> =
            findings.iter().filter(|finding| finding.severity == severity).collect();
        if of_weight.is_empty() {
            continue;
        }
        let open = if severity == Severity::Block { " open" } else { "" };
        writeln!(out, "\n<details{open}><summary>{} {severity}</summary>\n", of_weight.len())?;
        writeln!(out, "| where | check | what |\n| --- | --- | --- |")?;
        for finding in of_weight.iter().take(left) {
            let place = home::place_of(finding, home);
            writeln!(
                out,
                "| {}:{} | `{}` | {} |",
                escaped(place.path),
                place.start.line,
                finding.check,
                escaped(&shortened(&sentence(finding, home)))
            )?;
        }
        if of_weight.len() > left {
            writeln!(out, "\n{} more are not told here.", of_weight.len() - left)?;
        }
        left = left.saturating_sub(of_weight.len());
        writeln!(out, "\n</details>")?;
    }
    Ok(())
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Text as it is, whatever it would mean in a table: names of files and rules come from the repository.
/// What stands in backquotes stays code.
fn escaped(text: &str) -> String {
    let text = tame(text);
    let mut out = String::with_capacity(text.len());
    let mut code = false;
    let closes = text.matches('`').count().is_multiple_of(2);
    for c in text.chars() {
        match c {
            '`' if closes => {
                code = !code;
                out.push(c);
            }
            '|' => out.push_str("\\|"),
            '\n' | '\r' => out.push(' '),
            '<' | '>' | '&' if !code => out.push_str(&format!("&#{};", u32::from(c))),
            '*' | '_' | '[' | ']' | '\\' | '#' | '@' | '`' | '~' | '!' if !code => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_a_repository_stays_text() {
        assert_eq!(escaped("<b>*x* | @all"), "&#60;b&#62;\\*x\\* \\| \\@all");
        assert_eq!(escaped("`Bash(* <x>)` is"), "`Bash(* <x>)` is");
        assert_eq!(escaped("a ` b <"), "a \\` b &#60;");
    }
}
