//! What the parser takes, refuses and bounds.

use super::*;

fn parses(line: &str) -> bool {
    parse(line).is_ok()
}

/// The first words of all simple commands at the top.
fn commands(line: &str) -> Vec<String> {
    fn walk(node: &Node<'_>, line: &str, found: &mut Vec<String>) {
        match node {
            Node::Simple(simple) => {
                found.push(line.get(simple.span.start..simple.span.end).unwrap().to_owned());
            }
            Node::Pipeline(parts) => parts.iter().for_each(|part| walk(part, line, found)),
            Node::List(first, rest) => {
                walk(first, line, found);
                rest.iter().for_each(|(_, part)| walk(part, line, found));
            }
            Node::Negated(inner) => walk(inner, line, found),
            Node::Compound(_) => found.push("compound".to_owned()),
        }
    }
    let mut found = Vec::new();
    for statement in parse(line).unwrap() {
        walk(&statement.node, line, &mut found);
    }
    found
}

#[test]
fn operators_split_a_line() {
    for line in ["a b && c", "a b&&c", "a b;c", "a b | c", "a b\nc", "a b & c", "a b |& c;", "a b;; c"] {
        assert_eq!(commands(line), ["a b", "c"], "{line}");
    }
    assert_eq!(commands("a 'b && c' \"d; e\" f\\;g # h; i"), ["a 'b && c' \"d; e\" f\\;g"]);
    assert_eq!(commands("a > b 2>&1 | c < d"), ["a", "c"]);
    assert_eq!(commands("X=1 a <<< b > c"), ["X=1 a <<< b"]);
    assert_eq!(commands("a <<'E'\nb; c\nE\nd"), ["a", "d"]);
    assert_eq!(commands("if a; then b; fi; c"), ["compound", "c"]);
}

#[test]
fn the_grammar_is_that_of_the_client() {
    for line in [
        "",
        "# a",
        "a |",
        "if a; then b",
        "for i; do a; done",
        "while a\ndo b\ndone",
        "case x in a) b;; esac",
        "f() { a; }",
        "function f { a; }",
        "a }",
        "a {",
        "!a",
        "! a",
        "[[ a && ( b ) ]]",
        "((1+2))",
        "a 'b",
        "a $((1+(2)))",
        "a \"$(b \"c\")\"",
        "(a)",
        "( (a) )",
        "((a); b)",
        "{ a; }",
        "a &&\n b",
        "a <(b)",
        "a ${b:-$(c)}",
        "a <<-E\n\tb\n\tE",
        "a \\\n b",
        "X=(a b)",
        "a \\$b",
        "a $",
        "a `b c` d",
        "X[0]=a",
    ] {
        assert!(parses(line), "{line}: {:?}", parse(line).err());
    }
    for line in [
        "a &&",
        "&& a",
        "; a",
        "a ; ; b",
        "then a",
        "a )",
        "(a",
        "{ a }",
        "a \"b",
        "if a; then; fi",
        "a && # b\nc",
        "a\n&& b",
        "a(b)",
        "[[ a ]",
        "a \\",
        "a `b",
        "a $(b",
    ] {
        assert!(!parses(line), "{line}");
    }
}

#[test]
fn depth_and_size_are_bounded() {
    for piece in ["(", "$(", "$((", "\"$(", "{ ", "if ", "a <(", "((", "${", "! "] {
        assert!(parse(&piece.repeat(20_000)).is_err(), "{piece}");
    }
    assert!(parse(&"a ".repeat(100_000)).is_err());
    assert!(parse(&"a".repeat(1 << 20)).is_ok());
    assert!(fragments(&"'\"(".repeat(10_000)).len() < 40_000);
}

#[test]
fn pieces_of_what_cannot_be_read() {
    let line = "then foo 'a; b' && (bar \"$(baz)\") ) { qux";
    let found: Vec<_> =
        fragments(line).into_iter().filter_map(|span| line.get(span.start..span.end)).collect();
    assert_eq!(found, ["foo 'a; b'", "bar \"$", "baz", "\"", "qux"]);
}
