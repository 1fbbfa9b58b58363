//! Proofs about policies: layers only tighten, waivers open what they name, invariants hold for every call.

use std::collections::BTreeMap;
use std::fmt::Write;

use bylaws::access::{self, Access, MapWorld, Setup, Silent, Verdict};
use bylaws::check;
use bylaws::client::Version;
use bylaws::json::Document;
use bylaws::path::RepoPath;
use bylaws::policy::{self, Day, DemandChange, Facts, Policy, PolicyFiles, Proven, changed_demands};
use bylaws::proof::Direction;
use bylaws::settings::{Scope, Settings};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::place::Place;

fn today() -> Day {
    "2026-12-01".parse().unwrap()
}

fn policy(files: &[(&str, Value)]) -> Policy {
    let files: BTreeMap<RepoPath, String> =
        files.iter().map(|(path, value)| (RepoPath::new(path).unwrap(), value.to_string())).collect();
    let (policy, findings) = policy::load(&PolicyFiles { source: "policy".into(), files });
    policy.unwrap_or_else(|| panic!("{findings:#?}"))
}

/// Two layers, the second for one team.
fn two_layers(first: Value, second: Value) -> Policy {
    let layers = json!([{"layer": "a.json"}, {"layer": "b.json", "when": {"team": "b"}}]);
    policy(&[
        ("bylaws.json", json!({"organization": "acme", "layers": layers})),
        ("a.json", first),
        ("b.json", second),
    ])
}

fn findings(policy: &Policy) -> String {
    let mut text = String::new();
    for finding in check::policy_findings(policy, today()) {
        writeln!(text, "{} {} {}", finding.severity, finding.check, finding.message).unwrap();
    }
    text
}

fn enforcing(permissions: Value) -> Value {
    json!({"title": "Layer", "enforce": {"permissions": permissions}})
}

#[test]
fn a_layer_that_lets_more_happen_is_shown_by_a_call() {
    let first = enforcing(json!({"deny": ["Bash(curl *)"], "allow": ["Bash(npm *)"]}));
    for (second, expected) in [
        (
            json!({"allow": ["Bash(make *)"]}),
            "by `Bash(make *)`, `Bash(make)` is allowed instead of asked for",
        ),
        (
            json!({"allow": ["Read(//etc/**)"]}),
            "by `Read(//etc/**)`, `Read(/etc)` is allowed instead of asked for",
        ),
        (
            json!({"defaultMode": "acceptEdits"}),
            "it sets `permissions.defaultMode` to `\"acceptEdits\"`, which they do not set; with all that it sets, \
             `Bash(mkdir a)` is allowed instead of asked for",
        ),
        (
            json!({"additionalDirectories": ["../b"]}),
            "it adds `\"../b\"` to `permissions.additionalDirectories`; with all that it sets, `Read(~/b)` \
             is allowed instead of asked for",
        ),
    ] {
        let found = findings(&two_layers(first.clone(), enforcing(second)));
        let expected = format!(
            "block loosening-layer layer `Layer` lets more happen than the layers before it: {expected}\n"
        );
        assert_eq!(found, expected);
    }
}

#[test]
fn what_only_tightens_or_was_permitted_is_fine() {
    let first = json!({
        "title": "First",
        "overridable": ["/permissions/defaultMode"],
        "enforce": {"permissions": {"deny": ["Bash(curl *)"], "allow": ["Bash(npm *)"], "defaultMode": "default"}},
    });
    for second in [
        enforcing(json!({"deny": ["Bash(npm publish *)", "Read(**/*.pem)"], "ask": ["Bash(npm install *)"]})),
        enforcing(json!({"allow": ["Bash(npm run *)", "Bash(curl -V)", "Read(src/**)"]})),
        enforcing(json!({"defaultMode": "acceptEdits"})),
        json!({"title": "Second", "enforce": {"env": {"A": "1"}, "hooks": {"PostToolUse": [
            {"matcher": "Bash", "hooks": [{"type": "command", "command": "true"}]}
        ]}}}),
        json!({"title": "Second", "recommend": {"permissions": {"allow": ["Bash(make *)"]}}}),
    ] {
        assert_eq!(findings(&two_layers(first.clone(), second)), "");
    }
    let bounded = json!({"title": "First", "limit": {"allow": ["Bash(make *)"]}});
    assert_eq!(findings(&two_layers(bounded, enforcing(json!({"allow": ["Bash(make test)"]})))), "");
}

