//! What two rules have to do with each other, without a call at hand.
//!
//! INVARIANT: both functions say `true` only where it holds for every call. They may miss cases; they
//! may not invent one. Rules are compared as if they stood in the same file, because `/x` means
//! another folder in each scope ([`Rule::depends_on_scope`]).

use super::command::Command;
use super::parse::{List, Rule};
use super::path::Path;
use super::problem::mcp_server;
use crate::client::tools::{self, ContentKind};
use crate::glob::{Domain, Wildcard};

/// Whether, in this list, `wide` covers everything that `narrow` covers: with `wide` in force, `narrow`
/// changes no decision.
///
/// That includes indirect effects: a denied `Read(.env)` also stops `cat .env` and edits of the
/// file, and a denied bare `Read` does not, so the first is not implied by the second. A rule that the
/// client skips implies nothing and is implied by nothing.
pub fn implies(list: List, wide: &Rule, narrow: &Rule) -> bool {
    if wide.fault(list).is_some() || narrow.fault(list).is_some() {
        return false;
    }
    if wide.canonical() == narrow.canonical() {
        return true;
    }
    match (wide.is_whole_tool(), narrow.is_whole_tool()) {
        (true, true) => names_cover(list, wide.tool(), narrow.tool()),
        (true, false) => whole_covers(list, wide.tool(), narrow),
        (false, true) => false,
        (false, false) => wide.tool() == narrow.tool() && content_covers(list, wide, narrow),
    }
}

/// Whether no call is matched by both rules, each taken for itself and for one simple command.
///
/// A compound command is several calls here: `a && b` is not held against `Bash(a)` and `Bash(b)`.
pub fn disjoint(a: &Rule, b: &Rule) -> bool {
    if !names_are_apart(a.tool(), b.tool()) {
        return a.tool() == b.tool() && contents_are_apart(a, b);
    }
    // Path rules reach into commands, and rules of Read into those of Edit.
    let reaches = |rule: &Rule| {
        rule.tool().contains('*') && rule.content().is_some()
            || tools::find(rule.tool()).is_some_and(|tool| {
                matches!(tool.content, ContentKind::Command | ContentKind::Path | ContentKind::InertPath)
            })
    };
    !(reaches(a) && reaches(b))
}

/// Whether a call that `allow` lets through, as an allow rule, may be one that `never` speaks of.
///
/// Narrower than the opposite of [`disjoint`]: an allow rule looks through few wrappers, so `npm test *`
/// lets no `sudo` through, although a deny rule for `npm test *` sees `sudo npm test`.
pub fn may_let_through(allow: &Rule, never: &Rule) -> bool {
    if disjoint(allow, never) {
        return false;
    }
    let commands =
        [allow, never].map(|rule| (kind(rule) == ContentKind::Command).then(|| rule.content()).flatten());
    match (allow.tool() == never.tool(), commands) {
        (true, [Some(allow), Some(never)]) => !Command::new(allow).never_runs(&Command::new(never)),
        _ => true,
    }
}

impl Rule {
    /// A path that a rule for files looks like it is for: `~/.ssh/x` for `Read(~/.ssh/**)`.
    pub fn example_path(&self) -> Option<String> {
        let is_path = kind(self) == ContentKind::Path && !self.is_whole_tool();
        self.content().filter(|_| is_path).map(Path::example)
    }

    /// Whether the rule means another place in each scope: `Read(/x)`, and for the user's own file
    /// nothing else.
    pub fn depends_on_scope(&self) -> bool {
        kind(self) == ContentKind::Path
            && self.content().is_some_and(|content| content.starts_with('/') && !content.starts_with("//"))
    }
}

fn kind(rule: &Rule) -> ContentKind {
    tools::find(rule.tool()).map_or(ContentKind::Unknown, |tool| tool.content)
}

/// A rule for whole tools against one with a content.
fn whole_covers(list: List, wide: &str, narrow: &Rule) -> bool {
    let kind = kind(narrow);
    let same_tool = names_cover(list, wide, narrow.tool());
    match list {
        // A denied tool is taken away, so no rule about it matters. Path rules matter elsewhere too,
        // and the commands of one tool may be run by another.
        List::Deny | List::Ask if wide == "*" => list == List::Deny || kind != ContentKind::Command,
        List::Deny => same_tool && kind != ContentKind::Path,
        // In a sandbox a bare ask rule for commands is passed over, one with a content is not.
        List::Ask => same_tool && !matches!(kind, ContentKind::Path | ContentKind::Command),
        List::Allow => {
            same_tool
                && match kind {
                    ContentKind::Command => {
                        narrow.content().is_some_and(|text| Command::new(text).is_plain())
                    }
                    ContentKind::Domain | ContentKind::Agent | ContentKind::Skill | ContentKind::Query => {
                        true
                    }
                    ContentKind::Path | ContentKind::InertPath | ContentKind::Unknown => false,
                }
        }
    }
}

