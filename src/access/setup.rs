//! From settings files to [`Access`].

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::hooks::Hooks;
use super::older;
use super::paths::Paths;
use super::rule_set::RuleSet;
use super::servers::{Admission, Server, ServerPattern, Servers, tool_name};
use super::{Access, Call, Loaded, Mode, Place, Rules, World};
use crate::client::{Profile, Version};
use crate::json::Pointer;
use crate::rule::{List, Rule, rules_in};
use crate::settings::{Acceptance, Scope, ServerList, Settings, merge};
use crate::text::Span;

/// A settings file and where it stands.
#[derive(Debug, Clone)]
pub struct File {
    /// What the client reads from it.
    pub settings: Settings,
    /// Its absolute path.
    pub path: String,
    /// The folder that a first `/` of its path rules stands for.
    pub folder: String,
}

/// Everything that a decision depends on beside the call and the files.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The client that decides.
    pub version: Version,
    /// The settings files; drop-ins of a managed file follow it in their order.
    pub files: Vec<File>,
    /// Where the client runs.
    pub place: Place,
    /// Whether somebody has said that the folder is trusted.
    pub trusted: bool,
    /// Whether the personal settings grant what they say even so: while git does not track them (observed, 2.1.330).
    pub local_grants: bool,
    /// The mode asked for on the command line.
    pub mode: Option<Mode>,
    /// The arguments of `--allowedTools`.
    pub allowed: Vec<String>,
    /// The arguments of `--disallowedTools`.
    pub disallowed: Vec<String>,
    /// The arguments of `--add-dir`.
    pub directories: Vec<String>,
    /// Rules that are passed over, by file, place and span: as if they were not there.
    pub left_out: Vec<(usize, Pointer, Span)>,
    /// Variables that `${NAME}` stands for in entries for MCP servers.
    pub variables: HashMap<String, String>,
    /// The MCP servers that there are, none where that is not known.
    pub servers: Option<Vec<Server>>,
}

impl Setup {
    /// Takes the servers for unknown where this call is for none of those that are known: others may come
    /// from the user's own configuration.
    pub fn doubt_servers_of(&mut self, call: &Call) {
        let offers = |server: &Server| call.tool.starts_with(&format!("mcp__{}__", tool_name(server.name())));
        if !self.servers.iter().flatten().any(offers) {
            self.servers = None;
        }
    }

    /// Whether what a file of this scope grants counts.
    fn heeds_grants_of(&self, scope: Scope) -> bool {
        self.trusted || !scope.is_in_repository() || (scope == Scope::Local && self.local_grants)
    }

    /// The additional directories that the settings name, absolute and whether or not there are any.
    pub fn named_directories(&self) -> Vec<String> {
        named_directories(self, |_| true)
    }

    /// No files, in a trusted folder, for the newest client that is known.
    pub fn new(place: Place) -> Self {
        Self {
            version: Version::NEWEST,
            files: Vec::new(),
            place,
            trusted: true,
            local_grants: false,
            mode: None,
            allowed: Vec::new(),
            disallowed: Vec::new(),
            directories: Vec::new(),
            left_out: Vec::new(),
            variables: HashMap::new(),
            servers: None,
        }
    }
}

impl Access {
    /// Makes the settings ready. `world` tells which additional directories there are.
    pub fn new(setup: &Setup, world: &dyn World) -> Self {
        let (profile, other) = Profile::speaking_for(setup.version);
        let other = other.map(|other| Box::new(Self::of(other, setup, world)));
        Self { other, ..Self::of(profile, setup, world) }
    }

    fn of(profile: &'static Profile, setup: &Setup, world: &dyn World) -> Self {
        let setup = &*older::as_read_by(profile, setup);
        let settings: Vec<&Settings> = setup.files.iter().map(|file| &file.settings).collect();
        let halted = settings.iter().any(|file| matches!(file.acceptance(), Acceptance::Halt { .. }));
        let merged = merge(&settings);
        let is = |pointer: &str| merged.value.pointer(pointer) == Some(&Value::Bool(true));
        // No higher file takes these back.
        let anywhere = |pointer: &str, own: bool| {
            settings.iter().any(|file| {
                let heeded = !(own && file.scope().is_in_repository());
                heeded && file.taken().pointer(pointer) == Some(&Value::Bool(true))
            })
        };
        let rules = rules(setup, is("/allowManagedPermissionRulesOnly"));
        let paths = paths(profile, setup, world, &rules);
        let modes = Modes::new(profile, &settings, &merged.value);
        Self {
            profile,
            other: None,
            halted,
            hooks: hooks(setup, &merged.value),
            servers: servers(setup, &merged.value),
            servers_matter: setup.servers.is_none()
                && ["allowedMcpServers", "deniedMcpServers", "disabledMcpjsonServers"]
                    .iter()
                    .any(|list| merged.value.get(list).is_some()),
            refuses_prompts: anywhere("/permissions/denyInsteadOfPrompting", true),
            blocks_reads: profile.blocks_outside
                && anywhere("/permissions/blockReadsOutsideWorkingDirectories", false),
            blocks_writes: profile.blocks_outside
                && anywhere("/permissions/blockWritesOutsideWorkingDirectories", false),
            ran: false,
            inherited: merged
                .value
                .get("env")
                .and_then(Value::as_object)
                .map(|variables| variables.keys().cloned().collect())
                .unwrap_or_default(),
            place: setup.place.clone(),
            paths,
            set: RuleSet::new(rules).into(),
            mode: modes.begin(setup.mode),
            modes,
        }
    }