#[test]
fn layers_that_never_hold_together_are_not_compared() {
    let layers = json!([
        {"layer": "a.json", "when": {"team": "a"}},
        {"layer": "b.json", "when": {"team": "b"}},
    ]);
    let mut files = vec![
        ("bylaws.json", json!({"organization": "acme", "layers": layers})),
        ("a.json", enforcing(json!({"deny": ["Bash(curl *)"]}))),
        ("b.json", enforcing(json!({"allow": ["Bash(make *)"]}))),
    ];
    assert_eq!(findings(&policy(&files)), "");
    files[0].1["inventory"] = json!("inventory.json");
    files.push(("inventory.json", json!({"repositories": [{"name": "acme/x", "team": ["a", "b"]}]})));
    assert!(findings(&policy(&files)).contains("`Bash(make)` is allowed instead of asked for"));
}

#[test]
fn what_is_not_followed_is_said_and_not_taken_for_fine() {
    let first = enforcing(json!({"deny": ["Read(a/**)"]}));
    let found = findings(&two_layers(first, enforcing(json!({"deny": ["Read(b/**)", "Read(!a/b)"]}))));
    assert!(found.contains("note loosening-layer whether layer `Layer` lets more happen"), "{found}");
    assert_eq!(found.matches("loosening-layer").count(), 1, "{found}");
}

fn waiving(opens: Value) -> Policy {
    let layers = json!([{"layer": "a.json"}]);
    let waiver = json!({
        "repositories": ["acme/x"], "opens": opens, "reason": "r", "owner": "o", "approvedBy": "a",
        "expires": "2027-03-01",
    });
    policy(&[
        ("bylaws.json", json!({"organization": "acme", "layers": layers, "inventory": "inventory.json"})),
        ("inventory.json", json!({"repositories": [{"name": "acme/x"}, {"name": "acme/y"}]})),
        (
            "a.json",
            json!({
                "title": "First",
                "enforce": {
                    "permissions": {"deny": ["Bash(curl *)", "Read(secret/**)"], "ask": ["Bash(git push *)"]},
                    "cleanupPeriodDays": 14,
                },
                "limit": {"neverAllow": ["Bash(nc *)"]},
            }),
        ),
        ("waivers/w.json", waiver),
    ])
}

#[test]
fn what_a_waiver_opens_is_there_to_be_opened() {
    for opens in [
        json!({"rules": ["Bash(curl *)"]}),
        json!({"rules": ["Bash(git push *)", "Read(secret/**)"]}),
        json!({"rules": ["Bash(nc -z *)"]}),
        json!({"pointers": ["/cleanupPeriodDays"]}),
        json!({"rules": ["Bash(curl:*)"]}),
    ] {
        assert_eq!(findings(&waiving(opens.clone())), "", "{opens}");
    }
    for (opens, expected) in [
        (
            json!({"rules": ["Bash(curl -V)"]}),
            "opens `Bash(curl -V)`, which is only a part of `Bash(curl *)` at policy/a.json:1:52: nothing is opened",
        ),
        (
            json!({"rules": ["Bash(wget *)"]}),
            "opens `Bash(wget *)`, and no layer asks for or limits anything within it",
        ),
        (
            json!({"pointers": ["/sandbox"]}),
            "opens `/sandbox`, and no layer asks for or limits anything within it",
        ),
        (json!({"servers": ["docs"]}), "opens `docs`, and no layer asks for or limits anything within it"),
    ] {
        assert_eq!(findings(&waiving(opens)), format!("note waiver-unused waiver `w` {expected}\n"));
    }
}

fn with_invariant(invariant: Value, inventory: Value) -> (Policy, Proven) {
    let layers = json!([{"layer": "a.json"}, {"layer": "b.json", "when": {"team": "b"}}]);
    let policy = policy(&[
        ("bylaws.json", json!({"organization": "acme", "layers": layers, "inventory": "inventory.json"})),
        ("a.json", enforcing(json!({"deny": ["Bash(curl *)", "Read(.env)"], "ask": ["Bash(git push *)"]}))),
        (
            "b.json",
            json!({"title": "B", "recommend": {"permissions": {"allow": ["Bash(git *)", "Bash(make *)"]}}}),
        ),
        ("inventory.json", json!({"repositories": inventory})),
        ("cases/all.json", json!({"invariants": [invariant]})),
    ]);
    let proven = policy.prove(&policy.invariants[0], today(), Version::NEWEST);
    (policy, proven)
}

