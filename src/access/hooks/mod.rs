//! Hooks that run before a tool: what they answer, where that can be read off their text.
//!
//! INVARIANT: a hook whose answer is not certain is never guessed; it makes [`Answers::unknown`] true.
//!
//! Leaves out what an answer does to the decision.

mod answer;
mod matcher;
mod script;

use serde_json::{Map, Value};

use self::answer::{Answer, Word};
use self::matcher::Matcher;
use super::World;
use crate::settings::{Action, Scope, Settings};

/// The hooks of all files.
#[derive(Debug, Clone, Default)]
pub(super) struct Hooks {
    hooks: Vec<Hook>,
}

/// One hook, made ready.
#[derive(Debug, Clone)]
struct Hook {
    matcher: Matcher,
    /// The rule that a call must fall under.
    condition: Option<Box<str>>,
    answer: Answer,
}

/// What all hooks say of one call.
#[derive(Debug, Clone, Default)]
pub(super) struct Answers {
    /// The strictest word, and the hook that said it.
    pub(super) word: Option<(Word, u32)>,
    /// The input that takes the place of the call's own.
    pub(super) input: Option<Map<String, Value>>,
    /// A hook may say more than is known.
    pub(super) unknown: bool,
}

pub(super) use self::answer::Word as HookWord;

impl Hooks {
    /// Makes the hooks of the files ready, in the order of the files. `off` says of a scope that its hooks
    /// do not run.
    pub(super) fn new<'a>(files: impl Iterator<Item = &'a Settings>, off: impl Fn(Scope) -> bool) -> Self {
        let mut hooks = Vec::new();
        for file in files.filter(|file| !off(file.scope())) {
            for hook in file.hooks().iter().filter(|hook| hook.event == "PreToolUse") {
                let answer = match &hook.action {
                    // The client does not wait for its answer (observed, 2.1.330).
                    Action::Command { .. } if hook.in_background => Answer::Nothing,
                    Action::Command { command, arguments: None } => Answer::of_command(command),
                    _ => Answer::Unknown,
                };
                let matcher = Matcher::new(hook.matcher);
                hooks.push(Hook { matcher, condition: hook.condition.map(Box::from), answer });
            }
        }
        Self { hooks }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.hooks.is_empty()
    }

    /// What the hooks say of a call of `tool`. `falls_under` says whether the call falls under a rule, none
    /// where that is not known.
    pub(super) fn answers(
        &self,
        tool: &str,
        world: &dyn World,
        falls_under: impl Fn(&str) -> Option<bool>,
    ) -> Answers {
        let mut found = Answers::default();
        for (at, hook) in self.hooks.iter().enumerate() {
            let runs = match hook.matcher.matches(tool) {
                Some(false) => continue,
                runs => runs.is_some(),
            };
            let runs = match hook.condition.as_deref().map(&falls_under) {
                Some(Some(false)) => continue,
                Some(None) => false,
                _ => runs,
            };
            let at = u32::try_from(at).unwrap_or(u32::MAX);
            match &hook.answer {
                Answer::Nothing => {}
                Answer::NothingWithout(program) if world.entry(program).is_none() => {}
                Answer::Known(said) if runs => {
                    if let Some(word) = said.word
                        && found.word.is_none_or(|(known, _)| word > known)
                    {
                        found.word = Some((word, at));
                    }
                    if let Some(input) = &said.input {
                        found.input = Some(input.clone());
                    }
                }
                Answer::Known(_) | Answer::NothingWithout(_) | Answer::Unknown => found.unknown = true,
            }
        }
        found
    }
}
