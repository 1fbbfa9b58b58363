//! Fleets: what each kind of repository comes to, and that nothing stops the look at the others.

mod elsewhere;
mod inventory;
mod memory;
mod reports;

use std::io::Write;
use std::process::{Command, Stdio};

use crate::place::{Place, Ran};

const MANIFEST: &str = r#"{"organization": "acme", "layers": [{"layer": "layers/org.json"}]}"#;
const LAYER: &str = r#"{
  "title": "Acme",
  "enforce": {"permissions": {"deny": ["Read(.env)", "Read(*.pem)"]}},
  "limit": {"neverAllow": ["Bash(curl *)"]}
}"#;
const OLD_LAYER: &str = r#"{"title": "Acme", "enforce": {"permissions": {"deny": ["Read(.env)"]}}}"#;

/// A policy, and beside it the folder of the fleet.
fn place() -> (Place, String) {
    let place = Place::new();
    place.write("policy/bylaws.json", MANIFEST);
    place.write("policy/layers/org.json", LAYER);
    place.commit("policy");
    std::fs::create_dir(place.path("fleet")).unwrap();
    let url = format!("file://{}", place.path("policy").display());
    (place, url)
}

/// A work tree outside of the fleet that is in line, to be changed and brought into it.
fn in_line(place: &Place, url: &str, name: &str) -> String {
    let folder = format!("work/{name}");
    place.write(&format!("{folder}/README.md"), name);
    place.commit(&folder);
    place.run(&folder, &["apply", "--policy", url]).code(0);
    folder
}

/// Brings a work tree into the fleet as a bare repository.
fn bare(place: &Place, name: &str) {
    let folder = format!("work/{name}");
    place.commit(&folder);
    let target = format!("fleet/{name}.git");
    place.git("", &["clone", "--quiet", "--bare", &folder, &target]);
    place.git(&target, &["remote", "remove", "origin"]);
}

fn settings(place: &Place, name: &str, change: impl Fn(String) -> String) {
    let path = format!("work/{name}/.claude/settings.json");
    place.write(&path, change(place.read(&path)));
}

fn check(place: &Place, url: &str, more: &[&str]) -> Ran {
    let arguments = ["fleet", "check", "fleet", "--policy", url, "--as-of", "2026-12-01"];
    place.run("", &[&arguments, more].concat())
}

/// Name, state and first reason of each repository.
fn states(place: &Place, url: &str) -> Vec<(String, String, String)> {
    let ran = check(place, url, &["--format", "json", "--fail-on", "never"]).code(0);
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let repositories = report["repositories"].as_array().unwrap().iter();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    repositories
        .map(|it| (text(&it["name"]), text(&it["state"]), text(&it["reasons"][0]["message"])))
        .collect()
}

#[track_caller]
fn stands(place: &Place, url: &str, expected: &[(&str, &str, &str)]) {
    let found = states(place, url);
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for ((name, state, reason), wanted) in found.iter().zip(expected) {
        assert_eq!((name.as_str(), state.as_str()), (wanted.0, wanted.1), "{reason}");
        assert!(reason.contains(wanted.2), "{name}: {reason}");
    }
}

#[test]
fn each_repository_has_one_state() {
    let (place, url) = place();
    for name in ["behind", "edited", "faulty", "in-line", "stricter", "unreadable", "weaker", "wider"] {
        in_line(&place, &url, name);
    }
    place.write("work/none/README.md", "x");
    place.commit("work/none");
    place.write("policy/layers/org.json", OLD_LAYER);
    place.commit("policy");
    place.run("work/behind", &["apply", "--policy", &url]).code(0);
    place.write("policy/layers/org.json", LAYER);
    place.commit("policy");
    settings(&place, "edited", |text| text.replace("\"Read(.env)\",", ""));
    settings(&place, "faulty", |text| text.replacen('{', "{\"model\": 5,", 1));
    settings(&place, "stricter", |text| text.replace("\"deny\"", "\"ask\": [\"Bash(ls *)\"],\n    \"deny\""));
    settings(&place, "unreadable", |text| text.replacen('{', "{,", 1));
    settings(&place, "weaker", |text| {
        text.replace("\"deny\"", "\"allow\": [\"Bash(curl *)\"],\n    \"deny\"")
    });
    // What policy owns no longer, and what is missing beside it, is not an edit.
    settings(&place, "wider", |text| text.replace("\"Read(.env)\",", ""));
    let lock = place.read("work/wider/.claude/bylaws.lock");
    let kept: Vec<&str> = lock.lines().filter(|line| !line.contains("Read(.env)")).collect();
    place.write("work/wider/.claude/bylaws.lock", kept.join("\n").replace("},\n  ]", "}\n  ]"));
    for name in ["behind", "edited", "faulty", "in-line", "none", "stricter", "unreadable", "weaker", "wider"]
    {
        bare(&place, name);
    }
    stands(
        &place,
        &url,
        &[
            ("behind", "behind", "the lock pins"),
            ("edited", "edited", "`Read(.env)` was taken out of `permissions.deny`"),
            ("faulty", "faulty", "`model`"),
            ("in-line", "in-line", ""),
            ("none", "no-policy", "no policy is pinned here"),
            ("stricter", "stricter", "`Bash(ls *)` in `permissions.ask` is more than policy asks for"),
            ("unreadable", "unreadable", "this is not JSON"),
            ("weaker", "weaker", "`Bash(curl *)` is allowed"),
            ("wider", "weaker", "`Read(.env)` is missing from `permissions.deny`"),
        ],
    );
    check(&place, &url, &[]).code(1).says("7 of 9 repositories need attention");
}

