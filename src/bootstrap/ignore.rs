//! Personal settings stay out of git, and everybody's settings do not.

use super::draft::Draft;
use crate::glob::{Below, PathPattern, PathText};
use crate::project::LOCAL;

const FILE: &str = ".gitignore";
const INNER: &str = ".claude/.gitignore";
const FOLDER: &str = ".claude/";

/// Adds the line for the personal settings where no line takes them out yet.
pub(super) fn keep_out_personal_settings(draft: &mut Draft<'_>) {
    let inner = LOCAL.strip_prefix(FOLDER).unwrap_or(LOCAL);
    let covers = |draft: &Draft<'_>, file: &str, path: &str| {
        draft.content(file).text().and_then(|text| ignoring_line(text, path)).is_some()
    };
    if !covers(draft, FILE, LOCAL) && !covers(draft, INNER, inner) {
        draft.append(FILE, &[LOCAL.to_owned()]);
    }
}

/// Says which files that are written here never get into git.
pub(super) fn warn_of_ignored(draft: &mut Draft<'_>) {
    let content = draft.content(FILE);
    let Some(text) = content.text() else { return };
    for path in draft.written() {
        if let Some(line) = ignoring_line(text, path.as_str()) {
            draft.note(format!(
                "`{FILE}:{line}` keeps `{path}` out of git, and so from CI and everybody else: narrow that line"
            ));
        }
    }
}

/// The line of a `.gitignore` that takes a path out of git, none where it stays in. The last line that
/// speaks of a path decides.
fn ignoring_line(text: &str, path: &str) -> Option<usize> {
    let path = PathText::new(path);
    let below = Below { path: &path, skip: 0 };
    let mut ignoring = None;
    for (index, line) in text.lines().enumerate() {
        if line.starts_with('#') {
            continue;
        }
        if let Some(pattern) = PathPattern::new(line).filter(|pattern| pattern.covers(below)) {
            ignoring = (!pattern.is_negated()).then_some(index + 1);
        }
    }
    ignoring
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_that_speaks_of_a_path_decides() {
        for (text, line) in [
            ("", None),
            ("target\n", None),
            (".claude/settings.local.json\n", Some(1)),
            ("/.claude/settings.local.json", Some(1)),
            ("target\r\n*.local.json\r\n", Some(2)),
            ("**/.claude/settings.local.json\n", Some(1)),
            (".claude/\n", Some(1)),
            (".claude/\n!.claude/settings.local.json\n", None),
            ("# .claude/settings.local.json\n", None),
            ("settings.local.json/\n", None),
        ] {
            assert_eq!(ignoring_line(text, LOCAL), line, "{text:?}");
        }
    }
}
