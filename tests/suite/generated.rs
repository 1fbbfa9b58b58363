//! Files that are made from the code are as the code makes them. `SNAPSHOTS=overwrite cargo test`
//! writes them anew.

use std::path::Path;

use bylaws::{check, cli, policy};

use crate::fixtures::{tree, write_tree};
use crate::place::Place;
use snapbox::{Data, assert_data_eq};

fn file(path: &str) -> Data {
    Data::read_from(&Path::new(env!("CARGO_MANIFEST_DIR")).join(path), None)
}

fn same(made: String, path: &str) {
    assert_data_eq!(made, file(path).raw());
}

#[test]
fn schemas() {
    for (name, _, schema) in cli::SCHEMAS {
        let text = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
        same(text, &format!("schema/{name}.json"));
    }
}

#[test]
fn command_line_reference() {
    let head = "# Command line\n\nThe help of every command, as the program prints it.\n\n";
    same(format!("{head}{}", cli::reference()), "docs/cli.md");
}

#[test]
fn list_of_checks() {
    let mut text = "# Checks\n\nWhat a finding weighs can be changed in the manifest of the policy, under `checks`, and with `--severity`.\n\n".to_owned();
    text.push_str("| check | weight | what it finds |\n| --- | --- | --- |\n");
    for check in check::ALL {
        text.push_str(&format!("| [{0}]({0}.md) | {1} | {2} |\n", check.name, check.severity, check.summary));
    }
    same(text, "docs/checks/README.md");
}

#[test]
fn table_of_contents() {
    let mut text =
        "# Summary\n\n- [Concepts](concepts.md)\n- [Starting a repository](starting.md)\n- [Command line](cli.md)\n- [In CI](ci.md)\n- [What a change grants](proof.md)\n- [What is proved about a policy](policy-proofs.md)\n- [Fleets](fleet.md)\n- [Rollouts](rollout.md)\n- [Managed settings](export.md)\n- [Signed policies](bundles.md)\n- [Hooks](hooks.md)\n- [Auditing a machine](audit.md)\n- [Evidence](evidence.md)\n- [Recorded sessions](replay.md)\n- [Checks](checks/README.md)\n"
            .to_owned();
    for check in check::ALL {
        text.push_str(&format!("  - [{0}](checks/{0}.md)\n", check.name));
    }
    text.push_str("- [Conformance](conformance.md)\n- [Architecture](architecture.md)\n- [Performance](performance.md)\n- [Decisions](decisions/README.md)\n");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/decisions");
    let mut decisions: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    decisions.sort();
    for name in decisions.iter().filter(|name| *name != "README.md") {
        let page =
            std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/decisions").join(name))
                .unwrap();
        let title = page.lines().next().unwrap().trim_start_matches("# ");
        text.push_str(&format!("  - [{title}](decisions/{name})\n"));
    }
    same(text, "docs/SUMMARY.md");
}

#[test]
fn every_built_in_policy_is_listed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "frameworks")
        .collect();
    names.sort();
    let listed: Vec<&str> = policy::builtin::ALL.iter().map(|policy| policy.name).collect();
    assert_eq!(names, listed);
}

/// The picture of the README: what `check` prints on a terminal, colours and all.
#[test]
fn picture_of_a_check() {
    let place = Place::new();
    let drift = tree(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd/drift.in"));
    write_tree(&place.path("web"), &drift);
    let mut program = place.program("web");
    program.env_remove("NO_COLOR");
    program.args([
        "check",
        "--policy",
        "policy",
        "--as-of",
        "2026-12-01",
        "--format",
        "text",
        "--color",
        "always",
    ]);
    let done = program.output().unwrap();
    let said = [b"$ bylaws check --policy policy\n".to_vec(), done.stdout, done.stderr].concat();
    let picture = Data::text(String::from_utf8(said).unwrap());
    assert_data_eq!(
        picture,
        Data::read_from(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/images/check.svg"),
            Some(snapbox::data::DataFormat::TermSvg)
        )
    );
}
