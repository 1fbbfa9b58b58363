//! A deny rule that another spelling or another program walks around, because it is allowed beside it.
//!
//! INVARIANT: every line that is said to get through was decided so, with all shared and personal rules.
//!
//! Left out: what needs no allow rule, and projects with hooks that have a say on calls, for what they say is not
//! known here.

mod spelling;

use super::registry::check;
use super::{Context, Run};
use crate::access::{self, Call, Cause, MapWorld, Silent, Verdict};
use crate::client::launchers::{self, Launcher};
use crate::finding::{Finding, Place, Severity};
use crate::project::{File, WrittenRule};
use crate::rule::{List, implies};

check!(
    "weak-deny",
    Warn,
    "a deny rule is walked around by something that is allowed",
    "the rule looks as if it held, and an agent that takes another way is not stopped, on purpose or not",
    Run::Project(run)
);

/// A rule with its file.
#[derive(Clone, Copy)]
struct Placed<'a> {
    file: &'a File,
    written: &'a WrittenRule,
}

impl<'a> Placed<'a> {
    fn place(&self) -> Place {
        self.file.place(self.written.span)
    }

    fn content(&self) -> &'a str {
        self.written.rule.content().unwrap_or_default()
    }
}

/// An allow rule that opens a way around, with the programs that do it.
struct Hole<'a> {
    allow: Placed<'a>,
    launchers: Vec<&'static Launcher>,
}

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let rules: Vec<Placed<'_>> = context
        .project
        .settings_files()
        .into_iter()
        .flat_map(|file| file.rules.iter().map(|written| Placed { file: &file.file, written }))
        .filter(|placed| placed.written.rule.fault(placed.written.list).is_none())
        .collect();
    let of = |list: List| rules.iter().copied().filter(move |placed| placed.written.list == list);
    let allowed: Vec<Placed<'_>> =
        of(List::Allow).filter(|placed| placed.written.rule.tool() == "Bash").collect();
    let denied: Vec<Placed<'_>> =
        of(List::Deny).filter(|placed| !placed.written.rule.is_whole_tool()).collect();
    if allowed.is_empty() || denied.is_empty() || may_be_stopped(context) {
        return;
    }
    let holes = holes(&allowed);
    if !holes.is_empty() {
        let sandboxed = context.project.merged_settings().pointer("/sandbox/enabled") == Some(&true.into());
        if !sandboxed {
            by_file(context, &denied, &holes, findings);
        }
        by_command(context, &denied, &holes, findings);
    }
    let words: Vec<&str> = allowed.iter().map(|placed| first_word(placed.content())).collect();
    for deny in denied.iter().filter(|deny| deny.written.rule.tool() == "Bash") {
        let word = first_word(deny.content());
        // An allow rule for the same program, or one for any.
        if word.is_empty() || !words.iter().any(|allowed| allowed.is_empty() || *allowed == word) {
            continue;
        }
        // What a wider rule denies as well is passed by in the same way.
        let wider = |other: &&Placed<'_>| {
            let [wide, narrow] = [&other.written.rule, &deny.written.rule];
            implies(List::Deny, wide, narrow) && !implies(List::Deny, narrow, wide)
        };
        if !denied.iter().any(|other| wider(&other)) {
            by_spelling(context, *deny, findings);
        }
    }
}

/// Whether a hook has a say on calls.
fn may_be_stopped(context: &Context<'_>) -> bool {
    let files = context.project.settings_files();
    files.into_iter().any(|file| file.settings.hooks().iter().any(|hook| hook.event == "PreToolUse"))
}

/// The first word of a pattern, empty where it may be any.
fn first_word(content: &str) -> &str {
    content.split([' ', ':', '*']).next().unwrap_or_default()
}

fn holes<'a>(allowed: &[Placed<'a>]) -> Vec<Hole<'a>> {
    let found = allowed.iter().filter_map(|allow| {
        let word = first_word(allow.content());
        let any = allow.written.rule.is_whole_tool() || word.is_empty();
        let launchers: Vec<&Launcher> = launchers::of(if any { "python3" } else { word }).iter().collect();
        (!launchers.is_empty()).then_some(Hole { allow: *allow, launchers })
    });
    found.collect()
}

/// Whether a command runs without a question by some allow rule, and by which.
fn allowed_by(context: &Context<'_>, command: &str) -> Option<String> {
    let call = Call::parse(&format!("Bash({command})"), &access::Place::made_up())?;
    let access = context.rules_alone();
    let decision = access.decide(&call, &MapWorld::default(), &mut Silent);
    match (decision.verdict, decision.cause) {
        (Verdict::Allow, Cause::Rule(id)) => {
            access.rules().get(id).map(|loaded| loaded.rule.text().to_owned())
        }
        _ => None,
    }
}

/// Whether a call is refused.
fn is_denied(context: &Context<'_>, call: &str) -> bool {
    let decide = |call: &Call| context.rules_alone().decide(call, &MapWorld::default(), &mut Silent).verdict;
    Call::parse(call, &access::Place::made_up()).is_some_and(|call| decide(&call) == Verdict::Deny)
}

