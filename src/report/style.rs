//! Colours, the same everywhere.

use std::borrow::Cow;
use std::fmt::{self, Display};

use anstyle::{AnsiColor, Style};

use crate::finding::Severity;

/// Headings.
pub const BOLD: Style = Style::new().bold();
/// What may be passed over.
pub const DIM: Style = Style::new().dimmed();
/// What goes.
pub(super) const GONE: Style = AnsiColor::Red.on_default();
/// What comes.
pub(super) const NEW: Style = AnsiColor::Green.on_default();
/// The words of a line that change.
pub(super) const STRONG_GONE: Style = AnsiColor::Red.on_default().bold().underline();
/// The words of a line that change.
pub(super) const STRONG_NEW: Style = AnsiColor::Green.on_default().bold().underline();
/// Line numbers of a hunk.
pub(super) const HUNK: Style = AnsiColor::Cyan.on_default();

/// The colour of a weight.
pub fn severity_style(severity: Severity) -> Style {
    match severity {
        Severity::Block => AnsiColor::Red.on_default().bold(),
        Severity::Warn => AnsiColor::Yellow.on_default().bold(),
        Severity::Note => AnsiColor::Blue.on_default().bold(),
    }
}

/// `text` in a style.
pub fn painted<T: Display>(style: Style, text: T) -> impl Display {
    Painted { style, text }
}

struct Painted<T> {
    style: Style,
    text: T,
}

impl<T: Display> Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.style.render())?;
        self.text.fmt(f)?;
        write!(f, "{}", self.style.render_reset())
    }
}

/// Text of a repository as a terminal may show it: control characters, escape sequences among them,
/// become visible.
pub(super) fn tame(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_harmless) {
        return Cow::Borrowed(text);
    }
    let visible = |c: char| if is_harmless(c) { c.to_string() } else { c.escape_default().to_string() };
    text.chars().map(visible).collect()
}

/// Neither a control character nor a mark that reorders what is shown.
fn is_harmless(c: char) -> bool {
    let reorders = matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c == '\t' || !(c.is_control() || reorders)
}
