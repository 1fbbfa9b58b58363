//! What becomes of reading a file under the settings of a project, wherever it is checked out.
//!
//! The deny rules that policy asks for count as there: where one is missing, that is told already. Settings of
//! this machine do not count.

use serde_json::{Map, Value};

use super::Context;
use crate::access::{Access, Call, File, MapWorld, Place, Setup, Silent, Verdict};
use crate::rule::{List, Rule};

/// Where the project is taken to stand, and the home folder.
const PROJECT: &str = "/project";
const HOME: &str = "/home";

/// The settings of a project, made ready.
pub(super) struct Reading {
    access: Access,
    place: Place,
    world: MapWorld,
}

impl Reading {
    /// With the settings of the project, and with one more deny rule.
    pub(super) fn new(context: &Context<'_>, rule: Option<&str>) -> Self {
        let place = Place { project: PROJECT.into(), home: HOME.into(), config: format!("{HOME}/.claude") };
        let mut setup = Setup::new(place.clone());
        for file in context.project.settings_files() {
            let below = file.file.path.below(&context.project.path).unwrap_or_default();
            setup.files.push(File {
                settings: file.settings.clone(),
                path: format!("{PROJECT}/{below}"),
                folder: PROJECT.to_owned(),
            });
        }
        let demanded = context.baseline.rules.iter().filter(|demand| demand.what.list == List::Deny);
        let rules = demanded.map(|demand| demand.what.rule.text()).chain(rule);
        setup.disallowed = rules.filter(|text| speaks_of_reading(text)).map(str::to_owned).collect();
        let world = MapWorld::default();
        Self { access: Access::new(&setup, &world), place, world }
    }

    /// What becomes of reading a file, given from the folder of the project, from `~` or from the root.
    pub(super) fn of(&self, path: &str) -> Verdict {
        let path = Value::from(self.place.absolute(path).into_owned());
        let call = Call { tool: "Read".into(), input: Map::from_iter([("file_path".to_owned(), path)]) };
        self.access.decide(&call, &self.world, &mut Silent).verdict
    }
}

fn speaks_of_reading(text: &str) -> bool {
    let rule = Rule::parse(text);
    rule.tool() == "Read" || rule.tool().contains('*')
}
