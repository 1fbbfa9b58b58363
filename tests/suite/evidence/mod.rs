//! Evidence: what each kind of requirement shows, and that nothing is met which was not seen.

mod printed;

use std::collections::BTreeSet;
use std::path::Path;

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
