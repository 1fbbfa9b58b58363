//! Random settings and random calls for them, to be put to the real client: prints a JSON array of cases
//! in the form that `docs/conformance.md` describes. The same seed gives the same cases.
//!
//! `cargo run --example random_cases -- SEED SETS CALLS > cases.json`

#![expect(clippy::print_stdout, reason = "an example prints what it makes")]

use serde_json::{Map, Value, json};

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|word| word.parse::<u64>().ok());
    let (seed, sets, calls) =
        (numbers.next().unwrap_or(1), numbers.next().unwrap_or(10), numbers.next().unwrap_or(40));
    let cases: Vec<Value> =
        (0..sets).map(|set| case(&mut Dice(seed.wrapping_mul(1_000_003) + set), seed, set, calls)).collect();
    println!("{}", Value::Array(cases));
}

/// A small generator of numbers (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.roll() % u64::try_from(end.max(1)).unwrap_or(1)).unwrap_or_default()
    }

    /// True in `percent` of a hundred cases.
    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One line of a text.
    fn line<'a>(&mut self, of: &'a str) -> &'a str {
        let lines: Vec<&str> = of.lines().collect();
        self.one(&lines)
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of.get(self.below(of.len())).copied().unwrap_or_default()
    }
}

const COMMANDS: &str = include_str!("words/commands.txt");
const SIMPLE: &str = include_str!("words/simple.txt");
const FILES: &str = include_str!("words/files.txt");
const PATTERNS: &str = include_str!("words/patterns.txt");
const BASH_PATTERNS: &str = include_str!("words/bash_patterns.txt");
const HOSTS: &str = include_str!("words/hosts.txt");
const DOMAINS: &str = include_str!("words/domains.txt");
const OTHER_RULES: &str = include_str!("words/other_rules.txt");
fn rule(dice: &mut Dice) -> String {
    match dice.below(100) {
        0..=49 => format!("Bash({})", dice.line(BASH_PATTERNS)),
        50..=63 => format!("Read({})", dice.line(PATTERNS)),
        64..=77 => format!("Edit({})", dice.line(PATTERNS)),
        78..=83 => format!("WebFetch(domain:{})", dice.line(DOMAINS)),
        _ => dice.line(OTHER_RULES).to_owned(),
    }
}

fn rules(dice: &mut Dice, most: usize) -> Value {
    (0..dice.below(most + 1)).map(|_| Value::String(rule(dice))).collect()
}

fn settings(dice: &mut Dice) -> Value {
    let mut permissions = Map::new();
    for (list, chance, most) in [("allow", 80, 8), ("deny", 55, 4), ("ask", 30, 3)] {
        if dice.chance(chance) {
            permissions.insert(list.to_owned(), rules(dice, most));
        }
    }
    if dice.chance(8) {
        let mode =
            dice.one(&["default", "acceptEdits", "dontAsk", "bypassPermissions", "manual", "plan", "bogus"]);
        // What is allowed while planning, the client's server says.
        if mode != "plan" {
            permissions.insert("defaultMode".to_owned(), mode.into());
        }
    }
    if dice.chance(10) {
        let folder = dice.one(&["/home/u/more", "~/more", "../more", "/tmp", "/nowhere"]);
        permissions.insert("additionalDirectories".to_owned(), json!([folder]));
    }
    if dice.chance(4) {
        permissions.insert("disableBypassPermissionsMode".to_owned(), "disable".into());
    }
    let mut settings = Map::new();
    settings.insert("permissions".to_owned(), Value::Object(permissions));
    if dice.chance(3) {
        settings.insert("model".to_owned(), json!(5));
    }
    if dice.chance(3) {
        settings.insert("allowManagedPermissionRulesOnly".to_owned(), json!(true));
    }
    if dice.chance(5) {
        settings.insert("env".to_owned(), json!({"X": dice.one(&["in.txt", ".env", "1"])}));
    }
    Value::Object(settings)
}

