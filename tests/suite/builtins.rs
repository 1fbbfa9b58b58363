//! The policies that come with the program: each by itself, and those together that are meant to go together.

use std::collections::BTreeSet;

use bylaws::access::Verdict;
use bylaws::client::Version;
use bylaws::path::RepoPath;
use bylaws::policy::{self, Baseline, Case, Day, Facts, Limits, Outcome, Policy, PolicyFiles, builtin};
use bylaws::rule::{Cover, List, Rule};
use serde_json::{Value, json};

use crate::place::{Place, snapshot};

fn today() -> Day {
    "2026-12-01".parse().unwrap()
}

/// A policy of built-in layers, with the cases of all of them.
fn composition(names: &[&str]) -> PolicyFiles {
    let layers: Vec<Value> = names.iter().map(|name| json!({"layer": format!("builtin:{name}")})).collect();
    let manifest = json!({"organization": "acme", "layers": layers}).to_string();
    let mut files = vec![("bylaws.json".to_owned(), manifest)];
    for name in names {
        files.push((format!("cases/{name}.json"), builtin::find(name).unwrap().cases.to_owned()));
    }
    let files = files.into_iter().map(|(path, text)| (RepoPath::new(&path).unwrap(), text)).collect();
    PolicyFiles { source: "policy".into(), files }
}

fn load(files: &PolicyFiles) -> Policy {
    let (policy, findings) = policy::load(files);
    assert!(findings.is_empty(), "{findings:#?}");
    let policy = policy.unwrap();
    let findings = bylaws::check::policy_findings(&policy, today());
    assert!(findings.is_empty(), "{findings:#?}");
    policy
}

/// Those that go together, as an organisation would place them.
const TOGETHER: [&[&str]; 3] = [
    &[
        "baseline",
        "production",
        "residency-bedrock",
        "retention",
        "transparency",
        "audit-trail",
        "mcp-allow-list",
        "guard",
    ],
    &[
        "baseline",
        "staging",
        "residency-vertex",
        "retention",
        "transparency",
        "audit-trail",
        "mcp-allow-list",
    ],
    &["development", "retention", "transparency", "audit-trail", "audit-script", "guard"],
];

/// With `strict` the rest only gets stricter: ways around that pass elsewhere are stopped.
const STRICT: [&[&str]; 2] = [
    &[
        "strict",
        "production",
        "residency-bedrock",
        "retention",
        "transparency",
        "audit-trail",
        "mcp-allow-list",
    ],
    &["strict", "development", "residency-vertex", "audit-trail"],
];

#[test]
fn each_loads_and_its_cases_speak_of_all_its_rules() {
    for builtin in builtin::ALL {
        let policy = load(&PolicyFiles::builtin(builtin.name).unwrap());
        let mut spoken = BTreeSet::new();
        assert!(!policy.cases.is_empty(), "{} has no cases", builtin.name);
        for case in &policy.cases {
            let tried = policy.try_case(case, today(), Version::NEWEST);
            assert_eq!(tried.fault, None, "{}: {}", builtin.name, case.call());
            spoken.extend(tried.matched);
        }
        // What a layer extends is tried there.
        let layer = policy.layers[0].layers.last().unwrap();
        for list in List::ALL {
            let rules = layer.content.enforce.get("permissions").and_then(|at| at.get(list.key()));
            for rule in rules.and_then(Value::as_array).into_iter().flatten() {
                let rule = (list, rule.as_str().unwrap().to_owned());
                assert!(spoken.contains(&rule), "{}: no case speaks of {rule:?}", builtin.name);
            }
        }
    }
}

#[test]
fn those_that_go_together_keep_all_their_cases() {
    for names in TOGETHER {
        let policy = load(&composition(names));
        for case in &policy.cases {
            let fault = policy.try_case(case, today(), Version::NEWEST).fault;
            assert_eq!(fault, None, "{names:?}: {}", case.call());
        }
    }
}

#[test]
fn strict_beside_others_loosens_nothing() {
    fn expected(case: &Case) -> Verdict {
        match case.entry.is {
            Outcome::Allow => Verdict::Allow,
            Outcome::Ask => Verdict::Ask,
            Outcome::Deny => Verdict::Deny,
        }
    }
    for names in STRICT {
        let policy = load(&composition(names));
        let own = load(&composition(&["strict"])).cases.len();
        assert!(policy.cases.len() > own);
        for case in &policy.cases {
            let verdict = policy.try_case(case, today(), Version::NEWEST).verdict;
            // Files of the project are edited without a question in `development` only.
            let recommended = names.contains(&"development") && case.entry.way_around.is_none();
            let strict_enough = match expected(case) {
                Verdict::Ask if recommended => verdict != Verdict::Undecided,
                Verdict::Ask => matches!(verdict, Verdict::Ask | Verdict::Deny),
                Verdict::Deny => verdict == Verdict::Deny,
                _ => verdict != Verdict::Undecided,
            };
            assert!(strict_enough, "{names:?}: {} is {}", case.call(), verdict.name());
        }
    }
}

