//! `bylaws init`: every repository that it starts is in line, what was there is kept, and twice is once.

#![cfg(unix)]

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Stdio;

use bylaws::bootstrap::profile;
use nix::sys::termios::{LocalFlags, SetArg, tcgetattr, tcsetattr};
use serde_json::Value;

use crate::place::{Place, snapshot};

const INIT: [&str; 3] = ["init", "--policy", "builtin:baseline"];
const WORKFLOW: &str = "repo/.github/workflows/bylaws.yml";
const SETTINGS: &str = "repo/.claude/settings.json";

fn repository(files: &[(&str, &str)]) -> Place {
    let place = Place::new();
    place.write("repo/README.md", "x");
    place.git("repo", &["init", "--quiet"]);
    for (path, text) in files {
        place.write(&format!("repo/{path}"), text);
    }
    place
}

/// A policy beside the repository, of one layer.
fn policy(place: &Place, layer: &str) {
    place.write("policy/bylaws.json", r#"{"organization": "acme", "layers": [{"layer": "org.json"}]}"#);
    place.write("policy/org.json", layer);
}

fn allowed(place: &Place) -> Vec<String> {
    let settings: Value = serde_json::from_str(&place.read(SETTINGS)).unwrap();
    let rules = settings["permissions"]["allow"].as_array().cloned().unwrap_or_default();
    rules.iter().map(|rule| rule.as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_language_with_every_ci_is_in_line_and_twice_is_once() {
    for profile in profile::ALL {
        for ci in ["github", "gitlab", "none"] {
            let place = repository(&[]);
            let arguments =
                ["--profile", profile.name, "--ci", ci, "--owner", "@acme/platform", "--pre-commit"];
            let init = [&INIT[..], &arguments].concat();
            place.run("repo", &init).code(0).says("in line now");
            let once = snapshot(&place.path("repo"));
            place.run("repo", &["check", "--fail-on", "note"]).code(0).says("nothing found");
            place.run("repo", &init).code(0).says("nothing to change: in line");
            place.run("repo", &["init"]).code(0).says("nothing to change: in line");
            assert_eq!(snapshot(&place.path("repo")), once, "{} {ci}", profile.name);
            assert!(!allowed(&place).is_empty(), "{}", profile.name);
        }
    }
}

#[test]
fn what_is_allowed_runs_and_nothing_more_does() {
    let every: Vec<&str> = profile::ALL.iter().map(|profile| profile.name).collect();
    let tools = [&[][..], &["pnpm-lock.yaml", "uv.lock", "mvnw"], &["yarn.lock", "poetry.lock", "gradlew"]];
    for files in tools.into_iter().chain([&["bun.lock", "pom.xml"][..]]) {
        let files: Vec<(&str, &str)> = files.iter().map(|file| (*file, "")).collect();
        let place = repository(&files);
        place.run("repo", &[&INIT[..], &["--profile", &every.join(",")]].concat()).code(0);
        let rules = allowed(&place);
        let call = |command: &str| serde_json::json!({"tool": "Bash", "input": {"command": command}});
        let command = |rule: &String| rule.get(5..rule.len() - 1).unwrap().to_owned();
        let settings: Value = serde_json::from_str(&place.read(SETTINGS)).unwrap();
        let calls: Vec<_> = rules
            .iter()
            .map(command)
            .flat_map(|run| {
                [call(&run), call(&format!("{run} 2>&1 | tail -5")), call(&format!("{run} --x=y"))]
            })
            .collect();
        let case = serde_json::json!({"id": "x", "settings": {"project": settings}, "calls": calls});
        place.write("cases.jsonl", format!("{case}\n"));
        let ran = place.run("", &["decide", "--cases", "cases.jsonl"]).code(0);
        let decided: Value = serde_json::from_str(&ran.out).unwrap();
        let decided = decided["calls"].as_array().unwrap();
        assert_eq!(decided.len(), 3 * rules.len());
        for (rule, three) in rules.iter().zip(decided.chunks(3)) {
            let three: Vec<&str> = three.iter().map(|call| call["decision"].as_str().unwrap()).collect();
            assert_eq!(three, ["allow", "allow", "ask"], "{rule}");
        }
    }
}

#[test]
fn no_rule_is_written_that_the_policy_speaks_against() {
    let place = repository(&[("Cargo.toml", "")]);
    policy(
        &place,
        r#"{"title": "Acme",
            "enforce": {"permissions": {"ask": ["Bash(cargo fmt *)"], "deny": ["Bash(cargo check)"]}},
            "limit": {"allow": ["Bash(cargo *)"], "neverAllow": ["Bash(cargo build *)"],
                      "settings": {"properties": {"permissions": {"properties": {"allow": {"maxItems": 3}}}}}}}"#,
    );
    let init = ["init", "--policy", "../policy", "--ci", "none"];
    place
        .run("repo", &[&init[..], &["--dry-run"]].concat())
        .code(0)
        .says("# profile: `cargo test` is what a rust project runs");
    place
        .run("repo", &init)
        .code(0)
        .says("not allowed, since the policy speaks against it: `Bash(cargo build)`, `Bash(cargo check)`");
    assert_eq!(
        allowed(&place),
        ["Bash(cargo clippy)", "Bash(cargo clippy --all-targets)", "Bash(cargo test)"]
    );
    place.run("repo", &["check", "--fail-on", "note"]).code(0);
}

#[test]
fn what_a_language_runs_is_allowed_once_and_then_the_projects_own() {
    let place = repository(&[("go.mod", "")]);
    place.run("repo", &INIT).code(0);
    let without = place.read(SETTINGS).replace("\"Bash(go test ./...)\",\n", "");
    assert_ne!(without, place.read(SETTINGS));
    place.write(SETTINGS, &without);
    place.run("repo", &["check", "--fail-on", "note"]).code(0);
    place.run("repo", &["init"]).code(0).says("nothing to change");
    assert_eq!(place.read(SETTINGS), without);
    assert!(!place.read("repo/.claude/bylaws.lock").contains("Bash(go"));
    // Asked for by name it is.
    place.run("repo", &["init", "--profile", "go"]).code(0);
    assert!(allowed(&place).contains(&"Bash(go test ./...)".to_owned()));
}

#[test]
fn rules_that_a_wider_one_covers_are_not_added() {
    let settings = r#"{"permissions": {"allow": ["Bash(cargo *)"]}}"#;
    let place = repository(&[("Cargo.toml", ""), (".claude/settings.json", settings)]);
    place.run("repo", &INIT).code(0);
    assert_eq!(allowed(&place), ["Bash(cargo *)"]);
}

#[test]
fn settings_that_the_client_cannot_read_stay_as_they_are() {
    for text in ["{", "{\"permissions\": []}", "{\"permissions\": {\"allow\": \"x\"}}"] {
        let place = repository(&[("Cargo.toml", ""), (".claude/settings.json", text)]);
        place.run("repo", &INIT).code(1).says("left that no change mends");
        assert_eq!(place.read(SETTINGS), text);
    }
}

#[test]
fn files_that_are_there_are_kept_and_extended() {
    let place = repository(&[
        (".gitignore", "target\r\n*.log"),
        ("docs/CODEOWNERS", "* @acme/web\n/.claude/ @acme/agents\n"),
        (".github/workflows/bylaws.yml", "name: our own\n"),
        (".pre-commit-config.yaml", "repos: []\n"),
    ]);
    let arguments = ["--ci", "github", "--owner", "@acme/platform,ops@acme.dev", "--pre-commit"];
    place
        .run("repo", &[&INIT[..], &arguments].concat())
        .code(0)
        .says("`.pre-commit-config.yaml` is left as it is: add this to its `repos`")
        .says("      - id: bylaws-check");
    assert_eq!(place.read("repo/.gitignore"), "target\r\n*.log\r\n.claude/settings.local.json\r\n");
    assert_eq!(
        place.read("repo/docs/CODEOWNERS"),
        "* @acme/web\n/.claude/ @acme/agents\n.mcp.json @acme/platform ops@acme.dev\n\
         /.github/workflows/bylaws.yml @acme/platform ops@acme.dev\n"
    );
    assert_eq!(place.read(WORKFLOW), "name: our own\n");
    assert_eq!(place.read("repo/.pre-commit-config.yaml"), "repos: []\n");
}

#[test]
fn gitlab_files_that_are_there_are_kept_and_extended() {
    let place = repository(&[
        (".gitlab-ci.yml", "stages: [build]\n"),
        (".gitlab/CODEOWNERS", "* @all\n^[Docs]\ndocs/ @writers"),
        (".claude/.gitignore", "settings.local.json\n"),
    ]);
    place
        .run("repo", &[&INIT[..], &["--owner", "@platform"]].concat())
        .code(0)
        .says("`.gitlab-ci.yml` is left as it is: add `- local: .gitlab/bylaws.yml` to its `include`");
    assert_eq!(place.read("repo/.gitlab-ci.yml"), "stages: [build]\n");
    assert_eq!(
        place.read("repo/.gitlab/CODEOWNERS"),
        "* @all\n^[Docs]\ndocs/ @writers\n\n[Agent settings]\n.claude/ @platform\n.mcp.json @platform\n\
         /.gitlab/bylaws.yml @platform\n"
    );
    assert!(!place.path("repo/.gitignore").exists());
    let once = snapshot(&place.path("repo"));
    place.run("repo", &[&INIT[..], &["--owner", "@platform"]].concat()).code(0);
    assert_eq!(snapshot(&place.path("repo")), once);
}

#[test]
fn lines_that_hide_what_is_written_from_git_are_told() {
    let place = repository(&[(".gitignore", "x\n.claude/\n")]);
    place
        .run("repo", &INIT)
        .code(0)
        .says("`.gitignore:2` keeps `.claude/settings.json` out of git")
        .says("`.gitignore:2` keeps `.claude/bylaws.lock` out of git");
    assert_eq!(place.read("repo/.gitignore"), "x\n.claude/\n");
}

#[test]
fn what_policy_owns_is_one_plan_with_what_is_around_it() {
    let place = repository(&[(".gitignore", "x\n")]);
    policy(
        &place,
        r#"{"title": "Acme", "files": [
            {"path": ".gitignore", "mode": "block", "text": "/secrets/"},
            {"path": "CODEOWNERS", "mode": "whole", "text": "* @acme/all\n"},
            {"path": ".pre-commit-config.yaml", "mode": "seed", "text": "repos: [] # bylaws-check\n"}]}"#,
    );
    let init =
        ["init", "--policy", "../policy", "--owner", "@acme/platform", "--pre-commit", "--profile", "go"];
    place
        .run("repo", &init)
        .code(0)
        .says("policy owns all of `CODEOWNERS`: have it put there `.claude/ @acme/platform`");
    assert_eq!(
        place.read("repo/.gitignore"),
        "x\n\n# begin bylaws acme\n/secrets/\n# end bylaws acme\n.claude/settings.local.json\n"
    );
    assert_eq!(place.read("repo/CODEOWNERS"), "* @acme/all\n");
    assert_eq!(place.read("repo/.pre-commit-config.yaml"), "repos: [] # bylaws-check\n");
    place.run("repo", &["check", "--fail-on", "note"]).code(0);
    let once = snapshot(&place.path("repo"));
    place.run("repo", &init).code(0);
    assert_eq!(snapshot(&place.path("repo")), once);
}

