//! An extra for whoever has real configuration files at hand: `BYLAWS_CORPUS` names a folder with
//! `settings`, `settings-local`, `managed`, `settings-example` and `mcp` in it. Without it, it says so.

use std::fs;
use std::path::PathBuf;

use bylaws::access::{self, Access, Call, MapWorld, RuleId, Setup, Silent};
use bylaws::automaton::Budget;
use bylaws::json::Document;
use bylaws::proof;
use bylaws::settings::{Scope, Settings};

use crate::place::Place;

fn files(folder: &str) -> Vec<PathBuf> {
    let Some(corpus) = std::env::var_os("BYLAWS_CORPUS") else { return Vec::new() };
    let entries = fs::read_dir(PathBuf::from(corpus).join(folder)).into_iter().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// The lines of `after` that `before` does not have, and the other way round.
fn changed(before: &str, after: &str) -> (usize, usize) {
    let diff = similar::TextDiff::from_lines(before, after);
    let count = |tag| diff.iter_all_changes().filter(|change| change.tag() == tag).count();
    (count(similar::ChangeTag::Insert), count(similar::ChangeTag::Delete))
}

/// How many dead rules `apply` will put right.
fn rules_put_right(place: &Place) -> usize {
    let checked = place.run("repo", &["check", "--policy", "builtin:baseline", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&checked.out).unwrap();
    let findings = report["repositories"][0]["projects"][0]["findings"].as_array().unwrap();
    findings.iter().filter(|finding| finding["check"] == "dead-rule" && !finding["fix"].is_null()).count()
}

#[test]
fn real_settings_are_brought_in_line_and_rest() {
    let all: Vec<PathBuf> =
        ["settings", "settings-local", "settings-example", "managed"].into_iter().flat_map(files).collect();
    if all.is_empty() {
        eprintln!("skipped: BYLAWS_CORPUS names no folder of real settings");
        return;
    }
    let (mut inserted, mut deleted, mut untouched) = (0, 0, 0);
    for path in &all {
        let place = Place::new();
        let before = fs::read(path).unwrap();
        place.write("repo/.claude/settings.json", &before);
        let dead = rules_put_right(&place);
        let first = place.run("repo", &["apply", "--policy", "builtin:baseline"]);
        assert!(matches!(first.code, Some(0 | 1)), "{}: {first:?}", path.display());
        let applied = place.read("repo/.claude/settings.json");
        let again = place.run("repo", &["apply", "--policy", "builtin:baseline"]);
        assert!(again.out.is_empty(), "{}: {again:?}", path.display());
        assert_eq!(place.read("repo/.claude/settings.json"), applied, "{}", path.display());
        let checked = place.run("repo", &["check", "--policy", "builtin:baseline", "--format", "json"]);
        let report: serde_json::Value = serde_json::from_str(&checked.out).unwrap();
        assert_eq!(report["summary"]["fixable"], 0, "{}", path.display());
        let before = String::from_utf8(before).unwrap();
        let (new, gone) = changed(&before, &applied);
        // A line that goes comes back with a comma, as the one line that an entry was put into, or with a rule
        // that matches what it was meant for.
        assert!(gone <= 6 + dead, "{}: {gone} lines changed", path.display());
        (inserted, deleted) = (inserted + new, deleted + gone);
        untouched += usize::from(before == applied);
    }
    eprintln!("{} files, {untouched} left as they were, {inserted} lines in, {deleted} lines out", all.len());
}

#[test]
fn real_server_files_are_read() {
    for path in files("mcp") {
        let place = Place::new();
        place.write("repo/.mcp.json", fs::read(&path).unwrap());
        let ran = place.run("repo", &["check", "--policy", "builtin:baseline"]);
        assert!(matches!(ran.code, Some(0 | 1)), "{}: {ran:?}", path.display());
    }
}

/// How many calls each rule that is reported is tried with.
const CALLS: usize = 1_000;

/// Words that change what becomes of a command, or do not.
const WORDS: &[&str] = &[
    "-n",
    "--version",
    "main",
    "a",
    "src/x",
    "/etc/x",
    "~/x",
    "'a b'",
    "\"$HOME\"",
    "$x",
    "> f",
    "< f",
    "2>&1",
    "&& ls",
    "| head",
    "; rm x",
    "& ",
    "*",
    "--",
    "$(date)",
    "-rf",
    "../x",
    ".env",
    "`x`",
    "\\a",
];
const BEFORE: &[&str] = &[
    "",
    "",
    "",
    "timeout 5 ",
    "nohup ",
    "sudo ",
    "env ",
    "x=1 ",
    "LANG=C ",
    "xargs ",
    "cd a && ",
    "/usr/bin/",
    "( ",
];

/// A generator of numbers that gives the same ones each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn of<'t>(&mut self, list: &[&'t str]) -> &'t str {
        list[self.below(list.len())]
    }
}