#[test]
fn a_clone_says_the_same_as_its_bare_repository() {
    let (place, url) = place();
    in_line(&place, &url, "web");
    bare(&place, "web");
    place.git("", &["clone", "--quiet", "fleet/web.git", "fleet/clones/web"]);
    place.git("fleet/clones/web", &["remote", "remove", "origin"]);
    stands(&place, &url, &[("clones/web", "in-line", ""), ("web", "in-line", "")]);
    std::fs::remove_file(place.path("fleet/clones/web/.claude/settings.json")).unwrap();
    stands(&place, &url, &[("clones/web", "edited", "was taken out"), ("web", "in-line", "")]);
}

#[test]
fn a_waiver_that_is_needed_has_its_end() {
    let (place, url) = place();
    in_line(&place, &url, "web");
    settings(&place, "web", |text| text.replace("\"deny\"", "\"allow\": [\"Bash(curl *)\"],\n    \"deny\""));
    place.write(
        "policy/waivers/curl.json",
        r#"{"repositories": ["web"], "opens": {"rules": ["Bash(curl *)"]}, "reason": "r", "owner": "o", "approvedBy": "a", "expires": "2027-03-01"}"#,
    );
    place.commit("policy");
    bare(&place, "web");
    stands(&place, &url, &[("web", "waived", "waiver `curl` holds until 2027-03-01")]);
    let over = check(&place, &url, &["--as-of", "2027-03-02"]);
    assert!(over.code == Some(2), "the day is given once");
    let arguments = ["fleet", "check", "fleet", "--policy", &url, "--as-of", "2027-03-02"];
    place.run("", &arguments).code(1).says("`Bash(curl *)` is allowed");
}

#[test]
fn a_copy_of_the_policy_speaks_for_it() {
    let (place, url) = place();
    in_line(&place, &url, "web");
    bare(&place, "web");
    stands(&place, "policy", &[("web", "no-policy", "the lock names")]);
    let ran = place.run("", &["fleet", "check", "fleet", "--policy", "policy", "--pinned-as", &url]);
    ran.code(0).says("1  in line");
}

#[test]
fn nothing_that_is_wrong_with_one_repository_stops_the_others() {
    let (place, url) = place();
    in_line(&place, &url, "fine");
    for name in ["blobless", "headless", "no-branch", "packless", "sha"] {
        in_line(&place, &url, name);
        bare(&place, name);
    }
    bare(&place, "fine");
    let remove = |path: &str| {
        let path = place.path(path);
        if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) }.unwrap();
    };
    place.git("", &["init", "--quiet", "--bare", "fleet/empty.git"]);
    remove("fleet/headless.git/HEAD");
    place.write("fleet/no-branch.git/HEAD", "ref: refs/heads/gone\n");
    let blob = place.git("fleet/blobless.git", &["rev-parse", "HEAD:.claude/settings.json"]);
    place.git("fleet/packless.git", &["repack", "-adq"]);
    for entry in std::fs::read_dir(place.path("fleet/packless.git/objects/pack")).unwrap() {
        let path = entry.unwrap().path();
        let mut bytes = std::fs::read(&path).unwrap();
        let half = bytes.len() / 2;
        bytes.truncate(half);
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, bytes).unwrap();
    }
    let (folder, file) = blob.split_at(2);
    remove(&format!("fleet/blobless.git/objects/{folder}/{file}"));
    remove("fleet/sha.git");
    place.git("", &["init", "--quiet", "--bare", "--object-format=sha256", "fleet/sha.git"]);
    stands(
        &place,
        &url,
        &[
            ("blobless", "unreadable", "`.claude/settings.json` is not read"),
            ("empty", "unreadable", "has no commit yet"),
            ("fine", "in-line", ""),
            ("headless", "unreadable", "cannot open the repository"),
            ("no-branch", "unreadable", "has no commit yet"),
            ("packless", "unreadable", "cannot read"),
            ("sha", "unreadable", "cannot open the repository"),
        ],
    );
}

