//! Blocks of text between two marker lines, in files of any kind that has comments.
//!
//! Everything outside the markers belongs to the file's owner and is never touched. [`set`], [`with_line`]
//! and `json::apply` are the only functions of the crate that change the text of a project's file.

use crate::text::Span;

/// What stands in a file for one block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// No marker of that name.
    Missing,
    /// The lines between the markers, without the marker lines.
    Present {
        /// From behind the line of the opening marker up to the line of the closing one.
        inner: Span,
        /// From the opening marker to behind the closing one's line.
        outer: Span,
    },
    /// A marker without its partner, or markers twice: nobody can say what belongs to the block.
    Broken {
        /// The odd marker.
        span: Span,
    },
}

/// The opening and closing signs of a comment that takes one line.
fn comment_signs(path: &str) -> (&'static str, &'static str) {
    let name = path.rsplit('/').next().unwrap_or(path);
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    match ending.as_deref() {
        Some("md" | "mdx" | "markdown" | "html" | "htm" | "xml" | "svg") => ("<!-- ", " -->"),
        Some(
            "js" | "mjs" | "cjs" | "ts" | "tsx" | "jsx" | "rs" | "go" | "java" | "kt" | "c" | "h" | "cpp"
            | "cs" | "swift" | "jsonc" | "json5",
        ) => ("// ", ""),
        Some("sql" | "lua" | "hs") => ("-- ", ""),
        Some("ini" | "el" | "clj") => ("; ", ""),
        Some("css" | "scss") => ("/* ", " */"),
        _ => ("# ", ""),
    }
}

/// The marker lines of a block in a file of this name.
pub fn markers(path: &str, name: &str) -> [String; 2] {
    let (open, close) = comment_signs(path);
    ["begin", "end"].map(|word| format!("{open}{word} bylaws {name}{close}"))
}

/// Looks for a block.
pub fn find(text: &str, path: &str, name: &str) -> Block {
    let [begin, end] = markers(path, name);
    let mut opened: Option<Span> = None;
    let mut found = Block::Missing;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let span = Span::new(at, at + line.len());
        at = span.end;
        let line = line.trim();
        if line == begin {
            if opened.is_some() || found != Block::Missing {
                return Block::Broken { span };
            }
            opened = Some(span);
        } else if line == end {
            match opened.take() {
                Some(open) => {
                    found = Block::Present {
                        inner: Span::new(open.end, span.start),
                        outer: Span::new(open.start, span.end),
                    };
                }
                None => return Block::Broken { span },
            }
        }
    }
    match opened {
        Some(span) => Block::Broken { span },
        None => found,
    }
}

/// Whether the lines of a block say the same as `wanted`, line ends and a last line end apart.
pub fn says(inner: &str, wanted: &str) -> bool {
    let lines = |text: &str| text.trim_end().lines().map(str::to_owned).collect::<Vec<_>>();
    lines(inner) == lines(wanted)
}

/// `text` with one more line at its end, in the manner of its other lines.
pub fn with_line(text: &str, line: &str) -> String {
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let gap = if text.is_empty() || text.ends_with('\n') { "" } else { newline };
    format!("{text}{gap}{line}{newline}")
}

/// `text` with the block saying `wanted`: replaced where it is, added at the end where it is missing,
/// taken away where `wanted` is none. A broken block is left as it is.
pub fn set(text: &str, path: &str, name: &str, wanted: Option<&str>) -> String {
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let [begin, end] = markers(path, name);
    let whole = wanted.map(|wanted| {
        let lines = std::iter::once(begin.as_str()).chain(wanted.trim_end().lines()).chain([end.as_str()]);
        lines.map(|line| format!("{line}{newline}")).collect::<String>()
    });
    match (find(text, path, name), whole) {
        (Block::Broken { .. }, _) | (Block::Missing, None) => text.to_owned(),
        (Block::Missing, Some(whole)) => {
            let gap = match text {
                "" => "",
                text if text.ends_with(&format!("{newline}{newline}")) => "",
                text if text.ends_with('\n') => newline,
                _ => return format!("{text}{newline}{newline}{whole}"),
            };
            format!("{text}{gap}{whole}")
        }
        (Block::Present { outer, .. }, whole) => {
            let before = text.get(..outer.start).unwrap_or_default();
            let after = text.get(outer.end..).unwrap_or_default();
            match whole {
                Some(whole) => format!("{before}{whole}{after}"),
                // One blank line goes with the block: the one that was put before it, or else the one
                // behind it.
                None => {
                    let ends = after.is_empty() || after.starts_with(newline);
                    if ends && before.ends_with(&format!("{newline}{newline}")) {
                        return format!("{}{after}", before.strip_suffix(newline).unwrap_or(before));
                    }
                    let after =
                        if before.is_empty() { after.strip_prefix(newline) } else { None }.unwrap_or(after);
                    format!("{before}{after}")
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_added_in_the_manner_of_the_others() {
        assert_eq!(with_line("", "x"), "x\n");
        assert_eq!(with_line("a\n", "x"), "a\nx\n");
        assert_eq!(with_line("a", "x"), "a\nx\n");
        assert_eq!(with_line("a\r\nb", "x"), "a\r\nb\r\nx\r\n");
    }

    #[test]
    fn a_block_is_added_replaced_and_taken_away() {
        let before = "# Notes\n";
        let added = set(before, "CLAUDE.md", "org", Some("Be kind.\n"));
        assert_eq!(added, "# Notes\n\n<!-- begin bylaws org -->\nBe kind.\n<!-- end bylaws org -->\n");
        let replaced = set(&format!("{added}\nMore.\n"), "CLAUDE.md", "org", Some("Be brief."));
        assert_eq!(
            replaced,
            "# Notes\n\n<!-- begin bylaws org -->\nBe brief.\n<!-- end bylaws org -->\n\nMore.\n"
        );
        assert_eq!(set(&added, "CLAUDE.md", "org", None), before);
        assert_eq!(set(&format!("{added}\nMore.\n"), "CLAUDE.md", "org", None), "# Notes\n\nMore.\n");
        let first = "# begin bylaws x\na\n# end bylaws x\n\nb\n";
        assert_eq!(set(first, ".gitignore", "x", None), "b\n");
        assert_eq!(set("", ".gitignore", "x", Some("a")), "# begin bylaws x\na\n# end bylaws x\n");
    }

    #[test]
    fn line_ends_of_the_file_are_kept() {
        let text = set("a\r\n", "x.md", "n", Some("b\nc"));
        assert_eq!(text, "a\r\n\r\n<!-- begin bylaws n -->\r\nb\r\nc\r\n<!-- end bylaws n -->\r\n");
        let Block::Present { inner, .. } = find(&text, "x.md", "n") else { panic!() };
        assert!(says(text.get(inner.start..inner.end).unwrap(), "b\nc\n"));
    }

    #[test]
    fn markers_without_partner_are_broken_and_left_alone() {
        let [begin, end] = markers("a.sh", "n");
        for text in [
            begin.clone(),
            end.clone(),
            format!("{begin}\n{begin}\n{end}\n"),
            format!("{begin}\n{end}\n{begin}\n{end}\n"),
        ] {
            assert!(matches!(find(&text, "a.sh", "n"), Block::Broken { .. }), "{text}");
            assert_eq!(set(&text, "a.sh", "n", Some("x")), text);
        }
    }
}
