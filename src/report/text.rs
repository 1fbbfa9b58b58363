//! Findings for a person at a terminal: by file, then by check, each with its place, who asks for it,
//! why it matters and what mends it.
//!
//! What is alike is told once, and long runs of one check are shortened: `plain` is the format that
//! leaves nothing out.

use std::collections::HashMap;
use std::io::{self, Write};

use anstyle::Style;

use super::style::{BOLD, DIM, NEW, painted, severity_style, tame};
use crate::check;
use crate::finding::{FileName, Finding};

/// A group with more entries than this is shortened to [`SHOWN`].
const MOST: usize = 6;

/// Entries that are told of a group that is shortened.
const SHOWN: usize = 4;

/// Most places that are named on one line.
const PLACES: usize = 6;

/// Writes the findings of one project with lines of at most `width` characters, words that are longer
/// apart. Gives the number of findings that were not told.
pub fn write_text(out: &mut dyn Write, width: usize, findings: &[Finding]) -> io::Result<usize> {
    let mut untold = 0;
    let mut rest: Vec<&Finding> = findings.iter().collect();
    // The files with what weighs most come first; otherwise their order stays.
    let weight = |file: &FileName| {
        let of_file = findings.iter().filter(|finding| finding.place.file() == file);
        of_file.map(|finding| finding.severity).max()
    };
    rest.sort_by_cached_key(|finding| std::cmp::Reverse(weight(finding.place.file())));
    let mut first = true;
    while let Some(file) = rest.first().map(|finding| finding.place.file().clone()) {
        let (of_file, others): (Vec<&Finding>, Vec<&Finding>) =
            rest.into_iter().partition(|finding| *finding.place.file() == file);
        rest = others;
        if !first {
            writeln!(out)?;
        }
        first = false;
        writeln!(out, "{}", painted(BOLD.underline(), tame(&file.to_string())))?;
        untold += write_file(out, width, of_file)?;
    }
    Ok(untold)
}

fn write_file(out: &mut dyn Write, width: usize, findings: Vec<&Finding>) -> io::Result<usize> {
    let mut untold = 0;
    let mut rest = findings;
    // What weighs most comes first; within a weight the order of the file stays.
    rest.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let mut first = true;
    while let Some(head) = rest.first().copied() {
        if !first {
            writeln!(out)?;
        }
        first = false;
        let same = |finding: &&Finding| finding.check == head.check && finding.severity == head.severity;
        let (group, others): (Vec<&Finding>, Vec<&Finding>) = rest.into_iter().partition(same);
        rest = others;
        untold += write_group(out, width, head, &group)?;
    }
    Ok(untold)
}

fn write_group(out: &mut dyn Write, width: usize, head: &Finding, group: &[&Finding]) -> io::Result<usize> {
    let style = severity_style(head.severity);
    write!(out, "  {} {}", painted(style, format!("{:5}", head.severity)), painted(BOLD, head.check))?;
    if group.len() > 1 {
        write!(out, " {}", painted(DIM, format!("× {}", group.len())))?;
    }
    writeln!(out)?;
    let entries = entries(group);
    let told = if entries.len() > MOST { SHOWN } else { entries.len() };
    let untold = entries.iter().skip(told).map(Vec::len).sum();
    // Advice that holds for all of them is given once, below.
    let advice = head.help.as_ref().filter(|_| entries.len() > 1);
    let advice = advice.filter(|help| group.iter().all(|finding| finding.help.as_ref() == Some(help)));
    let place = |finding: &Finding| finding.place.start().to_string();
    let heads = entries.iter().take(told).filter_map(|entry| entry.split_first());
    let place_width = heads.clone().map(|(first, _)| place(first).len()).max().unwrap_or(0);
    let indent = place_width + 6;
    for (first, others) in heads {
        let lead = format!("    {}  ", painted(DIM, format!("{:>place_width$}", place(first))));
        hanging(out, width, indent, &lead, &first.message)?;
        if !others.is_empty() {
            let places: Vec<String> = others.iter().map(|finding| place(finding)).collect();
            labelled(out, width, indent, "also at", DIM, &listed(places))?;
        }
        for (place, shows) in &first.related {
            labelled(out, width, indent, "see", DIM, &format!("{place} {shows}"))?;
        }
        if let Some(help) = first.help.as_ref().filter(|_| advice.is_none()) {
            labelled(out, width, indent, "help", BOLD, help)?;
        }
    }
    if untold > 0 {
        writeln!(out, "{:indent$}{}", "", painted(DIM, format!("and {untold} more")))?;
    }
    if let Some(advice) = advice {
        labelled(out, width, 4, "help", BOLD, advice)?;
    }
    for (layer, places) in origins(group) {
        labelled(out, width, 4, "policy", DIM, &format!("{layer} ({})", compact(&places)))?;
    }
    if let Some(check) = check::find(head.check) {
        labelled(out, width, 4, "why", DIM, check.why)?;
    }
    let fixes: Vec<&str> =
        group.iter().filter_map(|finding| finding.fix.as_ref().map(|fix| fix.title.as_str())).collect();
    match fixes.as_slice() {
        [] => {}
        [one] => labelled(out, width, 4, "fix", NEW, one)?,
        [first, rest @ ..] => {
            let more = format!("{first}, and {} more like it", rest.len());
            labelled(out, width, 4, "fix", NEW, &more)?;
        }
    }
    Ok(untold)
}