/// One simple command, perhaps with odd quoting, variables and wrappers before it.
fn simple(dice: &mut Dice) -> String {
    let mut command = match dice.below(10) {
        0..=6 => dice.line(SIMPLE).to_owned(),
        7 | 8 => {
            let (name, file) = (dice.line(COMMANDS), dice.line(FILES));
            format!("{name} {file}")
        }
        _ => {
            let (name, option, first, second) = (
                dice.line(COMMANDS),
                dice.one(&["-x", "-n", "-r", "--all", "-la", "-f", "--"]),
                dice.line(FILES),
                dice.line(FILES),
            );
            format!("{name} {option} {first} {second}")
        }
    };
    if dice.chance(5) {
        command = match command.split_once(' ') {
            Some((name, rest)) => {
                let name = match dice.below(5) {
                    0 => format!("\"{name}\""),
                    1 => format!("'{name}'"),
                    2 => format!("\\{name}"),
                    3 => format!("/bin/{name}"),
                    _ => format!("./{name}"),
                };
                format!("{name} {rest}")
            }
            None => format!("\"{command}\""),
        };
    }
    if dice.chance(10) {
        let wrapper = dice.one(&[
            "timeout 5",
            "timeout -k 1 5",
            "timeout --foreground 5s",
            "time",
            "time -p",
            "nice",
            "nice -n 5",
            "nohup",
            "stdbuf -oL",
            "command",
            "command -v",
            "builtin",
            "env",
            "env FOO=1",
            "sudo",
            "sudo -u x",
            "xargs",
            "xargs -n1",
            "exec",
            "eval",
            "watch",
            "setsid",
            "ionice -c3",
            "bash -c",
            "!",
            "noglob",
            "nice -5",
            "doas",
            "strace",
            "caffeinate",
        ]);
        command = format!("{wrapper} {command}");
    }
    if dice.chance(8) {
        let variable = dice.one(&[
            "CI=1",
            "NODE_ENV=test",
            "FOO=1",
            "FOO=",
            "CI=\"1\"",
            "TZ=a/b",
            "RUST_LOG=debug",
            "PATH=/x",
            "X=$(foo a)",
            "X=.env",
            "LC_ALL=C",
            "DEBUG=1",
            "FORCE_COLOR=1 CI=1",
            "CI=1 FOO=2",
            "NODE_ENV=/x",
            "LD_PRELOAD=x",
        ]);
        command = format!("{variable} {command}");
    }
    if dice.chance(10) {
        let redirection = dice.one(&[
            "> out.txt",
            ">> out.txt",
            "> .env",
            "2>&1",
            "> /dev/null",
            "2>/dev/null",
            "&> /dev/null",
            "< in.txt",
            "< .env",
            "< /etc/passwd",
            "> ../x",
            "> /tmp/o",
            "> src/o.js",
            "2> err.txt",
            "> .git/x",
            "> $X",
            "<<< hi",
            ">| out.txt",
            "&> out.txt",
            "2>&1 > out.txt",
            "> ~/o",
            "> 'a b.txt'",
            ">&2",
            "1>&2",
            "<> in.txt",
        ]);
        command = format!("{command} {redirection}");
    }
    command
}

fn command(dice: &mut Dice, depth: usize) -> String {
    if depth == 0 || dice.chance(45) {
        return simple(dice);
    }
    let one = command(dice, depth - 1);
    let other = command(dice, depth - 1);
    match dice.below(34) {
        0..=4 => format!("{one} && {other}"),
        5 | 6 => format!("{one} || {other}"),
        7 | 8 => format!("{one}; {other}"),
        9..=12 => format!("{one} | {other}"),
        13 => format!("{one}\n{other}"),
        14 => format!("{one} |& {other}"),
        15 => format!("{one} &"),
        16 => format!("{one} & {other}"),
        17 => format!("({one})"),
        18 => format!("{{ {one}; }}"),
        19 => format!("echo $({one})"),
        20 => format!("foo \"$({one})\""),
        21 => format!("foo `{one}`"),
        22 => format!("foo <({one})"),
        23 => format!("if {one}; then {other}; fi"),
        24 => format!("for f in a b; do {one}; done"),
        25 => format!("while {one}; do {other}; done"),
        26 => format!("X=.env; {one}"),
        27 => format!("{one} # {other}"),
        28 => format!("cat <<'EOF'\n{one}\nEOF"),
        29 => format!("foo <<EOF\n{one}\nEOF"),
        30 => format!("f() {{ {one}; }}; {other}"),
        31 => format!("X=$({one}); {other}"),
        32 => format!("case a in a) {one};; esac"),
        _ => format!("! {one}"),
    }
}

