//! Cases: settings, files and calls as one line of JSON, to be decided in one go.
//!
//! ```json
//! {"id": "…", "client": "2.1.330", "settings": {"project": {…}, "user": "raw text"}, "mode": "default", "trusted": true,
//!  "argv": ["--allowedTools", "Read"], "files": {"a": "text", "l": {"symlink": "a"}, "d": {"dir": 1}},
//!  "calls": [{"tool": "Bash", "input": {"command": "ls"}}]}
//! ```
//!
//! Scopes: `managed`, `managed_d` (drop-ins by name), `user`, `project`, `local`, `flag`. The project is
//! `/home/u/proj`, or what `cwd` says; without `client` the newest known client decides; the home folder is `/home/u`. Only the files that a case names are there.

use serde_json::{Map, Value};

use super::paths::normal;
use super::{Access, Call, Decision, Entry, File, MapWorld, Mode, Place, Server, Setup, Silent, Verdict};
use crate::client::{Version, VersionError};
use crate::json::Document;
use crate::settings::{McpFile, Scope, Settings};

const HOME: &str = "/home/u";
const PROJECT: &str = "/home/u/proj";
const CONFIG: &str = "/home/u/.claude";

/// The managed file, without its ending.
const MANAGED: &str = "/etc/claude-code/managed-settings";

/// Where the file given with `--settings` stands.
const FLAG_FOLDER: &str = "/x";

/// Folders and files that are there in every case.
const FOLDERS: [&str; 12] = [
    "/home/u",
    "/home/u/.claude",
    "/tmp",
    "/etc",
    "/bin",
    "/usr",
    "/lib",
    "/var",
    "/opt",
    "/dev",
    "/proc",
    "/root",
];
const FILES: [&str; 4] = ["/etc/passwd", "/etc/group", "/etc/hosts", "/dev/null"];

/// What is wrong with a case.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CaseError {
    /// The line is not JSON.
    #[error("not JSON: {0}")]
    NotJson(String),
    /// A part is missing or of the wrong kind.
    #[error("`{0}` is {1}")]
    Part(String, &'static str),
    /// The client that it was recorded from is not one that can be decided for.
    #[error("`client`: {0}")]
    Client(#[from] VersionError),
}

/// One case.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its name.
    pub id: String,
    /// Settings, mode, trust, and the client that it was recorded from.
    pub setup: Setup,
    /// The files.
    pub world: MapWorld,
    /// The calls, with the verdict that stands beside each.
    pub calls: Vec<(Call, Option<Verdict>)>,
    line: Map<String, Value>,
}

impl Case {
    /// Reads one line.
    pub fn parse(line: &str) -> Result<Self, CaseError> {
        let line: Value =
            serde_json::from_str(line).map_err(|error| CaseError::NotJson(error.to_string()))?;
        let Value::Object(line) = line else { return Err(part("the line", "not an object")) };
        let id = match line.get("id") {
            None => String::new(),
            Some(Value::String(id)) => id.clone(),
            Some(other) => other.to_string(),
        };
        let project = match line.get("cwd") {
            None | Some(Value::Null) => PROJECT,
            Some(Value::String(folder)) if folder.starts_with('/') => folder,
            Some(_) => return Err(part("cwd", "not an absolute path")),
        };
        let place =
            Place { project: normal(project).into_owned(), home: HOME.to_owned(), config: CONFIG.to_owned() };
        let world = world(&line, &place)?;
        let mut setup = Setup::new(place);
        setup.files = files(&line, &setup.place)?;
        setup.trusted = match line.get("trusted") {
            None | Some(Value::Null) => true,
            Some(Value::Bool(trusted)) => *trusted,
            Some(_) => return Err(part("trusted", "neither true nor false")),
        };
        setup.mode = match line.get("mode") {
            None | Some(Value::Null) => None,
            Some(mode) => {
                Some(mode.as_str().and_then(Mode::parse).ok_or_else(|| part("mode", "not a mode"))?)
            }
        };
        setup.servers = servers(&line);
        setup.variables.insert("HOME".to_owned(), HOME.to_owned());
        for (name, value) in object(&line, "env")?.into_iter().flatten() {
            if let Some(value) = value.as_str() {
                setup.variables.insert(name.clone(), value.to_owned());
            }
        }
        arguments(&line, &mut setup)?;
        let calls = calls(&line)?;
        if let Some(client) = text(&line, "client")? {
            setup.version = client.parse()?;
        }
        Ok(Self { id, setup, world, calls, line })
    }

    /// The same case for another client than the one that it was recorded from.
    pub fn with_version(mut self, version: Version) -> Self {
        self.setup.version = version;
        self.line.insert("client".to_owned(), version.to_string().into());
        self
    }

