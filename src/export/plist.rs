//! Property lists, as macOS has them: managed preferences, and the profile that carries them.
//!
//! INVARIANT: what is written reads back as the same values. What a property list cannot hold is an error.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::Error;
use super::compiled::Compiled;

/// The domain that the client reads (documentation, August 2026).
const DOMAIN: &str = "com.anthropic.claudecode";

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n\
    <plist version=\"1.0\">\n";

/// The preferences alone.
pub(super) fn preferences(compiled: &Compiled) -> Result<String, Error> {
    document(&compiled.settings)
}

/// A profile for device management that sets them.
///
/// Its identifiers depend on the organisation and the content alone, so that the same policy is the same file, and a
/// new one takes the place of the old one on the device.
pub(super) fn profile(compiled: &Compiled) -> Result<String, Error> {
    let organization = &compiled.organization;
    let identifier = format!("bylaws.{}.claude-code", slug(organization));
    let content = compiled.value().to_string();
    let mut payload = json!({
        "PayloadDisplayName": "Claude Code",
        "PayloadIdentifier": format!("{identifier}.settings"),
        "PayloadType": DOMAIN,
        "PayloadUUID": uuid(&[&identifier, "settings", &content]),
        "PayloadVersion": 1,
    });
    if let Value::Object(payload) = &mut payload {
        payload.extend(compiled.settings.clone());
    }
    let profile = json!({
        "PayloadContent": [payload],
        "PayloadDescription": format!("What Claude Code may do, as the policy of {organization} says"),
        "PayloadDisplayName": format!("Claude Code policy of {organization}"),
        "PayloadIdentifier": identifier,
        "PayloadOrganization": organization,
        "PayloadRemovalDisallowed": true,
        "PayloadScope": "System",
        "PayloadType": "Configuration",
        "PayloadUUID": uuid(&[&identifier, "profile", &content]),
        "PayloadVersion": 1,
    });
    match profile {
        Value::Object(members) => document(&members),
        _ => Ok(String::new()),
    }
}

fn document(members: &Map<String, Value>) -> Result<String, Error> {
    let mut out = HEAD.to_owned();
    dictionary(&mut out, 0, members, "")?;
    out.push_str("</plist>\n");
    Ok(out)
}

fn dictionary(out: &mut String, depth: usize, members: &Map<String, Value>, key: &str) -> Result<(), Error> {
    if members.is_empty() {
        line(out, depth, "<dict/>");
        return Ok(());
    }
    line(out, depth, "<dict>");
    for (name, value) in members {
        let below = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
        line(out, depth + 1, &format!("<key>{}</key>", escaped(name, &below)?));
        write(out, depth + 1, value, &below)?;
    }
    line(out, depth, "</dict>");
    Ok(())
}

fn write(out: &mut String, depth: usize, value: &Value, key: &str) -> Result<(), Error> {
    match value {
        Value::Null => return Err(Error::NotInPlist { key: key.to_owned(), what: "`null`" }),
        Value::Bool(true) => line(out, depth, "<true/>"),
        Value::Bool(false) => line(out, depth, "<false/>"),
        Value::Number(number) if number.is_f64() => line(out, depth, &format!("<real>{number}</real>")),
        Value::Number(number) => line(out, depth, &format!("<integer>{number}</integer>")),
        Value::String(text) => line(out, depth, &format!("<string>{}</string>", escaped(text, key)?)),
        Value::Array(items) if items.is_empty() => line(out, depth, "<array/>"),
        Value::Array(items) => {
            line(out, depth, "<array>");
            for item in items {
                write(out, depth + 1, item, key)?;
            }
            line(out, depth, "</array>");
        }
        Value::Object(members) => dictionary(out, depth, members, key)?,
    }
    Ok(())
}

fn line(out: &mut String, depth: usize, text: &str) {
    out.push_str(&"\t".repeat(depth));
    out.push_str(text);
    out.push('\n');
}

/// Text for XML 1.0, which has no words for most control characters, and reads a carriage return as a line feed.
fn escaped(text: &str, key: &str) -> Result<String, Error> {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' => out.push(c),
            '\u{fffe}' | '\u{ffff}' => return Err(unwritable(key)),
            c if c < ' ' => return Err(unwritable(key)),
            c => out.push(c),
        }
    }
    Ok(out)
}

fn unwritable(key: &str) -> Error {
    Error::NotInPlist { key: key.to_owned(), what: "a control character" }
}

/// A name in lower-case letters, digits and hyphens.
pub(super) fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "organisation".to_owned() } else { slug.to_owned() }
}

/// An identifier made of texts: version 8 of RFC 9562, which leaves the bits to the program.
fn uuid(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part.as_bytes());
    }
    let hex: String = hash
        .finalize()
        .iter()
        .take(16)
        .enumerate()
        .map(|(index, byte)| match index {
            6 => format!("{:02X}", (byte & 0x0f) | 0x80),
            8 => format!("{:02X}", (byte & 0x3f) | 0x80),
            _ => format!("{byte:02X}"),
        })
        .collect();
    let mut out = String::new();
    for (index, c) in hex.chars().enumerate() {
        if [8, 12, 16, 20].contains(&index) {
            out.push('-');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_parts_of_identifiers() {
        for (name, expected) in [
            ("acme", "acme"),
            ("Acme Bank, Inc.", "acme-bank-inc"),
            ("株式会社", "organisation"),
            ("-a-", "a"),
        ] {
            assert_eq!(slug(name), expected);
        }
    }

    #[test]
    fn identifiers_are_of_version_8() {
        let id = uuid(&["a", "b"]);
        assert_eq!(id.len(), 36);
        assert_eq!(id.get(14..15), Some("8"));
        assert!(["8", "9", "A", "B"].contains(&id.get(19..20).unwrap()), "{id}");
        assert_eq!(uuid(&["a", "b"]), id);
        assert_ne!(uuid(&["ab", ""]), id);
    }

    #[test]
    fn what_xml_cannot_hold_is_an_error() {
        assert_eq!(escaped("a<b>&\r\n", "k"), Ok("a&lt;b&gt;&amp;&#13;\n".to_owned()));
        assert!(escaped("\u{1}", "k").is_err());
        let mut members = Map::new();
        members.insert("a".into(), json!([null]));
        assert!(document(&members).is_err());
    }
}
