//! The patterns of rules as patterns for proofs: both match the same texts.

use bylaws::automaton::Pattern;
use bylaws::glob::{Below, Domain, PathPattern, PathText, Wildcard};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Texts of some of these pieces, one behind the other.
fn of(pieces: &'static [&'static str], most: usize) -> impl Strategy<Value = String> {
    vec(select(pieces), 0..=most).prop_map(|pieces| pieces.concat())
}

fn names() -> impl Strategy<Value = String> {
    select(
        ["a", "B", "ab", "A.js", "é", "É", "ǅ", "\u{212a}", "k", "ſ", "x y", "-", "9", "ß", "σς"].as_slice(),
    )
    .prop_map(str::to_owned)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn wildcards(
        pattern in of(&["a", "b", "*", "\\", " "], 6),
        text in of(&["a", "b", "*", "\\", " ", "\n"], 7),
    ) {
        for wildcard in [Wildcard::new(&pattern), Wildcard::with_escapes(&pattern)] {
            prop_assert_eq!(wildcard.pattern().matches(&text), wildcard.matches(&text), "{} {}", pattern, text);
        }
    }

    #[test]
    fn domains(
        pattern in of(&["a", "b", "*", ".", "*.", ":", ".a"], 6),
        host in of(&["a", "b", "*", ".", ":", ".a"], 7),
    ) {
        let host = host.trim_end_matches('.');
        let domain = Domain::of_rule(&format!("domain:{pattern}")).unwrap();
        prop_assert_eq!(domain.pattern().matches(host), domain.matches(host), "{} {}", pattern, host);
    }

    #[test]
    fn paths(
        pattern in of(
            &["a", "b", "B", "*", "**", "/", "/**/", "?", "[a-c]", "[K]", "[é-ü]", "\\d", "é", "ς", "ǆ", ".js", "!"],
            6,
        ),
        names in vec(names(), 0..5),
    ) {
        let path = names.join("/");
        let Some(read) = PathPattern::new(&pattern) else { return Ok(()) };
        let below = PathText::new(&path);
        let covers = read.covers(Below { path: &below, skip: 0 });
        prop_assert_eq!(read.pattern().unwrap().matches(&path), covers, "{} {}", pattern, path);
    }

    /// Paths that are made from the pattern, so that many match.
    #[test]
    fn covered_paths(segments in vec(select(["a", "*", "**", "?", "a*", "*b", "[ab]"].as_slice()), 1..5), folder: bool, names in vec(select(["a", "b", "ab", "A", "c"].as_slice()), 0..6)) {
        let pattern = format!("{}{}", segments.join("/"), if folder { "/" } else { "" });
        let path = names.join("/");
        let Some(read) = PathPattern::new(&pattern) else { return Ok(()) };
        let below = PathText::new(&path);
        let covers = read.covers(Below { path: &below, skip: 0 });
        prop_assert_eq!(read.pattern().unwrap().matches(&path), covers, "{} {}", pattern, path);
    }
}

/// Every character is matched by the pattern of one letter as the matcher does.
#[test]
fn every_character_has_its_case() {
    let forms = ["k", "K", "é", "ß", "ǆ", "σ", "i", "İ", "[a-z]", "[à-ÿ]", "[Α-Ω]", "\\w", "\\s"];
    for form in forms {
        let read = PathPattern::new(form).unwrap();
        let pattern: Pattern = read.pattern().unwrap();
        for c in ('\u{1}'..='\u{3000}').chain('\u{a640}'..='\u{ab70}').chain('\u{10400}'..='\u{104ff}') {
            if c == '/' {
                continue;
            }
            let text = c.to_string();
            let path = PathText::new(&text);
            assert_eq!(pattern.matches(&text), read.covers(Below { path: &path, skip: 0 }), "{form} {c:?}");
        }
    }
}
