//! What is suggested for which uses.

use serde_json::json;

use super::*;
use crate::access::{Call, Place};
use crate::json::Document;
use crate::settings::{Scope, Settings};

fn setup(allow: &[&str], deny: &[&str]) -> Setup {
    let text = json!({"permissions": {"allow": allow, "deny": deny}}).to_string();
    Setup::made_up([Settings::read(Document::parse(text), Scope::Project)])
}

fn called(text: &str) -> UsedCall {
    let call = Call::parse(text, &Place::made_up()).unwrap();
    UsedCall { call, count: 1 }
}

fn advised(allow: &[&str], deny: &[&str], calls: &[&str]) -> Suggestion {
    let calls: Vec<UsedCall> = calls.iter().map(|call| called(call)).collect();
    suggest(&setup(allow, deny), 1, &calls, &BTreeSet::new(), Budget::default().0)
}

fn left(allow: &[&str], calls: &[&str]) -> Vec<String> {
    advised(allow, &[], calls).allow
}

#[test]
fn commands_are_named_by_what_they_do() {
    assert_eq!(
        left(&["Bash(npm *)"], &["Bash(npm test)", "Bash(npm run build)", "Bash(npm run lint -- --fix)"]),
        ["Bash(npm run build)", "Bash(npm run lint *)", "Bash(npm test)"]
    );
    assert_eq!(left(&["Bash(git:*)"], &["Bash(git push origin main)"]), ["Bash(git push *)"]);
    assert_eq!(left(&["Bash(make *)"], &["Bash(make -j4 all)"]), ["Bash(make *)"]);
    assert_eq!(left(&["Bash(npm test)"], &["Bash(npm test)"]), ["Bash(npm test)"]);
}

#[test]
fn every_part_of_a_line_counts() {
    let allow = ["Bash(npm *)", "Bash(git *)"];
    assert_eq!(
        left(&allow, &["Bash(npm test && git push origin main)"]),
        ["Bash(npm test)", "Bash(git push *)"]
    );
}

#[test]
fn rules_that_nobody_used_go() {
    let found =
        advised(&["Bash(npm test)", "WebFetch(domain:a.example)", "mcp__docs"], &[], &["Bash(npm test)"]);
    assert_eq!(found.allow, ["Bash(npm test)"]);
    assert_eq!(found.asked, 0);
    let unused = found.rules.iter().filter(|(_, _, advice)| *advice == Advice::Unused).count();
    assert_eq!(unused, 2);
}

#[test]
fn files_hosts_and_servers_are_named_one_by_one() {
    assert_eq!(
        left(&["Edit(./**)"], &["Edit(src/a.rs)", "Write(src/b/c.rs)", "Edit(README.md)"]),
        ["Edit(/README.md)", "Edit(/src/**)"]
    );
    assert_eq!(
        left(&["WebFetch"], &["WebFetch(https://a.example/x)", "WebFetch(https://b.example/y)"]),
        ["WebFetch(domain:a.example)", "WebFetch(domain:b.example)"]
    );
    assert_eq!(left(&["mcp__docs"], &["mcp__docs__search"]), ["mcp__docs__search"]);
}

#[test]
fn a_rule_for_one_tool_does_not_become_one_for_others() {
    // `Edit` is for edits alone, and `Edit(src/**)` would be for new files and notebooks as well.
    assert_eq!(left(&["Edit"], &["Edit(src/a.rs)"]), ["Edit"]);
}

#[test]
fn programs_that_run_anything_are_never_suggested() {
    let found = advised(&["Bash"], &[], &["Bash(npm test)", "Bash(python3 x.py)", "Bash(sudo make)"]);
    assert_eq!(found.allow, ["Bash(npm test)"]);
    assert_eq!((found.allowed, found.asked), (3, 2));
    assert_eq!(found.examples, ["Bash(python3 x.py)", "Bash(sudo make)"]);
    assert_eq!(left(&["Bash(python3 *)"], &["Bash(python3 x.py)"]), ["Bash(python3 *)"]);
}

#[test]
fn what_was_used_for_everything_stays() {
    let calls: Vec<String> = (0..40).map(|number| format!("Bash(git sub{number}x y)")).collect();
    let calls: Vec<String> =
        calls.into_iter().map(|call| call.replace(|c: char| c.is_ascii_digit(), "q")).collect();
    let calls: Vec<&str> = calls.iter().map(String::as_str).collect();
    assert_eq!(left(&["Bash(git *)"], &calls), ["Bash(git subqqx *)", "Bash(git subqx *)"]);
    let letters: Vec<String> = ('a'..='z').map(|c| format!("Bash(git {c}x y)")).collect();
    let letters: Vec<&str> = letters.iter().map(String::as_str).collect();
    assert_eq!(left(&["Bash(git *)"], &letters), ["Bash(git *)"]);
}

#[test]
fn nothing_is_unused_where_nothing_was_recorded() {
    let found = advised(&["Bash(npm test)", "mcp__docs"], &[], &[]);
    assert!(found.rules.iter().all(|(_, _, advice)| *advice == Advice::Kept(Why::Unrecorded)));
    assert_eq!(found.allow, ["Bash(npm test)", "mcp__docs"]);
}

#[test]
fn nothing_is_unused_by_calls_that_could_not_be_read() {
    let unread = BTreeSet::from(["Bash".to_owned()]);
    let setup = setup(&["Bash(npm test)", "Bash(git *)", "Read(~/x)", "mcp__docs"], &[]);
    let found = suggest(&setup, 1, &[called("Bash(npm test)")], &unread, Budget::default().0);
    let advice: Vec<&Advice> = found.rules.iter().map(|(_, _, advice)| advice).collect();
    let kept = |why| Advice::Kept(why);
    assert_eq!(advice, [&kept(Why::Narrow), &kept(Why::Unread), &kept(Why::Unread), &Advice::Unused]);
    let found = suggest(&setup, 1, &[], &unread, Budget::default().0);
    assert_eq!(found.rules.len(), 4);
    assert_eq!(found.allow.len(), 3, "{:?}", found.allow);
}

#[test]
fn no_rule_of_the_users_own_file_is_meant_from_a_project() {
    let text = json!({"permissions": {"allow": ["Edit(//**)"]}}).to_string();
    let setup = Setup::made_up([Settings::read(Document::parse(text), Scope::User)]);
    let suggested = |call: &str| {
        let found = suggest(&setup, 1, &[called(call)], &BTreeSet::new(), Budget::default().0);
        found.allow
    };
    // `Edit(/src/**)` would be for the folder of the client there.
    assert_eq!(suggested("Edit(src/a.rs)"), ["Edit(//**)"]);
    assert_eq!(suggested("Edit(/opt/x/a)"), ["Edit(//opt/**)"]);
}

#[test]
fn what_runs_anything_in_a_container_is_not_suggested() {
    let found = advised(
        &["Bash(docker *)", "Bash(kubectl *)"],
        &[],
        &[
            "Bash(docker build -t x .)",
            "Bash(docker exec web sh -c ls)",
            "Bash(kubectl -n a exec -it web -- sh)",
        ],
    );
    assert_eq!(found.allow, ["Bash(docker build *)", "Bash(kubectl *)"]);
}
