//! Bundles, their signatures, and the program that a client asks for its settings.
//!
//! `ssh-keygen` makes keys and signatures and is the judge of them in both directions; without it these tests say that
//! they were skipped.

use std::fs;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::place::{Place, Ran};

/// Whether `ssh-keygen` can sign here; says so where it cannot.
fn can_sign() -> bool {
    static CAN: OnceLock<bool> = OnceLock::new();
    *CAN.get_or_init(|| {
        let asked = Command::new("ssh-keygen").args(["-Y", "sign"]).stdin(Stdio::null()).output();
        let can = asked.is_ok_and(|asked| !String::from_utf8_lossy(&asked.stderr).contains("unknown option"));
        if !can {
            let _ = std::io::Write::write_all(
                &mut std::io::stderr(),
                b"skipped: `ssh-keygen` with `-Y sign` is not here, and signatures are not tested\n",
            );
        }
        can
    })
}

/// Makes a key and gives the line that allows it.
fn key(place: &Place, name: &str, kind: &str) -> String {
    fs::create_dir_all(place.path("keys")).unwrap();
    let path = place.path("keys").join(name);
    let done = Command::new("ssh-keygen")
        .args(["-q", "-t", kind, "-N", "", "-C", name, "-f"])
        .arg(&path)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    format!("{name}@acme.dev {}", fs::read_to_string(path.with_extension("pub")).unwrap().trim())
}

fn deny(rule: &str) -> Value {
    json!({"title": "Org", "enforce": {"permissions": {"deny": [rule]}}})
}

/// A policy that denies one thing to all, and one more to a team.
fn write_policy(place: &Place, rule: &str) {
    let manifest = json!({"organization": "acme", "layers": [
        {"layer": "layers/org.json"},
        {"layer": "layers/payments.json", "when": {"group": "payments"}},
        {"layer": "layers/shop.json", "when": {"name": "acme/shop"}},
    ]});
    place.write("policy/bylaws.json", manifest.to_string());
    place.write("policy/layers/org.json", deny(rule).to_string());
    place.write("policy/layers/payments.json", deny("Bash(psql *)").to_string());
    place.write("policy/layers/shop.json", deny("Bash(shop *)").to_string());
}

/// A policy, a key that may sign, and a signed bundle of number 2.
fn signed() -> Place {
    let place = Place::new();
    write_policy(&place, "Bash(curl *)");
    let line = key(&place, "a", "ed25519");
    place.write("signers", line + "\n");
    place
        .run(".", &["policy", "bundle", "policy", "-o", "p.bundle", "--sequence", "2", "--sign", "keys/a"])
        .code(0);
    place
}

fn show(place: &Place, more: &[&str]) -> Ran {
    let mut arguments = vec!["export", "managed-settings", "--policy", "p.bundle"];
    arguments.extend(more);
    place.run(".", &arguments)
}

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
fn ssh_keygen_agrees_in_both_directions() {
    if !can_sign() {
        return;
    }
    for kind in ["ed25519", "ecdsa"] {
        let place = Place::new();
        write_policy(&place, "Bash(curl *)");
        let line = key(&place, "a", kind);
        place.write("signers", &line);
        // Signed by the program, judged by ssh-keygen.
        place.run(".", &["policy", "bundle", "policy", "-o", "p.bundle", "--sign", "keys/a"]).code(0);
        let judge = |content: &[u8]| {
            let mut command = Command::new("ssh-keygen");
            command.args(["-Y", "verify", "-n", "bylaws-bundle", "-I", "a@acme.dev", "-f"]);
            command.arg(place.path("signers")).arg("-s").arg(place.path("p.bundle.sig"));
            command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
            let mut child = command.spawn().unwrap();
            std::io::Write::write_all(&mut child.stdin.take().unwrap(), content).unwrap();
            child.wait().unwrap().success()
        };
        let content = fs::read(place.path("p.bundle")).unwrap();
        assert!(judge(&content));
        place.run(".", &["policy", "verify", "p.bundle", "--signers", "signers"]).code(0);
        // What one refuses, the other refuses.
        let mut changed = content.clone();
        changed[20] ^= 1;
        assert!(!judge(&changed));
        place.write("p.bundle", &changed);
        place.run(".", &["policy", "verify", "p.bundle", "--signers", "signers"]).code(3);
        // Signed by ssh-keygen, judged by the program.
        place.write("p.bundle", &content);
        fs::remove_file(place.path("p.bundle.sig")).unwrap();
        let mut command = Command::new("ssh-keygen");
        command.args(["-Y", "sign", "-n", "bylaws-bundle", "-f"]).arg(place.path("keys/a"));
        assert!(command.arg(place.path("p.bundle")).output().unwrap().status.success());
        place.run(".", &["policy", "verify", "p.bundle", "--signers", "signers"]).code(0);
    }
}

