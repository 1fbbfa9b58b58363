//! Programs that fetch a package and run it, and how a version is pinned with each.
//!
//! From the documentation of the programs, not of the client.

/// How a runner writes the version of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Registry {
    /// `name@1.2.3`.
    Npm,
    /// `name==1.2.3`.
    PyPi,
}

/// One runner: the words that it is called by, and options that take a value.
struct Runner {
    words: &'static [&'static str],
    registry: Registry,
    /// Options whose value is the package.
    package: &'static [&'static str],
    /// Options with any other value.
    valued: &'static [&'static str],
}

const NPM_PACKAGE: &[&str] = &["-p", "--package"];
const UV_VALUED: &[&str] =
    &["-p", "--python", "--with", "--index-url", "--extra-index-url", "--index", "--default-index"];

const fn npm(words: &'static [&'static str]) -> Runner {
    Runner { words, registry: Registry::Npm, package: NPM_PACKAGE, valued: &["-c", "--call", "--registry"] }
}

const fn pypi(words: &'static [&'static str], package: &'static [&'static str]) -> Runner {
    Runner { words, registry: Registry::PyPi, package, valued: UV_VALUED }
}

const RUNNERS: &[Runner] = &[
    npm(&["npx"]),
    npm(&["bunx"]),
    npm(&["pnpx"]),
    npm(&["npm", "exec"]),
    npm(&["npm", "x"]),
    npm(&["pnpm", "dlx"]),
    npm(&["yarn", "dlx"]),
    npm(&["bun", "x"]),
    pypi(&["uvx"], &["--from"]),
    pypi(&["uv", "tool", "run"], &["--from"]),
    pypi(&["pipx", "run"], &["--spec"]),
];

/// The package that a command line fetches and runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Package<'a> {
    /// The package as it is written there.
    pub text: &'a str,
    registry: Registry,
}

/// The package that the program `command` fetches and runs; none where it is no such program.
pub fn package<'a>(command: &'a str, arguments: &[&'a str]) -> Option<Package<'a>> {
    let program = command.rsplit(['/', '\\']).next().unwrap_or(command);
    let program = program.strip_suffix(".cmd").or_else(|| program.strip_suffix(".exe")).unwrap_or(program);
    // `cmd /c npx …` is how Windows starts a script.
    if program.eq_ignore_ascii_case("cmd") {
        let (_, rest) = arguments.split_first().filter(|(first, _)| first.eq_ignore_ascii_case("/c"))?;
        let (command, rest) = rest.split_first()?;
        return package(command, rest);
    }
    let runner = RUNNERS.iter().find(|runner| {
        let (name, words) = runner.words.split_first().unwrap_or((&"", &[]));
        *name == program && arguments.starts_with(words)
    })?;
    let mut rest = arguments.iter().skip(runner.words.len() - 1);
    let mut found = None;
    while let Some(word) = rest.next() {
        let (option, value) = word.split_once('=').map_or((*word, None), |(name, value)| (name, Some(value)));
        if runner.package.contains(&option) && option.starts_with('-') {
            found = value.or_else(|| rest.next().copied());
            break;
        }
        if !word.starts_with('-') {
            found = Some(*word);
            break;
        }
        if runner.valued.contains(word) {
            rest.next();
        }
    }
    found.map(|text| Package { text, registry: runner.registry })
}

impl Package<'_> {
    /// Whether the text names one state of the package: an exact version, a commit, a file of its own.
    pub fn is_pinned(&self) -> bool {
        if self.text.starts_with(['.', '/', '~', '$']) {
            return true;
        }
        if let Some((_, revision)) = self.text.split_once("://") {
            let revision = revision.rsplit_once(['@', '#']).map_or("", |(_, revision)| revision);
            return is_version(revision.trim_start_matches('v')) || is_commit(revision);
        }
        match self.registry {
            Registry::Npm => {
                let name = self.text.trim_start_matches('@');
                name.split_once('@').is_some_and(|(_, version)| is_version(version))
            }
            Registry::PyPi => {
                let version = self.text.split_once("==").or_else(|| self.text.split_once('@'));
                version.is_some_and(|(_, version)| is_version(version))
            }
        }
    }

    /// The same with a version, as an example.
    pub fn example(&self) -> String {
        if self.text.contains("://") {
            return format!("{}@COMMIT", self.text);
        }
        let scope = if self.text.starts_with('@') { "@" } else { "" };
        let name = self.text.trim_start_matches('@');
        let name = name.split(['@', '=', '<', '>', '~', '^']).next().unwrap_or(name);
        match self.registry {
            Registry::Npm => format!("{scope}{name}@1.2.3"),
            Registry::PyPi => format!("{name}==1.2.3"),
        }
    }
}

/// Three numbers, or two; nothing that a range or a tag begins with.
fn is_version(text: &str) -> bool {
    let numbers = text.split(['-', '+']).next().unwrap_or(text);
    let parts: Vec<&str> = numbers.split('.').collect();
    parts.len() >= 2
        && parts.iter().take(2).all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
        && !numbers.contains(['x', '*'])
}

fn is_commit(text: &str) -> bool {
    text.len() >= 40 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_found_behind_options() {
        type Case = (&'static str, &'static [&'static str], Option<(&'static str, bool)>);
        let cases: &[Case] = &[
            ("npx", &["-y", "@scope/name"], Some(("@scope/name", false))),
            ("npx", &["@scope/name@1.2.3", "--x"], Some(("@scope/name@1.2.3", true))),
            ("npx", &["name@latest"], Some(("name@latest", false))),
            ("npx", &["name@^1.2.3"], Some(("name@^1.2.3", false))),
            ("npx", &["--package=name@2.0.0", "bin"], Some(("name@2.0.0", true))),
            ("/usr/bin/npx", &["-p", "name", "bin"], Some(("name", false))),
            ("cmd", &["/c", "npx", "-y", "name"], Some(("name", false))),
            ("pnpm", &["dlx", "name"], Some(("name", false))),
            ("pnpm", &["run", "name"], None),
            ("uvx", &["--python", "3.12", "name==1.0"], Some(("name==1.0", true))),
            ("uvx", &["--from", "git+https://x.dev/a", "bin"], Some(("git+https://x.dev/a", false))),
            (
                "uvx",
                &["--from", "git+https://x.dev/a@0123456789abcdef0123456789abcdef01234567", "bin"],
                Some(("git+https://x.dev/a@0123456789abcdef0123456789abcdef01234567", true)),
            ),
            ("uvx", &["name@1.4.0"], Some(("name@1.4.0", true))),
            ("npx", &["./server.js"], Some(("./server.js", true))),
            ("npx", &["name@1.x"], Some(("name@1.x", false))),
            ("node", &["server.js"], None),
        ];
        for (command, arguments, expected) in cases {
            let found = package(command, arguments).map(|package| (package.text, package.is_pinned()));
            assert_eq!(found, *expected, "{command} {arguments:?}");
        }
        assert_eq!(package("npx", &["@a/b@latest"]).unwrap().example(), "@a/b@1.2.3");
    }
}
