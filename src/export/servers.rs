//! What a policy says of MCP servers, as managed settings say it.
//!
//! A server is in every catalogue of a policy; the client has one list, in which one entry is enough. So the list
//! holds what lies within all of them: where that cannot be said in full it is the stricter part, and a note says
//! what is left out.

use serde_json::{Value, json};

use super::compiled::Compiled;
use super::{Note, NoteKind, quoted};
use crate::finding::Origin;
use crate::glob::UrlPattern;
use crate::json::Pointer;
use crate::policy::{Baseline, ServerEntry};

const ALLOWED: &str = "allowedMcpServers";
const DENIED: &str = "deniedMcpServers";

/// Puts the lists and the provided servers into the settings.
pub(super) fn add(baseline: &Baseline, compiled: &mut Compiled) {
    allow(baseline, compiled);
    deny(baseline, compiled);
    provide(baseline, compiled);
}

fn allow(baseline: &Baseline, compiled: &mut Compiled) {
    if baseline.approved.is_empty() {
        return;
    }
    let mut catalogues: Vec<Vec<ServerEntry>> =
        baseline.approved.iter().map(|demand| demand.what.clone()).collect();
    if let Some(Value::Array(own)) = compiled.settings.get(ALLOWED) {
        // Of entries that are none the client takes no notice either.
        catalogues.push(own.iter().filter_map(|entry| serde_json::from_value(entry.clone()).ok()).collect());
    }
    let (kept, lost) = common(&catalogues);
    let origins: Vec<Origin> = baseline.approved.iter().flat_map(|demand| demand.origins.clone()).collect();
    if !lost.is_empty() {
        let message = format!(
            "{} not on the list: in not every catalogue as it stands, and the client has one list only",
            lost.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        );
        compiled.notes.push(Note::of(NoteKind::Differs, message, &origins));
    }
    if kept.iter().any(|entry| matches!(entry, ServerEntry::Name(_))) {
        let message = "an entry by name admits whatever server somebody gives that name; by command or URL it would not";
        compiled.notes.push(Note::of(NoteKind::NotEnforced, message, &origins));
    }
    compiled.settings.insert(ALLOWED.to_owned(), json!(kept));
    compiled.settings.insert("allowManagedMcpServersOnly".to_owned(), Value::Bool(true));
    let message = "only these MCP servers run, whatever other settings allow (`allowManagedMcpServersOnly`)";
    compiled.notes.push(Note::of(NoteKind::Differs, message, &origins));
}

/// The entries that lie within every catalogue, and those that lie within some.
fn common(catalogues: &[Vec<ServerEntry>]) -> (Vec<ServerEntry>, Vec<ServerEntry>) {
    let mut kept: Vec<ServerEntry> = Vec::new();
    let mut lost: Vec<ServerEntry> = Vec::new();
    for entry in catalogues.iter().flatten() {
        let everywhere =
            catalogues.iter().all(|catalogue| catalogue.iter().any(|other| covers(other, entry)));
        let list = if everywhere { &mut kept } else { &mut lost };
        if !list.contains(entry) {
            list.push(entry.clone());
        }
    }
    // Once a list has an entry for a command, no name admits a program, and likewise for URLs. The list that is left
    // has to keep that where any of the catalogues has it.
    let is_command = |entry: &ServerEntry| matches!(entry, ServerEntry::Command(_));
    let is_url = |entry: &ServerEntry| matches!(entry, ServerEntry::Url(_));
    let some = |kind: fn(&ServerEntry) -> bool| catalogues.iter().flatten().any(kind);
    let loses_commands = some(is_command) && !kept.iter().any(is_command);
    let loses_urls = some(is_url) && !kept.iter().any(is_url);
    if loses_commands || loses_urls {
        let (names, others) = kept.into_iter().partition(|entry| matches!(entry, ServerEntry::Name(_)));
        kept = others;
        lost.extend::<Vec<ServerEntry>>(names);
    }
    (kept, lost)
}

