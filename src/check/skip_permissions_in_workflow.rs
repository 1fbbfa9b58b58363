//! A CI job runs the client without permission prompts.

use super::registry::check;
use super::{Context, Run};
use crate::finding::{Finding, Severity};
use crate::project::{File, Role};
use crate::text::Span;

check!(
    "skip-permissions-in-workflow",
    Warn,
    "a CI job runs the client with all permissions",
    "whoever can get a text before the agent, in an issue or a pull request, can have commands run with the job's secrets",
    Run::Project(run)
);

/// Starts in the mode in which nothing is asked.
const SKIP: &str = "--dangerously-skip-permissions";
/// Lets a session switch to that mode.
const PERMIT: &str = "--allow-dangerously-skip-permissions";
/// Names a mode.
const MODE: &str = "--permission-mode";
/// The mode in which nothing is asked.
const BYPASS: &str = "bypassPermissions";

/// Commands that only speak of their arguments.
const SPEAKING: [&str; 6] = ["echo", "printf", "grep", "rg", "sed", "test"];

/// Other programs that take flags of these names.
const OTHERS: [&str; 5] = ["agy", "codex", "gemini", "grok", "opencode"];

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    // Once for the repository; jobs begin in its root.
    if !context.project.path.is_root() {
        return;
    }
    let is_off = context.switches_bypass_off();
    for file in context.around.files(Role::Workflow) {
        for (span, flag) in uses(file.text()) {
            findings.push(report(file, span, flag, is_off));
        }
    }
}

fn report(file: &File, span: Span, flag: &str, is_off: bool) -> Finding {
    let text = file.text().get(span.start..span.end).unwrap_or_default();
    let (severity, message) = match flag {
        _ if is_off => (Severity::Note, format!("`{text}` does nothing: the settings switch this mode off")),
        PERMIT => (Severity::Note, format!("`{text}` lets the job switch all permission prompts off")),
        _ => (CHECK.severity, format!("`{text}`: this job runs whatever the agent comes up with")),
    };
    let help = if is_off {
        "take it out and allow what the job needs with `--allowedTools`: it stops at the first question now"
    } else {
        "take it out and allow what the job needs with `--allowedTools`; deny rules hold in any case"
    };
    let nth = file.text().get(..span.start).map_or(0, |before| before.matches(flag).count());
    Finding::new(CHECK.name, severity, file.place(span), message).key(format!("{flag} {nth}")).help(help)
}

/// Where a flag stands that switches the prompts off, and which. Comments and lines that only speak of it are
/// left out.
fn uses(text: &str) -> Vec<(Span, &'static str)> {
    let mut found = Vec::new();
    if !text.contains("dangerously-skip-permissions") && !text.contains(BYPASS) {
        return found;
    }
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let words = words(without_comment(line));
        for (index, (at, word)) in words.iter().enumerate().filter(|_| !speaks_only(&words)) {
            let next = words.get(index + 1);
            let here = Span::new(start + at, start + at + word.len());
            match word.split_once('=').unwrap_or((word, "")) {
                (SKIP, _) => found.push((here, SKIP)),
                (PERMIT, _) => found.push((here, PERMIT)),
                (MODE, BYPASS) => found.push((here, MODE)),
                (MODE, "") => {
                    if let Some((end, _)) = next.filter(|(_, mode)| *mode == BYPASS) {
                        found.push((Span::new(here.start, start + end + BYPASS.len()), MODE));
                    }
                }
                _ => {}
            }
        }
        start += line.len();
    }
    found
}

/// Whether a line prints or looks for its words, is a sentence of a prompt, or runs another program.
fn speaks_only(words: &[(usize, &str)]) -> bool {
    let has = |names: &[&str]| words.iter().any(|(_, word)| names.contains(word));
    let first = words.iter().map(|(_, word)| *word).find(|word| !is_key(word));
    let is_ours = words.iter().any(|(_, word)| word.contains("claude"));
    first.is_some_and(|first| SPEAKING.contains(&first))
        || (!is_ours && (has(&OTHERS) || has(&["never", "Never", "NEVER", "not"])))
}

/// What begins an item of YAML: `-`, `run:`, `|`.
fn is_key(word: &str) -> bool {
    word.ends_with(':') || matches!(word, "-" | "|" | ">" | "|-" | ">-")
}

/// A line up to a `#` that begins a word.
fn without_comment(line: &str) -> &str {
    let comment = line
        .match_indices('#')
        .map(|(at, _)| at)
        .find(|at| line.get(..*at).is_some_and(|before| before.is_empty() || before.ends_with([' ', '\t'])));
    line.get(..comment.unwrap_or(line.len())).unwrap_or_default()
}

/// The words of a line with their places, without the quotes, brackets and commas around them.
fn words(line: &str) -> Vec<(usize, &str)> {
    let separates = |c: char| c.is_whitespace() || "\"'`,;()[]{}|&\\".contains(c);
    let mut words = Vec::new();
    let mut start = 0;
    for (at, c) in line.char_indices().chain([(line.len(), ' ')]) {
        if separates(c) {
            if let Some(word) = line.get(start..at).filter(|word| !word.is_empty()) {
                words.push((start, word));
            }
            start = at + c.len_utf8();
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(text: &str) -> Vec<&str> {
        uses(text).into_iter().map(|(span, _)| text.get(span.start..span.end).unwrap()).collect()
    }

    #[test]
    fn flags_in_commands_and_arguments() {
        for text in [
            "      - run: claude -p x --dangerously-skip-permissions\n",
            "claude_args: \"--dangerously-skip-permissions\"",
            "args: [\"-p\", \"--dangerously-skip-permissions\"]",
            "  --dangerously-skip-permissions \\\n",
            "sh -c 'claude --dangerously-skip-permissions' # x",
            "claude -p 'do not break it' --dangerously-skip-permissions",
        ] {
            assert_eq!(used(text), [SKIP], "{text}");
        }
        assert_eq!(
            used("claude --permission-mode bypassPermissions"),
            ["--permission-mode bypassPermissions"]
        );
        assert_eq!(used("a: --permission-mode=bypassPermissions"), ["--permission-mode=bypassPermissions"]);
        assert_eq!(used("x --allow-dangerously-skip-permissions"), [PERMIT]);
    }

    #[test]
    fn who_only_speaks_of_a_flag_does_not_use_it() {
        for text in [
            "# claude --dangerously-skip-permissions",
            "run: claude -p x # not --dangerously-skip-permissions",
            "- run: grep -rn -- --dangerously-skip-permissions .",
            "  echo \"never --dangerously-skip-permissions\"",
            "claude --permission-mode acceptEdits",
            "name: no-dangerously-skip-permissions",
            "  Do not pass --dangerously-skip-permissions to anything.",
            "run: agy -p x --dangerously-skip-permissions",
            "acknowledge-dangerously-skip-permissions-responsibility: \"true\"",
            "bypassPermissions",
        ] {
            assert_eq!(used(text), [""; 0], "{text}");
        }
    }
}
