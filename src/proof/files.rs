//! Files: reading and editing, by the tools for it and by commands.

use super::question::{Kind, Question, Search, all_of, alone, call, union};
use super::{Changed, Freedom, Side, Sides, Why};
use crate::access::{Access, Call, PathTexts, RuleId};
use crate::automaton::{Class, Language, Pattern};
use crate::client::{own_files, protected};
use crate::glob::PathText;
use crate::rule::List;

/// The path rules of one side.
struct Lists {
    deny: PathTexts,
    ask: PathTexts,
    allow: PathTexts,
}

impl Lists {
    fn of(access: &Access, edit: bool) -> Self {
        let [deny, ask, allow] =
            [List::Deny, List::Ask, List::Allow].map(|list| access.path_texts(edit, list));
        Self { deny, ask, allow }
    }

    fn refused(&self) -> Language {
        union(self.deny.told.iter().chain(&self.ask.told))
    }
}

/// One side: rules for reading, rules for editing, and what needs no rule.
struct Files {
    read: Lists,
    edit: Lists,
    freedom: Freedom,
    /// Whether every file may be read or edited as far as the tool goes.
    whole: bool,
    inside: Language,
    /// Files of the client's own that need no rule.
    own: Language,
}

impl Files {
    fn of(access: &Access) -> Self {
        let whole = ["Read", "Edit", "Write", "MultiEdit", "NotebookEdit", "Glob", "Grep"];
        Self {
            read: Lists::of(access, false),
            edit: Lists::of(access, true),
            freedom: Freedom::of(access),
            whole: whole.iter().any(|tool| access.whole_tool(List::Allow, tool).is_some()),
            inside: inside(access),
            own: own_files::free(&access.place().config, &access.place().project).into(),
        }
    }

    fn of_kind(&self, edit: bool) -> &Lists {
        if edit { &self.edit } else { &self.read }
    }

    /// What some tool or command may be allowed for without a question, as far as deny and ask rules leave it;
    /// never less than there is.
    fn allowed(&self) -> Language {
        self.edited().or(&union(&self.read.allow.told)).or(&self.inside)
    }

    /// The same for the tools that edit.
    fn edited(&self) -> Language {
        if self.whole || self.freedom.lifts {
            return Language::everything();
        }
        let edited = union(&self.edit.allow.told).or(&self.own);
        if self.freedom.accepts_edits { edited.or(&self.inside) } else { edited }
    }
}

/// The files for which something becomes less strictly decided.
pub(super) fn gains(search: &mut Search<'_, '_>) {
    let sides = search.sides;
    let (old, mut new) = (Files::of(sides.old), Files::of(sides.new));
    if !search.counts_free() {
        (new.inside, new.own) = (Language::nothing(), Language::nothing());
    }
    for edit in [false, true] {
        let (before, after) = (old.of_kind(edit), new.of_kind(edit));
        ask_of_untold(
            search,
            [&before.deny, &before.ask, &before.allow],
            [&after.deny, &after.ask, &after.allow],
        );
        let calls = if edit { edits } else { reads };
        let kind = Kind { within: paths(sides), is_all: true, calls: &calls };
        for rule in alone(&before.deny.told, &[&after.deny.told]) {
            // What ask rules hold is read by commands all the same.
            let left = || {
                let texts = all_of(rule).minus(&union(&after.deny.told));
                if new.freedom.asks { texts } else { texts.and(&new.allowed()) }
            };
            search.ask(&Question::gone(rule, &left), &kind);
        }
        for rule in alone(&before.ask.told, &[&after.ask.told, &after.deny.told]) {
            let left = || {
                let allowed = if edit { new.edited() } else { new.allowed() };
                all_of(rule).minus(&after.refused()).and(&allowed)
            };
            search.ask(&Question::gone(rule, &left), &kind);
        }
        for rule in alone(&after.allow.told, &[&before.allow.told]) {
            let left = || {
                // Here as well ask rules do not count.
                let mut known = union(after.deny.told.iter().chain(&before.allow.told));
                if edit {
                    known = known.or(&protected::certain().into());
                }
                if !edit || old.freedom.accepts_edits {
                    known = known.or(&old.inside);
                }
                all_of(rule).minus(&known)
            };
            search.ask(&Question::come(rule, &left), &kind);
        }
    }
    let known = union(new.read.deny.told.iter().chain(&old.read.allow.told)).or(&old.inside);
    let calls = |path: &str| [reads(path), edits(path)].concat();
    let kind = Kind { within: paths(sides), is_all: true, calls: &calls };
    let left = || new.inside.minus(&known);
    search.ask(&Question { changed: None, own: None, left: &left }, &kind);
    gains_in_background(search, &old, &new);
    // Whatever deny rules for reading are for, the client then minds what is read behind a `cd`.
    if search.outcome.flows.is_empty() && sides.old.denies_reading() && !sides.new.denies_reading() {
        let _ = search.try_call(line("cd a && cat b".to_owned()), None);
    }
}

