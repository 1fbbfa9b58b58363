//! The settings of the project break a schema that policy sets as a limit.

use serde_json::{Map, Value};

use super::context::{demanded, shown};
use super::registry::check;
use super::{Context, Run};
use crate::finding::{Finding, Fix};
use crate::json::{Edit, Node, Pointer};
use crate::policy::{Recommendation, violations};

check!(
    "limit-schema",
    Block,
    "the settings break a schema that policy sets as a limit",
    "the value lies beyond what the organisation agreed to",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if context.baseline.schemas.is_empty() {
        return;
    }
    let shared = context.shared().document().root().filter(|root| root.is_object()).map(Node::to_value);
    let shared = shared.unwrap_or_else(|| Value::Object(Map::new()));
    let settings = [shared, context.project.merged_settings()];
    for demand in &context.baseline.schemas {
        // A schema that is none was reported with the policy.
        let [shared, with_personal] =
            settings.each_ref().map(|settings| violations(&demand.what, settings).unwrap_or_default());
        // What the personal settings add; they can mend nothing that others share.
        let local = context.project.local.document();
        let personal = with_personal.iter().filter(|violation| {
            let [before, after] = settings.each_ref().map(|value| value.pointer(&violation.at.to_string()));
            let changed =
                after.is_some_and(|value| !value.is_object() && !value.is_array()) && before != after;
            local.at(&within_objects(&violation.at, &settings[1])).is_some()
                && (changed || !shared.contains(violation))
        });
        let found = shared.iter().map(|violation| (context.shared(), violation));
        for (file, violation) in found.chain(personal.map(|violation| (&context.project.local, violation))) {
            let at = &violation.at;
            if context.baseline.holding_waivers().any(|waiver| waiver.opens_pointer(at)) {
                continue;
            }
            let message = format!("`{}` {}", at.dotted(), violation.message);
            let place = file.place(&within_objects(at, &settings[1]));
            let mut finding = demanded(&CHECK, demand, place, message);
            if let Some(fix) = recommended(context, at) {
                finding = finding.fix(fix);
            }
            findings.push(finding);
        }
    }
}

/// What is missing and must not be is set as policy recommends it, also where it was taken away before.
fn recommended(context: &Context<'_>, at: &Pointer) -> Option<Fix> {
    if context.shared().document().at(at).is_some() {
        return None;
    }
    let value = context.baseline.recommendations.iter().find_map(|demand| match &demand.what {
        Recommendation::Value(value) if at.contains(&value.at) => Some(value),
        _ => None,
    })?;
    let title = format!("set `{}` to `{}`", value.at.dotted(), shown(&value.value));
    Some(context.edit(title, Edit::Set { at: value.at.clone(), value: value.value.clone() }))
}

/// `at` up to the first list: entries have other places in the file than in the merged list.
fn within_objects(at: &Pointer, merged: &Value) -> Pointer {
    let mut value = Some(merged);
    let mut place = Pointer::root();
    for token in at.tokens() {
        if value.is_some_and(Value::is_array) {
            break;
        }
        value = value.and_then(|value| value.get(token.as_str()));
        place = place.join(token.as_str());
    }
    place
}