#[test]
fn only_what_allowed_signers_signed_for_this_is_used() {
    if !can_sign() {
        return;
    }
    let place = signed();
    assert!(show(&place, &["--signers", "signers"]).code(0).out.contains("Bash(curl *)"));
    let refused = |more: &[&str], code: i32, part: &str| {
        let ran = show(&place, more).code(code);
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
        assert_eq!(ran.out, "");
    };
    refused(&[], 2, "list of those who may have signed");
    let signers = place.read("signers");
    let other = key(&place, "b", "ed25519");
    for (list, code, part) in [
        (other.clone(), 3, "no allowed signer"),
        (
            signers.replacen("a@acme.dev ", "a namespaces=\"git\" ", 1),
            3,
            "does not allow it to sign for `bylaws-bundle`",
        ),
        (signers.replacen("a@acme.dev ", "a valid-before=\"20200101\" ", 1), 3, "no longer"),
        (signers.replacen("a@acme.dev ", "a cert-authority ", 1), 2, "certificates"),
        (String::new(), 2, "allows nobody"),
    ] {
        place.write("list", list);
        refused(&["--signers", "list"], code, part);
    }
    // A signature for something else.
    let sign = |namespace: &str| {
        let _ = fs::remove_file(place.path("p.bundle.sig"));
        let mut command = Command::new("ssh-keygen");
        command.args(["-Y", "sign", "-n", namespace, "-f"]).arg(place.path("keys/a"));
        assert!(command.arg(place.path("p.bundle")).output().unwrap().status.success());
    };
    sign("git");
    refused(&["--signers", "signers"], 3, "is for `git`, not for `bylaws-bundle`");
    place.write("p.bundle.sig", "nothing");
    refused(&["--signers", "signers"], 3, "no SSH signature");
    fs::remove_file(place.path("p.bundle.sig")).unwrap();
    refused(&["--signers", "signers"], 3, "there is no signature");
    // A folder carries none.
    let ran =
        place.run(".", &["export", "managed-settings", "--policy", "policy", "--signers", "signers"]).code(2);
    assert!(ran.err.contains("a folder carries no signature"), "{}", ran.err);
}

#[test]
fn rsa_keys_are_refused_by_name() {
    if !can_sign() {
        return;
    }
    let place = signed();
    let line = key(&place, "r", "rsa");
    place.write("signers", line);
    place.run(".", &["policy", "bundle", "policy", "-o", "p.bundle", "--sign", "keys/r"]).code(0);
    let ran = show(&place, &["--signers", "signers"]).code(3);
    assert!(ran.err.contains("`ssh-rsa` are not verified"), "{}", ran.err);
}

/// The same policy, number and day are the same bytes, and a file that was changed and signed again by nobody is none.
#[test]
fn bundles_are_the_same_for_the_same_policy() {
    let place = Place::new();
    write_policy(&place, "Bash(curl *)");
    let make = |name: &str, more: &[&str]| {
        let mut arguments = vec!["policy", "bundle", "policy", "--as-of", "2026-12-01", "-o", name];
        arguments.extend(more);
        place.run(".", &arguments).code(0);
        place.read(name)
    };
    assert_eq!(make("a.bundle", &[]), make("b.bundle", &[]));
    // Made again, it has the next number.
    assert!(make("a.bundle", &[]).contains("\"sequence\": 2"));
    assert!(make("a.bundle", &["--sequence", "9"]).contains("\"sequence\": 9"));
    place.run(".", &["policy", "bundle", "policy", "-o", "a.json"]).code(2);
    place.write("policy/layers/org.json", "{");
    place.run(".", &["policy", "bundle", "policy", "-o", "c.bundle"]).code(2);
    assert!(!place.path("c.bundle").exists());
}

