//! Any text is a command line: it is parsed and decided, in bounded time and without a panic.
#![no_main]

use std::sync::LazyLock;

use bylaws::access::{Access, Call, File, MapWorld, Place, Setup, Silent};
use bylaws::json::Document;
use bylaws::settings::{Scope, Settings};
use libfuzzer_sys::fuzz_target;

static ACCESS: LazyLock<Access> = LazyLock::new(|| {
    let place = Place {
        project: "/home/u/proj".to_owned(),
        home: "/home/u".to_owned(),
        config: "/home/u/.claude".to_owned(),
    };
    let text = r#"{"permissions": {"allow": ["Bash(foo *)", "Bash(* a)", "Edit(src/**)"], "deny": ["Bash(rm *)", "Read(.env)"], "ask": ["Bash(git push:*)"]}}"#;
    let mut setup = Setup::new(place);
    setup.files.push(File {
        settings: Settings::read(Document::parse(text), Scope::Project),
        path: "/home/u/proj/.claude/settings.json".to_owned(),
        folder: "/home/u/proj".to_owned(),
    });
    Access::new(&setup, &MapWorld::default())
});

fuzz_target!(|text: &str| {
    let _ = bylaws::shell::parse(text);
    let input = serde_json::Map::from_iter([("command".to_owned(), text.into())]);
    let call = Call { tool: "Bash".to_owned(), input };
    ACCESS.decide(&call, &MapWorld::default(), &mut Silent);
});
