//! Strings of a certain form: addresses, times, names.

/// Forms that a string can be held to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// An absolute address, as browsers read one.
    Url,
    /// The same with `https`.
    Secure,
    /// The same with `https` or `http`.
    Web,
    /// The same, without a variable in it.
    Fixed,
    /// The name of a git commit.
    Commit,
    /// A time of day, `23:05`.
    Time,
    /// Letters, digits, `_` and `-`.
    Name,
    /// Not empty, and without blanks around it.
    Trimmed,
    /// A path from the root of the file system.
    Path,
    /// A package of the npm registry.
    Package,
    /// The name of a plugin marketplace.
    Market,
    /// Not empty, and without blanks in it.
    Solid,
    /// A name that a process takes for a variable.
    Variable,
}

impl Form {
    const ALL: [(Self, &'static str, &'static str); 13] = [
        (Self::Url, "url", "an address such as `https://example.com/x`"),
        (Self::Secure, "secure", "an address that begins with `https://`"),
        (Self::Web, "web", "an address that begins with `https://`"),
        (Self::Fixed, "fixed", "an address that begins with `https://`, without variables"),
        (Self::Commit, "commit", "a commit of 40 hexadecimal digits"),
        (Self::Time, "time", "a time of day such as `23:05`"),
        (Self::Name, "name", "a name of letters, digits, `_` and `-`"),
        (Self::Trimmed, "trimmed", "a string without blanks around it"),
        (Self::Path, "path", "a path that begins with `/`"),
        (Self::Package, "package", "the name of an npm package"),
        (Self::Market, "market", "a name without blanks and slashes that the client does not use itself"),
        (Self::Solid, "solid", "a name without blanks"),
        (Self::Variable, "variable", "the name of an environment variable"),
    ];

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|row| row.1 == name).map(|row| row.0)
    }

    /// The form in a few words, to stand behind "expected".
    pub fn describe(self) -> &'static str {
        Self::ALL.iter().find(|row| row.0 == self).map_or("", |row| row.2)
    }

    /// Whether `text` has the form.
    pub fn fits(self, text: &str) -> bool {
        let all = |inside: fn(char) -> bool| !text.is_empty() && text.chars().all(inside);
        match self {
            Self::Url => is_url(text),
            Self::Web => {
                let scheme = text.trim().to_ascii_lowercase();
                is_url(text) && (scheme.starts_with("https:") || scheme.starts_with("http:"))
            }
            Self::Fixed => Self::Web.fits(text) && !text.contains("${"),
            Self::Commit => text.len() == 40 && all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c)),
            Self::Secure => is_url(text) && text.trim().to_ascii_lowercase().starts_with("https:"),
            Self::Time => is_time(text),
            Self::Name => all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-'),
            Self::Trimmed => !text.is_empty() && text.trim() == text,
            Self::Path => text.starts_with('/'),
            Self::Package => is_package(text),
            Self::Market => {
                let taken = ["inline", "builtin", "skills-dir"].contains(&text);
                !taken && !text.contains("..") && all(|c| !c.is_whitespace() && !"/\\".contains(c))
            }
            Self::Solid => all(|c| !c.is_whitespace()),
            Self::Variable => {
                all(|c| c.is_ascii_alphanumeric() || c == '_')
                    && !text.starts_with(|c: char| c.is_ascii_digit())
            }
        }
    }
}

fn is_time(text: &str) -> bool {
    let number = |part: &str, digits: std::ops::RangeInclusive<usize>, most: u8| {
        let plain = digits.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        plain && part.parse::<u8>().is_ok_and(|value| value <= most)
    };
    text.split_once(':').is_some_and(|(hour, minute)| number(hour, 1..=2, 23) && number(minute, 2..=2, 59))
}

/// `name` or `@scope/name`, in small letters.
fn is_package(text: &str) -> bool {
    let plain = |part: &str| {
        let inside = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-._".contains(c);
        !part.is_empty() && !part.starts_with(['.', '_', '-']) && part.chars().all(inside)
    };
    match text.strip_prefix('@') {
        Some(scoped) => scoped.split_once('/').is_some_and(|(scope, name)| plain(scope) && plain(name)),
        None => plain(text),
    }
}

