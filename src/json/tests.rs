//! Reading and changing documents, case by case; the laws stand in `tests/suite/laws.rs`.

use serde_json::{Value, json};

use super::*;

fn faults(text: &str) -> Vec<(FaultKind, &str)> {
    let document = Document::parse(text);
    document
        .faults()
        .iter()
        .map(|fault| (fault.kind, text.get(fault.span.start..fault.span.end).unwrap()))
        .collect()
}

fn value(text: &str) -> Value {
    Document::parse(text).root().unwrap().to_value()
}

#[test]
fn strict_json_has_no_fault() {
    for text in ["{}", "\u{feff}{}", " [1, -0.5e+3, \"\\ud83d\\ude00\", null]\n", "\"\\ud800\"", "1e999", ""]
    {
        assert_eq!(faults(text), [], "{text}");
    }
    assert_eq!(value("\"\\ud83d\\ude00\""), json!("😀"));
    assert_eq!(value("\"\\ud800\""), json!("\u{fffd}"));
}

#[test]
fn what_is_not_json_is_named_and_read_on() {
    use FaultKind::*;
    type Case<'a> = (&'a str, &'a [(FaultKind, &'a str)], Value);
    let cases: &[Case<'_>] = &[
        ("{\"a\": [1, 2,], }", &[(TrailingComma, ","), (TrailingComma, ",")], json!({"a": [1, 2]})),
        ("{// x\n\"a\": /* y */ 1}", &[(Comment, "// x"), (Comment, "/* y */")], json!({"a": 1})),
        ("{\"a\": 1 \"b\": 2}", &[(MissingComma, "")], json!({"a": 1, "b": 2})),
        ("{\"a\" 1}", &[(MissingColon, "")], json!({"a": 1})),
        ("{\"a\": , \"b\": 2}", &[(MissingValue, "")], json!({"b": 2})),
        ("{'a': 'b'}", &[(SingleQuotes, "'a'"), (SingleQuotes, "'b'")], json!({"a": "b"})),
        ("{a: 1}", &[(BareKey, "a")], json!({"a": 1})),
        ("[\"\\x\"]", &[(BadEscape, "\\")], json!(["x"])),
        ("[\"a\tb\"]", &[(ControlCharacter, "\t")], json!(["a\tb"])),
        (
            "[NaN, +1, 01, .5, 0x1f]",
            &[(BadWord, "NaN"), (BadNumber, "+1"), (BadNumber, "01"), (BadNumber, ".5"), (BadNumber, "0x1f")],
            json!([null, null, null, null, null]),
        ),
        ("{\"a\": 1} {}", &[(TextAfterEnd, "{}")], json!({"a": 1})),
        ("{\"a\": [1", &[(Unclosed, "{"), (Unclosed, "[")], json!({"a": [1]})),
        ("[1}", &[(Unclosed, "["), (Unexpected, "}")], json!([1])),
        ("[\"a\n, 2]", &[(UnclosedString, "\"a")], json!(["a", 2])),
    ];
    for (text, expected, read) in cases {
        assert_eq!(faults(text), *expected, "{text}");
        assert_eq!(value(text), *read, "{text}");
    }
}

