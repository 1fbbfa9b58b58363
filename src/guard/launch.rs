//! Commands that run other commands: shells, wrappers, `xargs`, `find -exec`, interpreters.

use super::command::{Argument, operands};
use super::kind::Kind;
use super::line::{Feed, State};
use super::recursion::{Filter, Use, Walk};
use super::words::{self, Word};
use super::{Look, programs};
use crate::client::wrappers::{self, Operand, Options};

/// Options of `xargs` that have a value behind them.
const XARGS_VALUES: &[&str] =
    &["-n", "-I", "-P", "-L", "-d", "-s", "-E", "--max-args", "--max-procs", "--delimiter"];

impl Look<'_> {
    /// What a shell does itself; none for a program.
    pub(super) fn builtin(&mut self, name: &str, rest: &[Argument], state: &mut State) -> Option<Feed> {
        let operands: Vec<&Argument> = rest.iter().filter(|one| !one.is_option()).collect();
        match name {
            "cd" | "pushd" | "popd" => {
                state.folder = match operands.as_slice() {
                    [] if name == "cd" => Some(self.guard.place.home.clone()),
                    [target] if target.text() != "-" && !target.text().starts_with('+') => {
                        let text = target.text.clone().filter(|text| !text.is_empty());
                        let path = text.zip(state.folder.as_deref());
                        let path = path.map(|(text, folder)| self.absolute(&text, folder));
                        // `..` is meant from where a link leads to.
                        let world = self.files.world();
                        path.map(|path| crate::access::folder_at(world, &path).unwrap_or(path))
                    }
                    _ => None,
                };
            }
            "eval" => self.text_of(rest, state),
            "trap" => {
                if let Some(first) = operands.first() {
                    self.text_of(&[(*first).clone()], state);
                }
            }
            "alias" => {
                for argument in &operands {
                    if let Some((_, text)) = argument.text().split_once('=') {
                        let text = text.to_owned();
                        self.line(&text, &mut state.clone());
                    }
                }
            }
            "export" | "declare" | "local" | "readonly" | "typeset" => {
                for argument in &operands {
                    for word in &argument.words {
                        let at = word.iter().position(|glyph| *glyph == words::Glyph::Plain('='));
                        let Some(at) = at else { continue };
                        let name = word.get(..at).and_then(words::value).unwrap_or_default();
                        let value = word.get(at + 1..).unwrap_or_default().to_vec();
                        state.variables.insert(name, Some(vec![value]));
                    }
                }
            }
            "read" | "mapfile" | "readarray" | "unset" | "getopts" => {
                for argument in &operands {
                    state.variables.insert(argument.text().to_owned(), None);
                }
            }
            _ => return None,
        }
        Some(Feed::Nothing)
    }

    /// Words that are put together to a command line.
    fn text_of(&mut self, arguments: &[Argument], state: &mut State) {
        let texts: Option<Vec<&str>> = arguments.iter().map(|one| one.text.as_deref()).collect();
        match texts {
            Some(texts) => self.line(&texts.join(" "), state),
            None => self.unclear(Kind::UnreadCommand, "a command line is put together only when it runs"),
        }
    }

    /// Whether the command only runs another one, which is then looked at instead.
    pub(super) fn launches(
        &mut self,
        name: &str,
        rest: &[Argument],
        state: &mut State,
        feed: &Feed,
        how: &str,
    ) -> bool {
        if let Some(known) = wrappers::find(name) {
            let options = known.closed.unwrap_or(known.open);
            let inner = self.behind(rest, &options, state);
            // `watch 'cat x'` hands its words to a shell.
            if inner.first().is_some_and(|first| first.text().contains(char::is_whitespace)) {
                self.text_of(&inner, &mut state.clone());
            } else {
                self.command(&inner, &mut state.clone(), feed);
            }
            return !inner.is_empty();
        }
        if let Some(skipped) = programs::wrapper(name) {
            let inner = rest.iter().skip_while(|one| one.is_option()).skip(skipped).cloned();
            let inner: Vec<Argument> = inner.collect();
            self.command(&inner, &mut state.clone(), feed);
            return !inner.is_empty();
        }
        if let Some(skipped) = programs::runner(name, rest.first().map(Argument::text)) {
            let inner = rest.iter().skip(1).skip_while(|one| one.is_option()).skip(skipped).cloned();
            let inner: Vec<Argument> = inner.collect();
            self.command(&inner, &mut state.clone(), feed);
            return !inner.is_empty();
        }
        if wrappers::SHELLS.contains(&name) || name == "fish" {
            self.shell(name, rest, state, feed);
            return true;
        }
        match name {
            "xargs" => self.xargs(rest, state, feed, how),
            "parallel" => self.parallel(rest, state, feed),
            "su" | "sg" | "runuser" => {
                let at = rest.iter().position(|one| matches!(one.text(), "-c" | "--command"));
                if let Some(text) = at.and_then(|at| rest.get(at + 1)) {
                    self.text_of(std::slice::from_ref(text), &mut state.clone());
                }
            }
            "ssh" => {
                let inner: Vec<Argument> = operands("scp", rest).into_iter().skip(1).cloned().collect();
                self.text_of(&inner, &mut State { elsewhere: true, ..state.clone() });
                return !inner.is_empty();
            }
            "docker" | "podman" | "kubectl" | "oc" => {
                let words: Vec<&str> = rest.iter().map(Argument::text).collect();
                let runs = words.iter().position(|word| matches!(*word, "exec" | "run"));
                let Some(at) = runs.filter(|at| *at < 3) else { return false };
                let behind = rest.get(at + 1..).unwrap_or_default();
                // Which word begins the command depends on the options before it: each of them may.
                for start in 1..behind.len().min(12) {
                    let inner = behind.get(start..).unwrap_or_default();
                    if inner.first().is_some_and(|first| !first.is_option()) {
                        let mut there = State { elsewhere: true, ..state.clone() };
                        self.command(inner, &mut there, &Feed::Unknown);
                    }
                }
                return false;
            }
            _ => return self.interpreter(name, rest, state, feed),
        }
        true
    }

    /// What stands behind the options of a wrapper.
    fn behind(&mut self, rest: &[Argument], options: &Options, state: &mut State) -> Vec<Argument> {
        let mut at = 0;
        while let Some(argument) = rest.get(at) {
            let text = argument.text();
            let (option, value) = text.split_once('=').map_or((text, None), |(a, b)| (a, Some(b.to_owned())));
            if text == "--" {
                at += 1;
                break;
            }
            if argument.is_option() {
                if options.commands.contains(&option) {
                    let line = value.map(|value| Argument::of(words::quoted(&value)));
                    let line = line.or_else(|| rest.get(at + 1).cloned());
                    let mut line: Vec<Argument> = line.into_iter().collect();
                    if text == "-S" {
                        line.extend(rest.iter().skip(at + 2).cloned());
                        self.text_of(&line, &mut state.clone());
                        return Vec::new();
                    }
                    self.text_of(&line, &mut state.clone());
                    at += 1;
                } else if options.values.contains(&text) || (options.glued.contains(&text) && text != "-") {
                    if matches!(text, "-C" | "--chdir")
                        && let Some(folder) = rest.get(at + 1).and_then(|one| one.text.as_deref())
                    {
                        state.folder = state.folder.as_deref().map(|from| self.absolute(folder, from));
                    }
                    at += 1;
                }
                at += 1;
            } else if options.assignments && text.contains('=') {
                at += 1;
            } else {
                break;
            }
        }
        if options.operand != Operand::None {
            at += 1;
            at += usize::from(rest.get(at).is_some_and(|one| one.text() == "--"));
        }
        rest.get(at..).unwrap_or_default().to_vec()
    }

    fn shell(&mut self, name: &str, rest: &[Argument], state: &mut State, feed: &Feed) {
        let mut rest = rest.iter();
        while let Some(argument) = rest.next() {
            let text = argument.text();
            if text == "--command" || (text.starts_with('-') && !text.starts_with("--") && text.contains('c'))
            {
                let line: Vec<Argument> = rest.find(|one| !one.is_option()).into_iter().cloned().collect();
                self.text_of(&line, &mut state.clone());
                return;
            }
            if matches!(text, "-o" | "-O" | "--rcfile" | "--init-file") {
                rest.next();
            } else if !argument.is_option() {
                // A script in a file: what it does is not looked at; that it is read is.
                self.read_argument(argument, state, &format!("`{name}`"), true);
                let mut inner = vec![argument.clone()];
                inner.extend(rest.cloned());
                self.command(&inner, &mut state.clone(), feed);
                return;
            }
        }
        match feed {
            Feed::Text(text) => self.line(text, &mut state.clone()),
            Feed::Nothing => {}
            Feed::Files(_) | Feed::Unknown => self
                .unclear(Kind::UnreadCommand, format!("what goes into `{name}` is known only when it runs")),
        }
    }

    fn xargs(&mut self, rest: &[Argument], state: &mut State, feed: &Feed, how: &str) {
        let mut at = 0;
        let mut feed = feed.clone();
        while let Some(argument) = rest.get(at).filter(|one| one.is_option()) {
            let text = argument.text();
            if text == "-a" || text.starts_with("--arg-file") {
                feed = Feed::Unknown;
                at += usize::from(!text.contains('='));
            } else if XARGS_VALUES.contains(&text) {
                at += 1;
            }
            at += 1;
        }
        let mut inner = rest.get(at..).unwrap_or_default().to_vec();
        if inner.is_empty() {
            return;
        }
        self.applied(&mut inner, state, &feed, how);
    }

    /// A command that is run for names that come in.
    fn applied(&mut self, inner: &mut Vec<Argument>, state: &mut State, feed: &Feed, how: &str) {
        if let Feed::Text(text) = feed {
            inner.extend(text.split_whitespace().map(|word| Argument::of(words::quoted(word))));
        }
        self.command(inner, &mut state.clone(), &Feed::Nothing);
        let name = inner.first().map(Argument::text).unwrap_or_default();
        let name = name.rsplit('/').next().unwrap_or_default();
        if programs::names_only(name) || state.elsewhere {
            return;
        }
        match feed {
            Feed::Files(walk) => {
                if programs::changes(name) || matches!(name, "mv" | "sed" | "perl") {
                    self.walk(walk, Use::Write, how);
                }
                if !programs::only_changes(name) {
                    self.walk(walk, Use::Read, how);
                }
            }
            Feed::Text(_) => {}
            Feed::Nothing | Feed::Unknown => self.unclear(
                Kind::UnknownFile,
                format!("{how} reads files whose names are known only when it runs"),
            ),
        }
    }

    fn parallel(&mut self, rest: &[Argument], state: &mut State, feed: &Feed) {
        let inner = rest.iter().skip_while(|one| one.is_option());
        let inner: Vec<Argument> = inner.cloned().collect();
        let at = inner.iter().position(|one| one.text().starts_with(":::"));
        let (head, operands) = inner.split_at(at.unwrap_or(inner.len()));
        let operands = operands.get(1..).unwrap_or_default();
        let texts: Option<Vec<&str>> =
            head.iter().chain(operands).map(|argument| argument.text.as_deref()).collect();
        match texts {
            Some(texts) if at.is_some() || matches!(feed, Feed::Nothing) => {
                self.line(&texts.join(" "), &mut state.clone());
            }
            _ => self.unclear(Kind::UnreadCommand, "what `parallel` runs is known only when it does"),
        }
    }

    /// A program given as text; says whether nothing else is to be looked at.
    fn interpreter(&mut self, name: &str, rest: &[Argument], state: &mut State, feed: &Feed) -> bool {
        let Some(options) = programs::code_options(name) else { return false };
        let mut found = false;
        for (at, argument) in rest.iter().enumerate() {
            let text = argument.text();
            if options.has(text) {
                found = true;
                if let Some(code) = rest.get(at + 1) {
                    self.code_argument(code, name, state);
                }
            } else if let Some(code) = text.strip_prefix("--eval=").or(text.strip_prefix("--print=")) {
                found = true;
                self.code(code, name, state);
            }
        }
        let has_script = rest.iter().any(|one| !one.is_option() && !matches!(one.text(), "-" | "/dev/stdin"));
        if !found && !has_script {
            match feed {
                Feed::Text(code) => self.code(code, name, state),
                Feed::Nothing => {}
                Feed::Files(_) | Feed::Unknown => self.unclear(
                    Kind::UnreadCommand,
                    format!("what goes into `{name}` is known only when it runs"),
                ),
            }
        }
        false
    }

    /// `find` and `fd`: which files, and what is done with them.
    pub(super) fn find(&mut self, name: &str, rest: &[Argument], state: &mut State, how: &str) -> Feed {
        let is_find = name == "find";
        let action = |text: &str| match is_find {
            true => matches!(text, "-exec" | "-execdir" | "-ok" | "-okdir"),
            false => matches!(text, "-x" | "-X" | "--exec" | "--exec-batch"),
        };
        let expression = |one: &&Argument| one.is_option() || matches!(one.text(), "(" | "!" | "\\(" | "\\!");
        let (roots, filter) = if is_find {
            let roots: Vec<&Argument> = rest
                .iter()
                .skip_while(|one| matches!(one.text(), "-L" | "-H" | "-P"))
                .take_while(|one| !expression(one))
                .collect();
            let mut filter = find_filter(rest);
            filter.follows = rest.iter().any(|one| matches!(one.text(), "-L" | "-follow"));
            // Unless files are asked for, a link is found like one, and whoever opens it opens its end.
            let asks = rest.iter().any(|one| one.text() == "-type");
            filter.links = filter.follows || !asks;
            (roots, filter)
        } else {
            let words: Vec<&str> = rest.iter().map(Argument::text).collect();
            let hidden = words.iter().any(|word| {
                matches!(*word, "--hidden" | "-H" | "-u" | "-uu" | "--unrestricted" | "-HI" | "-IH")
            });
            let before = rest.iter().take_while(|one| !action(one.text()));
            let roots = before.filter(|one| !one.is_option()).skip(1).collect();
            (roots, Filter { skips_hidden: !hidden, ..Filter::default() })
        };
        if state.folder.is_none() {
            self.unclear(Kind::UnknownFile, format!("{how} looks into a folder that is not known"));
            return Feed::Unknown;
        }
        let walk = Walk { roots: self.roots(&roots, state), filter };
        let mut acts = false;
        for (at, argument) in rest.iter().enumerate() {
            let text = argument.text();
            if action(text) {
                acts = true;
                let inner =
                    rest.iter().skip(at + 1).take_while(|one| !matches!(one.text(), ";" | "+" | "\\;"));
                let mut inner: Vec<Argument> = inner.cloned().collect();
                let feed = Feed::Files(Box::new(walk.clone()));
                self.applied(&mut inner, state, &feed, how);
            } else if text == "-delete" {
                acts = true;
                self.walk(&walk, Use::Write, how);
            } else if (text.starts_with("-fprint") || text == "-fls")
                && let Some(file) = rest.get(at + 1)
            {
                self.write_argument(file, state, how);
            }
        }
        if acts { Feed::Unknown } else { Feed::Files(Box::new(walk)) }
    }

    /// `tar` that puts together.
    pub(super) fn archive(&mut self, rest: &[Argument], state: &mut State, how: &str) {
        let Some(folder) = state.folder.clone() else { return };
        let mut base = folder;
        let mut walk = Walk::default();
        let follows = |one: &Argument| {
            one.text() == "--dereference"
                || (one.is_option() && !one.text().starts_with("--") && one.text().contains('h'))
        };
        walk.filter.follows = rest.iter().any(follows);
        walk.filter.links = walk.filter.follows;
        let mut puts = false;
        let mut rest = rest.iter().enumerate();
        while let Some((at, argument)) = rest.next() {
            let text = argument.text();
            if let Some(option) = text.strip_prefix("--") {
                let (option, value) =
                    option.split_once('=').map_or((option, None), |(a, b)| (a, Some(b.to_owned())));
                puts |= matches!(option, "create" | "append" | "update");
                let takes =
                    matches!(option, "exclude" | "directory" | "file" | "files-from" | "exclude-from");
                let value = value.or_else(|| {
                    if takes { rest.next().map(|(_, next)| next.text().to_owned()) } else { None }
                });
                match (option, value) {
                    ("exclude", Some(value)) if !value.trim_end_matches('/').contains('/') => {
                        let value = words::plain(value.trim_end_matches('/'));
                        walk.filter.exclude.push(value.clone());
                        walk.filter.exclude_folders.push(value);
                    }
                    ("directory", Some(value)) => base = self.absolute(&value, &base),
                    ("files-from", _) => self.listed_elsewhere(how),
                    _ => {}
                }
            } else if argument.is_option() || (at == 0 && is_letters(text)) {
                puts |= text.contains(['c', 'r', 'u']);
                for letter in text.chars().filter(|letter| "fCTXbgKNV".contains(*letter)) {
                    let Some((_, value)) = rest.next() else { break };
                    match letter {
                        'C' => base = self.absolute(value.text(), &base),
                        'T' => self.listed_elsewhere(how),
                        'f' if puts => self.write_argument(value, state, how),
                        _ => {}
                    }
                }
            } else {
                let inside = State { folder: Some(base.clone()), ..state.clone() };
                walk.roots.extend(self.roots(&[argument], &inside));
            }
        }
        if puts {
            self.walk(&walk, Use::Read, how);
        }
    }

    fn listed_elsewhere(&mut self, how: &str) {
        self.unclear(Kind::UnknownFile, format!("{how} takes the names of files from another file"));
    }

    /// `git`, with the options in front of its command taken away.
    pub(super) fn git(&mut self, rest: &[Argument], state: &mut State, how: &str) {
        let mut inner = state.clone();
        let mut at = 0;
        while let Some(argument) = rest.get(at).filter(|one| one.is_option()) {
            let value = rest.get(at + 1).map(|one| one.text().to_owned()).unwrap_or_default();
            match argument.text() {
                "-C" => {
                    inner.folder = inner.folder.as_deref().map(|from| self.absolute(&value, from));
                    at += 1;
                }
                "-c" => {
                    // An alias that begins with `!` is a command line.
                    if let Some((_, line)) = value.split_once("=!") {
                        self.line(line, &mut state.clone());
                    }
                    at += 1;
                }
                "--git-dir" | "--work-tree" | "--namespace" | "--exec-path" | "--super-prefix" => at += 1,
                _ => {}
            }
            at += 1;
        }
        let rest = rest.get(at..).unwrap_or_default();
        let Some((verb, rest)) = rest.split_first() else { return };
        if at > 0 {
            let line = super::written::line("git", &[std::slice::from_ref(verb), rest].concat());
            self.plain_command(&line, "without its first options, ");
        }
        let verb = verb.text();
        let reads = matches!(
            verb,
            "show"
                | "cat-file"
                | "diff"
                | "log"
                | "blame"
                | "annotate"
                | "checkout"
                | "restore"
                | "difftool"
                | "format-patch"
                | "grep"
                | "archive"
                | "hash-object"
        );
        let writes = matches!(verb, "checkout" | "restore" | "rm" | "mv" | "clean");
        if verb == "archive" && self.guard.has.reads {
            let why = format!("{how} reads files of a commit, and which ones is not looked at");
            self.unclear(Kind::UnknownFile, why);
        }
        let mut paths = false;
        let mut pattern = verb == "grep" && !rest.iter().any(|one| matches!(one.text(), "-e" | "-f"));
        for argument in rest {
            let text = argument.text();
            if text == "--" {
                (paths, pattern) = (true, false);
                continue;
            }
            if argument.is_option() {
                continue;
            }
            if std::mem::take(&mut pattern) {
                continue;
            }
            if let (true, Some((_, path))) = (reads && !paths, text.split_once(':')) {
                // A file of a commit need not be there any more.
                let top = self.absolute(path, &self.guard.place.project);
                self.reads(&top, how);
                let here = inner.folder.as_deref().map(|folder| self.absolute(path, folder));
                here.iter().for_each(|here| {
                    self.reads(here, how);
                });
            }
            let looks_like_a_file = paths || text.contains('.');
            if reads {
                self.read_argument(argument, &inner, how, looks_like_a_file);
            }
            if writes && (looks_like_a_file || text.contains('/')) {
                self.write_argument(argument, &inner, how);
                let roots = self.roots(&[argument], &inner);
                self.walk(&Walk { roots, filter: Filter::default() }, Use::Write, how);
            }
            if !reads && !writes && !matches!(verb, "commit" | "tag" | "add" | "push" | "pull" | "fetch") {
                self.read_argument(argument, &inner, how, false);
            }
        }
    }
}

