//! Evidence as one page that needs nothing else: no script, no file beside it, no address outside. It prints.
//!
//! INVARIANT: no text of a repository or a policy is markup.

use std::io::{self, Write};

use quick_xml::escape::escape;

use super::super::style::tame;
use super::{Places, against, alike, by_channel, by_layer, in_cloud, names, scope, standing};
use crate::evidence::{Answer, Channel, Control, Evidence, Outcome, Requirement, Status};

const STYLE: &str = concat!(include_str!("../base.css"), include_str!("evidence.css"));

/// Most names that are told without being asked for.
const MOST_NAMES: usize = 5;

/// Writes evidence as a page.
pub fn write_evidence_html(out: &mut dyn Write, evidence: &Evidence) -> io::Result<()> {
    let framework = &evidence.framework.content;
    let title = format!("{}: {}", framework.title, scope(evidence));
    // Nothing but this style can act in the page: there is no script, and nothing is fetched.
    let style = crate::project::digest(STYLE).replace("sha256:", "");
    write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'nonce-{style}'; \
         base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n\
         <style nonce=\"{style}\">\n{STYLE}</style>\n</head>\n<body>\n",
        text(&title)
    )?;
    write_head(out, evidence)?;
    write_overview(out, evidence)?;
    writeln!(out, "<section aria-labelledby=\"controls\">\n<h2 id=\"controls\">Controls</h2>")?;
    for (number, control) in evidence.controls.iter().enumerate() {
        write_control(out, evidence, number, control)?;
    }
    writeln!(out, "</section>")?;
    write_projects(out, evidence)?;
    write_words(out)?;
    writeln!(
        out,
        "</main>\n<footer class=\"page\">Written by Bylaws {}. No legal advice.</footer>\n</body>\n</html>",
        env!("CARGO_PKG_VERSION")
    )
}

fn write_head(out: &mut dyn Write, evidence: &Evidence) -> io::Result<()> {
    let framework = &evidence.framework.content;
    let policy = &evidence.policy;
    writeln!(
        out,
        "<header class=\"page\">\n<h1>{}</h1>\n<p class=\"lead\">What coding agents may do in {}, on {}</p>",
        text(&framework.title),
        text(&scope(evidence)),
        evidence.day
    )?;
    writeln!(out, "<dl>")?;
    let link = format!("<a href=\"{0}\" rel=\"noreferrer\">{0}</a>", text(&framework.url));
    let revision = policy.revision.as_deref().unwrap_or("none: files of a folder");
    for (name, value) in [
        ("Organisation", text(&policy.organization)),
        ("Standard", format!("{}, {link}", text(&framework.version))),
        ("Policy", code(&policy.source)),
        ("Revision", code(revision)),
        ("Digest of the policy", code(&policy.digest)),
        ("Day", evidence.day.to_string()),
    ] {
        writeln!(out, "<dt>{name}</dt><dd>{value}</dd>")?;
    }
    writeln!(out, "</dl>\n</header>\n<main class=\"page\">")?;
    writeln!(
        out,
        "<aside class=\"notice\" aria-labelledby=\"limits\">\n<h2 id=\"limits\">What this does not show</h2>\n<ul>"
    )?;
    for limit in evidence.limits() {
        writeln!(out, "<li>{}</li>", text(limit))?;
    }
    writeln!(out, "</ul>\n</aside>")
}

