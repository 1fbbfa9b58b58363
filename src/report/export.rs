//! What an export comes to, as JSON and as lines for people. The form of the JSON is frozen: fields are added,
//! never changed.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::json::{Origin, Tool, origin, tool};
use super::style::{BOLD, DIM, painted};
use crate::export::{self, Exported, Note, Target};

/// What `bylaws export --format json` prints, version 1.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExportReport {
    /// Always 1.
    version: u32,
    /// The program that wrote the report.
    tool: Tool,
    /// The day for which waivers and dates of layers were decided.
    date: String,
    /// The policy.
    source: String,
    /// Digest of what it asks.
    digest: String,
    /// The target.
    target: String,
    /// Where its files go.
    places: Vec<Place>,
    /// The files.
    files: Vec<File>,
    /// What to know about them.
    notes: Vec<NoteReport>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Place {
    /// The system.
    system: String,
    /// The file, key or page.
    path: String,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct File {
    /// Its name.
    name: String,
    /// How its text is written in bytes: `utf-8`, or `utf-16le` with its mark.
    encoding: String,
    /// Its text.
    text: String,
    /// Whether it is a program.
    is_program: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
struct NoteReport {
    /// `not-enforced`, `differs`, `dated`, `not-read`, `shadowed`, `approval` or `limit`.
    kind: String,
    /// It in one sentence.
    message: String,
    /// The lines of policy that it speaks of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    origins: Vec<Origin>,
}

/// The report on an export.
pub fn export_report(
    date: &str,
    source: &str,
    digest: &str,
    target: &Target,
    exported: &Exported,
) -> ExportReport {
    let places = target.places.iter();
    let places = places.map(|place| Place { system: place.system.into(), path: place.path.into() });
    let notes = exported.notes.iter().map(|note| NoteReport {
        kind: note.kind.name().replace(' ', "-"),
        message: note.message.clone(),
        origins: note.origins.iter().map(origin).collect(),
    });
    ExportReport {
        version: 1,
        tool: tool(),
        date: date.to_owned(),
        source: source.to_owned(),
        digest: digest.to_owned(),
        target: target.name.to_owned(),
        places: places.collect(),
        files: exported.files.iter().map(file).collect(),
        notes: notes.collect(),
    }
}

fn file(file: &export::ExportedFile) -> File {
    let (encoding, text) = match file.bytes.strip_prefix(&[0xff, 0xfe]) {
        Some(rest) => {
            let units: Vec<u16> = rest
                .chunks_exact(2)
                .map(|pair| {
                    u16::from_le_bytes([
                        pair.first().copied().unwrap_or(0),
                        pair.get(1).copied().unwrap_or(0),
                    ])
                })
                .collect();
            ("utf-16le", String::from_utf16_lossy(&units))
        }
        None => ("utf-8", String::from_utf8_lossy(&file.bytes).into_owned()),
    };
    File { name: file.name.to_owned(), encoding: encoding.to_owned(), text, is_program: file.is_program }
}

/// Notes for people: one line each, with the first line of policy that it speaks of.
pub fn write_export_notes(out: &mut dyn Write, notes: &[Note]) -> io::Result<()> {
    let width = notes.iter().map(|note| note.kind.name().len()).max().unwrap_or(0);
    for note in notes {
        let kind = painted(BOLD, format!("{:width$}", note.kind.name()));
        let asked = match note.origins.as_slice() {
            [] => String::new(),
            [one] => format!("  {}", one.place),
            [first, rest @ ..] => format!("  {} and {} more", first.place, rest.len()),
        };
        writeln!(out, "{kind}  {}{}", note.message, painted(DIM, asked))?;
    }
    Ok(())
}

/// The targets, each with the places where it goes.
pub fn write_targets(out: &mut dyn Write) -> io::Result<()> {
    let width = export::ALL.iter().map(|target| target.name.len()).max().unwrap_or(0);
    for target in export::ALL {
        writeln!(out, "{}  {}", painted(BOLD, format!("{:width$}", target.name)), target.summary)?;
        for place in target.places {
            writeln!(out, "{:width$}  {}", "", painted(DIM, format!("{}: {}", place.system, place.path)))?;
        }
    }
    Ok(())
}
