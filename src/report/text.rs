//! Findings for a person at a terminal: by file, then by check, each with its place, who asks for it,
//! why it matters and what mends it.

use std::io::{self, Write};

use anstyle::Style;

use super::style::{BOLD, DIM, NEW, painted, severity_style, tame};
use crate::check;
use crate::finding::{FileName, Finding};

/// Widest line of running text.
const WIDTH: usize = 100;

/// Writes the findings of one project.
pub fn write_text(out: &mut dyn Write, findings: &[Finding]) -> io::Result<()> {
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
        write_file(out, of_file)?;
    }
    Ok(())
}

fn write_file(out: &mut dyn Write, findings: Vec<&Finding>) -> io::Result<()> {
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
        write_group(out, head, &group)?;
    }
    Ok(())
}

fn write_group(out: &mut dyn Write, head: &Finding, group: &[&Finding]) -> io::Result<()> {
    let style = severity_style(head.severity);
    write!(out, "  {} {}", painted(style, format!("{:5}", head.severity)), painted(BOLD, head.check))?;
    if group.len() > 1 {
        write!(out, " {}", painted(DIM, format!("× {}", group.len())))?;
    }
    writeln!(out)?;
    let place_width = group.iter().map(|finding| finding.place.start().to_string().len()).max().unwrap_or(0);
    for finding in group {
        let place = format!("{:>place_width$}", finding.place.start().to_string());
        write!(out, "    {}  {}", painted(DIM, place), tame(&finding.message))?;
        writeln!(out)?;
        let indent = place_width + 6;
        for (place, shows) in &finding.related {
            labelled(out, indent, "see", DIM, &format!("{place} {shows}"))?;
        }
        if let Some(help) = &finding.help {
            labelled(out, indent, "help", BOLD, help)?;
        }
    }
    for (layer, places) in origins(group) {
        let near: Vec<String> = places.iter().map(ToString::to_string).collect();
        labelled(out, 4, "policy", DIM, &format!("{layer} ({})", compact(&near)))?;
    }
    if let Some(check) = check::find(head.check) {
        labelled(out, 4, "why", DIM, check.why)?;
    }
    let fixes: Vec<&str> =
        group.iter().filter_map(|finding| finding.fix.as_ref().map(|fix| fix.title.as_str())).collect();
    match fixes.as_slice() {
        [] => {}
        [one] => labelled(out, 4, "fix", NEW, one)?,
        [first, rest @ ..] => {
            let more = format!("{first}, and {} more like it", rest.len());
            labelled(out, 4, "fix", NEW, &more)?;
        }
    }
    Ok(())
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
    const SHOWN: usize = 6;
    let mut told = Vec::new();
    let mut file = "";
    for place in places.iter().take(SHOWN) {
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
    if places.len() > SHOWN {
        told.push(format!("and {} more", places.len() - SHOWN));
    }
    told.join(", ")
}

fn labelled(out: &mut dyn Write, indent: usize, label: &str, style: Style, text: &str) -> io::Result<()> {
    let hang = indent + label.len() + 2;
    let lines = wrap(&tame(text), WIDTH.saturating_sub(hang));
    for (index, line) in lines.iter().enumerate() {
        if index == 0 {
            writeln!(out, "{:indent$}{} {line}", "", painted(style, format!("{label}:")))?;
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
    use super::*;

    #[test]
    fn running_text_breaks_at_blanks() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("averylongword x", 4), ["averylongword", "x"]);
        assert_eq!(wrap("", 4), [""]);
    }

    #[test]
    fn places_of_one_file_name_it_once() {
        let places = ["a.json:1:2", "a.json:3:4", "b.json:5:6"].map(str::to_owned);
        assert_eq!(compact(&places), "a.json:1:2, 3:4, b.json:5:6");
    }
}
