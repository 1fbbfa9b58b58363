//! An audit as one page of HTML, whole in itself: no script, no picture, nothing from elsewhere.
//!
//! INVARIANT: every text of a machine goes through [`escaped`].

use std::io::{self, Write};

use super::super::style::tame;
use super::{
    AuditedAgainst, client_in_words, force_in_words, place_in_words, policy_in_words, records_in_words,
    telemetry_in_words, whence_in_words,
};
use crate::audit::{Audit, Item, Kind, Looked, Says};

const STYLE: &str = concat!(include_str!("../base.css"), include_str!("audit.css"));

/// Writes an audit as a page.
pub fn write_audit_html(out: &mut dyn Write, audit: &Audit, policy: AuditedAgainst<'_>) -> io::Result<()> {
    let title = format!("What agents may use on this machine, {}", audit.day);
    write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"generator\" content=\"bylaws {}\">\n<title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n",
        env!("CARGO_PKG_VERSION"),
        escaped(&title),
    )?;
    writeln!(out, "<a class=\"skip\" href=\"#main\">To the rows</a>")?;
    write_head(out, audit, policy)?;
    writeln!(out, "<main id=\"main\" class=\"page\">")?;
    write_files(out, &audit.looked)?;
    for kind in Kind::ALL {
        let rows: Vec<&Item> = audit.items.iter().filter(|item| item.kind == kind).collect();
        if !rows.is_empty() {
            write_kind(out, kind, &rows)?;
        }
    }
    if !audit.notes.is_empty() {
        writeln!(out, "<section aria-labelledby=\"notes\"><h2 id=\"notes\">What was not looked at</h2><ul>")?;
        for note in &audit.notes {
            writeln!(out, "<li>{}</li>", sentence(note))?;
        }
        writeln!(out, "</ul></section>")?;
    }
    writeln!(out, "</main>")?;
    writeln!(
        out,
        "<footer class=\"page\"><p>Written by bylaws {} for {}. Whatever may be a credential is cut out; nothing that was \
         found was run.</p></footer>\n</body>\n</html>",
        env!("CARGO_PKG_VERSION"),
        escaped(&audit.day.to_string()),
    )
}

fn write_head(out: &mut dyn Write, audit: &Audit, policy: AuditedAgainst<'_>) -> io::Result<()> {
    writeln!(out, "<header class=\"page\"><h1>What agents may use on this machine</h1>")?;
    writeln!(out, "<ul class=\"counts\">")?;
    for says in Says::WORST_FIRST {
        let (class, words) = (says.name(), says.words());
        let count = audit.count(says);
        writeln!(
            out,
            "<li class=\"{class}\"><strong>{count}</strong> <span class=\"word\">{words}</span></li>"
        )?;
    }
    writeln!(out, "</ul><dl>")?;
    let policy = match policy {
        Some((source, Some(revision))) => format!("{source} at {revision}, on {}", audit.day),
        Some((source, None)) => format!("{source}, on {}", audit.day),
        None => "none was named, so nothing is approved of or forbidden".to_owned(),
    };
    let records = match policy_in_words(&audit.transcripts.verdict) {
        Some(text) => {
            let words = audit.transcripts.verdict.says.words();
            format!("{}. {words}: {text}", records_in_words(&audit.transcripts))
        }
        None => records_in_words(&audit.transcripts),
    };
    for (name, text) in [
        ("Policy", policy),
        ("Home", format!("{} (~), client in {}", audit.home, audit.config)),
        ("Client", client_in_words(&audit.client)),
        ("Records of sessions", records),
        ("Telemetry", telemetry_in_words(audit).to_owned()),
    ] {
        writeln!(out, "<dt>{name}</dt><dd>{}</dd>", sentence(&text))?;
    }
    writeln!(out, "</dl>")?;
    write_contents(out, audit)?;
    writeln!(out, "</header>")
}