#[test]
fn templates_of_the_policy_go_before_those_of_the_program() {
    let place = repository(&[(".github/x", "")]);
    policy(&place, r#"{"title": "Acme"}"#);
    place.write("policy/templates/init/github.yml", "{{organization}} {{name}} \"{{policy}}\" ${{ x }}\n");
    place.commit("policy");
    let url = format!("file://{}", place.path("policy").display());
    place.run("repo", &["init", "--policy", &url, "--name", "acme/web"]).code(0).says("no check in CI");
    // Within the repository the policy is where CI is.
    fs::rename(place.path("policy"), place.path("repo/policy")).unwrap();
    place.run("repo", &["init", "--policy", "policy", "--name", "acme/web", "--ci", "github"]).code(0);
    assert_eq!(place.read(WORKFLOW), "acme acme/web \"policy\" ${{ x }}\n");
}

#[test]
fn ci_gets_only_a_policy_that_it_can_reach() {
    let place = repository(&[]);
    policy(&place, r#"{"title": "Acme"}"#);
    let before = snapshot(&place.path("repo"));
    place
        .run("repo", &["init", "--policy", "../policy", "--ci", "github"])
        .code(2)
        .says("CI cannot use the policy `../policy`: it lies on this machine, outside the repository");
    assert_eq!(snapshot(&place.path("repo")), before);
}

/// A file, read as YAML.
fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap()
}

fn texts(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|entry| entry.as_str().unwrap()).collect()
}

