//! The page of `bylaws fleet report`: what stands in the file, and what a reader meets in a browser.

mod browser;
mod page;
mod reading;

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::place::Place;

/// A fleet of so many repositories as `bylaws fleet check --format json` tells of it, the same for the same number.
fn synthetic(count: usize, date: &str) -> Value {
    let teams = ["payments", "platform", "search", "identity"];
    let environments = ["production", "staging"];
    let diff = |index: usize| {
        format!(
            "--- a/.claude/settings.json\n+++ b/.claude/settings.json\n@@\n   \"deny\": [\n+    \"Read(secret-{index}/**)\",\n-    \"x\"\n"
        )
    };
    let names: Vec<String> = (0..5).map(|index| format!("sha256:{index}")).collect();
    let repositories = (0..count).map(|index| {
        let state = match index % 20 {
            0 => "unreadable",
            1 | 2 => "no-policy",
            3 => "edited",
            4..=6 => "weaker",
            7..=9 => "behind",
            10 => "waived",
            11..=13 => "stricter",
            _ => "in-line",
        };
        let mut repository = json!({
            "name": format!("acme/service-{index:05}"),
            "source": format!("https://git.example.com/acme/service-{index:05}.git"),
            "commit": format!("{index:040x}"),
            "state": state,
            "findings": {"block": 0, "warn": 0, "note": 0, "fixable": 0},
            "facts": {"team": [teams[index % 4]], "environment": [environments[index % 2]], "topics": ["go", "web"]},
        });
        if state == "weaker" {
            repository["reasons"] = json!([{"check": "exceeds-limit", "severity": "block",
                "message": "`Bash(curl *)` is allowed, and nothing in it may be", "place": ".claude/settings.json:3:5"}]);
            repository["findings"]["block"] = json!(1);
        }
        if state == "waived" {
            repository["waivers"] = json!(["curl"]);
            repository["until"] = json!("2026-12-20");
        }
        if ["edited", "weaker", "behind"].contains(&state) {
            repository["change"] = json!(names[index % 5]);
        }
        if index % 50 == 14 {
            repository["partial"] = json!(true);
        }
        repository
    });
    let changes: serde_json::Map<String, Value> =
        names.iter().enumerate().map(|(index, name)| (name.clone(), json!({"diff": diff(index)}))).collect();
    let waiver = |id: &str, expires: &str| json!({"id": id, "expires": expires, "owner": "platform", "approvedBy": "security", "reason": "the build needs it", "repositories": ["acme/*"], "opens": ["Bash(curl *)"]});
    json!({
        "version": 1, "tool": {"name": "bylaws", "version": "0.1.0"}, "date": date,
        "policy": {"source": "https://git.example.com/acme/agent-policy.git", "revision": "4f2c9d0be17a"},
        "states": {}, "repositories": repositories.collect::<Vec<_>>(), "changes": changes,
        "waivers": [waiver("gone", "2026-11-30"), waiver("curl", "2026-12-20"), waiver("later", "2027-06-01")],
    })
}

/// The page about a synthetic fleet, with a history of three runs.
fn page(place: &Place, count: usize) -> PathBuf {
    for (index, date) in ["2026-11-03", "2026-11-17", "2026-12-01"].into_iter().enumerate() {
        let mut fleet = synthetic(count, date);
        // What needs attention at last came to need it in the last run.
        if index < 2 {
            let all = fleet["repositories"].as_array_mut().unwrap();
            for repository in all.iter_mut().filter(|repository| repository["state"] == "edited") {
                repository["state"] = json!("in-line");
            }
        }
        place.write("fleet.json", fleet.to_string());
        let merge = ["fleet", "merge", "fleet.json", "--history", "history.sqlite", "--fail-on", "never"];
        place.run("", &merge).code(0);
    }
    report(place, &["fleet.json", "--history", "history.sqlite"])
}

fn report(place: &Place, arguments: &[&str]) -> PathBuf {
    let all = [&["fleet", "report", "--output", "report.html"], arguments].concat();
    place.run("", &all).code(0).says("wrote the page to report.html");
    place.path("report.html")
}