/// A call that a rule may be for, most of them so.
fn sample(rule: &bylaws::rule::Rule, place: &access::Place, numbers: &mut Numbers) -> Call {
    let content = rule.content().unwrap_or_default();
    let words = ["a", "b", "x y", "src", ".env", "main"];
    let mut filled = String::new();
    for piece in content.strip_suffix(":*").map_or(content.to_owned(), |head| format!("{head} *")).split('*')
    {
        if !filled.is_empty() {
            filled.push_str(numbers.of(&words));
        }
        filled.push_str(piece);
    }
    let text = match rule.tool() {
        "Bash" => {
            let mut line = format!("{}{}", numbers.of(BEFORE), filled.trim());
            for _ in 0..numbers.below(4) {
                line = format!("{line} {}", numbers.of(WORDS));
            }
            format!("Bash({line})")
        }
        "Read" | "Edit" => {
            let tool = ["Read", "Edit", "Bash"][numbers.below(3)];
            let path = filled.trim_start_matches("./").trim_start_matches('/').to_owned();
            let path =
                format!("{}{path}{}", numbers.of(&["", "/", "~/", "a/"]), numbers.of(&["", "/x", "x"]));
            if tool == "Bash" { format!("Bash(cat {path})") } else { format!("{tool}({path})") }
        }
        "WebFetch" => {
            let host = filled.trim_start_matches("domain:").to_owned();
            format!("WebFetch(https://{}{host}/)", numbers.of(&["", "a.", "x"]))
        }
        tool => format!("{tool}{}", numbers.of(&["", "", "__a", "x"])),
    };
    Call::parse(&text, place).unwrap_or(Call { tool: text, input: serde_json::Map::new() })
}

#[test]
fn without_rules_that_decide_nothing_real_settings_decide_the_same() {
    let all: Vec<PathBuf> =
        ["settings", "settings-local", "settings-example", "managed"].into_iter().flat_map(files).collect();
    if all.is_empty() {
        eprintln!("skipped: BYLAWS_CORPUS names no folder of real settings");
        return;
    }
    let place = access::Place { project: "/h/p".into(), home: "/h".into(), config: "/h/.claude".into() };
    let (mut rules, mut calls) = (0, 0);
    let mut numbers = Numbers(1);
    for path in &all {
        let mut setup = Setup::new(place.clone());
        setup.files.push(access::File {
            settings: Settings::read(Document::parse(fs::read_to_string(path).unwrap()), Scope::Project),
            path: "/h/p/.claude/settings.json".into(),
            folder: "/h/p".into(),
        });
        let world = MapWorld::default();
        let before = Access::new(&setup, &world).by_rules_alone();
        let ids: Vec<RuleId> = before.rules().iter().map(|(id, _)| id).collect();
        let idle = proof::idle_rules(&before, ids.into_iter().rev(), &world, &mut Budget::default());
        for idle in &idle {
            let rule = before.rules().get(idle.rule).unwrap();
            setup.left_out.push((rule.file, rule.pointer.clone(), rule.span));
        }
        let after = Access::new(&setup, &world).by_rules_alone();
        for idle in &idle {
            let rule = &before.rules().get(idle.rule).unwrap().rule;
            for _ in 0..CALLS {
                let call = sample(rule, &place, &mut numbers);
                let decide = |access: &Access| access.decide(&call, &world, &mut Silent).verdict;
                assert_eq!(decide(&before), decide(&after), "{}: {rule}: {call:?}", path.display());
                calls += 1;
            }
            rules += 1;
        }
    }
    eprintln!("{rules} rules that decide nothing in {} files, {calls} calls", all.len());
}