#[test]
fn applied_once_nothing_is_left_to_find_or_to_write() {
    let alone: Vec<Vec<&str>> = builtin::ALL.iter().map(|policy| vec![policy.name]).collect();
    let together = TOGETHER.iter().chain(&STRICT).map(|names| names.to_vec());
    for names in alone.into_iter().chain(together) {
        let place = Place::new();
        for (path, text) in composition(&names).files {
            place.write(&format!("policy/{path}"), text);
        }
        place.write("repo/README.md", "x\n");
        place.commit("repo");
        place.run("repo", &["apply", "--policy", "../policy"]).code(0);
        let after = snapshot(&place.path("repo/.claude"));
        let again = place.run("repo", &["check", "--policy", "../policy", "--fail-on", "note"]).code(0);
        assert_eq!(again.out, "", "{names:?}");
        place.run("repo", &["apply", "--policy", "../policy"]).code(0);
        assert_eq!(snapshot(&place.path("repo/.claude")), after, "{names:?}");
    }
}

#[test]
fn two_residencies_contradict_each_other() {
    let (policy, _) = policy::load(&composition(&["residency-bedrock", "residency-vertex"]));
    let findings = bylaws::check::policy_findings(&policy.unwrap(), today());
    assert!(findings.iter().any(|finding| finding.check == "loosening-layer"), "{findings:#?}");
}

/// From `development` over `staging` to `production` nothing that was held back comes free.
#[test]
fn tiers_tighten() {
    let baseline = |name: &str| load(&composition(&[name])).resolve(&Facts::none(), today()).0;
    let held = |baseline: &Baseline, lists: &[List]| -> Vec<Rule> {
        let rules = baseline.rules.iter().filter(|demand| lists.contains(&demand.what.list));
        rules.map(|demand| demand.what.rule.clone()).collect()
    };
    for (lax, tight) in [("development", "staging"), ("staging", "production")] {
        let [lax_baseline, baseline] = [lax, tight].map(baseline);
        for lists in [&[List::Deny][..], &[List::Deny, List::Ask]] {
            let covers = Cover::new(List::Deny, &held(&baseline, lists));
            let beyond = held(&lax_baseline, lists).into_iter().find(|rule| !covers.covers(rule));
            assert_eq!(beyond, None, "{lax} holds it back, {tight} does not");
        }
        let limits = Limits::new(&baseline, &[]);
        let free = lax_baseline.never.iter().find(|demand| limits.breach(&demand.what).is_none());
        assert!(free.is_none(), "{tight} may allow what {lax} may not: {free:?}");
    }
}

/// What is found in a repository with these settings under a built-in policy.
fn found(policy: &str, settings: &Value) -> String {
    let place = Place::new();
    place.write("repo/.claude/settings.json", settings.to_string());
    let policy = format!("builtin:{policy}");
    place.run("repo", &["check", "--policy", &policy, "--format", "plain"]).out
}

#[test]
fn limits_hold() {
    let env = |name: &str, value: &str| json!({"env": {name: value}});
    for (policy, settings, said) in [
        ("residency-bedrock", env("AWS_REGION", "us-east-1"), "`env.AWS_REGION` is none of"),
        ("residency-bedrock", json!({}), "`env` is missing"),
        ("residency-bedrock", env("ANTHROPIC_BASE_URL", "https://x.dev"), "forbidden-key"),
        (
            "residency-bedrock",
            env("ANTHROPIC_MODEL", "global.anthropic.claude-opus-5"),
            "`env.ANTHROPIC_MODEL`",
        ),
        ("residency-bedrock", json!({"model": "us.anthropic.claude-opus-5"}), "`model`"),
        ("residency-bedrock", json!({"model": "arn:aws:bedrock:us-east-1:1:inference-profile/x"}), "`model`"),
        ("residency-vertex", env("CLOUD_ML_REGION", "global"), "`env.CLOUD_ML_REGION` is none of"),
        (
            "residency-vertex",
            env("VERTEX_REGION_CLAUDE_5_5_OPUS", "us-east5"),
            "`env.VERTEX_REGION_CLAUDE_5_5_OPUS`",
        ),
        ("retention", json!({"cleanupPeriodDays": 90}), "`cleanupPeriodDays` is more than 30"),
        ("retention", json!({"desktopSessionCleanupPeriodDays": 0}), "is less than 1"),
        ("transparency", json!({"attribution": false}), "`attribution`"),
        ("transparency", json!({"attribution": {"commit": ""}}), "`attribution.commit`"),
        ("mcp-allow-list", json!({"allowedMcpServers": [{"serverName": "x"}]}), "`allowedMcpServers.0`"),
        (
            "mcp-allow-list",
            json!({"allowedMcpServers": [{"serverUrl": "https://*"}]}),
            "`allowedMcpServers.0`",
        ),
        (
            "mcp-allow-list",
            json!({"allowedMcpServers": [{"serverUrl": "http://a.dev/*"}]}),
            "`allowedMcpServers.0`",
        ),
        ("strict", json!({"permissions": {"allow": ["Bash"]}}), "`Bash` is allowed"),
        ("strict", json!({"permissions": {"allow": ["Bash(python3 *)"]}}), "`Bash(python3 *)` is allowed"),
        ("strict", json!({"permissions": {"additionalDirectories": ["/"]}}), "additionalDirectories"),
        ("strict", json!({"apiKeyHelper": "x"}), "`apiKeyHelper` is set"),
        ("audit-trail", json!({"disableAllHooks": true}), "disableAllHooks"),
        ("production", json!({"permissions": {"defaultMode": "acceptEdits"}}), "`permissions.defaultMode`"),
        ("production", json!({"permissions": {"allow": ["Bash(npx *)"]}}), "`Bash(npx *)` is allowed"),
        (
            "staging",
            json!({"permissions": {"allow": ["Bash(docker run *)"]}}),
            "`Bash(docker run *)` is allowed",
        ),
        ("development", json!({"permissions": {"allow": ["Bash"]}}), "`Bash` is allowed"),
    ] {
        let found = found(policy, &settings);
        assert!(found.contains(said), "{policy} {settings}: {found}");
    }
    for (policy, settings) in [
        ("residency-bedrock", json!({"model": "eu.anthropic.claude-opus-5"})),
        ("residency-bedrock", json!({"model": "opus"})),
        ("residency-bedrock", json!({"model": "arn:aws:bedrock:eu-west-1:1:inference-profile/x"})),
        ("mcp-allow-list", json!({"allowedMcpServers": [{"serverUrl": "https://*.acme.dev/*"}]})),
        ("mcp-allow-list", json!({"allowedMcpServers": [{"serverCommand": ["acme-mcp"]}]})),
        (
            "strict",
            json!({"permissions": {"allow": ["Bash(npm test)", "Bash(npm run lint *)", "Edit(src/**)"]}}),
        ),
        ("development", json!({"permissions": {"allow": ["Bash(npm *)", "Bash(python3 *)", "Bash(git *)"]}})),
    ] {
        let found = found(policy, &settings);
        let over = |line: &&str| {
            line.contains("exceeds-limit") || line.contains("`model`") || line.contains("Servers.")
        };
        let over: Vec<&str> = found.lines().filter(over).collect();
        assert!(over.is_empty(), "{policy} {settings}: {over:?}");
    }
}