/// A name that shells, YAML and workflows could each misread.
const ODD: &str = "po'l: \"icy\" $HOME # é";

fn with_odd_policy(ci: &str) -> Place {
    let place = repository(&[]);
    place.write(
        &format!("repo/{ODD}/bylaws.json"),
        r#"{"organization": "acme", "layers": [{"layer": "builtin:baseline"}]}"#,
    );
    place.run("repo", &["init", "--policy", ODD, "--ci", ci, "--pre-commit"]).code(0);
    place
}

#[test]
fn the_workflow_is_what_github_takes() {
    let text = with_odd_policy("github").read(WORKFLOW);
    let workflow = yaml(&text);
    let job = &workflow["jobs"]["check"];
    assert_eq!(workflow["permissions"], serde_json::json!({"contents": "read"}));
    assert!(workflow["on"].as_object().unwrap().contains_key("pull_request"));
    assert_eq!(job["env"]["BYLAWS_POLICY"].as_str(), Some(ODD));
    assert_eq!(job["runs-on"].as_str(), Some("ubuntu-latest"));
    let steps = job["steps"].as_array().unwrap();
    for used in steps.iter().filter_map(|step| step["uses"].as_str()) {
        let (_, commit) = used.split_once('@').unwrap();
        assert!(commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()), "{used}");
    }
    assert_eq!(steps[0]["with"]["persist-credentials"].as_bool(), Some(false));
    let install = format!("cargo install bylaws --locked --version {}", env!("CARGO_PKG_VERSION"));
    let runs: Vec<&str> = steps.iter().filter_map(|step| step["run"].as_str()).collect();
    assert_eq!(runs, [install.as_str(), "bylaws check --format github"]);
}