    /// The same in another place and begun in another mode, which a setup that differs in nothing else names.
    ///
    /// Costs what path rules cost: all else is shared.
    pub fn moved(&self, setup: &Setup, world: &dyn World) -> Self {
        let other = self.other.as_ref().map(|other| Box::new(other.moved(setup, world)));
        let setup = &*older::as_read_by(self.profile, setup);
        Self {
            other,
            paths: paths(self.profile, setup, world, &self.set.rules),
            place: setup.place.clone(),
            mode: self.modes.begin(setup.mode),
            ..self.clone()
        }
    }
}

/// The mode that settings begin with, and those that they switch off.
#[derive(Debug, Clone)]
pub(super) struct Modes {
    default: Option<Mode>,
    no_bypass: bool,
    no_auto: bool,
}

impl Modes {
    fn new(profile: &Profile, settings: &[&Settings], merged: &Value) -> Self {
        let text = |pointer: &str| merged.pointer(pointer).and_then(Value::as_str);
        let disabled = |pointer: &str| text(pointer) == Some("disable");
        let default = text("/permissions/defaultMode").and_then(Mode::parse);
        Self {
            default: older::mode_of_repository(profile, settings).or(default),
            no_bypass: disabled("/permissions/disableBypassPermissionsMode"),
            no_auto: disabled("/permissions/disableAutoMode") || disabled("/disableAutoMode"),
        }
    }

    /// The mode in force where this one is asked for on the command line. One that is switched off is passed over, not
    /// replaced.
    fn begin(&self, asked: Option<Mode>) -> Mode {
        let usable = |mode: &Mode| match mode {
            Mode::BypassPermissions => !self.no_bypass,
            Mode::Auto => !self.no_auto,
            _ => true,
        };
        asked.filter(usable).or(self.default.filter(usable)).unwrap_or(Mode::Default)
    }
}

/// The path rules and the working directories.
fn paths(profile: &Profile, setup: &Setup, world: &dyn World, rules: &Rules) -> Paths {
    let mut folders: Vec<String> = setup.files.iter().map(|file| file.folder.clone()).collect();
    folders.extend([setup.place.project.clone(), setup.place.project.clone()]);
    let paths = Paths::new(rules, &setup.place, &folders, &additional(setup, world, |_| true));
    let paths = match profile.roots_rules_in_additional {
        true => paths,
        false => paths.rooted_in_project(rules, &setup.place, &folders),
    };
    let paths = paths.with_settings(setup.files.iter().map(|file| file.path.clone()).collect());
    let mut granted = additional(setup, world, |scope| !scope.is_in_repository());
    granted.push(setup.place.project.clone());
    paths.with_granted(granted)
}

fn in_order(setup: &Setup) -> Vec<(usize, &File)> {
    let mut files: Vec<(usize, &File)> = setup.files.iter().enumerate().collect();
    files.sort_by_key(|(_, file)| file.settings.scope().precedence());
    files
}

/// The rules in force.
fn rules(setup: &Setup, managed_only: bool) -> Rules {
    let mut rules = Rules::default();
    let mut add = |rule: Loaded| {
        let is_left_out = |(file, pointer, span): &(usize, Pointer, Span)| {
            *file == rule.file && *pointer == rule.pointer && *span == rule.span
        };
        if !setup.left_out.iter().any(is_left_out) {
            rules.push(rule);
        }
    };
    for (file, File { settings, .. }) in in_order(setup) {
        let scope = settings.scope();
        if managed_only && scope != Scope::Managed {
            continue;
        }
        for list in List::ALL {
            if list == List::Allow && !setup.heeds_grants_of(scope) {
                continue;
            }
            for entry in settings.rules(list) {
                let rule = Rule::parse(entry.text);
                if rule.fault(list).is_none() {
                    add(Loaded { rule, list, scope, file, pointer: entry.pointer, span: entry.span });
                }
            }
        }
    }
    let arguments = [(List::Allow, &setup.allowed), (List::Deny, &setup.disallowed)];
    for (at, (list, arguments)) in arguments.into_iter().enumerate() {
        if managed_only && list == List::Allow {
            continue;
        }
        for (index, argument) in arguments.iter().enumerate() {
            for span in rules_in(argument) {
                let rule = Rule::parse(argument.get(span.start..span.end).unwrap_or_default());
                if rule.fault(list).is_none() {
                    let (file, pointer) = (setup.files.len() + at, Pointer::of([index.to_string()]));
                    add(Loaded { rule, list, scope: Scope::Flag, file, pointer, span });
                }
            }
        }
    }
    rules
}

