//! The page in a browser: no error, no request, and everything within reach of a mouse, a keyboard and a screen reader.

use std::collections::BTreeSet;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::browser::{Browser, Page};
use super::page::{HOSTILE, check, fleet};
use super::{page, report};
use crate::place::Place;

/// The least contrast that the Web Content Accessibility Guidelines ask for at level AA, and where it is missed.
const CONTRAST: &str = r"(() => {
  const parts = (color) => color.match(/[\d.]+/g).map(Number);
  const light = (color) => {
    const [r, g, b] = parts(color).map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if ((parts(color)[3] ?? 1) === 1) return color;
    }
    return 'rgb(255, 255, 255)';
  };
  const missed = [];
  let looked = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (walker.currentNode.textContent.trim() === '' || !element.checkVisibility() || element.matches('script, noscript *, option, :disabled, [aria-hidden] *, [aria-hidden]')) continue;
    const style = getComputedStyle(element);
    const size = Number.parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const [a, b] = [light(element instanceof SVGElement ? style.fill : style.color), light(ground(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    looked += 1;
    if (contrast < (isLarge ? 3 : 4.5)) missed.push(`${contrast.toFixed(2)}: ${element.outerHTML.slice(0, 120)}`);
  }
  return { looked, missed };
})()";

#[track_caller]
fn faultless(page: &mut Page<'_>) {
    assert_eq!(page.faults(), Vec::<String>::new());
}

fn hits(page: &mut Page<'_>) -> String {
    page.text("document.getElementById('hits').textContent")
}

/// The names in the table, from above.
fn names(page: &mut Page<'_>) -> Vec<String> {
    let names = page.value(
        "[...document.querySelectorAll('table.repositories tbody .name')].map((name) => name.textContent)",
    );
    serde_json::from_value(names).unwrap()
}

fn choose(page: &mut Page<'_>, id: &str, value: &str) {
    page.value(&format!(
        "(() => {{ const list = document.getElementById('{id}'); list.value = {}; list.dispatchEvent(new Event('change', {{ bubbles: true }})); }})()",
        json!(value)
    ));
}

#[test]
fn a_fault_of_a_page_is_seen() {
    let Some(mut browser) = Browser::start() else { return };
    let place = Place::new();
    for (name, text) in [
        ("error", "<script>console.error('x')</script>"),
        ("exception", "<script>throw new Error('x')</script>"),
        ("request", "<link rel=stylesheet href='other.css'>"),
        (
            "policy",
            "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'\"><p style='color: red'>",
        ),
    ] {
        place.write("bad.html", format!("<!doctype html><html lang=en><link rel=icon href='data:,'>{text}"));
        let mut page = browser.open(&place.path("bad.html"), "");
        assert!(!page.faults().is_empty(), "{name}");
    }
    place.write(
        "good.html",
        "<!doctype html><html lang=en><link rel=icon href='data:,'><p style='color: #aaa'>x",
    );
    let mut page = browser.open(&place.path("good.html"), "");
    faultless(&mut page);
    assert_eq!(page.value(CONTRAST)["missed"].as_array().unwrap().len(), 1);
}

#[test]
fn hostile_texts_are_texts() {
    let Some(mut browser) = Browser::start() else { return };
    let place = Place::new();
    let url = fleet(&place);
    place.write("fleet.json", check(&place, &url, &[]).to_string());
    let file = report(&place, &["fleet.json"]);
    let mut page = browser.open(&file, "");
    faultless(&mut page);
    assert_eq!(page.value("[document.images.length, document.scripts.length]"), json!([0, 2]));
    assert!(names(&mut page).contains(&HOSTILE.to_owned()));
    // Its own view shows what stands in its files, as text.
    page.click(&format!("table.repositories a[data-repository^={}]", json!("acme/</script>")));
    page.until("document.getElementById('repository').open");
    let shown = page.text("document.getElementById('repository').innerText");
    for text in [HOSTILE, "<img src=y onerror=console.error(3)>", "Bash(curl <!-- ", "<b>core</b>"] {
        assert!(shown.contains(text), "{text}\n{shown}");
    }
    // The link to it leads there from outside.
    let place_of_it = page.text("location.hash");
    let mut page = browser.open(&file, &place_of_it);
    assert_eq!(page.text("document.querySelector('#repository h2').textContent"), HOSTILE);
    assert_eq!(page.value("[document.images.length, document.scripts.length]"), json!([0, 2]));
    faultless(&mut page);
}

