//! Policies in git: fetched, pinned, upgraded, and used without a network.

use crate::place::Place;

const LAYER: &str = r#"{"title": "Acme", "enforce": {"permissions": {"deny": ["Read(.env)"]}}}"#;
const STRICTER: &str =
    r#"{"title": "Acme", "enforce": {"permissions": {"deny": ["Read(.env)", "Read(*.pem)"]}}}"#;
const MANIFEST: &str = r#"{"organization": "acme", "layers": [{"layer": "layers/org.json"}]}"#;

/// A policy and a repository that is in line with it.
fn in_line() -> (Place, String) {
    let place = Place::new();
    place.write("policy/bylaws.json", MANIFEST);
    place.write("policy/layers/org.json", LAYER);
    place.commit("policy");
    place.write("repo/README.md", "x");
    place.commit("repo");
    let url = format!("file://{}", place.path("policy").display());
    place.run("repo", &["apply", "--policy", &url]).code(0);
    (place, url)
}

#[test]
fn the_lock_pins_a_commit_until_it_is_moved() {
    let (place, url) = in_line();
    let first = place.git("policy", &["rev-parse", "HEAD"]);
    assert!(place.read("repo/.claude/bylaws.lock").contains(&first));
    place.write("policy/layers/org.json", STRICTER);
    let second = place.commit("policy");

    // Without a flag the pinned state holds; with one, what the policy says now.
    place.run("repo", &["check"]).code(0);
    place
        .run("repo", &["check", "--policy", &url])
        .code(1)
        .says("missing-rule: `Read(*.pem)` is missing")
        .says("warn policy-behind: the lock pins");
    place.run("repo", &["apply"]).code(0).says("nothing to change");
    place.run("repo", &["diff", "--upgrade"]).code(0).says("+      \"Read(*.pem)\"");
    place.run("repo", &["apply", "--upgrade"]).code(0);
    assert!(place.read("repo/.claude/bylaws.lock").contains(&second));
    assert!(place.read("repo/.claude/settings.json").contains("Read(*.pem)"));

    // A rule that leaves the policy leaves the project.
    place.write("policy/layers/org.json", LAYER);
    place.commit("policy");
    place.run("repo", &["apply", "--upgrade"]).code(0);
    assert!(!place.read("repo/.claude/settings.json").contains("Read(*.pem)"));
}

#[test]
fn the_lock_stays_where_the_policy_asks_for_nothing_new() {
    let (place, url) = in_line();
    let lock = place.read("repo/.claude/bylaws.lock");
    place.write("policy/README.md", "words");
    place.commit("policy");
    place.run("repo", &["check", "--policy", &url]).code(0).says("nothing found");
    place.run("repo", &["apply", "--upgrade"]).code(0);
    assert_eq!(place.read("repo/.claude/bylaws.lock"), lock);
}

#[test]
fn a_policy_that_was_fetched_is_there_without_a_network() {
    let (place, url) = in_line();
    std::fs::rename(place.path("policy"), place.path("gone")).unwrap();
    place.run("repo", &["check"]).code(0);
    place.run("repo", &["check", "--offline"]).code(0);
    place.run("repo", &["check", "--policy", &url]).code(0).says("this is the policy as it was last fetched");
    place.run("repo", &["check", "--policy", &url, "--offline"]).code(0).says("the network is not used");
    std::fs::remove_dir_all(place.path("cache")).unwrap();
    place.run("repo", &["check"]).code(3).says("cannot fetch");
    place.run("repo", &["check", "--offline"]).code(3).says("run it once without --offline");
}

#[test]
fn a_policy_whose_url_holds_a_password_is_refused_before_git_hears_of_it() {
    let (place, _) = in_line();
    for url in
        ["https://ghp_secret@git.acme.dev/policy.git", "https://x:ghp_secret@git.acme.dev/policy.git#main"]
    {
        for command in ["check", "apply"] {
            let ran = place.run("repo", &[command, "--policy", url]).code(2);
            assert!(!ran.out.contains("ghp_secret") && !ran.err.contains("ghp_secret"), "{}", ran.err);
            ran.says("`https://git.acme.dev/policy.git` is without").says("credential helper");
        }
    }
}

