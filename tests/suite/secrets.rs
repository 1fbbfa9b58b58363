//! No command shows a credential whole, whatever speaks of the line that it stands in.

use crate::place::Place;

const TOKEN: &str = "Zk2Rv9Wm4Xp8Tj3Hs6Fd5Gb1NcYLqa";

/// What no output may hold: a beginning would do.
const BEGINNING: &str = "Zk2Rv9Wm";

/// A repository with a credential in a rule that other checks have something to say about, beside one that is mended.
fn place() -> Place {
    let place = Place::new();
    let settings = format!(
        r#"{{
  "env": {{ "DEPLOY_TOKEN": "{TOKEN}" }},
  "permissions": {{
    "allow": ["bash(deploy --token {TOKEN})", "Bash(API_TOKEN={TOKEN} deploy *)"],
    "deny": ["Write(.env)"]
  }}
}}
"#
    );
    place.write("repo/.claude/settings.json", settings);
    let layer =
        r#"{"title": "T", "limit": {"allow": ["Bash(npm *)"]}, "enforce": {"env": {"DEPLOY_TOKEN": "x"}}}"#;
    place.write("policy/layer.json", layer);
    place.write("policy/bylaws.json", r#"{"organization": "acme", "layers": [{"layer": "layer.json"}]}"#);
    place
}

#[test]
fn no_report_shows_a_credential() {
    let place = place();
    for format in ["text", "plain", "json", "sarif", "junit", "github", "gitlab", "markdown"] {
        let ran = place.run("repo", &["check", "--policy", "../policy", "--format", format]);
        assert_eq!(ran.code, Some(1), "{format}: {ran:?}");
        assert!(ran.out.contains("plaintext-secret"), "{format}: {ran:?}");
        assert!(!ran.out.contains(BEGINNING), "{format}: {}", ran.out);
    }
}

#[test]
fn no_diff_shows_a_credential() {
    let place = place();
    let diff = place.run("repo", &["diff", "--policy", "../policy"]);
    assert!(diff.out.contains("+    \"deny\": [\"Edit(.env)\"]"), "{diff:?}");
    assert!(diff.out.contains("a credential in this file is not shown"), "{diff:?}");
    let patch = place.run("repo", &["diff", "--policy", "../policy", "--patch"]);
    assert!(patch.out.contains("patch"), "{patch:?}");
    for shown in [diff.out, patch.out] {
        assert!(!shown.contains(BEGINNING), "{shown}");
    }
}

#[test]
fn no_explanation_shows_a_credential() {
    let place = place();
    for more in [&[][..], &["--json"]] {
        let call = "Bash(API_TOKEN=x deploy)";
        let ran = place.run("repo", &[&["explain", call], more].concat());
        assert!(!ran.out.contains(BEGINNING), "{ran:?}");
    }
    let call = format!("Bash(API_TOKEN={TOKEN} deploy now)");
    let ran = place.run("repo", &["explain", "--json", &call]);
    let told: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(told["rule"]["rule"], "Bash(API_TOKEN=… deploy *)");
}
