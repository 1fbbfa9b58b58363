//! The workflow that brings rollouts on, run step by step as a runner would.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::commands::Setting;
use super::loopback::repository::Repository;
use super::loopback::server::{Fault, Told};
use super::loopback::{Kind, Loopback};
use crate::place::Ran;

struct Pipeline {
    setting: Setting,
    loopback: Loopback,
    workflow: Value,
}

impl Pipeline {
    fn new() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/ci/rollout.yml");
        let setting = Setting::new();
        let rollout = json!({ "name": "october", "rings": [{ "name": "all" }], "maxOpen": 2 });
        setting.place.write("policy/rollouts/october.json", rollout.to_string());
        setting.place.commit("policy");
        let one = |number: usize| (format!("acme/r{number}"), Repository::new(&[("README.md", "x")]));
        Self {
            setting,
            loopback: Loopback::start(Kind::GitHub, (0..4).map(one)),
            workflow: serde_saphyr::from_str(&std::fs::read_to_string(path).unwrap()).unwrap(),
        }
    }

    /// The steps of one run on a fresh runner, each with what came of it; those behind one that failed are left out,
    /// but for those that always run.
    fn run(&self, number: usize, inputs: &[(&str, &str)]) -> Vec<(String, Ran)> {
        let place = &self.setting.place;
        let runner = format!("runner-{number}");
        place.write(&format!("{runner}/bin/gh"), "#!/bin/sh\n");
        place.git("", &["clone", "--quiet", &self.setting.policy, &format!("{runner}/checkout")]);
        let mut ran: Vec<(String, Ran)> = Vec::new();
        for step in self.workflow["jobs"]["rollout"]["steps"].as_array().unwrap() {
            let name = step["name"].as_str().unwrap_or_default();
            let Some(script) = step["run"].as_str().filter(|_| name != "Install Bylaws") else { continue };
            let has_failed = ran.iter().any(|(_, ran)| ran.code != Some(0));
            let has_log = ran.first().is_some_and(|(_, ran)| ran.code == Some(0));
            let is_skipped = match step["if"].as_str() {
                None => has_failed,
                Some("always() && steps.log.outcome == 'success'") => !has_log,
                Some(other) => panic!("{other}"),
            };
            if is_skipped {
                continue;
            }
            let mut bash = self.bash(script, &place.path(&runner));
            for values in [&self.workflow["env"], &step["env"]] {
                for (variable, value) in values.as_object().unwrap() {
                    bash.env(variable, self.fill(value.as_str().unwrap(), inputs));
                }
            }
            ran.push((name.to_owned(), Ran::of(bash.output().unwrap())));
        }
        ran
    }

    fn bash(&self, script: &str, runner: &Path) -> Command {
        let program = self.setting.place.program("");
        let mut bash = Command::new("bash");
        bash.args(["--noprofile", "--norc", "-c", script]).current_dir(runner.join("checkout")).env_clear();
        bash.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let bylaws = PathBuf::from(program.get_program());
        let gh = runner.join("bin/gh");
        #[cfg(unix)]
        std::fs::set_permissions(&gh, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let mut folders = vec![gh.parent().unwrap().to_owned(), bylaws.parent().unwrap().to_owned()];
        folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
        bash.env("PATH", std::env::join_paths(folders).unwrap());
        bash.env("RUNNER_TEMP", runner).env("GITHUB_RUN_ID", "7");
        bash.env("GITHUB_SERVER_URL", &self.loopback.server.base);
        bash
    }

    /// What an expression comes to.
    fn fill(&self, value: &str, inputs: &[(&str, &str)]) -> String {
        let input = |name: &str| inputs.iter().find(|(own, _)| *own == name).map_or("", |(_, value)| value);
        match value {
            "${{ github.server_url }}/${{ github.repository }}.git" => self.setting.policy.clone(),
            "${{ github.token }}" => "token-of-the-run".into(),
            "${{ steps.token.outputs.token }}" => "token-of-a-test".into(),
            "${{ inputs.command || 'advance' }}" => {
                Some(input("command")).filter(|command| !command.is_empty()).unwrap_or("advance").into()
            }
            "${{ inputs.reason }}" => input("reason").into(),
            plain => {
                assert!(!plain.contains("${{"), "{plain}");
                plain.into()
            }
        }
    }

    fn open(&self) -> usize {
        let open = |number: usize| {
            self.loopback.change(&format!("acme/r{number}"), |repository| {
                repository.pulls.iter().filter(|pull| pull.state == "OPEN").count()
            })
        };
        (0..4).map(open).sum()
    }

    fn log(&self) -> String {
        self.setting.place.git("policy", &["show", "rollout-log:october.log"])
    }
}

#[track_caller]
fn succeed(ran: Vec<(String, Ran)>) -> String {
    assert_eq!(ran.len(), 3);
    ran.into_iter().map(|(_, ran)| ran.code(0)).map(|ran| ran.out + &ran.err).collect()
}

#[cfg(unix)]
#[test]
fn the_workflow_of_rollouts_keeps_its_log_from_run_to_run() {
    let pipeline = Pipeline::new();
    succeed(pipeline.run(1, &[]));
    assert_eq!(pipeline.open(), 2);
    assert_eq!(pipeline.log().matches("\"did\":\"proposed\"").count(), 2);
    let hostile = "a freeze; $(touch pwned) `touch pwned` \"'";
    succeed(pipeline.run(2, &[("command", "pause"), ("reason", hostile)]));
    assert!(!pipeline.setting.place.path("runner-2/checkout/pwned").exists());
    pipeline.loopback.change("acme/r0", Repository::merge);
    let said = succeed(pipeline.run(3, &[]));
    assert!(said.contains(&format!("the rollout is paused: {hostile}")), "{said}");
    assert_eq!(pipeline.open(), 1);
    succeed(pipeline.run(4, &[("command", "resume")]));
    let said = succeed(pipeline.run(5, &[("command", "preview")]));
    assert!(said.contains("would open or renew 1 requests"), "{said}");
    // A run that fails in the middle keeps what it did.
    pipeline.loopback.server.fail(|_, asked| {
        let refused = Told::json(403, &json!({ "message": "Must be admin" }));
        asked.path.ends_with("/pulls").then_some(Fault::Instead(refused))
    });
    let ran = pipeline.run(6, &[]);
    let codes: Vec<Option<i32>> = ran.iter().map(|(_, ran)| ran.code).collect();
    assert_eq!(codes, [Some(0), Some(1), Some(0)]);
    assert!(pipeline.log().contains("Must be admin"));
    pipeline.loopback.server.fail(|_, _| None);
    succeed(pipeline.run(7, &[]));
    assert_eq!(pipeline.open(), 2);
}

#[cfg(unix)]
#[test]
fn the_workflow_of_rollouts_does_nothing_without_its_log() {
    let mut pipeline = Pipeline::new();
    // The log is asked for elsewhere than the checkout comes from.
    let step = &mut pipeline.workflow["jobs"]["rollout"]["steps"][1];
    assert_eq!(step["id"], "log");
    let script = step["run"].as_str().unwrap();
    let gone = script.replace("origin=$(git remote get-url origin)", "origin=file:///nowhere.git");
    assert_ne!(gone, script);
    step["run"] = gone.into();
    let ran = pipeline.run(1, &[]);
    assert_eq!(ran.len(), 1);
    assert_eq!(ran[0].1.code, Some(128), "{}", ran[0].1.err);
    assert!(pipeline.loopback.server.asked().is_empty());
}
