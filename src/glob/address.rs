//! Web addresses, as far as their host and path are concerned.
//!
//! Follows the URL standard of browsers. INVARIANT: a host that is not certain is an error: names beyond
//! ASCII are read only as far as their letters need no table.

use std::fmt::Write;

/// An address whose host is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    scheme: Box<str>,
    host: String,
    port: Option<u16>,
    path: String,
    query: Option<String>,
}

/// Why an address cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressError {
    /// It is none.
    None,
    /// It may be one, and its host is not certain.
    Uncertain,
}

/// Schemes with a host, and the port that goes without saying.
const SCHEMES: [(&str, u16); 5] = [("ftp", 21), ("http", 80), ("https", 443), ("ws", 80), ("wss", 443)];

impl Address {
    /// Reads an address.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text: String = text
            .trim_matches(|c: char| c <= ' ')
            .chars()
            .filter(|c| !matches!(c, '\t' | '\n' | '\r'))
            .collect();
        let (scheme, rest) = text.split_once(':').ok_or(AddressError::None)?;
        let scheme = scheme.to_ascii_lowercase();
        let letters = |byte: u8| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte);
        if !scheme.starts_with(|c: char| c.is_ascii_lowercase()) || !scheme.bytes().all(letters) {
            return Err(AddressError::None);
        }
        let usual = SCHEMES.iter().find(|(known, _)| *known == scheme).map(|(_, port)| *port);
        let rest = match usual {
            Some(_) => rest.trim_start_matches(['/', '\\']),
            None => match rest.strip_prefix("//") {
                Some(rest) => rest,
                // No host at all: `mailto:`, `file:/x`.
                None => return Ok(Self::without_host(scheme)),
            },
        };
        let ends: &[char] = if usual.is_some() { &['/', '\\', '?', '#'] } else { &['/', '?', '#'] };
        let end = rest.find(ends).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at_checked(end).ok_or(AddressError::None)?;
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let (host, port) = match host.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, port),
            _ => (host, ""),
        };
        let port = match port {
            "" => None,
            digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                Some(digits.parse().map_err(|_| AddressError::None)?)
            }
            _ => return Err(AddressError::None),
        };
        if host.is_empty() && usual.is_none() {
            return Ok(Self::without_host(scheme));
        }
        let host = match (&*scheme, usual) {
            ("file", _) if host.eq_ignore_ascii_case("localhost") => String::new(),
            ("file", _) | (_, Some(_)) => host_of(host)?,
            _ if host.is_ascii() => host.to_ascii_lowercase(),
            _ => return Err(AddressError::Uncertain),
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let (path, query) = match rest.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (rest, None),
        };
        let port = port.filter(|port| Some(*port) != usual);
        Ok(Self { scheme: scheme.into(), host, port, path: path_of(path), query })
    }

    fn without_host(scheme: String) -> Self {
        Self { scheme: scheme.into(), host: String::new(), port: None, path: String::new(), query: None }
    }

    /// The scheme in small letters.
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// The host in small letters, without a dot at its end; names beyond ASCII in their `xn--` form.
    pub fn host(&self) -> &str {
        self.host.trim_end_matches('.')
    }

    /// The host as it stands there, with the dot at its end.
    pub fn full_host(&self) -> &str {
        &self.host
    }

    /// The port, none for that of the scheme.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// The path with its first slash, without steps up and down.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What follows the `?`.
    pub fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }
}

fn host_of(host: &str) -> Result<String, AddressError> {
    if let Some(six) = host.strip_prefix('[') {
        let six = six.strip_suffix(']').ok_or(AddressError::None)?;
        let address: core::net::Ipv6Addr = six.parse().map_err(|_| AddressError::None)?;
        let text = match address.to_ipv4_mapped() {
            // Here the standard has no dots.
            Some(_) => {
                let [.., high, low] = address.segments();
                format!("::ffff:{high:x}:{low:x}")
            }
            None => address.to_string(),
        };
        return Ok(format!("[{text}]"));
    }
    let host = percent_decoded(host).ok_or(AddressError::Uncertain)?;
    let mut labels = Vec::new();
    for label in host.split(['.', '\u{3002}', '\u{ff0e}', '\u{ff61}']) {
        labels.push(label_of(label)?);
    }
    let host = labels.join(".");
    let forbidden = |c: char| c <= ' ' || c == '\u{7f}' || "#/:<>?@[\\]^|%".contains(c);
    if host.is_empty() || host.contains(forbidden) {
        return Err(AddressError::None);
    }
    let last = host.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
    let number = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit());
    let hexadecimal =
        last.strip_prefix("0x").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if number || hexadecimal {
        return four_of(host.strip_suffix('.').unwrap_or(&host)).ok_or(AddressError::None);
    }
    Ok(host)
}

