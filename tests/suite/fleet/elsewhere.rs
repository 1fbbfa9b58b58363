//! Repositories at URLs.

use super::{bare, in_line, place, settings};
use crate::git_server::GitServer;
use crate::place::{Place, Ran};

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

/// Pipelines give credentials to git in its environment.
#[test]
fn what_git_is_told_in_its_environment_holds_for_repositories_elsewhere() {
    let (place, policy) = place();
    in_line(&place, &policy, "fine");
    bare(&place, "fine");
    place.write("list.txt", "https://git.acme.dev/fine.git");
    let mut program = place.program("");
    program.args(["fleet", "check", "list.txt", "--policy", &policy, "--as-of", "2026-12-01"]);
    let key = format!("url.file://{}/.insteadOf", place.path("fleet").display());
    program.env("GIT_CONFIG_COUNT", "1").env("GIT_CONFIG_KEY_0", key);
    program.env("GIT_CONFIG_VALUE_0", "https://git.acme.dev/");
    Ran::of(program.output().unwrap()).code(0).says("1  in line");
}