#[test]
fn repositories_are_searched_filtered_sorted_and_opened() {
    let Some(mut browser) = Browser::start() else { return };
    let place = Place::new();
    let file = page(&place, 400);
    let mut page = browser.open(&file, "");
    assert_eq!(hits(&mut page), "400 repositories");
    assert_eq!(
        page.text("document.querySelector('h1').textContent"),
        "200 of 400 repositories need attention"
    );
    assert_eq!(names(&mut page).len(), 100, "a page of them");
    assert_eq!(names(&mut page)[0], "acme/service-00000", "what needs attention most comes first");
    // Words in any order, each of them.
    page.click("#search");
    page.write("payments EXCEEDS");
    assert_eq!(hits(&mut page), "20 of 400 repositories");
    assert_eq!(page.text("location.hash"), "#search=payments%20EXCEEDS");
    page.click("#clear");
    assert_eq!(hits(&mut page), "400 repositories");
    choose(&mut page, "state", "drift");
    assert_eq!(hits(&mut page), "140 of 400 repositories");
    choose(&mut page, "fact", "environment=production");
    assert_eq!(hits(&mut page), "60 of 400 repositories");
    choose(&mut page, "check", "exceeds-limit");
    assert_eq!(hits(&mut page), "40 of 400 repositories");
    assert_eq!(page.text("location.hash"), "#state=drift&fact=environment%3Dproduction&check=exceeds-limit");
    // A column sorts, and the other way round when asked again.
    page.click("#clear");
    for (way, first) in [("ascending", "acme/service-00000"), ("descending", "acme/service-00399")] {
        page.click("[data-sort=name]");
        assert_eq!(page.text("document.querySelector('th[aria-sort]').getAttribute('aria-sort')"), way);
        assert_eq!(names(&mut page)[0], first);
        assert_eq!(page.text("document.activeElement.textContent"), "Repository", "focus stays on the head");
    }
    page.click("#pages [data-page='2']");
    assert_eq!(names(&mut page)[0], "acme/service-00299");
    assert_eq!(page.text("document.querySelector('#pages span').textContent"), "Page 2 of 4");
    // A number above leads to what it counts.
    page.click("#waivers a[href='#waiver=curl']");
    page.until("document.getElementById('hits').textContent === '20 of 400 repositories'");
    assert_eq!(
        page.text("document.getElementById('narrowed').textContent"),
        "Only those which need the waiver curl."
    );
    assert_eq!(page.text("document.activeElement.id"), "repositories-title");
    // A repository opens at a click, with an address of its own, and what was chosen stays.
    page.click("table.repositories .name");
    page.until("document.getElementById('repository').open");
    assert_eq!(page.text("location.hash"), "#waiver=curl&repository=acme/service-00010");
    let shown = page.text("document.getElementById('repository').innerText");
    for text in
        ["acme/service-00010", "in line by a waiver", "curl", "2026-12-20", "search", "git.example.com"]
    {
        assert!(shown.contains(text), "{text}\n{shown}");
    }
    page.click("#repository .close");
    page.until("location.hash === '#waiver=curl'");
    faultless(&mut page);
    // Ends of waivers are told from the day of the report.
    let told = page.text("document.getElementById('waivers').innerText");
    for text in ["expired 1 day ago", "19 days left", "182 days left"] {
        assert!(told.contains(text), "{text}\n{told}");
    }
    // Who shares a change, and the change itself.
    page.click("#changes summary");
    page.until("document.querySelector('#changes .diff') !== null");
    assert!(page.text("document.querySelector('#changes .diff .new').textContent").starts_with('+'));
    page.click("#changes a[href^='#change=']");
    page.until("document.getElementById('narrowed').textContent === 'Only those which share one change.'");
    assert_eq!(hits(&mut page), "40 of 400 repositories");
    // How it moved.
    let moved = page.text("document.getElementById('time').innerText");
    assert!(moved.contains("20 repositories came to need attention newly"), "{moved}");
    assert_eq!(page.value("document.querySelectorAll('.chart polyline').length"), json!(4));
    faultless(&mut page);
    // What nobody knows is said.
    let mut page = browser.open(&file, "#repository=acme/nobody");
    assert!(
        page.text("document.getElementById('repository').innerText")
            .contains("knows no repository of that name")
    );
    let mut page = browser.open(&file, "#state=weaker&sort=-name&page=9");
    assert_eq!(
        (hits(&mut page), names(&mut page)[0].clone()),
        ("60 of 400 repositories".into(), "acme/service-00386".into())
    );
    let mut page = browser.open(&file, "#waivers");
    assert_eq!(hits(&mut page), "400 repositories");
    faultless(&mut page);
}

