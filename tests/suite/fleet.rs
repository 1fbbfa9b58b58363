//! Fleets: what each kind of repository comes to, and that nothing stops the look at the others.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::git_server::GitServer;
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
fn names_come_from_remotes_and_two_of_one_name_are_told_apart() {
    let (place, url) = place();
    in_line(&place, &url, "web");
    bare(&place, "web");
    place.git("", &["clone", "--quiet", "fleet/web.git", "fleet/again"]);
    for folder in ["fleet/web.git", "fleet/again"] {
        place.git(folder, &["config", "remote.origin.url", "git@github.com:acme/web.git"]);
    }
    let again = format!("acme/web at {}", place.path("fleet/web.git").display());
    stands(&place, &url, &[("acme/web", "in-line", ""), (&again, "in-line", "")]);
    check(&place, &url, &[]).code(0).says("`acme/web` is there more than once");
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

#[test]
fn a_list_names_folders_and_what_is_not_there_is_unreachable() {
    let (place, url) = place();
    in_line(&place, &url, "web");
    bare(&place, "web");
    place.write("list.txt", "# the fleet\nfleet/web.git\n\nfleet/gone.git\n");
    let ran = place.run("", &["fleet", "check", "list.txt", "--policy", &url]).code(1);
    ran.says("1  unreachable").says("1  in line").says("there is no `");
}

#[test]
fn an_inventory_gives_facts_and_those_that_are_archived_are_not_looked_at() {
    let (place, url) = place();
    place.write(
        "policy/layers/production.json",
        r#"{"title": "Production", "enforce": {"permissions": {"deny": ["Bash(kubectl *)"]}}}"#,
    );
    place.write(
        "policy/bylaws.json",
        r#"{"organization": "acme", "inventory": "inventory.json", "layers": [{"layer": "layers/org.json"}, {"layer": "layers/production.json", "when": {"environment": "production"}}]}"#,
    );
    place.write("policy/inventory.json", r#"{"repositories": []}"#);
    place.commit("policy");
    for name in ["api", "old", "web"] {
        in_line(&place, &url, name);
        bare(&place, name);
    }
    let source = |name: &str| place.path(&format!("fleet/{name}.git")).display().to_string();
    let inventory = format!(
        r#"{{"repositories": [
          {{"name": "api", "source": "{}", "environment": "production"}},
          {{"name": "old", "source": "{}", "archived": "true"}},
          {{"name": "nowhere"}},
          {{"name": "web", "source": "{}"}}]}}"#,
        source("api"),
        source("old"),
        source("web")
    );
    place.write("policy/inventory.json", inventory);
    place.commit("policy");
    let ran = place.run("", &["fleet", "check", "--policy", &url, "--format", "csv"]).code(1);
    for line in ["api,behind,", "nowhere,unreachable,", "old,archived,", "web,in-line,"] {
        assert!(ran.out.lines().any(|text| text.starts_with(line)), "{line}\n{}", ran.out);
    }
}

#[test]
fn jobs_do_not_change_what_is_said() {
    let (place, url) = place();
    for index in 0..12 {
        let name = format!("r{index}");
        in_line(&place, &url, &name);
        if index % 3 == 0 {
            settings(&place, &name, |text| text.replace("\"Read(.env)\",", ""));
        }
        bare(&place, &name);
    }
    for format in ["text", "json", "csv", "markdown", "openmetrics"] {
        let ran = |jobs| check(&place, &url, &["--format", format, "--jobs", jobs]).code(1).out;
        assert_eq!(ran("1"), ran("8"), "{format}");
    }
}

#[test]
fn the_policy_is_named_and_without_errors() {
    let (place, url) = place();
    place.run("", &["fleet", "check", "fleet"]).code(2).says("--policy");
    place.run("", &["fleet", "check", "--policy", &url]).code(2).says("the policy has no inventory");
    place.write("policy/layers/org.json", "{");
    place.commit("policy");
    check(&place, &url, &[]).code(2).says("has errors");
    assert!(Path::new(&place.path("fleet")).is_dir());
}