#[test]
fn invariants_are_proved_or_broken_by_a_call() {
    let inventory =
        json!([{"name": "acme/x"}, {"name": "acme/y", "team": "b"}, {"name": "acme/z", "team": "b"}]);
    for invariant in [
        json!({"calls": ["Bash(curl *)"], "allow": ["Bash"], "are": "always-denied"}),
        json!({"calls": ["Bash(git push *)"], "allow": ["Bash"], "are": "never-allowed"}),
        json!({"calls": ["Bash(make *)"], "when": {"name": "acme/x"}, "are": "never-allowed"}),
        json!({"calls": ["Read(.env)", "Read(src/.env)"], "allow": ["Bash"], "are": "always-denied"}),
        json!({"calls": ["WebFetch(domain:x.dev)", "mcp__docs"], "are": "never-allowed"}),
    ] {
        let (_, proven) = with_invariant(invariant.clone(), inventory.clone());
        assert!(proven.breaches.is_empty(), "{invariant}: {:?}", proven.breaches);
    }
    let only_b = ["acme/y", "acme/z"].as_slice();
    let all = ["acme/x", "acme/y", "acme/z"].as_slice();
    for (invariant, what, rule, repositories) in [
        (
            json!({"calls": ["Bash(make *)"], "are": "never-allowed"}),
            "`Bash(make)` is allowed",
            Some("Bash(make *)"),
            only_b,
        ),
        (
            json!({"calls": ["Bash(git push *)"], "are": "always-denied"}),
            "`Bash(git push)` is asked for",
            Some("Bash(git push *)"),
            all,
        ),
        (json!({"calls": ["Read(secret)"], "are": "always-denied"}), "`Read(secret)` is allowed", None, all),
        (
            json!({"calls": ["Bash(wget *)"], "allow": ["Bash(wget *)"], "are": "never-allowed"}),
            "`Bash(wget)` is allowed",
            Some("Bash(wget *)"),
            all,
        ),
    ] {
        let (_, proven) = with_invariant(invariant.clone(), inventory.clone());
        let told: Vec<_> = proven
            .breaches
            .iter()
            .map(|breach| {
                let rule = breach.rule.as_ref().map(|(rule, _)| rule.as_str());
                (breach.is_shown, breach.what.as_str(), rule, breach.repositories.clone())
            })
            .collect();
        let repositories: Vec<String> = repositories.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(told, [(true, what, rule, repositories)], "{invariant}");
    }
    let elsewhere = json!({"calls": ["Bash"], "when": {"team": "none"}, "are": "never-allowed"});
    assert_eq!(with_invariant(elsewhere, inventory).1.repositories, 0);
}

#[test]
fn a_baseline_is_proved_once_for_thousands_of_repositories() {
    let inventory: Vec<Value> = (0..5000)
        .map(|number| json!({"name": format!("acme/{number}"), "team": (["a", "b"][number % 2])}))
        .collect();
    let invariant = json!({"calls": ["Bash(make *)"], "are": "never-allowed"});
    let (policy, proven) = with_invariant(invariant, Value::from(inventory));
    assert_eq!(policy.groups(policy.members()).len(), 2);
    assert_eq!(proven.repositories, 5000);
    assert_eq!(proven.breaches.iter().map(|breach| breach.repositories.len()).collect::<Vec<_>>(), [2500]);
}

#[test]
fn rules_that_are_none_are_faults_of_the_file() {
    for (invariant, expected) in [
        (json!({"calls": ["Bash(curl *"], "are": "never-allowed"}), "this is no rule: "),
        (json!({"calls": ["Bash"], "allow": ["*"], "are": "never-allowed"}), "this is no rule: "),
        (json!({"calls": [], "are": "never-allowed"}), "the invariant is about no call"),
        (
            json!({"calls": ["Bash"], "are": "sometimes"}),
            "`invariants.0.are` is none of `never-allowed`, `always-denied`",
        ),
    ] {
        let files = [
            ("bylaws.json", json!({"organization": "acme", "layers": []})),
            ("cases/a.json", json!({"invariants": [invariant]})),
        ];
        let files = files.map(|(path, value)| (RepoPath::new(path).unwrap(), value.to_string()));
        let (policy, findings) = policy::load(&PolicyFiles { source: "policy".into(), files: files.into() });
        assert!(policy.is_none());
        assert!(findings[0].message.starts_with(expected), "{findings:?}");
    }
}

