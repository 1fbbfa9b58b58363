//! Files that hold secrets: told by their names, and by their content where a name alone says too little.
//!
//! A text is looked at here and then let go: nothing of it is kept, so nothing of it is ever shown.
//!
//! INVARIANT: samples, fixtures of tests and public certificates are no secrets.

use super::{Content, Refusal};

/// Words in names of folders that hold made-up material.
const HARMLESS_WORDS: [&str; 18] = [
    "test", "tests", "testing", "testdata", "fixture", "fixtures", "mock", "mocks", "example", "examples",
    "sample", "samples", "demo", "demos", "spec", "specs", "docs", "e2e",
];

/// Folders of other people's code.
const FOREIGN: [&str; 3] = ["vendor", "third_party", "site-packages"];

/// Words in names of made-up files.
const HARMLESS_NAMES: [&str; 15] = [
    "example", "sample", "template", "dist", "default", "defaults", "tpl", "tmpl", "schema", "md", "dummy",
    "fake", "test", "snakeoil", "vault",
];

/// Fewest characters of base64 in a private key: those of Ed25519 have 64.
const SHORTEST_KEY: usize = 48;

/// How a file is known to hold a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Lines of `NAME=value`; where they cannot be read, the name decides.
    Variables,
    /// The same in a format of which the name alone says nothing: `*.tfvars`.
    Values,
    /// A private key by name.
    NamedKey,
    /// A text that may hold a private key beside or instead of certificates.
    Key,
    /// A container of keys by its format.
    Store,
    /// The key of a service account, or the secret of an OAuth client.
    Json,
    /// A text that holds a secret where one of these words has a value behind it.
    Words(&'static [&'static str]),
    /// A text that is nothing but a secret.
    Whole,
}

/// Whether the name of a file says that it may hold a secret.
pub(super) fn may_hold(folder: &str, name: &str) -> bool {
    kind(name).is_some_and(|kind| !is_harmless(folder, name, kind))
}

/// Whether a file that [`may_hold`] a secret does.
pub(super) fn holds(name: &str, content: &Content) -> bool {
    let Some(kind) = kind(name) else { return false };
    let text = match content {
        Content::Text(text) => text,
        Content::Refused(Refusal::NotUtf8(_) | Refusal::TooLarge(_) | Refusal::Unreadable(_)) => {
            return matches!(kind, Kind::Variables | Kind::NamedKey | Kind::Store);
        }
        Content::Missing | Content::Refused(_) => return false,
    };
    match kind {
        Kind::Variables => has_secret_value(text).unwrap_or(true),
        Kind::Values => has_secret_value(text) == Some(true),
        Kind::NamedKey | Kind::Key => has_private_key(text),
        Kind::Store | Kind::Whole => !text.trim().is_empty(),
        Kind::Json => has_private_key(text) || has_word(text, &["\"client_secret\"", "\"refresh_token\""]),
        Kind::Words(words) => has_word(text, words),
    }
}

fn kind(name: &str) -> Option<Kind> {
    let known = match name {
        ".env" | ".envrc" => Kind::Variables,
        "id_rsa" | "id_dsa" | "id_ecdsa" | "id_ed25519" => Kind::NamedKey,
        ".npmrc" => Kind::Words(&["_authToken", "_auth", "_password"]),
        ".yarnrc.yml" => Kind::Words(&["npmAuthToken", "npmAuthIdent"]),
        ".pypirc" => Kind::Words(&["password"]),
        ".netrc" | "_netrc" => Kind::Words(&["password"]),
        ".git-credentials" | ".pgpass" | ".vault-token" => Kind::Whole,
        "master.key" => Kind::Whole,
        _ => match name.rsplit_once('.')? {
            (".env", _) => Kind::Variables,
            (stem, _) if stem.starts_with(".env.") => Kind::Variables,
            (_, "env") => Kind::Variables,
            (_, "tfvars") => Kind::Values,
            (_, ending) if is_any(ending, &["pem", "key", "ppk"]) => Kind::Key,
            (_, ending) if is_any(ending, &["p12", "pfx", "jks", "keystore"]) => Kind::Store,
            (stem, ending) if ending.eq_ignore_ascii_case("json") && is_account(stem) => Kind::Json,
            _ => return None,
        },
    };
    Some(known)
}

fn is_any(word: &str, words: &[&str]) -> bool {
    words.iter().any(|other| word.eq_ignore_ascii_case(other))
}

fn is_account(stem: &str) -> bool {
    let stem = stem.to_ascii_lowercase().replace('_', "-");
    ["service-account", "serviceaccount", "client-secret"].iter().any(|start| stem.starts_with(start))
        || stem == "credentials"
        || stem.contains("-adminsdk-")
}

