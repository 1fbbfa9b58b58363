//! A comparison in Markdown, for a comment on the change: the answer as the title, then a table of what is
//! granted; the rest is folded.

use std::io::{self, Write};

use super::{
    ComparisonReport, DirectionReport, FlowReport, KeyReport, by_reason, change_in_words, changes_of_rules,
    key_in_words, key_place,
};
use crate::report::markdown::{Page, code, escaped, shortened};

/// Writes a comparison.
pub fn write_comparison_markdown(out: &mut dyn Write, report: &ComparisonReport) -> io::Result<()> {
    let mut page = Page::default();
    page.add(&format!("### Agent settings: {}\n", report.in_words()));
    page.add(&format!("\n{} → {}\n", code(&shortened(&report.old.name)), code(&shortened(&report.new.name))));
    let notes = [("before", &report.old), ("after", &report.new)];
    let notes: Vec<String> = notes
        .into_iter()
        .flat_map(|(side, state)| state.notes.iter().map(move |note| format!("{side}: {note}")))
        .map(|note| format!("\n- {}\n", escaped(&shortened(&note))))
        .collect();
    page.add_all(notes.into_iter());
    add_body(&mut page, report);
    page.end(&format!("\n<sub>Left out: {}.</sub>\n", escaped(&report.limits.join("; "))));
    out.write_all(page.text.as_bytes())
}

/// Adds what is granted, not decided and taken away.
pub(super) fn add_body(page: &mut Page, report: &ComparisonReport) {
    flows(page, "More access", true, &report.looser);
    keys(page, "Keys that let more happen", true, report.keys_of(DirectionReport::Looser));
    let open: Vec<String> = by_reason(report.open_of(DirectionReport::Looser))
        .into_iter()
        .map(|(why, about)| {
            format!(
                "- {}: {}\n",
                escaped(&shortened(why)),
                about.iter().map(|about| escaped(&shortened(about))).collect::<Vec<_>>().join(", ")
            )
        })
        .collect();
    if !open.is_empty() {
        page.end("\n**Not decided, and may be more access**\n\n");
        page.add_all(open.into_iter());
    }
    keys(
        page,
        "Keys that cannot be ordered, and may let more happen",
        true,
        report.keys_of(DirectionReport::Unordered),
    );
    flows(page, "Less access", false, &report.stricter);
    keys(page, "Keys that let less happen", false, report.keys_of(DirectionReport::Stricter));
    keys(page, "Keys without effect on access", false, report.keys_of(DirectionReport::Neutral));
}

fn flows(page: &mut Page, title: &str, is_open: bool, flows: &[FlowReport]) {
    if flows.is_empty() {
        return;
    }
    let head = "| call | before | after | why |\n| --- | --- | --- | --- |\n";
    let rows = flows.iter().map(|flow| {
        let mut why = vec![flow.new_reason.clone()];
        why.extend(changes_of_rules(flow));
        if flow.new_reason == "no rule speaks of it" {
            why.insert(1, format!("before: {}", flow.old_reason));
        }
        let why: Vec<String> = why.iter().map(|reason| escaped(&shortened(reason))).collect();
        let call = code(&shortened(&flow.short));
        format!("| {call} | {} | {} | {} |\n", flow.from, flow.to, why.join("<br>"))
    });
    folded(page, title, is_open, head, rows);
}

fn keys<'r>(page: &mut Page, title: &str, is_open: bool, keys: impl Iterator<Item = &'r KeyReport>) {
    let keys: Vec<&KeyReport> = keys.collect();
    if keys.is_empty() {
        return;
    }
    let head = "| key | change | where | what it is |\n| --- | --- | --- | --- |\n";
    let rows = keys.into_iter().map(|key| {
        let place = key_place(key).map(|place| code(&shortened(&place))).unwrap_or_default();
        let change = code(&shortened(&change_in_words(key)));
        format!("| {} | {change} | {place} | {} |\n", code(&key_in_words(key)), escaped(&key.why))
    });
    folded(page, title, is_open, head, rows);
}

/// A table of its own, folded where it is not what matters.
fn folded(
    page: &mut Page,
    title: &str,
    is_open: bool,
    head: &str,
    rows: impl ExactSizeIterator<Item = String>,
) {
    let open = if is_open { " open" } else { "" };
    page.end(&format!("\n<details{open}><summary>{title}: {}</summary>\n\n{head}", rows.len()));
    page.add_all(rows);
    page.end("\n</details>\n");
}