/// Whether every tool that the name `narrow` speaks of is one that `wide` speaks of.
fn names_cover(list: List, wide: &str, narrow: &str) -> bool {
    if wide == narrow {
        return true;
    }
    if list != List::Allow && wide.contains('*') && Wildcard::new(wide).covers(&Wildcard::new(narrow)) {
        let server_too = || Wildcard::new(wide).covers(&Wildcard::new(&format!("{narrow}__*")));
        return mcp_server(narrow).is_none() || server_too();
    }
    let (Some((server, tool)), Some((inner, inner_tool))) = (mcp_server(wide), mcp_server(narrow)) else {
        return false;
    };
    // A name with another `__` may be read in two ways, and an allow rule must fit both.
    let two_ways = list == List::Allow && inner_tool.is_some_and(|tool| tool.contains("__"));
    // Names of plugins are compared without case, which the other pattern need not be.
    let folded = inner.starts_with("plugin_");
    if server != inner || server.contains('*') || two_ways || folded {
        return false;
    }
    match (tool, inner_tool) {
        (None | Some("*"), _) => true,
        (Some(_), None) => false,
        (Some(tool), Some(inner)) => Wildcard::new(tool).covers(&Wildcard::new(inner)),
    }
}

fn content_covers(list: List, wide: &Rule, narrow: &Rule) -> bool {
    let (Some(wide_text), Some(narrow_text)) = (wide.content(), narrow.content()) else { return false };
    let parameter = |text| tools::parameter(wide.tool(), text).filter(|_| list != List::Allow);
    match (parameter(wide_text), parameter(narrow_text)) {
        // What looks like a parameter may have a second meaning, as a command for instance.
        (Some((key, value)), Some((inner_key, inner))) => {
            return key == inner_key
                && kind(wide) == ContentKind::Agent
                && Wildcard::new(value).covers(&Wildcard::new(inner));
        }
        (_, Some(_)) => return false,
        (_, None) => {}
    }
    match kind(wide) {
        ContentKind::Command => Command::new(wide_text).covers(list, &Command::new(narrow_text)),
        ContentKind::Path => Path::new(wide_text).covers(list, &Path::new(narrow_text)),
        ContentKind::Domain => match (Domain::of_rule(wide_text), Domain::of_rule(narrow_text)) {
            (Some(wide), Some(narrow)) => wide.covers(&narrow),
            _ => false,
        },
        ContentKind::Skill => skill_covers(wide_text, narrow_text),
        ContentKind::Agent | ContentKind::Query | ContentKind::InertPath | ContentKind::Unknown => false,
    }
}

/// `Skill(x:*)` and `Skill(x *)` cover all names that start with `x` (observed, 2.1.330).
fn skill_covers(wide: &str, narrow: &str) -> bool {
    let prefix = |text: &str| text.strip_suffix(":*").or_else(|| text.strip_suffix(" *")).map(str::to_owned);
    let bare = |text: &str| text.strip_prefix('/').unwrap_or(text).to_owned();
    let (wide, narrow) = (bare(wide), bare(narrow));
    match (prefix(&wide), prefix(&narrow)) {
        (None, None) => wide == narrow,
        (None, Some(_)) => false,
        (Some(wide), None) => narrow.starts_with(&wide),
        (Some(wide), Some(narrow)) => narrow.starts_with(&wide),
    }
}

fn names_are_apart(a: &str, b: &str) -> bool {
    let whole = |name: &str| match mcp_server(name) {
        Some((_, None)) if !name.contains('*') => Wildcard::new(&format!("{name}__*")),
        _ => Wildcard::new(name),
    };
    a != b && whole(a).is_apart_from(&Wildcard::new(b)) && whole(a).is_apart_from(&whole(b))
}

