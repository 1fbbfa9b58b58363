//! The formats for CI, read by readers that are not ours, with findings that nobody would wish for.

use std::sync::Arc;

use bylaws::finding::{FileName, Finding, Origin, Place, Severity};
use bylaws::path::RepoPath;
use bylaws::report::{self, Home};
use bylaws::text::{Source, Span};
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde_json::{Value, json};

const HOSTILE: &str =
    "`Bash(a|b)` <script>alert(1)</script> & \"x\" ]]> % :: | \u{1}\u{1b}[31m\n::error::gotcha";

fn findings() -> Vec<Finding> {
    let source = Source::new("{\n  \"a\": 1\n}\n");
    let file = Arc::new(FileName::Repository(RepoPath::root().join("odd, name/.claude/settings.json")));
    let place = Place::new(file, &source, Span::new(4, 7));
    let elsewhere =
        Arc::new(FileName::Policy { source: "policy".into(), path: RepoPath::root().join("w.json") });
    vec![
        Finding::new("missing-rule", Severity::Block, place.clone(), HOSTILE).help(HOSTILE),
        Finding::new("missing-rule", Severity::Warn, place, "second"),
        Finding::new("waiver-unused", Severity::Note, Place::whole(elsewhere.clone()), "nobody needs it")
            .origins(&[Origin { layer: "Acme".into(), place: Place::whole(elsewhere) }]),
    ]
}

fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    write(&mut out);
    String::from_utf8_lossy(&out).into_owned()
}

#[test]
fn junit_is_xml_with_a_test_for_each_check() {
    let findings = findings();
    let all: Vec<&Finding> = findings.iter().collect();
    let suites: [report::Suite<'_>; 2] = [("web\u{2}", Ok(all)), ("gone", Err("there is no `gone`"))];
    let text = written(|out| {
        report::write_junit(out, &report::Kind::checks(), &suites, &|severity| severity == Severity::Block)
            .unwrap();
    });
    let document = roxmltree::Document::parse(&text).unwrap();
    let suites: Vec<_> =
        document.root_element().children().filter(|node| node.has_tag_name("testsuite")).collect();
    let count = |index: usize, name: &str| suites[index].attribute(name).unwrap().parse::<usize>().unwrap();
    let elements =
        |index: usize, name: &str| suites[index].descendants().filter(|node| node.has_tag_name(name)).count();
    assert_eq!(count(0, "tests"), bylaws::check::ALL.len());
    assert_eq!(count(0, "tests"), elements(0, "testcase"));
    assert_eq!((count(0, "failures"), elements(0, "failure")), (1, 1));
    assert_eq!((count(1, "errors"), elements(1, "error")), (1, 1));
    let failure = suites[0].descendants().find(|node| node.has_tag_name("failure")).unwrap();
    assert!(failure.text().unwrap().contains("<script>"), "{text}");
    assert_eq!(elements(0, "system-out"), 1, "what does not fail is told all the same");
}

#[test]
fn annotations_are_one_command_a_line() {
    let findings = findings();
    let all: Vec<&Finding> = findings.iter().collect();
    let text = written(|out| report::write_github(out, Home::Repository, &all, &[]).unwrap());
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    for (line, command) in lines.iter().zip(["error", "warning", "notice"]) {
        let rest = line.strip_prefix(&format!("::{command} ")).unwrap();
        let (properties, message) = rest.split_once("::").unwrap();
        for property in properties.split(',') {
            assert!(property.contains('=') && !property.contains(':'), "{property}");
        }
        assert!(!message.is_empty());
    }
    assert!(lines[0].contains("file=odd%2C name/.claude/settings.json,line=2,"), "{}", lines[0]);
    assert!(lines[2].contains("file=.claude/settings.json,line=1"), "{}", lines[2]);
    assert!(lines[2].contains("policy/w.json:1:1: nobody needs it"), "{}", lines[2]);
}

/// The runner shows ten annotations of a kind, and 4,096 characters of each.
#[test]
fn findings_of_one_check_on_one_line_share_an_annotation() {
    let source = Source::new("{}\n");
    let file = Arc::new(FileName::Repository(RepoPath::root().join(".claude/settings.json")));
    let findings: Vec<Finding> = (0..300)
        .map(|index| {
            let place = Place::new(Arc::clone(&file), &source, Span::new(0, 1));
            Finding::new("missing-rule", Severity::Block, place, format!("`Read(file-{index})` is missing"))
        })
        .collect();
    let all: Vec<&Finding> = findings.iter().collect();
    let failed = [("web\n".to_owned(), "50% gone".to_owned())];
    let text = written(|out| report::write_github(out, Home::Repository, &all, &failed).unwrap());
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "::error title=bylaws%3A could not finish::web\\n: 50%25 gone");
    assert_eq!(lines.len(), 2, "{text}");
    let (_, message) = lines[1].split_once("::error ").unwrap().1.split_once("::").unwrap();
    let message = message.replace("%0A", "\n").replace("%25", "%");
    assert!(message.chars().count() <= 4096, "{}", message.len());
    let told = message.lines().count() - 1;
    assert_eq!(message.lines().last().unwrap(), format!("and {} more", 300 - told));
}