#[test]
fn branches_tags_and_commits_are_policies_of_their_own() {
    let (place, url) = in_line();
    place.git("policy", &["tag", "v1"]);
    place.write("policy/layers/org.json", STRICTER);
    let second = place.commit("policy");
    place.git("policy", &["branch", "next"]);
    for (revision, code) in [("v1", 0), ("main", 1), ("next", 1), (second.as_str(), 1)] {
        let named = format!("{url}#{revision}");
        let ran = place.run("repo", &["check", "--policy", &named, "--severity", "foreign-policy=off"]);
        ran.code(code);
    }
    place
        .run("repo", &["check", "--policy", &format!("{url}#nowhere")])
        .code(2)
        .says("there is no branch, tag or commit `nowhere`");
}

#[test]
fn a_lock_that_names_another_policy_is_found() {
    let (place, _) = in_line();
    place
        .run("repo", &["check", "--policy", "builtin:baseline"])
        .code(1)
        .says("block foreign-policy: the lock names `file://");
}

#[test]
fn a_rewritten_history_is_not_taken_for_the_pinned_one() {
    let (place, _) = in_line();
    place.write("policy/layers/org.json", STRICTER);
    place.git("policy", &["add", "--all"]);
    place.git("policy", &["commit", "--quiet", "--amend", "--message", "y"]);
    place.git("policy", &["reflog", "expire", "--expire=now", "--all"]);
    place.git("policy", &["gc", "--quiet", "--prune=now"]);
    std::fs::remove_dir_all(place.path("cache")).unwrap();
    place
        .run("repo", &["check"])
        .code(3)
        .says("which the lock pins")
        .says("the history of the policy was rewritten");
}

#[test]
fn the_main_branch_is_followed_when_it_changes_its_name() {
    let (place, url) = in_line();
    place.git("policy", &["checkout", "--quiet", "-b", "trunk"]);
    place.write("policy/layers/org.json", STRICTER);
    place.commit("policy");
    place.git("policy", &["branch", "--quiet", "-D", "main"]);
    place.run("repo", &["check", "--policy", &url]).code(1).says("Read(*.pem)");
}

#[test]
fn a_bare_repository_serves_as_a_policy_folder() {
    let (place, _) = in_line();
    place.git("", &["clone", "--quiet", "--bare", "policy", "policy.git"]);
    place.run("repo", &["check", "--policy", "../policy.git", "--severity", "foreign-policy=off"]).code(0);
}

#[test]
fn what_diff_prints_is_what_apply_writes() {
    let (place, url) = in_line();
    place.write("repo/.claude/settings.json", "{\r\n\t\"permissions\": {\r\n\t\t\"deny\": [\"Read(x)\"]\r\n\t},\r\n\t\"a\": 1,\r\n\t\"b\": 1,\r\n\t\"c\": 1,\r\n\t\"d\": 1,\r\n\t\"e\": 1,\r\n\t\"f\": 1,\r\n\t\"cleanupPeriodDays\": 1\r\n}");
    place.write(
        "policy/layers/org.json",
        r#"{"title": "Acme", "enforce": {"permissions": {"deny": ["Read(.env)"]}, "cleanupPeriodDays": 9}, "files": [{"path": "CLAUDE.md", "mode": "block", "text": "Be kind."}]}"#,
    );
    place.commit("policy");
    place.commit("repo");
    let diff = place.run("repo", &["diff", "--policy", &url]).code(0).out;
    place.write("change.patch", diff);
    place.git("", &["clone", "--quiet", "repo", "patched"]);
    place.git("patched", &["apply", "--whitespace=nowarn", "../change.patch"]);
    place.run("repo", &["apply", "--policy", &url]).code(0);
    for file in [".claude/settings.json", ".claude/bylaws.lock", "CLAUDE.md"] {
        assert_eq!(place.read(&format!("patched/{file}")), place.read(&format!("repo/{file}")), "{file}");
    }
}
