//! What is in force in one place: on the machine for whatever project, or in one project.
//!
//! The rules of this module were observed (client 2.1.330, `mcp list`, `plugin list` and decided calls): servers of
//! `managed-mcp.json` shut all others out, also where that file is broken, and need no allow list; a server of a
//! project goes before one of the user of the same name once it is approved, and one of the local scope before both;
//! `strictPluginOnlyCustomization` takes servers and hooks of user and project away; `allowManagedHooksOnly` takes
//! those of plugins away as well; a folder that is not trusted grants nothing, but its hooks run and plugins that its
//! settings switch on are loaded.

use std::path::Path;
use std::rc::Rc;

use serde_json::Value;

use super::item::{Force, InForce, Scope};
use super::judge::Judge;
use super::read::Held;
use super::words;
use crate::access::{Server, ServerPattern};
use crate::json::Pointer;
use crate::rule::{Cover, List, Rule};
use crate::settings::{ProblemKind, ServerList, Settings, merge};

/// What is said where settings of the server may say otherwise.
const SERVER_MAY_DIFFER: &str = "settings of the server go before managed files, and are not read here";

/// One place and the settings that hold there.
#[derive(Debug)]
pub(super) struct Context {
    held: Vec<Held>,
    merged: Value,
    /// The project by its shown name, none for the machine.
    pub(super) project: Option<String>,
    /// Whether somebody said that the folder is trusted. The machine itself is.
    pub(super) trusted: bool,
    /// What policy asks of it.
    pub(super) judge: Rc<Judge>,
    /// What holds of what the files grant that are not shared, while the folder is not trusted.
    pub(super) local: Force,
    machine: Machine,
    covers: [Cover; 2],
}

/// What belongs to the machine and holds in every place.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Machine {
    /// Whether there is a `managed-mcp.json`.
    pub(super) has_managed_servers: bool,
    /// Whether there is something of that name that could not be read.
    pub(super) has_unread_servers: bool,
    /// Whether settings were fetched from a server.
    pub(super) has_server_settings: bool,
}

/// A server as it stands in one place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing<'a> {
    pub(super) server: &'a Server,
    pub(super) scope: Scope,
    /// Whether `${NAME}` stands somewhere in it.
    pub(super) has_variables: bool,
    /// Whether somebody approved of it in the state of the client.
    pub(super) is_approved: bool,
    /// Whether somebody refused it or switched it off there.
    pub(super) is_off: bool,
    /// Whether a server of the local scope has its name.
    pub(super) is_hidden: bool,
}

impl Context {
    pub(super) fn new(
        held: Vec<Held>,
        project: Option<String>,
        trusted: bool,
        judge: Rc<Judge>,
        machine: Machine,
    ) -> Self {
        let settings: Vec<&Settings> = held.iter().map(|held| &held.settings).collect();
        let merged = merge(&settings).value;
        let covers = [List::Deny, List::Ask].map(|list| {
            let texts = settings.iter().flat_map(|settings| settings.rules(list));
            let rules: Vec<Rule> = texts.map(|entry| Rule::parse(entry.text)).collect();
            let rules: Vec<Rule> = rules.into_iter().filter(|rule| rule.fault(list).is_none()).collect();
            Cover::new(list, &rules)
        });
        Self { held, merged, project, trusted, judge, local: Force::yes(), machine, covers }
    }

    /// The settings that hold here.
    pub(super) fn held(&self) -> &[Held] {
        &self.held
    }

    /// All of them together.
    pub(super) fn merged(&self) -> &Value {
        &self.merged
    }

    /// What takes something away here.
    pub(super) fn beside(&self) -> [&Cover; 2] {
        self.covers.each_ref()
    }

    /// Whether a switch is on.
    fn is_on(&self, key: &str) -> bool {
        self.merged.get(key) == Some(&Value::Bool(true))
    }

    /// `KEY` and the file that sets it.
    fn named(&self, key: &str) -> String {
        let setting = self.held.iter().filter(|held| held.settings.taken().get(key).is_some());
        match setting.max_by_key(|held| held.settings.scope().precedence()) {
            Some(held) => format!("`{key}` in {}", held.text.name),
            None => format!("`{key}`"),
        }
    }

    /// Not in force by a managed file; not known where settings of the server may say otherwise.
    fn managed_no(&self, why: String) -> Force {
        if self.machine.has_server_settings { Force::unknown(SERVER_MAY_DIFFER) } else { Force::no(why) }
    }

    /// What holds of all that a file says.
    fn of_scope(&self, scope: Scope) -> Option<Force> {
        match scope {
            Scope::Server => {
                Some(Force::unknown("it is not known whether the client still has these settings"))
            }
            Scope::Managed if self.machine.has_server_settings => Some(Force::unknown(SERVER_MAY_DIFFER)),
            _ => None,
        }
    }

