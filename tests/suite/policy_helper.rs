//! The program that a client asks for its settings: what it prints, for whom, and what it does when something is wrong.
//!
//! Without an `ssh-keygen` that signs these tests say that they were skipped.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use bylaws::path::RepoPath;
use bylaws::policy::{self, Day, Facts, Policy, PolicyFiles};
use serde_json::{Value, json};

use crate::bundles::{can_sign, key, signed, write_policy};
use crate::place::Place;

/// What the client would be given, and what stands on standard error.
fn ask(place: &Place, more: &[&str]) -> (Value, String) {
    let mut arguments =
        vec!["policy-helper", "--bundle", "p.bundle", "--signers", "signers", "--state", "state"];
    arguments.extend(more);
    let ran = place.run(".", &arguments).code(0);
    let envelope: Value = serde_json::from_str(&ran.out).unwrap();
    let members: Vec<&String> = envelope.as_object().unwrap().keys().collect();
    assert_eq!(members, ["managedSettings"], "never anything but an envelope");
    (envelope["managedSettings"]["permissions"]["deny"].clone(), ran.err)
}

#[test]
fn the_helper_prints_the_settings_of_its_group() {
    if !can_sign() {
        return;
    }
    let place = signed();
    assert_eq!(ask(&place, &[]).0, json!(["Bash(curl *)"]));
    for (text, expected) in [
        ("payments\n", json!(["Bash(curl *)", "Bash(psql *)"])),
        ("{\"group\": [\"x\", \"payments\"]}", json!(["Bash(curl *)", "Bash(psql *)"])),
        ("web", json!(["Bash(curl *)"])),
        ("{}", json!(["Bash(curl *)"])),
    ] {
        place.write("group", text);
        assert_eq!(ask(&place, &["--group-from", "file:group"]).0, expected, "{text}");
    }
    // Less may hold for a group that is not known.
    for (text, source) in [("{\"group\": 5}", "file:group"), (" \n", "file:group"), ("x", "file:nowhere")] {
        place.write("group", text);
        let (denied, said) = ask(&place, &["--group-from", source]);
        assert_eq!(denied, json!(["*"]), "{text}");
        assert!(said.contains("no tool runs"), "{said}");
    }
    place.git(".", &["init", "--quiet"]);
    place.git(".", &["remote", "add", "origin", "https://git.acme.dev/acme/shop.git"]);
    assert_eq!(ask(&place, &["--group-from", "repository"]).0, json!(["Bash(curl *)", "Bash(shop *)"]));
}

