//! The rules in force, sorted by what they are for. Path rules are not among them: what those mean depends on the place.

use super::bash::Commands;
use super::names::{Agents, Skills};
use super::parameter::Parameters;
use super::rules::Rules;
use super::web::Hosts;
use super::whole::WholeTools;

#[derive(Debug, Clone)]
pub(super) struct RuleSet {
    pub(super) rules: Rules,
    pub(super) whole: WholeTools,
    pub(super) parameters: Parameters,
    pub(super) commands: Commands,
    pub(super) hosts: Hosts,
    pub(super) agents: Agents,
    pub(super) skills: Skills,
}

impl RuleSet {
    pub(super) fn new(rules: Rules) -> Self {
        Self {
            whole: WholeTools::new(&rules),
            parameters: Parameters::new(&rules),
            commands: Commands::new(rules.iter()),
            hosts: Hosts::new(&rules),
            agents: Agents::new(&rules),
            skills: Skills::new(&rules),
            rules,
        }
    }
}