fn is_letters(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// Which files the tests of `find` let through, where they are plain: alternatives are not followed.
fn find_filter(rest: &[Argument]) -> Filter {
    let mut filter = Filter::default();
    if rest.iter().any(|one| matches!(one.text(), "-o" | "-or" | "," | "(" | "\\(")) {
        return filter;
    }
    let mut negated = false;
    let mut rest = rest.iter();
    while let Some(argument) = rest.next() {
        let text = argument.text();
        match text {
            "!" | "\\!" | "-not" => {
                negated = true;
                continue;
            }
            "-name" | "-iname" | "-path" | "-wholename" => {
                let Some(value) = rest.next().and_then(|one| one.text.as_deref()) else { break };
                let value: Word = words::plain(value);
                match (text, negated) {
                    ("-name", true) => filter.exclude.push(value),
                    ("-name", false) if filter.include.is_empty() => filter.include.push(value),
                    ("-iname", false) if filter.include.is_empty() && filter.exclude.is_empty() => {
                        filter.include.push(value);
                        filter.any_case = true;
                    }
                    ("-path" | "-wholename", true) => filter.exclude_paths.push(value),
                    _ => {}
                }
            }
            _ => {}
        }
        negated = false;
    }
    filter
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_of_find_are_read_where_they_are_plain() {
        let filter = |text: &str| {
            let words: Vec<Argument> =
                text.split(' ').map(|word| Argument::of(words::quoted(word))).collect();
            let filter = find_filter(&words);
            (filter.include.len(), filter.exclude.len(), filter.exclude_paths.len())
        };
        assert_eq!(filter(". -name *.rs -type f"), (1, 0, 0));
        assert_eq!(filter(". -not -path */x/* -name *.rs"), (1, 0, 1));
        assert_eq!(filter(". ! -name .env"), (0, 1, 0));
        assert_eq!(filter(". -name a -o -name b"), (0, 0, 0));
    }
}
