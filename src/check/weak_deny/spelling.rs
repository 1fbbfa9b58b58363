//! Other ways to write what a pattern for commands speaks of: the same program with the same effect.
//!
//! From the documentation of the programs. Whether a way gets through is decided elsewhere.

/// Options that may stand between a program and its command, and change nothing.
const BETWEEN: &[(&str, &str)] = &[
    ("aws", "--no-cli-pager"),
    ("cargo", "-q"),
    ("docker", "--log-level info"),
    ("gcloud", "--quiet"),
    ("git", "-C ."),
    ("kubectl", "--namespace default"),
    ("npm", "--silent"),
    ("terraform", "-chdir=."),
];

/// What commonly stands behind a command.
const OPERANDS: &[(&str, &str)] = &[
    ("gh api", "repos/acme/web"),
    ("git push", "origin main"),
    ("git reset", "HEAD~1"),
    ("kubectl delete", "pod web"),
];

/// Options with two names.
const TWINS: &[(&str, &str, &str)] =
    &[("gh api", "--method", "-X"), ("git branch", "-D", "--delete --force"), ("git push", "--force", "-f")];

/// The plainest command that a pattern speaks of; none where it says too little.
pub(super) fn plain(content: &str) -> Option<String> {
    let pattern = Pattern::new(content)?;
    Some(pattern.complete(pattern.head.to_owned()))
}

/// Other ways to write the command.
pub(super) fn others(content: &str) -> Vec<String> {
    let Some(pattern) = Pattern::new(content) else { return Vec::new() };
    let words: Vec<&str> = pattern.head.split(' ').collect();
    let mut found = Vec::new();
    if let Some(at) = words.iter().position(|word| is_option(word)).filter(|at| *at > 0) {
        let (command, options) = words.split_at(at);
        let bare = options.iter().all(|word| is_option(word));
        let (command, options) = (command.join(" "), options.join(" "));
        let clusters = clusters(&command, &options).unwrap_or_default();
        found.extend(clusters.iter().map(|options| pattern.complete(format!("{command} {options}"))));
        for (of, one, other) in TWINS.iter().filter(|(of, ..)| *of == command) {
            let swapped = |from: &str, to: &str| {
                let has = options.split(' ').any(|option| option == from);
                has.then(|| options.replacen(from, to, 1))
            };
            let other = swapped(one, other).or_else(|| swapped(other, one));
            found.extend(other.map(|options| pattern.complete(format!("{of} {options}"))));
        }
        // An option with a value is moved only where it is known that it has one.
        let movable = (bare && takes_options_anywhere(&command)) || command == "gh api";
        if pattern.open && movable {
            found.push(format!("{command} {} {options}", operand(pattern.head)));
        }
    }
    if let [program, command, ..] = words.as_slice()
        && !is_option(command)
        && let Some((_, option)) = BETWEEN.iter().find(|(known, _)| known == program)
    {
        let rest = words.get(1..).unwrap_or_default().join(" ");
        found.push(pattern.complete(format!("{program} {option} {rest}")));
    }
    if !pattern.open && words.len() > 1 {
        // A pattern without a star is this text and no other.
        let known = OPERANDS.iter().find(|(command, _)| pattern.head == *command);
        found.push(format!("{} {}", pattern.head, known.map_or("--verbose", |(_, operand)| operand)));
    }
    found
}

/// What a pattern begins with.
struct Pattern<'a> {
    head: &'a str,
    /// Whether anything may follow.
    open: bool,
    /// Whether it may follow without a blank.
    glued: bool,
}

impl<'a> Pattern<'a> {
    /// None where a star stands elsewhere, or something of the shell.
    fn new(content: &'a str) -> Option<Self> {
        let content = content.trim();
        let blank = content.strip_suffix(":*").or_else(|| content.strip_suffix(" *")).map(str::trim_end);
        let glued = content.strip_suffix('*').filter(|_| blank.is_none());
        let head = blank.or(glued).unwrap_or(content);
        let plain = |byte: u8| (byte.is_ascii_graphic() || byte == b' ') && !b"*\\\"'|&;<>$`".contains(&byte);
        let fits = !head.is_empty() && head.bytes().all(plain) && !head.contains("  ");
        fits.then_some(Self { head, open: head.len() < content.len(), glued: glued.is_some() })
    }

    /// A command of this pattern with what it is about.
    fn complete(&self, command: String) -> String {
        let ends_within = self.glued && !self.head.rsplit(' ').next().is_some_and(is_option);
        if self.open && !ends_within { format!("{command} {}", operand(self.head)) } else { command }
    }
}

fn is_option(word: &str) -> bool {
    word.starts_with('-')
}

fn operand(head: &str) -> &'static str {
    let found =
        OPERANDS.iter().find(|(command, _)| head == *command || head.starts_with(&format!("{command} ")));
    found.map_or("x", |(_, operand)| operand)
}

/// The letters of a first option in another order, or one by one: `-rf` is `-fr` and `-r -f`.
fn clusters(command: &str, options: &str) -> Option<Vec<String>> {
    let letters = options.strip_prefix('-').filter(|letters| letters.len() > 1)?;
    let combined = matches!(command, "rm" | "git clean" | "cp" | "chmod" | "chown")
        && letters.bytes().all(|byte| byte.is_ascii_alphabetic());
    combined.then(|| {
        let reversed: String = letters.chars().rev().collect();
        let single: Vec<String> = letters.chars().map(|letter| format!("-{letter}")).collect();
        vec![format!("-{reversed}"), single.join(" ")]
    })
}

/// Whether options may stand behind what the command is about.
fn takes_options_anywhere(command: &str) -> bool {
    let program = command.split(' ').next().unwrap_or_default();
    matches!(program, "chmod" | "chown" | "gh" | "git" | "kubectl" | "npm" | "pnpm" | "rm" | "yarn")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_written_in_other_ways() {
        assert_eq!(others("rm -rf *"), ["rm -fr x", "rm -r -f x", "rm x -rf"]);
        assert_eq!(
            others("git push --force *"),
            ["git push -f origin main", "git push origin main --force", "git -C . push --force origin main"]
        );
        assert_eq!(others("git push:*"), ["git -C . push origin main"]);
        assert_eq!(others("git push"), ["git -C . push", "git push origin main"]);
        assert_eq!(
            others("gh api -X DELETE:*"),
            ["gh api --method DELETE repos/acme/web", "gh api repos/acme/web -X DELETE"]
        );
        assert_eq!(others("git reset --hard HEAD~*"), ["git -C . reset --hard HEAD~"]);
        assert_eq!(others("curl *"), [""; 0]);
        assert_eq!(others("git * push *"), [""; 0]);
        assert_eq!(plain("rm -rf *").as_deref(), Some("rm -rf x"));
        assert_eq!(plain("*secret*"), None);
    }
}
