//! The tools of the client: names, former names, and the input field that a rule's content speaks of.
//!
//! Leaves out what the tools do. Observed with client 2.1.330 unless a line says otherwise.

/// What the content of a rule means for a tool, `Tool(content)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ContentKind {
    /// A command pattern: `Bash(npm run *)`.
    Command,
    /// A path pattern that is consulted: `Read(./.env)`, `Edit(src/**)`.
    Path,
    /// A path pattern that is accepted and never consulted: `Write(x)`, `Glob(x)`.
    InertPath,
    /// `WebFetch(domain:host)`.
    Domain,
    /// `WebSearch(exact words)`; accepted, without effect (observed).
    Query,
    /// The type of a sub-agent: `Agent(Explore)`.
    Agent,
    /// The name of a skill: `Skill(deploy)`.
    Skill,
    /// Nothing that the client looks at, apart from parameter rules.
    Unknown,
}

/// One tool of the client.
#[derive(Debug, Clone, Copy)]
pub struct Tool {
    /// The name in rules and calls.
    pub name: &'static str,
    /// What the content of a rule for it means.
    pub content: ContentKind,
    /// The input field that the content is about; a parameter rule on it has no effect.
    pub subject: Option<&'static str>,
    /// The other input fields, which parameter rules may name.
    pub fields: &'static [&'static str],
}

const fn tool(
    name: &'static str,
    content: ContentKind,
    subject: Option<&'static str>,
    fields: &'static [&'static str],
) -> Tool {
    Tool { name, content, subject, fields }
}

/// The tools whose rules have a content of their own.
pub const TOOLS: &[Tool] = &[
    tool(
        "Agent",
        ContentKind::Agent,
        None,
        &[
            "description",
            "effort",
            "isolation",
            "model",
            "name",
            "prompt",
            "run_in_background",
            "subagent_type",
        ],
    ),
    tool(
        "Bash",
        ContentKind::Command,
        Some("command"),
        &["dangerouslyDisableSandbox", "description", "run_in_background", "timeout"],
    ),
    tool("Cd", ContentKind::InertPath, None, &[]),
    tool("Edit", ContentKind::Path, Some("file_path"), &["new_string", "old_string", "replace_all"]),
    tool("Glob", ContentKind::InertPath, Some("path"), &["pattern"]),
    tool(
        "Grep",
        ContentKind::InertPath,
        Some("path"),
        &[
            "-A",
            "-B",
            "-C",
            "-i",
            "-n",
            "-o",
            "context",
            "glob",
            "head_limit",
            "multiline",
            "offset",
            "output_mode",
            "pattern",
            "type",
        ],
    ),
    tool("Monitor", ContentKind::Command, Some("command"), &["description", "timeout_ms", "ws"]),
    tool("MultiEdit", ContentKind::InertPath, Some("file_path"), &["edits"]),
    tool(
        "NotebookEdit",
        ContentKind::InertPath,
        Some("notebook_path"),
        &["cell_id", "cell_type", "edit_mode", "new_source"],
    ),
    tool("NotebookRead", ContentKind::InertPath, Some("notebook_path"), &["cell_id"]),
    tool(
        "PowerShell",
        ContentKind::Command,
        Some("command"),
        &["description", "run_in_background", "timeout"],
    ),
    tool("Read", ContentKind::Path, Some("file_path"), &["allow_large", "limit", "offset", "pages"]),
    tool("Skill", ContentKind::Skill, None, &["args", "skill"]),
    tool("WebFetch", ContentKind::Domain, Some("url"), &["offset", "prompt"]),
    tool("WebSearch", ContentKind::Query, None, &["allowed_domains", "blocked_domains", "query"]),
    tool("Write", ContentKind::InertPath, Some("file_path"), &["content"]),
];

/// Other tool names of 2.1.330, known so that a wrong spelling can be named.
pub const OTHER_NAMES: &[&str] = &[
    "Artifact",
    "AskUserQuestion",
    "ClaudeDesign",
    "CronCreate",
    "CronDelete",
    "CronList",
    "EndConversation",
    "EnterPlanMode",
    "EnterWorktree",
    "ExitPlanMode",
    "ExitWorktree",
    "ListAgents",
    "ListMcpResourcesTool",
    "LSP",
    "OfferChromeSetup",
    "Projects",
    "PushNotification",
    "ReadMcpResourceDirTool",
    "ReadMcpResourceTool",
    "ReadNotifications",
    "RemoteTrigger",
    "ReportFindings",
    "ScheduleWakeup",
    "SendFeedback",
    "SendMessage",
    "SendUserFile",
    "SendUserMessage",
    "SetGoal",
    "ShareOnboardingGuide",
    "ShowOnboardingRolePicker",
    "SubagentHandback",
    "TaskCreate",
    "TaskGet",
    "TaskList",
    "TaskStop",
    "TaskUpdate",
    "TodoWrite",
    "ToolSearch",
    "WaitForMcpServers",
    "Workflow",
];

