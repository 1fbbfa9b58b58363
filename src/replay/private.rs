//! Calls as examples, without what tells of a person or of a place: what is left shows the program, its options and the
//! files of the project.
//!
//! Cut are texts in quotes that somebody wrote (those with blanks), values of variables and of options for names,
//! passwords, headers and messages, all of an address but its host, all of a path outside of the project but where it
//! begins, and names of people.
//!
//! INVARIANT: what is not followed is cut, not shown: a quote without an end cuts the rest.
//!
//! Left out: what the files of a project are called. Names of credentials: those are cut before (`secret`).

use std::collections::HashSet;

use crate::secret;

/// What stands where something was cut.
const CUT: &str = "…";

/// Options behind which somebody is named, or something is written, whatever the program.
const TELLING: &[&str] = &[
    "--api-key",
    "--assignee",
    "--auth",
    "--author",
    "--body",
    "--cookie",
    "--data",
    "--email",
    "--header",
    "--key",
    "--message",
    "--owner",
    "--pass",
    "--passwd",
    "--password",
    "--reviewer",
    "--secret",
    "--title",
    "--token",
    "--user",
    "--username",
];

/// Options of one letter that do so, by program.
const SHORT: &[(&str, &[&str])] = &[
    ("curl", &["-u", "-H", "-d", "-F", "-b", "-A", "-e"]),
    ("git", &["-m"]),
    ("http", &["-a"]),
    ("mysql", &["-u", "-p"]),
    ("mysqldump", &["-u", "-p"]),
    ("psql", &["-U"]),
    ("redis-cli", &["-a"]),
    ("sshpass", &["-p"]),
    ("wget", &["-U"]),
];

/// Programs to which somebody is named before an `@`.
const REMOTE: &[&str] = &["rsync", "scp", "sftp", "ssh"];

/// Values of variables that tell of nobody.
const HARMLESS: &[&str] = &["true", "false", "production", "development", "test"];

/// Names of accounts that nobody is called by.
const NOBODY: &[&str] =
    &["admin", "app", "build", "dev", "node", "root", "runner", "test", "ubuntu", "user", "users", "vscode"];

/// Fewest letters of a name that is looked for.
const LEAST: usize = 3;

/// The words by which these people are named, in small letters: of `ann.smith@acme.example`, `ann` and `smith`.
pub fn names_of(users: &[String]) -> HashSet<String> {
    let names = users.iter().flat_map(|user| {
        let account = user.split('@').next().unwrap_or_default();
        account.split(|c: char| !c.is_alphanumeric())
    });
    let names = names.map(str::to_lowercase);
    names.filter(|name| name.chars().count() >= LEAST && !NOBODY.contains(&name.as_str())).collect()
}

/// A call as [`crate::access::Call::shown_in`] has it, without what tells of somebody. `people` are those of
/// [`names_of`]; `in_home` says that it was made in a home folder, whose files are a
/// person's own.
pub fn private(shown: &str, people: &HashSet<String>, in_home: bool) -> String {
    let Some((tool, rest)) = shown.split_once('(') else { return shown.to_owned() };
    let (inner, end) = rest.strip_suffix(')').map_or((rest, ""), |inner| (inner, ")"));
    let inner = match tool {
        "Bash" if in_home => without_files(&Line::new(people).read(inner)),
        "Bash" => Line::new(people).read(inner),
        "WebFetch" => word(inner, false, people),
        "Read" | "Edit" | "Write" | "MultiEdit" | "NotebookEdit" | "Glob" | "Grep" if !in_home => {
            word(inner, false, people)
        }
        "Agent" | "Task" | "Skill" => nameless(inner, people),
        // A question, or what nobody here knows.
        _ => CUT.to_owned(),
    };
    format!("{tool}({inner}{end}")
}

/// A line without the words that are files of the folder.
fn without_files(line: &str) -> String {
    let words = line.split_inclusive(' ').map(|word| {
        let bare = word.trim_end_matches(' ');
        let is_elsewhere = bare.contains("://") || bare.starts_with(['/', '~', '-']);
        let is_file = bare.contains('/') || bare.contains('.');
        if is_file && !is_elsewhere {
            format!("{CUT}{}", word.get(bare.len()..).unwrap_or_default())
        } else {
            word.to_owned()
        }
    });
    words.collect()
}