/// The findings of a group in their order, those together that say the same of several places.
fn entries<'a>(group: &[&'a Finding]) -> Vec<Vec<&'a Finding>> {
    let mut entries: Vec<Vec<&Finding>> = Vec::new();
    let mut known: HashMap<(&str, Option<&str>), usize> = HashMap::new();
    for finding in group {
        let says = (finding.message.as_str(), finding.help.as_deref());
        let index = if finding.related.is_empty() {
            *known.entry(says).or_insert(entries.len())
        } else {
            entries.len()
        };
        match entries.get_mut(index) {
            Some(entry) => entry.push(finding),
            None => entries.push(vec![finding]),
        }
    }
    entries
}

/// The layers that ask for a group of findings, each with its lines.
fn origins(group: &[&Finding]) -> Vec<(String, Vec<String>)> {
    let mut layers: Vec<(String, Vec<String>)> = Vec::new();
    for origin in group.iter().flat_map(|finding| &finding.origins) {
        let place = origin.place.to_string();
        match layers.iter_mut().find(|(layer, _)| **layer == *origin.layer) {
            Some((_, places)) if places.contains(&place) => {}
            Some((_, places)) => places.push(place),
            None => layers.push((origin.layer.to_string(), vec![place])),
        }
    }
    layers
}

/// Places of one file with the file named once: `layer.json:3:5, 4:5`.
fn compact(places: &[String]) -> String {
    let mut told = Vec::new();
    let mut file = "";
    for place in places {
        let parts: Vec<&str> = place.rsplitn(3, ':').collect();
        match parts.as_slice() {
            [column, line, name] if *name == file => told.push(format!("{line}:{column}")),
            [_, _, name] => {
                file = name;
                told.push(place.clone());
            }
            _ => told.push(place.clone()),
        }
    }
    listed(told)
}

/// The first few places, and how many there are besides.
fn listed(mut places: Vec<String>) -> String {
    let more = places.len().saturating_sub(PLACES);
    places.truncate(PLACES);
    if more > 0 {
        places.push(format!("and {more} more"));
    }
    places.join(", ")
}

fn labelled(
    out: &mut dyn Write,
    width: usize,
    indent: usize,
    label: &str,
    style: Style,
    text: &str,
) -> io::Result<()> {
    let lead = format!("{:indent$}{} ", "", painted(style, format!("{label}:")));
    hanging(out, width, indent + label.len() + 2, &lead, text)
}

/// Running text behind `lead`, its further lines `hang` characters in.
pub(super) fn hanging(
    out: &mut dyn Write,
    width: usize,
    hang: usize,
    lead: &str,
    text: &str,
) -> io::Result<()> {
    for (index, line) in wrap(&tame(text), width.saturating_sub(hang)).iter().enumerate() {
        if index == 0 {
            writeln!(out, "{lead}{line}")?;
        } else {
            writeln!(out, "{:hang$}{line}", "")?;
        }
    }
    Ok(())
}

/// Breaks running text at blanks; a word that is too long stands alone.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let Some(line) = lines.last_mut() else { continue };
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::finding::{Place, Severity};
    use crate::path::RepoPath;
    use crate::text::{Source, Span};

    #[test]
    fn running_text_breaks_at_blanks() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("averylongword x", 4), ["averylongword", "x"]);
        assert_eq!(wrap("", 4), [""]);
    }

    fn told(width: usize, findings: &[Finding]) -> (String, usize) {
        let mut out = Vec::new();
        let untold = write_text(&mut anstream::StripStream::new(&mut out), width, findings).unwrap();
        (String::from_utf8(out).unwrap(), untold)
    }

    fn finding(line: usize, message: String) -> Finding {
        let text = "\n".repeat(line);
        let file = Arc::new(FileName::Repository(RepoPath::root().join("a.json")));
        let place = Place::new(file, &Source::new(text.as_str()), Span::at(text.len()));
        Finding::new("unknown-key", Severity::Warn, place, message).help("take it away")
    }

    #[test]
    fn long_runs_are_shortened_and_counted() {
        let many: Vec<Finding> = (1..=9).map(|line| finding(line, format!("key {line}"))).collect();
        let (text, untold) = told(100, &many);
        assert!(text.contains("    5:1  key 4\n         and 5 more\n"), "{text}");
        assert_eq!(untold, 5);
        assert_eq!(text.matches("help: take it away").count(), 1, "{text}");
        let (text, untold) = told(100, &many[..6]);
        assert!(text.contains("key 6") && untold == 0, "{text}");
    }

    #[test]
    fn what_is_alike_is_told_once_with_its_places() {
        let many: Vec<Finding> = (1..=9).map(|line| finding(line, "a key".to_owned())).collect();
        let (text, untold) = told(100, &many);
        assert!(
            text.contains("    2:1  a key\n         also at: 3:1, 4:1, 5:1, 6:1, 7:1, 8:1, and 2 more\n"),
            "{text}"
        );
        assert_eq!(untold, 0);
    }

    #[test]
    fn lines_keep_to_the_width() {
        let (text, _) =
            told(40, &[finding(1, "one two three four five six seven eight nine ten".to_owned())]);
        assert!(text.lines().all(|line| line.chars().count() <= 40), "{text}");
        assert!(text.contains("\n         seven eight nine ten\n"), "{text}");
    }

    #[test]
    fn places_of_one_file_name_it_once() {
        let places = ["a.json:1:2", "a.json:3:4", "b.json:5:6"].map(str::to_owned);
        assert_eq!(compact(&places), "a.json:1:2, 3:4, b.json:5:6");
    }
}
