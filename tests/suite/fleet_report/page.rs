//! What stands in the file, and what it is made of.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{report, synthetic};
use crate::place::Place;

const MANIFEST: &str =
    r#"{"organization": "acme", "inventory": "inventory.json", "layers": [{"layer": "layers/org.json"}]}"#;
const LAYER: &str = r#"{
  "title": "Acme",
  "enforce": {"permissions": {"deny": ["Read(.env)", "Read(*.pem)"]}},
  "limit": {"neverAllow": ["Bash(curl *)"]}
}"#;
const WAIVER: &str = r#"{"repositories": ["acme/waived"], "opens": {"rules": ["Bash(curl *)"], "servers": ["x"]},
  "reason": "r", "owner": "o", "approvedBy": "a", "ticket": "T-1", "expires": "2027-03-01"}"#;

/// What no page must take for its own words.
pub(super) const HOSTILE: &str =
    "acme/</script><script>console.error(1)</script><img src=x onerror=console.error(2)>";

/// Six bare repositories: two alike, one waived, one hostile, one in line, one that is not there.
pub(super) fn fleet(place: &Place) -> String {
    place.write("policy/bylaws.json", MANIFEST);
    place.write("policy/layers/org.json", LAYER);
    place.write("policy/waivers/curl.json", WAIVER);
    place.write("policy/inventory.json", r#"{"repositories": []}"#);
    place.commit("policy");
    let url = format!("file://{}", place.path("policy").display());
    let mut entries = Vec::new();
    for name in ["one", "other", "waived", "hostile", "fine"] {
        let folder = format!("work/{name}");
        let settings = format!("{folder}/.claude/settings.json");
        place.write(&format!("{folder}/README.md"), name);
        place.commit(&folder);
        place.run(&folder, &["apply", "--policy", &url]).code(0);
        let text = place.read(&settings);
        let changed = match name {
            "one" | "other" => text.replace("\"Read(*.pem)\",", "").replace("\"Read(*.pem)\"", "\"Read(x)\""),
            "waived" => text.replace("\"deny\"", "\"allow\": [\"Bash(curl *)\"],\n    \"deny\""),
            "hostile" => {
                let odd = "\"Read(</script><img src=y onerror=console.error(3)>)\"";
                let text = text.replace("\"Read(*.pem)\"", odd);
                text.replace("\"deny\"", "\"allow\": [\"Bash(curl <!-- \u{2028} *)\"],\n    \"deny\"")
            }
            _ => text,
        };
        let changed = if name == "other" {
            changed.replacen('{', "{\n  \"model\": \"opus\",\n\n\n\n", 1)
        } else {
            changed
        };
        place.write(&settings, changed);
        place.commit(&folder);
        place.git("", &["clone", "--quiet", "--bare", &folder, &format!("fleet/{name}.git")]);
        let name_there = if name == "hostile" { HOSTILE.to_owned() } else { format!("acme/{name}") };
        let source = place.path(&format!("fleet/{name}.git")).display().to_string();
        entries
            .push(json!({"name": name_there, "source": source, "team": "<b>core</b>", "topics": ["a", "b"]}));
    }
    entries.push(json!({"name": "acme/gone", "source": place.path("fleet/gone.git").display().to_string()}));
    place.write("inventory.json", json!({"repositories": entries}).to_string());
    url
}

/// The JSON of a check of that fleet.
pub(super) fn check(place: &Place, url: &str, more: &[&str]) -> Value {
    let arguments =
        ["fleet", "check", "inventory.json", "--policy", url, "--as-of", "2026-12-01", "--format", "json"];
    let ran = place.run("", &[&arguments[..], &["--fail-on", "never"], more].concat()).code(0);
    serde_json::from_str(&ran.out).unwrap()
}

fn named<'a>(fleet: &'a Value, name: &str) -> &'a Value {
    let all = fleet["repositories"].as_array().unwrap();
    all.iter().find(|repository| repository["name"] == json!(name)).unwrap()
}

#[test]
fn a_check_tells_what_a_report_needs() {
    let place = Place::new();
    let url = fleet(&place);
    let told = check(&place, &url, &["--no-cache"]);
    let one = named(&told, "acme/one");
    assert_eq!(one["facts"], json!({"team": ["<b>core</b>"], "topics": ["a", "b"]}));
    // The same change at other lines is the same.
    let change = one["change"].as_str().unwrap();
    assert_eq!(named(&told, "acme/other")["change"], one["change"]);
    let diff = told["changes"][change]["diff"].as_str().unwrap();
    assert!(diff.contains("\n@@\n") && diff.contains("+      \"Read(*.pem)\""), "{diff}");
    let hostile = &named(&told, HOSTILE)["change"];
    assert!(hostile.is_string() && *hostile != one["change"]);
    for name in ["acme/fine", "acme/gone", "acme/waived"] {
        assert_eq!(named(&told, name).get("change"), None, "{name}");
    }
    assert_eq!(told["changes"].as_object().unwrap().len(), 2);
    assert_eq!(named(&told, "acme/waived")["waivers"], json!(["curl"]));
    assert_eq!(one.get("waivers"), None);
    assert_eq!(
        told["waivers"],
        json!([{"id": "curl", "expires": "2027-03-01", "owner": "o", "approvedBy": "a", "reason": "r", "ticket": "T-1",
            "repositories": ["acme/waived"], "opens": ["Bash(curl *)", "MCP server x"]}])
    );
    let reason = &named(&told, HOSTILE)["reasons"][0];
    assert!(reason["check"].is_string() && reason["severity"].is_string(), "{reason}");
    assert_eq!(named(&told, "acme/gone")["reasons"][0].get("severity"), None);
    // The plan groups by the very same change.
    let plan =
        place.run("", &["fleet", "plan", "inventory.json", "--policy", &url, "--format", "json"]).code(0);
    let plan: Value = serde_json::from_str(&plan.out).unwrap();
    assert_eq!(plan["changes"][0]["repositories"], json!(["acme/one", "acme/other"]));
}

