//! A key that policy says may not be set is set.

use super::context::demanded;
use super::registry::check;
use super::{Context, Run};
use crate::finding::Finding;
use crate::json::Edit;

check!(
    "forbidden-key",
    Block,
    "a key that policy forbids is set",
    "the key gives something away that the policy keeps for itself",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for demand in context.baseline.values.iter().filter(|demand| demand.what.value.is_null()) {
        let at = &demand.what.at;
        let message = format!("`{}` is set, which policy forbids", at.dotted());
        for file in context.project.settings_files() {
            if file.document().at(at).is_none() {
                continue;
            }
            let mut finding = demanded(&CHECK, demand, file.place(at), message.as_str());
            if file.file.path == context.shared().file.path {
                let edit = Edit::Remove { at: at.clone() };
                finding = finding.fix(context.edit(format!("take `{}` away", at.dotted()), edit));
            } else {
                finding = finding.help("take the key out of your personal settings");
            }
            findings.push(finding);
        }
    }
}
