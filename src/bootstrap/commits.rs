//! The check before each commit, for repositories that use pre-commit.

use super::draft::Draft;

const FILE: &str = ".pre-commit-config.yaml";
const HOOK: &str = "bylaws-check";

pub(super) fn add(draft: &mut Draft<'_>) {
    let built_in = include_str!("../../templates/init/pre-commit.yml");
    let template = draft.template("init/pre-commit.yml", built_in);
    let there = draft.create(FILE, |_| template.clone());
    if there.is_some_and(|text| !text.contains(HOOK)) {
        let entry = template.split_once('\n').map_or(template.as_str(), |(_, entry)| entry);
        draft.note(format!(
            "`{FILE}` is left as it is: add this to its `repos`, or no commit is checked\n{}",
            entry.trim_end()
        ));
    }
}