#[test]
fn what_is_remembered_and_what_is_merged_has_the_changes_too() {
    let place = Place::new();
    let url = fleet(&place);
    let told = check(&place, &url, &["--no-cache"]);
    // A memory of an older form is thrown away, and nobody is told.
    let old = "CREATE TABLE verdict (id INTEGER PRIMARY KEY, content TEXT NOT NULL UNIQUE);
        CREATE TABLE remembered (policy TEXT NOT NULL, place TEXT NOT NULL, key BLOB NOT NULL, verdict INTEGER NOT NULL,
          PRIMARY KEY (policy, place)) WITHOUT ROWID;";
    std::fs::create_dir_all(place.path("cache")).unwrap();
    let file = place.path("cache/fleet.sqlite");
    rusqlite::Connection::open(&file).unwrap().execute_batch(old).unwrap();
    for run in ["first", "remembered", "again"] {
        assert_eq!(check(&place, &url, &[]), told, "{run}");
    }
    let kept = |what: &str| -> i64 {
        let database = rusqlite::Connection::open(&file).unwrap();
        database.query_row(&format!("SELECT COUNT(*) FROM {what}"), (), |row| row.get(0)).unwrap()
    };
    assert_eq!((kept("remembered"), kept("change")), (5, 2));
    // A change without its diff is no reason to tell less.
    rusqlite::Connection::open(&file)
        .unwrap()
        .execute_batch("PRAGMA foreign_keys = OFF; DELETE FROM change;")
        .unwrap();
    assert_eq!(check(&place, &url, &[]), told);
    assert_eq!(kept("change"), 2);
    for (part, name) in [("1/2", "part-1.json"), ("2/2", "part-2.json")] {
        place.write(name, check(&place, &url, &["--shard", part]).to_string());
    }
    let merge = ["fleet", "merge", "--format", "json", "--fail-on", "never", "part-2.json", "part-1.json"];
    assert_eq!(serde_json::from_str::<Value>(&place.run("", &merge).code(0).out).unwrap(), told);
    place.run("", &["fleet", "report", "part-1.json"]).code(2).says("part 2/2 of the fleet is missing");
    let page = place.run("", &["fleet", "report", "part-1.json", "part-2.json"]).code(0).out;
    assert_eq!(data(&page)["fleet"], told);
}

/// What the script of a page reads.
fn data(page: &str) -> Value {
    let text = page.split("<script id=\"data\" type=\"application/json\">").nth(1).unwrap();
    serde_json::from_str(text.split("</script>").next().unwrap()).unwrap()
}

#[test]
fn the_page_holds_all_and_lets_nothing_else_in() {
    let place = Place::new();
    let url = fleet(&place);
    let told = check(&place, &url, &[]);
    place.write("fleet.json", told.to_string());
    let file = report(&place, &["fleet.json"]);
    let page = std::fs::read_to_string(&file).unwrap();
    assert_eq!(
        place.run("", &["fleet", "report", "fleet.json"]).code(0).out,
        page,
        "without --output to the output"
    );
    assert_eq!(data(&page)["fleet"], told);
    assert_eq!(page.matches("</script>").count(), 2, "the data, and the script");
    assert_eq!(page.matches("<script").count(), 2);
    assert!(!page.contains("<img") && !page.contains("{{"));
    // Whoever reads without a script has the numbers.
    assert!(page.contains("<h1>4 of 6 repositories need attention</h1>"));
    assert!(page.contains("<tr><th scope=\"row\">waived</th><td>in line by a waiver that it needs, until the day that is told</td><td>1</td></tr>"));
    let policy =
        page.split("Content-Security-Policy\" content=\"").nth(1).unwrap().split('"').next().unwrap();
    let digest = |text: &str| format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)));
    let style = page.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    let script = page.split("<script type=\"module\">").nth(1).unwrap().split("</script>").next().unwrap();
    let wanted = format!(
        "default-src 'none'; style-src {}; script-src {}; img-src data:; base-uri 'none'; form-action 'none'",
        digest(style),
        digest(script)
    );
    assert_eq!(policy, wanted);
    for address in ["http://", "https://", "//cdn"] {
        assert!(!style.contains(address), "{address}");
    }
}

#[test]
fn what_is_no_report_or_cannot_be_written_is_told() {
    let place = Place::new();
    place.write("fleet.json", synthetic(3, "2026-12-01").to_string());
    place.write("other.json", "{}");
    std::fs::create_dir(place.path("folder")).unwrap();
    let said = |arguments: &[&str], code: i32, words: &str| {
        place.run("", &[&["fleet", "report"], arguments].concat()).code(code).says(words);
    };
    said(&["other.json"], 2, "`other.json` is no report on a fleet");
    said(&["fleet.json", "--history", "gone.sqlite"], 2, "there is no history `gone.sqlite`");
    said(&["fleet.json", "--last", "3"], 2, "--history <FILE>");
    said(&["fleet.json", "--output", "folder"], 2, "`folder` is no file");
    said(&["fleet.json", "--output", "fleet.json/report.html"], 3, "cannot write `fleet.json/report.html`");
    place.write("report.html", "what stood there before");
    report(&place, &["fleet.json"]);
    assert!(place.read("report.html").starts_with("<!doctype html>"));
}
