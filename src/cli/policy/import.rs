//! `bylaws policy import`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Map, Value};

use crate::cli::error::CommandError;
use crate::cli::exit;
use crate::cli::ui::Ui;
use crate::client::keys;
use crate::client::keys::Reach;
use crate::files;
use crate::json::{Document, Layout};
use crate::path::RepoPath;
use crate::rule::{List, Rule};

/// Turn an existing settings or managed settings file into a layer
///
/// Deny and ask rules and plain keys are enforced, allow rules are recommended, and lists of MCP servers
/// become the catalogue. What the client would skip, and what counts in managed settings only, is told and
/// left out.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// A `settings.json`, `managed-settings.json` or `.mcp.json`
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Title of the layer [default: from the name of the file]
    #[arg(long)]
    title: Option<String>,

    /// Write the layer to this file, which must not exist yet, instead of standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn run(ui: &mut Ui, arguments: &Arguments) -> Result<u8, CommandError> {
    let text = files::read_text(&arguments.file)?;
    let document = Document::parse(text);
    if let Some(fault) = document.faults().first() {
        let position = document.source().position(fault.span.start);
        let message =
            format!("`{}:{position}` is not JSON: {}", arguments.file.display(), fault.kind.describe());
        return Err(CommandError::usage(message).hint("the client ignores this file as it is; mend it first"));
    }
    let Some(root) = document.root().filter(|root| root.is_object()) else {
        return Err(CommandError::usage(format!("`{}` holds no JSON object", arguments.file.display())));
    };
    for (at, _) in root.repeated_keys() {
        ui.note(&format!(
            "`{}` stands in the file twice; the last one is taken, as the client does",
            at.dotted()
        ));
    }
    let title = arguments.title.clone().unwrap_or_else(|| {
        let stem = arguments.file.file_stem().unwrap_or_default().to_string_lossy();
        format!("Imported from {stem}")
    });
    let layer = Import { ui, layer: Map::new() }.layer(title, root.to_value());
    let text = Layout::default().render(&layer, Some("")) + "\n";
    match &arguments.output {
        Some(path) => {
            let folder = path.parent().map(super::super::check::folder).unwrap_or(path);
            let root = folder
                .canonicalize()
                .map_err(|source| files::Error::Read { path: folder.to_owned(), source })?;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let name = RepoPath::new(&name).map_err(|error| CommandError::usage(error.to_string()))?;
            if root.join(name.as_str()).exists() {
                return Err(CommandError::usage(format!("`{}` exists already", path.display())));
            }
            files::write(&root, &name, None, Some(&text))?;
            ui.status(&format!("wrote {}", path.display()));
        }
        None => write!(ui.out, "{text}")?,
    }
    Ok(exit::CLEAN)
}

struct Import<'a> {
    ui: &'a mut Ui,
    layer: Map<String, Value>,
}

impl Import<'_> {
    fn layer(mut self, title: String, settings: Value) -> Value {
        self.layer.insert("title".into(), title.into());
        let Value::Object(members) = settings else { return Value::Object(self.layer) };
        for (key, value) in members {
            match key.as_str() {
                "$schema" => {}
                "permissions" => self.permissions(value),
                "mcpServers" => self.put(&["mcp", "provide"], value),
                "allowedMcpServers" => self.put(&["mcp", "allow"], value),
                "deniedMcpServers" => self.put(&["mcp", "deny"], value),
                key => self.setting(key, value),
            }
        }
        Value::Object(self.layer)
    }

    fn setting(&mut self, key: &str, value: Value) {
        match keys::find(&[key]) {
            None if key.starts_with("//") || key.starts_with('_') => {}
            None => self.ui.note(&format!("`{key}` is left out: the client does not know it")),
            Some(known) if known.reach != Reach::Any => {
                self.ui.note(&format!("`{key}` is left out: the client does not heed it in the file of a project; deliver it as a managed setting"));
            }
            Some(_) => self.put(&["enforce", key], value),
        }
    }

    fn permissions(&mut self, value: Value) {
        let Value::Object(members) = value else { return };
        for (key, value) in members {
            let list = List::ALL.into_iter().find(|list| list.key() == key);
            match (list, value) {
                (Some(list), Value::Array(rules)) => {
                    let kept: Vec<Value> = rules.into_iter().filter(|rule| self.keeps(list, rule)).collect();
                    let section = if list == List::Allow { "recommend" } else { "enforce" };
                    if !kept.is_empty() {
                        self.put(&[section, "permissions", list.key()], Value::Array(kept));
                    }
                }
                (_, value) => self.put(&["enforce", "permissions", &key], value),
            }
        }
    }

    fn keeps(&mut self, list: List, rule: &Value) -> bool {
        let Some(text) = rule.as_str() else {
            self.ui.note(&format!("`{rule}` is left out of `{list}`: a rule is a string"));
            return false;
        };
        match Rule::parse(text).problem(list) {
            Some(problem) => {
                self.ui.note(&format!("left out of `{list}`: {problem}"));
                false
            }
            None => true,
        }
    }

    fn put(&mut self, path: &[&str], value: Value) {
        let mut place = &mut self.layer;
        let Some((last, folders)) = path.split_last() else { return };
        for key in folders {
            let entry = place.entry(*key).or_insert_with(|| Value::Object(Map::new()));
            let Value::Object(members) = entry else { return };
            place = members;
        }
        place.insert((*last).to_owned(), value);
    }
}