    /// What holds of a value that a file says, where nothing is known of its key.
    pub(super) fn key(&self, held: &Held, at: &Pointer) -> Force {
        let heeded = held.settings.problems().iter().find(|problem| {
            let of_key = matches!(problem.kind, ProblemKind::ManagedOnly | ProblemKind::NotHeeded { .. });
            of_key && problem.pointer.contains(at)
        });
        match heeded {
            Some(problem) => Force::no(words::plain(&problem.to_string())),
            None => self.of_scope(held.scope).unwrap_or_else(Force::yes),
        }
    }

    /// What holds of a value of which only the highest file counts.
    pub(super) fn highest(&self, held: &Held, at: &Pointer) -> Force {
        let force = self.key(held, at);
        let higher = self.held.iter().find(|other| {
            other.settings.scope().precedence() > held.settings.scope().precedence()
                && other.settings.at(at).is_some()
        });
        match higher {
            Some(higher) if force.is == InForce::Yes => {
                Force::no(format!("{} sets it, too, and goes before", higher.text.name))
            }
            _ => force,
        }
    }

    /// What holds of what waits until the folder is trusted, though not with `-p`.
    pub(super) fn trusted_or_printing(&self, scope: Scope, force: Force) -> Force {
        let waits = matches!(scope, Scope::Project | Scope::Local) && !self.trusted;
        if waits && force.is == InForce::Yes {
            return Force::partly("it waits until the folder is trusted, though not with `-p`");
        }
        force
    }

    /// What holds of what a folder grants.
    pub(super) fn granted(&self, held: &Held, at: &Pointer) -> Force {
        match held.scope {
            Scope::Project if !self.trusted => Force::no("the folder is not trusted"),
            Scope::Local if !self.trusted && self.local.is != InForce::Yes => self.local.clone(),
            _ => self.key(held, at),
        }
    }

    /// What holds of a permission rule.
    pub(super) fn rule(&self, held: &Held, list: List, rule: &Rule) -> Force {
        if let Some(problem) = rule.problem(list) {
            return Force::no(format!("the client skips it: {}", words::plain(&problem.to_string())));
        }
        if self.is_on("allowManagedPermissionRulesOnly") && held.scope != Scope::Managed {
            return self.managed_no(self.named("allowManagedPermissionRulesOnly"));
        }
        match list {
            List::Allow => self.granted(held, &list.pointer()),
            _ => self.of_scope(held.scope).unwrap_or_else(Force::yes),
        }
    }

    /// What holds of a hook.
    pub(super) fn hook(&self, scope: Scope) -> Force {
        let managed_off = self.held.iter().any(|held| {
            held.scope == Scope::Managed
                && held.settings.taken().get("disableAllHooks") == Some(&Value::Bool(true))
        });
        let key = "disableAllHooks";
        if managed_off || (self.is_on(key) && scope != Scope::Managed) {
            let why = self.named(key);
            return if managed_off { self.managed_no(why) } else { Force::no(why) };
        }
        if self.is_on("allowManagedHooksOnly") && scope != Scope::Managed {
            return self.managed_no(self.named("allowManagedHooksOnly"));
        }
        if matches!(scope, Scope::User | Scope::Project | Scope::Local) && self.locks("hooks") {
            return self.managed_no(self.named("strictPluginOnlyCustomization"));
        }
        self.of_scope(scope).unwrap_or_else(Force::yes)
    }

