//! The formats for CI, read by readers that are not ours, with findings that nobody would wish for.

use std::sync::Arc;

use bylaws::finding::{FileName, Finding, Place, Severity};
use bylaws::path::RepoPath;
use bylaws::report::{self, Home};
use bylaws::text::{Source, Span};
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
        Finding::new("waiver-unused", Severity::Note, Place::whole(elsewhere), "nobody needs it"),
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
        report::write_junit(out, &suites, &|severity| severity == Severity::Block).unwrap();
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
    let text = written(|out| report::write_github(out, Home::Repository, &all).unwrap());
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
    let findings = findings();
    let all: Vec<&Finding> = findings.iter().collect();
    let text = written(|out| report::write_gitlab(out, Home::Repository, &all).unwrap());
    let issues: Value = serde_json::from_str(&text).unwrap();
    let schema = jsonschema::validator_for(&gitlab_schema()).unwrap();
    assert!(schema.is_valid(&issues), "{text}");
    assert_eq!(issues.as_array().unwrap().len(), 3);
}

#[test]
fn a_comment_holds_no_markup_of_others() {
    let findings = findings();
    let all: Vec<&Finding> = findings.iter().collect();
    let text = written(|out| {
        report::write_markdown(out, Home::Repository, "against policy", &all, &[]).unwrap();
    });
    assert!(!text.contains("<script>"), "{text}");
    assert!(text.starts_with("### Agent policy: 1 block, 1 warn, 1 note\n"), "{text}");
    // Every row of the tables has the three cells that its head announces.
    for row in text.lines().filter(|line| line.starts_with("| ")) {
        let bars = row.replace("\\|", "").matches('|').count();
        assert_eq!(bars, 4, "{row}");
    }
    let failed = [("gone".to_owned(), "there is no `gone`".to_owned())];
    let text = written(|out| report::write_markdown(out, Home::Repository, "", &[], &failed).unwrap());
    assert!(text.starts_with("### Agent policy: could not finish\n"), "{text}");
}