/// The first line that gets through one of the holes.
fn way(
    context: &Context<'_>,
    holes: &[Hole<'_>],
    line: impl Fn(&Launcher) -> Option<String>,
) -> Option<(String, String)> {
    let mut lines = holes.iter().flat_map(|hole| &hole.launchers).filter_map(|launcher| line(launcher));
    lines.find_map(|line| Some((allowed_by(context, &line)?, line)))
}

/// Deny rules for files beside a program that reads whatever it is told to.
fn by_file(context: &Context<'_>, denied: &[Placed<'_>], holes: &[Hole<'_>], findings: &mut Vec<Finding>) {
    let mut found = Vec::new();
    for deny in denied {
        let rule = &deny.written.rule;
        let Some(path) = rule.example_path().filter(|path| is_plain(path)) else { continue };
        let reads = rule.tool() == "Read";
        if !is_denied(context, &format!("{}({path})", rule.tool())) {
            continue;
        }
        let command = if reads { format!("cat {path}") } else { format!("touch {path}") };
        let line = |launcher: &Launcher| match (launcher.takes_command(), reads) {
            (true, _) => Some(launcher.line(&command)),
            (false, true) => Some(launcher.line(&path)),
            (false, false) => None,
        };
        if let Some(way) = way(context, holes, line) {
            found.push((*deny, way));
        }
    }
    let help = "take it out of `allow` or ask for it; what holds for every program is the sandbox (`sandbox.enabled`), \
                which takes these rules over, or a `PreToolUse` hook";
    report(CHECK.severity, "files", &found, holes, help, findings);
}

/// Deny rules for commands beside a program that runs others.
fn by_command(context: &Context<'_>, denied: &[Placed<'_>], holes: &[Hole<'_>], findings: &mut Vec<Finding>) {
    let mut found = Vec::new();
    for deny in denied.iter().filter(|deny| deny.written.rule.tool() == "Bash") {
        let Some(command) = spelling::plain(deny.content()).filter(|command| is_plain(command)) else {
            continue;
        };
        if !is_denied(context, &format!("Bash({command})")) {
            continue;
        }
        let line = |launcher: &Launcher| launcher.takes_command().then(|| launcher.line(&command));
        if let Some(way) = way(context, holes, line) {
            found.push((*deny, way));
        }
    }
    let help = "take it out of `allow` or ask for it; a `PreToolUse` hook sees the whole line";
    report(Severity::Note, "commands", &found, holes, help, findings);
}

/// One finding for all deny rules of a kind.
fn report(
    severity: Severity,
    kind: &'static str,
    found: &[(Placed<'_>, (String, String))],
    holes: &[Hole<'_>],
    help: &str,
    findings: &mut Vec<Finding>,
) {
    let Some((deny, (allow, line))) = found.first() else { return };
    let rules = match found.len() {
        1 => format!("`{}` does not hold", deny.written.rule),
        2 => format!("this and another deny rule for {kind} do not hold"),
        more => format!("this and {} more deny rules for {kind} do not hold", more - 1),
    };
    let others: Vec<&String> = {
        let mut others: Vec<&String> =
            found.iter().map(|(_, (allow, _))| allow).filter(|other| *other != allow).collect();
        others.sort_unstable();
        others.dedup();
        others
    };
    let beside = match others.len() {
        0 => format!("`{allow}`"),
        more => format!("`{allow}` (and {more} more)"),
    };
    let message = format!("{rules} while {beside} is allowed: `{line}` runs without a question");
    let mut finding = Finding::new(CHECK.name, severity, deny.place(), message).key(kind).help(help);
    if let Some(hole) = holes.iter().find(|hole| hole.allow.written.rule.text() == allow) {
        finding = finding.related(hole.allow.place(), "allows it");
    }
    findings.push(finding);
}

/// A deny rule for a command that another way to write it is not covered by.
fn by_spelling(context: &Context<'_>, deny: Placed<'_>, findings: &mut Vec<Finding>) {
    let content = deny.content();
    let Some(command) = spelling::plain(content) else { return };
    if !is_denied(context, &format!("Bash({command})")) {
        return;
    }
    let ways = spelling::others(content);
    let Some((line, allow)) =
        ways.into_iter().find_map(|line| Some((line.clone(), allowed_by(context, &line)?)))
    else {
        return;
    };
    let rule = &deny.written.rule;
    let message = format!("`{rule}` does not stop `{line}`, which `{allow}` allows");
    let help = format!(
        "ask for `{allow}` instead of allowing it, or deny more: a pattern stops only what is written as it says"
    );
    findings
        .push(Finding::new(CHECK.name, CHECK.severity, deny.place(), message).key(rule.text()).help(help));
}

/// Nothing that would need quotes within the line of a program.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && !text.contains(['\'', '"', '\\', '$', '`', '!', '\n'])
}
