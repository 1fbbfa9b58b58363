//! The table as a whole, and each part of the notation.

use std::collections::HashSet;

use super::*;
use crate::json::Document;

fn mismatches(kind: &str, json: &str) -> Vec<String> {
    let document = Document::parse(json);
    let kind = Type::parse(kind, &|_| None).unwrap();
    let found = kind.check(document.root().unwrap());
    found.iter().map(|one| format!("{}: {} not {}", one.pointer.dotted(), one.expected, one.found)).collect()
}

#[test]
fn every_line_of_the_table_reads() {
    let named = lines().filter(|line| line.starts_with('@')).count();
    assert_eq!(all().len() + named, lines().count());
    assert!(all().len() > 300);
    for line in lines() {
        assert_eq!(line.split('\t').count(), 8, "{line}");
    }
}

#[test]
fn every_type_reads() {
    for key in all().iter().filter(|key| key.alias_of.is_none()) {
        assert!(Type::parse(key.notation, &named).is_some(), "{}: {}", key.dotted(), key.notation);
    }
    for name in KEYS.named.keys() {
        assert!(named(name).is_some(), "{name}");
    }
    for alias in all().iter().filter_map(|key| key.alias_of) {
        assert!(find(&[alias]).is_some(), "{alias}");
    }
}

#[test]
fn every_key_stands_below_one_that_holds_keys() {
    let mut seen = HashSet::new();
    for key in all() {
        assert!(seen.insert(key.dotted()), "{} stands there twice", key.dotted());
        if let Some((_, parent @ [_, ..])) = key.path.split_last() {
            let parent = find(parent).unwrap();
            assert!(format!("{:?}", parent.kind()).contains("Keys"), "{}", key.dotted());
        }
    }
}

#[test]
fn defaults_are_json_and_orders_fit_the_type() {
    for key in all() {
        if let Some(default) = key.default {
            assert!(serde_json::from_str::<Value>(default).is_ok(), "{}: {default}", key.dotted());
        }
        for value in key.strictness.ranks() {
            let document = Document::parse(value.to_string());
            assert_eq!(key.kind().check(document.root().unwrap()), [], "{}", key.dotted());
        }
    }
}

#[test]
fn the_notation_says_what_it_takes() {
    for (kind, json, expected) in [
        ("boolean", "true", ""),
        ("boolean", "\"true\"", "(root): `true` or `false` not `\"true\"`"),
        ("integer>0", "0", "(root): a whole number above 0 not `0`"),
        ("integer>0", "1.5", "(root): a whole number above 0 not `1.5`"),
        ("number>=0<=1", "1", ""),
        ("number>=0<=1", "2", "(root): a number at least 0 and at most 1 not `2`"),
        ("array<integer>0>", "[1, 0]", "1: a whole number above 0 not `0`"),
        ("array<string>>=1", "[]", "(root): an array not an empty array"),
        ("\"a\" | \"b\"", "\"c\"", "(root): `a` or `b` not `\"c\"`"),
        ("\"custom:*\"", "\"custom:x\"", ""),
        ("string | array<string>", "[1]", "0: a string not `1`"),
        ("map<string>", "{\"a\": 1}", "a: a string not `1`"),
        ("{a: string, b?: string}", "{}", "(root): one with it not an object without `a`"),
        ("time", "\"9:30\"", ""),
        ("time", "\"24:00\"", "(root): a time of day such as `23:05` not `\"24:00\"`"),
        ("url", "\"https://a.b/c\"", ""),
        ("url", "\"x\"", "(root): an address such as `https://example.com/x` not `\"x\"`"),
        (
            "{type: \"a\", x: string} | {type: \"b\"}",
            "{\"type\": \"a\"}",
            "(root): one with it not an object without `x`",
        ),
        ("{type: \"a\", x: string} | {type: \"b\"}", "{\"type\": \"c\"}", "type: `a` or `b` not `\"c\"`"),
    ] {
        assert_eq!(mismatches(kind, json).join("; "), expected, "{kind} {json}");
    }
}

#[test]
fn texts_outside_the_notation_are_refused() {
    for text in ["", "strin", "array<string", "{a string}", "string |", "boolean x", "@missing"] {
        assert_eq!(Type::parse(text, &|_| None), None, "{text}");
    }
}

#[test]
fn keys_are_found_by_path_and_by_likely_spelling() {
    assert_eq!(find(&["permissions", "deny"]).unwrap().dotted(), "permissions.deny");
    assert_eq!(find(&["permissions.deny"]), None);
    assert_eq!(nearest(&Pointer::root(), "Permissions").unwrap().name(), "permissions");
    assert_eq!(nearest(&Pointer::of(["permissions"]), "denny").unwrap().name(), "deny");
    assert_eq!(nearest(&Pointer::root(), "searchProvider"), None);
}

#[test]
fn stricter_values_are_known_where_there_is_an_order() {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let stricter = |path: &[&str], a: &str, b: &str| {
        let value = |text: &str| serde_json::from_str::<Value>(text).ok();
        find(path).unwrap().stricter(value(a).as_ref(), value(b).as_ref())
    };
    let lock = ["permissions", "disableBypassPermissionsMode"];
    assert_eq!(stricter(&lock, "\"disable\"", ""), Some(Greater));
    assert_eq!(stricter(&["sandbox", "enabled"], "false", "true"), Some(Less));
    assert_eq!(stricter(&["maxEffortLevel"], "\"low\"", "\"xhigh\""), Some(Greater));
    assert_eq!(stricter(&["crossSessionInbound"], "\"hold\"", "\"refuse\""), Some(Less));
    assert_eq!(stricter(&["model"], "\"a\"", "\"b\""), None);
    assert_eq!(stricter(&["model"], "\"a\"", "\"a\""), Some(Equal));
}
