//! One command decided by Bylaws and by two general engines, which hold the same rules against its whole text.
//!
//! `cargo run --release --manifest-path benches/engines/Cargo.toml` prints the figures of `docs/performance.md`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints its figures and may stop at the first surprise"
)]

#[path = "../../rules/mod.rs"]
mod rules;

use std::hint::black_box;
use std::str::FromStr;

use bylaws::access::{Call, Silent, Verdict};
use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request};
use serde_json::json;

use rules::{access, commands, rate};

/// The command that is decided.
const COMMAND: &str = "tool-17 run build --fast";

/// How many rules there are.
const RULES: usize = 200;

fn main() {
    let (access, world) = access(RULES);
    let call =
        Call { tool: "Bash".to_owned(), input: json!({"command": COMMAND}).as_object().unwrap().clone() };
    assert_eq!(access.decide(&call, &world, &mut Silent).verdict, Verdict::Allow);
    let own = rate(|| {
        black_box(access.decide(black_box(&call), &world, &mut Silent));
    });
    println!("{RULES} rules, a simple command that is allowed");
    println!("  {:24} {own:12.0} a second", "bylaws");
    for (name, other) in [("cedar-policy", cedar()), ("regorus", regorus())] {
        println!("  {name:24} {other:12.0} a second; bylaws decides {:.0} times as many", own / other);
    }
}

/// The rules as Cedar policies with `like`.
fn cedar() -> f64 {
    let policies: String = commands(RULES)
        .iter()
        .map(|pattern| {
            format!("permit(principal, action == Action::\"Bash\", resource) when {{ context.command like \"{pattern}\" }};\n")
        })
        .collect();
    let policies = PolicySet::from_str(&policies).unwrap();
    let uid = |text: &str| EntityUid::from_str(text).unwrap();
    let (authorizer, entities) = (Authorizer::new(), Entities::empty());
    let ask = || {
        let context = Context::from_json_value(json!({"command": COMMAND}), None).unwrap();
        let request =
            Request::new(uid("User::\"u\""), uid("Action::\"Bash\""), uid("Machine::\"m\""), context, None);
        authorizer.is_authorized(&request.unwrap(), &policies, &entities).decision()
    };
    assert_eq!(ask(), Decision::Allow);
    rate(|| {
        black_box(ask());
    })
}

/// The rules as data of one Rego rule.
fn regorus() -> f64 {
    let rules = commands(RULES);
    let prefixes: Vec<&str> = rules.iter().map(|pattern| pattern.trim_end_matches('*')).collect();
    let mut engine = regorus::Engine::new();
    let policy = "package bylaws\nimport rego.v1\ndefault allow := false\nallow if {\n  some prefix in data.prefixes\n  startswith(input.command, prefix)\n}\n";
    engine.add_policy("bylaws.rego".to_owned(), policy.to_owned()).unwrap();
    let data = json!({"prefixes": prefixes}).to_string();
    engine.add_data(regorus::Value::from_json_str(&data).unwrap()).unwrap();
    let input = regorus::Value::from_json_str(&json!({"command": COMMAND}).to_string()).unwrap();
    let mut ask = || {
        engine.set_input(input.clone());
        engine.eval_rule("data.bylaws.allow".to_owned()).unwrap()
    };
    assert_eq!(ask(), regorus::Value::from(true));
    rate(|| {
        black_box(ask());
    })
}