#[test]
fn the_job_is_what_gitlab_takes() {
    let place = with_odd_policy("gitlab");
    let main = place.read("repo/.gitlab-ci.yml");
    assert_eq!(yaml(&main)["include"][0]["local"].as_str(), Some(".gitlab/bylaws.yml"));
    let text = place.read("repo/.gitlab/bylaws.yml");
    let job = &yaml(&text)["bylaws"];
    assert_eq!(job["variables"]["BYLAWS_POLICY"]["value"].as_str(), Some(ODD));
    assert_eq!(job["variables"]["BYLAWS_POLICY"]["expand"].as_bool(), Some(false));
    assert_eq!(job["image"].as_str(), Some("rust:1.95"));
    let install = format!("cargo install bylaws --locked --version {}", env!("CARGO_PKG_VERSION"));
    assert_eq!(texts(&job["before_script"]), [install]);
    let report = job["artifacts"]["reports"]["codequality"].as_str().unwrap();
    let checked = format!("bylaws check --format gitlab --fail-on never > {report}");
    assert_eq!(texts(&job["script"]), [checked.as_str(), "bylaws check"]);
}

#[test]
fn the_hook_is_what_pre_commit_takes() {
    let text = with_odd_policy("none").read("repo/.pre-commit-config.yaml");
    let repository = &yaml(&text)["repos"][0];
    assert_eq!(repository["repo"].as_str(), Some("local"));
    let hook = &repository["hooks"][0];
    assert_eq!(hook["id"].as_str(), Some("bylaws-check"));
    assert_eq!(hook["entry"].as_str(), Some("bylaws check"));
    let program = format!("cli:bylaws:{}", env!("CARGO_PKG_VERSION"));
    assert_eq!(texts(&hook["additional_dependencies"]), [program]);
}

/// CI calls the program as its files say, with the policy in the environment.
#[test]
fn the_check_of_ci_passes_where_init_was() {
    let place = with_odd_policy("github");
    let mut program = place.program("repo");
    let done = program.args(["check", "--format", "github"]).env("BYLAWS_POLICY", ODD).output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{done:?}");
}

