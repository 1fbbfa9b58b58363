//! Dead rules for hosts.

use super::{Dead, DeadKind, alternatives};

/// A rule for `WebFetch`.
pub(super) fn dead(content: &str) -> Option<Dead> {
    let host = content.strip_prefix("domain:")?;
    let fits = |c: char| c.is_alphanumeric() || ".-_*".contains(c);
    // An address of IPv6 has colons.
    if host.starts_with('[') {
        return None;
    }
    if host.chars().all(fits) && !host.starts_with('.') && !host.is_empty() {
        return None;
    }
    let rule = |host: &str| format!("WebFetch(domain:{host})");
    let all = |hosts: &[String]| -> Vec<String> { hosts.iter().map(|host| rule(host)).collect() };
    if let Some(hosts) = alternatives(host) {
        return Dead::new(DeadKind::Braces, calls(&hosts), all(&hosts));
    }
    let parts: Vec<String> = host
        .split([',', '|', ' '])
        .map(|part| part.trim().trim_start_matches("domain:").to_owned())
        .filter(|part| !part.is_empty())
        .collect();
    if parts.len() > 1 && parts.iter().all(|part| part.chars().all(fits) && part.contains('.')) {
        return Dead::new(DeadKind::Several, calls(&parts), all(&parts));
    }
    let trimmed = host.trim();
    if trimmed != host && !trimmed.is_empty() && trimmed.chars().all(fits) {
        let meant = [trimmed.to_owned()];
        return Dead::new(DeadKind::Blanks, calls(&meant), all(&meant));
    }
    let bare = trimmed.rsplit('@').next().unwrap_or(trimmed);
    let bare = bare.split(['/', '?', '#', ':']).next().unwrap_or(bare);
    let meant = if let Some(apex) = bare.strip_prefix('.') { format!("*.{apex}") } else { bare.to_owned() };
    let usable = meant.chars().all(fits) && meant.contains('.') && meant.is_ascii();
    let meant = if usable { vec![meant] } else { Vec::new() };
    Dead::new(DeadKind::NotAHost, calls(&meant), all(&meant))
}

fn calls(hosts: &[String]) -> Vec<String> {
    hosts.iter().map(|host| format!("WebFetch(https://{}/)", host.replace('*', "x"))).collect()
}
