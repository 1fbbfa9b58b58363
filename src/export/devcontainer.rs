//! A feature for development containers that puts the file of managed settings into the image.

use serde_json::json;

use super::ExportedFile;
use super::compiled::Compiled;
use super::plist::slug;
use super::target::pretty;

/// What the container runs as root when it is built. Features bring their files along, beside the script.
const INSTALL: &str = "#!/bin/sh\n\
    # Puts the managed settings of Claude Code into the image.\n\
    set -eu\n\
    here=$(CDPATH='' cd -- \"$(dirname -- \"$0\")\" && pwd)\n\
    mkdir -p /etc/claude-code\n\
    cp \"$here/managed-settings.json\" /etc/claude-code/managed-settings.json\n\
    chown 0:0 /etc/claude-code /etc/claude-code/managed-settings.json\n\
    chmod 755 /etc/claude-code\n\
    chmod 644 /etc/claude-code/managed-settings.json\n";

/// The files of the feature.
pub(super) fn feature(compiled: &Compiled) -> Vec<ExportedFile> {
    let organization = &compiled.organization;
    let feature = json!({
        "id": format!("{}-claude-code-policy", slug(organization)),
        "version": "1.0.0",
        "name": format!("Claude Code policy of {organization}"),
        "description": "What Claude Code may do, as managed settings",
    });
    vec![
        ExportedFile::text("devcontainer-feature.json", pretty(&feature)),
        ExportedFile { name: "install.sh", bytes: INSTALL.as_bytes().to_vec(), is_program: true },
        ExportedFile::text("managed-settings.json", pretty(&compiled.value())),
    ]
}