#[test]
fn a_preview_is_a_patch_of_what_is_written() {
    let files = [("Cargo.toml", ""), (".gitignore", "target\r\n"), (".github/x", "")];
    let place = repository(&files);
    place.commit("repo");
    let before = snapshot(&place.path("repo"));
    let preview = [&INIT[..], &["--owner", "@acme/platform", "--dry-run"]].concat();
    let patch = place.run("repo", &preview).code(0).says("nothing was written").out;
    assert_eq!(snapshot(&place.path("repo")), before);
    place.write("x.patch", patch);
    place.git("repo", &["apply", "../x.patch"]);
    let patched = snapshot(&place.path("repo"));
    let written = [&INIT[..], &["--owner", "@acme/platform"]].concat();
    place.run("repo", &written).code(0).says("nothing to change: in line");
    assert_eq!(snapshot(&place.path("repo")), patched);
    assert!(place.path(WORKFLOW).exists());
}

#[test]
fn a_pipe_is_asked_nothing() {
    let place = repository(&[]);
    let before = snapshot(&place.path("repo"));
    place
        .run("repo", &["init"])
        .code(2)
        .says("no policy is named, and no lock pins one")
        .says("bylaws init --policy SOURCE");
    // Where nothing tells of CI, that is said.
    place
        .run("repo", &[&INIT[..], &["--dry-run"]].concat())
        .code(0)
        .says("no check in CI: neither the remote");
    place.run("repo", &[&INIT[..], &["--profile", "cobol"]].concat()).code(2).says("invalid value 'cobol'");
    place.run("repo", &[&INIT[..], &["--owner", "acme"]].concat()).code(2).says("`acme` is no owner");
    assert_eq!(snapshot(&place.path("repo")), before);
}

