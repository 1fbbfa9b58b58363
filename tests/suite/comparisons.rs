//! `bylaws compare` on repositories, and what its formats say to programs.

use pulldown_cmark::{Event, Options, Parser, Tag};
use serde_json::{Value, json};

use crate::place::Place;

fn settings(permissions: &Value) -> String {
    serde_json::to_string_pretty(&json!({ "permissions": permissions })).unwrap()
}

/// A repository with two commits on `main`, and a branch that left it at the first.
fn repository() -> Place {
    let place = Place::new();
    place.write("repo/.claude/settings.json", settings(&json!({"deny": ["Bash(curl *)"]})));
    place.commit("repo");
    place.git("repo", &["branch", "--quiet", "topic"]);
    place.write("repo/.claude/settings.json", settings(&json!({"deny": ["Bash(curl *)", "Bash(wget *)"]})));
    place.commit("repo");
    place.git("repo", &["checkout", "--quiet", "topic"]);
    place.write("repo/.claude/settings.json", settings(&json!({"deny": ["Bash(curl *)", "Bash(scp *)"]})));
    place.commit("repo");
    place.write("repo/.claude/settings.json", settings(&json!({"allow": ["Bash(make *)"]})));
    place
}

fn compared(place: &Place, arguments: &[&str], code: i32) -> Value {
    let ran = place.run("repo", &[&["compare", "--format", "json"], arguments].concat()).code(code);
    serde_json::from_str(&ran.out).unwrap()
}

fn shown(report: &Value, list: &str) -> Vec<String> {
    let flows = report[list].as_array().unwrap().iter();
    flows.map(|flow| format!("{} {} {}", flow["short"].as_str().unwrap(), flow["from"], flow["to"])).collect()
}

