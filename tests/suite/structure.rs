//! The layers of `docs/architecture.md`, and what belongs to one module alone.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Module and layer: a module uses only modules of lower layers (and itself).
const LAYERS: &[(&str, u8)] = &[
    ("text", 0),
    ("path", 0),
    ("automaton", 0),
    ("json", 1),
    ("block", 1),
    ("frontmatter", 1),
    ("shell", 1),
    ("secret", 1),
    ("exchange", 1),
    ("glob", 1),
    ("signature", 2),
    ("client", 2),
    ("rule", 3),
    ("settings", 4),
    ("finding", 4),
    ("access", 5),
    ("proof", 6),
    ("guard", 6),
    ("record", 6),
    ("policy", 7),
    ("project", 8),
    ("replay", 8),
    ("suggest", 9),
    ("check", 9),
    ("export", 9),
    ("bundle", 10),
    ("git", 10),
    ("files", 10),
    ("http", 10),
    ("scopes", 11),
    ("source", 11),
    ("forge", 11),
    ("trail", 11),
    ("rollout", 12),
    ("repository", 12),
    ("state", 12),
    ("fleet", 13),
    ("bootstrap", 13),
    ("audit", 13),
    ("evidence", 14),
    ("report", 15),
    ("cli", 16),
];

/// The highest layer without disk, environment, network and clock.
const LAST_PURE_LAYER: u8 = 9;

const MAX_LINES: usize = 600;

struct SourceFile {
    path: PathBuf,
    module: String,
    text: String,
}

impl SourceFile {
    /// The code without comment lines and without the unit tests at the end.
    fn code(&self) -> String {
        let code = self.text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
    }

    fn is_test(&self) -> bool {
        self.path.ends_with("tests.rs") || self.path.iter().any(|part| part == "tests")
    }
}

fn sources() -> Vec<SourceFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let relative = path.strip_prefix(&root).unwrap().to_owned();
                let module =
                    relative.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs").to_owned();
                found.push(SourceFile {
                    text: std::fs::read_to_string(&path).unwrap(),
                    path: relative,
                    module,
                });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn layer(module: &str) -> Option<u8> {
    LAYERS.iter().find(|(name, _)| *name == module).map(|(_, layer)| *layer)
}

/// The modules that `code` names as `crate::NAME`.
fn used_modules(code: &str) -> Vec<String> {
    let mut used = Vec::new();
    for part in code.split("crate::").skip(1) {
        let names = part.strip_prefix('{').map_or(part, |group| group.split('}').next().unwrap());
        let grouped = part.starts_with('{');
        for name in if grouped { names.split(',').collect() } else { vec![names] } {
            used.push(name.trim().chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect());
        }
    }
    used
}

#[test]
fn a_module_uses_only_lower_layers() {
    let mut wrong = Vec::new();
    for file in sources() {
        if ["lib", "main"].contains(&file.module.as_str()) || file.is_test() {
            continue;
        }
        let own = layer(&file.module).unwrap_or_else(|| panic!("{} has no layer", file.path.display()));
        for used in used_modules(&file.code()).iter().filter(|used| **used != file.module) {
            let allowed = layer(used).is_some_and(|used| used < own);
            if !allowed {
                wrong.push(format!("{} (layer {own}) uses {used}", file.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_belongs_to_one_module_stays_there() {
    let only: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("git2::", &["git"][..]),
        ("ureq::", &["http"]),
        ("println!", &["main"]),
        ("eprintln!", &["main"]),
        ("io::stdout", &["cli", "main"]),
        ("io::stderr", &["cli", "main"]),
        ("json::apply", &["check", "json"]),
    ]);
    let impure = [
        "std::fs",
        "std::env",
        "std::process",
        "std::net",
        "SystemTime",
        "Instant::now",
        "Zoned::now",
        "Timestamp::now",
    ];
    let mut wrong = Vec::new();
    for file in sources().iter().filter(|file| !file.is_test()) {
        let code = file.code();
        for (word, modules) in &only {
            if code.contains(word) && !modules.contains(&file.module.as_str()) {
                wrong.push(format!("{} uses {word}", file.path.display()));
            }
        }
        if layer(&file.module).is_some_and(|layer| layer <= LAST_PURE_LAYER) {
            for word in impure.iter().filter(|word| code.contains(**word)) {
                wrong.push(format!("{} is pure, yet uses {word}", file.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_stay_readable() {
    let mut sizes: Vec<(usize, PathBuf)> =
        sources().into_iter().map(|file| (file.text.lines().count(), file.path)).collect();
    sizes.sort();
    let (most, path) = sizes.last().unwrap();
    assert!(*most <= MAX_LINES, "{} has {most} lines", path.display());
    let median = sizes[sizes.len() / 2].0;
    assert!(median < 300, "the median file has {median} lines");
}

#[test]
fn every_file_opens_with_its_purpose() {
    for file in sources() {
        assert!(file.text.starts_with("//!"), "{} does not open with `//!`", file.path.display());
    }
}