/// A command line on the way.
struct Line<'p> {
    people: &'p HashSet<String>,
    out: String,
    /// What of the word was read that is not finished.
    lead: String,
    /// The word before it.
    before: String,
    /// The program; empty where a command begins.
    program: String,
}

impl<'p> Line<'p> {
    fn new(people: &'p HashSet<String>) -> Self {
        Self {
            people,
            out: String::new(),
            lead: String::new(),
            before: String::new(),
            program: String::new(),
        }
    }

    fn read(mut self, text: &str) -> String {
        // Further lines are texts that are given to programs as often as commands.
        let (text, more) = match text.split_once(['\n', '\r']) {
            Some((first, _)) => (first, true),
            None => (text, false),
        };
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let behind = rest.get(c.len_utf8()..).unwrap_or_default();
            if c == '"' || c == '\'' {
                let Some((content, after)) = quoted(behind, c) else {
                    self.out.push(c);
                    self.out.push_str(CUT);
                    return self.out;
                };
                let shown = self.part(content, content.contains(char::is_whitespace));
                self.out.push(c);
                self.out.push_str(&shown);
                self.out.push(c);
                self.lead.push_str(content);
                rest = after;
            } else if c.is_whitespace() || "|;&()<>`".contains(c) {
                self.end_word();
                if !c.is_whitespace() && c != '<' && c != '>' {
                    self.program.clear();
                    self.before.clear();
                }
                self.out.push(c);
                rest = behind;
            } else {
                let ends = |c: char| c.is_whitespace() || "|;&()<>`\"'".contains(c);
                let (piece, after) = rest.split_at(rest.find(ends).unwrap_or(rest.len()));
                let shown = self.part(piece, false);
                self.out.push_str(&shown);
                self.lead.push_str(piece);
                rest = after;
            }
        }
        if more {
            self.out.push(' ');
            self.out.push_str(CUT);
        }
        self.out
    }

    fn end_word(&mut self) {
        if self.lead.is_empty() {
            return;
        }
        let word = std::mem::take(&mut self.lead);
        let is_assignment = assigned(&word).is_some();
        if self.program.is_empty() && !is_assignment {
            self.program = word.rsplit('/').next().unwrap_or_default().to_owned();
        }
        self.before = word;
    }

    /// A part of a word as it may be shown.
    fn part(&self, piece: &str, is_written: bool) -> String {
        let of_program = SHORT.iter().find(|(name, _)| *name == self.program);
        let short: &[&str] = of_program.map_or(&[], |(_, options)| options);
        let telling = |option: &str| {
            TELLING.contains(&option) || option.starts_with("--data") || short.contains(&option)
        };
        let leads = match self.lead.rsplit_once('=') {
            Some((name, _)) => telling(name) || assigned(&self.lead).is_some(),
            None => false,
        };
        if is_written || leads || (self.lead.is_empty() && telling(&self.before)) {
            return if piece.is_empty() { String::new() } else { CUT.to_owned() };
        }
        if self.lead.is_empty() {
            if let Some((name, value)) = assigned(piece) {
                return format!("{name}={}", if is_harmless(value) { value } else { CUT });
            }
            if let Some((option, _)) = piece.split_once('=').filter(|(option, _)| telling(option)) {
                return format!("{option}={CUT}");
            }
            // `-pSECRET`, with nothing between the two.
            let glued = short.iter().find(|option| piece.starts_with(**option) && piece.len() > option.len());
            if let Some(option) = glued.filter(|_| self.program != "git") {
                return format!("{option}{CUT}");
            }
        }
        word(piece, REMOTE.contains(&self.program.as_str()), self.people)
    }
}

/// What stands within quotes, and what behind them; none where they have no end.
fn quoted(text: &str, quote: char) -> Option<(&str, &str)> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if c == '\\' && quote == '"' {
            escaped = true;
        } else if c == quote {
            return Some((text.get(..at)?, text.get(at + 1..)?));
        }
    }
    None
}

