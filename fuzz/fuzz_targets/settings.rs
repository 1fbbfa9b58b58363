//! Any text is a settings file or none.
#![no_main]

use bylaws::json::Document;
use bylaws::settings::{Scope, Settings};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for scope in [Scope::Project, Scope::Managed] {
        let settings = Settings::read(Document::parse(text), scope);
        let _ = (settings.taken(), settings.hooks());
    }
});