    /// Whether only plugins may bring things of this kind.
    pub(super) fn locks(&self, what: &str) -> bool {
        match self.merged.get("strictPluginOnlyCustomization") {
            Some(Value::Bool(on)) => *on,
            Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind.as_str() == Some(what)),
            _ => false,
        }
    }

    /// What holds of things that only plugins may bring where this is locked.
    pub(super) fn unlocked(&self, what: &str) -> Force {
        if self.locks(what) {
            return self.managed_no(self.named("strictPluginOnlyCustomization"));
        }
        Force::yes()
    }

    /// What holds of a plugin that is installed.
    pub(super) fn plugin(&self, id: &str, source: Option<&Value>) -> Force {
        match self.merged.get("enabledPlugins").and_then(|plugins| plugins.get(id)) {
            Some(Value::Bool(true)) => self.market(source),
            Some(Value::Bool(false)) => Force::no("it is switched off"),
            Some(_) => Force::no("only the value `true` switches a plugin on"),
            None => Force::no("nothing switches it on"),
        }
    }

    /// What holds of a marketplace by what managed settings say of its source.
    pub(super) fn market(&self, source: Option<&Value>) -> Force {
        let list = |key: &str| self.merged.get(key).and_then(Value::as_array);
        let undecided =
            |key| Force::unknown(format!("whether {} means its source is not decided", self.named(key)));
        let is_in = |list: &Vec<Value>| source.is_some_and(|source| list.contains(source));
        let key = "blockedMarketplaces";
        if let Some(blocked) = list(key).filter(|list| !list.is_empty()) {
            // An entry blocks other spellings of its source, too.
            return if is_in(blocked) { self.managed_no(self.named(key)) } else { undecided(key) };
        }
        let key = "strictKnownMarketplaces";
        let Some(allowed) = list(key).filter(|list| !is_in(list)) else { return Force::yes() };
        let is_pattern =
            |entry: &Value| entry.to_string().contains("Pattern") || entry.to_string().contains('*');
        if source.is_none() || allowed.iter().any(is_pattern) {
            return undecided(key);
        }
        self.managed_no(format!("its source is not in {}", self.named(key)))
    }

    /// What holds of an MCP server.
    pub(super) fn server(&self, standing: Standing<'_>) -> Force {
        let Standing { server, scope, has_variables, .. } = standing;
        let in_doubt = |force: Force| match has_variables {
            true => {
                Force::unknown("it holds a variable, and a list of servers may mean what that stands for")
            }
            false => force,
        };
        for held in &self.held {
            let denied = held.settings.servers(ServerList::Denied).unwrap_or_default();
            let patterns = denied.iter().map(|entry| ServerPattern::from(&entry.matcher));
            if patterns.into_iter().any(|entry| server.is_denied_by(&entry)) {
                let why = format!("`deniedMcpServers` in {}", held.text.name);
                return if held.scope == Scope::Managed { self.managed_no(why) } else { Force::no(why) };
            }
        }
        let denies = self.held.iter().any(|held| held.settings.servers(ServerList::Denied).is_some());
        if scope == Scope::Managed {
            let force = self.of_scope(scope).unwrap_or_else(Force::yes);
            return if denies { in_doubt(force) } else { force };
        }
        if self.machine.has_managed_servers {
            return Force::no("`managed-mcp.json` shuts out all other servers");
        }
        if scope != Scope::Plugin && self.locks("mcp") {
            return self.managed_no(self.named("strictPluginOnlyCustomization"));
        }
        if let Some((list, by_managed)) = self.allowed_servers()
            && !server.is_admitted(&list)
        {
            let why = format!("it is not in {}", self.named("allowedMcpServers"));
            return in_doubt(if by_managed { self.managed_no(why) } else { Force::no(why) });
        }
        let force = self.approved(standing);
        if self.machine.has_unread_servers && force.is != InForce::No {
            return Force::unknown("`managed-mcp.json` could not be read, and may shut it out");
        }
        if force.is != InForce::No && (denies || self.allowed_servers().is_some()) {
            return in_doubt(force);
        }
        force
    }

    /// The list of servers that may run, and whether a managed file has a part in it.
    fn allowed_servers(&self) -> Option<(Vec<ServerPattern>, bool)> {
        let managed_only = self.is_on("allowManagedMcpServersOnly");
        let mut list: Option<(Vec<ServerPattern>, bool)> = None;
        for held in self.held.iter().filter(|held| !managed_only || held.scope == Scope::Managed) {
            if held.settings.taken().get("allowedMcpServers").is_none() {
                continue;
            }
            let (list, by_managed) = list.get_or_insert_default();
            *by_managed |= held.scope == Scope::Managed;
            let entries = held.settings.servers(ServerList::Allowed).unwrap_or_default();
            list.extend(entries.iter().map(|entry| ServerPattern::from(&entry.matcher)));
        }
        list
    }

    /// Whether somebody approved of a server that may run.
    fn approved(&self, standing: Standing<'_>) -> Force {
        if standing.is_off {
            return Force::no("somebody switched it off here");
        }
        if standing.scope != Scope::Project {
            return Force::yes();
        }
        let name = standing.server.name();
        let listed = |key: &str| {
            self.held.iter().find(|held| {
                let counts = self.trusted || key.starts_with("disabled") || held.scope != Scope::Project;
                counts && held.settings.strings(Pointer::of([key])).any(|entry| entry.text == name)
            })
        };
        if let Some(held) = listed("disabledMcpjsonServers") {
            return Force::no(format!("`disabledMcpjsonServers` in {}", held.text.name));
        }
        if standing.is_hidden {
            return Force::no("a server of the local scope has this name and goes before it");
        }
        let all = self.held.iter().filter(|held| self.trusted || held.scope != Scope::Project);
        let all: Vec<&Settings> = all.map(|held| &held.settings).collect();
        let all = merge(&all).value.get("enableAllProjectMcpServers") == Some(&Value::Bool(true));
        if all || standing.is_approved || listed("enabledMcpjsonServers").is_some() {
            return Force::yes();
        }
        Force::partly("nobody has approved of it: sessions leave it out, `-p` connects to it")
    }
}

/// Whether a folder is the home folder or holds it: whoever trusts it, trusts all below.
pub(super) fn is_wide(folder: &Path, home: &Path) -> bool {
    home.starts_with(folder)
}