/// Name and value of `NAME=value`.
fn assigned(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_name.then_some((name, value))
}

fn is_harmless(value: &str) -> bool {
    value.chars().all(|c| c.is_ascii_digit()) || HARMLESS.contains(&value)
}

/// A word: an address, a path, or several of them with `:`, `,` or `=` between them.
fn word(text: &str, is_remote: bool, people: &HashSet<String>) -> String {
    if let Some(at) = text.find("://") {
        let start = text.get(..at).unwrap_or_default();
        let start = start.rfind(|c: char| !c.is_ascii_alphanumeric()).map_or(0, |before| before + 1);
        let (lead, address) = text.split_at(start);
        let (scheme, place) = address.split_once("://").unwrap_or((address, ""));
        let end = place.find(['/', '?', '#']).unwrap_or(place.len());
        let (host, behind) = place.split_at(end);
        let host = nameless(host.rsplit('@').next().unwrap_or_default(), people);
        let behind = if behind.len() > 1 { format!("/{CUT}") } else { behind.to_owned() };
        return format!("{lead}{scheme}://{host}{behind}");
    }
    if let Some((who, host)) = text.split_once('@')
        && !who.is_empty()
        && (is_remote || is_host(host))
    {
        return format!("{CUT}@{}", word(host, false, people));
    }
    text.split_inclusive([':', ',', '='])
        .map(|piece| {
            let bare = piece.trim_end_matches([':', ',', '=']);
            let end = piece.get(bare.len()..).unwrap_or_default();
            format!("{}{end}", path(bare, people))
        })
        .collect()
}

/// Whether a text begins as the name of a host does: with a dot, and letters behind the last one.
fn is_host(text: &str) -> bool {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || ".-".contains(c))).unwrap_or(text.len());
    let host = text.get(..end).unwrap_or_default();
    host.rsplit_once('.')
        .is_some_and(|(_, last)| last.len() >= 2 && last.bytes().all(|byte| byte.is_ascii_alphabetic()))
}

/// A path: whole in the project, and outside of it where it begins.
fn path(text: &str, people: &HashSet<String>) -> String {
    // `-I/usr/include`, `@/tmp/x`
    let start = match text.find(['/', '~']) {
        Some(at) if at <= 2 && text.starts_with(['-', '@']) => at,
        _ => 0,
    };
    let (lead, rest) = text.split_at(start);
    let shown = if let Some(below) = rest.strip_prefix("~/") {
        match below.split_once('/') {
            Some((first, _)) if first.starts_with('.') => format!("~/{first}/{CUT}"),
            None if below.starts_with('.') || below.is_empty() => rest.to_owned(),
            _ => format!("~/{CUT}"),
        }
    } else if rest.starts_with('~') {
        if rest.len() > 1 { format!("~{CUT}") } else { rest.to_owned() }
    } else if let Some(below) = rest.strip_prefix('/') {
        match below.split_once('/') {
            Some((first, _)) if first != "dev" => format!("/{first}/{CUT}"),
            _ => rest.to_owned(),
        }
    } else if let Some(below) = rest.strip_prefix("../") {
        let above = below.trim_start_matches("../");
        let dots = rest.len() - above.len();
        let cut = if above.is_empty() || above == ".." { above } else { CUT };
        format!("{}{cut}", rest.get(..dots).unwrap_or_default())
    } else {
        rest.to_owned()
    };
    format!("{lead}{}", nameless(&shown, people))
}

