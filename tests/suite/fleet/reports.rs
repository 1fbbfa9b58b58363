//! What is said of a fleet as a whole: parts, plans, and how it moves.

use super::{bare, check, in_line, place, settings};

#[test]
fn jobs_do_not_change_what_is_said() {
    let (place, url) = place();
    for index in 0..12 {
        let name = format!("r{index}");
        in_line(&place, &url, &name);
        if index % 3 == 0 {
            settings(&place, &name, |text| text.replace("\"Read(.env)\",", ""));
        }
        bare(&place, &name);
    }
    for format in ["text", "json", "csv", "markdown", "openmetrics"] {
        let ran = |jobs| check(&place, &url, &["--format", format, "--jobs", jobs]).code(1).out;
        assert_eq!(ran("1"), ran("8"), "{format}");
    }
}

#[test]
fn parts_come_to_what_one_run_says() {
    let (place, url) = place();
    for index in 0..7 {
        let name = format!("r{index}");
        in_line(&place, &url, &name);
        if index % 3 == 0 {
            settings(&place, &name, |text| text.replace("\"Read(.env)\",", ""));
        }
        bare(&place, &name);
    }
    let whole = check(&place, &url, &["--format", "json"]).code(1).out;
    for part in ["1/3", "2/3", "3/3"] {
        let out =
            check(&place, &url, &["--format", "json", "--shard", part, "--fail-on", "never"]).code(0).out;
        assert!(out.len() < whole.len(), "{part}");
        place.write(&format!("part-{}.json", part.replace('/', "-")), out);
    }
    let parts = ["part-3-3.json", "part-1-3.json", "part-2-3.json"];
    let merge =
        |files: &[&str], format| place.run("", &[&["fleet", "merge", "--format", format], files].concat());
    assert_eq!(merge(&parts, "json").code(1).out, whole);
    for format in ["text", "csv", "markdown", "openmetrics"] {
        let one = check(&place, &url, &["--format", format]).out;
        assert_eq!(merge(&parts, format).code(1).out, one, "{format}");
    }
    merge(&parts[..2], "text").code(2).says("part 2/3 of the fleet is missing");
    merge(&["part-1-3.json", "part-1-3.json", "part-2-3.json", "part-3-3.json"], "text")
        .code(2)
        .says("these are not the 3 parts of one fleet");
    place.write("other.json", "{\"version\": 2}");
    merge(&["other.json"], "text").code(2).says("`other.json` is no report on a fleet");
}

#[test]
fn a_history_shows_how_a_fleet_moves() {
    let (place, url) = place();
    in_line(&place, &url, "web");
    bare(&place, "web");
    let run = |day: &str| {
        let history = ["--history", "history.sqlite", "--fail-on", "never"];
        let arguments = ["fleet", "check", "fleet", "--policy", &url, "--as-of", day];
        place.run("", &[&arguments[..], &history].concat()).code(0)
    };
    run("2026-12-01");
    settings(&place, "web", |text| text.replace("\"Read(.env)\",", ""));
    place.commit("work/web");
    place.git("work/web", &["push", "--quiet", "../../fleet/web.git", "main"]);
    run("2026-12-02");
    let status = place.run("", &["fleet", "status", "history.sqlite"]).code(0);
    let lines: Vec<&str> = status.out.lines().collect();
    assert_eq!(
        lines,
        [
            "day         all     edited  in line",
            "2026-12-01  1            0        1",
            "2026-12-02  1            1        0",
            "",
            "since the run before: 1 need attention newly or otherwise, 0 no more",
            "  web  in line → edited",
        ]
    );
    place.run("", &["fleet", "status", "gone.sqlite"]).code(2).says("there is no history");
    place.run("", &["fleet", "check", "fleet", "--policy", &url, "--shard", "1/2", "--history", "h"]).code(2);
}

#[test]
fn a_plan_tells_the_same_change_once() {
    let (place, url) = place();
    for name in ["a", "b", "c", "broken"] {
        in_line(&place, &url, name);
    }
    place.write("work/new/README.md", "x");
    // The same line is gone, at other lines of the file.
    for name in ["a", "b"] {
        settings(&place, name, |text| {
            text.replace("\"Read(*.pem)\",", "").replace("\"Read(*.pem)\"", "\"Read(x)\"")
        });
    }
    settings(&place, "b", |text| text.replacen('{', "{\n  \"model\": \"opus\",\n\n\n\n\n\n", 1));
    settings(&place, "broken", |_| "no JSON".to_owned());
    for name in ["a", "b", "c", "broken", "new"] {
        bare(&place, name);
    }
    std::fs::remove_dir_all(place.path("fleet/broken.git/refs")).unwrap();
    let before = crate::place::snapshot(&place.path("fleet"));
    let plan =
        |format| place.run("", &["fleet", "plan", "fleet", "--policy", &url, "--format", format]).code(0);
    let text = plan("text").says("3 of 5 repositories would change, in 2 ways; 1 not looked at").out;
    assert!(text.contains("2 repositories  a, b"), "{text}");
    assert!(text.contains("1 repository  new"), "{text}");
    assert!(text.contains("broken  unreadable"), "{text}");
    let json: serde_json::Value = serde_json::from_str(&plan("json").out).unwrap();
    assert_eq!(json["changes"][0]["repositories"], serde_json::json!(["a", "b"]));
    assert!(json["changes"][0]["diff"].as_str().unwrap().contains("+      \"Read(*.pem)\""));
    assert_eq!(crate::place::snapshot(&place.path("fleet")), before, "nothing is written");
}