/// Absolute addresses after the rules of the web. Strict in doubt: a host of unusual letters is
/// refused where those rules would still map it.
fn is_url(text: &str) -> bool {
    const WITH_HOST: [&str; 5] = ["http", "https", "ws", "wss", "ftp"];
    let text = text.trim_matches(|c: char| c <= ' ');
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let named = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    if !named {
        return false;
    }
    if WITH_HOST.contains(&scheme.to_ascii_lowercase().as_str()) {
        let slash = ['/', '\\'];
        let place = rest.trim_start_matches(slash).split(['/', '\\', '?', '#']).next().unwrap_or_default();
        return is_place(place.rsplit('@').next().unwrap_or_default());
    }
    match rest.strip_prefix("//") {
        // Other schemes may do without a host, and `file` names one only rarely.
        Some(place) => !place.contains(|c: char| c.is_whitespace() || "<>^|`".contains(c)),
        None => true,
    }
}

/// `host` or `host:port`
fn is_place(place: &str) -> bool {
    if let Some(rest) = place.strip_prefix('[') {
        let Some((address, port)) = rest.split_once(']') else { return false };
        return address.parse::<core::net::Ipv6Addr>().is_ok() && is_port(port);
    }
    let (host, port) = place.split_at(place.find(':').unwrap_or(place.len()));
    is_host(host) && is_port(port)
}

fn is_port(text: &str) -> bool {
    let Some(digits) = text.strip_prefix(':') else { return text.is_empty() };
    digits.is_empty() || digits.bytes().all(|b| b.is_ascii_digit()) && digits.parse::<u16>().is_ok()
}

fn is_host(host: &str) -> bool {
    let Some(host) = decode(host) else { return false };
    let forbidden = |c: char| c <= ' ' || c == '\u{7f}' || "#/:<>?@[\\]^|%".contains(c);
    let mapped = |c: char| !c.is_ascii() && !c.is_alphanumeric();
    if host.is_empty() || host.contains(forbidden) || host.contains(mapped) {
        return false;
    }
    let labels: Vec<&str> = host.strip_suffix('.').unwrap_or(&host).split('.').collect();
    let last = labels.last().copied().unwrap_or_default();
    let numeric = !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit());
    if numeric || last.starts_with("0x") || last.starts_with("0X") {
        return labels.len() == 4 && labels.iter().all(|label| label.parse::<u8>().is_ok());
    }
    true
}

/// The text with `%41` and the like resolved; none where a `%` stands for nothing.
fn decode(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut plain = parts.next()?.to_owned();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        let byte = u8::from_str_radix(digits, 16).ok().filter(u8::is_ascii)?;
        plain.push(char::from(byte));
        plain.push_str(rest);
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_browsers_read_them() {
        for text in [
            "https://a",
            "https://${HOST}/x",
            "https:a.b",
            "a:b",
            "a:",
            "https://[::1]/",
            "https://a_b.c/",
            "https://é.de/",
            " https://a.b",
            "mailto:x",
            "file:///x",
            "file:",
            "https://user:pw@h/",
            "https://a..b/",
            "https:///a",
            "http://a%41",
            "http://a\\b",
            "HTTPS://A",
            "https://*.x/",
            "http://127.0.0.1:8080/x",
        ] {
            assert!(Form::Url.fits(text), "{text}");
        }
        for text in [
            "",
            "x",
            "https://a b",
            "http://",
            "https:",
            "//a.b",
            "/x",
            "https://a:99999/",
            "https://[::1",
            "https://%zz/",
            "https://a<b/",
            "https://1.2.3.4.5/",
            "https://256.1.1.1/",
            "$URL",
            "1a:b",
            "https://?x",
            "https://a|b/",
            "https://a^b",
        ] {
            assert!(!Form::Url.fits(text), "{text}");
        }
    }

    #[test]
    fn times_and_names_are_held_to_their_form() {
        for (form, good, bad) in [
            (Form::Time, &["9:30", "09:30", "23:59"][..], &["24:00", "9:60", "9:3", "+9:30", ""][..]),
            (Form::Name, &["a-b_1"], &["a b", "a.b", ""]),
            (Form::Trimmed, &["a b", "*"], &[" a", "", " "]),
            (Form::Path, &["/a"], &["a", "~/a", ""]),
            (Form::Package, &["a", "@a/b"], &["A", "_a", "a/b", "@a", ""]),
            (Form::Market, &["a.b", "M"], &["inline", "a b", "a/b", ""]),
            (Form::Solid, &["a.b/c"], &["a b", " a", ""]),
            (Form::Variable, &["A_1"], &["1A", "A=B", ""]),
        ] {
            assert!(good.iter().all(|text| form.fits(text)), "{form:?}");
            assert!(bad.iter().all(|text| !form.fits(text)), "{form:?}");
        }
    }
}
