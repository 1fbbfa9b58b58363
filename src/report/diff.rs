//! Plans as unified diffs, with the reasons above each hunk and, in colour, the words that change.
//!
//! For a program each hunk gets a header of its own, since `git apply` takes text between files but
//! none between the hunks of one.

use std::borrow::Cow;
use std::io::{self, Write};

use similar::{ChangeTag, TextDiff};

use super::style::{BOLD, DIM, GONE, HUNK, NEW, STRONG_GONE, STRONG_NEW, painted, tame};
use crate::check::FileChange;
use crate::finding::Finding;
use crate::secret;

/// Lines around each change.
const CONTEXT: usize = 3;

/// Most reasons that are written above one hunk.
const REASONS: usize = 8;

/// Who reads a diff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// Somebody at a terminal.
    Person,
    /// `git apply`, `patch`, or a file.
    Program,
}

/// Writes the changes of a plan. The reasons are the findings whose fix touches the file, each above
/// the hunk that mends it.
pub fn write_diff(
    out: &mut dyn Write,
    reader: Reader,
    changes: &[FileChange],
    findings: &[Finding],
) -> io::Result<()> {
    for change in changes {
        write_file(out, reader, change, findings)?;
    }
    Ok(())
}

fn write_file(
    out: &mut dyn Write,
    reader: Reader,
    change: &FileChange,
    findings: &[Finding],
) -> io::Result<()> {
    let [before, after] =
        [&change.before, &change.after].map(|text| secret::mask(text.as_deref().unwrap_or_default()));
    let cut = [&before, &after].into_iter().any(|text| matches!(text, Cow::Owned(_)));
    let old = if change.before.is_some() { format!("a/{}", change.path) } else { "/dev/null".to_owned() };
    let new = if change.after.is_some() { format!("b/{}", change.path) } else { "/dev/null".to_owned() };
    let header = |out: &mut dyn Write| {
        writeln!(out, "{}", painted(BOLD, format!("--- {old}")))?;
        writeln!(out, "{}", painted(BOLD, format!("+++ {new}")))
    };
    if reader == Reader::Person {
        header(out)?;
    }
    if cut {
        let note = "# a credential in this file is not shown: a hunk beside it is to be read, `bylaws apply` writes it";
        writeln!(out, "{}", painted(DIM, note))?;
    }
    let diff = TextDiff::from_lines(&*before, &*after);
    let concerned: Vec<&Finding> = findings
        .iter()
        .filter(|finding| {
            finding.fix.as_ref().is_some_and(|fix| fix.changes.iter().any(|part| part.path == change.path))
        })
        .collect();
    let groups = diff.grouped_ops(CONTEXT);
    let places = assign(&groups, &concerned);
    for (index, group) in groups.iter().enumerate() {
        let [Some(first), Some(last)] = [group.first(), group.last()] else { continue };
        let reasons: Vec<&Finding> = concerned
            .iter()
            .zip(&places)
            .filter(|(_, place)| **place == index)
            .map(|(finding, _)| *finding)
            .collect();
        write_reasons(out, &reasons)?;
        let [old, new] = [
            (first.old_range().start, last.old_range().end),
            (first.new_range().start, last.new_range().end),
        ];
        // Behind a header of its own a hunk meets the file with all earlier hunks applied.
        let moved = if reader == Reader::Program { new.0 } else { old.0 };
        if reader == Reader::Program {
            header(out)?;
        }
        let old = range(moved, moved + (old.1 - old.0));
        let new = range(new.0, new.1);
        writeln!(out, "{}", painted(HUNK, format!("@@ -{old} +{new} @@")))?;
        for op in group {
            for line in diff.iter_inline_changes(op) {
                let (sign, plain, strong) = match line.tag() {
                    ChangeTag::Equal => (' ', None, None),
                    ChangeTag::Delete => ('-', Some(GONE), Some(STRONG_GONE)),
                    ChangeTag::Insert => ('+', Some(NEW), Some(STRONG_NEW)),
                };
                match plain {
                    Some(style) => write!(out, "{}", painted(style, sign))?,
                    None => write!(out, "{sign}")?,
                }
                for (emphasized, text) in line.iter_strings_lossy() {
                    let text = text.trim_end_matches('\n');
                    // A carriage return is shown by no terminal; it stays, so that the patch applies.
                    let (body, end) = text.strip_suffix('\r').map_or((text, ""), |body| (body, "\r"));
                    let style = if emphasized { strong } else { plain };
                    match style {
                        Some(style) if !body.is_empty() => {
                            write!(out, "{}{end}", painted(style, tame(body)))?
                        }
                        _ => write!(out, "{}{end}", tame(body))?,
                    }
                }
                writeln!(out)?;
                if line.missing_newline() {
                    writeln!(out, "\\ No newline at end of file")?;
                }
            }
        }
    }
    Ok(())
}

/// The hunk of each finding: the one that holds its line or follows it, as far as lines can tell.
fn assign(groups: &[Vec<similar::DiffOp>], findings: &[&Finding]) -> Vec<usize> {
    let ends: Vec<usize> =
        groups.iter().filter_map(|group| group.last()).map(|op| op.old_range().end).collect();
    let last = groups.len().saturating_sub(1);
    let hunk_of = |finding: &&Finding| {
        let line = finding.place.start().line;
        ends.iter().position(|end| line <= *end).unwrap_or(last)
    };
    findings.iter().map(hunk_of).collect()
}

fn write_reasons(out: &mut dyn Write, findings: &[&Finding]) -> io::Result<()> {
    for finding in findings.iter().take(REASONS) {
        let asked = finding.origins.first().map(|origin| format!(" ({})", origin.place)).unwrap_or_default();
        let line = format!("# {}: {}{asked}", finding.check, tame(&finding.message));
        writeln!(out, "{}", painted(DIM, line))?;
    }
    if findings.len() > REASONS {
        writeln!(out, "{}", painted(DIM, format!("# and {} more like these", findings.len() - REASONS)))?;
    }
    Ok(())
}

/// A range of a hunk: its first line and its length.
fn range(start: usize, end: usize) -> String {
    match end - start {
        1 => format!("{}", start + 1),
        0 => format!("{start},0"),
        length => format!("{},{length}", start + 1),
    }
}
