//! The commands that a project of a language usually runs, allowed once in a new repository.
//!
//! INVARIANT: each rule is one exact command that builds, tests or looks at the project. A wildcard would
//! let the caller name programs, goals and files of its own: `cargo test --config` and `go test -exec` run
//! any program, `mvn test deploy` publishes. A policy that wants more recommends it.
//!
//! The rules are the project's own from the first day: no lock lists them, and whoever takes one away
//! does not get it back. Those that the policy would report are not written.

use crate::check::Plan;
use crate::finding::{ChangeKind, Finding, Fix, Severity};
use crate::json::Edit;
use crate::policy;
use crate::project::Project;
use crate::repository::Held;
use crate::rule::{Cover, List, Rule};

/// Stands in the place of a check's name in findings of profiles.
const PROFILE: &str = "profile";

/// A language with the tools that build it.
#[derive(Debug)]
pub struct Profile {
    /// Its name on the command line.
    pub name: &'static str,
    /// Names of files, in which `*` stands for any text, one of which lies at the root.
    marks: &'static [&'static str],
    /// The tools; the first whose mark is there is the project's.
    tools: &'static [Tool],
}

/// What builds a project.
#[derive(Debug)]
struct Tool {
    /// The file that shows that it is used; none for the last one, which is taken otherwise.
    mark: Option<&'static str>,
    commands: &'static [&'static str],
}

/// The tool of a language that has only one.
const fn only(commands: &'static [&'static str]) -> Tool {
    Tool { mark: None, commands }
}

const fn with(mark: &'static str, commands: &'static [&'static str]) -> Tool {
    Tool { mark: Some(mark), commands }
}

/// All profiles, by name.
pub static ALL: &[Profile] = &[
    Profile {
        name: "cmake",
        marks: &["CMakeLists.txt"],
        tools: &[only(&["cmake --build build", "ctest --test-dir build"])],
    },
    Profile {
        name: "dart",
        marks: &["pubspec.yaml"],
        tools: &[only(&["dart analyze", "dart test", "flutter analyze", "flutter test"])],
    },
    Profile {
        name: "deno",
        marks: &["deno.json", "deno.jsonc"],
        tools: &[only(&["deno fmt", "deno lint", "deno task build", "deno task test", "deno test"])],
    },
    Profile {
        name: "dotnet",
        marks: &["*.sln", "*.slnx", "*.csproj", "*.fsproj"],
        tools: &[only(&[
            "dotnet build",
            "dotnet format",
            "dotnet format --verify-no-changes",
            "dotnet test",
        ])],
    },
    Profile {
        name: "elixir",
        marks: &["mix.exs"],
        tools: &[only(&["mix compile", "mix format", "mix format --check-formatted", "mix test"])],
    },
    Profile {
        name: "go",
        marks: &["go.mod", "go.work"],
        tools: &[only(&[
            "go build ./...",
            "go fmt ./...",
            "go test ./...",
            "go test -race ./...",
            "go vet ./...",
        ])],
    },
    Profile {
        name: "java",
        marks: &["pom.xml", "build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts"],
        tools: &[
            with("mvnw", &["./mvnw compile", "./mvnw test", "./mvnw verify"]),
            with("gradlew", &["./gradlew build", "./gradlew check", "./gradlew test"]),
            with("pom.xml", &["mvn compile", "mvn test", "mvn verify"]),
            only(&["gradle build", "gradle check", "gradle test"]),
        ],
    },
    Profile {
        name: "make",
        marks: &["Makefile", "makefile", "GNUmakefile"],
        tools: &[only(&["make build", "make check", "make lint", "make test"])],
    },
    Profile {
        name: "node",
        marks: &["package.json"],
        tools: &[
            with("pnpm-lock.yaml", PNPM),
            with("yarn.lock", YARN),
            with("bun.lock", BUN),
            with("bun.lockb", BUN),
            only(&["npm run build", "npm run format", "npm run lint", "npm run typecheck", "npm test"]),
        ],
    },
    Profile {
        name: "php",
        marks: &["composer.json"],
        tools: &[only(&["composer test", "composer validate", "vendor/bin/phpstan", "vendor/bin/phpunit"])],
    },
    Profile {
        name: "python",
        marks: &["pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "uv.lock", "poetry.lock"],
        tools: &[
            with("uv.lock", &["uv run mypy .", "uv run pytest", "uv run ruff check", "uv run ruff format"]),
            with(
                "poetry.lock",
                &[
                    "poetry run mypy .",
                    "poetry run pytest",
                    "poetry run ruff check",
                    "poetry run ruff format",
                ],
            ),
            only(&["mypy .", "pytest", "python -m pytest", "ruff check", "ruff format"]),
        ],
    },
    Profile {
        name: "ruby",
        marks: &["Gemfile", "*.gemspec"],
        tools: &[only(&["bundle exec rake test", "bundle exec rspec", "bundle exec rubocop"])],
    },
    Profile {
        name: "rust",
        marks: &["Cargo.toml"],
        tools: &[only(&[
            "cargo build",
            "cargo check",
            "cargo clippy",
            "cargo clippy --all-targets",
            "cargo fmt",
            "cargo fmt --check",
            "cargo test",
            "cargo test --workspace",
        ])],
    },
    Profile { name: "scala", marks: &["build.sbt"], tools: &[only(&["sbt compile", "sbt test"])] },
    Profile { name: "swift", marks: &["Package.swift"], tools: &[only(&["swift build", "swift test"])] },
    Profile {
        name: "terraform",
        marks: &["*.tf"],
        tools: &[only(&["terraform fmt", "terraform fmt -check", "terraform validate"])],
    },
];

const BUN: &[&str] = &["bun run build", "bun run lint", "bun run test", "bun run typecheck", "bun test"];
const PNPM: &[&str] =
    &["pnpm run build", "pnpm run format", "pnpm run lint", "pnpm run typecheck", "pnpm test"];
const YARN: &[&str] = &["yarn build", "yarn format", "yarn lint", "yarn test", "yarn typecheck"];

/// The profile of this name.
pub fn find(name: &str) -> Option<&'static Profile> {
    ALL.iter().find(|profile| profile.name == name)
}

/// The profiles of a repository with files of these names at its root.
pub fn guess(names: &[String]) -> Vec<&'static Profile> {
    let there = |mark: &&str| names.iter().any(|name| policy::matches(mark, name));
    ALL.iter().filter(|profile| profile.marks.iter().any(there)).collect()
}

