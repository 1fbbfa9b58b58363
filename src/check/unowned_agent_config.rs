//! No line of `CODEOWNERS` names an owner of the agent configuration.

use super::registry::check;
use super::{Context, Run};
use crate::finding::Finding;
use crate::glob::{Below, PathPattern, PathText};
use crate::path::RepoPath;
use crate::project::{File, Role};
use crate::text::Span;

check!(
    "unowned-agent-config",
    Note,
    "`CODEOWNERS` names nobody for the agent configuration",
    "whoever may change these files decides what agents may do here, and nobody in particular is asked",
    Run::Project(run)
);

/// Where owners are looked for, the first that is there (documentation of GitHub and GitLab, November 2026:
/// GitHub does not look in `.gitlab`, GitLab not in `.github`).
const PLACES: [&str; 4] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"];

/// Most files that a message names.
const MAX_NAMED: usize = 3;

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    // Once for the repository.
    if !context.project.path.is_root() {
        return;
    }
    let files: Vec<&File> = context.around.files(Role::Owners).collect();
    let at = |place: &&str| files.iter().find(|file| file.path.as_str() == *place);
    let Some(file) = PLACES.iter().find_map(at).filter(|file| file.content.text().is_some()) else {
        return;
    };
    let owners = Owners::parse(file.text());
    let unowned: Vec<&RepoPath> =
        context.around.configuration().iter().filter(|path| !owners.own(path)).collect();
    if unowned.is_empty() {
        return;
    }
    let named: Vec<String> = unowned.iter().take(MAX_NAMED).map(|path| format!("`{path}`")).collect();
    let more = match unowned.len().saturating_sub(MAX_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let message = format!("`{}` names no owner of {}{more}", file.path, named.join(", "));
    let mut patterns: Vec<String> = unowned.iter().map(|path| pattern_for(path)).collect();
    patterns.dedup();
    patterns.truncate(MAX_NAMED);
    let help = format!("add a line with those who decide about agents for {}", patterns.join(", "));
    findings.push(
        Finding::new(CHECK.name, CHECK.severity, file.place(Span::at(0)), message)
            .key("agent configuration")
            .help(help),
    );
}

/// The pattern that a line of owners would begin with.
fn pattern_for(path: &RepoPath) -> String {
    let folder = path.parent().unwrap_or_default();
    if folder.name() == ".claude" { format!("`/{folder}/`") } else { format!("`/{path}`") }
}

/// The lines of a `CODEOWNERS` file, by section. Without sections there is one.
struct Owners {
    sections: Vec<Vec<Line>>,
}

struct Line {
    pattern: PathPattern,
    is_owned: bool,
}

impl Owners {
    fn parse(text: &str) -> Self {
        let mut sections = vec![Vec::new()];
        let mut has_default = false;
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let words = words(line);
            if let Some(behind) = section(line) {
                has_default = behind.contains('@');
                sections.push(Vec::new());
                continue;
            }
            let Some((pattern, owners)) = words.split_first() else { continue };
            let Some(pattern) = PathPattern::new(pattern) else { continue };
            let is_owned = has_default || owners.iter().any(|owner| owner.contains('@'));
            let is_owned = is_owned && !pattern.is_negated();
            if let Some(section) = sections.last_mut() {
                section.push(Line { pattern, is_owned });
            }
        }
        Self { sections }
    }

    /// Whether a path has an owner: in each section the last line that matches counts.
    fn own(&self, path: &RepoPath) -> bool {
        let text = PathText::new(path.as_str());
        let below = Below { path: &text, skip: 0 };
        self.sections.iter().any(|lines| {
            let last = lines.iter().rev().find(|line| line.pattern.covers(below));
            last.is_some_and(|line| line.is_owned)
        })
    }
}

/// What stands behind the name of a section, `[Name]` or `^[Name][2]`, none for another line.
fn section(line: &str) -> Option<&str> {
    let rest = line.strip_prefix('^').unwrap_or(line).strip_prefix('[')?;
    rest.split_once(']').map(|(_, behind)| behind)
}

/// The words of a line up to its comment. A blank behind a backslash belongs to the pattern.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                word.push(c);
                word.extend(chars.next());
            }
            '#' if word.is_empty() => break,
            c if c.is_whitespace() => words.extend((!word.is_empty()).then(|| std::mem::take(&mut word))),
            c => word.push(c),
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(text: &str) -> bool {
        Owners::parse(text).own(&RepoPath::root().join(".claude/settings.json"))
    }

    #[test]
    fn the_last_line_that_matches_counts() {
        for text in [
            "* @acme/all",
            ".claude/ @acme/agents # who decides",
            "/.claude/** a@acme.dev",
            "*.json @x",
            "* \n/.claude/ @x",
            "[Docs]\n*.md @x\n[Agents] @acme/agents\n.claude/",
            "[A]\n* @x\n[B]\n*.md @y",
        ] {
            assert!(owned(text), "{text}");
        }
        for text in [
            "",
            "# * @x",
            "src/ @x",
            "* @x\n.claude/",
            "[Agents]\n.claude/",
            "* @x\n!.claude/",
            ".claude/ # @x",
        ] {
            assert!(!owned(text), "{text}");
        }
    }
}