#[test]
fn everything_is_within_reach_of_a_keyboard_and_has_a_name() {
    let Some(mut browser) = Browser::start() else { return };
    let place = Place::new();
    let file = page(&place, 400);
    let mut page = browser.open(&file, "");
    // The first stop leads past everything, and each stop can be seen.
    page.press("Tab");
    assert_eq!(page.text("document.activeElement.textContent"), "Skip to the repositories");
    let mut stops = BTreeSet::new();
    for _ in 0..60 {
        let outline = page.text("getComputedStyle(document.activeElement).outlineStyle");
        let stop = page
            .text("`${document.activeElement.tagName} ${document.activeElement.textContent.slice(0, 40)}`");
        assert_ne!(outline, "none", "{stop}");
        stops.insert(stop);
        page.press("Tab");
    }
    assert!(stops.len() > 30, "{stops:?}");
    page.press("/");
    assert_eq!(page.text("document.activeElement.id"), "search");
    page.write("service-00003");
    assert_eq!(page.text("document.getElementById('search').value"), "service-00003");
    assert_eq!(hits(&mut page), "1 of 400 repositories");
    for _ in 0..20 {
        if page.text("document.activeElement.textContent") == "acme/service-00003" {
            break;
        }
        page.press("Tab");
    }
    page.press("Enter");
    page.until("document.getElementById('repository').open");
    assert_eq!(page.text("document.activeElement.id"), "repository-title");
    // A slash is not the search while the view is open.
    page.press("/");
    assert_eq!(page.text("document.activeElement.id"), "repository-title");
    page.press("Escape");
    page.until("!document.getElementById('repository').open && location.hash === '#search=service-00003'");
    assert_eq!(page.text("document.activeElement.textContent"), "acme/service-00003", "back where one was");
    faultless(&mut page);
    let tree = page.ask("Accessibility.getFullAXTree", json!({}));
    let nodes = tree["nodes"].as_array().unwrap();
    let of = |role: &str| -> Vec<&Value> {
        nodes
            .iter()
            .filter(|node| node["role"]["value"] == json!(role) && node["ignored"] == json!(false))
            .collect()
    };
    for role in ["banner", "navigation", "main", "contentinfo", "search", "status", "heading", "searchbox"] {
        assert!(!of(role).is_empty(), "{role}");
    }
    for role in ["table", "button", "combobox", "searchbox", "link", "image", "region", "navigation"] {
        let nameless: Vec<_> = of(role)
            .into_iter()
            .filter(|node| node["name"]["value"].as_str().is_none_or(|name| name.trim().is_empty()))
            .collect();
        assert!(nameless.is_empty(), "{role}: {nameless:?}");
    }
    let levels = page.value("[...document.querySelectorAll('main h1, main h2, main h3, header h1')].map((head) => Number(head.tagName[1]))");
    let levels: Vec<u64> = serde_json::from_value(levels).unwrap();
    assert!(levels[0] == 1 && levels[1..].iter().all(|level| *level == 2), "{levels:?}");
    assert_eq!(
        page.value(
            "[...document.querySelectorAll('table')].every((table) => table.caption.textContent !== '')"
        ),
        json!(true)
    );
}

