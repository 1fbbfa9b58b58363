//! Lines that need no grammar: one command of plain words, which most lines are.
//!
//! INVARIANT: what is read here is what [`super::parse`] reads; a property test holds it.

use super::Word;

/// Words that may not be a command: they begin or end a compound one, or set variables by their words.
const NO_COMMAND: &[&str] = &[
    "case", "declare", "do", "done", "elif", "else", "esac", "export", "fi", "for", "function", "if",
    "local", "readonly", "select", "then", "typeset", "until", "while",
];

/// The words of a line that is one command without quotes, expansions, patterns, operators and assignments;
/// none for any other line.
pub fn plain_words(line: &str) -> Option<Vec<Word<'_>>> {
    if !line.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" %+,-./:=@_".contains(&byte)) {
        return None;
    }
    let mut words = Vec::with_capacity(8);
    let mut start = 0;
    for text in line.split(' ') {
        if !text.is_empty() {
            // The client stumbles over `=x`, and `x=y` in front is an assignment.
            let assigns = text.starts_with('=') || (words.is_empty() && text.contains('='));
            if assigns || (words.is_empty() && NO_COMMAND.binary_search(&text).is_ok()) {
                return None;
            }
            words.push(Word::plain(text, start));
        }
        start += text.len() + 1;
    }
    (!words.is_empty()).then_some(words)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Node, parse};
    use super::*;

    #[test]
    fn words_are_sorted_for_the_search() {
        assert!(NO_COMMAND.is_sorted());
        assert_eq!(plain_words("a  --b=c ").unwrap().len(), 2);
        for line in ["", " ", "a=b c", "a =b", "if a", "a'b'", "a*", "a;b", "a~", "a\tb", "a\u{e9}"] {
            assert_eq!(plain_words(line), None, "{line}");
        }
    }

    proptest! {
        #[test]
        fn the_grammar_reads_the_same(
            words in prop::collection::vec("[a-z0-9%+,./:=@_-]{1,4}|if|then|do|for|case|test|time|in|coproc|[0-9]", 1..6),
            blanks in prop::collection::vec(1_usize..3, 6),
        ) {
            let mut line = String::new();
            for (word, blank) in words.iter().zip(blanks) {
                line.push_str(word);
                line.push_str(&" ".repeat(blank));
            }
            let line = line.trim_end();
            if let Some(words) = plain_words(line) {
                let statements = parse(line).unwrap();
                prop_assert_eq!(statements.len(), 1);
                let Some(Node::Simple(simple)) = statements.first().map(|statement| &statement.node) else {
                    panic!("{line} is no simple command");
                };
                prop_assert!(simple.assignments.is_empty() && simple.redirections.is_empty());
                prop_assert_eq!((simple.span.start, simple.span.end), (0, line.len()));
                let spans: Vec<_> = words.iter().map(|word| word.span).collect();
                let read: Vec<_> = simple.words.iter().map(|word| word.span).collect();
                prop_assert_eq!(spans, read);
                prop_assert!(simple.words.iter().all(|word| word.parts.is_empty()));
            }
        }
    }
}