fn write_overview(out: &mut dyn Write, evidence: &Evidence) -> io::Result<()> {
    writeln!(
        out,
        "<section aria-labelledby=\"overview\">\n<h2 id=\"overview\">Overview</h2>\n<ul class=\"counts\">"
    )?;
    for (status, count) in evidence.counts() {
        writeln!(out, "<li><b class=\"{}\">{count}</b>{status}</li>", status.key())?;
    }
    writeln!(
        out,
        "</ul>\n<div class=\"wide\"><table>\n<caption>Each control by the worst of its requirements</caption>\n\
         <thead><tr><th scope=\"col\">Control</th><th scope=\"col\">About</th><th scope=\"col\">Status</th>\
         <th scope=\"col\">Requirements</th></tr></thead>\n<tbody>"
    )?;
    for (number, control) in evidence.controls.iter().enumerate() {
        let settled = control.requirements.iter().filter(|one| super::is_settled(one.status())).count();
        writeln!(
            out,
            "<tr><th scope=\"row\"><a href=\"#control-{number}\">{}</a></th><td>{}</td><td>{}</td>\
             <td>{settled} of {} met or attested</td></tr>",
            text(&control.id),
            text(&control.title),
            word(control.status(), &control.status().to_string()),
            control.requirements.len()
        )?;
    }
    writeln!(out, "</tbody>\n</table></div>\n</section>")
}

fn write_control(
    out: &mut dyn Write,
    evidence: &Evidence,
    number: usize,
    control: &Control,
) -> io::Result<()> {
    writeln!(
        out,
        "<h3 id=\"control-{number}\">{} <span class=\"lead\">{}</span></h3>\n\
         <table class=\"requirements\" aria-labelledby=\"control-{number}\">\n\
         <thead><tr><th scope=\"col\">Status</th><th scope=\"col\">Requirement and what shows it</th></tr></thead>\n\
         <tbody>",
        text(&control.id),
        text(&control.title)
    )?;
    for requirement in &control.requirements {
        write_requirement(out, evidence, requirement)?;
    }
    writeln!(out, "</tbody>\n</table>")
}

fn write_requirement(out: &mut dyn Write, evidence: &Evidence, requirement: &Requirement) -> io::Result<()> {
    writeln!(
        out,
        "<tr><td class=\"status\">{}</td><td>\n<p>{}</p>\n<p class=\"label\">{}</p>",
        word(requirement.status(), &standing(requirement)),
        rich(&requirement.says),
        rich(&requirement.need.shown())
    )?;
    for outcome in &alike(requirement) {
        write_outcome(out, evidence, outcome)?;
    }
    writeln!(out, "</td></tr>")
}

fn write_outcome(out: &mut dyn Write, evidence: &Evidence, outcome: &Outcome) -> io::Result<()> {
    let answer = &outcome.answer;
    writeln!(out, "<div class=\"outcome\">")?;
    if evidence.subjects.len() > 1 {
        let named = names(evidence, outcome);
        let shown = word(answer.status, &answer.in_words());
        let count = match (named.len(), evidence.subjects.len()) {
            (some, all) if some == all => "all projects".to_owned(),
            (1, _) => "1 project".to_owned(),
            (some, _) => format!("{some} projects"),
        };
        let list: Vec<String> = named.iter().map(|name| text(name)).collect();
        if named.len() == evidence.subjects.len() {
            writeln!(out, "<p>{shown} in {count}</p>")?;
        } else if named.len() <= MOST_NAMES {
            writeln!(out, "<p>{shown} in {count}: {}</p>", list.join(", "))?;
        } else {
            writeln!(
                out,
                "<details><summary>{shown} in {count}</summary><p>{}</p></details>",
                list.join(", ")
            )?;
        }
    }
    // What a person has to look at was said as what the requirement needs,
    // and where something is met, the place says why.
    let is_said = match answer.status {
        Status::ForAPerson | Status::Attested => true,
        Status::Met => !answer.enforced.is_empty(),
        _ => false,
    };
    if !is_said {
        labelled(out, "Why", &rich(&answer.why))?;
    }
    write_backing(out, answer)?;
    writeln!(out, "</div>")
}

