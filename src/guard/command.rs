//! One command with its words: which rules for commands it falls under however it is written, and which files it
//! names.

use super::kind::Kind;
use super::line::{Feed, State};
use super::pattern::Expanded;
use super::recursion::{Filter, Use, Walk};
use super::words::{self, Word};
use super::written::{line, variants};
use super::{Look, programs, shown};

/// Longest word of which the parts are looked at, in bytes.
const LONGEST_WORD: usize = 8 * 1024;

/// Most commands that run one another.
const MOST_WITHIN: usize = 16;

/// A word of a command: one text, or the texts that it may be.
#[derive(Debug, Clone)]
pub(super) struct Argument {
    pub(super) words: Vec<Word>,
    /// The text, where it is one and known; patterns as they are written.
    pub(super) text: Option<String>,
}

impl Argument {
    pub(super) fn of(word: Word) -> Self {
        Self { text: words::value(&word), words: vec![word] }
    }

    /// One of several words.
    pub(super) fn any_of(words: Vec<Word>) -> Self {
        match <[Word; 1]>::try_from(words) {
            Ok([word]) => Self::of(word),
            Err(words) => Self { words, text: None },
        }
    }

    /// The text, or nothing where it is not known.
    pub(super) fn text(&self) -> &str {
        self.text.as_deref().unwrap_or_default()
    }

    pub(super) fn is_option(&self) -> bool {
        self.text().len() > 1 && self.text().starts_with('-')
    }
}