fn write_contents(out: &mut dyn Write, audit: &Audit) -> io::Result<()> {
    writeln!(out, "<nav aria-label=\"Kinds\"><ul>")?;
    for kind in Kind::ALL {
        let count = audit.items.iter().filter(|item| item.kind == kind).count();
        if count > 0 {
            let (name, heading) = (kind.name(), kind.heading());
            writeln!(out, "<li><a href=\"#{name}\">{heading}</a> {count}</li>")?;
        }
    }
    writeln!(out, "</ul></nav>")
}

fn write_files(out: &mut dyn Write, looked: &[Looked]) -> io::Result<()> {
    let whole = looked.iter().filter(|looked| looked.weight().is_none()).count();
    writeln!(out, "<section aria-labelledby=\"files\"><h2 id=\"files\">Files</h2>")?;
    writeln!(out, "<p>{whole} taken as they stand.</p>")?;
    if whole < looked.len() {
        writeln!(
            out,
            "<table><caption>Files that are not taken as they stand</caption><thead><tr>\
             <th scope=\"col\">State</th><th scope=\"col\">File</th><th scope=\"col\">Why</th></tr></thead><tbody>"
        )?;
        for looked in looked.iter().filter(|looked| looked.weight().is_some()) {
            writeln!(
                out,
                "<tr class=\"denied\"><td class=\"word\">{}</td><td>{}, <code>{}</code></td><td>{}</td></tr>",
                looked.taken.name(),
                looked.scope.name(),
                escaped(&place_in_words(&looked.place)),
                sentence(looked.why.as_deref().unwrap_or_default()),
            )?;
        }
        writeln!(out, "</tbody></table>")?;
    }
    writeln!(out, "</section>")
}

fn write_kind(out: &mut dyn Write, kind: Kind, rows: &[&Item]) -> io::Result<()> {
    let (name, heading) = (kind.name(), kind.heading());
    writeln!(
        out,
        "<section aria-labelledby=\"{name}\"><h2 id=\"{name}\">{heading}</h2>\n<table><caption>{} in all</caption><thead><tr>\
         <th scope=\"col\">Policy</th><th scope=\"col\">What</th><th scope=\"col\">From</th>\
         <th scope=\"col\">In force</th></tr></thead><tbody>",
        rows.len()
    )?;
    for item in rows {
        let says = item.verdict.says;
        let (from, place) = whence_in_words(item);
        let place = place.map(|place| format!("<p><code>{}</code></p>", escaped(&place))).unwrap_or_default();
        writeln!(
            out,
            "<tr class=\"{}\"><td><span class=\"word\">{}</span>{}</td><th scope=\"row\"><code>{}</code><p>{}</p></th>\
             <td>{}{place}</td><td>{}</td></tr>",
            says.name(),
            says.words(),
            policy_in_words(&item.verdict)
                .map(|text| format!("<p>{}</p>", sentence(&text)))
                .unwrap_or_default(),
            escaped(&item.name),
            sentence(&item.what),
            escaped(&from),
            sentence(&force_in_words(&item.force).unwrap_or_else(|| "in force".to_owned())),
        )?;
    }
    writeln!(out, "</tbody></table></section>")
}

/// A sentence, with what stands in backquotes as code.
fn sentence(text: &str) -> String {
    let parts = text.split('`').map(escaped).enumerate();
    let shown = parts.map(|(index, part)| match index % 2 {
        0 => part,
        _ => format!("<code>{part}</code>"),
    });
    shown.collect()
}

/// A text that a browser shows as it is.
fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in tame(text).chars() {
        match c {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '"' => shown.push_str("&quot;"),
            '\'' => shown.push_str("&#39;"),
            other => shown.push(other),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_the_page() {
        assert_eq!(
            escaped("</td><script>alert('x')</script>\u{1b}&"),
            "&lt;/td&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;\\u{1b}&amp;"
        );
        assert_eq!(sentence("runs `<b>` now"), "runs <code>&lt;b&gt;</code> now");
        assert!(!STYLE.contains("</style"), "the style would end itself");
    }
}
