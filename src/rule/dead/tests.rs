//! Which rules are suspected, and what was meant by them.

use super::*;

fn dead(list: List, text: &str) -> Option<(DeadKind, Vec<String>)> {
    Rule::parse(text).dead(list).map(|dead| (dead.kind, dead.meant))
}

fn meant(text: &str) -> (DeadKind, String) {
    let (kind, meant) = dead(List::Deny, text).unwrap_or_else(|| panic!("{text}"));
    (kind, meant.join(" + "))
}

#[test]
fn paths_are_corrected_where_it_is_evident() {
    for (text, kind, expected) in [
        ("Write(.env)", DeadKind::InertTool("Edit"), "Edit(.env)"),
        ("Write( ** /secrets/ ** )", DeadKind::InertTool("Edit"), "Edit(**/secrets/**)"),
        ("Write(/etc/*)", DeadKind::InertTool("Edit"), "Edit(//etc/*)"),
        ("Write(file_path:.env)", DeadKind::InertTool("Edit"), "Edit(.env)"),
        ("Grep(**/.env)", DeadKind::InertTool("Read"), "Read(**/.env)"),
        ("Read(/etc/passwd)", DeadKind::NotAbsolute, "Read(//etc/passwd)"),
        ("Read(/Users/ann/x)", DeadKind::NotAbsolute, ""),
        ("Read(C:/x/**)", DeadKind::Drive, ""),
        (r"Read(src\secrets\**)", DeadKind::Backslash, "Read(src/secrets/**)"),
        ("Read( .env)", DeadKind::Blanks, "Read(.env)"),
        ("Read(.env .* )", DeadKind::Blanks, "Read(.env.*)"),
        ("Read(!.env)", DeadKind::Negated, ""),
        ("Read(../x/**)", DeadKind::Dots, ""),
        ("Read(~)", DeadKind::Dots, "Read(~/**)"),
        ("Read(${HOME}/.ssh/**)", DeadKind::Variable, "Read(~/.ssh/**)"),
        ("Read($CLAUDE_PROJECT_DIR/.env)", DeadKind::Variable, "Read(./.env)"),
        ("Read(**/*.{pem,key})", DeadKind::Braces, "Read(**/*.pem) + Read(**/*.key)"),
        ("Read(.env, .env.local)", DeadKind::Several, "Read(.env) + Read(.env.local)"),
        ("Read(\".env\")", DeadKind::Quoted, "Read(.env)"),
        ("Read(file_path:.env)", DeadKind::MainField, "Read(.env)"),
    ] {
        assert_eq!(meant(text), (kind, expected.to_owned()), "{text}");
    }
}

#[test]
fn commands_are_corrected_where_it_is_evident() {
    for (text, kind, expected) in [
        ("Bash( foo)", DeadKind::Blanks, "Bash(foo)"),
        ("Bash( foo:*)", DeadKind::Blanks, "Bash(foo:*)"),
        ("Bash(foo :*)", DeadKind::MisplacedPrefix, "Bash(foo *)"),
        ("Bash(git push :* )", DeadKind::MisplacedPrefix, "Bash(git push *)"),
        ("Bash(foo:* x)", DeadKind::MisplacedPrefix, "Bash(foo * x)"),
        ("Bash(gh api:*DELETE*)", DeadKind::MisplacedPrefix, "Bash(gh api *DELETE*)"),
        ("Bash(git * push:*)", DeadKind::StarBeforePrefix, "Bash(git * push *)"),
        ("Bash(curl http://localhost:*)", DeadKind::Port, "Bash(curl http://localhost*)"),
        ("Bash(> /etc/passwd)", DeadKind::Redirection, "Edit(//etc/passwd)"),
        ("Bash(echo * >> .env)", DeadKind::Redirection, "Edit(.env)"),
        ("Bash(foo * && bar *)", DeadKind::Operators, ""),
        ("Bash(wget *|bash*)", DeadKind::Pipe, "Bash(wget * | bash*)"),
        ("Bash(^git push.*)", DeadKind::Anchored, "Bash(git push *)"),
        ("Bash('rm -rf x')", DeadKind::Quoted, "Bash(rm -rf x)"),
        ("Bash(command:rm *)", DeadKind::MainField, "Bash(rm *)"),
    ] {
        assert_eq!(meant(text), (kind, expected.to_owned()), "{text}");
    }
    assert_eq!(dead(List::Allow, "Bash(source *)"), Some((DeadKind::AlwaysAsked, Vec::new())));
    assert_eq!(dead(List::Allow, "Bash(find * -exec *)"), Some((DeadKind::AlwaysAsked, Vec::new())));
}

