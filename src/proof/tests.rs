//! Harmless edits, witnesses, and random changes against random calls and against all short lines.
//!
//! `BYLAWS_PROOFS=10000` tries as many changes instead of a few, `BYLAWS_CALLS=10000` as many calls with each.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::access::{Entry, File, MapWorld, Place, Setup};
use crate::json::Document;
use crate::settings::{Scope, Settings};

fn place() -> Place {
    Place { project: "/h/p".into(), home: "/h".into(), config: "/h/.claude".into() }
}

fn world() -> MapWorld {
    let mut world = MapWorld::default();
    for folder in ["/h/p", "/h/q"] {
        world.add(folder, Entry::Folder);
    }
    world
}

fn access(permissions: &str) -> Access {
    Access::new(&setup(permissions), &world()).by_rules_alone()
}

fn setup(permissions: &str) -> Setup {
    let mut setup = Setup::new(place());
    let text = format!("{{\"permissions\": {permissions}}}");
    setup.files.push(File {
        settings: Settings::read(Document::parse(text), Scope::Project),
        path: "/h/p/.claude/settings.json".into(),
        folder: "/h/p".into(),
    });
    setup
}

fn gained(old: &str, new: &str) -> Outcome {
    let (old, new) = (access(old), access(new));
    gains(Sides { old: &old, new: &new, world: &world() }, &mut Budget::default())
}

fn witnesses(outcome: &Outcome) -> Vec<String> {
    let told = outcome.flows.iter().map(|flow| {
        format!("{}: {} -> {}", flow.witness.short(), flow.old.verdict.name(), flow.new.verdict.name())
    });
    told.collect()
}