#[test]
fn hostile_nesting_is_a_fault_and_ends() {
    for text in
        ["[".repeat(100_000), "{\"a\":".repeat(100_000), "[{\"a\":".repeat(50_000), "}".repeat(100_000)]
    {
        assert!(!Document::parse(text).is_strict());
    }
    let deepest = format!("{}{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
    assert!(Document::parse(deepest).is_strict());
}

#[test]
fn the_last_of_repeated_keys_counts() {
    let document = Document::parse("{\"a\": 1, \"b\": {\"c\": 1, \"c\": 2}, \"a\": 3}");
    let root = document.root().unwrap();
    assert_eq!(root.to_value(), json!({"a": 3, "b": {"c": 2}}));
    let repeated: Vec<String> = root.repeated_keys().iter().map(|(at, _)| at.to_string()).collect();
    assert_eq!(repeated, ["/a", "/b/c"]);
}

#[test]
fn the_nearest_place_is_the_key_or_what_would_hold_it() {
    let document = Document::parse("{\"permissions\": {\"deny\": [\"x\"]}}");
    let shown =
        |pointer: &str| document.source().slice(document.nearest(&pointer.parse().unwrap())).to_owned();
    assert_eq!(shown("/permissions/deny"), "\"deny\"");
    assert_eq!(shown("/permissions/deny/0"), "\"x\"");
    assert_eq!(shown("/permissions/allow"), "\"permissions\"");
    assert_eq!(shown("/env"), "{");
}

fn set(at: &str, value: Value) -> Edit {
    Edit::Set { at: at.parse().unwrap(), value }
}

fn append(at: &str, value: Value) -> Edit {
    Edit::Append { at: at.parse().unwrap(), value }
}

fn remove(at: &str) -> Edit {
    Edit::Remove { at: at.parse().unwrap() }
}

/// Each case: before, edits, after.
#[test]
fn edits_follow_the_layout() {
    let cases: Vec<(&str, Vec<Edit>, &str)> = vec![
        // Several lines, each habit of indentation.
        (
            "{\n  \"a\": [\n    1\n  ]\n}\n",
            vec![append("/a", json!(2))],
            "{\n  \"a\": [\n    1,\n    2\n  ]\n}\n",
        ),
        (
            "{\n\t\"a\": 1\n}",
            vec![set("/b/c", json!([2]))],
            "{\n\t\"a\": 1,\n\t\"b\": {\n\t\t\"c\": [\n\t\t\t2\n\t\t]\n\t}\n}",
        ),
        (
            "{\r\n    \"a\": 1\r\n}\r\n",
            vec![set("/b", json!(2))],
            "{\r\n    \"a\": 1,\r\n    \"b\": 2\r\n}\r\n",
        ),
        // One line stays one line while it fits.
        ("{\n  \"a\": [1, 2]\n}", vec![append("/a", json!(3))], "{\n  \"a\": [1, 2, 3]\n}"),
        ("{\n  \"a\": []\n}", vec![append("/a", json!(3)), append("/a", json!(4))], "{\n  \"a\": [3, 4]\n}"),
        ("{\"a\":[1,2]}", vec![append("/a", json!(3)), set("/b", json!("c"))], "{\"a\":[1,2,3],\"b\":\"c\"}"),
        ("{ \"a\": 1 }", vec![set("/b", json!(2))], "{ \"a\": 1, \"b\": 2 }"),
        // Values change in place.
        ("{\"a\" : 1 , \"b\": 2}", vec![set("/a", json!(null))], "{\"a\" : null , \"b\": 2}"),
        // A new value is written as what it replaces, a new entry as those beside it.
        (
            "{\n  \"a\": { \"b\": 1 },\n  \"c\": [1]\n}",
            vec![set("/a", json!({"b": 2, "d": [3]})), set("/e", json!({"f": 4}))],
            "{\n  \"a\": { \"b\": 2, \"d\": [3] },\n  \"c\": [1],\n  \"e\": { \"f\": 4 }\n}",
        ),
        (
            "{\n  \"a\": {\"b\": 1},\n  \"c\": [\n    1\n  ]\n}",
            vec![set("/a/b", json!([2])), set("/d", json!({"e": 3}))],
            "{\n  \"a\": {\"b\": [2]},\n  \"c\": [\n    1\n  ],\n  \"d\": {\n    \"e\": 3\n  }\n}",
        ),
        // Removing takes one comma along.
        ("[1, 2, 3]", vec![remove("/0")], "[2, 3]"),
        ("[1, 2, 3]", vec![remove("/1")], "[1, 3]"),
        ("[1, 2, 3]", vec![remove("/2"), remove("/1")], "[1]"),
        ("[1, 2, 3]", vec![remove("/0"), remove("/1"), remove("/2")], "[]"),
        ("[1, 2, 3]", vec![remove("/2"), append("", json!(4))], "[1, 2, 4]"),
        ("[1, 2, 3]", vec![remove("/0"), remove("/1"), remove("/2"), append("", json!(4))], "[4]"),
        ("{\n  \"a\": 1,\n\n  \"b\": 2,\n  \"c\": 3\n}", vec![remove("/b")], "{\n  \"a\": 1,\n  \"c\": 3\n}"),
        ("{\n  \"a\": 1,\n  \"b\": 2\n}", vec![remove("/b")], "{\n  \"a\": 1\n}"),
        ("{\n  \"a\": 1,\n  \"b\": 2\n}", vec![remove("/b"), remove("/a")], "{}"),
        ("{\"a\": 1}", vec![remove("/zz"), remove("/a/b"), remove("/a/0")], "{\"a\": 1}"),
        // Blank texts, marks and stray commas.
        ("", vec![append("/a", json!(1))], "{\n  \"a\": [\n    1\n  ]\n}\n"),
        ("\u{feff}{}", vec![set("/a", json!(1))], "\u{feff}{\"a\": 1}"),
        ("[1, 2,]", vec![Edit::Mend { span: Span::new(5, 6) }, append("", json!(3))], "[1, 2, 3]"),
    ];
    for (before, edits, after) in cases {
        assert_eq!(apply(&Document::parse(before), &edits).unwrap(), after, "{before}");
    }
}

#[test]
fn a_line_that_grows_too_wide_is_spread() {
    let rules: Vec<Edit> =
        (0..6).map(|n| append("/allow", json!(format!("Bash(a long command {n} *)")))).collect();
    let text = apply(&Document::parse("{\n  \"allow\": [\"x\"]\n}"), &rules).unwrap();
    assert!(text.starts_with("{\n  \"allow\": [\n    \"x\",\n    \"Bash(a long command 0 *)\",\n"), "{text}");
    assert!(text.ends_with("5 *)\"\n  ]\n}"), "{text}");
}

#[test]
fn a_minified_file_stays_minified() {
    let before = format!("{{\"allow\":[{}\"x\"]}}", "\"Bash(npm test)\",".repeat(10));
    let text =
        apply(&Document::parse(before.as_str()), &[append("/allow", json!("y")), set("/b", json!([1, 2]))])
            .unwrap();
    assert_eq!(text, before.replace("\"x\"]}", "\"x\",\"y\"],\"b\":[1,2]}"));
}

#[test]
fn what_cannot_be_edited_is_said() {
    let edit = |text: &str, edit: Edit| apply(&Document::parse(text), &[edit]).unwrap_err().to_string();
    assert_eq!(
        edit("{\"a\": 1}", set("/a/b", json!(1))),
        "`a` holds a number, so nothing can be put below it"
    );
    assert_eq!(
        edit("{\"a\": {}}", append("/a", json!(1))),
        "`a` holds an object, so nothing can be put below it"
    );
    assert_eq!(
        edit("{\"a\": 1, \"a\": 2}", set("/a", json!(3))),
        "`a` stands there more than once, and only the last counts"
    );
    assert_eq!(edit("{\"a\": 1,}", set("/b", json!(3))), "the document is not valid JSON");
    let both = [set("/a", json!(1)), set("/a", json!(2))];
    assert_eq!(
        apply(&Document::parse("{}"), &both).unwrap_err().to_string(),
        "`a` is asked to be two things at once"
    );
}

#[test]
fn no_edit_changes_no_byte() {
    for text in ["", "  \n", "{ }\r\n", "{\"a\":[ 1,2 ]}\n\n"] {
        assert_eq!(apply(&Document::parse(text), &[]).unwrap(), text);
    }
}
