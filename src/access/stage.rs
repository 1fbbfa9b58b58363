//! A made-up place for settings that stand nowhere: those of a policy's cases, and the two sides of a comparison.

use super::{Call, Entry, File, MapWorld, Place, Setup, Verdict};
use crate::finding::{Said, Witness};
use crate::secret;
use crate::settings::{Scope, Settings};

const HOME: &str = "/home/user";
const PROJECT: &str = "/home/user/project";
const CONFIG: &str = "/home/user/.claude";
const MANAGED: &str = "/etc/claude-code";

impl Place {
    /// A project in the home folder of somebody.
    pub fn made_up() -> Self {
        Self { project: PROJECT.to_owned(), home: HOME.to_owned(), config: CONFIG.to_owned() }
    }
}

impl Setup {
    /// These files in the made-up place, each where a file of its scope stands.
    pub fn made_up(files: impl IntoIterator<Item = Settings>) -> Self {
        Self::placed(Place::made_up(), files)
    }

    /// These files in a place, each where a file of its scope stands.
    pub fn placed(place: Place, files: impl IntoIterator<Item = Settings>) -> Self {
        let file = |settings| File { settings, path: String::new(), folder: String::new() };
        let mut setup = Self { files: files.into_iter().map(file).collect(), ..Self::new(Place::made_up()) };
        setup.move_to(place);
        setup
    }

    /// Moves the files to a place, each where a file of its scope stands.
    pub fn move_to(&mut self, place: Place) {
        let Place { project, config, .. } = &place;
        for file in &mut self.files {
            let (path, folder) = match file.settings.scope() {
                Scope::Managed => (format!("{MANAGED}/managed-settings.json"), project),
                Scope::User => (format!("{config}/settings.json"), config),
                Scope::Project => (format!("{project}/.claude/settings.json"), project),
                Scope::Local => (format!("{project}/.claude/settings.local.json"), project),
                Scope::Flag => (format!("{project}/settings.json"), project),
            };
            (file.path, file.folder) = (path, folder.clone());
        }
        self.place = place;
    }
}

impl MapWorld {
    /// Nothing but the folders of a place.
    pub fn bare(place: &Place) -> Self {
        let mut world = Self::default();
        world.add(&place.project, Entry::Folder);
        world.add(&place.config, Entry::Folder);
        world
    }
}

impl Call {
    /// A call in the made-up place, short and as people read it: paths told from the project or the home folder,
    /// and no credential in full.
    pub fn shown(&self) -> String {
        self.shown_in(&Place::made_up())
    }

    /// The same for a call in another place.
    pub fn shown_in(&self, place: &Place) -> String {
        let short = self.short();
        let short = short.replace(&format!("{}/", place.project), "").replace(&place.project, ".");
        secret::mask(&short.replace(&format!("{}/", place.home), "~/")).into_owned()
    }

    /// This call as it shows what stands somewhere beside what policy says.
    pub fn as_witness(&self, now: impl Into<Said>, policy: impl Into<Said>) -> Witness {
        Witness { tool: self.tool.clone(), call: self.shown(), now: now.into(), policy: policy.into() }
    }
}

impl From<Verdict> for Said {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Allow => Self::Allow,
            Verdict::Ask => Self::Ask,
            Verdict::Deny => Self::Deny,
            Verdict::Undecided => Self::Undecided,
        }
    }
}