fn is_harmless(folder: &str, name: &str, kind: Kind) -> bool {
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric()).map(str::to_ascii_lowercase).collect()
    };
    let named = words(name);
    let sample = named.iter().any(|word| {
        // `.env.test` holds the variables of a test run, which may be real.
        HARMLESS_NAMES.contains(&word.as_str()) && !(kind == Kind::Variables && word == "test")
    });
    // Key stores that every developer has, and those that hold only what is trusted.
    let public = kind == Kind::Store
        && ["debug", "trust", "cacerts"].iter().any(|word| named.iter().any(|own| own.starts_with(word)));
    sample
        || public
        || words(folder).iter().any(|word| HARMLESS_WORDS.contains(&word.as_str()))
        || folder.split('/').any(|part| FOREIGN.contains(&part))
}

/// Whether a private key stands in a text, as itself or within JSON.
fn has_private_key(text: &str) -> bool {
    let starts = text.split("-----BEGIN ").skip(1);
    let mut bodies = starts.filter_map(|rest| {
        let (label, body) = rest.split_once("-----")?;
        label.ends_with("PRIVATE KEY").then_some(body)
    });
    let putty = || text.starts_with("PuTTY-User-Key-File-") && text.contains("\nPrivate-Lines:");
    bodies.any(|body| {
        let body = body.split("-----END").next().unwrap_or_default().replace("\\n", "\n");
        let base64 = |line: &&str| line.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b));
        body.lines().map(str::trim).filter(base64).map(str::len).sum::<usize>() >= SHORTEST_KEY
    }) || putty()
}

/// Whether one of the words has a value of its own behind it, in the same line.
fn has_word(text: &str, words: &[&str]) -> bool {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with(['#', ';']));
    lines.into_iter().any(|line| {
        words.iter().any(|word| {
            let Some((_, behind)) = line.split_once(word) else { return false };
            let value = behind.trim_start_matches(|c: char| c.is_whitespace() || c == '=' || c == ':');
            value.len() < behind.len() && !is_placeholder(unquoted(value))
        })
    })
}

/// Whether a variable has a value that is a secret by the variable's name or by its own form; none where
/// the text has lines and none of them sets a variable.
fn has_secret_value(text: &str) -> Option<bool> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let lines: Vec<&str> = lines.collect();
    let settings: Vec<(&str, &str)> = lines.iter().filter_map(|line| setting(line)).collect();
    if settings.is_empty() && !lines.is_empty() {
        return None;
    }
    Some(settings.into_iter().any(|(name, value)| {
        !is_placeholder(value) && ((names_secret(name) && !is_switch(value)) || is_secret(value))
    }))
}

fn setting(line: &str) -> Option<(&str, &str)> {
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=')?;
    let name = name.trim().trim_matches('"');
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    (!name.is_empty() && name.chars().all(plain)).then(|| (name, unquoted(value.trim())))
}

/// A value without its quotes, or up to the comment behind it.
fn unquoted(value: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some(rest) = value.strip_prefix(quote) {
            return rest.split(quote).next().unwrap_or_default();
        }
    }
    let end = value.find(" #").unwrap_or(value.len());
    value.get(..end).unwrap_or_default().trim_end_matches([',', ' '])
}

/// Whether a variable of this name is a secret: `API_KEY`, `DB_PASSWORD`.
fn names_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let words: Vec<&str> = name.split(['_', '-', '.']).collect();
    if words.iter().any(|word| matches!(*word, "PUBLIC" | "PUBLISHABLE" | "VITE" | "ANON")) {
        return false;
    }
    let last = words.last().copied().unwrap_or_default();
    if matches!(last, "FILE" | "PATH" | "DIR" | "URL" | "URI" | "ID" | "NAME" | "TTL" | "LENGTH" | "TYPE") {
        return false;
    }
    let speaks = |word: &&str| {
        ["SECRET", "TOKEN", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL", "APIKEY"]
            .iter()
            .any(|secret| word.contains(secret))
    };
    words.iter().any(speaks) || matches!(last, "KEY" | "PASS" | "PWD" | "DSN")
}

/// Whether a value is a secret whatever it is called: a credential of a known form, or an address with a
/// password in it.
fn is_secret(value: &str) -> bool {
    if crate::secret::find(value).iter().any(|secret| secret.known) {
        return true;
    }
    let authority = value.split_once("://").map(|(_, rest)| rest.split('/').next().unwrap_or_default());
    let user = authority.and_then(|authority| authority.rsplit_once('@')).map(|(user, _)| user);
    let password = user.and_then(|user| user.split_once(':')).map(|(_, password)| password);
    password.is_some_and(|password| !is_placeholder(password))
}

fn is_switch(value: &str) -> bool {
    is_any(value, &["true", "false", "yes", "no", "on", "off"])
}

