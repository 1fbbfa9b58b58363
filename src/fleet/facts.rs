//! Facts about repositories from a file: a table or JSON.

use std::collections::BTreeMap;
use std::path::Path;

use super::Error;
use crate::files;
use crate::policy::{InventoryFile, OneOrMany};

/// Between the values of one cell.
const SEPARATOR: char = ';';

/// Facts of repositories by name.
pub type FactsByName = BTreeMap<String, BTreeMap<String, OneOrMany>>;

/// Reads facts by the name of the repository: from a CSV file, whose head names the facts and has a column `name`, or
/// from JSON: an inventory, or an object of objects. In a cell, `;` stands between several values.
pub fn read_facts(path: &Path) -> Result<FactsByName, Error> {
    let text = files::read_text(path)?;
    if path.extension().is_some_and(|end| end == "json") { of_json(path, &text) } else { of_csv(path, &text) }
}

fn of_json(path: &Path, text: &str) -> Result<FactsByName, Error> {
    let fault = |error: serde_json::Error| Error::Content {
        path: path.to_owned(),
        line: error.line(),
        message: format!("these are no facts by the name of the repository: {error}"),
    };
    match serde_json::from_str::<InventoryFile>(text) {
        Ok(inventory) => {
            Ok(inventory.repositories.into_iter().map(|entry| (entry.name, entry.facts)).collect())
        }
        Err(_) => serde_json::from_str(text).map_err(fault),
    }
}

fn of_csv(path: &Path, text: &str) -> Result<FactsByName, Error> {
    let fault = |line: usize, message: String| Error::Content { path: path.to_owned(), line, message };
    let broken = |error: csv::Error| {
        let line = error.position().map_or(1, |position| position.line() as usize);
        fault(line, error.to_string())
    };
    let mut table = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let head = table.headers().map_err(broken)?.clone();
    let Some(name_at) = head.iter().position(|cell| cell == "name") else {
        return Err(fault(1, "the head has no column `name`".to_owned()));
    };
    let mut facts = FactsByName::new();
    for row in table.records() {
        let row = row.map_err(broken)?;
        let name = row.get(name_at).unwrap_or_default().to_owned();
        let line = row.position().map_or(1, |position| position.line() as usize);
        let cells = head.iter().zip(&row).filter(|(fact, cell)| *fact != "name" && !cell.is_empty());
        let cells = cells.map(|(fact, cell)| (fact.to_owned(), values(cell))).collect();
        if facts.insert(name.clone(), cells).is_some() {
            return Err(fault(line, format!("`{name}` has a line above")));
        }
    }
    Ok(facts)
}

fn values(cell: &str) -> OneOrMany {
    let mut values: Vec<String> = cell
        .split(SEPARATOR)
        .map(|value| value.trim().to_owned())
        .filter(|value| !value.is_empty())
        .collect();
    match values.len() {
        1 => OneOrMany::One(values.remove(0)),
        _ => OneOrMany::Many(values),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, text: &str) -> Result<String, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let told = |error: Error| error.to_string().replace(&format!("{}", path.display()), name);
        read_facts(&path).map(|facts| serde_json::to_string(&facts).unwrap()).map_err(told)
    }

    #[test]
    fn tables_and_objects_say_the_same() {
        let wanted = r#"{"acme/api":{"team":"core","topics":["pci","go"]},"acme/web":{"team":"front"}}"#;
        let table = "name,team,topics\nacme/api, core ,pci; go\nacme/web,front,\n";
        assert_eq!(read("facts.csv", table).as_deref(), Ok(wanted));
        assert_eq!(read("facts.json", wanted).as_deref(), Ok(wanted));
        let inventory = r#"{"repositories": [{"name": "acme/api", "team": "core", "topics": ["pci", "go"]},
            {"name": "acme/web", "team": "front"}]}"#;
        assert_eq!(read("inventory.json", inventory).as_deref(), Ok(wanted));
    }

    #[test]
    fn what_is_wrong_has_its_line() {
        for (name, text, wanted) in [
            ("a.csv", "team\ncore\n", "a.csv:1: the head has no column `name`"),
            ("a.csv", "name,team\na,x\na,y\n", "a.csv:3: `a` has a line above"),
            ("a.csv", "name,team\na\n", "a.csv:2: "),
            ("a.json", "{\n\"a\": 1}", "a.json:2: these are no facts"),
        ] {
            let error = read(name, text).unwrap_err();
            assert!(error.starts_with(wanted), "{error}");
        }
    }
}
