//! The check in CI, in a file of its own that a repository may change as it likes.

use super::draft::Draft;

/// What runs CI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ci {
    /// GitHub Actions.
    Github,
    /// GitLab CI.
    Gitlab,
}

const GITHUB: &str = ".github/workflows/bylaws.yml";
const GITLAB: &str = ".gitlab/bylaws.yml";
const GITLAB_MAIN: &str = ".gitlab-ci.yml";

impl Ci {
    /// The CI of a repository by its remote, or else by the files at its root.
    pub fn guess(remote: Option<&str>, names: &[String]) -> Option<Self> {
        let host = remote.map(host_of).unwrap_or_default().to_ascii_lowercase();
        let there = |wanted: &[&str]| names.iter().any(|name| wanted.contains(&name.as_str()));
        let by_name = |github: bool, gitlab: bool| match (github, gitlab) {
            (true, false) => Some(Self::Github),
            (false, true) => Some(Self::Gitlab),
            _ => None,
        };
        by_name(host.contains("github"), host.contains("gitlab"))
            .or_else(|| by_name(there(&[".github"]), there(&[".gitlab", GITLAB_MAIN])))
    }

    /// The file that holds the check.
    pub(super) fn file(self) -> &'static str {
        match self {
            Self::Github => GITHUB,
            Self::Gitlab => GITLAB,
        }
    }
}

/// The host of a URL of git, with the user before it.
fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', ':']).next().unwrap_or_default()
}

/// Why CI cannot use a policy of this name, as a lock writes it; none where it can.
pub fn unreachable_from(source: &str) -> Option<&'static str> {
    if source == ".." || source.starts_with("../") || source.starts_with('/') || source.starts_with("file:") {
        return Some("it lies on this machine, outside the repository");
    }
    // GitHub would put the value of an expression there.
    source.contains("${{").then_some("`${{` in its name means something else there")
}

pub(super) fn add(draft: &mut Draft<'_>, ci: Ci) {
    if let Some(why) = unreachable_from(draft.policy()) {
        let policy = draft.policy();
        draft.note(format!(
            "no check in CI: it cannot use the policy `{policy}`: {why}; `--policy` with its git URL makes one"
        ));
        return;
    }
    match ci {
        Ci::Github => {
            let built_in = include_str!("../../templates/init/github.yml");
            draft.create(GITHUB, |draft| draft.template("init/github.yml", built_in));
        }
        Ci::Gitlab => {
            let built_in = include_str!("../../templates/init/gitlab.yml");
            draft.create(GITLAB, |draft| draft.template("init/gitlab.yml", built_in));
            let include = include_str!("../../templates/init/gitlab-ci.yml");
            let main = draft.create(GITLAB_MAIN, |_| include.to_owned());
            if main.is_some_and(|text| !text.contains(GITLAB)) {
                draft.note(format!(
                    "`{GITLAB_MAIN}` is left as it is: add `- local: {GITLAB}` to its `include`, or nothing runs the check"
                ));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_remote_tells_the_ci_and_else_the_files_do() {
        let guess = |remote, names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            Ci::guess(remote, &names)
        };
        for (remote, names, ci) in [
            (Some("https://github.com/acme/web.git"), &[][..], Some(Ci::Github)),
            (Some("git@gitlab.acme.dev:group/web.git"), &[".github"], Some(Ci::Gitlab)),
            (Some("ssh://git@git.acme.dev:2222/github/web"), &[], None),
            (Some("https://git.acme.dev/gitlab/web"), &[".github"], Some(Ci::Github)),
            (None, &[".gitlab-ci.yml", "src"], Some(Ci::Gitlab)),
            (None, &[".github", ".gitlab"], None),
            (None, &[], None),
        ] {
            assert_eq!(guess(remote, names), ci, "{remote:?} {names:?}");
        }
    }

    #[test]
    fn ci_has_no_folders_of_this_machine() {
        for source in ["../policy", "..", "/srv/policy", "file:///srv/policy.git", "https://x.dev/${{ a }}"] {
            assert!(unreachable_from(source).is_some(), "{source}");
        }
        for source in ["builtin:baseline", "policy", ".", "https://x.dev/p.git#v1", "git@x.dev:p.git"] {
            assert!(unreachable_from(source).is_none(), "{source}");
        }
    }
}