impl Look<'_> {
    /// A path as it is written in a command that runs in `folder`.
    pub(super) fn absolute(&self, text: &str, folder: &str) -> String {
        let place = &self.guard.place;
        let world = self.files.world();
        if text.split('/').any(|part| part == "..") && world.has_links() {
            let raw = match text.strip_prefix("~/") {
                Some(rest) => format!("{}/{rest}", place.home),
                None if text.starts_with('/') => text.to_owned(),
                None => format!("{folder}/{text}"),
            };
            // Behind a link, `..` is the folder above its end.
            if let Some(path) = crate::access::resolve(world, &raw) {
                return path;
            }
        }
        if text.starts_with('/') || text == "~" || text.starts_with("~/") {
            return place.absolute(text).into_owned();
        }
        place.absolute(&format!("{}/{text}", folder.trim_end_matches('/'))).into_owned()
    }

    /// A command with its words; gives what it prints, as far as the line says.
    pub(super) fn command(&mut self, arguments: &[Argument], state: &mut State, feed: &Feed) -> Feed {
        let Some((first, rest)) = arguments.split_first() else { return Feed::Nothing };
        if self.said.is_settled() {
            return Feed::Unknown;
        }
        let left = self.commands.checked_sub(1).filter(|_| self.within < MOST_WITHIN);
        let Some((left, words)) = left.zip(self.words.checked_sub(arguments.len())) else {
            self.unclear(Kind::UnreadCommand, "the command line has more commands than the guard looks at");
            return Feed::Unknown;
        };
        (self.commands, self.words) = (left, words);
        self.within += 1;
        let printed = self.named_command(first, rest, state, feed);
        self.within -= 1;
        printed
    }

    fn named_command(&mut self, first: &Argument, rest: &[Argument], state: &mut State, feed: &Feed) -> Feed {
        let names = self.program_names(first, state);
        if names.is_empty() {
            let written = line("…", rest);
            self.unclear(
                Kind::UnreadCommand,
                format!("which program `{}` runs is known only when it does", shown(&written)),
            );
            self.files("", rest, state, &format!("`{}`", shown(&written)));
            return Feed::Unknown;
        }
        let mut printed = Feed::Unknown;
        for name in names {
            printed = self.program(&name, rest, state, feed);
        }
        printed
    }

    /// The names of the programs that a word may be, without their folders.
    fn program_names(&self, first: &Argument, state: &State) -> Vec<String> {
        let mut names = Vec::new();
        for word in &first.words {
            let Some(text) = words::value(word) else { return Vec::new() };
            let mut paths = vec![text];
            if words::is_pattern(word)
                && let Some(folder) = &state.folder
                && let Expanded::Paths(found) = self.expand(word, folder, state.hidden)
            {
                paths.extend(found);
            }
            names.extend(paths.iter().filter_map(|path| path.rsplit('/').next()).map(str::to_owned));
        }
        names.retain(|name| !name.is_empty());
        names.dedup();
        names
    }

    fn program(&mut self, name: &str, rest: &[Argument], state: &mut State, feed: &Feed) -> Feed {
        let written = line(name, rest);
        for variant in variants(name, rest, &written) {
            self.plain_command(&variant, "");
        }
        let how = format!("`{}`", shown(&written));
        if let Some(printed) = self.builtin(name, rest, state) {
            return printed;
        }
        if self.launches(name, rest, state, feed, &how) {
            return Feed::Unknown;
        }
        if state.elsewhere {
            return Feed::Unknown;
        }
        self.addresses(name, rest);
        match name {
            "find" | "fd" | "fdfind" => return self.find(name, rest, state, &how),
            "tar" | "bsdtar" | "gtar" | "jar" => self.archive(rest, state, feed, &how),
            "git" => {
                self.git(rest, state, &how);
                return Feed::Unknown;
            }
            _ => {}
        }
        self.lists(name, rest, state, feed, &how);
        let walked = self.folders(name, rest, state, &how);
        self.changes(name, rest, state, &how);
        self.files(name, rest, state, &how);
        let lists = |one: &Argument| {
            let text = one.text();
            text == "--files-with-matches"
                || (one.is_option() && !text.starts_with("--") && text.contains('l'))
        };
        match walked {
            Some(walk) if programs::has_pattern_first(name, &[]) && rest.iter().any(lists) => {
                Feed::Files(Box::new(walk))
            }
            _ => self.printed(name, rest, state, feed),
        }
    }

    /// What a command prints, where the line says so.
    fn printed(&self, name: &str, rest: &[Argument], state: &State, feed: &Feed) -> Feed {
        let operands: Vec<&Argument> = rest.iter().filter(|one| !one.is_option()).collect();
        match name {
            "echo" | "printf" => {
                let texts: Option<Vec<&str>> = operands.iter().map(|one| one.text.as_deref()).collect();
                texts.map_or(Feed::Unknown, |texts| Feed::Text(texts.join(" ").replace("\\n", "\n")))
            }
            "ls" => {
                let folders = self.roots(&operands, state);
                let mut roots = Vec::new();
                for (folder, written) in folders {
                    if !self.is_folder(&folder) {
                        roots.push((folder, written));
                        continue;
                    }
                    for (entry, listed) in self.listed(&folder).unwrap_or_default() {
                        if listed != super::Listed::Folder {
                            roots.push((self.absolute(&entry, &folder), entry));
                        }
                    }
                }
                Feed::Files(Box::new(Walk { roots, filter: Filter::default() }))
            }
            // These print some of the lines that come in, where they are given no file.
            "grep" | "egrep" | "fgrep" | "head" | "tail" | "sort" | "uniq" | "tee" | "cat" | "shuf" => {
                let patterns = usize::from(programs::has_pattern_first(name, &[]));
                let takes_files = name != "tee" && self::operands(name, rest).len() > patterns;
                match feed {
                    Feed::Files(_) if !takes_files => feed.clone(),
                    Feed::Text(_) if !takes_files && matches!(name, "tee" | "cat" | "sort" | "uniq") => {
                        feed.clone()
                    }
                    _ => Feed::Unknown,
                }
            }
            _ => Feed::Unknown,
        }
    }

    /// Addresses among the words of a command.
    fn addresses(&mut self, name: &str, rest: &[Argument]) {
        let fetches = matches!(name, "curl" | "wget" | "http" | "https" | "xh" | "aria2c" | "lynx" | "w3m");
        for argument in rest {
            let text = argument.text();
            if let Some(at) = text.find("://") {
                let start = text.get(..at).and_then(|head| head.rfind(|c: char| !c.is_ascii_alphanumeric()));
                let url = text.get(start.map_or(0, |at| at + 1)..).unwrap_or_default().to_owned();
                self.address(&url);
            } else if fetches && !argument.is_option() && text.contains('.') && !text.contains(' ') {
                self.address(&format!("https://{text}"));
            }
        }
    }

    /// What a program that takes whole folders would read or change in them; gives what it reads.
    fn folders(&mut self, name: &str, rest: &[Argument], state: &State, how: &str) -> Option<Walk> {
        let mut read = None;
        let words: Vec<&str> = rest.iter().map(Argument::text).collect();
        let reading = programs::reads_folders(name).filter(|known| known.is_on(&words));
        let changing = programs::changes_folders(name).filter(|known| known.is_on(&words));
        for (known, used) in [(reading, Use::Read), (changing, Use::Write)] {
            let Some(known) = known else { continue };
            let mut operands = operands(name, rest);
            if programs::has_pattern_first(name, &words) && !operands.is_empty() {
                operands.remove(0);
            }
            operands.drain(..known.before.min(operands.len()));
            let targeted = words.iter().any(|word| *word == "-t" || word.starts_with("--target-directory"));
            if known.last_is_target && !targeted {
                operands.pop();
            }
            // Whoever searches reads what is there; whoever copies nothing has nothing to read.
            let searches = !known.last_is_target && known.before == 0 && used == Use::Read;
            if operands.is_empty() && !searches {
                continue;
            }
            if state.folder.is_none() {
                self.unclear(Kind::UnknownFile, format!("{how} reads a folder that is not known"));
                continue;
            }
            let mut filter = filter_of(name, rest);
            filter.skips_hidden = known.skips_hidden && !programs::asks_for_hidden(&words);
            filter.follows = known.follows(&words);
            filter.links = filter.follows;
            let roots = self.roots(&operands, state);
            let walk = Walk { roots, filter };
            self.walk(&walk, used, how);
            if used == Use::Read {
                read = Some(walk);
            }
        }
        read
    }

    /// What a program changes by the words of its command.
    fn changes(&mut self, name: &str, rest: &[Argument], state: &State, how: &str) {
        let words: Vec<&str> = rest.iter().map(Argument::text).collect();
        let in_place = words.iter().any(|word| {
            *word == "--in-place" || word.starts_with("--in-place=") || *word == "inplace" || {
                word.starts_with("-i") || (name == "perl" && word.starts_with("-p") && word.contains('i'))
            }
        });
        let edits = matches!(name, "sed" | "perl" | "ruby" | "gawk" | "awk" | "yq") && in_place;
        let mut targets: Vec<&Argument> = Vec::new();
        let named = operands(name, rest);
        if programs::changes(name) || edits || matches!(name, "patch" | "mv") {
            targets.extend(named.iter().copied());
        }
        let copies = matches!(name, "cp" | "mv" | "install" | "ln" | "rsync" | "scp");
        if copies && let Some((last, sources)) = named.split_last() {
            let aim = words.iter().position(|word| *word == "-t").and_then(|at| rest.get(at + 1));
            let target = aim.unwrap_or(last);
            self.write_argument(target, state, how);
            // Into a folder goes a file of the same name.
            let folder = target.text().trim_end_matches('/').to_owned();
            for source in sources.iter().filter(|_| !folder.is_empty()) {
                let Some(file) = source.text().trim_end_matches('/').rsplit('/').next() else { continue };
                let into = Argument::of(words::quoted(&format!("{folder}/{file}")));
                self.write_argument(&into, state, how);
            }
        }
        for (at, argument) in rest.iter().enumerate() {
            let text = argument.text();
            let value = match text {
                "-o" | "-O" | "--output" | "--output-document" | "--outfile" | "--out" => {
                    rest.get(at + 1).cloned()
                }
                _ => ["of=", "--output=", "--output-document=", "--outfile=", "--out="]
                    .iter()
                    .find_map(|option| text.strip_prefix(option))
                    .map(|value| Argument::of(words::quoted(value))),
            };
            if let Some(value) = value {
                self.write_argument(&value, state, how);
            }
        }
        for target in targets {
            self.write_argument(target, state, how);
        }
    }

    /// The files among the words of a command that it may read.
    fn files(&mut self, name: &str, rest: &[Argument], state: &State, how: &str) {
        if programs::names_only(name) || programs::only_changes(name) || state.elsewhere {
            return;
        }
        let words: Vec<&str> = rest.iter().map(Argument::text).collect();
        let known = programs::reads(name);
        let mut pattern = programs::has_pattern_first(name, &words);
        let mut rest = rest.iter();
        while let Some(argument) = rest.next() {
            let text = argument.text();
            let option = text.split('=').next().unwrap_or_default();
            if argument.is_option() && programs::takes_text(name, option) {
                if option == text {
                    rest.next();
                }
                continue;
            }
            if argument.is_option() && programs::takes_value(name, text) {
                if let Some(value) = rest.next() {
                    self.read_argument(value, state, how, false);
                }
                continue;
            }
            if pattern && !argument.is_option() {
                pattern = false;
                if programs::is_programmed(name) {
                    self.code_argument(argument, name, state);
                }
                continue;
            }
            if !known && text.contains(char::is_whitespace) && !matches!(name, "git" | "gh" | "glab") {
                self.names_in(text, how, state);
            }
            self.read_argument(argument, state, how, known && !argument.is_option());
        }
    }

    /// A program as text that stands in a word.
    pub(super) fn code_argument(&mut self, argument: &Argument, program: &str, state: &State) {
        match &argument.text {
            Some(code) => self.code(code, program, state),
            None => {
                let why = format!("the program given to `{program}` is known only when it runs");
                self.unclear(Kind::Program, why);
            }
        }
    }

    /// A word that may name a file that is read. `known` says that the program is known to read what it names.
    pub(super) fn read_argument(&mut self, argument: &Argument, state: &State, how: &str, known: bool) {
        if state.elsewhere || !self.guard.has.reads {
            return;
        }
        // `npm run secrets` names no file.
        let names = !known && programs::takes_names(how);
        for word in &argument.words {
            let unknown = |look: &mut Self| {
                if known {
                    look.unclear(
                        Kind::UnknownFile,
                        format!("{how} reads a file whose name is known only when it runs"),
                    );
                }
            };
            let Some(text) = words::value(word) else {
                match words::tail(word).and_then(|tail| words::value(&tail)) {
                    // Where it lies is not known: rules for a name at any depth speak of it all the same.
                    Some(tail) => {
                        let path = self.absolute(&tail, &self.guard.place.project);
                        if !self.reads(&path, how) {
                            unknown(self);
                        }
                    }
                    None => unknown(self),
                }
                continue;
            };
            let Some(folder) = state.folder.as_deref() else {
                // Where it lies is not known: rules for a name at any depth speak of it all the same.
                for form in forms(&text) {
                    let path = self.absolute(form, &self.guard.place.project);
                    self.reads(&path, how);
                }
                if !text.starts_with(['/', '~']) {
                    unknown(self);
                }
                continue;
            };
            if words::is_pattern(word) {
                match self.expand(word, folder, state.hidden) {
                    Expanded::Paths(paths) => {
                        for path in paths {
                            if self.exists(&path) && self.reads(&path, how) {
                                return;
                            }
                        }
                    }
                    Expanded::Unknown => unknown(self),
                }
            }
            for (at, form) in forms(&text).into_iter().enumerate() {
                if names && !form.contains(['/', '.']) {
                    continue;
                }
                let path = self.absolute(form, folder);
                if ((known && at == 0) || self.exists(&path)) && self.reads(&path, how) {
                    return;
                }
            }
        }
    }

    /// A word that names a file that is written.
    pub(super) fn write_argument(&mut self, argument: &Argument, state: &State, how: &str) {
        if state.elsewhere || !self.guard.has.edits {
            return;
        }
        for word in &argument.words {
            let folder = state.folder.clone().unwrap_or_else(|| self.guard.place.project.clone());
            let text = words::value(word).or_else(|| words::tail(word).and_then(|tail| words::value(&tail)));
            let Some(text) = text else { continue };
            let mut paths = vec![self.absolute(&text, &folder)];
            if words::is_pattern(word)
                && let Expanded::Paths(found) = self.expand(word, &folder, state.hidden)
            {
                paths.extend(found);
            }
            for path in paths {
                if self.writes(&path, how) {
                    return;
                }
            }
        }
    }
}