#[test]
fn trees_that_no_disk_could_hold_are_not_walked_to_their_end() {
    let (place, url) = place();
    place.git("", &["init", "--quiet", "--bare", "fleet/bomb.git"]);
    let blob = fed(&place, "fleet/bomb.git", &["hash-object", "-w", "--stdin"], "x");
    let mut tree = fed(&place, "fleet/bomb.git", &["mktree"], &format!("100644 blob {blob}\tx\n"));
    for _ in 0..20 {
        let lines: String = (0..10).map(|index| format!("040000 tree {tree}\tfolder-{index}\n")).collect();
        tree = fed(&place, "fleet/bomb.git", &["mktree"], &lines);
    }
    let commit = place.git("fleet/bomb.git", &["commit-tree", "-m", "x", &tree]);
    place.git("fleet/bomb.git", &["update-ref", "refs/heads/main", &commit]);
    // Trees within trees, deeper than a stack is high.
    place.git("", &["init", "--quiet", "--bare", "fleet/deep.git"]);
    let path = "folder/".repeat(5000);
    let commit = "commit refs/heads/main\ncommitter a <a@b> 1 +0000\ndata 0\n";
    fed(
        &place,
        "fleet/deep.git",
        &["fast-import", "--quiet"],
        &format!("{commit}M 644 inline {path}x\ndata 1\nx\n"),
    );
    stands(
        &place,
        &url,
        &[("bomb", "unreadable", "more files to look at than are read"), ("deep", "no-policy", "no policy")],
    );
}

/// `git` in a folder, with something to read.
fn fed(place: &Place, below: &str, arguments: &[&str], input: &str) -> String {
    let mut command = Command::new("git");
    command.args(arguments).current_dir(place.path(below)).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success(), "git {arguments:?}");
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}

/// Repositories that are the same in all that a walk notes are held apart by what the policy looks at beside it.
#[test]
fn repositories_that_are_nearly_alike_are_told_apart() {
    let (place, url) = place();
    place.write(
        "policy/layers/org.json",
        LAYER.replacen(
            '{',
            r#"{"files": [{"path": "docs/agents.md", "mode": "block", "text": "Ask before you deploy."}], "#,
            1,
        ),
    );
    place.commit("policy");
    for name in ["a", "b", "c", "d"] {
        in_line(&place, &url, name);
        place.write(&format!("work/{name}/README.md"), name);
    }
    place.write("work/b/docs/agents.md", place.read("work/a/docs/agents.md").replace("Ask", "Do not ask"));
    std::fs::remove_file(place.path("work/c/docs/agents.md")).unwrap();
    for name in ["a", "b", "c", "d"] {
        bare(&place, name);
    }
    let expected = [
        ("a", "in-line", ""),
        ("b", "edited", "docs/agents.md"),
        ("c", "behind", "docs/agents.md"),
        ("d", "in-line", ""),
    ];
    stands(&place, &url, &expected);
    let alone = check(&place, &url, &["--format", "csv", "--jobs", "1", "--no-cache"]).out;
    assert!(alone.contains("\nb,edited") && alone.contains("\nd,in-line"), "{alone}");
    // Work trees as well, and personal settings in one of them are of that one alone.
    let trees = |expected: [&str; 4]| {
        let arguments =
            ["fleet", "check", "work", "--policy", &url, "--as-of", "2026-12-01", "--format", "csv"];
        let told =
            place.run("", &[&arguments[..], &["--jobs", "1", "--fail-on", "never"]].concat()).code(0).out;
        for line in expected {
            assert!(told.contains(&format!("\n{line},")), "{line}: {told}");
        }
    };
    trees(["a,in-line", "b,edited", "c,behind", "d,in-line"]);
    place.write("work/d/.claude/settings.local.json", r#"{"permissions": {"defaultMode": "x"}}"#);
    std::fs::remove_file(place.path("work/a/.claude/settings.json")).unwrap();
    trees(["a,edited", "b,edited", "c,behind", "d,faulty"]);
}

/// A link is more than its id: what it leads to may differ.
#[cfg(unix)]
#[test]
fn repositories_with_links_are_like_no_other() {
    let (place, url) = place();
    for name in ["a", "b", "c"] {
        let folder = in_line(&place, &url, name);
        let link = place.path(&format!("{folder}/.claude/settings.json"));
        let settings = std::fs::read_to_string(&link).unwrap();
        let kept = if name == "b" { settings.replace("\"Read(.env)\"", "\"Read(x)\"") } else { settings };
        std::fs::remove_file(&link).unwrap();
        place.write(&format!("{folder}/shared.json"), kept);
        std::os::unix::fs::symlink("../shared.json", link).unwrap();
        bare(&place, name);
    }
    stands(&place, &url, &[("a", "in-line", ""), ("b", "edited", "`Read(.env)`"), ("c", "in-line", "")]);
    let ran = place
        .run("", &["fleet", "check", "work", "--policy", &url, "--as-of", "2026-12-01", "--format", "csv"]);
    let ran = ran.says("\na,in-line").says("\nb,edited");
    ran.says("\nc,in-line");
}
