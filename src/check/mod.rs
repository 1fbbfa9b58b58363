//! The one verb: does a project say what policy asks, and if not, what would mend it?
//!
//! A check is a value; [`ALL`] is the registry. [`run`] holds a project against a baseline and
//! returns findings; [`plan`] turns the fixes of findings into new texts. Both are pure.
//!
//! INVARIANT: no fix is offered that would leave a settings file which the client drops.

mod across;
mod context;
mod idle;
mod ownership;
mod plan;
mod policy;
mod prohibitions;
mod reading;
mod registry;

mod attestation_due_soon;
mod attestation_overdue;
mod attestation_to_come;
mod blocked_mcp_server;
mod broad_allow;
mod changed_value;
mod committed_local_settings;
mod dead_rule;
mod duplicate_key;
mod edited_file_block;
mod edited_managed_entry;
mod enable_all_mcp_servers;
mod exceeds_limit;
mod flat_hook;
mod forbidden_key;
mod foreign_policy;
mod frontmatter_grant;
mod hook_matcher_is_a_rule;
mod hook_timeout_in_milliseconds;
mod ineffective_in_project;
mod invalid_policy;
mod invalid_rule;
mod invalid_value;
mod limit_schema;
mod loosening_layer;
mod managed_only_key;
mod mcp_servers_at_root;
mod misplaced_key;
mod missing_file_block;
mod missing_mcp_server;
mod missing_rule;
mod missing_value;
mod name_only_mcp_entry;
mod new_recommendation;
mod personal_path;
mod plaintext_secret;
mod policy_behind;
mod prose_only_deny;
mod redundant_rule;
mod rule_fragment;
mod shadowed_rule;
mod skip_permissions_in_workflow;
mod unanchored_hook_script;
mod unapproved_mcp_server;
mod uncovered_secret_file;
mod unknown_hook_variable;
mod unknown_key;
mod unknown_tool;
mod unowned_agent_config;
mod unpinned_mcp_package;
mod unquoted_project_dir;
mod unreadable_lock;
mod unreadable_settings;
mod waiver_expired;
mod waiver_expiring;
mod waiver_over_broad;
mod waiver_unused;
mod weak_deny;
mod withdrawn_entry;

pub use across::settle;
pub use context::Context;
pub use plan::{FileChange, Plan, keep_possible_fixes, plan, project_after};
pub use policy::{policy_findings, unknown_keys, unusable};
pub use registry::{ALL, Check, Run, find, unknown_checks, unknown_weights};
pub use waiver_unused::{needless_waivers, tells_of_needless_waivers};

use std::collections::BTreeMap;

use crate::finding::Finding;
use crate::policy::Weight;

/// Whether a finding is on a rule that is proved to decide nothing.
pub fn is_tidying(finding: &Finding) -> bool {
    [redundant_rule::CHECK.name, shadowed_rule::CHECK.name].contains(&finding.check)
}

/// What a check looks at, as far as it says how a project stands to the policy as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Whether settings and lock can be read at all.
    Reading,
    /// Which policy the lock names.
    PolicyNamed,
    /// Which state of the policy the lock pins.
    StatePinned,
    /// Whether what policy wrote and withdrew is gone.
    Withdrawal,
    /// Whether what policy wrote was changed by hand.
    Edit,
    /// Whether a waiver is needed.
    WaiverNeed,
    /// Anything else.
    Rest,
}

/// What the check of a finding looks at.
pub fn subject(finding: &Finding) -> Subject {
    let is_of = |check: &Check| check.name == finding.check;
    if is_of(&unreadable_settings::CHECK) || is_of(&unreadable_lock::CHECK) {
        Subject::Reading
    } else if is_of(&foreign_policy::CHECK) {
        Subject::PolicyNamed
    } else if is_of(&policy_behind::CHECK) {
        Subject::StatePinned
    } else if is_of(&withdrawn_entry::CHECK) {
        Subject::Withdrawal
    } else if is_of(&edited_managed_entry::CHECK) || is_of(&edited_file_block::CHECK) {
        Subject::Edit
    } else if is_of(&waiver_unused::CHECK) {
        Subject::WaiverNeed
    } else {
        Subject::Rest
    }
}

/// Everything that is not as policy asks, and everything in the files that does not do what it looks
/// like, in the order of the files. `weights` changes what the findings of single checks weigh.
pub fn run(context: &Context<'_>, weights: &BTreeMap<String, Weight>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for check in ALL {
        let weight = weights.get(check.name);
        if weight == Some(&Weight::Off) {
            continue;
        }
        if let Run::Project(run) = check.run {
            let first = findings.len();
            run(context, &mut findings);
            if let Some(severity) = weight.and_then(|weight| weight.severity()) {
                findings.iter_mut().skip(first).for_each(|finding| finding.severity = severity);
            }
        }
    }
    plan::keep_possible_fixes(context, &mut findings);
    plaintext_secret::hide(context, &mut findings);
    Finding::sort(&mut findings);
    findings
}
