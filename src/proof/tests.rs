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
    let mut setup = Setup::new(place());
    let text = format!("{{\"permissions\": {permissions}}}");
    setup.files.push(File {
        settings: Settings::read(Document::parse(text), Scope::Project),
        path: "/h/p/.claude/settings.json".into(),
        folder: "/h/p".into(),
    });
    Access::new(&setup, &world()).by_rules_alone()
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
        (r#"{"deny":["Agent(Plan)"]}"#, "{}", "Agent(Plan): deny -> allow"),
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
