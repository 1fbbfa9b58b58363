//! The rules as sets of texts, for proofs about all calls of a kind.
//!
//! INVARIANT: each set is made from what decides, so that a proof speaks of the same rules as a decision.

use super::bash::Commands;
use super::rule_set::RuleSet;
use super::{Access, Cause, Mode, Place, RuleId, hooks};
use crate::automaton::Pattern;
use crate::client::Version;
use crate::rule::List;

/// The texts that one rule is for.
#[derive(Debug, Clone)]
pub struct RuleTexts {
    /// The rule.
    pub rule: RuleId,
    /// What all its texts begin with, or all behind `xargs`, with one blank for each run of blanks.
    pub start: Box<str>,
    /// The words of `start` that are whole in all its texts.
    pub words: Box<str>,
    /// Its text, where it is for no other. That may be a whole command line with operators.
    pub exact: Option<Box<str>>,
    /// The texts.
    pub texts: Pattern,
}

/// The path rules of one list.
#[derive(Debug, Clone, Default)]
pub struct PathTexts {
    /// Rules with the paths that they cover: absolute ones in every case of letters.
    pub told: Vec<RuleTexts>,
    /// Rules that cannot be told so: they take paths out again, or stand beside rules that do.
    pub untold: Vec<RuleId>,
}

/// The values of one input field that a parameter rule is for.
#[derive(Debug, Clone)]
pub struct ParameterTexts {
    /// The tool.
    pub tool: Box<str>,
    /// The field of its input.
    pub field: Box<str>,
    /// The values.
    pub values: RuleTexts,
}

impl Access {
    /// The texts of one command that the rules of a list are for, also behind `xargs`. Rules for the whole
    /// tool are left out.
    pub fn command_texts(&self, list: List) -> Vec<RuleTexts> {
        self.set.commands.texts(list)
    }

    /// The paths that the rules of a list are for, those for editing or those for reading.
    pub fn path_texts(&self, edit: bool, list: List) -> PathTexts {
        self.paths.texts(edit, list)
    }

    /// The hosts that the rules of a list are for, in small letters and without a dot at their end.
    pub fn host_texts(&self, list: List) -> Vec<RuleTexts> {
        self.set.hosts.texts(list)
    }

    /// The names of tools that the rules of a list are for. Of an MCP tool whose name can be cut into server
    /// and tool in several ways it is not told what an allow rule says.
    pub fn tool_texts(&self, list: List) -> Vec<RuleTexts> {
        self.set.whole.texts(list)
    }

    /// The names of sub-agents that are denied.
    pub fn agent_texts(&self) -> Vec<RuleTexts> {
        self.set.agents.texts()
    }

    /// The names of skills that are denied, without a slash at their beginning.
    pub fn skill_texts(&self) -> Vec<RuleTexts> {
        self.set.skills.texts()
    }

    /// The parameter rules of a list.
    pub fn parameter_texts(&self, list: List) -> Vec<ParameterTexts> {
        self.set.parameters.texts(list)
    }

    /// The first rule of a list that is for the whole tool.
    pub fn whole_tool(&self, list: List, tool: &str) -> Option<RuleId> {
        self.set.whole.find(list, tool)
    }

    /// The project and the additional directories.
    pub fn working_folders(&self) -> &[String] {
        self.paths.working()
    }

    /// The same without some of the rules for commands.
    pub fn without_commands(&self, left_out: impl Fn(RuleId) -> bool) -> Self {
        let commands = Commands::new(self.set.rules.iter().filter(|(id, _)| !left_out(*id)));
        let set = RuleSet { commands, ..(*self.set).clone() }.into();
        Self { set, ..self.clone() }
    }

    /// Whether there are deny rules for reading paths, whatever paths these are.
    pub fn denies_reading(&self) -> bool {
        self.set.commands.denies_reading()
    }

    /// Whether `Read(*)` ends at the working directories, for the client that decides.
    pub fn keeps_starred_rules_inside(&self) -> bool {
        self.profile.starred_rules_stay_inside
    }

    /// Where the client runs.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Whether the newest client that is known decides, and no other.
    pub fn is_newest(&self) -> bool {
        self.other.is_none() && self.profile.version == Version::NEWEST
    }

    /// Whether a managed file keeps the client from starting, so that nothing runs.
    pub fn is_halted(&self) -> bool {
        self.halted
    }

    /// Whether questions are refused in every mode.
    pub fn refuses_prompts(&self) -> bool {
        self.refuses_prompts
    }

    /// The same without hooks and without the lists that say which MCP servers may run: what rules and mode
    /// say of a call whatever these do. A mode in which the client's server decides counts as the default one.
    pub fn by_rules_alone(self) -> Self {
        let mode = match self.mode {
            Mode::Plan | Mode::Auto => Mode::Default,
            mode => mode,
        };
        let other = self.other.map(|other| Box::new(other.by_rules_alone()));
        Self { mode, other, hooks: hooks::Hooks::default(), servers: None, servers_matter: false, ..self }
    }
}

impl Access {
    /// The same without hooks: what is left when these say nothing.
    pub fn without_hooks(self) -> Self {
        let other = self.other.map(|other| Box::new(other.without_hooks()));
        Self { other, hooks: hooks::Hooks::default(), ..self }
    }

    /// The same where every question is refused, whatever the settings say of that.
    pub fn refusing_prompts(self) -> Self {
        let other = self.other.map(|other| Box::new(other.refusing_prompts()));
        Self { refuses_prompts: true, other, ..self }
    }
}

impl Cause {
    /// The rule that decided.
    pub fn rule(self) -> Option<RuleId> {
        match self {
            Self::Rule(rule) => Some(rule),
            _ => None,
        }
    }
}

impl RuleTexts {
    /// A rule for all texts.
    pub fn everything(rule: RuleId) -> Self {
        Self::of(rule, Pattern::anything())
    }

    /// A rule for one text.
    pub(super) fn one(rule: RuleId, text: &str) -> Self {
        Self {
            rule,
            start: text.into(),
            words: text.into(),
            exact: Some(text.into()),
            texts: Pattern::text(text),
        }
    }

    /// A rule for the texts of a pattern.
    pub(super) fn of(rule: RuleId, texts: Pattern) -> Self {
        Self { rule, start: "".into(), words: "".into(), exact: None, texts }
    }
}
