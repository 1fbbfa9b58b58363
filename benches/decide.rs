//! Decisions a second on one core, and the same rules as policies of two general engines beside them.
//!
//! `cargo bench --bench decide` prints the figures of `docs/performance.md`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints its figures and may stop at the first surprise"
)]

use std::hint::black_box;
use std::str::FromStr;
use std::time::{Duration, Instant};

use bylaws::access::{Access, Call, Entry, File, MapWorld, Place, Setup, Silent, Verdict};
use bylaws::json::Document;
use bylaws::settings::{Scope, Settings};
use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request};
use serde_json::json;

/// How long one figure is measured.
const SPAN: Duration = Duration::from_millis(400);

/// Each figure is the median of this many.
const RUNS: usize = 5;

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
    println!("200 rules, simple command, allowed, by general engines");
    let (access, world) = access(200);
    let call =
        Call { tool: "Bash".to_owned(), input: json!({"command": calls[0].3}).as_object().unwrap().clone() };
    let own = rate(|| {
        black_box(access.decide(black_box(&call), &world, &mut Silent));
    });
    let told = |name: &str, other: f64| {
        println!("  {name:24} {other:12.0} a second; bylaws decides {:.0} times as many", own / other);
    };
    told("cedar-policy", cedar(200, calls[0].3));
    told("regorus", regorus(200, calls[0].3));
}

/// Times of `work` a second, the median of several measurements.
fn rate(mut work: impl FnMut()) -> f64 {
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

/// Half of the rules allow commands, half deny files.
fn rules(count: usize) -> (Vec<String>, Vec<String>) {
    let allow = (0..count / 2).map(|number| format!("Bash(tool-{number} run *)")).collect();
    let deny = (0..count / 2).map(|number| format!("Read(/secret-{number}/**)")).collect();
    (allow, deny)
}

fn access(count: usize) -> (Access, MapWorld) {
    let (allow, deny) = rules(count);
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

/// The command rules as Cedar policies with `like`.
fn cedar(count: usize, command: &str) -> f64 {
    let (allow, _) = rules(count * 2);
    let policies: String = allow
        .iter()
        .map(|rule| {
            let pattern = rule.trim_start_matches("Bash(").trim_end_matches(')');
            format!("permit(principal, action == Action::\"Bash\", resource) when {{ context.command like \"{pattern}\" }};\n")
        })
        .collect();
    let policies = PolicySet::from_str(&policies).unwrap();
    let uid = |text: &str| EntityUid::from_str(text).unwrap();
    let (authorizer, entities) = (Authorizer::new(), Entities::empty());
    let ask = || {
        let context = Context::from_json_value(json!({"command": command}), None).unwrap();
        let request =
            Request::new(uid("User::\"u\""), uid("Action::\"Bash\""), uid("Machine::\"m\""), context, None);
        authorizer.is_authorized(&request.unwrap(), &policies, &entities).decision()
    };
    assert_eq!(ask(), Decision::Allow);
    rate(|| {
        black_box(ask());
    })
}

/// The command rules as data of one Rego rule.
fn regorus(count: usize, command: &str) -> f64 {
    let (allow, _) = rules(count * 2);
    let prefixes: Vec<&str> =
        allow.iter().map(|rule| rule.trim_start_matches("Bash(").trim_end_matches("*)")).collect();
    let mut engine = regorus::Engine::new();
    let policy = "package bylaws\nimport rego.v1\ndefault allow := false\nallow if {\n  some prefix in data.prefixes\n  startswith(input.command, prefix)\n}\n";
    engine.add_policy("bylaws.rego".to_owned(), policy.to_owned()).unwrap();
    let data = json!({"prefixes": prefixes}).to_string();
    engine.add_data(regorus::Value::from_json_str(&data).unwrap()).unwrap();
    let input = regorus::Value::from_json_str(&json!({"command": command}).to_string()).unwrap();
    let mut ask = || {
        engine.set_input(input.clone());
        engine.eval_rule("data.bylaws.allow".to_owned()).unwrap()
    };
    assert_eq!(ask(), regorus::Value::from(true));
    rate(|| {
        black_box(ask());
    })
}