/// Former names, which rules and hook matchers may still use.
pub const ALIASES: &[(&str, &str)] = &[
    ("Brief", "SendUserMessage"),
    ("KillBash", "TaskStop"),
    ("KillShell", "TaskStop"),
    ("ListMcpResources", "ListMcpResourcesTool"),
    ("ListPeers", "ListAgents"),
    ("ProposeGoal", "SetGoal"),
    ("ReadMcpResource", "ReadMcpResourceTool"),
    ("ReadMcpResourceDir", "ReadMcpResourceDirTool"),
    ("Task", "Agent"),
];

/// Tools of older clients that rules still speak of, with the tools that do their work now.
pub const RETIRED: &[(&str, &str)] = &[
    ("BashOutput", "`Bash`"),
    ("LS", "`Read`"),
    ("MultiEdit", "`Edit`"),
    ("NotebookRead", "`Read`"),
    ("SlashCommand", "`Skill`"),
    ("TodoRead", "`TaskList`"),
];

/// Sub-agents that the client brings.
const AGENTS: [&str; 5] = ["Explore", "Plan", "claude-code-guide", "general-purpose", "statusline-setup"];

/// The sub-agent of the client with this name, in whatever case it is written.
pub fn built_in_agent(name: &str) -> Option<&'static str> {
    AGENTS.into_iter().find(|known| known.eq_ignore_ascii_case(name))
}

/// Tools that change files.
pub const EDITING: &[&str] = &["Edit", "MultiEdit", "NotebookEdit", "Write"];

/// Tools of which the allow rule `Tool(*)` ends at the working directories, while `Tool` does not.
pub const STARRED_STAY_INSIDE: &[&str] =
    &["Edit", "Glob", "Grep", "LSP", "NotebookEdit", "Read", "SendUserFile", "Write"];

/// File tools: in the content of their rules `:*` is an error (observed in `claude doctor`).
pub const FILE_TOOLS: &[&str] = &["Read", "Write", "Edit", "Glob", "NotebookRead", "NotebookEdit", "Cd"];

/// The present name of a tool: `Agent` for `Task`.
pub fn canonical_name(name: &str) -> &str {
    ALIASES.iter().find(|(old, _)| *old == name).map_or(name, |(_, new)| new)
}

/// The names of all tools that the client has now.
pub fn names() -> impl Iterator<Item = &'static str> {
    let known = TOOLS.iter().map(|tool| tool.name).chain(OTHER_NAMES.iter().copied());
    known.filter(|name| !RETIRED.iter().any(|(retired, _)| retired == name))
}

/// What is known of the tool with this present name.
pub fn find(name: &str) -> Option<&'static Tool> {
    TOOLS.binary_search_by(|tool| tool.name.cmp(name)).ok().and_then(|at| TOOLS.get(at))
}

/// The parameter rule in the content of a rule, `Tool(field:value)`: the field and the pattern of its
/// value, both trimmed.
///
/// The client looks at it in deny and ask rules only. None for the field that the content speaks of
/// anyway and for fields that a known tool does not have: the input of a call may not have others
/// (observed). Of unknown tools every field is taken for one.
pub fn parameter<'a>(tool: &str, content: &'a str) -> Option<(&'a str, &'a str)> {
    let (field, value) = content.split_once(':')?;
    let (field, value) = (super::blank::trim(field), super::blank::trim(value));
    let known = find(tool).is_none_or(|tool| tool.fields.contains(&field));
    (known && !field.is_empty() && !value.is_empty()).then_some((field, value))
}

/// The name of a tool as the client spells it, for one that was written in another case.
pub fn spelling_of(name: &str) -> Option<&'static str> {
    let known = TOOLS.iter().map(|tool| tool.name).chain(OTHER_NAMES.iter().copied());
    known.chain(ALIASES.iter().map(|(old, _)| *old)).find(|known| known.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_are_sorted_for_the_search() {
        assert!(TOOLS.is_sorted_by(|a, b| a.name < b.name));
        assert_eq!(find("Bash").map(|tool| tool.content), Some(ContentKind::Command));
        assert!(find("bash").is_none());
    }

    #[test]
    fn parameters_are_fields_of_the_tool() {
        assert_eq!(parameter("Bash", "timeout : 10"), Some(("timeout", "10")));
        assert_eq!(parameter("Bash", "npm:*"), None);
        assert_eq!(parameter("Bash", "command:x"), None);
        assert_eq!(parameter("Other", "a:b:c"), Some(("a", "b:c")));
        assert_eq!(parameter("Other", ":b"), None);
    }

    #[test]
    fn former_names_lead_to_present_ones() {
        assert_eq!(canonical_name("Task"), "Agent");
        assert_eq!(canonical_name("Bash"), "Bash");
        assert_eq!(spelling_of("webfetch"), Some("WebFetch"));
    }
}
