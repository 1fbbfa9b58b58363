//! The text of a request that brings a repository in line: for what policy, what is proved about it, and the change with
//! the reason for each part of it.
//!
//! INVARIANT: nothing from a repository or a policy is markup here, and no credential is shown whole.

use std::io::{self, Write};

use super::diff::{Reader, write_diff};
use super::markdown::{Page, code, escaped, shortened};
use super::{compare, write_comparison_markdown};
use crate::automaton::Budget;
use crate::client::Version;
use crate::repository::{Checked, Held};
use crate::state::State;

/// What a request asks for.
pub struct Asked<'a> {
    /// The name of the rollout.
    pub rollout: &'a str,
    /// The policy, as locks name it.
    pub policy: &'a str,
    /// Its commit, or the version of the program for a built-in policy.
    pub revision: Option<&'a str>,
    /// The repository.
    pub checked: &'a Checked,
}

/// Writes the text, Markdown.
pub fn write_request(out: &mut dyn Write, asked: &Asked<'_>) -> io::Result<()> {
    let mut page = Page::default();
    let revision = asked.revision.map(|revision| format!(" at {}", code(revision))).unwrap_or_default();
    page.add(&format!(
        "This brings the settings of Claude Code in this repository in line with the policy {}{revision}, as \
         `bylaws apply --upgrade` would.\n",
        code(&shortened(asked.policy))
    ));
    if asked.checked.is_partial {
        page.add("\nOnly the root was looked at: projects in folders below it stay as they are.\n");
    }
    for held in &asked.checked.projects {
        let plan = held.plan();
        if !plan.is_empty() {
            let granted = granted(held);
            page.add(&format!("\n{granted}"));
        }
    }
    let mut diff = Vec::new();
    for held in &asked.checked.projects {
        write_diff(&mut diff, Reader::Program, &held.plan().changes, &held.findings)?;
    }
    let diff = anstream::adapter::strip_str(&String::from_utf8_lossy(&diff)).to_string();
    let fence = fence(&diff);
    let change = format!("\n### The change\n\nAbove each part stands why.\n\n{fence}diff\n{diff}{fence}\n");
    if !page.add(&change) {
        page.end("\nThe change is too long to be shown here: the files show it.\n");
    }
    page.end(&format!(
        "\n---\n\nPart of the rollout {}. Until somebody else commits to its branch, this request is kept up to \
         date. Closed, it is not opened again for as long as the change is the same.\n",
        code(asked.rollout)
    ));
    out.write_all(page.text.as_bytes())
}

/// What the change of a project grants, proved or shown.
fn granted(held: &Held) -> String {
    let project = &held.project;
    let after = held.project_after(&held.plan());
    let folder = if project.path.is_root() { String::new() } else { format!("{} ", project.path) };
    let old = State::of_read(&format!("{folder}as it is"), project);
    let states = old.and_then(|old| Ok((old, State::of_read(&format!("{folder}with this change"), &after)?)));
    match states {
        Ok((old, new)) => {
            let report = compare(&old, &new, Version::default(), Budget::default());
            let mut text = Vec::new();
            // Writing to memory does not fail.
            let _ = write_comparison_markdown(&mut text, &report);
            String::from_utf8_lossy(&text).into_owned()
        }
        Err(error) => format!(
            "### Agent settings: not compared\n\nWhat this grants is not known: {}.\n",
            escaped(&shortened(&error.to_string()))
        ),
    }
}

/// A fence that nothing in the text ends.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    "`".repeat(longest.max(2) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fence_is_longer_than_any_in_the_text() {
        assert_eq!(fence("+ a"), "```");
        assert_eq!(fence("+ ````\n+ ``"), "`````");
    }
}
