//! Findings of several projects of one repository that are about the same lines of policy.

use std::collections::BTreeSet;

use super::waiver_unused;
use crate::finding::{FileName, Finding};

/// Tells each thing about a policy once for the repository, at its first project, and calls a waiver
/// unused only where no project of the repository uses it. `complete` says whether `projects` are all
/// that the repository has.
pub fn settle(projects: &mut [&mut Vec<Finding>], complete: bool) {
    let about_policy = |finding: &Finding| matches!(finding.place.file(), FileName::Policy { .. });
    let identity = |finding: &Finding| (finding.check, finding.place.to_string(), finding.key.clone());
    let unused = |finding: &Finding| finding.check == waiver_unused::CHECK.name;
    let everywhere = projects.iter().map(|findings| {
        findings.iter().filter(|finding| unused(finding)).map(identity).collect::<BTreeSet<_>>()
    });
    let everywhere = everywhere.reduce(|a, b| &a & &b).filter(|_| complete).unwrap_or_default();
    let mut told = BTreeSet::new();
    for findings in projects {
        findings.retain(|finding| {
            let wanted = !unused(finding) || everywhere.contains(&identity(finding));
            !about_policy(finding) || (wanted && told.insert(identity(finding)))
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::finding::{Place, Severity};
    use crate::path::RepoPath;

    fn finding(check: &'static str, waiver: &str) -> Finding {
        let path = RepoPath::root().join(&format!("waivers/{waiver}.json"));
        let file = Arc::new(FileName::Policy { source: "policy".into(), path });
        Finding::new(check, Severity::Note, Place::whole(file), waiver)
    }

    fn settled(complete: bool) -> Vec<usize> {
        let mut first = vec![finding("waiver-unused", "a"), finding("waiver-unused", "b")];
        let mut second = vec![finding("waiver-unused", "b"), finding("waiver-expired", "c")];
        let mut third = second.clone();
        settle(&mut [&mut first, &mut second, &mut third], complete);
        [first, second, third].iter().map(Vec::len).collect()
    }

    #[test]
    fn what_is_about_the_policy_is_told_once() {
        // `a` is used by the second project; `b` by none.
        assert_eq!(settled(true), [1, 1, 0]);
        assert_eq!(settled(false), [0, 1, 0], "a project that was not looked at may use the waiver");
    }
}