/// The parts of a word that may each be the name of a file: `--file=x`, `-fx`, `@x`, `HEAD:x`, `x:/in/a/container`.
fn forms(text: &str) -> Vec<&str> {
    if text.len() > LONGEST_WORD {
        return Vec::new();
    }
    let mut found = vec![text];
    let plain = text.strip_prefix("file://").unwrap_or(text);
    for part in plain.split(['=', '@', ':', ',', ';', '<']) {
        if !part.is_empty() && part != text {
            found.push(part);
        }
    }
    if let Some((_, value)) = plain.split_once('=') {
        found.push(value);
    }
    if let Some(rest) = text.strip_prefix('-').filter(|rest| !rest.starts_with('-')) {
        found.extend(rest.char_indices().nth(1).and_then(|(at, _)| rest.get(at..)));
    }
    found.retain(|form| !form.is_empty());
    found
}

/// The words that are no options and no values of options.
pub(super) fn operands<'a>(name: &str, rest: &'a [Argument]) -> Vec<&'a Argument> {
    let mut found = Vec::new();
    let mut rest = rest.iter();
    while let Some(argument) = rest.next() {
        if argument.text() == "--" {
            found.extend(rest);
            break;
        }
        if argument.is_option() {
            if programs::takes_value(name, argument.text()) {
                rest.next();
            }
        } else {
            found.push(argument);
        }
    }
    found
}