#[test]
fn nothing_older_than_what_was_seen_is_used_unless_told() {
    if !can_sign() {
        return;
    }
    let place = signed();
    let bundle = |number: &str, rule: &str| {
        write_policy(&place, rule);
        let arguments =
            ["policy", "bundle", "policy", "-o", "p.bundle", "--sequence", number, "--sign", "keys/a"];
        place.run(".", &arguments).code(0);
    };
    let used = |more: &[&str], code: i32| {
        let mut arguments = vec!["--signers", "signers"];
        arguments.extend(more);
        show(&place, &arguments).code(code)
    };
    used(&[], 0);
    bundle("1", "Bash(old *)");
    assert!(used(&[], 3).err.contains("number 2 was seen before"));
    assert!(used(&["--allow-rollback"], 0).err.contains("goes back"));
    // From then on it is the one that was seen.
    used(&[], 0);
    bundle("1", "Bash(other *)");
    assert!(used(&[], 3).err.contains("number 1 with other content"));
    bundle("3", "Bash(new *)");
    used(&[], 0);
}

#[test]
fn bundles_grow_too_old() {
    if !can_sign() {
        return;
    }
    let place = signed();
    let made = ["policy", "bundle", "policy", "-o", "p.bundle", "--as-of", "2020-01-01", "--sign", "keys/a"];
    place.run(".", &made).code(0);
    show(&place, &["--signers", "signers"]).code(0);
    let ran = show(&place, &["--signers", "signers", "--max-age", "30"]).code(3);
    assert!(ran.err.contains("of 2020-01-01") && ran.err.contains("may be 30 days old"), "{}", ran.err);
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
        ("", json!(["Bash(curl *)"])),
    ] {
        place.write("group", text);
        assert_eq!(ask(&place, &["--group-from", "file:group"]).0, expected, "{text}");
    }
    // Less may hold for a group that is not known.
    place.write("group", "{\"group\": 5}");
    for source in ["file:group", "file:nowhere"] {
        let (denied, said) = ask(&place, &["--group-from", source]);
        assert_eq!(denied, json!(["*"]));
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

/// A policy in a repository is used only where its commit, or the tag that is named, is signed.
#[test]
fn commits_and_tags_can_be_required_to_be_signed() {
    if !can_sign() {
        return;
    }
    let place = signed();
    let unsigned = place.commit("policy");
    let url = format!("file://{}", place.path("policy").display());
    let used = |revision: &str, code: i32| {
        let source = format!("{url}#{revision}");
        place
            .run(".", &["export", "managed-settings", "--policy", &source, "--signers", "signers"])
            .code(code)
    };
    let ran = used(&unsigned, 3);
    assert!(ran.err.contains("carries no SSH signature"), "{}", ran.err);
    let key = place.path("keys/a").to_string_lossy().into_owned();
    let signing = format!("user.signingKey={key}");
    let git = |arguments: &[&str]| {
        let mut all = vec!["-c", "gpg.format=ssh", "-c", &signing];
        all.extend(arguments);
        place.git("policy", &all)
    };
    // A tag vouches for the commit that it names, whatever that carries.
    git(&["tag", "-s", "v1", "-m", "x"]);
    git(&["tag", "-a", "v2", "-m", "x"]);
    used("v1", 0);
    used("v2", 3);
    used("main", 3);
    git(&["commit", "-S", "--quiet", "--allow-empty", "-m", "signed"]);
    assert!(used("main", 0).out.contains("Bash(curl *)"));
    // What git itself says of it.
    let signers = format!("gpg.ssh.allowedSignersFile={}", place.path("signers").display());
    git(&["-c", &signers, "verify-commit", "main"]);
    git(&["-c", &signers, "verify-tag", "v1"]);
    let other = self::key(&place, "b", "ed25519");
    place.write("signers", other);
    for revision in ["main", "v1"] {
        let ran = used(revision, 3);
        assert!(ran.err.contains("no allowed signer"), "{}", ran.err);
    }
}

/// Another message under the same signature is no signed commit.
#[test]
fn a_signature_of_another_commit_does_not_count() {
    if !can_sign() {
        return;
    }
    let place = signed();
    place.commit("policy");
    let signing = format!("user.signingKey={}", place.path("keys/a").display());
    place.git(
        "policy",
        &["-c", "gpg.format=ssh", "-c", &signing, "commit", "-S", "--quiet", "--allow-empty", "-m", "one"],
    );
    let raw = place.git("policy", &["cat-file", "commit", "HEAD"]);
    place.write("policy/.git/forged", raw.replace("\n\none", "\n\ntwo") + "\n");
    let forged = place.git("policy", &["hash-object", "-t", "commit", "-w", ".git/forged"]);
    place.git("policy", &["update-ref", "refs/heads/forged", &forged]);
    let source = format!("file://{}#forged", place.path("policy").display());
    let ran =
        place.run(".", &["export", "managed-settings", "--policy", &source, "--signers", "signers"]).code(3);
    assert!(ran.err.contains("is not of this content"), "{}", ran.err);
}
