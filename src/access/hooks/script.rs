//! Shell commands whose output stands in their text: `echo '…'`, `printf`, `cat <<'END'`, `exit 2`.
//!
//! INVARIANT: nothing is expanded; a text with any expansion, pipe or other program is not read at all.

/// What a script prints and how it ends.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Outcome {
    pub(super) output: String,
    pub(super) code: u8,
}

/// Runs a script on paper; none where its output cannot be told from its text.
pub(super) fn run(text: &str) -> Option<Outcome> {
    let mut outcome = Outcome::default();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (command, behind) = command(rest)?;
        rest = behind.text;
        let [name, arguments @ ..] = &*command.words else {
            if command.output.is_none() && command.input.is_none() {
                continue;
            }
            return None;
        };
        let mut output = String::new();
        let mut code = 0;
        match &**name {
            "true" | ":" => {}
            "false" => code = 1,
            "exit" => {
                outcome.code = match arguments {
                    [] => outcome.code,
                    [number] => number.parse().ok()?,
                    _ => return None,
                };
                return Some(outcome);
            }
            "echo" => output = echo(arguments)?,
            "printf" => output = printf(arguments)?,
            "cat" if arguments.is_empty() => output = command.input.clone()?,
            _ => return None,
        }
        outcome.code = code;
        match command.output {
            None => outcome.output.push_str(&output),
            Some(Sink::Error | Sink::Nothing) => {}
        }
        match behind.join {
            Join::Next => {}
            Join::And if code == 0 => {}
            Join::Or if code != 0 => {}
            // What would be skipped is not worth reading.
            Join::And | Join::Or => return None,
        }
    }
    Some(outcome)
}

#[derive(Debug, Default)]
struct Command {
    words: Vec<String>,
    output: Option<Sink>,
    input: Option<String>,
}

#[derive(Debug, Clone, Copy)]
enum Sink {
    Error,
    Nothing,
}

enum Join {
    Next,
    And,
    Or,
}

struct Behind<'a> {
    text: &'a str,
    join: Join,
}

/// The first command of a text and what follows it.
fn command(text: &str) -> Option<(Command, Behind<'_>)> {
    let mut found = Command::default();
    let mut rest = text;
    let mut here: Option<String> = None;
    loop {
        rest = rest.trim_start_matches([' ', '\t']);
        let Some(first) = rest.chars().next() else { break };
        let (join, behind) = match first {
            '\n' => (Some(Join::Next), rest.get(1..)?),
            ';' => (Some(Join::Next), rest.get(1..)?),
            '&' => (Some(Join::And), rest.strip_prefix("&&")?),
            '|' => (Some(Join::Or), rest.strip_prefix("||")?),
            '#' => return None,
            _ => (None, rest),
        };
        if let Some(join) = join {
            rest = behind;
            if let Some(end) = here.take() {
                if first != '\n' {
                    return None;
                }
                let (document, behind) = here_document(rest, &end)?;
                found.input = Some(document);
                rest = behind;
            }
            return (!found.words.is_empty() || first == '\n')
                .then_some((found, Behind { text: rest.trim(), join }));
        }
        if let Some((sink, behind)) = redirection(rest) {
            found.output = Some(sink);
            rest = behind;
            continue;
        }
        if let Some(behind) = rest.strip_prefix("2>/dev/null") {
            rest = behind;
            continue;
        }
        if let Some(behind) = rest.strip_prefix("<<") {
            let behind = behind.trim_start_matches([' ', '\t']);
            let quoted = behind.starts_with(['\'', '"']);
            let (end, behind) = word(behind)?;
            if !quoted || here.is_some() {
                return None;
            }
            here = Some(end);
            rest = behind;
            continue;
        }
        let (word, behind) = word(rest)?;
        found.words.push(word);
        rest = behind;
    }
    here.is_none().then_some((found, Behind { text: "", join: Join::Next }))
}