fn write_policy(place: &Place, folder: &str, deny: &[&str], bound: &[&str]) {
    let manifest = json!({"organization": "acme", "layers": [{"layer": "a.json"}]});
    let layer = json!({
        "title": "First",
        "enforce": {"permissions": {"deny": deny}},
        "limit": {"neverAllow": bound},
    });
    place.write(&format!("{folder}/bylaws.json"), manifest.to_string());
    place.write(&format!("{folder}/a.json"), layer.to_string());
}

/// What is told of a change: the outcome, and of each group its repositories, demands and calls.
fn told(place: &Place, arguments: &[&str], code: i32) -> Value {
    let all = [&["policy", "diff", "--format", "json", "--as-of", "2026-12-01"], arguments].concat();
    let report: Value = serde_json::from_str(&place.run("repo", &all).code(code).out).unwrap();
    let shorts = |flows: &Value| -> Vec<Value> {
        flows.as_array().unwrap().iter().map(|flow| flow["short"].clone()).collect()
    };
    let groups = report["groups"].as_array().unwrap().iter().map(|group| {
        let demands = group["demands"].as_array().unwrap().iter().map(|demand| demand["direction"].clone());
        json!({
            "repositories": group["repositories"],
            "demands": demands.collect::<Vec<_>>(),
            "looser": shorts(&group["settings"]["looser"]),
            "stricter": shorts(&group["settings"]["stricter"]),
        })
    });
    json!({"outcome": report["outcome"], "groups": groups.collect::<Vec<_>>()})
}

#[test]
fn revisions_of_a_policy_are_compared_without_a_checkout() {
    let place = Place::new();
    write_policy(&place, "repo/policy", &["Bash(curl *)"], &["Bash(nc *)"]);
    place.commit("repo");
    write_policy(&place, "repo/policy", &["Bash(curl:*)"], &[]);
    place.commit("repo");
    let any = json!(["any other repository"]);
    let expected = json!({"outcome": "new-access", "groups": [
        {"repositories": any, "demands": ["looser"], "looser": [], "stricter": []},
    ]});
    assert_eq!(told(&place, &["HEAD~1:policy", "HEAD:policy"], 1), expected);
    assert_eq!(told(&place, &["HEAD~1:policy", "policy"], 1), expected);
    let mirrored = json!({"outcome": "no-new-access", "groups": [
        {"repositories": any, "demands": ["stricter"], "looser": [], "stricter": []},
    ]});
    assert_eq!(told(&place, &["policy", "HEAD~1:policy"], 0), mirrored);
    assert_eq!(told(&place, &["policy", "HEAD~1:policy", "--fail-on", "any"], 1), mirrored);
    let nothing = json!({"outcome": "no-new-access", "groups": []});
    assert_eq!(told(&place, &["policy", "HEAD:policy", "--fail-on", "any"], 0), nothing);
    let wrong = place.run("repo", &["policy", "diff", "HEAD:elsewhere", "policy"]).code(2);
    assert!(wrong.err.contains("there is no `elsewhere/bylaws.json` in `HEAD`"), "{}", wrong.err);
}

const RULES: &[&str] = &[
    "Bash",
    "Bash(npm *)",
    "Bash(npm run *)",
    "Bash(npm run test)",
    "Bash(git push:*)",
    "Bash(* --force)",
    "Bash(a && b)",
    "Read",
    "Read(.env)",
    "Read(src/**)",
    "Edit(src/**)",
    "Edit(//etc/**)",
    "WebFetch(domain:*.x.dev)",
    "WebFetch",
    "mcp__docs",
    "mcp__docs__search",
    "Agent(Plan)",
    "Skill(a:*)",
];

const CALLS: &[&str] = &[
    "Bash(npm run test)",
    "Bash(npm run x --force)",
    "Bash(git push origin main)",
    "Bash(a && b)",
    "Bash(sudo npm run test)",
    "Bash(cat .env)",
    "Bash(npm run test > src/a)",
    "Read(.env)",
    "Read(src/a)",
    "Edit(src/a)",
    "Edit(/etc/passwd)",
    "WebFetch(https://a.x.dev/)",
    "mcp__docs__search",
    "Agent(Plan)",
    "Skill(ab)",
];