/// The additional directories of all files, absolute and whether or not there are any.
fn named_directories(setup: &Setup, of: impl Fn(Scope) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for (_, File { settings, .. }) in in_order(setup) {
        if !of(settings.scope()) || !setup.heeds_grants_of(settings.scope()) {
            continue;
        }
        let listed = settings.strings(Pointer::of(["permissions", "additionalDirectories"]));
        found.extend(listed.map(|entry| entry.text.to_owned()));
    }
    found.extend(setup.directories.iter().cloned());
    found.iter().map(|folder| setup.place.absolute(folder.trim()).into_owned()).collect()
}

/// Those that exist.
fn additional(setup: &Setup, world: &dyn World, of: impl Fn(Scope) -> bool) -> Vec<String> {
    let mut directories = Vec::new();
    for folder in named_directories(setup, of) {
        if let Some(end) = super::paths::folder_at(world, &folder) {
            directories.extend([folder, end]);
        }
    }
    directories.extend(super::paths::folder_at(world, &setup.place.project));
    directories
}

/// The hooks that run: a file may switch those of others off, though never managed ones unless it is
/// managed itself.
fn hooks(setup: &Setup, merged: &Value) -> Hooks {
    let is = |key: &str| merged.get(key) == Some(&Value::Bool(true));
    let off_in = |file: &File| {
        let managed = file.settings.scope() == Scope::Managed;
        managed && file.settings.taken().get("disableAllHooks") == Some(&Value::Bool(true))
    };
    let all_off = setup.files.iter().any(off_in);
    let others_off = is("disableAllHooks") || is("allowManagedHooksOnly");
    let off = |scope: Scope| all_off || (others_off && scope != Scope::Managed);
    Hooks::new(in_order(setup).into_iter().map(|(_, file)| &file.settings), off)
}

/// The servers with those that the lists admit; none where the servers are not known.
fn servers(setup: &Setup, merged: &Value) -> Option<Servers> {
    let servers = setup.servers.as_ref()?;
    let managed_only = merged.get("allowManagedMcpServersOnly") == Some(&Value::Bool(true));
    let mut admission = Admission::default();
    for (_, File { settings, .. }) in in_order(setup) {
        let counts = !managed_only || settings.scope() == Scope::Managed;
        if let Some(entries) = settings.servers(ServerList::Allowed).filter(|_| counts) {
            let list = admission.allowed.get_or_insert_default();
            list.extend(entries.iter().map(|entry| ServerPattern::from(&entry.matcher)));
        } else if settings.taken().get("allowedMcpServers").is_some() && counts {
            admission.allowed.get_or_insert_default();
        }
        let denied = settings.servers(ServerList::Denied).unwrap_or_default();
        admission.denied.extend(denied.iter().map(|entry| ServerPattern::from(&entry.matcher)));
    }
    let switched_off = merged.get("disabledMcpjsonServers").and_then(Value::as_array);
    let off: HashSet<String> =
        switched_off.into_iter().flatten().filter_map(Value::as_str).map(tool_name).collect();
    Some(Servers::new(servers, &admission, &off, &setup.variables))
}

impl Mode {
    /// The mode of this name, as settings and the command line have it.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "default" | "manual" => Self::Default,
            "acceptEdits" => Self::AcceptEdits,
            "dontAsk" => Self::DontAsk,
            "bypassPermissions" => Self::BypassPermissions,
            "plan" => Self::Plan,
            "auto" => Self::Auto,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_that_are_not_known_are_not_taken_for_admitted() {
        let place = Place { project: "/p".into(), home: "/h".into(), config: "/h/.claude".into() };
        let text =
            r#"{"permissions": {"allow": ["mcp__docs"], "deny": ["mcp__files"]}, "allowedMcpServers": []}"#;
        let mut setup = Setup::new(place);
        setup.files.push(File {
            settings: Settings::read(crate::json::Document::parse(text), Scope::Project),
            path: "/p/.claude/settings.json".into(),
            folder: "/p".into(),
        });
        let world = crate::access::MapWorld::default();
        let decide = |setup: &Setup, tool: &str| {
            let call = Call { tool: tool.to_owned(), input: serde_json::Map::new() };
            Access::new(setup, &world).decide(&call, &world, &mut crate::access::Silent).verdict
        };
        assert_eq!(decide(&setup, "mcp__docs__read"), crate::access::Verdict::Undecided);
        assert_eq!(decide(&setup, "mcp__files__read"), crate::access::Verdict::Deny);
        let server = Server::of("docs", &serde_json::json!({"command": "docs"}));
        setup.servers = Some(vec![server]);
        assert_eq!(decide(&setup, "mcp__docs__read"), crate::access::Verdict::Deny);
        let call = Call { tool: "mcp__other__read".to_owned(), input: serde_json::Map::new() };
        setup.doubt_servers_of(&call);
        assert!(setup.servers.is_none());
    }
}
