//! Whether a rule is the only one for some text: then it decides, and no proof is needed to know.

use super::bash::collapse;
use super::{Access, RuleId};
use crate::rule::List;
use crate::shell;

/// Whether one of some rules of a list is for a text.
type Any<'a> = &'a dyn Fn(List, &dyn Fn(RuleId) -> bool) -> bool;

impl Access {
    /// Whether a rule is seen at once to be the only one for a text, in its list and in stronger ones. Quick; where
    /// it says no, nothing is known.
    pub fn stands_alone(&self, rule: RuleId) -> bool {
        let Some(loaded) = self.set.rules.get(rule) else { return false };
        let (list, tool) = (loaded.list, loaded.rule.tool());
        let lists: &[List] = match list {
            List::Deny => &[List::Deny],
            List::Ask => &[List::Ask, List::Deny],
            List::Allow => &List::ALL,
        };
        // Whether the rule, or another, is for a text.
        let alone = |any: Any<'_>| {
            any(list, &|id| id == rule) && !lists.iter().any(|list| any(*list, &|id| id != rule))
        };
        if loaded.rule.is_whole_tool() {
            let name = some_name(tool);
            return alone(&|list, which| self.set.whole.any_for(list, &name, which));
        }
        let Some(content) = loaded.rule.content().filter(|content| !content.contains(['\\', '['])) else {
            return false;
        };
        match tool {
            "Bash" => {
                let line = content.strip_suffix(":*").unwrap_or(content).replace('*', "");
                let line = collapse(line.trim());
                shell::plain_words(&line).is_some()
                    && !lists.iter().any(|list| self.set.whole.find(*list, tool).is_some())
                    && alone(&|list, which| self.set.commands.any_for(list, &line, which))
            }
            "Read" | "Edit" => {
                let edit = tool == "Edit";
                self.some_path(content).is_some_and(|path| {
                    let free = !edit && list == List::Allow && self.paths.holds(&path);
                    !free && alone(&|list, which| self.paths.any_for(edit, list, &path, which))
                })
            }
            "WebFetch" => {
                let host = content.trim_start_matches("domain:").replace('*', "a").to_ascii_lowercase();
                alone(&|list, which| self.set.hosts.any_for(list, &host, which))
            }
            _ => false,
        }
    }

    /// A path that a rule with this content is likely to cover.
    fn some_path(&self, content: &str) -> Option<String> {
        if content.contains(['?', '!']) {
            return None;
        }
        let (root, rest) = if let Some(rest) = content.strip_prefix("//") {
            ("", rest)
        } else if let Some(rest) = content.strip_prefix("~/") {
            (&*self.place.home, rest)
        } else {
            (&*self.place.project, content.strip_prefix("./").unwrap_or(content))
        };
        let mut path = root.to_owned();
        for name in rest.split('/').filter(|name| !name.is_empty() && *name != "**") {
            path.push('/');
            path.push_str(&name.replace('*', "a"));
        }
        if rest.is_empty() || rest.ends_with("**") {
            path.push_str("/a");
        }
        Some(path)
    }
}

/// A tool that a rule of this name is for.
fn some_name(name: &str) -> String {
    let name = name.trim_end_matches("__*");
    match name.strip_prefix("mcp__") {
        Some(server) if !server.contains("__") => format!("{name}__a"),
        _ => name.to_owned(),
    }
}
