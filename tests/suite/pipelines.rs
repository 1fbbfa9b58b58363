//! The files for pipelines: read by a YAML reader that is not ours, their scripts run as a runner would.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use regex::Regex;
use serde_json::Value;

use crate::place::{Place, Ran};

const LAYER: &str = r#"{"title": "Acme", "enforce": {"permissions": {"deny": ["Read(.env)"]}}}"#;
const MANIFEST: &str = r#"{"organization": "acme", "layers": [{"layer": "layers/org.json"}]}"#;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// The documents of a YAML file. Templates are YAML before they are filled, too.
fn documents(path: &str) -> Vec<Value> {
    serde_saphyr::from_multiple(&text(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All YAML files of the project that somebody else's program reads.
fn yaml_files() -> Vec<String> {
    let mut found = vec!["action.yml".to_owned(), ".pre-commit-hooks.yaml".to_owned()];
    let mut folders = vec![root().join(".github"), root().join("templates")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "yml" || end == "yaml") {
                found.push(path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}

fn workflows() -> Vec<(String, Value)> {
    let files = yaml_files().into_iter();
    let parsed = files.map(|path| (documents(&path), path));
    parsed
        .filter(|(read, _)| read[0].get("jobs").is_some())
        .map(|(mut read, path)| (path, read.remove(0)))
        .collect()
}

#[test]
fn every_yaml_file_is_one() {
    let files = yaml_files();
    assert!(files.len() >= 6, "{files:?}");
    for path in &files {
        assert!(!documents(path).is_empty(), "{path}");
    }
}

/// A tag can be moved to other code, a commit cannot.
#[test]
fn actions_are_pinned_to_commits() {
    let pinned = Regex::new(r"^[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$").unwrap();
    let mut seen = 0;
    for path in yaml_files() {
        for line in text(&path).lines() {
            let line = line.trim_start();
            let Some(action) = line.strip_prefix("- ").unwrap_or(line).strip_prefix("uses: ") else {
                continue;
            };
            seen += 1;
            assert!(pinned.is_match(action), "{path}: {action}");
        }
    }
    assert!(seen >= 5);
}

#[test]
fn workflows_say_what_they_may_do() {
    let workflows = workflows();
    assert!(workflows.len() >= 3);
    for (path, workflow) in workflows {
        assert_eq!(workflow["permissions"], serde_json::json!({"contents": "read"}), "{path}");
        assert!(workflow.get("on").is_some(), "{path}");
        for (name, job) in workflow["jobs"].as_object().unwrap() {
            assert!(job["runs-on"].is_string(), "{path}: {name}");
            let steps = job["steps"].as_array().unwrap();
            assert!(!steps.is_empty());
            for step in steps {
                assert_ne!(step.get("uses").is_some(), step.get("run").is_some(), "{path}: {step}");
            }
        }
    }
}

fn scripts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                match (key.as_str(), value) {
                    ("run" | "script", Value::String(script)) => found.push(script.clone()),
                    ("script", Value::Array(lines)) => {
                        found.extend(lines.iter().map(|line| line.as_str().unwrap().to_owned()));
                    }
                    _ => scripts(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| scripts(item, found)),
        _ => {}
    }
}

/// What a runner puts into the text of a script is run as a part of it.
#[test]
fn no_script_is_put_together_from_inputs() {
    let mut found = Vec::new();
    for path in yaml_files() {
        documents(&path).iter().for_each(|document| scripts(document, &mut found));
    }
    assert!(found.len() >= 10, "{found:?}");
    for script in found {
        assert!(!script.contains("${{") && !script.contains("$[["), "{script}");
    }
}

/// A repository that lacks what its policy asks for.
fn behind() -> (Place, String) {
    let place = Place::new();
    place.write("policy/bylaws.json", MANIFEST);
    place.write("policy/layers/org.json", LAYER);
    place.commit("policy");
    place.write("repo/.claude/settings.json", "{}\n");
    place.commit("repo");
    let url = format!("file://{}", place.path("policy").display());
    (place, url)
}

/// Runs the step of the action that checks, with inputs.
fn run_action(place: &Place, inputs: &[(&str, &str)]) -> Ran {
    let action = documents("action.yml").remove(0);
    let steps = action["runs"]["steps"].as_array().unwrap();
    let step = steps.iter().find(|step| step["id"] == "check").unwrap();
    let program = place.program("repo");
    let mut bash = Command::new("bash");
    bash.args(["--noprofile", "--norc", "-c", step["run"].as_str().unwrap()]).current_dir(place.path("repo"));
    bash.env_clear().envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    bash.env("GITHUB_OUTPUT", place.path("output")).env("GITHUB_STEP_SUMMARY", place.path("summary"));
    bash.env("GITHUB_SERVER_URL", "https://github.com");
    for (variable, expression) in step["env"].as_object().unwrap() {
        let expression = expression.as_str().unwrap().trim_start_matches("${{ ").trim_end_matches(" }}");
        let value = match expression.strip_prefix("inputs.") {
            None => program.get_program().to_str().unwrap().to_owned(),
            Some(input) => {
                let given =
                    inputs.iter().find(|(name, _)| *name == input).map(|(_, value)| (*value).to_owned());
                let declared = &action["inputs"][input];
                assert!(declared.is_object(), "there is no input {input}");
                given.unwrap_or_else(|| declared["default"].as_str().unwrap_or_default().to_owned())
            }
        };
        bash.env(variable, value);
    }
    Ran::of(bash.output().unwrap())
}

/// Runs the step of the action that installs, with a `gh` that downloads an archive and verifies as told.
#[cfg(unix)]
fn run_installation(place: &Place, runner: (&str, &str), verifies: bool) -> Ran {
    use std::os::unix::fs::PermissionsExt;

    let gh = r#"#!/bin/sh
echo "gh $*" >> calls
case "$1" in
  release) name=${7%.tar.gz}; mkdir "$name"; echo program > "$name/bylaws"; tar -czf "$7" "$name" ;;
  attestation) exit CODE ;;
esac
"#;
    place.write("bin/gh", gh.replace("CODE", if verifies { "0" } else { "1" }));
    fs::set_permissions(place.path("bin/gh"), fs::Permissions::from_mode(0o755)).unwrap();
    place.write("action/Cargo.toml", text("Cargo.toml"));
    fs::create_dir_all(place.path("temporary")).unwrap();
    let action = documents("action.yml").remove(0);
    let mut bash = Command::new("bash");
    let script = action["runs"]["steps"][0]["run"].as_str().unwrap();
    bash.args(["--noprofile", "--norc", "-c", script]).current_dir(place.path("")).env_clear();
    let path = std::env::var("PATH").unwrap();
    bash.env("PATH", format!("{}:{path}", place.path("bin").display())).env("VERSION", "");
    bash.env("REPOSITORY", "acme/bylaws").env("RUNNER_TEMP", place.path("temporary"));
    bash.env("RUNNER_OS", runner.0).env("RUNNER_ARCH", runner.1).env("GITHUB_OUTPUT", place.path("output"));
    bash.env("GITHUB_ACTION_PATH", place.path("action"));
    Ran::of(bash.output().unwrap())
}

#[cfg(unix)]
#[test]
fn the_action_runs_only_what_is_attested() {
    let place = Place::new();
    run_installation(&place, ("Linux", "X64"), true).code(0);
    let output = place.read("output");
    let program = output.strip_prefix("program=").unwrap().trim_end();
    assert_eq!(fs::read_to_string(program).unwrap(), "program\n");
    let calls = fs::read_to_string(Path::new(program).with_file_name("calls")).unwrap();
    let archive = format!("bylaws-{}-x86_64-unknown-linux-musl.tar.gz", env!("CARGO_PKG_VERSION"));
    let release = format!("v{}", env!("CARGO_PKG_VERSION"));
    assert_eq!(
        calls,
        format!(
            "gh release download {release} --repo acme/bylaws --pattern {archive}\n\
             gh attestation verify {archive} --repo acme/bylaws\n"
        )
    );
    fs::remove_file(place.path("output")).unwrap();
    run_installation(&place, ("Linux", "X64"), false).code(1);
    run_installation(&place, ("Plan9", "X64"), true).code(3).says("there is no release of bylaws for Plan9");
    assert!(!place.path("output").exists());
}

/// What the action and `cargo binstall` look for is what a release has.
#[test]
fn archives_have_one_name() {
    let release = text(".github/workflows/release.yml");
    assert!(release.contains(r#"folder="bylaws-${GITHUB_REF_NAME#v}-$TARGET""#));
    let action = text("action.yml");
    let targets: Vec<&str> =
        action.lines().filter_map(|line| line.split_once(") target=")?.1.split(' ').next()).collect();
    assert_eq!(targets.len(), 5);
    for target in &targets {
        assert!(release.contains(&format!("target: {target} }}")), "{target}");
    }
    assert_eq!(release.matches("target: ").count(), targets.len());
    let manifest = text("Cargo.toml");
    assert!(manifest.contains("/v{ version }/{ name }-{ version }-{ target }.tar.gz"));
}

#[test]
fn the_action_annotates_summarizes_and_fails() {
    let (place, url) = behind();
    let ran = run_action(&place, &[("policy", &url)]).code(1);
    assert!(ran.out.starts_with("::error file=.claude/settings.json,line=1,"), "{}", ran.out);
    let summary = place.read("summary");
    assert!(summary.starts_with("### Agent policy: 1 block, 1 warn\n"), "{summary}");
    run_action(&place, &[("policy", &url), ("fail-on", "never"), ("token", "secret")]).code(0);
    run_action(&place, &[("policy", "builtin:nothing")]).code(2);
    run_action(&place, &[("policy", "file:///nowhere.git")]).code(3);
}

#[test]
fn the_action_writes_sarif() {
    let (place, url) = behind();
    run_action(
        &place,
        &[("policy", &url), ("format", "sarif"), ("sarif-file", "a b.sarif"), ("summary", "false")],
    )
    .code(1);
    assert_eq!(place.read("output"), "sarif-file=a b.sarif\n");
    assert!(place.read("repo/a b.sarif").contains("missing-rule"));
    assert!(!place.path("summary").exists());
}

#[test]
fn inputs_of_the_action_are_words_and_nothing_more() {
    let (place, url) = behind();
    let hostile = "$(touch pwned) `touch pwned`; touch pwned #'\"*";
    for input in ["policy", "paths", "format", "fail-on", "args", "version", "token", "sarif-file", "summary"]
    {
        let mut inputs = vec![(input, hostile)];
        if input != "policy" {
            inputs.push(("policy", &url));
        }
        run_action(&place, &inputs);
        assert!(!place.path("repo/pwned").exists(), "{input}");
    }
    run_action(&place, &[("policy", &url), ("paths", "no such folder")]).code(2).says("no such folder");
    run_action(&place, &[("policy", &url), ("args", "--severity\nmissing-rule=note")]).code(0);
}

/// Runs the step of the template that compares, with a `gh` that keeps the comment.
#[cfg(unix)]
#[test]
fn a_change_that_grants_something_gets_a_comment_and_fails() {
    use std::os::unix::fs::PermissionsExt;

    let place = Place::new();
    place.write(
        "repo/.claude/settings.json",
        r#"{"permissions": {"deny": ["Bash(curl *)", "Bash(wget *)"]}}"#,
    );
    let base = place.commit("repo");
    place.write("repo/.claude/settings.json", r#"{"permissions": {"deny": ["Bash(curl *)"]}}"#);
    place.commit("repo");
    // There is a comment once one was made.
    let gh = r#"#!/bin/sh
echo "$*" >> "$RUNNER_TEMP/calls"
case "$*" in
  *--jq*) if [ -e "$RUNNER_TEMP/comment" ]; then echo 12; fi ;;
  *) touch "$RUNNER_TEMP/comment"; exit 1 ;;
esac
"#;
    place.write("bin/gh", gh);
    fs::set_permissions(place.path("bin/gh"), fs::Permissions::from_mode(0o755)).unwrap();
    let workflow = documents("templates/ci/compare.yml").remove(0);
    let steps = workflow["jobs"]["compare"]["steps"].as_array().unwrap();
    let step = steps.iter().find(|step| step["id"] == "compare").unwrap();
    let compare = |base: &str| {
        let program = place.program("repo");
        let mut bash = Command::new("bash");
        bash.args(["--noprofile", "--norc", "-c", step["run"].as_str().unwrap()]);
        bash.current_dir(place.path("repo")).env_clear();
        bash.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let path = std::env::var("PATH").unwrap();
        bash.env("PATH", format!("{}:{path}", place.path("bin").display()));
        bash.env("RUNNER_TEMP", place.path("")).env("GITHUB_STEP_SUMMARY", place.path("summary"));
        bash.env("PROGRAM", program.get_program()).env("PROJECT", step["env"]["PROJECT"].as_str().unwrap());
        bash.env("BASE", base).env("NUMBER", "7").env("GITHUB_REPOSITORY", "acme/web");
        Ran::of(bash.output().unwrap())
    };
    compare(&base).code(1);
    assert!(place.read("summary").contains("| `Bash(wget)` | deny | ask |"), "{}", place.read("summary"));
    assert!(place.read("calls").contains("\napi --silent repos/acme/web/issues/7/comments --field body=@"));
    compare("HEAD").code(0);
    assert!(place.read("summary").contains("no new access"));
    assert!(place.read("calls").contains("--method PATCH repos/acme/web/issues/comments/12 --field body=@"));
    fs::remove_file(place.path("calls")).unwrap();
    compare("0000000").code(2);
    assert!(!place.path("calls").exists());
}

#[test]
fn the_gitlab_job_reports_and_fails() {
    let (place, url) = behind();
    let read = documents("templates/ci/gitlab.yml");
    let [head, jobs] = read.as_slice() else { panic!("{read:?}") };
    let inputs = head["spec"]["inputs"].as_object().unwrap();
    let job = &jobs["agent-policy"];
    let lines: Vec<&str> =
        job["script"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    let program = place.program("repo");
    let mut shell = Command::new("sh");
    shell.args(["-e", "-c", &lines.join("\n")]).current_dir(place.path("repo"));
    shell.env_clear().envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let folder = Path::new(program.get_program()).parent().unwrap();
    shell.env("PATH", format!("{}:{}", folder.display(), std::env::var("PATH").unwrap()));
    for (variable, value) in job["variables"].as_object().unwrap() {
        let name = value.as_str().unwrap().trim_start_matches("$[[ inputs.").trim_end_matches(" ]]");
        let default = inputs[name]["default"].as_str();
        shell.env(variable, default.unwrap_or(&url));
    }
    let ran = Ran::of(shell.output().unwrap()).code(1);
    assert!(ran.out.contains("missing-rule"), "{}", ran.out);
    let report = job["artifacts"]["reports"]["codequality"].as_str().unwrap();
    let issues: Value = serde_json::from_str(&place.read(&format!("repo/{report}"))).unwrap();
    assert!(issues.as_array().unwrap().iter().any(|issue| issue["check_name"] == "missing-rule"), "{issues}");
}

#[test]
fn the_hook_of_pre_commit_looks_at_the_files_of_agents() {
    let hooks = documents(".pre-commit-hooks.yaml").remove(0);
    let hook = &hooks[0];
    assert_eq!(hook["id"], "bylaws-check");
    assert_eq!((&hook["language"], &hook["pass_filenames"]), (&"rust".into(), &false.into()));
    let files = Regex::new(hook["files"].as_str().unwrap()).unwrap();
    for path in [".claude/settings.json", "web/.claude/bylaws.lock", ".mcp.json", "web/CLAUDE.md"] {
        assert!(files.is_match(path), "{path}");
    }
    for path in ["src/main.rs", "claude/x", "x.mcp.json", "docs/CLAUDE.md.txt"] {
        assert!(!files.is_match(path), "{path}");
    }
    let entry: Vec<&str> = hook["entry"].as_str().unwrap().split(' ').collect();
    assert_eq!(entry, ["bylaws", "check"]);
}

/// What Renovate would write: the lock with `revision` where its preset finds the old one.
fn bump(lock: &str, revision: &str) -> String {
    let preset: Value = serde_json::from_str(&text("templates/ci/renovate.json")).unwrap();
    let manager = &preset["customManagers"][0];
    let files = manager["managerFilePatterns"][0].as_str().unwrap().trim_matches('/');
    assert!(Regex::new(files).unwrap().is_match("web/.claude/bylaws.lock"));
    let found = Regex::new(manager["matchStrings"][0].as_str().unwrap()).unwrap().captures(lock).unwrap();
    assert!(found["packageName"].starts_with("file://") && !found["packageName"].contains('#'));
    assert!(found.name("currentValue").is_none_or(|value| value.as_str() == "main"));
    lock.replace(&found["currentDigest"], revision)
}

#[test]
fn a_bot_moves_the_revision_and_apply_does_the_rest() {
    for branch in ["", "#main"] {
        let (place, url) = behind();
        place.run("repo", &["apply", "--policy", &format!("{url}{branch}")]).code(0);
        let stricter = LAYER.replace("]", ", \"Read(*.pem)\"]");
        place.write("policy/layers/org.json", stricter);
        let second = place.commit("policy");
        let bumped = bump(&place.read("repo/.claude/bylaws.lock"), &second);
        place.write("repo/.claude/bylaws.lock", &bumped);
        place
            .run("repo", &["check"])
            .code(1)
            .says("`Read(*.pem)` is missing")
            .says("asks for something else of this project than its lock says; `bylaws apply` writes");
        place.run("repo", &["apply"]).code(0);
        place.run("repo", &["check"]).code(0).says("nothing found");
        let lock = place.read("repo/.claude/bylaws.lock");
        assert!(lock.contains(&second) && lock != bumped, "{lock}");
    }
}

#[test]
fn a_bot_may_move_to_a_revision_that_asks_for_nothing_new() {
    let (place, url) = behind();
    place.run("repo", &["apply", "--policy", &url]).code(0);
    place.write("policy/README.md", "words");
    let second = place.commit("policy");
    let bumped = bump(&place.read("repo/.claude/bylaws.lock"), &second);
    place.write("repo/.claude/bylaws.lock", &bumped);
    place.run("repo", &["check"]).code(0).says("nothing found");
    place.run("repo", &["apply"]).code(0).says("nothing to change");
    assert_eq!(place.read("repo/.claude/bylaws.lock"), bumped);
}

#[test]
fn every_shell_gets_its_completions() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = place.run("", &["completions", shell]).code(0);
        for word in ["explain", "policy", "fail-on", "completions"] {
            assert!(ran.out.contains(word), "{shell}: {word}");
        }
    }
}

#[test]
fn every_command_gets_its_page() {
    let place = Place::new();
    place.run("", &["man", "share/man1"]).code(0);
    for page in ["bylaws", "bylaws-check", "bylaws-policy-test", "bylaws-man"] {
        let text = place.read(&format!("share/man1/{page}.1"));
        assert!(text.contains(&format!(".TH {page} 1")), "{text}");
    }
    place.run("", &["man", "share/man1"]).code(0);
    place.write("taken", "");
    place.run("", &["man", "taken/man1"]).code(3).says("cannot write");
}
