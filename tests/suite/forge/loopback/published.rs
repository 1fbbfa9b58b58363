//! What GitHub published of its interfaces: the OpenAPI document, and the schema of GraphQL.
//!
//! They are not ours to copy: npm installs them below `target`, from the packages that GitHub's own
//! libraries are made with. Where there is no npm, or it reaches no registry, what needs them is skipped,
//! and says so.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use super::Exchange;

const PACKAGES: [(&str, &str); 2] = [("@octokit/openapi", "23.0.2"), ("@octokit/graphql-schema", "15.26.1")];

pub(crate) struct Published {
    folder: PathBuf,
    openapi: Value,
}

impl Published {
    /// The published documents, installed once.
    pub(crate) fn installed() -> Option<&'static Self> {
        static INSTALLED: OnceLock<Option<Published>> = OnceLock::new();
        INSTALLED.get_or_init(Self::install).as_ref()
    }

    fn install() -> Option<Self> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("github-published");
        let documents = folder.join("node_modules/@octokit/openapi/generated");
        let document = documents.join("api.github.com.json");
        let stamp = folder.join("installed");
        let wanted = PACKAGES.map(|(name, version)| format!("{name}@{version}"));
        if std::fs::read_to_string(&stamp).ok() != Some(wanted.join(" ")) {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("package.json"), "{}").unwrap();
            let mut npm = Command::new("npm");
            npm.current_dir(&folder).args([
                "install",
                "--no-audit",
                "--no-fund",
                "--ignore-scripts",
                "--fetch-retries=1",
            ]);
            let done = npm.args(&wanted).stdin(Stdio::null()).output();
            if !done.is_ok_and(|done| done.status.success()) {
                println!("skipped: npm is missing, or cannot install GitHub's published descriptions");
                return None;
            }
            // There is one for each version of the server, tens of megabytes each.
            for other in std::fs::read_dir(documents).unwrap().map(|entry| entry.unwrap().path()) {
                if other != document {
                    std::fs::remove_file(other).unwrap();
                }
            }
            std::fs::write(&stamp, wanted.join(" ")).unwrap();
        }
        let openapi = serde_json::from_str(&std::fs::read_to_string(document).unwrap()).unwrap();
        Some(Self { folder, openapi })
    }

    /// An example from the OpenAPI document.
    pub(crate) fn example(&self, name: &str) -> Value {
        let examples = &self.openapi["components"]["examples"];
        examples[name]["value"].clone()
    }

    /// What is wrong with these calls and answers.
    pub(crate) fn faults(&self, exchanges: &[Exchange]) -> Vec<String> {
        let (graphql, rest): (Vec<_>, Vec<_>) =
            exchanges.iter().partition(|exchange| exchange.path == "/api/graphql");
        let mut faults = self.graphql_faults(&graphql);
        let mut checked: BTreeMap<(String, String, u16), usize> = BTreeMap::new();
        for exchange in rest {
            let route = self.route(&exchange.path);
            // What is the same but for its numbers need not be held against it a thousand times.
            let times =
                checked.entry((exchange.method.clone(), format!("{route:?}"), exchange.status)).or_default();
            *times += 1;
            if *times <= 3 {
                faults.extend(self.rest_faults(exchange, route.as_deref()));
            }
        }
        faults
    }

    fn graphql_faults(&self, exchanges: &[&Exchange]) -> Vec<String> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/forge/loopback/validate.js");
        let mut node = Command::new("node");
        node.arg(script).arg(&self.folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut node = node.spawn().unwrap();
        let mut input = node.stdin.take().unwrap();
        for exchange in exchanges.iter().take(40) {
            let (query, variables) = (&exchange.body["query"], &exchange.body["variables"]);
            let line = json!({ "query": query, "variables": variables, "answer": exchange.answer });
            writeln!(input, "{line}").unwrap();
        }
        drop(input);
        let done = node.wait_with_output().unwrap();
        assert!(done.status.success());
        String::from_utf8(done.stdout).unwrap().lines().map(str::to_owned).collect()
    }

    /// The path of the OpenAPI document that a path of a call is one of.
    fn route(&self, path: &str) -> Option<String> {
        let path = path.split('?').next().unwrap();
        let parts: Vec<&str> = path.split('/').collect();
        let fits = |route: &&String| {
            let wanted: Vec<&str> = route.split('/').collect();
            // `{ref}` at the end takes the rest, slashes and all.
            let takes_rest = wanted.last() == Some(&"{ref}");
            (wanted.len() == parts.len() || (takes_rest && wanted.len() < parts.len()))
                && wanted.iter().zip(&parts).all(|(wanted, part)| wanted.starts_with('{') || wanted == part)
        };
        let mut routes: Vec<&String> =
            self.openapi["paths"].as_object().unwrap().keys().filter(fits).collect();
        routes.sort_by_key(|route| route.matches('{').count());
        routes.first().map(|route| (*route).clone())
    }

    fn rest_faults(&self, exchange: &Exchange, route: Option<&str>) -> Vec<String> {
        let place = format!("{} {} {}", exchange.method, exchange.path, exchange.status);
        let Some(route) = route else { return vec![format!("{place}: no such path")] };
        let operation = &self.openapi["paths"][route][exchange.method.to_ascii_lowercase()];
        if operation.is_null() {
            return vec![format!("{place}: no such method")];
        }
        let mut faults = Vec::new();
        for name in exchange.path.split_once('?').map_or("", |(_, query)| query).split('&') {
            let name = name.split('=').next().unwrap();
            let parameters = operation["parameters"].as_array().unwrap().iter();
            let known =
                parameters.map(|parameter| self.resolve(parameter)).any(|known| known["name"] == name);
            if !name.is_empty() && !known {
                faults.push(format!("{place}: no such parameter `{name}`"));
            }
        }
        let body = &operation["requestBody"]["content"]["application/json"]["schema"];
        if body.is_object() {
            faults.extend(self.schema_faults(&format!("{place} sent"), body, &exchange.body));
        }
        let answer = self.resolve(&operation["responses"][exchange.status.to_string()]);
        if answer.is_null() {
            faults.push(format!("{place}: no such status"));
        }
        let schema = &answer["content"]["application/json"]["schema"];
        if schema.is_object() {
            faults.extend(self.schema_faults(&format!("{place} answered"), schema, &exchange.answer));
        }
        faults
    }

    fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => self.openapi.pointer(reference.trim_start_matches('#')).unwrap(),
            None => value,
        }
    }

    fn schema_faults(&self, place: &str, schema: &Value, value: &Value) -> Vec<String> {
        let mut names = BTreeSet::new();
        let mut found = vec![schema.clone()];
        let mut schemas = Map::new();
        while let Some(next) = found.pop() {
            let mut references = Vec::new();
            collect_references(&next, &mut references);
            for name in references {
                if names.insert(name.clone()) {
                    let schema = self.openapi["components"]["schemas"][&name].clone();
                    schemas.insert(name, with_null(schema.clone()));
                    found.push(schema);
                }
            }
        }
        let mut root = with_null(schema.clone());
        root["components"] = json!({ "schemas": schemas });
        let validator =
            jsonschema::options().with_draft(jsonschema::Draft::Draft202012).build(&root).unwrap();
        let faults = validator.iter_errors(value);
        faults.map(|fault| format!("{place}: {}: {fault}", fault.instance_path())).collect()
    }
}

fn collect_references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(name) = fields.get("$ref").and_then(Value::as_str) {
                found.extend(name.strip_prefix("#/components/schemas/").map(str::to_owned));
            }
            fields.values().for_each(|value| collect_references(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| collect_references(value, found)),
        _ => {}
    }
}

/// OpenAPI 3.0 says `nullable` where JSON Schema names the type `null`.
fn with_null(schema: Value) -> Value {
    match schema {
        Value::Array(values) => Value::Array(values.into_iter().map(with_null).collect()),
        Value::Object(fields) => {
            let is_nullable = fields.get("nullable") == Some(&Value::Bool(true));
            let fields: Map<String, Value> =
                fields.into_iter().map(|(name, value)| (name, with_null(value))).collect();
            if is_nullable { json!({ "anyOf": [{ "type": "null" }, fields] }) } else { Value::Object(fields) }
        }
        other => other,
    }
}