    /// Decides all calls, in their order.
    pub fn decide(&self) -> Vec<Decision> {
        let mut access = Access::new(&self.setup, &self.world);
        let mut decisions = Vec::with_capacity(self.calls.len());
        for (call, _) in &self.calls {
            let decision = access.decide(call, &self.world, &mut Silent);
            if decision.verdict == Verdict::Allow {
                access.went_through(call);
            }
            decisions.push(decision);
        }
        decisions
    }

    /// The line with the decisions filled in.
    pub fn answered(&self) -> String {
        let mut line = self.line.clone();
        let decisions = self.decide();
        if let Some(Value::Array(calls)) = line.get_mut("calls") {
            for (call, decision) in calls.iter_mut().zip(decisions) {
                if let Some(call) = call.as_object_mut() {
                    call.insert("decision".to_owned(), decision.verdict.name().into());
                }
            }
        }
        Value::Object(line).to_string()
    }
}

impl Verdict {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Ask => "ask",
            Self::Deny => "deny",
            Self::Undecided => "undecided",
        }
    }

    /// The verdict of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Allow, Self::Ask, Self::Deny, Self::Undecided]
            .into_iter()
            .find(|verdict| verdict.name() == name)
    }
}

fn part(name: impl Into<String>, problem: &'static str) -> CaseError {
    CaseError::Part(name.into(), problem)
}

fn text<'a>(line: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, CaseError> {
    match line.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(part(name, "not a text")),
    }
}

fn object<'a>(line: &'a Map<String, Value>, name: &str) -> Result<Option<&'a Map<String, Value>>, CaseError> {
    match line.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(object)) => Ok(Some(object)),
        Some(_) => Err(part(name, "not an object")),
    }
}

/// The settings files in the order in which the client merges them within a scope.
fn files(line: &Map<String, Value>, place: &Place) -> Result<Vec<File>, CaseError> {
    let mut found = Vec::new();
    let Some(settings) = object(line, "settings")? else { return Ok(found) };
    let file = |text: String, scope, path: String, folder: &str| File {
        settings: Settings::read(Document::parse(text), scope),
        path,
        folder: folder.to_owned(),
    };
    for (name, value) in settings {
        let (project, config) = (&*place.project, &*place.config);
        let (scope, path, folder) = match name.as_str() {
            "managed" => (Scope::Managed, format!("{MANAGED}.json"), project),
            "user" => (Scope::User, format!("{config}/settings.json"), config),
            "project" => (Scope::Project, format!("{project}/.claude/settings.json"), project),
            "local" => (Scope::Local, format!("{project}/.claude/settings.local.json"), project),
            "flag" => (Scope::Flag, format!("{FLAG_FOLDER}/flag.json"), FLAG_FOLDER),
            "managed_d" => continue,
            _ => return Err(part(format!("settings.{name}"), "no scope")),
        };
        found.push(file(raw(value), scope, path, folder));
    }
    if let Some(value) = settings.get("managed_d") {
        let drop_ins = value.as_object().ok_or_else(|| part("settings.managed_d", "not an object"))?;
        let mut drop_ins: Vec<(&String, &Value)> = drop_ins.iter().collect();
        drop_ins.sort_by_key(|(name, _)| *name);
        for (name, value) in drop_ins {
            if !name.starts_with('.') && name.ends_with(".json") {
                let path = format!("{MANAGED}.d/{name}");
                found.push(file(raw(value), Scope::Managed, path, &place.project));
            }
        }
    }
    Ok(found)
}