fn redirection(text: &str) -> Option<(Sink, &str)> {
    for (form, sink) in [
        (">&2", Sink::Error),
        ("1>&2", Sink::Error),
        (">/dev/null", Sink::Nothing),
        ("> /dev/null", Sink::Nothing),
    ] {
        if let Some(behind) = text.strip_prefix(form)
            && !behind.starts_with(|c: char| c.is_alphanumeric() || "/._-".contains(c))
        {
            return Some((sink, behind));
        }
    }
    None
}

fn here_document<'a>(text: &'a str, end: &str) -> Option<(String, &'a str)> {
    let mut document = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (line, behind) = rest.split_once('\n').unwrap_or((rest, ""));
        rest = behind;
        if line == end {
            return Some((document, rest));
        }
        document.push_str(line);
        document.push('\n');
    }
    None
}

/// One word without expansions.
fn word(text: &str) -> Option<(String, &str)> {
    let mut found = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            ' ' | '\t' | '\n' | ';' | '&' | '|' => return Some((found, text.get(at..)?)),
            '\'' => {
                let inside = text.get(at + 1..)?;
                let (quoted, behind) = inside.split_once('\'')?;
                found.push_str(quoted);
                let (more, behind) =
                    word(behind).or_else(|| behind.is_empty().then(|| (String::new(), "")))?;
                found.push_str(&more);
                return Some((found, behind));
            }
            '"' => loop {
                match chars.next()?.1 {
                    '"' => break,
                    '\\' => match chars.next()?.1 {
                        c @ ('"' | '\\' | '$' | '`') => found.push(c),
                        '\n' => {}
                        c => {
                            found.push('\\');
                            found.push(c);
                        }
                    },
                    '$' | '`' | '!' => return None,
                    c => found.push(c),
                }
            },
            '\\' => match chars.next()?.1 {
                '\n' => {}
                c => found.push(c),
            },
            '$' | '`' | '<' | '>' | '(' | ')' | '{' | '}' | '*' | '?' | '[' | ']' | '~' | '!' | '#' | '=' => {
                return None;
            }
            c => found.push(c),
        }
    }
    Some((found, ""))
}

fn echo(words: &[String]) -> Option<String> {
    // The flags and escapes of `echo` differ between shells.
    if words.first().is_some_and(|word| word.starts_with('-')) || words.iter().any(|word| word.contains('\\'))
    {
        return None;
    }
    Some(format!("{}\n", words.join(" ")))
}

fn printf(words: &[String]) -> Option<String> {
    match words {
        [format] if !format.contains(['%', '\\']) && !format.starts_with('-') => Some(format.clone()),
        [format, text] if format == "%s" => Some(text.clone()),
        [format, text] if format == "%s\\n" => Some(format!("{text}\n")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_there_is_printed() {
        let ran = |text: &str| run(text).map(|outcome| (outcome.output, outcome.code));
        let printed = |text: &str, code| Some((text.to_owned(), code));
        assert_eq!(ran("echo '{\"a\": 1}'"), printed("{\"a\": 1}\n", 0));
        assert_eq!(ran("echo \"{\\\"a\\\":1}\""), printed("{\"a\":1}\n", 0));
        assert_eq!(ran("echo no >&2; exit 2"), printed("", 2));
        assert_eq!(ran("echo a && exit 1"), printed("a\n", 1));
        assert_eq!(ran("cat <<'END'\n{x}\nEND\nexit 3"), printed("{x}\n", 3));
        assert_eq!(ran("printf '%s' '{}'"), printed("{}", 0));
        assert_eq!(ran("true"), printed("", 0));
        for text in [
            "echo $X",
            "jq .",
            "echo a | cat",
            "echo `x`",
            "cat",
            "echo 'a",
            "cat <<END\nx\nEND",
            "echo a > f",
            "false && exit 2",
            "echo -n a",
        ] {
            assert_eq!(ran(text), None, "{text}");
        }
    }
}
