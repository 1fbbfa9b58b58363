//! The rows of one settings file.

use serde_json::Value;

use super::context::Context;
use super::item::{Force, InForce, Item, Kind, Says, Scope, Verdict};
use super::judge::Broken;
use super::read::Held;
use super::words;
use crate::access::Mode;
use crate::client::keys::effective;
use crate::json::{Node, Pointer};
use crate::rule::{List, Rule};
use crate::settings::{Action, Hook};
use crate::text::Span;

/// Keys whose value is a program that the client starts for itself (its documentation, 2.1.330).
const HELPERS: [(&[&str], &str); 12] = [
    (&["apiKeyHelper"], "prints the API key"),
    (&["awsAuthRefresh"], "renews AWS credentials"),
    (&["awsCredentialExport"], "prints AWS credentials"),
    (&["gcpAuthRefresh"], "renews Google Cloud credentials"),
    (&["proxyAuthHelper"], "prints proxy credentials"),
    (&["otelHeadersHelper"], "prints headers for telemetry"),
    (&["processWrapper"], "starts the client's processes"),
    (&["statusLine", "command"], "prints the status line"),
    (&["subagentStatusLine", "command"], "prints the status line of sub-agents"),
    (&["fileSuggestion", "command"], "completes file names"),
    (&["policyHelper", "path"], "prints the managed settings"),
    (&["policyHelpers"], "print the managed settings, one for each system"),
];

/// Keys that answer a question of the client beforehand, where they are `true`.
const ANSWERS: [(&str, &str); 3] = [
    ("enableAllProjectMcpServers", "approves of every server of `.mcp.json`"),
    ("skipDangerousModePermissionPrompt", "takes the warning of the mode away in which nothing is asked"),
    ("skipAutoPermissionPrompt", "takes the question before the auto mode away"),
];

/// Variables that switch telemetry on or off beside `OTEL_*` (the client's documentation, 2.1.330).
const TELEMETRY: [&str; 7] = [
    "CLAUDE_CODE_ENABLE_TELEMETRY",
    "CLAUDE_CODE_ENHANCED_TELEMETRY_BETA",
    "DISABLE_TELEMETRY",
    "DISABLE_ERROR_REPORTING",
    "DISABLE_BUG_COMMAND",
    "DO_NOT_TRACK",
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
];

/// Whether a variable is about telemetry.
pub(super) fn is_telemetry(name: &str) -> bool {
    name.starts_with("OTEL_") || TELEMETRY.contains(&name)
}

/// Adds the rows of a file that holds in `context`.
pub(super) fn add(held: &Held, context: &Context, items: &mut Vec<Item>) {
    if !held.settings.is_read() {
        return;
    }
    let file = SettingsRows { held, context, broken: context.judge.broken(&held.settings.taken()) };
    file.rules(items);
    file.grants(items);
    file.hooks(items);
    file.programs(items);
    file.plugins(items);
    file.variables(items);
}

/// The row of a hook, wherever it stands.
pub(super) fn hook(held: &Held, hook: &Hook<'_>, context: &Context, force: Force, verdict: Verdict) -> Item {
    let what = match &hook.action {
        Action::Command { command, arguments: None } => format!("runs `{}`", words::plain(command)),
        Action::Command { command, arguments: Some(arguments) } => {
            let line = std::iter::once(*command).chain(arguments.iter().copied());
            format!("runs `{}`", words::command(line))
        }
        Action::Http { url } => format!("posts to {}", words::address(url)),
        Action::McpTool { server, tool } => {
            format!("calls `{}` of `{}`", words::plain(tool), words::plain(server))
        }
        Action::Prompt { .. } => "asks a model".to_owned(),
        Action::Agent { .. } => "asks an agent".to_owned(),
    };
    let name = match hook.matcher {
        Some(matcher) if !matcher.is_empty() => format!("{} {}", hook.event, matcher),
        _ => hook.event.to_owned(),
    };
    Item {
        kind: Kind::Hook,
        name: words::plain(&name),
        what,
        scope: held.scope,
        project: context.project.clone(),
        place: held.place(hook.span),
        force,
        verdict,
    }
}

struct SettingsRows<'a> {
    held: &'a Held,
    context: &'a Context,
    broken: Broken,
}

