//! Reading the files of a policy. Everything that is wrong is a finding with its place; all of them
//! are reported at once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use super::file::{
    CasesFile, InvariantEntry, InventoryFile, LayerFile, ManifestFile, SelectorFile, WaiverFile,
};
use super::layer::{Layer, PlacedLayer, PolicyDocument};
use super::{
    Attestation, AttestationFile, Facts, Framework, FrameworkFile, Invariant, MANIFEST, Policy, Waiver,
    builtin, schema,
};
use crate::finding::{FileName, Finding, Place, Severity};
use crate::json::{Document, Pointer};
use crate::path::RepoPath;
use crate::rule::{List, Rule};

/// Check under which the faults of policy files are reported.
pub(super) const INVALID: &str = "invalid-policy";

/// Most layers that may come before one by `extends`.
const MAX_EXTENDS: usize = 64;

/// The texts of a policy by path, wherever they come from.
#[derive(Debug, Clone, Default)]
pub struct PolicyFiles {
    /// How the policy was named.
    pub source: String,
    /// The texts.
    pub files: BTreeMap<RepoPath, String>,
}

/// Reads a policy. No policy where a finding blocks; the findings say what to mend.
pub fn load(files: &PolicyFiles) -> (Option<Policy>, Vec<Finding>) {
    read(files, None)
}

/// Reads of a policy only what can hold where these facts are given, and is good for nothing else: layers of others, cases,
/// frameworks and attestations are not looked at, nor the inventory where no repository is named. For who has to be quick,
/// with a policy that was read whole before.
pub fn load_for(files: &PolicyFiles, facts: &Facts) -> (Option<Policy>, Vec<Finding>) {
    read(files, Some(facts))
}

fn read(files: &PolicyFiles, concerned: Option<&Facts>) -> (Option<Policy>, Vec<Finding>) {
    let mut loader = Loader { files, layers: BTreeMap::new(), findings: Vec::new() };
    let policy = loader.policy(concerned);
    let blocked = loader.findings.iter().any(|finding| finding.severity == Severity::Block);
    Finding::sort(&mut loader.findings);
    (policy.filter(|_| !blocked), loader.findings)
}

struct Loader<'a> {
    files: &'a PolicyFiles,
    layers: BTreeMap<String, Option<Arc<Layer>>>,
    findings: Vec<Finding>,
}