#[test]
fn the_first_annotation_of_each_check_comes_early() {
    let source = Source::new("\n".repeat(40));
    let file = Arc::new(FileName::Repository(RepoPath::root().join("a.json")));
    let finding = |check, line| {
        let place = Place::new(Arc::clone(&file), &source, Span::at(line));
        Finding::new(check, Severity::Warn, place, "odd")
    };
    let mut findings: Vec<Finding> = (0..30).map(|line| finding("unknown-key", line)).collect();
    findings.push(finding("unknown-tool", 35));
    let all: Vec<&Finding> = findings.iter().collect();
    let text = written(|out| report::write_github(out, Home::Repository, &all, &[]).unwrap());
    let lines: Vec<&str> = text.lines().take(3).collect();
    for (line, (number, check)) in
        lines.iter().zip([(1, "unknown-key"), (36, "unknown-tool"), (2, "unknown-key")])
    {
        assert!(line.contains(&format!("line={number},")) && line.contains(check), "{line}");
    }
}

/// The keys and values that GitLab's documentation of code quality reports asks for.
fn gitlab_schema() -> Value {
    json!({
        "type": "array",
        "items": {
            "type": "object",
            "required": ["description", "check_name", "fingerprint", "severity", "location"],
            "properties": {
                "description": {"type": "string"},
                "check_name": {"type": "string"},
                "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
                "location": {
                    "type": "object",
                    "required": ["path", "lines"],
                    "properties": {
                        "path": {"type": "string", "pattern": "^[^./]|^\\.[^/]"},
                        "lines": {"type": "object", "required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}}
                    }
                }
            }
        }
    })
}

#[test]
fn code_quality_is_as_gitlab_documents_it() {
    let mut findings = findings();
    // The same fault twice in a file: GitLab would show one of two issues with one fingerprint.
    findings.push(findings[1].clone());
    let all: Vec<&Finding> = findings.iter().collect();
    let failed = [("gone".to_owned(), "there is no `gone`".to_owned())];
    let text = written(|out| report::write_gitlab(out, Home::Repository, &all, &failed).unwrap());
    let issues: Value = serde_json::from_str(&text).unwrap();
    let schema = jsonschema::validator_for(&gitlab_schema()).unwrap();
    assert!(schema.is_valid(&issues), "{text}");
    let issues = issues.as_array().unwrap();
    assert_eq!(issues.len(), 5);
    let mut fingerprints: Vec<&str> =
        issues.iter().map(|issue| issue["fingerprint"].as_str().unwrap()).collect();
    fingerprints.sort_unstable();
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), 5);
    assert_eq!(
        (&issues[0]["severity"], &issues[0]["description"]),
        (&"blocker".into(), &"gone: there is no `gone`".into())
    );
}

/// Read by types that are made from the schema of SARIF 2.1.0: what they do not know does not come back.
#[test]
fn sarif_holds_what_its_schema_knows() {
    let findings = findings();
    let all: Vec<&Finding> = findings.iter().collect();
    let failed = [("gone".to_owned(), "there is no `gone`".to_owned())];
    for (home, failed) in [(Home::Repository, &failed[..]), (Home::Policy, &[])] {
        let text =
            written(|out| report::write_sarif(out, home, &report::Kind::checks(), &all, failed).unwrap());
        let log: Value = serde_json::from_str(&text).unwrap();
        let read: serde_sarif::sarif::Sarif = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), log);
        let run = &log["runs"][0];
        assert_eq!(run["invocations"][0]["executionSuccessful"], failed.is_empty());
        for result in run["results"].as_array().unwrap() {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
        }
        let place = |index: usize| &run["results"][index]["locations"][0]["physicalLocation"];
        assert_eq!(place(0)["artifactLocation"]["uri"], "odd,%20name/.claude/settings.json");
        assert_eq!(place(0)["region"]["startLine"], 2);
        // The policy's own lines are files to open beside the policy, and words elsewhere.
        let text = run["results"][2]["message"]["text"].as_str().unwrap();
        if home == Home::Policy {
            assert_eq!(text, "nobody needs it");
            let related = &run["results"][2]["relatedLocations"][0];
            assert_eq!(related["physicalLocation"]["artifactLocation"]["uri"], "w.json");
        } else {
            assert_eq!(
                text,
                "policy/w.json:1:1: nobody needs it; layer `Acme` asks for it: policy/w.json:1:1"
            );
            assert_eq!(place(2)["artifactLocation"]["uri"], ".claude/settings.json");
        }
    }
}

