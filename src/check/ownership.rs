//! What policy owns in a project once a plan is carried out.
//!
//! Policy owns what it wrote. What stood there before belongs to the project and stays when policy
//! withdraws it.

use serde_json::Value as Json;

use super::context::agrees;
use super::{Context, new_recommendation, withdrawn_entry};
use crate::block::{self, Block};
use crate::json::{Document, Node, Pointer};
use crate::policy::FileMode;
use crate::project::{Content, Lock, MCP, Owned, OwnedWhat, Project, SETTINGS, digest};

/// The lock that goes with the project as it is `after` the plan.
pub(super) fn lock_after(context: &Context<'_>, after: &Project) -> Lock {
    let before = context.project;
    let baseline = context.baseline;
    let old: &[Owned] = context.lock().map_or(&[], |lock| &lock.owned);
    let mut owned: Vec<Owned> = Vec::new();
    // Whatever is there and was not, or was policy's already.
    let mut own = |entry: Owned, was: bool, is: bool| {
        if is && (!was || old.contains(&entry)) {
            owned.push(entry);
        }
    };
    let settings = |at: &Pointer, what| Owned { file: SETTINGS.into(), at: Some(at.clone()), what };
    let [shared_before, shared_after] = [before.shared.document(), after.shared.document()];
    for demand in &baseline.rules {
        let (at, rule) = (demand.what.at(), Json::from(demand.what.rule.text()));
        let [was, is] = [shared_before, shared_after].map(|document| has(document, &at, &rule));
        own(settings(&at, OwnedWhat::Entry(rule)), was, is);
    }
    for demand in &baseline.entries {
        let (at, entry) = (&demand.what.at, &demand.what.entry);
        let [was, is] = [shared_before, shared_after].map(|document| has(document, at, entry));
        own(settings(at, OwnedWhat::Entry(entry.clone())), was, is);
    }
    for demand in baseline.values.iter().filter(|demand| !demand.what.value.is_null()) {
        let (at, value) = (&demand.what.at, &demand.what.value);
        let [was, is] = [shared_before, shared_after].map(|document| holds(document, at, value));
        own(settings(at, OwnedWhat::Value(value.clone())), was, is);
    }
    for demand in &baseline.provided {
        let at = Pointer::of(["mcpServers", &demand.what.name]);
        let [was, is] = [before.mcp.document(), after.mcp.document()]
            .map(|document| holds(document, &at, &demand.what.value));
        own(
            Owned { file: MCP.into(), at: Some(at), what: OwnedWhat::Value(demand.what.value.clone()) },
            was,
            is,
        );
    }
    for demand in &baseline.texts {
        let text = &demand.what;
        let entry = |what| Owned { file: text.path.clone(), at: None, what };
        let there = |project: &Project| project.text_file(&text.path).map(|file| file.content.clone());
        match text.mode {
            FileMode::Block => {
                let owned = entry(OwnedWhat::Block(text.name.clone()));
                let was_owned = old.contains(&owned);
                let is = there(after).is_some_and(|content| {
                    match block::find(content.text().unwrap_or_default(), &text.path, &text.name) {
                        Block::Present { .. } => true,
                        // Damaged markers take nothing from its owner.
                        Block::Broken { .. } => was_owned,
                        Block::Missing => false,
                    }
                });
                own(owned, false, is);
            }
            FileMode::Whole => {
                let same = |content: Option<Content>| {
                    content
                        .and_then(|content| content.text().map(|found| *found == text.text))
                        .unwrap_or(false)
                };
                own(entry(OwnedWhat::Whole(digest(&text.text))), same(there(before)), same(there(after)));
            }
            FileMode::Seed => {
                let is = there(after).is_some_and(|content| content != Content::Missing);
                let seeded = entry(OwnedWhat::Seeded(Json::Null));
                let was_seeded = old.contains(&seeded);
                own(seeded, false, is || was_seeded);
            }
        }
    }
    let with_changes = Context::new(baseline, after, context.around, context.pin, context.today);
    for demand in &baseline.recommendations {
        let (at, value) = (demand.what.at(), demand.what.value());
        let seeded = settings(at, OwnedWhat::Seeded(value.clone()));
        let is = old.contains(&seeded) || offers(&with_changes, at, value);
        own(seeded, false, is);
    }
    let mut pin = context.pin.clone();
    if let Some(lock) =
        context.lock().filter(|lock| lock.pin.source == pin.source && lock.pin.digest == pin.digest)
    {
        // The policy moved without asking anything else: the lock need not move with it.
        pin = lock.pin.clone();
    }
    Lock { pin, owned }
}

/// The lock to write first: what policy owned and owns, so that nothing of it is ever without owner.
/// What is written once is not in it before it is written, or it never would be.
pub(super) fn claim(context: &Context<'_>, lock: &Lock) -> Lock {
    let mut claim = lock.clone();
    let old: &[Owned] = context.lock().map_or(&[], |lock| &lock.owned);
    claim.owned.retain(|owned| match (&owned.what, &owned.at) {
        (OwnedWhat::Seeded(value), Some(at)) => old.contains(owned) || offers(context, at, value),
        (OwnedWhat::Seeded(_), None) => old.contains(owned),
        _ => true,
    });
    for owned in old {
        let going = !withdrawn_entry::is_demanded(context.baseline, owned);
        if going && !claim.owned.contains(owned) {
            claim.owned.push(owned.clone());
        }
    }
    claim
}

/// Whether a project says something where policy recommends this.
fn offers(context: &Context<'_>, at: &Pointer, value: &Json) -> bool {
    let same = context
        .baseline
        .recommendations
        .iter()
        .filter(|demand| demand.what.at() == at && demand.what.value() == value);
    same.into_iter().any(|demand| new_recommendation::is_there(context, &demand.what))
}

fn has(document: &Document, at: &Pointer, entry: &Json) -> bool {
    let same = |item: &Node| match (item.as_str(), entry.as_str()) {
        (Some(found), Some(wanted)) => found == wanted,
        (None, None) => item.to_value() == *entry,
        _ => false,
    };
    document.at(at).is_some_and(|node| node.items().iter().any(same))
}

fn holds(document: &Document, at: &Pointer, value: &Json) -> bool {
    document.at(at).is_some_and(|node| agrees(&node.to_value(), value))
}