/// Whether a value only stands for one: empty, a reference, or words that ask to be replaced.
fn is_placeholder(value: &str) -> bool {
    const WORDS: [&str; 12] = [
        "change",
        "replace",
        "your",
        "example",
        "placeholder",
        "xxx",
        "todo",
        "insert",
        "dummy",
        "fake",
        "...",
        "***",
    ];
    let value = value.trim();
    let low = value.to_ascii_lowercase();
    value.is_empty()
        || value.starts_with(['$', '<', '%', '{'])
        || ["op://", "vault:", "enc[", "ref+", "encrypted:"].iter().any(|start| low.starts_with(start))
        || WORDS.iter().any(|word| low.contains(word))
        || matches!(low.as_str(), "null" | "none")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &str, text: &str) -> bool {
        holds(name, &Content::Text(text.to_owned()))
    }

    fn key(label: &str) -> String {
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", "MIIE".repeat(16))
    }

    #[test]
    fn names_of_secrets() {
        for path in [
            ".env",
            "api/.env.local",
            "deploy/prod.env",
            ".env.test",
            "id_rsa",
            "certs/server.key",
            "a/b.PEM",
            "release.keystore",
            "service-account-prod.json",
            ".npmrc",
            "config/master.key",
            "prod.tfvars",
        ] {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            assert!(may_hold(folder, name), "{path}");
        }
        for path in [
            ".env.example",
            ".env.local.sample",
            "example.env",
            "id_rsa.pub",
            "tests/server.key",
            "cert.crt",
            "src/test/resources/a.jks",
            "debug.keystore",
            "truststore.jks",
            "package.json",
            "env.ts",
            "docs/.env",
            "vendor/x/ca.pem",
            ".env.vault",
            "test-key.pem",
            "environment",
            ".envoy",
        ] {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            assert!(!may_hold(folder, name), "{path}");
        }
    }

    #[test]
    fn variables_with_and_without_secrets() {
        for secret in [
            "API_KEY=4f9a",
            "export DB_PASSWORD='hunter2'",
            "PORT=1\nDATABASE_URL=postgres://app:hunter2@db/app",
            "PAYMENTS=ghp_9f2KqXb7Lw3Zc8Vr5TnYd1Mh6Js4Gp0Qa2Eu",
            "nonsense",
            "secret_key_base=abc",
        ] {
            assert!(text(".env", secret), "{secret}");
        }
        for fine in [
            "",
            "# API_KEY=x",
            "PORT=3000\nNODE_ENV=production",
            "API_KEY=",
            "API_KEY=<your key>",
            "API_KEY=your-api-key",
            "API_KEY=${API_KEY}",
            "API_KEY=\"\" # TOKEN",
            "NEXT_PUBLIC_API_KEY=abc",
            "TOKEN_FILE=/run/token",
            "REQUIRE_TOKEN=true",
            "API_KEY=op://vault/item",
            "DATABASE_URL=postgres://db/app",
        ] {
            assert!(!text(".env", fine), "{fine}");
        }
        assert!(text("prod.tfvars", "db_password = \"hunter2\""));
        assert!(!text("prod.tfvars", "region = \"eu\""));
        assert!(!text("prod.tfvars", "nonsense"));
    }

    #[test]
    fn private_keys_are_secrets_and_certificates_are_not() {
        assert!(text("a.pem", &(key("CERTIFICATE") + &key("RSA PRIVATE KEY"))));
        assert!(text("a.key", &key("PRIVATE KEY").replace('\n', "\r\n")));
        assert!(text("id_rsa", &key("OPENSSH PRIVATE KEY")));
        assert!(!text("a.pem", &key("CERTIFICATE")));
        assert!(!text("a.pem", &key("PUBLIC KEY")));
        assert!(!text("a.pem", "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----\n"));
        assert!(!text("slides.key", "x"));
        let account = format!("{{\"private_key\": \"{}\"}}", key("PRIVATE KEY").replace('\n', "\\n"));
        assert!(text("service-account.json", &account));
        assert!(!text("service-account.json", "{\"private_key\": \"\"}"));
        assert!(text("credentials.json", "{\"client_secret\": \"GOCSPX-1\"}"));
        assert!(!text("credentials.json", "{\"client_secret\": \"YOUR_SECRET\"}"));
    }

    #[test]
    fn tokens_in_the_files_of_tools() {
        assert!(text(".npmrc", "//registry.npmjs.org/:_authToken=npm_abc"));
        assert!(!text(".npmrc", "//registry.npmjs.org/:_authToken=${NPM_TOKEN}\nengine-strict=true"));
        assert!(!text(".npmrc", "# _authToken=abc"));
        assert!(text(".netrc", "machine x login y password z"));
        assert!(text(".pypirc", "[pypi]\npassword = pypi-abc"));
    }

    #[test]
    fn what_is_no_text_is_judged_by_its_name() {
        let binary = Content::Refused(Refusal::NotUtf8(0));
        assert!(holds("a.p12", &binary));
        assert!(holds(".env", &binary));
        assert!(!holds("slides.key", &binary));
        assert!(!holds(".env", &Content::Refused(Refusal::Folder)));
        assert!(!holds(".env", &Content::Missing));
    }
}
