//! The first line is a pattern, the rest a path: matching ends, in bounded time and without a panic.
#![no_main]

use bylaws::access::{Access, Call, MapWorld, Place, Setup, Silent};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Some((pattern, path)) = text.split_once('\n') else { return };
    let place = Place {
        project: "/home/u/proj".to_owned(),
        home: "/home/u".to_owned(),
        config: "/home/u/.claude".to_owned(),
    };
    let mut setup = Setup::new(place);
    setup.allowed.push(format!("Edit({pattern})"));
    setup.disallowed.push(format!("Read({pattern})"));
    let access = Access::new(&setup, &MapWorld::default());
    for tool in ["Read", "Write"] {
        let input = serde_json::Map::from_iter([("file_path".to_owned(), path.into())]);
        access.decide(&Call { tool: tool.to_owned(), input }, &MapWorld::default(), &mut Silent);
    }
});