#[test]
fn light_dark_narrow_and_printed_it_can_be_read() {
    let Some(mut browser) = Browser::start() else { return };
    let place = Place::new();
    let file = page(&place, 400);
    let mut page = browser.open(&file, "");
    let mut grounds = BTreeSet::new();
    page.value("document.querySelectorAll('main details').forEach((part) => { part.open = true; })");
    page.until("document.querySelector('#changes .diff') !== null");
    for scheme in ["light", "dark"] {
        page.ask(
            "Emulation.setEmulatedMedia",
            json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]}),
        );
        grounds.insert(page.text("getComputedStyle(document.body).backgroundColor"));
        let contrast = page.value(CONTRAST);
        assert!(contrast["looked"].as_u64().unwrap() > 500, "{contrast}");
        assert_eq!(contrast["missed"], json!([]), "{scheme}");
        page.value("document.querySelector('table.repositories .name').click()");
        page.until("document.getElementById('repository').open");
        assert_eq!(page.value(CONTRAST)["missed"], json!([]), "{scheme}, a repository");
        page.value("document.getElementById('repository').close()");
    }
    assert_eq!(grounds.len(), 2);
    // On a phone nothing but tables is wider than the page.
    page.ask(
        "Emulation.setDeviceMetricsOverride",
        json!({"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": true}),
    );
    page.until("innerWidth === 360");
    assert_eq!(page.value("document.documentElement.scrollWidth"), json!(360));
    page.ask("Emulation.clearDeviceMetricsOverride", json!({}));
    // On paper all of a table stands, and nothing that one would press.
    page.ask("Emulation.setEmulatedMedia", json!({"media": "print", "features": []}));
    for part in ["body > nav", ".filters", "#pages", "#repository"] {
        assert_eq!(
            page.text(&format!("getComputedStyle(document.querySelector('{part}')).display")),
            "none",
            "{part}"
        );
    }
    page.ask("Emulation.setEmulatedMedia", json!({"media": ""}));
    page.value("addEventListener('beforeprint', () => { globalThis.printed = document.querySelectorAll('table.repositories tbody tr').length; })");
    let printed = page.ask("Page.printToPDF", json!({"printBackground": true}));
    let printed = BASE64_STANDARD.decode(printed["data"].as_str().unwrap()).unwrap();
    assert!(printed.starts_with(b"%PDF-") && printed.len() > 20_000, "{}", printed.len());
    assert_eq!(page.value("globalThis.printed"), json!(400), "all that are chosen are printed");
    assert_eq!(names(&mut page).len(), 100, "and afterwards it is as it was");
    faultless(&mut page);
}

#[test]
fn five_thousand_repositories_stay_smooth() {
    let Some(mut browser) = Browser::start() else { return };
    let place = Place::new();
    let file = page(&place, 5000);
    let mut page = browser.open(&file, "");
    let loaded = page.value("performance.getEntriesByType('navigation')[0].loadEventEnd").as_f64().unwrap();
    let timed = |work: &str| {
        format!(
            "(() => {{ const start = performance.now(); {work}; document.body.getBoundingClientRect(); return performance.now() - start; }})()"
        )
    };
    let typed = "const search = document.getElementById('search'); search.value = 'service-0'; search.dispatchEvent(new Event('input'))";
    let filtered = page.value(&timed(typed)).as_f64().unwrap();
    let sorted = page.value(&timed("document.querySelector('[data-sort=why]').click()")).as_f64().unwrap();
    let opened =
        page.value(&timed("document.querySelector('table.repositories .name').click()")).as_f64().unwrap();
    println!(
        "5,000 repositories: loaded in {loaded:.0} ms, filtered in {filtered:.0} ms, sorted in {sorted:.0} ms, one opened in {opened:.0} ms"
    );
    assert_eq!(hits(&mut page), "5,000 repositories");
    assert!(loaded < 15_000.0 && filtered < 2_000.0 && sorted < 4_000.0 && opened < 2_000.0);
    faultless(&mut page);
}