impl Loader<'_> {
    fn policy(&mut self, concerned: Option<&Facts>) -> Option<Policy> {
        let manifest_path = RepoPath::root().join(MANIFEST);
        let Some((file, manifest)) = self.read::<ManifestFile>(&manifest_path) else {
            if !self.files.files.contains_key(&manifest_path) {
                let place = Place::whole(Arc::new(self.name(&manifest_path)));
                self.findings.push(
                    Finding::new(
                        INVALID,
                        Severity::Block,
                        place,
                        "this is no policy: there is no `bylaws.json`",
                    )
                    .help(
                        "name the folder that holds `bylaws.json`, or make a policy with `bylaws policy new`",
                    ),
                );
            }
            self.read_rest();
            return None;
        };
        let is_whole = concerned.is_none();
        let named = concerned.is_none_or(|facts| facts.value("name").is_some());
        let inventory = manifest.inventory.as_deref().filter(|_| named);
        let repositories = self.inventory(inventory, &file);
        let (cases, invariants) = if is_whole { self.cases() } else { Default::default() };
        let mut policy = Policy {
            manifest: file,
            source: self.files.source.clone(),
            organization: manifest.organization,
            layers: Vec::new(),
            waivers: self.waivers(),
            repositories,
            cases,
            invariants,
            templates: self.templates(),
            checks: manifest.checks,
            frameworks: if is_whole { self.frameworks() } else { Vec::new() },
            attestations: if is_whole { self.attestations() } else { Vec::new() },
        };
        let facts = concerned.map(|given| policy.known_facts(given));
        for (index, entry) in manifest.layers.iter().enumerate() {
            if facts.as_ref().is_some_and(|facts| !entry.when.matches(facts)) {
                continue;
            }
            let at = Pointer::of(["layers".to_owned(), index.to_string(), "layer".to_owned()]);
            let mut chain = Vec::new();
            self.add_layer(&entry.layer, &policy.manifest.place(&at), &mut Vec::new(), &mut chain);
            policy.layers.push(PlacedLayer { when: entry.when.clone(), layers: chain });
        }
        self.check_templates(&policy);
        Some(policy)
    }

    /// Every template that a layer names must be there.
    fn check_templates(&mut self, policy: &Policy) {
        for layer in self.layers.values().flatten() {
            for (index, file) in layer.content.files.iter().enumerate() {
                if let Some(name) = file.template.as_deref().filter(|name| policy.template(name).is_none()) {
                    let at = Pointer::of(["files".to_owned(), index.to_string(), "template".to_owned()]);
                    let message = format!("there is no template `{name}`");
                    let finding = Finding::new(INVALID, Severity::Block, layer.place(&at), message);
                    self.findings.push(finding.help("put it into `templates/` of the policy"));
                }
            }
        }
    }

    /// Reports on the files that no manifest leads to, so that all faults are told at once.
    fn read_rest(&mut self) {
        let layers: Vec<RepoPath> = self.below("layers");
        for path in layers {
            self.layer(path.as_str(), &Place::whole(Arc::new(self.name(&path))));
        }
        self.waivers();
        self.cases();
        self.frameworks();
        self.attestations();
    }

    fn name(&self, path: &RepoPath) -> FileName {
        FileName::Policy { source: self.files.source.clone(), path: path.clone() }
    }

    /// The JSON files of a folder.
    fn below(&self, folder: &str) -> Vec<RepoPath> {
        let inside = |path: &&RepoPath| {
            path.as_str()
                .strip_prefix(folder)
                .is_some_and(|rest| rest.starts_with('/') && rest.ends_with(".json"))
        };
        self.files.files.keys().filter(inside).cloned().collect()
    }

    fn read<T: DeserializeOwned + JsonSchema>(&mut self, path: &RepoPath) -> Option<(PolicyDocument, T)> {
        let text = self.files.files.get(path)?;
        let name = self.name(path);
        decode(name, text, &mut self.findings)
    }

    /// Adds the layer `id` and before it those that it extends, each only once.
    fn add_layer(&mut self, id: &str, asked: &Place, open: &mut Vec<String>, chain: &mut Vec<Arc<Layer>>) {
        if chain.iter().any(|layer| layer.id == id) {
            return;
        }
        if open.iter().any(|other| other == id) || open.len() > MAX_EXTENDS {
            let message = format!("layer `{id}` extends itself");
            let finding = Finding::new(INVALID, Severity::Block, asked.clone(), message)
                .help(format!("the way is {}, then {id}", open.join(", then ")));
            self.findings.push(finding);
            return;
        }
        let Some(layer) = self.layer(id, asked) else { return };
        open.push(id.to_owned());
        for (index, extended) in layer.content.extends.iter().enumerate() {
            let at = Pointer::of(["extends".to_owned(), index.to_string()]);
            self.add_layer(extended, &layer.place(&at), open, chain);
        }
        open.pop();
        chain.push(layer);
    }

    fn layer(&mut self, id: &str, asked: &Place) -> Option<Arc<Layer>> {
        if let Some(known) = self.layers.get(id) {
            return known.clone();
        }
        let read = match id.strip_prefix(builtin::PREFIX) {
            Some(name) => self.builtin_layer(name, asked),
            None => self.own_layer(id, asked),
        };
        let layer = read.map(|(file, content)| {
            let title = Arc::from(content.title.as_str());
            let layer = Layer { id: id.to_owned(), content, title, file };
            super::merge::check_layer(&layer, &mut self.findings);
            Arc::new(layer)
        });
        self.layers.insert(id.to_owned(), layer.clone());
        layer
    }

    fn builtin_layer(&mut self, name: &str, asked: &Place) -> Option<(PolicyDocument, LayerFile)> {
        let Some(text) = builtin::find(name).map(|policy| policy.layer) else {
            let message = format!("there is no built-in policy `{name}`");
            let known: Vec<&str> = builtin::ALL.iter().map(|policy| policy.name).collect();
            let help = format!("the built-in policies are {}", known.join(", "));
            self.findings.push(Finding::new(INVALID, Severity::Block, asked.clone(), message).help(help));
            return None;
        };
        let source = format!("{}{name}", builtin::PREFIX);
        let name = FileName::Policy { source, path: RepoPath::root().join("layer.json") };
        decode(name, text, &mut self.findings)
    }

    fn own_layer(&mut self, id: &str, asked: &Place) -> Option<(PolicyDocument, LayerFile)> {
        let path = RepoPath::new(id).ok().filter(|path| self.files.files.contains_key(path));
        let Some(path) = path else {
            let message = format!("there is no layer `{id}` in this policy");
            let help = "name a file of the policy, such as `layers/org.json`, or a built-in layer, such as `builtin:baseline`";
            self.findings.push(Finding::new(INVALID, Severity::Block, asked.clone(), message).help(help));
            return None;
        };
        self.read(&path)
    }

    fn inventory(&mut self, path: Option<&str>, manifest: &PolicyDocument) -> Vec<super::RepositoryEntry> {
        let Some(path) = path else { return Vec::new() };
        let found = RepoPath::new(path).ok().filter(|path| self.files.files.contains_key(path));
        let Some(found) = found else {
            let place = manifest.place(&Pointer::of(["inventory"]));
            let message = format!("there is no inventory `{path}` in this policy");
            self.findings.push(Finding::new(INVALID, Severity::Block, place, message));
            return Vec::new();
        };
        let Some((file, inventory)) = self.read::<InventoryFile>(&found) else { return Vec::new() };
        check_names(&file, &inventory, &mut self.findings);
        inventory.repositories
    }

    fn waivers(&mut self) -> Vec<Waiver> {
        let mut waivers = Vec::new();
        for path in self.below("waivers") {
            if let Some((file, content)) = self.read::<WaiverFile>(&path) {
                waivers.extend(Waiver::new(&path, file, content, &mut self.findings));
            }
        }
        waivers
    }

    fn frameworks(&mut self) -> Vec<Framework> {
        let mut frameworks = Vec::new();
        for path in self.below("frameworks") {
            if let Some((file, content)) = self.read::<FrameworkFile>(&path) {
                frameworks.extend(Framework::new(&path, file, content, &mut self.findings));
            }
        }
        frameworks
    }

    fn attestations(&mut self) -> Vec<Attestation> {
        let mut attestations = Vec::new();
        for path in self.below("attestations") {
            if let Some((file, content)) = self.read::<AttestationFile>(&path) {
                attestations.extend(Attestation::new(&path, file, content, &mut self.findings));
            }
        }
        attestations
    }

    fn cases(&mut self) -> (Vec<super::Case>, Vec<Invariant>) {
        let (mut cases, mut invariants) = (Vec::new(), Vec::new());
        for path in self.below("cases") {
            let Some((document, file)) = self.read::<CasesFile>(&path) else { continue };
            cases.extend(file.cases.into_iter().enumerate().map(|(index, entry)| {
                let at = Pointer::of(["cases".to_owned(), index.to_string()]);
                super::Case { entry, place: document.place(&at) }
            }));
            for (index, entry) in file.invariants.into_iter().enumerate() {
                let at = Pointer::of(["invariants".to_owned(), index.to_string()]);
                self.check_invariant(&entry, &document, &at);
                invariants.push(Invariant { entry, place: document.place(&at) });
            }
        }
        (cases, invariants)
    }

    /// The rules of an invariant must be such that the client takes them.
    fn check_invariant(&mut self, entry: &InvariantEntry, document: &PolicyDocument, at: &Pointer) {
        let calls = entry.calls.iter().map(|text| (text, List::Deny)).enumerate();
        let allow = entry.allow.iter().map(|text| (text, List::Allow)).enumerate();
        for (key, (index, (text, list))) in
            calls.map(|call| ("calls", call)).chain(allow.map(|rule| ("allow", rule)))
        {
            if let Some(problem) = Rule::parse(text).problem(list) {
                let place = document.place(&at.join(key).join(index.to_string()));
                let message = format!("this is no rule: {problem}");
                self.findings.push(Finding::new(INVALID, Severity::Block, place, message));
            }
        }
        if entry.calls.is_empty() {
            let place = document.place(&at.join("calls"));
            self.findings.push(Finding::new(
                INVALID,
                Severity::Block,
                place,
                "the invariant is about no call",
            ));
        }
    }

    fn templates(&self) -> BTreeMap<String, String> {
        let inside = self.files.files.iter().filter_map(|(path, text)| {
            path.as_str().strip_prefix("templates/").map(|name| (name.to_owned(), text.clone()))
        });
        inside.collect()
    }
}