/// Whether one entry means every server that another means.
fn covers(wide: &ServerEntry, narrow: &ServerEntry) -> bool {
    match (wide, narrow) {
        (ServerEntry::Url(wide), ServerEntry::Url(narrow)) => {
            wide == narrow || wide == "*" || (!narrow.contains('*') && UrlPattern::new(wide).matches(narrow))
        }
        (wide, narrow) => wide == narrow,
    }
}

fn deny(baseline: &Baseline, compiled: &mut Compiled) {
    if baseline.blocked.is_empty() {
        return;
    }
    let list = compiled.settings.entry(DENIED).or_insert_with(|| json!([]));
    let Value::Array(list) = list else { return };
    for demand in &baseline.blocked {
        let entry = json!(demand.what);
        if !list.contains(&entry) {
            list.push(entry);
        }
    }
}

/// Servers behind an address can be given to everybody by managed settings; programs cannot.
fn provide(baseline: &Baseline, compiled: &mut Compiled) {
    let mut given = Vec::new();
    for demand in &baseline.provided {
        let server = &demand.what;
        if is_deliverable(&server.value) {
            let servers = compiled.settings.entry("managedMcpServers").or_insert_with(|| json!({}));
            if let Value::Object(servers) = servers {
                servers.insert(server.name.clone(), server.value.clone());
                given.push(server.name.clone());
            }
        } else {
            let message = format!(
                "the MCP server `{}` is not part of managed settings, which give servers of type `http` and `sse` \
                 without `${{…}}` only; `bylaws export managed-mcp` gives it, and shuts out all others",
                server.name
            );
            compiled.notes.push(Note::of(NoteKind::NotEnforced, message, &demand.origins));
        }
    }
    if !given.is_empty() {
        let message = format!(
            "{} in `managedMcpServers`: clients that do not know the key take no notice of it, 2.1.330 does",
            quoted(given)
        );
        compiled.tell(NoteKind::Differs, message, &Pointer::of(["managedMcpServers"]));
    }
}

fn is_deliverable(server: &Value) -> bool {
    let kind = server.get("type").and_then(Value::as_str);
    matches!(kind, Some("http" | "sse")) && !server.to_string().contains("${")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(value: Value) -> Vec<ServerEntry> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_list_holds_what_every_catalogue_holds() {
        let wide = entries(json!([{"serverUrl": "https://*.acme.dev/*"}, {"serverCommand": ["npx", "a"]}]));
        let narrow =
            entries(json!([{"serverUrl": "https://mcp.acme.dev/docs"}, {"serverUrl": "https://x.dev/*"}]));
        let (kept, lost) = common(&[wide.clone(), narrow]);
        assert_eq!(kept, entries(json!([{"serverUrl": "https://mcp.acme.dev/docs"}])));
        assert_eq!(lost.len(), 3);
        assert_eq!(common(std::slice::from_ref(&wide)).0, wide);
    }

    #[test]
    fn names_do_not_come_to_admit_programs() {
        // Each catalogue admits one program only, and by its command; together they admit none.
        let one = entries(json!([{"serverName": "a"}, {"serverCommand": ["x"]}]));
        let other = entries(json!([{"serverName": "a"}, {"serverCommand": ["y"]}]));
        assert_eq!(common(&[one, other]).0, []);
    }

    #[test]
    fn only_plain_addresses_are_given_by_settings() {
        assert!(is_deliverable(&json!({"type": "http", "url": "https://mcp.acme.dev/"})));
        for server in [
            json!({"type": "http", "url": "https://mcp.acme.dev/", "headers": {"A": "${TOKEN}"}}),
            json!({"command": "npx"}),
            json!({"type": "ws", "url": "wss://mcp.acme.dev/"}),
            json!({"url": "https://mcp.acme.dev/"}),
        ] {
            assert!(!is_deliverable(&server), "{server}");
        }
    }
}