fn raw(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

fn world(line: &Map<String, Value>, place: &Place) -> Result<MapWorld, CaseError> {
    let mut world = MapWorld::default();
    for folder in FOLDERS.iter().copied().chain([&*place.project]) {
        world.add(folder, Entry::Folder);
    }
    for file in FILES {
        world.add(file, Entry::File);
    }
    for (path, value) in object(line, "files")?.into_iter().flatten() {
        let entry = match value.as_object() {
            Some(link) if link.contains_key("symlink") => {
                let target = link.get("symlink").and_then(Value::as_str);
                let target =
                    target.ok_or_else(|| part(format!("files.{path}"), "a link without a target"))?;
                Entry::Link(target.to_owned())
            }
            Some(folder) if folder.contains_key("dir") => Entry::Folder,
            _ => Entry::File,
        };
        world.add(&place.absolute(path), entry);
    }
    Ok(world)
}

/// The servers of `.mcp.json`.
fn servers(line: &Map<String, Value>) -> Option<Vec<Server>> {
    let given = |argument: &Value| argument.as_str().is_some_and(|text| text.starts_with("--mcp-config"));
    if line.get("argv").and_then(Value::as_array).is_some_and(|arguments| arguments.iter().any(given)) {
        return None;
    }
    let file = line.get("files").and_then(|files| files.get(".mcp.json"));
    let file = file.map(|value| McpFile::read(Document::parse(raw(value))));
    let servers = file.map(|file| file.servers().iter().map(Server::from).collect());
    Some(servers.unwrap_or_default())
}

fn arguments(line: &Map<String, Value>, setup: &mut Setup) -> Result<(), CaseError> {
    let Some(Value::Array(arguments)) = line.get("argv") else { return Ok(()) };
    let mut into: Option<String> = None;
    for argument in arguments {
        let argument = argument.as_str().ok_or_else(|| part("argv", "not a list of texts"))?;
        let value = if argument.starts_with("--") {
            let (name, value) =
                argument.split_once('=').map_or((argument, None), |(name, value)| (name, Some(value)));
            if name == "--dangerously-skip-permissions" {
                setup.mode = Some(Mode::BypassPermissions);
            }
            into = Some(name.to_owned());
            value
        } else {
            Some(argument)
        };
        let Some(value) = value.map(str::to_owned) else { continue };
        match into.as_deref() {
            Some("--allowedTools" | "--allowed-tools") => setup.allowed.push(value),
            Some("--disallowedTools" | "--disallowed-tools") => setup.disallowed.push(value),
            Some("--add-dir") => setup.directories.push(value),
            Some("--permission-mode") => setup.mode = Mode::parse(&value),
            _ => {}
        }
    }
    Ok(())
}

fn calls(line: &Map<String, Value>) -> Result<Vec<(Call, Option<Verdict>)>, CaseError> {
    let calls = match line.get("calls") {
        None => return Err(part("calls", "missing")),
        Some(Value::Array(calls)) => calls,
        Some(_) => return Err(part("calls", "not a list")),
    };
    let mut found = Vec::new();
    for (at, call) in calls.iter().enumerate() {
        let tool = call
            .get("tool")
            .and_then(Value::as_str)
            .ok_or_else(|| part(format!("calls[{at}].tool"), "not a text"))?;
        let input = match call.get("input") {
            None => Map::new(),
            Some(Value::Object(input)) => input.clone(),
            Some(_) => return Err(part(format!("calls[{at}].input"), "not an object")),
        };
        let decision = match call.get("decision") {
            None | Some(Value::Null) => None,
            Some(word) => {
                let verdict = word.as_str().and_then(Verdict::parse);
                Some(verdict.ok_or_else(|| part(format!("calls[{at}].decision"), "no verdict"))?)
            }
        };
        found.push((Call { tool: tool.to_owned(), input }, decision));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_comes_back_with_decisions() {
        let line = r#"{"id":"a","settings":{"project":{"permissions":{"deny":["Read(.env)"]}}},"files":{"l":{"symlink":".env"}},"calls":[{"tool":"Read","input":{"file_path":"l"}},{"tool":"Read","input":{"file_path":"x"},"decision":"ask"}]}"#;
        let case = Case::parse(line).unwrap();
        assert_eq!(case.calls.last().and_then(|(_, verdict)| *verdict), Some(Verdict::Ask));
        let answered = case.answered();
        assert!(answered.contains(r#""file_path":"l"},"decision":"deny""#), "{answered}");
        assert!(answered.contains(r#""file_path":"x"},"decision":"allow""#), "{answered}");
    }

    #[test]
    fn the_client_of_a_case_decides_it() {
        let decide = |client: &str| {
            let line = format!(
                r#"{{"client":"{client}","settings":{{"project":{{"permissions":{{"allow":["Bash"],"deny":["Bash(rm *)"]}}}}}},"calls":[{{"tool":"Bash","input":{{"command":"ls $(rm x)"}}}},{{"tool":"Bash","input":{{"command":"rm x"}}}}]}}"#
            );
            let decisions = Case::parse(&line).unwrap().decide();
            decisions.iter().map(|decision| decision.verdict).collect::<Vec<_>>()
        };
        assert_eq!(decide("2.1.197"), [Verdict::Allow, Verdict::Deny]);
        assert_eq!(decide("2.1.330"), [Verdict::Deny, Verdict::Deny]);
        assert_eq!(decide("2.1.250"), [Verdict::Undecided, Verdict::Deny]);
        assert_eq!(decide("2.1.999"), [Verdict::Deny, Verdict::Deny]);
    }

    #[test]
    fn a_bad_line_is_named() {
        for (line, expected) in [
            ("{", "not JSON"),
            ("[]", "`the line` is not an object"),
            ("{}", "`calls` is missing"),
            (r#"{"calls":[{}]}"#, "`calls[0].tool` is not a text"),
            (r#"{"calls":[],"mode":"x"}"#, "`mode` is not a mode"),
            (r#"{"calls":[],"client":2}"#, "`client` is not a text"),
            (
                r#"{"calls":[],"client":"2.1.196"}"#,
                "`client`: of a client as old as 2.1.196 nothing is known",
            ),
            (r#"{"calls":[],"settings":{"x":{}}}"#, "`settings.x` is no scope"),
        ] {
            let error = Case::parse(line).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{line}: {error}");
        }
    }
}
