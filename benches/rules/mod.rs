//! The rules that decisions are measured with, and how a rate is taken.

use std::time::{Duration, Instant};

use bylaws::access::{Access, Entry, File, MapWorld, Place, Setup};
use bylaws::json::Document;
use bylaws::settings::{Scope, Settings};
use serde_json::json;

/// How long one figure is measured.
const SPAN: Duration = Duration::from_millis(400);

/// Each figure is the median of this many.
const RUNS: usize = 5;

/// Times of `work` a second, the median of several measurements.
pub(crate) fn rate(mut work: impl FnMut()) -> f64 {
    let mut rates: Vec<f64> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            let mut done = 0_u32;
            while start.elapsed() < SPAN {
                for _ in 0..64 {
                    work();
                }
                done += 64;
            }
            f64::from(done) / start.elapsed().as_secs_f64()
        })
        .collect();
    rates.sort_by(f64::total_cmp);
    rates.get(RUNS / 2).copied().unwrap()
}

/// What `count` rules for commands allow, as the patterns in their brackets.
pub(crate) fn commands(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("tool-{number} run *")).collect()
}

/// `count` rules: half of them allow commands, half deny files.
pub(crate) fn access(count: usize) -> (Access, MapWorld) {
    let allow: Vec<String> = commands(count / 2).iter().map(|pattern| format!("Bash({pattern})")).collect();
    let deny: Vec<String> = (0..count / 2).map(|number| format!("Read(/secret-{number}/**)")).collect();
    let text = json!({"permissions": {"allow": allow, "deny": deny}}).to_string();
    let project = "/home/u/proj".to_owned();
    let place =
        Place { project: project.clone(), home: "/home/u".to_owned(), config: "/home/u/.claude".to_owned() };
    let mut setup = Setup::new(place);
    setup.files.push(File {
        settings: Settings::read(Document::parse(text), Scope::Project),
        path: format!("{project}/.claude/settings.json"),
        folder: project.clone(),
    });
    let mut world = MapWorld::default();
    world.add(&project, Entry::Folder);
    world.add(&format!("{project}/src"), Entry::Folder);
    (Access::new(&setup, &world), world)
}
