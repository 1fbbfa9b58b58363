//! Command lines against rules, one fact a test.

use super::*;
use crate::access::{MapWorld, Rules, Silent};
use crate::client::Version;
use crate::json::Pointer;
use crate::rule::Rule;
use crate::settings::Scope;

fn judge_in(mode: Mode, rules: &[(List, &str)], command: &str) -> (Verdict, Cause) {
    let mut all = Rules::default();
    for (list, text) in rules {
        all.push(Loaded {
            rule: Rule::parse(text),
            list: *list,
            scope: Scope::Project,
            file: 0,
            pointer: Pointer::root(),
            span: Span::new(0, 0),
        });
    }
    let place =
        Place { project: "/home/u/proj".into(), home: "/home/u".into(), config: "/home/u/.claude".into() };
    let paths = Paths::new(&all, &place, &["/home/u/proj".to_owned()], &[]);
    let world = MapWorld::default();
    let (profile, _) = Profile::speaking_for(Version::NEWEST);
    let around =
        Around { profile, paths: &paths, world: &world, place: &place, mode, ran: true, inherited: &[] };
    let decision = Commands::new(all.iter()).judge(around, command, &mut Silent);
    (decision.verdict, decision.cause)
}

fn judge(rules: &[(List, &str)], command: &str) -> Verdict {
    judge_in(Mode::Default, rules, command).0
}

const ALLOW: &[(List, &str)] = &[(List::Allow, "Bash(foo *)"), (List::Allow, "Bash(bar b)")];
const DENY: &[(List, &str)] = &[(List::Allow, "Bash"), (List::Deny, "Bash(foo *)")];

#[test]
fn every_part_must_be_allowed() {
    for command in [
        "foo a",
        "foo a && bar b",
        "foo a; ls",
        "if foo a; then bar b; fi",
        "timeout 5 nice foo a",
        "CI=1 foo",
        "xargs foo",
        "\"foo\" a > /dev/null 2>&1",
        "foo 'a; b' # c",
        "for i in 1 2; do foo x; done",
        "foo <<'E'\n$(x)\nE",
        "foo \"n: $(bar b)\"",
    ] {
        assert_eq!(judge(ALLOW, command), Verdict::Allow, "{command}");
    }
    for command in [
        "bar",
        "foo a && bar c",
        "foo $X",
        "foo $(bar b)",
        "(foo a)",
        "{ foo a; }",
        "foo a &",
        "foo > out",
        "FOO=1 foo a",
        "./foo a",
        "foo {a,b}",
        "foo a &&",
        "env foo a",
        "X=1; foo $X",
        "cd /tmp && foo a",
        "foo < /etc/passwd",
        "foo a\\ b",
    ] {
        assert_eq!(judge(ALLOW, command), Verdict::Ask, "{command}");
    }
}

#[test]
fn one_refused_part_refuses_all() {
    for command in [
        "foo a",
        "ls && foo a",
        "echo $(foo a)",
        "{ foo a; }",
        "f() { foo a; }",
        "/x/foo a",
        "'fo'o a",
        "X=1 foo a",
        "sudo -u x foo",
        "env -S 'foo a'",
        "foo a &&",
        "then foo a",
        "timeout 5 env A=1 foo a",
        "case x in x) foo a;; esac",
        "foo $X",
        "2>&1 foo a",
    ] {
        assert_eq!(judge(DENY, command), Verdict::Deny, "{command}");
    }
    for command in ["bash -c 'foo a'", "$FOO a", "find . -exec foo {} +", "echo foo a", "xargs -n1 foo"] {
        assert_eq!(judge(DENY, command), Verdict::Allow, "{command}");
    }
}

#[test]
fn files_of_commands_are_held_against_path_rules() {
    let rules = &[(List::Allow, "Bash"), (List::Deny, "Read(.env)"), (List::Deny, "Edit(out)")];
    for command in [
        "cat .env",
        "cd sub && cat .env",
        "X=.env; cat $X",
        "(cat .env)",
        "foo < .env",
        "foo > out",
        "rm out",
    ] {
        assert_eq!(judge(rules, command), Verdict::Deny, "{command}");
    }
    for command in ["echo .env", "{ cat .env; }", "cat .e*", "bash -c 'cat .env'"] {
        assert_eq!(judge(rules, command), Verdict::Allow, "{command}");
    }
    assert_eq!(judge_in(Mode::AcceptEdits, &[], "echo x > a").0, Verdict::Allow);
    assert_eq!(judge_in(Mode::AcceptEdits, &[], "echo x > ../a").0, Verdict::Ask);
}

#[test]
fn some_questions_stay_whatever_is_allowed() {
    let rules = &[(List::Allow, "Bash")];
    for (command, cause) in [
        ("rm -rf /", Cause::Critical),
        ("{ rm -rf ~; }", Cause::Critical),
        ("ls &", Cause::Background),
        ("foo > .git/config", Cause::Protected),
    ] {
        assert_eq!(judge_in(Mode::Default, rules, command), (Verdict::Ask, cause), "{command}");
    }
    assert_eq!(judge(rules, "npm start &"), Verdict::Allow);
}

#[test]
fn long_lines_are_held_against_rules_by_their_head() {
    let long = "a".repeat(MAX_COMMAND);
    assert_eq!(judge(ALLOW, &format!("foo {long}")), Verdict::Ask);
    assert_eq!(judge(DENY, &format!("foo {long}")), Verdict::Deny);
    assert_eq!(judge(DENY, &format!("bar {long} && foo a")), Verdict::Allow);
}

#[test]
fn an_exact_rule_covers_a_whole_line() {
    let rules = &[
        (List::Allow, "Bash(foo a && bar b)"),
        (List::Allow, "Bash(foo $X)"),
        (List::Allow, "Bash(foo a | bar b)"),
    ];
    for (command, verdict) in [
        ("foo a && bar b", Verdict::Allow),
        ("foo a&&bar b", Verdict::Allow),
        ("foo $X", Verdict::Allow),
        ("foo a | bar b", Verdict::Ask),
        ("foo a", Verdict::Ask),
    ] {
        assert_eq!(judge(rules, command), verdict, "{command}");
    }
}

#[test]
fn a_line_of_plain_words_is_read_as_any_other() {
    let (profile, _) = Profile::speaking_for(Version::NEWEST);
    for line in ["foo a", "timeout 5 foo --b=c", "time -p x", "env A=b foo", "eval x", "ls  /etc"] {
        let plain = Line::plain(line, shell::plain_words(line).unwrap(), profile);
        let place = Place { project: "/p".into(), home: "/h".into(), config: "/h/.claude".into() };
        let statements = shell::parse(line).unwrap();
        let read = reading::read(line, &statements, &place, profile).unwrap();
        assert_eq!(format!("{plain:?}"), format!("{read:?}"), "{line}");
    }
}