fn label_of(label: &str) -> Result<String, AddressError> {
    if label.is_ascii() {
        return Ok(label.to_ascii_lowercase());
    }
    let mut letters = Vec::new();
    for c in label.chars() {
        match c {
            // What the standard passes over.
            '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}' => {}
            // Wide forms of ASCII.
            '\u{ff01}'..='\u{ff5e}' => {
                let plain = u32::from(c).checked_sub(0xfee0).and_then(char::from_u32);
                letters.extend(plain.map(|c| c.to_ascii_lowercase()));
            }
            c if is_certain(c) => letters.extend(c.to_lowercase()),
            _ => return Err(AddressError::Uncertain),
        }
    }
    if letters.iter().all(char::is_ascii) {
        return Ok(letters.into_iter().collect());
    }
    let code = punycode(&letters).ok_or(AddressError::Uncertain)?;
    Ok(format!("xn--{code}"))
}

/// Whether the standard reads a letter as its small form and nothing else.
fn is_certain(c: char) -> bool {
    let plain = c < '\u{250}' || ('\u{370}'..'\u{560}').contains(&c);
    let eastern = ('\u{3041}'..'\u{3097}').contains(&c)
        || ('\u{30a1}'..'\u{30fb}').contains(&c)
        || ('\u{4e00}'..'\u{9fa6}').contains(&c)
        || ('\u{ac00}'..'\u{d7a4}').contains(&c);
    let mapped = matches!(c, '\u{aa}' | '\u{b5}' | '\u{ba}' | '\u{132}'..='\u{133}' | '\u{13f}'..='\u{140}' | '\u{149}' | '\u{17f}' | '\u{1c4}'..='\u{1cc}' | '\u{1f1}'..='\u{1f3}' | '\u{37a}' | '\u{3d0}'..='\u{3d6}' | '\u{3f0}'..='\u{3f9}');
    c.is_ascii() || (c.is_alphabetic() && (plain || eastern) && !mapped)
}

/// The number forms of an IPv4 address, `127.1` or `0x7f000001`.
fn four_of(host: &str) -> Option<String> {
    let mut numbers = Vec::new();
    for part in host.split('.') {
        let (digits, base) = match part.strip_prefix("0x") {
            Some("") => ("0", 16),
            Some(digits) => (digits, 16),
            None if part.len() > 1 && part.starts_with('0') => (part, 8),
            None => (part, 10),
        };
        numbers.push(u64::from_str_radix(digits, base).ok()?);
    }
    let (last, rest) = numbers.split_last()?;
    let free = 4_usize.checked_sub(rest.len()).filter(|free| *free > 0)?;
    if rest.iter().any(|number| *number > 255) || *last >= 256_u64.checked_pow(u32::try_from(free).ok()?)? {
        return None;
    }
    let high = rest.iter().enumerate().map(|(at, number)| number << (24 - 8 * at)).sum::<u64>();
    let address = u32::try_from(high + last).ok()?;
    Some(core::net::Ipv4Addr::from(address).to_string())
}

fn percent_decoded(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let hex = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        let mut ahead = rest.clone();
        match (byte, hex(ahead.next()), hex(ahead.next())) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).ok()?);
                rest = ahead;
            }
            (byte, ..) => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).ok()
}

