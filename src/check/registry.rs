//! The registry: every check by name, with its page.

use crate::finding::{Finding, Place, Severity};
use crate::json::Pointer;
use crate::policy::{Framework, Need, Policy};

use super::Context;

/// A check: what it looks for, how much its findings weigh by themselves, and the function.
#[derive(Debug)]
pub struct Check {
    /// Its name: kebab-case, the fault.
    pub name: &'static str,
    /// What a finding weighs where no layer of policy gives it a weight.
    pub severity: Severity,
    /// The fault in one line.
    pub summary: &'static str,
    /// Why it matters, in one line.
    pub why: &'static str,
    /// Its page: the same bytes as `docs/checks/NAME.md`.
    pub page: &'static str,
    /// What runs.
    pub run: Run,
}

/// Where a check runs.
#[derive(Debug, Clone, Copy)]
pub enum Run {
    /// On a project.
    Project(fn(&Context<'_>, &mut Vec<Finding>)),
    /// On the files of a policy, while they are read or merged.
    Policy,
}

impl Run {
    /// Whether it runs on projects.
    pub fn is_on_project(self) -> bool {
        matches!(self, Self::Project(_))
    }
}

/// Declares the check of a file: its page is the one of the same name.
macro_rules! check {
    ($name:literal, $severity:ident, $summary:literal, $why:literal, $run:expr) => {
        pub(super) const CHECK: $crate::check::Check = $crate::check::Check {
            name: $name,
            severity: $crate::finding::Severity::$severity,
            summary: $summary,
            why: $why,
            page: include_str!(concat!("../../docs/checks/", $name, ".md")),
            run: $run,
        };
    };
}
pub(super) use check;

/// All checks, in the order in which they are listed.
pub static ALL: &[Check] = &[
    super::missing_rule::CHECK,
    super::missing_value::CHECK,
    super::changed_value::CHECK,
    super::forbidden_key::CHECK,
    super::new_recommendation::CHECK,
    super::limit_schema::CHECK,
    super::exceeds_limit::CHECK,
    super::unapproved_mcp_server::CHECK,
    super::blocked_mcp_server::CHECK,
    super::missing_mcp_server::CHECK,
    super::missing_file_block::CHECK,
    super::edited_file_block::CHECK,
    super::policy_behind::CHECK,
    super::foreign_policy::CHECK,
    super::edited_managed_entry::CHECK,
    super::withdrawn_entry::CHECK,
    super::unreadable_lock::CHECK,
    super::waiver_expired::CHECK,
    super::waiver_expiring::CHECK,
    super::waiver_unused::CHECK,
    super::waiver_over_broad::CHECK,
    super::attestation_overdue::CHECK,
    super::attestation_due_soon::CHECK,
    super::attestation_to_come::CHECK,
    super::unreadable_settings::CHECK,
    super::invalid_value::CHECK,
    super::duplicate_key::CHECK,
    super::unknown_key::CHECK,
    super::misplaced_key::CHECK,
    super::managed_only_key::CHECK,
    super::ineffective_in_project::CHECK,
    super::invalid_rule::CHECK,
    super::unknown_tool::CHECK,
    super::dead_rule::CHECK,
    super::redundant_rule::CHECK,
    super::shadowed_rule::CHECK,
    super::broad_allow::CHECK,
    super::weak_deny::CHECK,
    super::plaintext_secret::CHECK,
    super::rule_fragment::CHECK,
    super::personal_path::CHECK,
    super::flat_hook::CHECK,
    super::hook_matcher_is_a_rule::CHECK,
    super::hook_timeout_in_milliseconds::CHECK,
    super::unknown_hook_variable::CHECK,
    super::unanchored_hook_script::CHECK,
    super::unquoted_project_dir::CHECK,
    super::enable_all_mcp_servers::CHECK,
    super::unpinned_mcp_package::CHECK,
    super::mcp_servers_at_root::CHECK,
    super::name_only_mcp_entry::CHECK,
    super::committed_local_settings::CHECK,
    super::frontmatter_grant::CHECK,
    super::prose_only_deny::CHECK,
    super::uncovered_secret_file::CHECK,
    super::skip_permissions_in_workflow::CHECK,
    super::unowned_agent_config::CHECK,
    super::invalid_policy::CHECK,
    super::loosening_layer::CHECK,
];

/// The check of this name.
pub fn find(name: &str) -> Option<&'static Check> {
    ALL.iter().find(|check| check.name == name)
}

/// The checks that a manifest or a framework of the policy names and that there are none of.
pub fn unknown_weights(policy: &Policy) -> Vec<Finding> {
    let report = |place, name: &str| {
        let check = super::invalid_policy::CHECK;
        Finding::new(check.name, check.severity, place, format!("there is no check `{name}`"))
            .help("`bylaws checks` lists the checks")
    };
    let weights = policy.checks.keys().filter(|name| find(name).is_none());
    let weights = weights.map(|name| report(policy.manifest.place(&Pointer::of(["checks", name])), name));
    let named = policy.frameworks.iter().flat_map(unknown_checks);
    weights.chain(named.map(|(place, name)| report(place, name))).collect()
}

/// The checks that a framework names and that there are none of, each with the place of its requirement.
pub fn unknown_checks(framework: &Framework) -> Vec<(Place, &str)> {
    let mut unknown = Vec::new();
    for (at, control) in framework.content.controls.iter().enumerate() {
        for (number, requirement) in control.requirements.iter().enumerate() {
            let Need::Checks(names) = &requirement.needs else { continue };
            let names = names.iter().filter(|name| find(name).is_none_or(|check| !check.run.is_on_project()));
            unknown.extend(names.map(|name| (framework.place_of_need(at, number), name.as_str())));
        }
    }
    unknown
}