#[test]
fn the_other_tools() {
    for (text, kind, expected) in [
        ("WebFetch(domain:a.com:80)", DeadKind::NotAHost, "WebFetch(domain:a.com)"),
        ("WebFetch(domain:a.com/x)", DeadKind::NotAHost, "WebFetch(domain:a.com)"),
        ("WebFetch(domain:.a.com)", DeadKind::NotAHost, "WebFetch(domain:*.a.com)"),
        ("WebFetch(domain: a.com)", DeadKind::Blanks, "WebFetch(domain:a.com)"),
        (
            "WebFetch(domain:a.com, b.com)",
            DeadKind::Several,
            "WebFetch(domain:a.com) + WebFetch(domain:b.com)",
        ),
        ("WebSearch(a b)", DeadKind::Query, "WebSearch(query:a b)"),
        ("Skill(sk*)", DeadKind::NameWildcard, "Skill(skill:sk*)"),
        ("Agent(Expl*)", DeadKind::NameWildcard, "Agent(subagent_type:Expl*)"),
        ("mcp__my.srv__get", DeadKind::McpName, "mcp__my_srv__get"),
    ] {
        assert_eq!(meant(text), (kind, expected.to_owned()), "{text}");
    }
    let ask = |text: &str| dead(List::Ask, text).map(|(_, meant)| meant.join(" + ")).unwrap_or_default();
    assert_eq!(ask("Agent(Explore)"), "Agent(subagent_type:Explore)");
    assert_eq!(ask("Skill(deploy:*)"), "Skill(skill:deploy*)");
    let (kind, _) = dead(List::Allow, "Bash(run_in_background:true)").unwrap();
    assert_eq!(kind, DeadKind::AllowedParameter);
}

/// Rules of which each is of use to somebody.
#[test]
fn what_may_match_is_not_suspected() {
    for list in List::ALL {
        for text in [
            "Bash(npm run test:*)",
            "Bash(npm run test:* --watch)",
            "Bash(foo * )",
            "Bash(git commit -m \"a; b\")",
            "Bash(git commit -m \"$(cat <<'EOF'\nx\nEOF\n)\")",
            "Bash(foo a && bar b)",
            "Bash(timeout:*)",
            "Bash(docker run img:* sh)",
            "Bash(curl https://a.com/x:*)",
            "Bash(echo \"a > b\" *)",
            "Read(.env )",
            "Read(./.env)",
            "Read(//c/x/**)",
            "Read(/src/**)",
            "Read(/lib/**)",
            "Read(/tmp/**)",
            "Read(/etc)",
            "Read(secrets/)",
            "Read(~/Library/Application Support/**)",
            "Read(my file.txt)",
            "Read(a,b.txt)",
            r"Read(.env\*)",
            r"Read(\[id\].tsx)",
            "Edit(src/app/[slug]/page.tsx)",
            "WebFetch(domain:*.a.com)",
            "WebFetch(domain:[::1])",
            "mcp__a-b__c_*",
            "Write",
            "Grep(*)",
            "MultiEdit(x)",
        ] {
            assert_eq!(dead(list, text), None, "{list} {text}");
        }
    }
    assert_eq!(dead(List::Allow, "Skill(deploy)"), None);
    assert_eq!(dead(List::Allow, "Bash(source .venv/bin/activate)"), None);
    assert_eq!(dead(List::Deny, "Grep(pattern:password)"), None);
    assert_eq!(dead(List::Deny, "Bash(source *)"), None);
}
