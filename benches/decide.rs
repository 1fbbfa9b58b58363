//! Decisions a second on one core.
//!
//! `cargo bench --bench decide` prints the figures of `docs/performance.md`. The same rules as policies of two general engines
//! are measured by the package in `benches/engines`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints its figures and may stop at the first surprise"
)]

mod rules;

use std::hint::black_box;

use bylaws::access::{Call, Silent, Verdict};
use serde_json::json;

use rules::{access, rate};

fn main() {
    let calls = [
        ("simple command, allowed", "Bash", "command", "tool-17 run build --fast", Verdict::Allow),
        ("simple command, no rule", "Bash", "command", "other run build --fast", Verdict::Ask),
        ("file, denied", "Read", "file_path", "/home/u/proj/secret-17/key.pem", Verdict::Deny),
        ("file, in the project", "Read", "file_path", "/home/u/proj/src/main.rs", Verdict::Allow),
        (
            "compound command",
            "Bash",
            "command",
            "tool-3 run build | tail -n 20 && tool-17 run test > /dev/null 2>&1",
            Verdict::Allow,
        ),
    ];
    for count in [50, 200, 800, 3200] {
        println!("{count} rules");
        let (access, world) = access(count);
        for (name, tool, field, text, expected) in calls {
            let input = json!({field: text}).as_object().unwrap().clone();
            let call = Call { tool: tool.to_owned(), input };
            let decided = access.decide(&call, &world, &mut Silent).verdict;
            assert_eq!(decided, expected, "{name}");
            let rate = rate(|| {
                black_box(access.decide(black_box(&call), &world, &mut Silent));
            });
            println!("  {name:24} {rate:12.0} a second");
        }
    }
}
