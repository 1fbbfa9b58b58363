//! Commands as one would write them plainly, for rules that are held against their text.

use super::command::Argument;
use super::words::{self, Glyph};

/// Most letters of options that are written in every order.
const MOST_LETTERS: usize = 4;

/// The command as one would write it plainly.
pub(super) fn line(name: &str, rest: &[Argument]) -> String {
    let mut line = plainly(name);
    for argument in rest {
        line.push(' ');
        match argument.words.as_slice() {
            [word] => {
                let text: String = word
                    .iter()
                    .map(|glyph| match glyph {
                        Glyph::Plain(c) | Glyph::Quoted(c) => *c,
                        Glyph::Unknown => '_',
                    })
                    .collect();
                line.push_str(&plainly(&text));
            }
            _ => line.push('_'),
        }
    }
    line
}

fn plainly(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "%+,-./:=@_*?[]{}~^…".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// The ways to write a command: as it is, and with the letters of its first options together in every order.
pub(super) fn variants(name: &str, rest: &[Argument], written: &str) -> Vec<String> {
    let mut found = vec![written.to_owned()];
    let is_group = |argument: &&Argument| {
        let text = argument.text();
        text.len() > 1 && text.starts_with('-') && text.bytes().skip(1).all(|b| b.is_ascii_alphabetic())
    };
    let groups = rest.iter().take_while(is_group).count();
    let letters: String = rest.iter().take(groups).flat_map(|one| one.text().chars().skip(1)).collect();
    if letters.len() < 2 || letters.len() > MOST_LETTERS {
        return found;
    }
    let behind = rest.get(groups..).unwrap_or_default();
    let mut orders = vec![String::new()];
    for letter in letters.chars() {
        orders = orders
            .iter()
            .flat_map(|order| {
                (0..=order.len()).map(move |at| {
                    let mut order = order.clone();
                    order.insert(at, letter);
                    order
                })
            })
            .collect();
    }
    for order in orders {
        let mut words = vec![Argument::of(words::quoted(&format!("-{order}")))];
        words.extend(behind.iter().cloned());
        let variant = line(name, &words);
        if variant != written {
            found.push(variant);
        }
    }
    found
}
