//! From findings to new texts: the fixes of all findings together, and the lock that goes with them.
//!
//! Planning has no write path: what comes out is text.

use std::collections::BTreeMap;

use super::{Context, ownership};
use crate::block;
use crate::finding::{Change, ChangeKind, Finding};
use crate::json::{self, Document, Edit, EditError};
use crate::path::RepoPath;
use crate::project::{Content, File, LOCK, Project, Surroundings};
use crate::settings::Settings;

/// A file and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// The file, from the root of the repository.
    pub path: RepoPath,
    /// Its text now, none where it is missing.
    pub before: Option<String>,
    /// Its text afterwards, none where it goes.
    pub after: Option<String>,
}

/// What is to be written so that no finding with a fix is left.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The files of the project in order, then its lock, then what [`Plan::put`] brought.
    pub changes: Vec<FileChange>,
    /// The lock to write before anything else, where policy comes to own more.
    claim: Option<FileChange>,
}

impl Plan {
    /// Whether nothing is to be done.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// What becomes of a file, none where the plan leaves it alone.
    pub fn change(&self, path: &RepoPath) -> Option<&FileChange> {
        self.changes.iter().find(|change| change.path == *path)
    }

    /// Has a file say `after`, whatever the plan did to it so far. `before` is its text now. The lock is
    /// the plan's own and never put.
    pub fn put(&mut self, path: RepoPath, before: Option<String>, after: String) {
        match self.changes.iter_mut().find(|change| change.path == path) {
            Some(change) => change.after = Some(after),
            None => self.changes.push(FileChange { path, before, after: Some(after) }),
        }
    }

    /// The writes, in order. The lock comes first where policy comes to own more, and last where it
    /// comes to own less: whoever is interrupted leaves a claim on what is not there yet, never
    /// something of policy's without an owner.
    pub fn steps(&self) -> Vec<FileChange> {
        let mut steps: Vec<FileChange> = self.claim.iter().cloned().collect();
        for change in &self.changes {
            let mut step = change.clone();
            if let Some(claim) = self.claim.as_ref().filter(|claim| claim.path == change.path) {
                step.before.clone_from(&claim.after);
            }
            if step.before != step.after {
                steps.push(step);
            }
        }
        steps
    }
}

/// What to write to mend every finding that has a fix.
pub fn plan(context: &Context<'_>, findings: &[Finding]) -> Plan {
    let changes: Vec<&Change> = changes_of(findings).collect();
    if changes.is_empty() {
        return Plan::default();
    }
    let (project, around) = (context.project, context.around);
    // What cannot be edited lost its fix in `run`.
    let mut texts = texts_after(project, around, &changes).unwrap_or_default();
    let after = read_after(context, |path| texts.get(path).map(Option::as_deref));
    let lock = ownership::lock_after(context, &after);
    let claim = ownership::claim(context, &lock);
    let lock_path = project.path.join(LOCK);
    texts.remove(&lock_path);
    let mut plan = Plan::default();
    for (path, after) in texts {
        let before = file_at(project, around, &path).and_then(|file| file.content.text().map(str::to_owned));
        if before != after {
            plan.changes.push(FileChange { path, before, after });
        }
    }
    let before = project.lock_file.content.text().map(str::to_owned);
    let change =
        |text: String| FileChange { path: lock_path.clone(), before: before.clone(), after: Some(text) };
    if before.as_deref() != Some(&lock.text()) {
        if claim != lock && before.as_deref() != Some(&claim.text()) {
            plan.claim = Some(change(claim.text()));
        }
        if claim == lock && !plan.changes.is_empty() {
            plan.claim = Some(change(lock.text()));
        }
        plan.changes.push(change(lock.text()));
    }
    plan
}

/// The project as it is once a plan is carried out.
pub fn project_after(context: &Context<'_>, plan: &Plan) -> Project {
    read_after(context, |path| plan.change(path).map(|change| change.after.as_deref()))
}

/// The project with other texts: `changed` gives that of a file that changes, none where it goes.
fn read_after<'a>(context: &Context<'_>, changed: impl Fn(&RepoPath) -> Option<Option<&'a str>>) -> Project {
    let (project, around) = (context.project, context.around);
    Project::read(&project.path, context.baseline, |path| match changed(path) {
        Some(Some(text)) => Content::Text(text.to_owned()),
        Some(None) => Content::Missing,
        None => file_at(project, around, path).map_or(Content::Missing, |file| file.content.clone()),
    })
}

/// Takes the fix from every finding whose fix cannot be made, or would leave a settings file that the
/// client drops, and says so.
pub fn keep_possible_fixes(context: &Context<'_>, findings: &mut [Finding]) {
    let (project, around) = (context.project, context.around);
    if project.lock.as_ref().is_some_and(Result::is_err) {
        strip(findings, |_| true, "nothing is written while the lock cannot be read");
        return;
    }
    let refused: Vec<RepoPath> = project
        .files()
        .chain(around.ignore_files())
        .filter(|file| matches!(file.content, Content::Refused(_)))
        .map(|file| file.path.clone())
        .collect();
    strip(findings, |change| refused.contains(&change.path), "not written: the file is not read");
    strip_unmendable(project, findings);
    if all_texts(context, findings).is_err() {
        strip_impossible(context, findings);
    }
    let texts = all_texts(context, findings).unwrap_or_default();
    for file in project.settings_files() {
        let Some(Some(text)) = texts.get(&file.file.path) else { continue };
        let after = Settings::read(Document::parse(text.as_str()), file.settings.scope());
        if !after.is_read() {
            let why = "not written: the client ignores the whole file until its other faults are mended";
            strip(findings, |change| change.path == file.file.path, why);
        }
    }
}