/// What options of searching and copying programs leave out.
fn filter_of(name: &str, rest: &[Argument]) -> Filter {
    let mut filter = Filter::default();
    let mut rest = rest.iter();
    while let Some(argument) = rest.next() {
        let text = argument.text();
        let (option, value) = match text.split_once('=') {
            Some((option, value)) => (option, Some(value.to_owned())),
            None => (text, None),
        };
        let is_glob = name == "rg" && matches!(option, "-g" | "--glob");
        let is_filter = matches!(option, "--include" | "--exclude" | "--exclude-dir");
        if !is_glob && !is_filter {
            continue;
        }
        let Some(value) = value.or_else(|| rest.next().map(|next| next.text().to_owned())) else { break };
        // What is put together of folders is not followed: then nothing is left out.
        let value = value.trim_end_matches("/**").trim_end_matches('/');
        if value.trim_start_matches('!').contains('/') || value.is_empty() {
            continue;
        }
        match option {
            "--exclude-dir" => filter.exclude_folders.push(words::plain(value)),
            "--exclude" => {
                filter.exclude.push(words::plain(value));
                if name == "rsync" {
                    filter.exclude_folders.push(words::plain(value));
                }
            }
            "--include" if name != "rsync" => filter.include.push(words::plain(value)),
            _ if is_glob => match value.strip_prefix('!') {
                Some(value) => {
                    filter.exclude.push(words::plain(value));
                    filter.exclude_folders.push(words::plain(value));
                }
                None => filter.include.push(words::plain(value)),
            },
            _ => {}
        }
    }
    filter
}