/// A text without names of people, and without what nobody would make up.
fn nameless(text: &str, people: &HashSet<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let is_letter = |c: char| c.is_alphanumeric();
        let (run, after) = rest.split_at(rest.find(|c: char| !is_letter(c)).unwrap_or(rest.len()));
        let is_cut = !run.is_empty() && (people.contains(&run.to_lowercase()) || secret::is_opaque(run));
        out.push_str(if is_cut { CUT } else { run });
        let (between, next) = after.split_at(after.find(is_letter).unwrap_or(after.len()));
        out.push_str(between);
        rest = next;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(shown: &str) -> String {
        private(shown, &HashSet::from(["ann".to_owned(), "bob".to_owned()]), false)
    }

    #[test]
    fn people_are_known_by_the_parts_of_their_names() {
        let names = names_of(&["Ann.Smith@acme.example".to_owned(), "root".to_owned(), "al".to_owned()]);
        assert_eq!(names, HashSet::from(["ann".to_owned(), "smith".to_owned()]));
    }

    #[test]
    fn what_was_called_is_left() {
        for call in [
            "Bash(npm run build -- --watch)",
            "Bash(cd api && npm ci > out.txt 2>/dev/null)",
            "Bash(CI=1 NODE_ENV=test npm test)",
            "Bash(git push -u origin main)",
            "Bash(python -m pytest 'tests/a.py')",
            "Bash(npx -y @acme/docs@1.2.3)",
            "Bash(cat ~/.npmrc .env ..)",
            "Read(src/a.rs)",
            "Edit(.env)",
            "WebFetch(https://a.example)",
            "Agent(Explore)",
            "mcp__docs__search",
        ] {
            assert_eq!(told(call), call);
        }
    }

    #[test]
    fn files_of_a_home_folder_are_cut() {
        for (call, shown) in [
            ("Read(letters/x.txt)", "Read(…)"),
            ("Bash(cat letters/x notes.txt /etc/hosts)", "Bash(cat … … /etc/…)"),
            ("Bash(npm test)", "Bash(npm test)"),
        ] {
            assert_eq!(private(call, &HashSet::new(), true), shown);
        }
    }

    #[test]
    fn what_tells_of_somebody_is_cut() {
        for (call, shown) in [
            ("Bash(git commit -m \"talk to Bob\" --author=ann)", "Bash(git commit -m \"…\" --author=…)"),
            ("Bash(git commit -m fix)", "Bash(git commit -m …)"),
            (
                "Bash(mail ann.smith@acme.example < report-for-bob.txt)",
                "Bash(mail …@acme.example < report-for-….txt)",
            ),
            ("Bash(PGPASSWORD=hunter2 psql -U eve db)", "Bash(PGPASSWORD=… psql -U … db)"),
            ("Bash(PGPASSWORD='hunter2' psql)", "Bash(PGPASSWORD='…' psql)"),
            ("Bash(mysql -pw1 -u root)", "Bash(mysql -p… -u …)"),
            (
                "Bash(curl -u ann:pw --data @/home/bob/x https://u:p@x.example/a?b)",
                "Bash(curl -u … --data … https://x.example/…)",
            ),
            ("Bash(curl -H'X: y' x.example)", "Bash(curl -H'…' x.example)"),
            ("Bash(ssh carol@build1 ls && scp dan@h:/x .)", "Bash(ssh …@build1 ls && scp …@h:/x .)"),
            ("Bash(docker run -v /home/carol/x:/x img)", "Bash(docker run -v /home/…:/x img)"),
            ("Bash(gcc -I/home/carol/x a.c)", "Bash(gcc -I/home/… a.c)"),
            (
                "Bash(cat /home/carol/x ~/notes/x ~/.aws/credentials ~carol ../../carol/x)",
                "Bash(cat /home/… ~/… ~/.aws/… ~… ../../…)",
            ),
            ("Bash(cat <<EOF\nsecret\nEOF)", "Bash(cat <<EOF …)"),
            ("Bash(echo \"no end)", "Bash(echo \"…)"),
            ("Bash(echo 'a b' | tee f)", "Bash(echo '…' | tee f)"),
            ("Read(/Users/carol/my file.txt)", "Read(/Users/…)"),
            ("WebFetch(https://wiki.example/ann?x)", "WebFetch(https://wiki.example/…)"),
            ("WebSearch(salary of ann)", "WebSearch(…)"),
            ("Bash(x a8s9d8f7a6s5d4f3)", "Bash(x …)"),
        ] {
            assert_eq!(told(call), shown, "{call}");
        }
    }
}