#[test]
fn the_page_of_each_is_printed() {
    let place = Place::new();
    for builtin in builtin::ALL {
        let ran = place.run("", &["policy", "builtins", builtin.name]).code(0);
        assert_eq!(ran.out, builtin.readme);
        assert!(builtin.readme.starts_with(&format!("# {}\n", builtin.name)));
        // Where a page counts the cases, it counts all.
        let words: Vec<&str> = builtin.readme.split_whitespace().collect();
        let cases = builtin.cases.matches("\"call\"").count().to_string();
        for counted in words.windows(4).filter(|words| words[3] == "each" && words[2] == "calls,") {
            assert_eq!(counted[1], cases, "{}", builtin.name);
        }
    }
}

/// The layers that the pages show can be used as they stand.
#[test]
fn layers_of_the_pages_load() {
    let mut seen = 0;
    for builtin in builtin::ALL {
        let blocks =
            builtin.readme.split("```json\n").skip(1).map(|block| block.split("```").next().unwrap());
        for block in blocks.filter(|block| block.contains("\"extends\"")) {
            let manifest =
                json!({"organization": "acme", "layers": [{"layer": "layers/own.json"}]}).to_string();
            let files = [("bylaws.json", manifest), ("layers/own.json", block.to_owned())];
            let files = files.map(|(path, text)| (RepoPath::new(path).unwrap(), text)).into();
            load(&PolicyFiles { source: "policy".into(), files });
            seen += 1;
        }
    }
    assert_eq!(seen, 4);
}

/// The list of servers is extended by a layer of the organisation, as the page says.
#[test]
fn servers_are_added_to_the_allow_list() {
    let page = builtin::find("mcp-allow-list").unwrap().readme;
    let layer = page.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    let place = Place::new();
    place
        .write("policy/bylaws.json", r#"{"organization": "acme", "layers": [{"layer": "layers/org.json"}]}"#);
    place.write("policy/layers/org.json", layer);
    place.run("policy", &["policy", "check", ".", "--fail-on", "note"]).code(0);
    place.write("repo/README.md", "x\n");
    place.run("repo", &["apply", "--policy", "../policy"]).code(0);
    let settings: Value = serde_json::from_str(&place.read("repo/.claude/settings.json")).unwrap();
    assert_eq!(
        settings["allowedMcpServers"],
        json!([{"serverUrl": "https://mcp.acme.dev/*"}, {"serverCommand": ["npx", "-y", "@acme/mcp-docs@2.4.1"]}])
    );
    place.run("repo", &["check", "--fail-on", "note"]).code(0);
    let server = |url: &str| json!({"mcpServers": {"docs": {"type": "http", "url": url}}}).to_string();
    place.write("repo/.mcp.json", server("https://mcp.acme.dev/docs"));
    place.run("repo", &["check"]).code(0);
    place.write("repo/.mcp.json", server("https://mcp.evil.dev/docs"));
    place.run("repo", &["check"]).code(1).says("unapproved-mcp-server");
}