#[test]
fn edits_that_only_look_like_grants_are_proved_harmless() {
    for (old, new) in [
        (r#"{"allow":["Bash(npm *)"]}"#, r#"{"allow":["Bash(npm test *)","Bash(npm run *)"]}"#),
        (r#"{"deny":["Bash(rm *)","Bash(rm -rf *)"]}"#, r#"{"deny":["Bash(rm *)"]}"#),
        (r#"{"allow":["Bash(npm:*)"]}"#, r#"{"allow":["Bash(npm *)"]}"#),
        (r#"{"deny":["Bash(a *)"]}"#, r#"{"allow":["Bash(a b *)"],"deny":["Bash(a *)"]}"#),
        (r#"{"allow":["Bash(a *)","Bash(b *)"]}"#, r#"{"allow":["Bash(b *)","Bash(a *)"]}"#),
        (r#"{"ask":["Bash(a *)"]}"#, r#"{"deny":["Bash(a *)"]}"#),
        (r#"{"ask":["Bash(git push *)"],"allow":["Bash(npm *)"]}"#, r#"{"allow":["Bash(npm *)"]}"#),
        (
            r#"{"ask":["Bash(git push *)"],"allow":["Bash(git status *)"]}"#,
            r#"{"allow":["Bash(git status *)"]}"#,
        ),
        (r#"{"deny":["Read(**/.env)","Read(src/.env)"]}"#, r#"{"deny":["Read(**/.env)"]}"#),
        (r#"{"allow":["Read(src/**)"]}"#, r#"{"allow":["Read(src/**)","Read(docs/**)"]}"#),
        (r#"{"allow":["Edit(src/**)"]}"#, r#"{"allow":["Edit(src/a/**)","Edit(src/b.js)"]}"#),
        (r#"{"allow":["Edit(src/**)"]}"#, r#"{"allow":["Edit(src/**)","Edit(.git/**)"]}"#),
        (r#"{"allow":["WebFetch(domain:*.x.dev)"]}"#, r#"{"allow":["WebFetch(domain:a.x.dev)"]}"#),
        (r#"{"allow":["mcp__docs"]}"#, r#"{"allow":["mcp__docs__*","mcp__docs__search"]}"#),
        (r#"{"ask":["mcp__docs__*"]}"#, "{}"),
        ("{}", r#"{"allow":["Read(*)","Glob(*)"]}"#),
        (r#"{"allow":["WebFetch"]}"#, r#"{"allow":["WebFetch","WebFetch(domain:a.dev)"]}"#),
        ("{}", r#"{"allow":["WebFetch(domain:a.dev)"],"ask":["WebFetch"]}"#),
        (r#"{"deny":["Skill(a:*)","Skill(abc)"]}"#, r#"{"deny":["Skill(a:*)"]}"#),
        (r#"{"deny":["Bash(timeout:1*)","Bash(timeout:10)"]}"#, r#"{"deny":["Bash(timeout:1*)"]}"#),
        (r#"{"defaultMode":"acceptEdits"}"#, r#"{"defaultMode":"dontAsk"}"#),
        (r#"{"deny":["Bash"],"ask":["Bash(a *)"]}"#, r#"{"deny":["Bash"],"allow":["Bash(b *)"]}"#),
    ] {
        let outcome = gained(old, new);
        assert!(outcome.is_proved_empty(), "{old} {new}: {outcome:?}");
    }
}

#[test]
fn what_is_granted_is_shown_by_the_shortest_call() {
    for (old, new, expected) in [
        (
            r#"{"allow":["Bash(npm *)"]}"#,
            r#"{"allow":["Bash(npm *)","Bash(* --version)"]}"#,
            "Bash(a --version): ask -> allow",
        ),
        (r#"{"deny":["Bash(mvn *)"]}"#, "{}", "Bash(mvn): deny -> ask"),
        (r#"{"ask":["Bash(mvn *)"],"allow":["Bash"]}"#, r#"{"allow":["Bash"]}"#, "Bash(mvn): ask -> allow"),
        (
            r#"{"ask":["Bash(a b *)"],"allow":["Bash(a *)"]}"#,
            r#"{"allow":["Bash(a *)"]}"#,
            "Bash(a b): ask -> allow",
        ),
        (r#"{"ask":["Bash(* -f)"]}"#, "{}", "Bash(echo -f): ask -> allow"),
        ("{}", r#"{"allow":["Bash"]}"#, "Bash(a): ask -> allow"),
        ("{}", r#"{"allow":["Bash(cat *)"]}"#, "Bash(nohup cat): ask -> allow"),
        (
            r#"{"deny":["Bash(rm *)","Bash(sudo rm *)"]}"#,
            r#"{"deny":["Bash(rm *)"]}"#,
            "Bash(xargs sudo rm): deny -> ask",
        ),
        (r#"{"allow":["Bash","Bash(foo *)"]}"#, r#"{"allow":["Bash"]}"#, "Bash(foo &): ask -> allow"),
        (
            r#"{"allow":["Bash"],"defaultMode":"acceptEdits"}"#,
            r#"{"allow":["Bash"]}"#,
            "Bash(mkdir a &): ask -> allow",
        ),
        (r#"{"allow":["Bash","Read(//etc/**)"]}"#, r#"{"allow":["Bash"]}"#, "Bash(cat /etc &): ask -> allow"),
        (r#"{"allow":["Bash(**)"]}"#, r#"{"allow":["Bash"]}"#, "Bash(eval a): ask -> allow"),
        (r#"{"deny":["Read(.env)"]}"#, "{}", "Read(/h/p/.env): deny -> allow"),
        (r#"{"deny":["Read(.env)","Read"]}"#, r#"{"deny":["Read"]}"#, "Bash(cat /h/p/.env): deny -> allow"),
        ("{}", r#"{"allow":["Edit(src/**)"]}"#, "Edit(/h/p/src): ask -> allow"),
        ("{}", r#"{"allow":["Read(//etc/**)"]}"#, "Read(/etc): ask -> allow"),
        ("{}", r#"{"additionalDirectories":["/h/q"]}"#, "Read(/h/q): ask -> allow"),
        ("{}", r#"{"defaultMode":"acceptEdits"}"#, "Bash(mkdir a): ask -> allow"),
        ("{}", r#"{"allow":["WebFetch(domain:x.dev)"]}"#, "WebFetch(https://x.dev/): ask -> allow"),
        (r#"{"deny":["WebFetch(domain:*.dev)"]}"#, "{}", "WebFetch(https://a.dev/): deny -> ask"),
        (r#"{"allow":["mcp__a__b"]}"#, r#"{"allow":["mcp__a"]}"#, "mcp__a__a: ask -> allow"),
        (r#"{"deny":["WebSearch"]}"#, "{}", "WebSearch: deny -> ask"),
        (r#"{"deny":["WebFetch(domain:[::1])"]}"#, "{}", "WebFetch(https://[::1]/): deny -> ask"),
        (r#"{"deny":["mcp___a"]}"#, "{}", "mcp___a__a: deny -> ask"),
        (r#"{"deny":["Agent(Plan)"]}"#, "{}", "Agent(Plan): deny -> allow"),
        (
            r#"{"deny":["Read"],"allow":["Edit(src/**)"],"ask":["Read"],"defaultMode":"dontAsk"}"#,
            r#"{"ask":["Read"],"allow":["Edit(src/**)"],"defaultMode":"dontAsk"}"#,
            "Edit(/h/p/src): deny -> allow",
        ),
        (r#"{"deny":["Skill(a:*)"]}"#, "{}", "Skill(a): deny -> allow"),
        (r#"{"deny":["Bash(run_in_background:true)"]}"#, "{}", "Bash(echo a): deny -> allow"),
    ] {
        let outcome = gained(old, new);
        assert_eq!(
            witnesses(&outcome).first().map(String::as_str),
            Some(expected),
            "{old} {new} {outcome:?}"
        );
        assert_eq!(outcome.open, [], "{old} {new}");
        let back = gained(new, old);
        assert!(!witnesses(&back).contains(&expected.to_owned()), "{back:?}");
    }
}

#[test]
fn rules_for_a_whole_line_are_decided_each() {
    for (old, new, expected) in [
        (
            r#"{"deny":["Bash(* b)"]}"#,
            r#"{"deny":["Bash(* b)"],"allow":["Bash(a && c)"]}"#,
            vec!["Bash(a && c): ask -> allow"],
        ),
        (
            r#"{"allow":["Bash(eval *)"]}"#,
            r#"{"allow":["Bash(eval *)","Bash(eval x)"]}"#,
            vec!["Bash(eval x): ask -> allow"],
        ),
        (r#"{"deny":["Bash(b *)","Bash(a && b)"]}"#, r#"{"deny":["Bash(b *)"]}"#, vec![]),
        (
            r#"{"ask":["Bash(a *)"],"allow":["Bash(b && a)"]}"#,
            r#"{"allow":["Bash(b && a)"]}"#,
            vec!["Bash(b && a): ask -> allow"],
        ),
    ] {
        let outcome = gained(old, new);
        assert_eq!(witnesses(&outcome), expected, "{outcome:?}");
    }
}

#[test]
fn each_rule_that_grants_something_has_its_witness() {
    let outcome = gained("{}", r#"{"allow":["Bash(mvn *)","Bash(cargo *)"]}"#);
    assert_eq!(witnesses(&outcome), ["Bash(mvn): ask -> allow", "Bash(cargo): ask -> allow"]);
}

/// The rules that decide nothing, with those that say so instead, in the order of deny, ask, allow.
fn idle(permissions: &str) -> Vec<String> {
    let access = access(permissions);
    let rules: Vec<RuleId> = access.rules().iter().map(|(rule, _)| rule).collect();
    let text = |rule: RuleId| access.rules().get(rule).unwrap().rule.text().to_owned();
    let said = idle_rules(&access, rules.into_iter().rev(), &world(), &mut Budget::default());
    let said = said.iter().map(|idle| {
        let why = match &idle.why {
            Reason::Covered(by) => {
                format!("covered by {}", by.iter().map(|by| text(*by)).collect::<Vec<_>>().join(", "))
            }
            Reason::Beaten(by) => {
                format!("beaten by {}", by.iter().map(|by| text(*by)).collect::<Vec<_>>().join(", "))
            }
            Reason::Free => "free".to_owned(),
            Reason::Empty => "empty".to_owned(),
        };
        format!("{} {why}", text(idle.rule))
    });
    said.collect()
}

#[test]
fn rules_that_decide_nothing_are_named_with_those_that_do() {
    for (permissions, expected) in [
        (r#"{"allow":["Bash(npm *)","Bash(npm run *)"]}"#, vec!["Bash(npm run *) covered by Bash(npm *)"]),
        (r#"{"allow":["Bash(npm *)","Bash(npm:*)"]}"#, vec!["Bash(npm:*) covered by Bash(npm *)"]),
        (r#"{"allow":["Bash(npm *)"],"deny":["Bash(npm *)"]}"#, vec!["Bash(npm *) beaten by Bash(npm *)"]),
        (
            r#"{"allow":["Bash(git push *)"],"ask":["Bash(git push *)"]}"#,
            vec!["Bash(git push *) beaten by Bash(git push *)"],
        ),
        (r#"{"allow":["Bash(a *)"],"deny":["Bash(a b *)"]}"#, vec![]),
        (
            r#"{"allow":["Bash(a *)"],"deny":["Bash(a)","Bash(a *)","Bash(* c)"]}"#,
            vec!["Bash(a) covered by Bash(a *)", "Bash(a *) beaten by Bash(a *)"],
        ),
        (r#"{"allow":["Bash","Bash(npm *)"]}"#, vec![]),
        (
            r#"{"allow":["Bash(a *)","Bash(a && a b)","Bash(a && c)"]}"#,
            vec!["Bash(a && a b) covered by Bash(a *)"],
        ),
        (r#"{"allow":["Bash(eval *)","Bash(eval x)"]}"#, vec![]),
        (r#"{"deny":["Bash(rm *)","Bash(sudo rm *)"]}"#, vec![]),
        (r#"{"allow":["Read(src/**)","Read(~/x)"]}"#, vec!["Read(src/**) free"]),
        (
            r#"{"deny":["Read(**/.env)","Read(.env)","Read(a/.env)"]}"#,
            vec!["Read(a/.env) covered by Read(**/.env)", "Read(.env) covered by Read(**/.env)"],
        ),
        (
            r#"{"allow":["Edit(a/**)","Edit(a/b)"],"deny":["Edit(a/c)"]}"#,
            vec!["Edit(a/b) covered by Edit(a/**)"],
        ),
        (
            r#"{"allow":["WebFetch(domain:*.a.dev)","WebFetch(domain:b.a.dev)"]}"#,
            vec!["WebFetch(domain:b.a.dev) covered by WebFetch(domain:*.a.dev)"],
        ),
        (
            r#"{"allow":["mcp__a","mcp__a__b"],"deny":["mcp__c","mcp__*"]}"#,
            vec!["mcp__a__b covered by mcp__a", "mcp__c covered by mcp__*", "mcp__a beaten by mcp__*"],
        ),
        (r#"{"allow":["Bash( a)"]}"#, vec!["Bash( a) empty"]),
        (
            r#"{"allow":["WebSearch","Read","Read(*)","Agent"],"deny":["WebSearch"]}"#,
            vec!["WebSearch beaten by WebSearch"],
        ),
    ] {
        let mut found = idle(permissions);
        found.sort();
        let mut expected = expected;
        expected.sort();
        assert_eq!(found, expected, "{permissions}");
    }
}

/// Rules that have much to do with each other.
const RULES: &[&str] = &[
    "Bash",
    "Bash(a *)",
    "Bash(a:*)",
    "Bash(a b)",
    "Bash(a b *)",
    "Bash(* b)",
    "Bash(*)",
    "Bash(**)",
    "Bash(cat *)",
    "Bash(cat a)",
    "Bash(a && b)",
    "Bash(a*)",
    "Bash(nice *)",
    "Bash(sudo *)",
    "Bash(sudo a *)",
    "Bash(eval *)",
    "Bash(eval a)",
    "Bash(xargs *)",
    "Bash(xargs a *)",
    "Bash(a | b)",
    "Bash(timeout 5 a *)",
    "Bash(/a *)",
    "Bash(git *)",
    "Bash(git status *)",
    "Bash(git push *)",
    "Bash(* -n)",
    "Bash(bash *)",
    "Bash(bash -c *)",
    "Bash(rm *)",
    "Bash(a > f)",
    "Bash(a \"b\")",
    "Bash(a &)",
    "Bash(run_in_background:true)",
    "Bash(x=1 a *)",
    "Bash(echo *)",
    "Bash(mkdir *)",
    "Bash(env *)",
    "Bash(a b:*)",
    "Bash(b)",
    "Bash(* *)",
    "Read",
    "Read(**)",
    "Read(f)",
    "Read(/f)",
    "Read(~/f)",
    "Read(//etc/**)",
    "Read(d/**)",
    "Read(*.x)",
    "Read(**/f)",
    "Read(!f)",
    "Edit",
    "Edit(**)",
    "Edit(f)",
    "Edit(d/**)",
    "Edit(//tmp/**)",
    "Edit(.git/**)",
    "Edit(!d/f)",
    "Write",
    "Write(f)",
    "Glob",
    "Grep",
    "NotebookEdit",
    "WebFetch",
    "WebFetch(domain:a.dev)",
    "WebFetch(domain:*.a.dev)",
    "WebFetch(domain:*)",
    "WebFetch(domain:react.dev)",
    "WebSearch",
    "mcp__a",
    "mcp__a__*",
    "mcp__a__b",
    "mcp__*",
    "mcp__a__b*",
    "*",
    "W*",
    "Agent",
    "Agent(Plan)",
    "Agent(x)",
    "Skill",
    "Skill(a:*)",
    "Skill(ab)",
    "TodoWrite",
];

const WORDS: &[&str] = &[
    "a", "b", "cat", "nice", "sudo", "eval", "xargs", "timeout", "5", "&&", "|", ";", "&", "'a'", "\"b\"",
    "$x", "$(a b)", "/a", "/x/a", "-n", "--", "x=1", "> f", "(", ")", "*", "if", "\\a", "git", "push",
    "status", "bash -c", "'rm x'", "rm", "env", "echo", "mkdir", "d", "f", "nohup", "command", "{", "}",
    "< f", "\"a b\"", "env -S", "/etc/f", "-rf", "`a`",
];

const PATHS: &[&str] = &[
    "/h/p/f",
    "/h/p/d/f",
    "/h/p/d",
    "/h/p/g.x",
    "/h/f",
    "/etc/f",
    "/tmp/f",
    "/h/p/.git/config",
    "/h/q/f",
    "/F",
    "/h/p/d/e/f",
    "/h/p/.claude/settings.json",
];

fn some_settings() -> impl Strategy<Value = [Vec<&'static str>; 3]> {
    let list = || prop::collection::vec(select(RULES), 0..4);
    (list(), list(), list()).prop_map(|(allow, ask, deny)| [allow, ask, deny])
}

/// What a change does to a list: entries go, come or are put elsewhere.
fn some_change() -> impl Strategy<Value = Vec<(usize, usize, bool, &'static str)>> {
    prop::collection::vec((0..3_usize, 0..4_usize, any::<bool>(), select(RULES)), 1..3)
}

fn changed(
    old: &[Vec<&'static str>; 3],
    change: &[(usize, usize, bool, &'static str)],
) -> [Vec<&'static str>; 3] {
    let mut new = old.clone();
    for (list, at, comes, rule) in change {
        let list = &mut new[*list];
        if *comes {
            list.push(rule);
        } else if !list.is_empty() {
            list.remove(at % list.len());
        }
    }
    new
}

fn text([allow, ask, deny]: &[Vec<&'static str>; 3], more: &[(&str, serde_json::Value)]) -> String {
    let mut value = serde_json::json!({"allow": allow, "ask": ask, "deny": deny});
    for (key, more) in more {
        value[*key] = more.clone();
    }
    value.to_string()
}

fn some_keys() -> impl Strategy<Value = Vec<(&'static str, serde_json::Value)>> {
    let mode =
        select(vec!["default", "default", "default", "acceptEdits", "dontAsk", "bypassPermissions", "plan"]);
    (mode, any::<bool>(), 0..6_u8).prop_map(|(mode, folder, refuse)| {
        let mut keys = vec![("defaultMode", serde_json::json!(mode))];
        if folder {
            keys.push(("additionalDirectories", serde_json::json!(["/h/q"])));
        }
        if refuse == 0 {
            keys.push(("denyInsteadOfPrompting", serde_json::json!(true)));
        }
        keys
    })
}

fn some_call() -> impl Strategy<Value = Call> {
    let line = prop::collection::vec(select(WORDS), 1..6).prop_map(|words| words.join(" "));
    let line =
        (line, prop::bool::weighted(0.2)).prop_map(|(line, behind)| line + if behind { " &" } else { "" });
    let of =
        |tool: &'static str, field: &'static str| move |text: String| question::call(tool, [(field, text)]);
    let path = || select(PATHS).prop_map(str::to_owned);
    let host =
        select(vec!["a.dev", "b.a.dev", "react.dev", "x.org"]).prop_map(|host| format!("https://{host}/"));
    let tool = select(vec![
        "mcp__a__b",
        "mcp__a__bc",
        "mcp__b__c",
        "WebSearch",
        "TodoWrite",
        "Grep",
        "Glob",
        "Workflow",
    ]);
    prop_oneof![
        12 => line.prop_map(of("Bash", "command")),
        2 => path().prop_map(of("Read", "file_path")),
        2 => path().prop_map(of("Edit", "file_path")),
        1 => path().prop_map(of("Write", "file_path")),
        1 => path().prop_map(of("NotebookEdit", "notebook_path")),
        1 => path().prop_map(of("Grep", "path")),
        1 => host.prop_map(of("WebFetch", "url")),
        1 => tool.prop_map(|name| question::call(name, [])),
        1 => select(vec!["Plan", "x", "X", "y"]).prop_map(str::to_owned).prop_map(of("Agent", "subagent_type")),
        1 => select(vec!["a", "ab", "/abc", "b"]).prop_map(str::to_owned).prop_map(of("Skill", "skill")),
        1 => any::<bool>().prop_map(|background| {
            let mut call = question::call("Bash", [("command", "a".to_owned())]);
            call.input.insert("run_in_background".to_owned(), background.into());
            call
        }),
    ]
}

/// Every line of a few letters.
fn short_lines(letters: &[char], longest: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut from = 0;
    for _ in 0..longest {
        let to = lines.len();
        for at in from..to {
            for letter in letters {
                let line = format!("{}{letter}", lines[at]);
                lines.push(line);
            }
        }
        from = to;
    }
    lines
}

fn calls_each() -> usize {
    std::env::var("BYLAWS_CALLS").ok().and_then(|calls| calls.parse().ok()).unwrap_or(150)
}

fn tries(few: u32) -> ProptestConfig {
    let many = std::env::var("BYLAWS_PROOFS").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig { cases: many.unwrap_or(few), failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(tries(12))]

    #[test]
    fn no_short_line_contradicts(
        old in prop::array::uniform3(prop::collection::vec("Bash\\([ab*]{1,2}[ab *]{0,3}(:\\*)?\\)", 0..3)),
        new in prop::array::uniform3(prop::collection::vec("Bash\\([ab*]{1,2}[ab *]{0,3}(:\\*)?\\)", 0..3)),
        kept in prop::array::uniform3(any::<bool>()),
    ) {
        let lists = |lists: &[Vec<String>; 3]| {
            serde_json::json!({"allow": lists[0], "ask": lists[1], "deny": lists[2]}).to_string()
        };
        // Lists that stay as they are leave more changes that grant nothing.
        let new: [Vec<String>; 3] =
            std::array::from_fn(|at| if kept[at] { old[at].clone() } else { new[at].clone() });
        let (before, after, world) = (access(&lists(&old)), access(&lists(&new)), world());
        let sides = Sides { old: &before, new: &after, world: &world };
        let outcome = gains(sides, &mut Budget::default());
        if outcome.is_proved_empty() {
            for line in short_lines(&['a', 'b', ' '], 8) {
                let call = question::call("Bash", [("command", line)]);
                prop_assert!(sides.confirm(call.clone(), None).is_err(), "{:?} {:?} {:?}", old, new, call);
            }
        }
    }
}

proptest! {
    #![proptest_config(tries(150))]

    #[test]
    fn no_call_is_decided_otherwise_without_rules_that_decide_nothing(
        lists in some_settings(),
        keys in some_keys(),
        calls in prop::collection::vec(some_call(), 150),
    ) {
        let text = text(&lists, &keys);
        let mut setup = setup(&text);
        let before = Access::new(&setup, &world()).by_rules_alone();
        let rules: Vec<RuleId> = before.rules().iter().map(|(rule, _)| rule).collect();
        for idle in idle_rules(&before, rules, &world(), &mut Budget::default()) {
            let loaded = before.rules().get(idle.rule).unwrap();
            setup.left_out.push((loaded.file, loaded.pointer.clone(), loaded.span));
        }
        let after = Access::new(&setup, &world()).by_rules_alone();
        for call in &calls {
            let decide = |access: &Access| access.decide(call, &world(), &mut Silent).verdict;
            prop_assert_eq!(decide(&before), decide(&after), "{} {:?} {:?}", text, setup.left_out, call);
        }
    }

    #[test]
    fn where_nothing_is_granted_no_call_is_decided_less_strictly(
        old in some_settings(),
        change in some_change(),
        keys in some_keys(),
        new_keys in some_keys(),
        same_keys in prop::bool::weighted(0.8),
        calls in prop::collection::vec(some_call(), calls_each()),
    ) {
        let new = changed(&old, &change);
        let new_keys = if same_keys { &keys } else { &new_keys };
        let (old, new) = (text(&old, &keys), text(&new, new_keys));
        let (before, after) = (access(&old), access(&new));
        let world = world();
        for (before, after) in [(&before, &after), (&after, &before), (&before, &before)] {
            let sides = Sides { old: before, new: after, world: &world };
            let outcome = gains(sides, &mut Budget::default());
            prop_assert!(!std::ptr::eq(before, after) || outcome.is_proved_empty(), "{} {:?}", old, outcome);
            for call in calls.iter().filter(|_| outcome.is_proved_empty()) {
                prop_assert!(sides.confirm(call.clone(), None).is_err(), "{} {} {:?}", old, new, call);
            }
        }
    }
}