/// Reads an inventory that is no part of a policy, and everything that is wrong with it.
pub fn read_inventory(name: FileName, text: &str) -> (Vec<super::RepositoryEntry>, Vec<Finding>) {
    let mut findings = Vec::new();
    let Some((file, inventory)) = decode::<InventoryFile>(name, text, &mut findings) else {
        return (Vec::new(), findings);
    };
    check_names(&file, &inventory, &mut findings);
    (inventory.repositories, findings)
}

fn check_names(file: &PolicyDocument, inventory: &InventoryFile, findings: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for (index, repository) in inventory.repositories.iter().enumerate() {
        if !seen.insert(repository.name.as_str()) {
            let at = Pointer::of(["repositories".to_owned(), index.to_string(), "name".to_owned()]);
            let message = format!("repository `{}` stands in the inventory twice", repository.name);
            findings.push(Finding::new(INVALID, Severity::Block, file.place(&at), message));
        }
    }
}

/// Reads one file as `T`, or reports everything that keeps it from being one.
pub(super) fn decode<T: DeserializeOwned + JsonSchema>(
    name: FileName,
    text: &str,
    findings: &mut Vec<Finding>,
) -> Option<(PolicyDocument, T)> {
    let name = Arc::new(name);
    let file = PolicyDocument { name: Arc::clone(&name), document: Document::parse(text) };
    let mut faults: Vec<(Place, String)> = Vec::new();
    for fault in file.document.faults() {
        let place = Place::new(Arc::clone(&name), file.document.source(), fault.span);
        faults.push((place, format!("this is not JSON: {}", fault.kind.describe())));
    }
    let content = match file.document.root() {
        None => {
            faults.push((Place::whole(Arc::clone(&name)), "the file is empty".to_owned()));
            None
        }
        Some(root) => {
            for (at, member) in root.repeated_keys() {
                let place = Place::new(Arc::clone(&name), file.document.source(), member.key_span);
                faults.push((place, format!("key `{}` stands here twice", at.last().unwrap_or_default())));
            }
            let value = root.to_value();
            match T::deserialize(&value) {
                Ok(content) => Some(content),
                Err(error) => {
                    faults.extend(shape_faults::<T>(&file, &value, &error));
                    None
                }
            }
        }
    };
    let content = content.filter(|_| faults.is_empty());
    let report = |(place, message)| Finding::new(INVALID, Severity::Block, place, message);
    findings.extend(faults.into_iter().map(report));
    content.map(|content| (file, content))
}