fn contents_are_apart(a: &Rule, b: &Rule) -> bool {
    let (Some(left), Some(right)) = (a.content(), b.content()) else { return false };
    if a.is_whole_tool() || b.is_whole_tool() {
        return false;
    }
    let parameter = |text| tools::parameter(a.tool(), text).is_some();
    if parameter(left) || parameter(right) {
        return false;
    }
    match kind(a) {
        ContentKind::Command => Command::new(left).is_apart_from(&Command::new(right)),
        ContentKind::Domain => match (Domain::of_rule(left), Domain::of_rule(right)) {
            (Some(left), Some(right)) => left.is_apart_from(&right),
            _ => false,
        },
        ContentKind::Path => Path::new(left).is_apart_from(&Path::new(right)),
        ContentKind::Agent => left != right,
        ContentKind::Skill | ContentKind::Query | ContentKind::InertPath | ContentKind::Unknown => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(list: List, wide: &str, narrow: &str) -> bool {
        implies(list, &Rule::parse(wide), &Rule::parse(narrow))
    }

    #[test]
    fn whole_tools_cover_what_only_they_do() {
        assert!(holds(List::Deny, "Bash", "Bash(rm *)"));
        assert!(holds(List::Deny, "WebFetch", "WebFetch(domain:a.b)"));
        assert!(holds(List::Deny, "Task", "Agent(Explore)"));
        assert!(holds(List::Deny, "*", "Read(.env)"));
        assert!(holds(List::Deny, "*", "mcp__srv"));
        assert!(holds(List::Deny, "Re*", "Read"));
        assert!(holds(List::Allow, "Bash", "Bash(npm run *)"));
        assert!(holds(List::Allow, "WebFetch(*)", "WebFetch(domain:a.b)"));
        assert!(holds(List::Allow, "Bash(*)", "Bash"));
    }

    #[test]
    fn indirect_effects_are_not_forgotten() {
        assert!(!holds(List::Deny, "Read", "Read(.env)"));
        assert!(!holds(List::Deny, "Edit", "Edit(.env)"));
        assert!(!holds(List::Deny, "Edit", "Write"));
        assert!(!holds(List::Deny, "R*", "Read(.env)"));
        assert!(!holds(List::Deny, "Read(.env)", "Edit(.env)"));
        assert!(!holds(List::Ask, "Bash", "Bash(rm *)"));
        assert!(!holds(List::Deny, "Bash(timeout *)", "Bash(timeout:*)"));
        assert!(!holds(List::Allow, "Bash", "Bash(foo a && bar)"));
        assert!(!holds(List::Allow, "Bash", "Bash(ls &)"));
        assert!(!holds(List::Allow, "*", "Bash"));
        assert!(!holds(List::Deny, "bash", "Bash(x)"));
    }

    #[test]
    fn servers_cover_their_tools() {
        for list in List::ALL {
            assert!(holds(list, "mcp__srv", "mcp__srv__get"));
            assert!(holds(list, "mcp__srv", "mcp__srv__*"));
            assert!(holds(list, "mcp__srv__*", "mcp__srv"));
            assert!(holds(list, "mcp__srv__get_*", "mcp__srv__get_x"));
            assert!(!holds(list, "mcp__srv__get", "mcp__srv"));
            assert!(!holds(list, "mcp__sr", "mcp__srv"));
        }
        assert!(holds(List::Deny, "mcp__*", "mcp__srv"));
        assert!(holds(List::Deny, "mcp__a", "mcp__a__b__c"));
        assert!(!holds(List::Allow, "mcp__a", "mcp__a__b__c"));
    }

    #[test]
    fn skills_and_hosts_and_parameters() {
        assert!(holds(List::Deny, "Skill(sk:*)", "Skill(sk2)"));
        assert!(holds(List::Deny, "Skill(sk)", "Skill(/sk)"));
        assert!(!holds(List::Deny, "Skill(sk)", "Skill(sk:*)"));
        assert!(holds(List::Allow, "WebFetch(domain:*.a.com)", "WebFetch(domain:x.A.com)"));
        assert!(!holds(List::Allow, "WebFetch(domain:*.a.com)", "WebFetch(domain:a.com)"));
        assert!(holds(List::Deny, "Agent(model:*)", "Agent(model:opus)"));
        assert!(!holds(List::Deny, "Agent(Explore)", "Agent(model:opus)"));
    }

    #[test]
    fn apart_means_that_nothing_meets() {
        let apart = |a: &str, b: &str| disjoint(&Rule::parse(a), &Rule::parse(b));
        assert!(apart("WebFetch", "mcp__a"));
        assert!(apart("mcp__a", "mcp__b__x"));
        assert!(!apart("mcp__a", "mcp__a__x"));
        assert!(!apart("*", "Bash"));
        assert!(!apart("Read(.env)", "Bash(cat *)"));
        assert!(!apart("Read(.env)", "Edit"));
        assert!(apart("Bash(git push *)", "Bash(npm run *)"));
        assert!(apart("Bash(git push *)", "Bash(git pull *)"));
        assert!(!apart("Bash(sudo *)", "Bash(rm *)"));
        assert!(!apart("Bash(git *)", "Bash(git pull *)"));
        assert!(apart("Agent(a)", "Agent(b)"));
        assert!(apart("WebFetch(domain:a.com)", "WebFetch(domain:*.a.com)"));
        assert!(!apart("WebFetch(domain:x.a.com)", "WebFetch(domain:*.a.com)"));
    }
}