fn comment(findings: &[Finding], failed: &[(String, String)]) -> String {
    let all: Vec<&Finding> = findings.iter().collect();
    written(|out| report::write_markdown(out, Home::Repository, "against policy", &all, failed).unwrap())
}

/// The texts of the cells of all tables, as a reader of Markdown sees them. Nothing but tables, code and
/// the folds may be there.
fn cells(markdown: &str) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut cell = String::new();
    let mut in_table = false;
    let mut in_head = false;
    let mut html = String::new();
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Start(Tag::Table(_)) => in_table = true,
            Event::End(TagEnd::Table) => in_table = false,
            Event::Start(Tag::TableHead) => in_head = true,
            Event::End(TagEnd::TableHead) => in_head = false,
            Event::Start(Tag::TableRow) => rows.push(Vec::new()),
            Event::End(TagEnd::TableCell) => {
                let text = std::mem::take(&mut cell);
                if !in_head {
                    rows.last_mut().unwrap().push(text);
                }
            }
            Event::Text(text) | Event::Code(text) if in_table => cell.push_str(&text),
            Event::InlineHtml(tag) => assert!(["<code>", "</code>"].contains(&&*tag), "{tag}"),
            Event::Html(block) => html.push_str(&block),
            Event::Start(
                Tag::Link { .. } | Tag::Image { .. } | Tag::Emphasis | Tag::Strong | Tag::Strikethrough,
            ) => {
                panic!("markup in {markdown}")
            }
            _ => {}
        }
    }
    for line in html.lines() {
        assert!(line.starts_with("<details") || line == "</details>", "{line}");
    }
    rows
}

#[test]
fn a_comment_says_what_was_found() {
    let text = comment(&findings(), &[]);
    assert!(
        text.starts_with("### Agent policy: 1 block, 1 warn, 1 note\n\nHeld against policy.\n"),
        "{text}"
    );
    let rows = cells(&text);
    assert_eq!(rows.len(), 3, "{text}");
    assert_eq!(rows[1], ["odd, name/.claude/settings.json:2", "missing-rule", "second"]);
    let failed = [("gone".to_owned(), "there is no `gone`".to_owned())];
    let text = comment(&[], &failed);
    assert!(text.starts_with("### Agent policy: could not finish\n"), "{text}");
    assert!(text.contains("\n- `gone` could not be checked: there is no `gone`\n"), "{text}");
}

#[test]
fn a_comment_names_nobody_and_links_nowhere() {
    let findings = findings();
    let message = "ask @acme/security about #12, !3 and https://evil.dev/x or www.evil.dev".to_owned();
    let finding = Finding::new("missing-rule", Severity::Block, findings[0].place.clone(), message.clone());
    let text = comment(&[finding], &[]);
    for word in ["@acme", "#12", "!3", "https://evil", "www.evil"] {
        let row = &cells(&text)[0][2];
        assert!(!row.contains(word), "{word} in {row}");
        assert!(row.replace('\u{200b}', "").contains(word), "{row}");
    }
}

/// GitHub takes 65,536 characters.
#[test]
fn a_comment_has_its_limit() {
    let findings = findings();
    let odd = "<&|*_[]~`\\@#".repeat(60);
    let many: Vec<Finding> = (0..3000)
        .map(|index| {
            let severity = Severity::ALL[index % 3];
            Finding::new("missing-rule", severity, findings[0].place.clone(), format!("{index} {odd}"))
        })
        .collect();
    let failed: Vec<(String, String)> =
        (0..3000).map(|index| (format!("{odd}{index}"), odd.clone())).collect();
    for failed in [&failed[..], &[]] {
        let text = comment(&many, failed);
        assert!(text.len() < 65_000, "{}", text.len());
        assert!(text.contains("more are not told here"), "{text}");
        assert_eq!(text.matches("<details").count(), text.matches("</details>").count());
        cells(&text);
    }
}

proptest! {
    #[test]
    fn a_comment_holds_no_markup_of_others(message in "[ -~\\n\u{e9}]{0,60}|([`|<>*_\\[\\]()!~@#&\\\\]|[a-z ]){0,40}") {
        let findings = findings();
        let finding = Finding::new("missing-rule", Severity::Warn, findings[0].place.clone(), message.clone());
        let text = comment(&[finding], &[]);
        let rows = cells(&text);
        prop_assert_eq!(rows.len(), 1);
        prop_assert_eq!(rows[0].len(), 3, "{}", text);
        // What is read is what was meant, but for quotes, blanks, and what breaks up references.
        let plain = |text: &str| text.replace(['`', ' ', '\u{200b}'], "").replace("\\n", "\n").replace('\n', "");
        prop_assert_eq!(plain(&rows[0][2]), plain(&message), "{}", text);
    }
}
