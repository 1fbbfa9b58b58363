//! Bundles, their signatures, and those of commits and tags.
//!
//! `ssh-keygen` makes keys and signatures and is the judge of them in both directions; without it these tests say that
//! they were skipped.

use std::fs;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::place::{Place, Ran};

/// Whether `ssh-keygen` can sign here; says so where it cannot.
pub(crate) fn can_sign() -> bool {
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
pub(crate) fn key(place: &Place, name: &str, kind: &str) -> String {
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

pub(crate) fn deny(rule: &str) -> Value {
    json!({"title": "Org", "enforce": {"permissions": {"deny": [rule]}}})
}

/// A policy that denies one thing to all, and one more to a team.
pub(crate) fn write_policy(place: &Place, rule: &str) {
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
pub(crate) fn signed() -> Place {
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

/// A bundle in use stays in use: its file and its signature are replaced together or not at all.
#[cfg(unix)]
#[test]
fn a_bundle_that_cannot_be_made_leaves_the_one_that_was_there() {
    if !can_sign() {
        return;
    }
    let place = signed();
    let parts = || (place.read("p.bundle"), place.read("p.bundle.sig"));
    let before = parts();
    write_policy(&place, "Bash(new *)");
    let ran =
        place.run(".", &["policy", "bundle", "policy", "-o", "p.bundle", "--sign", "keys/none"]).code(3);
    assert!(ran.err.contains("cannot sign with `keys/none`"), "{}", ran.err);
    assert_eq!(parts(), before);
    // A full disk: no file can grow, or none to the size of the bundle.
    for (blocks, more) in [(0, &["--sign", "keys/a"][..]), (0, &[]), (1, &["--sign", "keys/a"]), (1, &[])] {
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\" 2>&1 | cat");
        let mut command = Command::new("sh");
        command.current_dir(place.path(".")).arg("-c").arg(script).arg(env!("CARGO_BIN_EXE_bylaws"));
        command.args(["policy", "bundle", "policy", "-o", "p.bundle"]).args(more);
        let said = command.stdout(Stdio::piped()).output().unwrap().stdout;
        let said = String::from_utf8(said).unwrap();
        assert!(said.contains("error: cannot"), "{blocks} {more:?}: {said}");
        assert_eq!(parts(), before, "{blocks} {more:?}");
        assert!(show(&place, &["--signers", "signers"]).code(0).out.contains("Bash(curl *)"));
    }
    // Without a key the new one takes its place, and no signature stays beside what it is not of.
    place.run(".", &["policy", "bundle", "policy", "-o", "p.bundle"]).code(0);
    assert!(!place.path("p.bundle.sig").exists());
}

#[test]
fn what_lies_there_and_has_no_number_is_not_replaced_unless_told() {
    let place = Place::new();
    write_policy(&place, "Bash(curl *)");
    place.write("x.bundle", "# v2 git bundle\n");
    let make = |more: &[&str], code: i32| {
        let mut arguments = vec!["policy", "bundle", "policy", "-o", "x.bundle"];
        arguments.extend(more);
        place.run(".", &arguments).code(code).err
    };
    assert!(make(&[], 2).contains("no bundle that has a number"));
    assert_eq!(place.read("x.bundle"), "# v2 git bundle\n");
    make(&["--sequence", "18446744073709551615"], 0);
    assert!(make(&[], 2).contains("no number is higher"));
}

/// With a policy that has these faults a machine would be left without one.
#[test]
fn what_no_machine_could_use_is_not_bundled() {
    let place = Place::new();
    write_policy(&place, "Bash(curl *)");
    let refused = |part: &str| {
        let ran = place.run(".", &["policy", "bundle", "policy", "-o", "p.bundle"]).code(2);
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
        assert!(!place.path("p.bundle").exists());
    };
    let layer = |model: Value| json!({"title": "Layer", "enforce": {"model": model}}).to_string();
    place.write("policy/layers/org.json", layer("opus".into()));
    place.write("policy/layers/payments.json", layer("sonnet".into()));
    refused("contradicts the `\"opus\"`");
    place.write("policy/layers/payments.json", layer(5.into()));
    place.write("policy/layers/org.json", deny("Bash(curl *)").to_string());
    refused("expected a string");
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
    // Where it is not known what was seen, that is said.
    place.write(".local/state/bylaws/p.bundle.seen.json", "{");
    assert!(used(&[], 0).err.contains("an older bundle would not be noticed"));
    assert!(!used(&[], 0).err.contains("noticed"));
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
    // Nor does it under another name: else whoever serves the repository could give an old policy out as a new one.
    let tag = git(&["rev-parse", "refs/tags/v1"]);
    git(&["update-ref", "refs/tags/v3", &tag]);
    used("v3", 3);
    used("refs/tags/v3", 3);
    used("refs/tags/v1", 0);
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