/// The path without `.` and `..`.
fn path_of(path: &str) -> String {
    let path = path.replace('\\', "/");
    let path = path.strip_prefix('/').unwrap_or(&path);
    let parts: Vec<&str> = path.split('/').collect();
    let mut kept: Vec<String> = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let last = at + 1 == parts.len();
        match part.to_ascii_lowercase().replace("%2e", ".").as_str() {
            "." => {
                if last {
                    kept.push(String::new());
                }
            }
            ".." => {
                kept.pop();
                if last {
                    kept.push(String::new());
                }
            }
            _ => kept.push(escaped(part)),
        }
    }
    format!("/{}", kept.join("/"))
}

fn escaped(part: &str) -> String {
    let mut found = String::with_capacity(part.len());
    for byte in part.bytes() {
        if byte.is_ascii_graphic() && !b"\"<>`{}^".contains(&byte) {
            found.push(char::from(byte));
        } else {
            let _ = write!(found, "%{byte:02X}");
        }
    }
    found
}

/// RFC 3492.
fn punycode(label: &[char]) -> Option<String> {
    let mut found: String = label.iter().filter(|c| c.is_ascii()).collect();
    let basic = u32::try_from(found.len()).ok()?;
    if basic > 0 {
        found.push('-');
    }
    let (mut n, mut delta, mut bias, mut done) = (128_u32, 0_u32, 72_u32, basic);
    let total = u32::try_from(label.len()).ok()?;
    while done < total {
        let next = label.iter().map(|c| u32::from(*c)).filter(|c| *c >= n).min()?;
        delta = delta.checked_add((next - n).checked_mul(done + 1)?)?;
        n = next;
        for c in label.iter().map(|c| u32::from(*c)) {
            if c < n {
                delta = delta.checked_add(1)?;
            }
            if c != n {
                continue;
            }
            let (mut q, mut k) = (delta, 36_u32);
            loop {
                let t = k.saturating_sub(bias).clamp(1, 26);
                if q < t {
                    break;
                }
                found.push(digit(t + (q - t) % (36 - t))?);
                q = (q - t) / (36 - t);
                k += 36;
            }
            found.push(digit(q)?);
            bias = adapted(delta, done + 1, done == basic);
            delta = 0;
            done += 1;
        }
        delta = delta.checked_add(1)?;
        n += 1;
    }
    Some(found)
}

fn digit(value: u32) -> Option<char> {
    let base = if value < 26 { u32::from('a') } else { u32::from('0').checked_sub(26)? };
    char::from_u32(base + value)
}

fn adapted(delta: u32, points: u32, first: bool) -> u32 {
    let mut delta = if first { delta / 700 } else { delta / 2 };
    delta += delta / points;
    let mut k = 0;
    while delta > 455 {
        delta /= 35;
        k += 36;
    }
    k + 36 * delta / (delta + 38)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(text: &str) -> Option<String> {
        Address::parse(text).ok().map(|address| address.host().to_owned())
    }

    #[test]
    fn hosts_are_found_behind_all_disguises() {
        for (text, expected) in [
            ("https://EXAMPLE.com:8443/x", Some("example.com")),
            ("https://user:pw@example.com./", Some("example.com")),
            ("https:\\\\evil.com\\@example.com", Some("evil.com")),
            ("http:example.com", Some("example.com")),
            ("https://b\u{fc}cher.example/", Some("xn--bcher-kva.example")),
            ("https://m\u{fc}nchen.de", Some("xn--mnchen-3ya.de")),
            ("https://ex%61mple.com", Some("example.com")),
            ("http://0x7f.1/", Some("127.0.0.1")),
            ("http://2130706433/", Some("127.0.0.1")),
            ("http://[::1]:3000/", Some("[::1]")),
            ("https://\u{ff41}.com", Some("a.com")),
            ("https://\u{df}.de", Some("xn--zca.de")),
            ("file:///etc/passwd", Some("")),
            ("https://\u{2603}.net", None),
            ("notaurl", None),
            ("https://", None),
            ("https://a b/", None),
        ] {
            assert_eq!(host(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn paths_are_walked() {
        let path = |text: &str| Address::parse(text).ok().map(|address| address.path().to_owned());
        assert_eq!(path("https://a.b/x/../docs").as_deref(), Some("/docs"));
        assert_eq!(path("https://a.b/docs/%2e%2e/x").as_deref(), Some("/x"));
        assert_eq!(path("https://a.b").as_deref(), Some("/"));
    }
}