fn call(dice: &mut Dice, number: u64) -> Value {
    match dice.below(100) {
        0..=66 => {
            let mut input = json!({"command": command(dice, 2)});
            if let (true, Some(members)) = (dice.chance(4), input.as_object_mut()) {
                match dice.below(3) {
                    0 => members.insert("timeout".to_owned(), json!(1000)),
                    1 => members.insert("run_in_background".to_owned(), json!(true)),
                    _ => members.insert("description".to_owned(), json!("hello")),
                };
            }
            json!({"tool": "Bash", "input": input})
        }
        67..=77 => json!({"tool": "Read", "input": {"file_path": absolute(dice.line(FILES))}}),
        78..=86 => {
            let folder = dice.one(&[
                "",
                "src/",
                "src/b/",
                "docs/",
                "secret/",
                "../",
                "/tmp/",
                "/home/u/more/",
                ".claude/",
                "link_src/",
            ]);
            let name = dice.one(&["a.js", "x.md", ".env", "y.txt", "settings.json", "key.pem", ".bashrc"]);
            json!({"tool": "Write", "input": {"file_path": absolute(&format!("{folder}n{number}{name}")), "content": "x"}})
        }
        87..=91 => {
            let (scheme, host) = (dice.one(&["https", "http"]), dice.line(HOSTS));
            let rest = dice.one(&["", "/", "/a/b?c", ":8080/x"]);
            json!({"tool": "WebFetch", "input": {"url": format!("{scheme}://{host}{rest}"), "prompt": "x"}})
        }
        92..=95 => {
            json!({"tool": dice.one(&["mcp__srv__get_x", "mcp__srv__put_x", "mcp__other__get_x"]), "input": {}})
        }
        96 | 97 => json!({"tool": "Skill", "input": {"skill": dice.one(&["sk", "sk2", "cm"])}}),
        _ => {
            json!({"tool": "Task", "input": {"description": "d", "prompt": "p", "subagent_type": dice.one(&["Explore", "general-purpose"])}})
        }
    }
}

fn absolute(path: &str) -> String {
    match (path.strip_prefix("~/"), path.starts_with('/')) {
        (Some(rest), _) => format!("/home/u/{rest}"),
        (None, true) => path.to_owned(),
        (None, false) => format!("/home/u/proj/{path}"),
    }
}

fn case(dice: &mut Dice, seed: u64, set: u64, calls: u64) -> Value {
    let mut scopes = Map::new();
    for (scope, chance) in [("project", 75), ("user", 40), ("local", 25), ("managed", 15), ("flag", 10)] {
        if dice.chance(chance) {
            scopes.insert(scope.to_owned(), settings(dice));
        }
    }
    let mut calls: Vec<Value> = (0..calls).map(|number| call(dice, number)).collect();
    // A `cd` that runs holds for the calls after it, so these come last and only one is kept.
    let moves = |call: &Value| {
        call.pointer("/input/command")
            .and_then(Value::as_str)
            .is_some_and(|text| text.contains("cd") || text.contains("rm -rf .\n"))
    };
    let last = calls.iter().find(|call| moves(call)).cloned();
    calls.retain(|call| !moves(call));
    calls.extend(last);
    let mut case = json!({
        "id": format!("random/{seed}/{set}"),
        "settings": scopes,
        "files": {
            "in.txt": "x", ".env": "A=1", "src/a.js": "1", "src/b/c.js": "1", "src/.env": "B=1", "docs/x.md": "d",
            "secret/key.pem": "k", "README.md": "r", "a b.txt": "s", "package.json": "{}",
            "link_env": {"symlink": ".env"}, "link_src": {"symlink": "src"}, "out_link": {"symlink": "/etc/passwd"},
            "/home/u/more/m.txt": "m", "~/x": "x", "/home/u/x": "x",
            ".claude/skills/sk/SKILL.md": "---\nname: sk\ndescription: d\n---\nx\n",
            ".claude/skills/sk2/SKILL.md": "---\nname: sk2\ndescription: d\n---\nx\n",
            ".claude/commands/cm.md": "x\n",
            ".mcp.json": {"mcpServers": {"srv": {"command": "/opt/mcp_stub.sh"}, "other": {"command": "/opt/mcp_stub.sh", "args": ["a"]}}}
        },
        "calls": calls,
    });
    if let Some(members) = case.as_object_mut() {
        if dice.chance(18) {
            members
                .insert("mode".to_owned(), dice.one(&["acceptEdits", "bypassPermissions", "dontAsk"]).into());
        }
        if dice.chance(7) {
            members.insert("trusted".to_owned(), json!(false));
        }
    }
    case
}
