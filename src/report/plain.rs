//! One line a finding, for pipes, `grep` and editors: stable, without colour, nothing left out that
//! tells where and what.

use std::io::{self, Write};

use super::style::tame;
use crate::finding::Finding;

/// Writes a line for each finding. `prefix` stands before paths of the repository: the folder, where
/// several repositories are told of at once.
pub fn write_plain(out: &mut dyn Write, prefix: &str, findings: &[Finding]) -> io::Result<()> {
    for finding in findings {
        write!(out, "{prefix}{}: {} {}: ", finding.place, finding.severity, finding.check)?;
        write!(out, "{}", tame(&finding.message))?;
        if let Some(help) = &finding.help {
            write!(out, "; {}", tame(help))?;
        }
        for origin in &finding.origins {
            write!(out, " [{}]", origin.place)?;
        }
        writeln!(out)?;
    }
    Ok(())
}
