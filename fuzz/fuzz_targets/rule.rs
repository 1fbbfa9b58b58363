//! Any text is a rule or none, and its canonical form means the same.
#![no_main]

use bylaws::rule::{List, Rule};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let rule = Rule::parse(text);
    let again = Rule::parse(&rule.canonical());
    assert_eq!(again.canonical(), rule.canonical());
    for list in List::ALL {
        let _ = rule.problem(list);
    }
});