fn all_texts(
    context: &Context<'_>,
    findings: &[Finding],
) -> Result<BTreeMap<RepoPath, Option<String>>, EditError> {
    texts_after(context.project, context.around, &changes_of(findings).collect::<Vec<_>>())
}

/// Takes all fixes away of files that are not JSON and that no fix makes JSON.
fn strip_unmendable(project: &Project, findings: &mut [Finding]) {
    let documents = [
        (&project.shared.file, project.shared.document()),
        (&project.local.file, project.local.document()),
        (&project.mcp_file, project.mcp.document()),
    ];
    for (file, document) in documents {
        let mends = changes_of(findings)
            .filter(|change| {
                change.path == file.path && matches!(change.what, ChangeKind::Json(Edit::Mend { .. }))
            })
            .count();
        if document.faults().len() > mends {
            let why = "not written: the file is not JSON until its faults are mended";
            strip(findings, |change| change.path == file.path, why);
        }
    }
}

/// Takes the fixes away that cannot be made: first those that cannot be made alone, then, should there
/// be need, those that cannot be made beside the ones before them.
fn strip_impossible(context: &Context<'_>, findings: &mut [Finding]) {
    let (project, around) = (context.project, context.around);
    let mends: Vec<Change> = changes_of(findings)
        .filter(|change| matches!(change.what, ChangeKind::Json(Edit::Mend { .. })))
        .cloned()
        .collect();
    for beside_others in [false, true] {
        let mut kept: Vec<Change> = mends.clone();
        for finding in findings.iter_mut() {
            let Some(fix) = &finding.fix else { continue };
            let own: Vec<Change> =
                fix.changes.iter().filter(|change| !mends.contains(change)).cloned().collect();
            match texts_after(project, around, &kept.iter().chain(&own).collect::<Vec<_>>()) {
                Ok(_) if beside_others => kept.extend(own),
                Ok(_) => {}
                Err(error) => {
                    finding.fix = None;
                    finding.add_help(&format!("not written: {error}"));
                }
            }
        }
        if all_texts(context, findings).is_ok() {
            return;
        }
    }
}

/// Takes fixes away, and says why at the first of them: the reason is the same for all.
fn strip(findings: &mut [Finding], concerns: impl Fn(&Change) -> bool, why: &str) {
    let mut told = false;
    for finding in findings {
        if finding.fix.as_ref().is_some_and(|fix| fix.changes.iter().any(&concerns)) {
            finding.fix = None;
            if !told {
                finding.add_help(why);
                told = true;
            }
        }
    }
}

fn changes_of(findings: &[Finding]) -> impl Iterator<Item = &Change> {
    findings.iter().filter_map(|finding| finding.fix.as_ref()).flat_map(|fix| &fix.changes)
}

fn file_at<'a>(project: &'a Project, around: &'a Surroundings, path: &RepoPath) -> Option<&'a File> {
    project.files().chain(around.ignore_files()).find(|file| file.path == *path)
}

/// The texts of the files that `changes` touch, afterwards.
pub(super) fn texts_after(
    project: &Project,
    around: &Surroundings,
    changes: &[&Change],
) -> Result<BTreeMap<RepoPath, Option<String>>, EditError> {
    let mut edits: BTreeMap<&RepoPath, Vec<Edit>> = BTreeMap::new();
    let mut texts: BTreeMap<RepoPath, Option<String>> = BTreeMap::new();
    for change in changes {
        let text =
            || file_at(project, around, &change.path).and_then(|file| file.content.text().map(str::to_owned));
        match &change.what {
            ChangeKind::Json(edit) => edits.entry(&change.path).or_default().push(edit.clone()),
            ChangeKind::Whole(whole) => {
                texts.insert(change.path.clone(), whole.clone());
            }
            ChangeKind::Block { name, text: wanted } => {
                let entry = texts.entry(change.path.clone()).or_insert_with(text);
                let before = entry.as_deref().unwrap_or_default();
                let after = block::set(before, change.path.as_str(), name, wanted.as_deref());
                // A file that held nothing but the block goes with it.
                *entry = (wanted.is_some() || !after.trim().is_empty()).then_some(after);
            }
            ChangeKind::Line(line) => {
                let entry = texts.entry(change.path.clone()).or_insert_with(text);
                *entry = Some(block::with_line(entry.as_deref().unwrap_or_default(), line));
            }
            ChangeKind::Pin => {}
        }
    }
    for (path, edits) in edits {
        let text = file_at(project, around, path).map_or("", File::text);
        let after = json::apply(&Document::parse(text), &edits)?;
        texts.insert(path.clone(), Some(after));
    }
    Ok(texts)
}