impl SettingsRows<'_> {
    fn row(
        &self,
        kind: Kind,
        name: &str,
        what: impl Into<String>,
        span: Span,
        said: (Force, Verdict),
    ) -> Item {
        Item {
            kind,
            name: words::plain(name),
            what: what.into(),
            scope: self.held.scope,
            project: self.context.project.clone(),
            place: self.held.place(span),
            force: said.0,
            verdict: said.1,
        }
    }

    fn value(&self, at: &Pointer, node: &Node) -> Verdict {
        self.context.judge.value(at, &node.to_value(), &self.broken)
    }

    fn rules(&self, items: &mut Vec<Item>) {
        let beside = self.context.beside();
        for list in List::ALL {
            for entry in self.held.settings.rules(list) {
                let rule = Rule::parse(entry.text);
                let force = self.context.rule(self.held, list, &rule);
                let mut verdict = self.context.judge.rule(list, &rule, &beside);
                let of_value = self.context.judge.value(&entry.pointer, &entry.text.into(), &self.broken);
                if of_value.says > verdict.says.max(Says::NotSpokenOf) {
                    verdict = of_value;
                }
                items.push(self.row(Kind::Rule, entry.text, list.key(), entry.span, (force, verdict)));
            }
        }
    }

    fn grants(&self, items: &mut Vec<Item>) {
        let at = Pointer::of(["permissions", "defaultMode"]);
        if let Some(node) = self.held.settings.at(&at)
            && let Some(name) = node.as_str()
        {
            let mut verdict = self.value(&at, node);
            if verdict.says < Says::NotApproved {
                verdict = self.context.judge.mode_off(name).unwrap_or(verdict);
            }
            items.push(self.row(
                Kind::Mode,
                name,
                mode_in_words(name),
                node.span,
                (self.mode(&at, name), verdict),
            ));
        }
        let at = Pointer::of(["permissions", "additionalDirectories"]);
        for entry in self.held.settings.strings(at.clone()) {
            let verdict = self.context.judge.value(&entry.pointer, &entry.text.into(), &self.broken);
            let force = self.context.granted(self.held, &at);
            items.push(self.row(
                Kind::Folder,
                entry.text,
                "agents may work in it",
                entry.span,
                (force, verdict),
            ));
        }
        for (key, what) in ANSWERS {
            let at = Pointer::of([key]);
            let Some(node) = self.held.settings.at(&at).filter(|node| node.as_bool() == Some(true)) else {
                continue;
            };
            let force = match key {
                "enableAllProjectMcpServers" => {
                    self.granted_answer(&at, self.context.highest(self.held, &at))
                }
                _ => self.context.highest(self.held, &at),
            };
            items.push(self.row(Kind::Approval, key, what, node.span, (force, self.value(&at, node))));
        }
        for (key, what) in [
            ("enabledMcpjsonServers", "approves of this server of `.mcp.json`"),
            ("disabledMcpjsonServers", "refuses this server of `.mcp.json`"),
        ] {
            let at = Pointer::of([key]);
            for entry in self.held.settings.strings(at.clone()) {
                let force = match key {
                    "enabledMcpjsonServers" => self.granted_answer(&at, self.context.key(self.held, &at)),
                    _ => self.context.key(self.held, &at),
                };
                let verdict = self.context.judge.value(&entry.pointer, &entry.text.into(), &self.broken);
                items.push(self.row(Kind::Approval, entry.text, what, entry.span, (force, verdict)));
            }
        }
    }

    /// A shared file approves of nothing in a folder that is not trusted.
    fn granted_answer(&self, at: &Pointer, force: Force) -> Force {
        if self.held.scope == Scope::Project { self.context.granted(self.held, at) } else { force }
    }

    fn mode(&self, at: &Pointer, name: &str) -> Force {
        if self.held.scope != Scope::Managed
            && self.held.settings.default_mode() != Some(name)
            && name != "manual"
        {
            return Force::no("a repository may not set this mode; the client reads it as `default`");
        }
        let switched_off =
            |pointer: &str| self.context.merged().pointer(pointer).and_then(Value::as_str) == Some("disable");
        let off = match Mode::parse(name) {
            Some(Mode::BypassPermissions) => switched_off("/permissions/disableBypassPermissionsMode"),
            Some(Mode::Auto) => {
                switched_off("/permissions/disableAutoMode") || switched_off("/disableAutoMode")
            }
            _ => false,
        };
        if off {
            return Force::no("settings switch this mode off");
        }
        self.context.highest(self.held, at)
    }

    fn hooks(&self, items: &mut Vec<Item>) {
        for found in self.held.settings.hooks() {
            let force = self.context.hook(self.held.scope);
            // What policy asks for is the group with its matcher.
            let group = found.pointer.parent().and_then(|list| list.parent()).unwrap_or_default();
            let node = self.held.settings.document().at(&group);
            let mut verdict = node.map_or_else(Verdict::not_spoken_of, |node| self.value(&group, node));
            if verdict.says == Says::NotSpokenOf && self.held.scope != Scope::Managed {
                verdict = self.context.judge.locked("allowManagedHooksOnly").unwrap_or(verdict);
            }
            items.push(hook(self.held, &found, self.context, force, verdict));
        }
    }

    fn programs(&self, items: &mut Vec<Item>) {
        for (path, what) in HELPERS {
            let at = Pointer::of(path.iter().copied());
            let Some(node) = self.held.settings.at(&at) else { continue };
            let key = Pointer::of(path.iter().take(1).copied());
            let told = match node.as_str() {
                Some(command) => format!("{what}: `{}`", words::plain(command)),
                None => what.to_owned(),
            };
            let force = self.context.highest(self.held, &key);
            let force = self.context.trusted_or_printing(self.held.scope, force);
            let name = path.first().copied().unwrap_or_default();
            items.push(self.row(Kind::Helper, name, told, node.span, (force, self.value(&at, node))));
        }
    }

    fn plugins(&self, items: &mut Vec<Item>) {
        let at = Pointer::of(["enabledPlugins"]);
        for member in self.held.settings.at(&at).into_iter().flat_map(effective) {
            let at = at.join(member.key.as_str());
            let what = match member.value.as_bool() {
                Some(true) => "switched on here",
                Some(false) => "switched off here",
                None => "a list of versions, which switches nothing on",
            };
            let force = self.context.highest(self.held, &at);
            let verdict = self.value(&at, &member.value);
            items.push(self.row(Kind::Plugin, &member.key, what, member.key_span, (force, verdict)));
        }
        for key in ["extraKnownMarketplaces", "additionalMarketplaces"] {
            let at = Pointer::of([key]);
            for member in self.held.settings.at(&at).into_iter().flat_map(effective) {
                let at = at.join(member.key.as_str());
                let source = member.value.get("source").map(Node::to_value).unwrap_or_default();
                let mut force = self.context.granted(self.held, &at);
                if force.is == InForce::Yes {
                    force = self.context.market(Some(&source));
                }
                let verdict = self.context.judge.marketplace(&source);
                let verdict = verdict.unwrap_or_else(|| self.value(&at, &member.value));
                let what = format!("offered here: {}", source_in_words(&source));
                items.push(self.row(Kind::Marketplace, &member.key, what, member.key_span, (force, verdict)));
            }
        }
    }

    fn variables(&self, items: &mut Vec<Item>) {
        let at = Pointer::of(["env"]);
        for member in self.held.settings.at(&at).into_iter().flat_map(effective) {
            let at = at.join(member.key.as_str());
            let text = match &member.value.to_value() {
                Value::String(text) => words::value(&member.key, text),
                other => words::plain(&other.to_string()),
            };
            let kind = if is_telemetry(&member.key) { Kind::Telemetry } else { Kind::Variable };
            let force = self.context.highest(self.held, &at);
            let force = match self.held.scope {
                Scope::Project | Scope::Local if !self.context.trusted && force.is == InForce::Yes => {
                    Force::partly("most variables wait until the folder is trusted, though not with `-p`")
                }
                _ => force,
            };
            let verdict = self.value(&at, &member.value);
            items.push(self.row(kind, &member.key, text, member.key_span, (force, verdict)));
        }
    }
}

/// Where a marketplace comes from, in words.
pub(super) fn source_in_words(source: &Value) -> String {
    let text = |key: &str| source.get(key).and_then(Value::as_str);
    let kind = text("source").unwrap_or("a source of no known kind");
    let place = ["repo", "url", "path", "package", "hostPattern", "pathPattern"];
    let place = place.into_iter().find_map(text);
    let state = text("ref").map(|state| format!(" at `{}`", words::plain(state))).unwrap_or_default();
    match place {
        Some(place) if place.contains("://") => {
            format!("{} {}{state}", words::plain(kind), words::address(place))
        }
        Some(place) => format!("{} `{}`{state}", words::plain(kind), words::plain(place)),
        None => words::plain(kind),
    }
}

fn mode_in_words(name: &str) -> &'static str {
    match Mode::parse(name) {
        Some(Mode::Default) => "asks for what no rule allows",
        Some(Mode::AcceptEdits) => "changes files of the project without a question",
        Some(Mode::DontAsk) => "refuses instead of asking",
        Some(Mode::BypassPermissions) => "asks for nothing",
        Some(Mode::Plan) => "changes nothing",
        Some(Mode::Auto) => "a model answers instead of a person",
        None => "a mode that is not known",
    }
}