impl Profile {
    /// The rules that allow its commands, by the tool whose files are there.
    fn rules(&self, names: &[String]) -> impl Iterator<Item = Rule> {
        let is_used = |tool: &&Tool| tool.mark.is_none_or(|mark| names.iter().any(|name| name == mark));
        let commands = self.tools.iter().find(is_used).map_or(&[][..], |tool| tool.commands);
        commands.iter().map(|command| Rule::parse(&format!("Bash({command})")))
    }
}

/// Adds a finding with a fix for each command of the profiles that is not allowed yet and may be. `names`
/// are those of the files at the root. What comes back is for the user to know: what is left out.
pub fn seed(held: &mut Held, profiles: &[&Profile], names: &[String]) -> Option<String> {
    let mut left_out = Vec::new();
    for profile in profiles {
        for rule in profile.rules(names) {
            if !try_one(held, profile, &rule) {
                left_out.push(format!("`{rule}`"));
            }
        }
    }
    let rules = left_out.join(", ");
    (!left_out.is_empty()).then(|| format!("not allowed, since the policy speaks against it: {rules}"))
}

/// Adds the finding for one rule, unless policy would report the rule or another one takes its effect:
/// then false.
fn try_one(held: &mut Held, profile: &Profile, rule: &Rule) -> bool {
    let before = held.project_after(&held.plan());
    if covers(&before, List::Allow, rule) {
        return true;
    }
    if covers(&before, List::Deny, rule) || covers(&before, List::Ask, rule) {
        return false;
    }
    let known = held.findings_in(&before);
    held.add([finding(held, profile, rule)]);
    let plan: Plan = held.plan();
    let after = held.project_after(&plan);
    // Nothing is written into settings that the client cannot read: `check` reports those.
    let is_written = covers(&after, List::Allow, rule);
    let same = |a: &Finding, b: &Finding| (a.check, &a.key) == (b.check, &b.key);
    let is_new = |found: &Finding| !known.iter().any(|other| same(found, other));
    let is_fine = !held.findings_in(&after).iter().any(is_new);
    if !is_written || !is_fine {
        held.findings.retain(|found| found.check != PROFILE || found.key != rule.text());
    }
    is_fine
}

fn covers(project: &Project, list: List, rule: &Rule) -> bool {
    let rules = project.shared.rules.iter().filter(|written| written.list == list);
    Cover::new(list, rules.map(|written| &written.rule)).covers(rule)
}

fn finding(held: &Held, profile: &Profile, rule: &Rule) -> Finding {
    let at = List::Allow.pointer();
    let settings = &held.project.shared;
    let message = format!("`{}` is what a {} project runs", rule.content().unwrap_or_default(), profile.name);
    let title = format!("add `{rule}` to `{}`", at.dotted());
    let place = settings.place(&at);
    let edit = Edit::Append { at, value: rule.text().into() };
    let fix = Fix::new(title, settings.file.path.clone(), ChangeKind::Json(edit));
    Finding::new(PROFILE, Severity::Note, place, message).key(rule.text()).fix(fix)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn files_tell_the_languages_and_their_tools() {
        let first = |files: &[&str]| {
            let names = names(files);
            guess(&names)
                .iter()
                .map(|profile| profile.rules(&names).last().unwrap().text().to_owned())
                .collect::<Vec<_>>()
        };
        for (files, rules) in [
            (&["README.md", "src"][..], &[][..]),
            (&["Cargo.toml"], &["Bash(cargo test --workspace)"]),
            (&["package.json"], &["Bash(npm test)"]),
            (&["package.json", "pnpm-lock.yaml"], &["Bash(pnpm test)"]),
            (&["package.json", "yarn.lock"], &["Bash(yarn typecheck)"]),
            (&["package.json", "bun.lockb"], &["Bash(bun test)"]),
            (&["pyproject.toml", "uv.lock"], &["Bash(uv run ruff format)"]),
            (&["pyproject.toml"], &["Bash(ruff format)"]),
            (&["pom.xml", "mvnw"], &["Bash(./mvnw verify)"]),
            (&["build.gradle.kts"], &["Bash(gradle test)"]),
            (&["Shop.sln"], &["Bash(dotnet test)"]),
            (&["Makefile", "go.mod"], &["Bash(go vet ./...)", "Bash(make test)"]),
        ] {
            assert_eq!(first(files), rules, "{files:?}");
        }
    }

    #[test]
    fn every_command_is_one_exact_rule_that_the_client_takes() {
        for tool in ALL.iter().flat_map(|profile| profile.tools) {
            for command in tool.commands {
                let rule = Rule::parse(&format!("Bash({command})"));
                assert!(rule.problem(List::Allow).is_none(), "{command}");
                assert!(!command.contains('*'), "{command}");
            }
        }
    }

    #[test]
    fn profiles_are_in_order_and_always_have_a_tool() {
        assert!(ALL.is_sorted_by_key(|profile| profile.name));
        for profile in ALL {
            assert!(profile.tools.last().unwrap().mark.is_none(), "{}", profile.name);
        }
    }
}