fn write_backing(out: &mut dyn Write, answer: &Answer) -> io::Result<()> {
    let shown = |places: &[Places]| {
        let places: Vec<String> = places.iter().map(|one| code(&one.in_words())).collect();
        places.join(", ")
    };
    for (by, places) in by_channel(answer) {
        let told = format!("{}, {}: {}", by.name(), by.meaning(), shown(&places));
        labelled(out, if by == Channel::People { "Attested" } else { "Enforced" }, &told)?;
    }
    labelled(out, "In a cloud session", in_cloud(answer))?;
    let lines = by_layer(answer).into_iter();
    let lines: Vec<String> =
        lines.map(|(layer, places)| format!("{} {}", text(layer), shown(&places))).collect();
    labelled(out, "Asked for by", &lines.join(", "))?;
    let waivers: Vec<String> = answer
        .waivers
        .iter()
        .map(|one| format!("{} of {} until {}", code(&one.id), text(&one.owner), one.until))
        .collect();
    labelled(out, "Waivers", &waivers.join(", "))?;
    if let Some(said) = &answer.attestation {
        let link = format!("<a href=\"{0}\" rel=\"noreferrer\">{0}</a>", text(&said.evidence));
        let told = format!("{link}, {} on {}: {}", text(&said.owner), said.date, rich(&said.says));
        labelled(out, "Evidence", &told)?;
    }
    Ok(())
}

/// A line behind its label; `told` is markup, and no line where it is empty.
fn labelled(out: &mut dyn Write, label: &str, told: &str) -> io::Result<()> {
    match told {
        "" => Ok(()),
        told => writeln!(out, "<p><span class=\"label\">{label}:</span> {told}</p>"),
    }
}

fn write_projects(out: &mut dyn Write, evidence: &Evidence) -> io::Result<()> {
    writeln!(
        out,
        "<section aria-labelledby=\"projects\">\n<h2 id=\"projects\">What was looked at</h2>\n\
         <div class=\"wide\"><table>\n<caption>{} against {}</caption>\n<thead><tr><th scope=\"col\">Project</th>\
         <th scope=\"col\">State</th><th scope=\"col\">Commit</th><th scope=\"col\">Digest of what is asked</th>\
         </tr></thead>\n<tbody>",
        text(&scope(evidence)),
        text(&against(evidence))
    )?;
    for subject in &evidence.subjects {
        let commit = subject.commit.as_deref().map_or("work tree or not read".to_owned(), code);
        let digest = subject.digest.as_deref().map_or("not read".to_owned(), code);
        writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{commit}</td><td>{digest}</td></tr>",
            text(&subject.name()),
            text(&subject.state)
        )?;
    }
    writeln!(out, "</tbody>\n</table></div>\n</section>")
}

/// What the words of the page mean.
fn write_words(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<section aria-labelledby=\"words\">\n<h2 id=\"words\">What the words mean</h2>\n<dl>")?;
    for status in Status::ALL {
        writeln!(out, "<dt>{}</dt><dd>{}</dd>", word(status, status.words()), status.meaning())?;
    }
    for by in [Channel::Managed, Channel::Project, Channel::User, Channel::People] {
        let cloud = match by {
            Channel::People => "",
            by if by.holds_in_cloud() => "; holds in a cloud session",
            _ => "; does not hold in a cloud session",
        };
        writeln!(out, "<dt>{}</dt><dd>{}{cloud}</dd>", by.name(), by.meaning())?;
    }
    writeln!(out, "</dl>\n</section>")
}

fn word(status: Status, words: &str) -> String {
    format!("<span class=\"status {}\">{words}</span>", status.key())
}

fn text(text: &str) -> String {
    escape(tame(text).as_ref()).into_owned()
}

fn code(shown: &str) -> String {
    format!("<code>{}</code>", text(shown))
}

/// A sentence in which code stands between backquotes.
fn rich(sentence: &str) -> String {
    if !sentence.matches('`').count().is_multiple_of(2) {
        return text(sentence);
    }
    let parts = sentence.split('`').enumerate();
    parts.map(|(index, part)| if index % 2 == 1 { code(part) } else { text(part) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_a_repository_is_no_markup() {
        assert_eq!(rich("<b> in `a<b>`"), "&lt;b&gt; in <code>a&lt;b&gt;</code>");
        assert_eq!(rich("a ` \"b\""), "a ` &quot;b&quot;");
        assert_eq!(text("x\u{1b}[2J"), "x\\u{1b}[2J");
    }
}
