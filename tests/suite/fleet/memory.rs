//! What is remembered of earlier runs changes nothing but the time.

use super::{LAYER, bare, check, in_line, place, settings};
use crate::place::Place;

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
