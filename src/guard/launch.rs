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
            // `npm exec -c 'cat x'` hands its words to a shell.
            if inner.first().is_some_and(|first| first.text().contains(char::is_whitespace)) {
                self.text_of(&inner, &mut state.clone());
            } else {
                self.command(&inner, &mut state.clone(), feed);
            }
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
            if text.starts_with("-a") || text.starts_with("--arg-file") {
                feed = Feed::Unknown;
                let glued = text.strip_prefix("--arg-file=").or(text.strip_prefix("-a"));
                let glued =
                    glued.filter(|file| !file.is_empty()).map(|file| Argument::of(words::quoted(file)));
                at += usize::from(glued.is_none());
                if let Some(file) = glued.or_else(|| rest.get(at).cloned()) {
                    self.read_argument(&file, state, how, true);
                }
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