/// Where every command is allowed, a line in the background is asked for as long as what it does with files needs
/// no question of its own, and is not asked for when that is gone.
fn gains_in_background(search: &mut Search<'_, '_>, old: &Files, new: &Files) {
    let sides = search.sides;
    let whole = |access: &Access, list| access.whole_tool(list, "Bash").is_some();
    let all = [sides.old, sides.new].iter().all(|access| whole(access, List::Allow));
    let held = whole(sides.new, List::Ask) || whole(sides.new, List::Deny);
    if !all || held || new.freedom.lifts {
        return;
    }
    if sides.new.denies_reading() && !sides.old.denies_reading() {
        // The client then minds what is read behind a `cd`, and asks for another reason than the background.
        let _ = search.try_call(line("cd a && cat b &".to_owned()), None);
    }
    for edit in [false, true] {
        let (before, after) = (old.of_kind(edit), new.of_kind(edit));
        let calls = |path: &str| {
            vec![line(if edit { format!("echo a > {path} &") } else { format!("cat {path} &") })]
        };
        let kind = Kind { within: paths(sides), is_all: true, calls: &calls };
        let known = || {
            let known = union(after.deny.told.iter().chain(&after.allow.told)).or(&new.inside);
            if edit { known.or(&protected::certain().into()) } else { known }
        };
        for rule in alone(&before.allow.told, &[&after.allow.told]) {
            search.ask(&Question::gone(rule, &|| all_of(rule).minus(&known())), &kind);
        }
        let left = || old.inside.minus(&known());
        search.ask(&Question { changed: None, own: None, left: &left }, &kind);
    }
}

/// A rule that denies all reading denies the tools that edit as well, and one that asks for it does not hold them.
pub(super) fn gains_where_reading_was_denied(search: &mut Search<'_, '_>) {
    let sides = search.sides;
    let denial = |access: &Access| access.whole_tool(List::Deny, "Read");
    let (Some(rule), None) = (denial(sides.old), denial(sides.new)) else { return };
    let new = Files::of(sides.new);
    let left = || {
        let denied = union(new.read.deny.told.iter().chain(&new.edit.deny.told));
        let texts = denied.complement();
        if new.freedom.asks { texts } else { texts.minus(&union(&new.edit.ask.told)).and(&new.edited()) }
    };
    let changed = Some(Changed { side: Side::Old, rule });
    let kind = Kind { within: paths(sides), is_all: true, calls: &edits };
    search.ask(&Question { changed, own: None, left: &left }, &kind);
}

/// Rules that are no sets of paths by themselves: whether they are the same.
fn ask_of_untold(search: &mut Search<'_, '_>, before: [&PathTexts; 3], after: [&PathTexts; 3]) {
    let sides = search.sides;
    let texts = |access: &Access, rules: &[RuleId]| -> Vec<Option<(usize, String)>> {
        let loaded = rules.iter().map(|rule| access.rules().get(*rule));
        loaded.map(|loaded| loaded.map(|loaded| (loaded.file, loaded.rule.text().to_owned()))).collect()
    };
    // Relative ones are meant from each working folder.
    let same_folders = sides.old.working_folders() == sides.new.working_folders();
    for (before, after) in before.into_iter().zip(after) {
        let none = before.untold.is_empty() && after.untold.is_empty();
        let same = same_folders && texts(sides.old, &before.untold) == texts(sides.new, &after.untold);
        if none || same {
            continue;
        }
        let rule = before.untold.first().map(|rule| Changed { side: Side::Old, rule: *rule });
        let changed = rule.or(after.untold.first().map(|rule| Changed { side: Side::New, rule: *rule }));
        search.leave(changed, Why::Form);
    }
}

/// The calls that edit one file.
pub(super) fn edits(path: &str) -> Vec<Call> {
    vec![file("Edit", path), file("Read", path), line(format!("echo a > {path}"))]
}

/// The calls that read one file.
pub(super) fn reads(path: &str) -> Vec<Call> {
    vec![file("Read", path), file("Edit", path), line(format!("cat {path}"))]
}

fn file(tool: &str, path: &str) -> Call {
    call(tool, [("file_path", path.to_owned())])
}

fn line(line: String) -> Call {
    call("Bash", [("command", line)])
}

/// All normal paths, as one side sees them.
pub(super) fn all(access: &Access) -> Language {
    normal_paths(access.working_folders())
}

/// What is read without a rule.
pub(super) fn inside(access: &Access) -> Language {
    access.working_folders().iter().map(|folder| below(folder)).collect()
}

/// Normal, absolute paths: those of plain names in the project, plain ones anywhere, and all.
fn paths(sides: Sides<'_>) -> Vec<Language> {
    let letters = Class::ranges([('a', 'z'), ('A', 'Z'), ('0', '9')]).or(&Class::of("_-."));
    let plain = Pattern::chain([Pattern::text("/"), Pattern::many(letters.or(&Class::single('/')))]);
    let all = normal_paths(sides.old.working_folders().iter().chain(sides.new.working_folders()));
    let plain = all.and(&plain.into());
    vec![plain.and(&below(&sides.new.place().project).into()), plain, all]
}

/// Normal, absolute paths. A folder that has the name of a working one in other letters, and is none itself, is
/// taken for none.
fn normal_paths<'f>(working: impl IntoIterator<Item = &'f String>) -> Language {
    let odd = ["", ".", ".."].map(Pattern::text);
    let more = Pattern::chain([Pattern::text("/"), Pattern::anything()]).optional();
    let odd = Pattern::chain([Pattern::anything(), Pattern::text("/"), Pattern::either(odd), more]);
    let all = Language::from(Pattern::chain([Pattern::text("/"), Pattern::anything()])).minus(&odd.into());
    // Two unions and not a pair for each folder: the questions that come of pairs double with each of them.
    let (in_any_case, as_written): (Vec<Pattern>, Vec<Pattern>) = working
        .into_iter()
        .map(|folder| (Pattern::chain([PathText::new(folder).pattern(), below("")]), below(folder)))
        .unzip();
    all.minus(&Language::from_iter(in_any_case).minus(&Language::from_iter(as_written)))
}

/// A folder and everything in it.
fn below(folder: &str) -> Pattern {
    let folder = folder.trim_end_matches('/');
    let more = Pattern::chain([Pattern::text("/"), Pattern::anything()]).optional();
    Pattern::chain([Pattern::text(folder), more])
}
