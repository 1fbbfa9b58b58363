//! Which repositories a fleet has: lists, inventories, what they are called, and the policy that is named.

use std::path::Path;

use super::{bare, check, in_line, place, stands};

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
fn the_policy_is_named_and_without_errors() {
    let (place, url) = place();
    place.run("", &["fleet", "check", "fleet"]).code(2).says("--policy");
    place.run("", &["fleet", "check", "--policy", &url]).code(2).says("the policy has no inventory");
    place.write("policy/layers/org.json", "{");
    place.commit("policy");
    check(&place, &url, &[]).code(2).says("has errors");
    assert!(Path::new(&place.path("fleet")).is_dir());
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
