//! Command lines for proofs: which there are, and which are made of the text of one command.

use super::TOOL;
use crate::access::{Call, RuleTexts};
use crate::automaton::{Class, Language, Pattern};
use crate::client::{read_only, wrappers};
use crate::proof::question;
use crate::shell::{self, Node};

/// Lines without a text that rules are held against, and lines that are not followed: of these, rules for
/// every command speak all the same.
const WITHOUT_TEXT: [&str; 7] = ["eval a", "a $b", "(a)", "a `b`", "x=1", "> a", ""];

/// The call of a line.
pub(in crate::proof) fn call(line: &str) -> Call {
    question::call(TOOL, [("command", line.to_owned())])
}

/// The lines in which rules are asked about the text of a command, the plainest first: as it stands, behind
/// what rules look through, in the background, and quoted.
pub(super) fn calls(text: &str, wrappers: &[Box<str>]) -> Vec<Call> {
    let mut lines = vec![text.to_owned()];
    lines.extend(["nohup", "timeout 1", "xargs"].iter().map(|wrapper| format!("{wrapper} {text}")));
    lines.extend(wrappers.iter().map(|wrapper| format!("{wrapper} {text}")));
    lines.push(format!("{text} &"));
    if let Some((head, last)) = text.rsplit_once(' ') {
        lines.push(format!("{head} \"{last}\""));
    }
    lines.iter().map(|line| call(line)).collect()
}

/// Commands in the background that the client runs on its own where edits are accepted.
pub(super) fn editing() -> [Call; 4] {
    ["mkdir a &", "touch a &", "rm a &", "cp a b &"].map(call)
}

/// Lines of which only rules for every command speak.
pub(super) fn without_text() -> [Call; 7] {
    WITHOUT_TEXT.map(call)
}

/// Whether a line is one command of plain words.
pub(super) fn is_plain(line: &str) -> bool {
    shell::plain_words(line).is_some()
}

/// Whether a line is more than one simple command, or has redirections, so that no command has its text.
pub(in crate::proof) fn is_compound(line: &str) -> bool {
    let Ok(statements) = shell::parse(line) else { return false };
    let mut simple = statements.iter().map(|one| match &one.node {
        Node::Simple(simple) => !one.background && simple.redirections.iter().all(|one| one.leading),
        _ => false,
    });
    simple.next() != Some(true) || simple.next().is_some()
}

/// Lines of plain words with single blanks: what [`shell::plain_words`] reads, and no more.
pub(super) fn plain() -> Language {
    let letters = || Class::ranges([('a', 'z'), ('A', 'Z'), ('0', '9')]).or(&Class::of("_./"));
    let others = || letters().or(&Class::of("%+,-:@"));
    let word = Pattern::chain([Pattern::one(others()), Pattern::many(others().or(&Class::single('=')))]);
    let name = Pattern::chain([Pattern::one(letters()), Pattern::many(others())]);
    let more = Pattern::chain([Pattern::text(" "), word]).repeated();
    Pattern::chain([name, more]).into()
}

/// Lines that need no rule: commands that only read, and one that may have any words.
pub(super) fn reading() -> Language {
    let echoed = Pattern::chain([Pattern::text("echo "), Pattern::anything()]);
    let echoed = Language::from(echoed).and(&plain());
    read_only::names().map(|name| Pattern::text(&name)).collect::<Language>().or(&echoed)
}

/// What rules allow, behind the words of a wrapper; nothing behind those of another command.
pub(super) fn behind(words: &str, allow: &[RuleTexts]) -> Language {
    if wrappers::find(words.split(' ').next().unwrap_or_default()).is_none() {
        return Language::nothing();
    }
    let wrapper = || Pattern::text(&format!("{words} "));
    allow
        .iter()
        .map(|rule| Pattern::chain([wrapper(), rule.texts.clone()]))
        .collect::<Language>()
        .and(&plain())
}

/// All lines: none begins or ends with a blank.
pub(in crate::proof) fn all() -> Language {
    let end = || Pattern::one(Class::of(" \t\n\r").complement());
    let more = Pattern::chain([Pattern::anything(), end()]).optional();
    Pattern::chain([end(), more]).into()
}