#[cfg(unix)]
#[test]
fn the_helper_knows_the_groups_of_the_system() {
    if !can_sign() || !std::path::Path::new("/usr/bin/id").exists() {
        return;
    }
    let place = signed();
    let group = Command::new("/usr/bin/id").arg("-gn").output().unwrap();
    let group = String::from_utf8(group.stdout).unwrap().trim().to_owned();
    let manifest = json!({"organization": "acme", "layers": [
        {"layer": "layers/payments.json", "when": {"os-group": group}},
        {"layer": "layers/shop.json", "when": {"os-group": "no such group"}},
    ]});
    place.write("policy/bylaws.json", manifest.to_string());
    place.run(".", &["policy", "bundle", "policy", "-o", "p.bundle", "--sign", "keys/a"]).code(0);
    // Whoever is asked does not stand in the `PATH` of the user.
    place.write("bin/id", "#!/bin/sh\necho 'no such group'\n");
    fs::set_permissions(place.path("bin/id"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let arguments =
        ["policy-helper", "--bundle", "p.bundle", "--signers", "signers", "--group-from", "os-group"];
    let done = place.program(".").env("PATH", place.path("bin")).args(arguments).output().unwrap();
    let envelope: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(envelope["managedSettings"]["permissions"]["deny"], json!(["Bash(psql *)"]));
}

/// Whatever goes wrong with the bundle: the last good one stands in for it, and with none of these no tool runs.
#[test]
fn the_helper_serves_the_last_good_bundle() {
    if !can_sign() {
        return;
    }
    type Fault = fn(&Place);
    let faults: [(&str, Fault, &str); 6] = [
        (
            "changed",
            |place| place.write("p.bundle", place.read("p.bundle").replace("curl", "curb")),
            "was changed",
        ),
        (
            "cut short",
            |place| place.write("p.bundle", place.read("p.bundle").get(..100).unwrap()),
            "was changed",
        ),
        ("gone", |place| fs::remove_file(place.path("p.bundle")).unwrap(), "cannot read"),
        ("without a signature", |place| fs::remove_file(place.path("p.bundle.sig")).unwrap(), "no signature"),
        (
            "a folder",
            |place| {
                fs::remove_file(place.path("p.bundle")).unwrap();
                fs::create_dir(place.path("p.bundle")).unwrap();
            },
            "it is no file",
        ),
        (
            "older",
            |place| {
                write_policy(place, "Bash(old *)");
                let arguments =
                    ["policy", "bundle", "policy", "-o", "p.bundle", "--sequence", "1", "--sign", "keys/a"];
                place.run(".", &arguments).code(0);
            },
            "it is an older one",
        ),
    ];
    for (name, spoil, part) in faults {
        let place = signed();
        assert_eq!(ask(&place, &[]).0, json!(["Bash(curl *)"]), "{name}");
        spoil(&place);
        let (denied, said) = ask(&place, &[]);
        assert_eq!(denied, json!(["Bash(curl *)"]), "{name}: {said}");
        assert!(said.contains(part) && said.contains("stands in for it, number 2"), "{name}: {said}");
        if name == "older" {
            continue;
        }
        // The copy is verified as well.
        let copy = place.read("state/p.bundle.last.json").replace("curl", "true");
        place.write("state/p.bundle.last.json", copy);
        let (denied, said) = ask(&place, &[]);
        assert_eq!(denied, json!(["*"]), "{name}: {said}");
        fs::remove_dir_all(place.path("state")).unwrap();
        let (denied, said) = ask(&place, &[]);
        assert_eq!(denied, json!(["*"]), "{name}: {said}");
        assert!(said.contains("there is no bundle that was good"), "{said}");
        let arguments =
            ["policy-helper", "--bundle", "p.bundle", "--signers", "signers", "--fallback", "no-start"];
        assert_eq!(place.run(".", &arguments).code(3).out, "");
    }
}

/// Nothing can be kept on a full disk, and the settings are printed all the same.
#[cfg(unix)]
#[test]
fn on_a_full_disk_the_settings_are_printed() {
    if !can_sign() {
        return;
    }
    let place = signed();
    let script = "trap '' XFSZ; ulimit -f 0; (\"$0\" policy-helper --bundle p.bundle --signers signers --state state 2>&1; \
                  echo \"ended with $?\") | cat";
    let mut command = Command::new("sh");
    command.current_dir(place.path(".")).arg("-c").arg(script).arg(env!("CARGO_BIN_EXE_bylaws"));
    let said = String::from_utf8(command.output().unwrap().stdout).unwrap();
    assert!(said.contains("Bash(curl *)") && said.contains("ended with 0"), "{said}");
    assert!(said.contains("nothing will stand in for it"), "{said}");
    let mut broken = place.program(".");
    broken.args(["policy-helper", "--bundle", "p.bundle", "--signers", "signers"]);
    let full = fs::OpenOptions::new().write(true).open("/dev/full");
    if let Ok(full) = full {
        assert_eq!(
            broken.stdout(full).status().unwrap().code(),
            Some(3),
            "what was not printed is no success"
        );
    }
}

/// What was seen lies where the user can write. It must not put an older bundle in the place of the one that lies there.
#[test]
fn what_was_seen_brings_no_older_bundle_back() {
    if !can_sign() {
        return;
    }
    let place = Place::new();
    let (one, two) = (key(&place, "one", "ed25519"), key(&place, "two", "ed25519"));
    place.write(
        "signers",
        format!("{one}\n{}\n", two.replacen("acme.dev ", "acme.dev valid-before=\"20900101Z\" ", 1)),
    );
    let make = |number: &str, rule: &str, key: &str| {
        write_policy(&place, rule);
        let arguments = ["policy", "bundle", "policy", "-o", "p.bundle", "--sequence", number, "--sign", key];
        place.run(".", &arguments).code(0);
    };
    make("1", "Bash(old *)", "keys/one");
    assert_eq!(ask(&place, &[]).0, json!(["Bash(old *)"]));
    let mut seen: Value = serde_json::from_str(&place.read("state/p.bundle.seen.json")).unwrap();
    make("2", "Bash(new *)", "keys/two");
    // A time at which the key of the newer one does not count any more.
    seen["second"] = 4_000_000_000_i64.into();
    place.write("state/p.bundle.seen.json", seen.to_string());
    let (denied, said) = ask(&place, &[]);
    assert_eq!(denied, json!(["*"]), "{said}");
    assert!(said.contains("allows it no longer") && said.contains("it is an older one"), "{said}");
    fs::remove_file(place.path("state/p.bundle.seen.json")).unwrap();
    assert_eq!(ask(&place, &[]).0, json!(["Bash(new *)"]));
}

/// A clock that goes back makes no bundle young: the latest day that was seen counts.
#[test]
fn a_clock_that_goes_back_makes_no_bundle_young() {
    if !can_sign() {
        return;
    }
    let place = signed();
    ask(&place, &["--max-age", "30"]);
    let seen: Value = serde_json::from_str(&place.read("state/p.bundle.seen.json")).unwrap();
    assert_eq!(seen["sequence"], 2);
    // As if the machine had been years ahead when it last looked: today is behind that.
    let mut ahead = seen;
    ahead["day"] = "2999-01-01".into();
    place.write("state/p.bundle.seen.json", ahead.to_string());
    let (denied, said) = ask(&place, &["--max-age", "30"]);
    assert_eq!(denied, json!(["*"]));
    assert!(said.contains("may be 30 days old"), "{said}");
    // Without a most age it is used, and the clock is told of.
    let (denied, said) = ask(&place, &[]);
    assert_eq!(denied, json!(["Bash(curl *)"]));
    assert!(said.contains("2999-01-01 has come already"), "{said}");
    // It is never forgotten.
    let seen: Value = serde_json::from_str(&place.read("state/p.bundle.seen.json")).unwrap();
    assert_eq!(seen["day"], "2999-01-01");
}

/// The environment belongs to those whom the settings bind.
#[test]
fn the_helper_takes_no_signers_from_the_environment() {
    if !can_sign() {
        return;
    }
    let place = signed();
    let own = key(&place, "mine", "ed25519");
    place.write("mine", own);
    let done = place
        .program(".")
        .env("BYLAWS_SIGNERS", place.path("mine"))
        .args(["policy-helper", "--bundle", "p.bundle"])
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(2), "the arguments lack the list");
    let done = place
        .program(".")
        .env("BYLAWS_SIGNERS", place.path("mine"))
        .args(["policy-helper", "--bundle", "p.bundle", "--signers", "signers"])
        .output()
        .unwrap();
    assert!(String::from_utf8(done.stdout).unwrap().contains("Bash(curl *)"));
}

#[test]
fn the_helper_reads_a_configuration() {
    if !can_sign() {
        return;
    }
    let place = signed();
    let path = |name: &str| place.path(name).to_string_lossy().into_owned();
    place.write("group", "payments");
    let configuration = json!({
        "bundle": path("p.bundle"), "signers": path("signers"), "state": path("state"),
        "groupFrom": [format!("file:{}", path("group"))], "maxAge": 30
    });
    place.write("helper.json", configuration.to_string());
    let ran = place.run(".", &["policy-helper", "--config", "helper.json"]).code(0);
    assert!(ran.out.contains("Bash(psql *)"), "{}", ran.out);
    for (key, value, part) in [
        ("bundle", json!("p.bundle"), "no absolute path"),
        ("groupFrom", json!(["nobody"]), "none of file:PATH"),
        ("surprise", json!(1), "no configuration"),
    ] {
        let mut wrong = configuration.clone();
        wrong[key] = value;
        place.write("helper.json", wrong.to_string());
        let ran = place.run(".", &["policy-helper", "--config", "helper.json"]).code(0);
        assert!(ran.out.contains("\"deny\":[\"*\"]") && ran.err.contains(part), "{part}: {}", ran.err);
    }
}

/// Under its own name the program needs no arguments, for the client gives none.
#[cfg(unix)]
#[test]
fn under_its_own_name_the_helper_needs_no_arguments() {
    let place = Place::new();
    let link = place.path("bylaws-policy-helper");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_bylaws"), &link).unwrap();
    let done = Command::new(&link).env_clear().output().unwrap();
    // No administrator has put a configuration where these tests run.
    assert_eq!(done.status.code(), Some(0));
    let envelope: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert!(envelope["managedSettings"].is_object());
}

/// Who has to be quick reads of a policy only what concerns him: it must come to the same as the whole.
#[test]
fn a_part_of_a_policy_comes_to_the_same_as_the_whole() {
    let layer = |rule: &str| json!({"title": rule, "enforce": {"permissions": {"deny": [rule]}}}).to_string();
    let manifest = json!({
        "organization": "acme",
        "inventory": "inventory.json",
        "layers": [
            {"layer": "builtin:baseline"},
            {"layer": "layers/data.json", "when": {"group": "data"}},
            {"layer": "layers/web.json", "when": {"team": ["web", "shop"]}},
            {"layer": "layers/both.json", "when": {"group": "data", "team": "web"}},
        ],
    });
    let inventory = json!({"repositories": [
        {"name": "acme/web", "team": "web"}, {"name": "acme/api", "team": "api"},
    ]});
    let waiver = json!({
        "repositories": ["acme/web"], "opens": {"rules": ["Bash(a)"]}, "reason": "r", "owner": "o",
        "approvedBy": "a", "expires": "2026-12-31",
    });
    let texts = [
        ("bylaws.json", manifest.to_string()),
        ("inventory.json", inventory.to_string()),
        ("layers/data.json", layer("Bash(a)")),
        ("layers/web.json", layer("Bash(b)")),
        ("layers/both.json", layer("Bash(c)")),
        ("waivers/a.json", waiver.to_string()),
        ("cases/a.json", json!({"cases": [{"title": "x", "call": "Bash(a)", "is": "ask"}]}).to_string()),
    ];
    let files = texts.into_iter().map(|(path, text)| (RepoPath::new(path).unwrap(), text)).collect();
    let files = PolicyFiles { source: "policy".into(), files };
    let (whole, findings) = policy::load(&files);
    let whole = whole.unwrap_or_else(|| panic!("{findings:#?}"));
    let mut seen = BTreeSet::new();
    for name in [None, Some("acme/web"), Some("acme/api"), Some("acme/unknown")] {
        for group in [None, Some("data"), Some("other")] {
            let mut facts = Facts::none();
            facts.set("name", name.map(str::to_owned));
            facts.set("group", group.map(str::to_owned));
            let resolved = |policy: &Policy| {
                let (baseline, findings) = policy.resolve(&policy.known_facts(&facts), today());
                (baseline.digest(), format!("{:?}", baseline.waivers), findings)
            };
            let (part, findings) = policy::load_for(&files, &facts);
            let part = part.unwrap_or_else(|| panic!("{findings:#?}"));
            assert_eq!(resolved(&part), resolved(&whole), "{name:?} {group:?}");
            seen.insert(resolved(&whole).0);
        }
    }
    assert_eq!(seen.len(), 4, "the facts make a difference");
}

fn today() -> Day {
    "2026-12-01".parse().unwrap()
}