/// Where one file cannot be written, none is.
#[test]
fn what_is_in_the_way_stops_before_the_first_write() {
    let refused = |place: &Place, says: &str| {
        let before = snapshot(&place.path(""));
        place.run("repo", &[&INIT[..], &["--ci", "github"]].concat()).code(3).says(says);
        assert_eq!(snapshot(&place.path("")), before);
    };
    let place = repository(&[(".claude", "a file")]);
    refused(&place, "/.claude` is no folder");

    let place = repository(&[("elsewhere", "")]);
    fs::create_dir_all(place.path("outside")).unwrap();
    symlink("../outside", place.path("repo/.github")).unwrap();
    refused(&place, "leads out of the repository");

    let place = repository(&[(".gitignore", "x\n")]);
    fs::set_permissions(place.path("repo/.gitignore"), fs::Permissions::from_mode(0o444)).unwrap();
    refused(&place, "the file is read-only");

    let place = repository(&[]);
    fs::set_permissions(place.path("repo"), fs::Permissions::from_mode(0o555)).unwrap();
    refused(&place, "the folder is read-only");
    fs::set_permissions(place.path("repo"), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn what_is_no_text_file_is_left_alone_and_told() {
    let place = repository(&[]);
    place.write("outside", "* @evil\n");
    symlink("../outside", place.path("repo/CODEOWNERS")).unwrap();
    fs::create_dir_all(place.path("repo/.gitignore")).unwrap();
    place.write("repo/.pre-commit-config.yaml", b"\xff");
    place
        .run("repo", &[&INIT[..], &["--owner", "@acme/platform", "--pre-commit"]].concat())
        .code(0)
        .says("`CODEOWNERS` is left alone: it is a link that leads out of the repository")
        .says("`.gitignore` is left alone: it is a folder")
        .says("`.pre-commit-config.yaml` is left alone: it is not UTF-8");
    assert_eq!(place.read("outside"), "* @evil\n");
}

#[test]
fn every_project_of_a_repository_is_brought_in_line() {
    let place = repository(&[("services/api/.claude/settings.json", "{}"), ("go.mod", "")]);
    place.run("repo/services", &INIT).code(0).says("wrote services/api/.claude/settings.json");
    assert!(place.read("repo/.claude/settings.json").contains("Bash(go vet ./...)"));
    assert!(!place.read("repo/services/api/.claude/settings.json").contains("Bash(go vet ./...)"));
    place.run("repo", &["check", "--fail-on", "note"]).code(0);
}

#[test]
fn a_repository_that_nobody_listed_is_told() {
    let place = repository(&[]);
    place.write(
        "policy/bylaws.json",
        r#"{"organization": "acme", "inventory": "inventory.json", "layers": [
            {"layer": "org.json", "when": {"environment": "production"}}]}"#,
    );
    place.write("policy/org.json", r#"{"title": "Acme"}"#);
    place.write("policy/inventory.json", r#"{"repositories": [{"name": "acme/web"}]}"#);
    let init = |name| ["init", "--policy", "../policy", "--name", name];
    place.run("repo", &init("acme/new")).code(0).says("`acme/new` is not in the inventory of the policy");
    let ran = place.run("repo", &init("acme/web")).code(0);
    assert!(!ran.err.contains("inventory"), "{}", ran.err);
}

/// Runs the program on a terminal and types the lines.
fn on_a_terminal(place: &Place, arguments: &[&str], lines: &str) -> (Option<i32>, String) {
    let terminal = nix::pty::openpty(None, None).unwrap();
    // What is typed is not shown: it would stand in the middle of what the program says.
    let mut form = tcgetattr(&terminal.slave).unwrap();
    form.local_flags.remove(LocalFlags::ECHO);
    tcsetattr(&terminal.slave, SetArg::TCSANOW, &form).unwrap();
    let mut program = place.program("repo");
    program.args(arguments).env("TERM", "xterm");
    for stream in 0..3 {
        let slave = Stdio::from(terminal.slave.try_clone().unwrap());
        match stream {
            0 => program.stdin(slave),
            1 => program.stdout(slave),
            _ => program.stderr(slave),
        };
    }
    let mut running = program.spawn().unwrap();
    drop((terminal.slave, program));
    let mut master = File::from(terminal.master);
    master.write_all(lines.as_bytes()).unwrap();
    let mut said = Vec::new();
    let mut part = [0; 4096];
    // The end is an error where the last program has left the terminal.
    while let Ok(count @ 1..) = master.read(&mut part) {
        said.extend_from_slice(&part[..count]);
    }
    (running.wait().unwrap().code(), String::from_utf8(said).unwrap())
}

#[test]
fn a_terminal_is_asked_and_shown_what_would_be_written() {
    let place = repository(&[("Cargo.toml", "")]);
    let before = snapshot(&place.path("repo"));
    let (code, said) =
        on_a_terminal(&place, &["init"], "\n\nmars\ngithub\nacme\n@acme/platform\nmaybe\nyes\nno\n");
    assert_eq!(code, Some(3), "{said}");
    for part in [
        "Policy (`builtin:NAME`, a folder or a git URL) [builtin:baseline]",
        "Languages whose build and test commands are allowed [rust]",
        "Check in CI (github, gitlab, none) [none]",
        "`mars` is none of github, gitlab, none",
        "`acme` is no owner",
        "`maybe` is neither yes nor no",
        "+++ b/.claude/settings.json",
        "+      \"Bash(cargo test)\"",
        "+++ b/.github/workflows/bylaws.yml",
        "+++ b/.github/CODEOWNERS",
        "Write this? [yes]",
        "stopped; nothing was written",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
    assert_eq!(snapshot(&place.path("repo")), before);

    let (code, said) = on_a_terminal(&place, &["init"], "\nnone\ngithub\n@acme/platform\nyes\n\n");
    assert_eq!(code, Some(0), "{said}");
    assert!(allowed(&place).is_empty());
    let by_flags = repository(&[("Cargo.toml", "")]);
    let flags = ["--profile", "none", "--ci", "github", "--owner", "@acme/platform", "--pre-commit"];
    by_flags.run("repo", &[&INIT[..], &flags].concat()).code(0);
    for file in [SETTINGS, WORKFLOW, "repo/.github/CODEOWNERS", "repo/.pre-commit-config.yaml"] {
        assert_eq!(place.read(file), by_flags.read(file), "{file}");
    }
    // With `--yes`, or with nothing to write, there is nothing to ask.
    let (code, said) = on_a_terminal(&place, &["init", "--yes"], "");
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("nothing to change: in line") && !said.contains('?'), "{said}");
}

#[test]
fn a_terminal_that_ends_writes_nothing() {
    let place = repository(&[]);
    let before = snapshot(&place.path("repo"));
    let (code, said) = on_a_terminal(&place, &["init"], "\n\u{4}");
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("no answer came; nothing was written"), "{said}");
    assert_eq!(snapshot(&place.path("repo")), before);
}