/// What a run with the memory of earlier ones says is what one without it says.
#[track_caller]
fn memory_changes_nothing(place: &Place, url: &str, day: &str) -> String {
    let run = |more: &[&str]| {
        let arguments = ["fleet", "check", "fleet", "--policy", url, "--as-of", day, "--format", "json"];
        place.run("", &[&arguments, more].concat()).out
    };
    let alone = run(&["--no-cache"]);
    assert_eq!(run(&[]), alone, "{day}: the first run");
    assert_eq!(run(&[]), alone, "{day}: the second run");
    alone
}

#[test]
fn what_is_remembered_changes_no_outcome() {
    let (place, url) = place();
    for name in ["broken", "edited", "fine"] {
        in_line(&place, &url, name);
    }
    settings(&place, "broken", |text| text.replacen('{', "{,", 1));
    settings(&place, "edited", |text| text.replace("\"Read(.env)\",", ""));
    for name in ["broken", "edited", "fine"] {
        bare(&place, name);
    }
    let first = memory_changes_nothing(&place, &url, "2026-12-01");

    // A repository moves.
    settings(&place, "fine", |text| text.replace("\"Read(.env)\",", ""));
    place.commit("work/fine");
    place.git("work/fine", &["push", "--quiet", "../../fleet/fine.git", "main"]);
    let moved = memory_changes_nothing(&place, &url, "2026-12-01");
    assert_ne!(moved, first);

    // The policy asks for more, from a day on.
    place.write(
        "policy/layers/org.json",
        LAYER.replacen('{', r#"{"level": "warn", "blockFrom": "2027-01-01", "#, 1).replace("*.pem", "*.key"),
    );
    place.commit("policy");
    let announced = memory_changes_nothing(&place, &url, "2026-12-31");
    assert_ne!(announced, moved);
    let blocking = memory_changes_nothing(&place, &url, "2027-01-01");
    assert_ne!(blocking.replace("2027-01-01", "2026-12-31"), announced);
}

#[test]
fn a_repository_that_did_not_change_is_not_opened() {
    let (place, url) = place();
    in_line(&place, &url, "web");
    bare(&place, "web");
    check(&place, &url, &[]).code(0);
    // Only the references are left; the objects are not needed.
    std::fs::remove_dir_all(place.path("fleet/web.git/objects")).unwrap();
    std::fs::create_dir(place.path("fleet/web.git/objects")).unwrap();
    check(&place, &url, &[]).code(0).says("1  in line");
    check(&place, &url, &["--no-cache"]).code(1).says("1  unreadable");
}

#[test]
fn a_memory_that_cannot_be_used_is_told_of_and_done_without() {
    let (place, url) = place();
    in_line(&place, &url, "web");
    bare(&place, "web");
    place.write("cache/fleet.sqlite", "this is no database, whatever its name says".repeat(100));
    check(&place, &url, &[]).code(0).says("1  in line").says("the memory of earlier runs cannot be used");
}

#[test]
fn parts_come_to_what_one_run_says() {
    let (place, url) = place();
    for index in 0..7 {
        let name = format!("r{index}");
        in_line(&place, &url, &name);
        if index % 3 == 0 {
            settings(&place, &name, |text| text.replace("\"Read(.env)\",", ""));
        }
        bare(&place, &name);
    }
    let whole = check(&place, &url, &["--format", "json"]).code(1).out;
    for part in ["1/3", "2/3", "3/3"] {
        let out =
            check(&place, &url, &["--format", "json", "--shard", part, "--fail-on", "never"]).code(0).out;
        assert!(out.len() < whole.len(), "{part}");
        place.write(&format!("part-{}.json", part.replace('/', "-")), out);
    }
    let parts = ["part-3-3.json", "part-1-3.json", "part-2-3.json"];
    let merge =
        |files: &[&str], format| place.run("", &[&["fleet", "merge", "--format", format], files].concat());
    assert_eq!(merge(&parts, "json").code(1).out, whole);
    for format in ["text", "csv", "markdown", "openmetrics"] {
        let one = check(&place, &url, &["--format", format]).out;
        assert_eq!(merge(&parts, format).code(1).out, one, "{format}");
    }
    merge(&parts[..2], "text").code(2).says("part 2/3 of the fleet is missing");
    merge(&["part-1-3.json", "part-1-3.json", "part-2-3.json", "part-3-3.json"], "text")
        .code(2)
        .says("these are not the 3 parts of one fleet");
    place.write("other.json", "{\"version\": 2}");
    merge(&["other.json"], "text").code(2).says("`other.json` is no report on a fleet");
}

#[test]
fn an_inventory_is_made_of_what_lies_in_a_folder() {
    let (place, url) = place();
    for name in ["api", "web"] {
        in_line(&place, &url, name);
        bare(&place, name);
    }
    place.git("fleet/web.git", &["config", "remote.origin.url", "https://token@git.acme.dev/acme/web.git"]);
    place.write("facts.csv", "name,team,topics\nacme/web,front,pci;go\nacme/gone,x,\n");
    let made = place.run("", &["fleet", "discover", "fleet", "--facts", "facts.csv"]).code(0);
    let found: serde_json::Value = serde_json::from_str(&made.out).unwrap();
    let api = place.path("fleet/api.git").display().to_string();
    let wanted = serde_json::json!({"repositories": [
        {"name": "acme/web", "source": "https://git.acme.dev/acme/web.git", "team": "front", "topics": ["pci", "go"]},
        {"name": "api", "source": api}]});
    assert_eq!(found, wanted);
    // The inventory so far keeps its facts, and is an inventory for a check.
    place.write("inventory.json", &made.out);
    let again = place.run("", &["fleet", "discover", "fleet", "--facts", "inventory.json"]).code(0);
    assert_eq!(again.out, made.out);
    let ran = place.run("", &["fleet", "check", "inventory.json", "--policy", &url, "--offline"]).code(1);
    ran.says("1  unreachable").says("1  in line");
}

/// What a fleet elsewhere comes to, first and second run, offline, and gone.
fn a_fleet_elsewhere(place: &Place, policy: &str, url: impl Fn(&str) -> String) {
    for name in ["edited", "fine"] {
        in_line(place, policy, name);
        place.write(&format!("work/{name}/large.bin"), "x".repeat(100_000));
        place.write(&format!("work/{name}/docs/owned.md"), "text");
    }
    settings(place, "edited", |text| text.replace("\"Read(.env)\",", ""));
    for name in ["edited", "fine"] {
        bare(place, name);
        place.git(&format!("fleet/{name}.git"), &["config", "uploadpack.allowFilter", "true"]);
    }
    place.git("", &["init", "--quiet", "--bare", "fleet/empty.git"]);
    let urls = ["edited", "empty", "fine", "gone"].map(|name| url(&format!("{name}.git")));
    place.write("list.txt", urls.join("\n"));
    let check = |more: &[&str]| {
        let arguments =
            ["fleet", "check", "list.txt", "--policy", policy, "--as-of", "2026-12-01", "--format", "csv"];
        place.run("", &[&arguments, more].concat()).code(1).out
    };
    let first = check(&[]);
    for (name, state) in
        [("edited", "edited"), ("empty", "unreadable"), ("fine", "in-line"), ("gone", "unreachable")]
    {
        let line = first.lines().find(|line| line.contains(&format!("{name}.git"))).unwrap();
        assert!(line.contains(&format!(",{state},")), "{line}");
    }
    assert_eq!(check(&[]), first);
    assert_eq!(check(&["--no-cache"]), first);
    // Nobody asked for what is no configuration.
    let copies = std::fs::read_dir(place.path("cache")).unwrap().map(|entry| entry.unwrap().path());
    let copies: Vec<_> = copies.filter(|path| path.join("refs/heads/tip").exists()).collect();
    assert_eq!(copies.len(), 2, "{copies:?}");
    for copy in copies {
        let copy = copy.strip_prefix(place.path("")).unwrap().to_str().unwrap().to_owned();
        let listed = place.git(&copy, &["rev-list", "--objects", "--missing=print", "HEAD"]);
        assert!(!listed.contains("large.bin"), "{listed}");
        assert!(!place.read(&format!("{copy}/config")).contains("url"), "the URL is not written down");
    }
    let offline = check(&["--offline", "--no-cache"]);
    assert!(offline.contains("fine,in-line,"), "{offline}");
    assert_eq!(offline.matches("the network is not used").count(), 2, "{offline}");
}

#[test]
fn repositories_elsewhere_are_read_without_their_other_files() {
    let (place, policy) = place();
    let folder = place.path("fleet").display().to_string();
    a_fleet_elsewhere(&place, &policy, |name| format!("file://{folder}/{name}"));
}

#[test]
fn repositories_over_http_are_read_without_their_other_files() {
    let (place, policy) = place();
    let server = GitServer::new(place.path("fleet"));
    a_fleet_elsewhere(&place, &policy, |name| server.url(name));
    // Without a change only references are asked for.
    server.take_requests();
    let arguments = ["fleet", "check", "list.txt", "--policy", &policy, "--as-of", "2026-12-01"];
    place.run("", &arguments).code(1);
    let requests = server.take_requests();
    let posts: Vec<_> = requests
        .iter()
        .filter(|request| request.contains("fine.git") && request.starts_with("POST"))
        .collect();
    assert!(posts.len() <= 1, "the references, and nothing else: {requests:?}");
}

#[test]
fn a_history_shows_how_a_fleet_moves() {
    let (place, url) = place();
    in_line(&place, &url, "web");
    bare(&place, "web");
    let run = |day: &str| {
        let history = ["--history", "history.sqlite", "--fail-on", "never"];
        let arguments = ["fleet", "check", "fleet", "--policy", &url, "--as-of", day];
        place.run("", &[&arguments[..], &history].concat()).code(0)
    };
    run("2026-12-01");
    settings(&place, "web", |text| text.replace("\"Read(.env)\",", ""));
    place.commit("work/web");
    place.git("work/web", &["push", "--quiet", "../../fleet/web.git", "main"]);
    run("2026-12-02");
    let status = place.run("", &["fleet", "status", "history.sqlite"]).code(0);
    let lines: Vec<&str> = status.out.lines().collect();
    assert_eq!(
        lines,
        [
            "day         all     edited  in line",
            "2026-12-01  1            0        1",
            "2026-12-02  1            1        0",
            "",
            "since the run before: 1 need attention newly or otherwise, 0 no more",
            "  web  in line → edited",
        ]
    );
    place.run("", &["fleet", "status", "gone.sqlite"]).code(2).says("there is no history");
    place.run("", &["fleet", "check", "fleet", "--policy", &url, "--shard", "1/2", "--history", "h"]).code(2);
}

#[test]
fn a_plan_tells_the_same_change_once() {
    let (place, url) = place();
    for name in ["a", "b", "c", "broken"] {
        in_line(&place, &url, name);
    }
    place.write("work/new/README.md", "x");
    // The same line is gone, at other lines of the file.
    for name in ["a", "b"] {
        settings(&place, name, |text| {
            text.replace("\"Read(*.pem)\",", "").replace("\"Read(*.pem)\"", "\"Read(x)\"")
        });
    }
    settings(&place, "b", |text| text.replacen('{', "{\n  \"model\": \"opus\",\n\n\n\n\n\n", 1));
    settings(&place, "broken", |_| "no JSON".to_owned());
    for name in ["a", "b", "c", "broken", "new"] {
        bare(&place, name);
    }
    std::fs::remove_dir_all(place.path("fleet/broken.git/refs")).unwrap();
    let before = crate::place::snapshot(&place.path("fleet"));
    let plan =
        |format| place.run("", &["fleet", "plan", "fleet", "--policy", &url, "--format", format]).code(0);
    let text = plan("text").says("3 of 5 repositories would change, in 2 ways; 1 not looked at").out;
    assert!(text.contains("2 repositories  a, b"), "{text}");
    assert!(text.contains("1 repository  new"), "{text}");
    assert!(text.contains("broken  unreadable"), "{text}");
    let json: serde_json::Value = serde_json::from_str(&plan("json").out).unwrap();
    assert_eq!(json["changes"][0]["repositories"], serde_json::json!(["a", "b"]));
    assert!(json["changes"][0]["diff"].as_str().unwrap().contains("+      \"Read(*.pem)\""));
    assert_eq!(crate::place::snapshot(&place.path("fleet")), before, "nothing is written");
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
}