/// Why a value is no `T`: the schema tells all faults with their places, the decoder only the first.
fn shape_faults<T: JsonSchema>(
    file: &PolicyDocument,
    value: &serde_json::Value,
    error: &serde_json::Error,
) -> Vec<(Place, String)> {
    let schema = schemars::schema_for!(T).to_value();
    let violations = schema::violations(&schema, value).unwrap_or_default();
    if violations.is_empty() {
        return vec![(file.place(&Pointer::root()), error.to_string())];
    }
    let told = violations.into_iter();
    told.map(|violation| {
        let place = file.place(&violation.at);
        (place, format!("`{}` {}", violation.at.dotted(), violation.message))
    })
    .collect()
}

impl PolicyFiles {
    /// Whether a file of this path can belong to a policy: JSON, and whatever lies in `templates/`.
    pub fn is_part(path: &RepoPath) -> bool {
        path.as_str().ends_with(".json") || path.as_str().starts_with("templates/")
    }

    /// A built-in policy as if it were a repository with that one layer.
    pub fn builtin(name: &str) -> Option<Self> {
        let policy = builtin::find(name)?;
        let source = format!("{}{name}", builtin::PREFIX);
        let manifest = ManifestFile {
            schema: None,
            organization: source.clone(),
            layers: vec![super::LayerEntry { layer: source.clone(), when: SelectorFile::default() }],
            inventory: None,
            checks: BTreeMap::new(),
        };
        let manifest = serde_json::to_string(&manifest).unwrap_or_default();
        let texts = [(MANIFEST, manifest.as_str()), ("cases/cases.json", policy.cases)];
        let files = texts.map(|(path, text)| (RepoPath::root().join(path), text.to_owned()));
        Some(Self { source, files: files.into() })
    }
}