#[test]
fn revisions_ranges_and_the_work_tree_are_compared_without_a_checkout() {
    let place = repository();
    // The branch lacks what came to `main` since, which is nothing that it grants.
    let since = compared(&place, &["main...topic"], 0);
    assert_eq!(since["outcome"], "no-new-access");
    assert_eq!(shown(&since, "stricter"), [r#"Bash(scp) "ask" "deny""#]);
    let both = compared(&place, &["main..topic"], 1);
    assert_eq!(shown(&both, "looser"), [r#"Bash(wget) "deny" "ask""#]);
    assert_eq!(compared(&place, &["main", "topic"], 1), {
        let mut same = both.clone();
        same["old"]["name"] = json!("main");
        same
    });
    // Without a second name, the folder as it stands.
    let work = compared(&place, &["HEAD"], 1);
    assert_eq!(work["new"]["name"], ".");
    assert_eq!(
        shown(&work, "looser"),
        [r#"Bash(make) "ask" "allow""#, r#"Bash(curl) "deny" "ask""#, r#"Bash(scp) "deny" "ask""#]
    );
    let file = compared(&place, &["HEAD:.claude/settings.json", ".claude/settings.json"], 1);
    assert_eq!(file["looser"].as_array().unwrap().len(), 3);
    assert_eq!(compared(&place, &["..", ".."], 0)["keys"], json!([]));
    assert_eq!(compared(&place, &["topic..topic"], 0)["stricter"], json!([]));
}

#[test]
fn the_exit_code_says_what_was_asked_for() {
    let place = repository();
    for (fail_on, looser, stricter, nothing) in
        [("new-access", 1, 0, 0), ("any", 1, 1, 0), ("never", 0, 0, 0)]
    {
        for (range, code) in [("topic", looser), ("topic~1..topic", stricter), ("topic..topic", nothing)] {
            place.run("repo", &["compare", range, "--fail-on", fail_on]).code(code);
        }
    }
    place.run("repo", &["compare", "main..topic", "HEAD"]).code(2).says("`main..topic` names both sides");
    place.write("policy/bylaws.json", "{}");
    place
        .run("", &["compare", "policy", "repo"])
        .code(2)
        .says("the policy `policy` has errors")
        .says("policy/bylaws.json:1:");
    place.run("repo", &["compare", "nowhere"]).code(2).says("neither a file or folder nor a revision");
    place.run("repo", &["compare", "HEAD:nowhere"]).code(2).says("there is no `nowhere` in `HEAD`");
    place.write("outside/x", "");
    place.run("outside", &["compare", "HEAD"]).code(2).says("neither a file or folder nor a revision");
}

#[test]
fn personal_settings_of_one_side_are_spoken_of() {
    let place = repository();
    place.run("repo", &["checkout"]).code(2);
    place.write("repo/.claude/settings.local.json", settings(&json!({"allow": ["Bash(deno *)"]})));
    let told = place.run("repo", &["compare", "HEAD"]).code(1);
    told.says("new: `.claude/settings.local.json` counts as well, and the other side has none")
        .says("`Bash(deno *)` in .claude/settings.local.json:4:7");
}

#[test]
fn no_form_shows_a_credential() {
    let place = Place::new();
    let letters = "q7Gz2LmX9vRt4KpW8sBn3HcJ6dYf1TaE5uQo";
    let (token, password) = (format!("ghp_{letters}"), "Tr0ub4dor&3xQ");
    place.write("old/.claude/settings.json", "{}");
    let new = json!({
        "permissions": {"allow": [format!("Bash(curl -H 'Authorization: token {token}' *)")]},
        "env": {"GITHUB_TOKEN": token, "DB_PASSWORD": password},
        "hooks": {"PreToolUse": [{"hooks": [{"type": "command", "command": format!("post {token}")}]}]},
    });
    place.write("new/.claude/settings.json", new.to_string());
    let servers = json!({"mcpServers": {"x": {"type": "http", "url": "https://x.dev", "headers": {"Authorization": format!("Bearer {token}")}}}});
    place.write("new/.mcp.json", servers.to_string());
    for format in ["text", "json", "markdown", "github", "gitlab"] {
        let ran = place.run("", &["compare", "old", "new", "--format", format]).code(1);
        for secret in [letters, password] {
            assert!(!ran.out.contains(secret) && !ran.err.contains(secret), "{format}: {}", ran.out);
        }
    }
}

#[test]
fn a_comment_shows_text_of_a_repository_as_text() {
    let place = Place::new();
    place.write("old/.claude/settings.json", "{}");
    let hostile = "Bash(x | <img src=a> `@all` [a](https://x.dev) *)";
    let keys = json!({"permissions": {"allow": [hostile]}, "env": {"A|<b>": "\u{1b}[31m](x)"}});
    place.write("new/.claude/settings.json", keys.to_string());
    let ran = place.run("", &["compare", "old", "new", "--format", "markdown"]);
    for event in Parser::new_ext(&ran.out, Options::all()) {
        match event {
            Event::Start(Tag::Link { .. } | Tag::Image { .. }) => panic!("{}", ran.out),
            Event::Html(text) | Event::InlineHtml(text) => {
                let ours = ["details", "summary", "code", "sub", "br"];
                assert!(ours.iter().any(|tag| text.contains(tag)), "{text}");
            }
            _ => {}
        }
    }
    assert!(!ran.out.contains('\u{1b}'));
}

#[test]
fn the_json_form_is_as_its_schema_says() {
    let place = repository();
    let schema: Value =
        serde_json::from_str(&place.run("repo", &["schema", "comparison"]).code(0).out).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    place.write("repo/.mcp.json", r#"{"mcpServers": {"x": {"command": "y"}}}"#);
    place.write(
        "repo/.claude/settings.local.json",
        r#"{"env": {"A": "1"}, "permissions": {"deny": ["Read(!x)"]}}"#,
    );
    for arguments in [["main", "topic"], ["topic", "main"], ["HEAD", "."], [".", "HEAD"]] {
        let ran = place.run("repo", &[&["compare", "--format", "json"][..], &arguments].concat());
        let report: Value = serde_json::from_str(&ran.out).unwrap();
        let faults: Vec<String> = validator.iter_errors(&report).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{faults:?}");
    }
}

/// Each folder adds little to the work, and thousands of them end nothing early.
#[test]
fn many_folders_leave_nothing_undecided() {
    let place = Place::new();
    let folders: Vec<String> = (0..30).map(|number| format!("/data/D{number}")).collect();
    let side = |allow: &[&str]| settings(&json!({"additionalDirectories": folders, "allow": allow}));
    place.write("old.json", side(&["Edit(src/**)"]));
    place.write("new.json", side(&["Edit(src/**)", "Edit(src/a/**)", "Read(docs/**)"]));
    place.run("", &["compare", "old.json", "new.json"]).code(0).says("no new access: proved for every call");
    let thousands: Vec<String> = (0..10_000).map(|number| format!("/d{number}")).collect();
    place.write("thousands.json", settings(&json!({"additionalDirectories": thousands})));
    place.run("", &["compare", "old.json", "thousands.json", "--budget", "100000"]).code(1);
}
