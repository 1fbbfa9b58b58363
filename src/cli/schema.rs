//! `bylaws schema`.

use std::io::Write;

use clap::Args;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, schema_for};

use super::error::CommandError;
use super::exit;
use super::policy_helper::HelperFile;
use super::ui::Ui;
use crate::bundle::BundleFile;
use crate::guard::CompiledFile;
use crate::policy::{
    AttestationFile, CasesFile, FrameworkFile, InventoryFile, LayerFile, ManifestFile, WaiverFile,
};
use crate::report::{
    AuditReport, ComparisonReport, EvidenceReport, ExplanationReport, ExportReport, FleetPlanReport,
    FleetReport, HookTestReport, PolicyDiffReport, PolicyReport, ReplayReport, Report, RolloutPreviewReport,
    RolloutStatusReport, SuggestionReport, TrendReport,
};
use crate::rollout::RolloutFile;
use crate::trail::AuditLine;

/// Print the JSON Schema of a file, or list the files that have one
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Name of the schema
    #[arg(value_name = "NAME")]
    name: Option<String>,
}

/// A schema: its name, what it is for, and the schema itself.
pub type NamedSchema = (&'static str, &'static str, fn() -> Schema);

/// The schema of what the program prints: what it leaves out where there is nothing to say is not required.
fn printed<T: JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>()
}

/// All schemas. `schema/NAME.json` holds the same text.
pub const SCHEMAS: &[NamedSchema] = &[
    ("manifest", "`bylaws.json` of a policy repository", || schema_for!(ManifestFile)),
    ("layer", "`layers/*.json` of a policy repository", || schema_for!(LayerFile)),
    ("waiver", "`waivers/*.json` of a policy repository", || schema_for!(WaiverFile)),
    ("inventory", "`inventory.json` of a policy repository", || schema_for!(InventoryFile)),
    ("bundle", "what `bylaws policy bundle` writes", || schema_for!(BundleFile)),
    ("policy-helper", "the configuration of `bylaws policy-helper`", || schema_for!(HelperFile)),
    ("cases", "`cases/*.json` of a policy repository", || schema_for!(CasesFile)),
    ("attestation", "`attestations/*.json` of a policy repository", || schema_for!(AttestationFile)),
    ("framework", "`frameworks/*.json` of a policy repository", || schema_for!(FrameworkFile)),
    ("report", "what `bylaws check --format json` prints", printed::<Report>),
    ("fleet-report", "what `bylaws fleet check --format json` prints", printed::<FleetReport>),
    ("fleet-plan", "what `bylaws fleet plan --format json` prints", printed::<FleetPlanReport>),
    ("fleet-status", "what `bylaws fleet status --format json` prints", printed::<TrendReport>),
    ("rollout", "the file of `bylaws fleet rollout`", || schema_for!(RolloutFile)),
    (
        "rollout-status",
        "what `bylaws fleet rollout status --format json` prints",
        printed::<RolloutStatusReport>,
    ),
    (
        "rollout-preview",
        "what `bylaws fleet rollout preview --format json` prints",
        printed::<RolloutPreviewReport>,
    ),
    ("explanation", "what `bylaws explain --json` prints", printed::<ExplanationReport>),
    ("audit", "what `bylaws audit --format json` prints", printed::<AuditReport>),
    ("comparison", "what `bylaws compare --format json` prints", printed::<ComparisonReport>),
    ("export", "what `bylaws export --format json` prints", printed::<ExportReport>),
    ("evidence", "what `bylaws evidence --format json` prints", printed::<EvidenceReport>),
    ("policy-diff", "what `bylaws policy diff --format json` prints", printed::<PolicyDiffReport>),
    ("guard", "the file that `bylaws hook guard` reads", || schema_for!(CompiledFile)),
    ("audit-line", "a line of the trail of `bylaws hook log`", printed::<AuditLine>),
    ("hook-test", "what `bylaws hook test --json` prints", printed::<HookTestReport>),
    ("replay", "what `bylaws replay --format json` prints", printed::<ReplayReport>),
    ("suggestion", "what `bylaws suggest --format json` prints", printed::<SuggestionReport>),
    ("policy-report", "what `bylaws policy check --format json` prints", printed::<PolicyReport>),
];

pub(super) fn run(ui: &mut Ui, arguments: &Arguments) -> Result<u8, CommandError> {
    let Some(name) = &arguments.name else {
        for (name, what, _) in SCHEMAS {
            writeln!(ui.out, "{name:15} {what}")?;
        }
        return Ok(exit::CLEAN);
    };
    let found = SCHEMAS.iter().find(|(known, _, _)| known == name);
    let (_, _, schema) = found.ok_or_else(|| {
        CommandError::usage(format!("there is no schema `{name}`")).hint("`bylaws schema` lists them")
    })?;
    serde_json::to_writer_pretty(&mut ui.out, &schema()).map_err(std::io::Error::from)?;
    writeln!(ui.out)?;
    Ok(exit::CLEAN)
}