fn lists() -> impl Strategy<Value = Value> {
    let list = || vec(select(RULES), 0..4);
    (list(), list(), list()).prop_map(|(deny, ask, allow)| json!({"deny": deny, "ask": ask, "allow": allow}))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_layer_of_deny_rules_only_tightens(first in lists(), deny in vec(select(RULES), 1..5)) {
        // Where every command is allowed, the client asks for `cd a && cat b &` only as long as no file is denied
        // (observed, 2.1.330).
        let names = |list: &Value, rule: &str| list.as_array().unwrap().iter().any(|one| one == rule);
        let reading = deny.iter().any(|rule| rule.starts_with("Read("));
        prop_assume!(!(reading && names(&first["allow"], "Bash")));
        let policy = two_layers(enforcing(first), enforcing(json!({"deny": deny})));
        prop_assert_eq!(policy.loosenings(today()), []);
    }

    #[test]
    fn a_policy_asks_what_it_asks_and_changes_are_mirrored(first in lists(), second in lists()) {
        let [one, other] = [first, second].map(|lists| {
            let layers = [("a.json", enforcing(lists))];
            policy(&[layers.as_slice(), &[(
                "bylaws.json", json!({"organization": "acme", "layers": [{"layer": "a.json"}]}),
            )]].concat()).resolve(&Facts::none(), today()).0
        });
        prop_assert_eq!(changed_demands(&one, &one), []);
        let directions = |changes: Vec<DemandChange>, mirrored: bool| {
            let turned = |change: DemandChange| match change.direction {
                Direction::Looser if mirrored => Direction::Stricter,
                Direction::Stricter if mirrored => Direction::Looser,
                direction => direction,
            };
            let mut directions: Vec<Direction> = changes.into_iter().map(turned).collect();
            directions.sort();
            directions
        };
        let (there, back) = (changed_demands(&one, &other), changed_demands(&other, &one));
        prop_assert_eq!(directions(there, false), directions(back, true));
    }

    #[test]
    fn what_waivers_open_stays_within_what_they_name(first in lists(), opened in vec(select(RULES), 1..4)) {
        let policy = policy(&[
            ("bylaws.json", json!({"organization": "acme", "layers": [{"layer": "a.json"}]})),
            ("a.json", enforcing(first)),
            ("waivers/w.json", json!({
                "repositories": ["acme/x"], "opens": {"rules": opened}, "reason": "r", "owner": "o",
                "approvedBy": "a", "expires": "2027-03-01",
            })),
        ]);
        prop_assert_eq!(policy.excess(&policy.waivers[0], today()), None);
    }

    #[test]
    fn proved_invariants_hold_for_single_calls(first in lists(), rule in select(RULES)) {
        let settings = json!({"permissions": first}).to_string();
        for (are, worst) in [("never-allowed", Verdict::Ask), ("always-denied", Verdict::Deny)] {
            let invariant = json!({"calls": [rule], "are": are});
            let policy = policy(&[
                ("bylaws.json", json!({"organization": "acme", "layers": [{"layer": "a.json"}]})),
                ("a.json", enforcing(first.clone())),
                ("cases/all.json", json!({"invariants": [invariant]})),
            ]);
            let proven = policy.prove(&policy.invariants[0], today(), Version::NEWEST);
            if !proven.breaches.is_empty() {
                continue;
            }
            let place = access::Place::made_up();
            let world = MapWorld::bare(&place);
            let setup = |text: &str| Setup::made_up([Settings::read(Document::parse(text), Scope::Project)]);
            let access = Access::new(&setup(&settings), &world);
            let alone = Access::new(&setup(&json!({"permissions": {"deny": [rule]}}).to_string()), &world);
            for text in CALLS {
                let call = access::Call::parse(text, &place).unwrap();
                if alone.decide(&call, &world, &mut Silent).verdict == Verdict::Deny {
                    let verdict = access.decide(&call, &world, &mut Silent).verdict;
                    let holds = verdict == Verdict::Deny || verdict == worst;
                    prop_assert!(holds, "{} {} {} {:?}", settings, rule, text, verdict);
                }
            }
        }
    }
}
