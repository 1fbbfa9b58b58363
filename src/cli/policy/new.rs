//! `bylaws policy new`.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use crate::cli::error::CommandError;
use crate::cli::exit;
use crate::cli::schema::SCHEMAS;
use crate::cli::ui::Ui;
use crate::files;
use crate::path::RepoPath;

/// Make a policy repository: layers, a waiver to copy, inventory, cases and a CI workflow
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// Folder to make it in; it must be empty, but for `.git`
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,

    /// Name of the organisation [default: the name of the folder]
    #[arg(long, value_name = "NAME")]
    organization: Option<String>,
}

/// The files of a new policy repository: path and text, with `{{organization}}` for its name and
/// `{{version}}` for that of the program.
const FILES: &[(&str, &str)] = &[
    ("bylaws.json", include_str!("../../../templates/policy/bylaws.json")),
    ("layers/org.json", include_str!("../../../templates/policy/layers/org.json")),
    ("layers/production.json", include_str!("../../../templates/policy/layers/production.json")),
    ("cases/org.json", include_str!("../../../templates/policy/cases/org.json")),
    ("inventory.json", include_str!("../../../templates/policy/inventory.json")),
    ("templates/claude-md.md", include_str!("../../../templates/claude-md.md")),
    ("README.md", include_str!("../../../templates/policy/README.md")),
    (".github/workflows/policy.yml", include_str!("../../../templates/policy/workflow.yml")),
];

pub(super) fn run(ui: &mut Ui, arguments: &Arguments) -> Result<u8, CommandError> {
    let folder = &arguments.folder;
    let failed = |source| files::Error::Write { path: folder.clone(), source };
    fs::create_dir_all(folder).map_err(failed)?;
    let root = folder.canonicalize().map_err(failed)?;
    let entries = fs::read_dir(&root).map_err(failed)?;
    let taken = entries.flatten().map(|entry| entry.file_name()).find(|name| name != ".git");
    if let Some(name) = taken {
        let message = format!("`{}` is not empty: there is `{}`", folder.display(), name.to_string_lossy());
        return Err(CommandError::usage(message).hint("name a new folder; nothing was written"));
    }
    let organization = match &arguments.organization {
        Some(name) => name.clone(),
        None => root.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
    };
    let quoted = serde_json::Value::from(organization.as_str()).to_string();
    let plain = quoted.trim_matches('"');
    for (path, text) in FILES {
        // Templates of projects keep their holes: those are filled for each repository.
        let is_template = path.starts_with("templates/");
        let text = if is_template {
            (*text).to_owned()
        } else {
            text.replace("{{organization}}", plain).replace("{{version}}", env!("CARGO_PKG_VERSION"))
        };
        let path = RepoPath::root().join(path);
        files::write(&root, &path, None, Some(&text))?;
        writeln!(ui.out, "wrote {}", folder.join(path.as_str()).display())?;
    }
    for (name, _, schema) in SCHEMAS.iter().filter(|(_, what, _)| !what.starts_with("what `bylaws ")) {
        let path = RepoPath::root().join("schema").join(&format!("{name}.json"));
        let text = serde_json::to_string_pretty(&schema()).unwrap_or_default() + "\n";
        files::write(&root, &path, None, Some(&text))?;
    }
    writeln!(ui.out, "wrote {}", folder.join("schema").display())?;
    ui.status(&format!(
        "a policy for {organization}; next: `bylaws policy check {0}`, then `bylaws apply --policy {0}` in a repository",
        folder.display()
    ));
    Ok(exit::CLEAN)
}
