//! How long proofs about sets of rules take, as time on the processor: other work of the machine does not count.
//!
//! `cargo bench --bench prove` prints the figures of `docs/performance.md`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints its figures and may stop at the first surprise"
)]

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

use bylaws::access::{Access, MapWorld, Place, RuleId};
use bylaws::automaton::{Budget, Class, Language, Pattern, Proof, implies};
use bylaws::proof::{self, Sides};
use bylaws::rule::{List, Rule};

const TOOLS: &[&str] = &[
    "git",
    "npm",
    "cargo",
    "docker",
    "kubectl",
    "terraform",
    "aws",
    "gh",
    "python",
    "make",
    "go",
    "pnpm",
    "curl",
    "rg",
    "ls",
    "helm",
    "gradle",
    "mvn",
    "yarn",
    "pytest",
];
const VERBS: &[&str] = &[
    "run", "test", "build", "status", "push", "pull", "apply", "plan", "get", "describe", "delete",
    "install", "list", "show", "log", "diff", "add", "exec", "lint", "check", "start", "stop", "publish",
    "fmt",
];
const OBJECTS: &[&str] = &[
    "--all", "main", "dev", "prod", "--json", "src", "./...", "-n", "unit", "e2e", "pods", "s3", "release",
    "HEAD",
];

fn main() {
    let mut random = Random(1);
    measure("500 against 500, random wildcards", 400, || (rules(&mut random, 500), rules(&mut random, 500)));
    measure("500 against 500, each rule within another", 400, || {
        let wide = rules(&mut random, 500);
        (narrowed(&mut random, &wide), wide)
    });
    measure("100 against 100, one rule added", 1_000, || {
        let old = rules(&mut random, 100);
        let new = old.iter().cloned().chain(rules(&mut random, 1)).collect();
        (new, old)
    });
    measure("50 against 50, prefixes, each within another", 1_000, || {
        let wide = prefixes(&mut random, 50);
        (narrowed(&mut random, &wide), wide)
    });
    for count in [100, 500] {
        measure(&format!("{count} against {count}, all of the form *a*b*c*"), 50, || {
            let mut set = || (0..count).map(|_| starred(&mut random)).collect::<Vec<_>>();
            (set(), set())
        });
    }
    worst();
    compare_all("compare 500 against 500, random wildcards", 60, |random| {
        (rules(random, 500), rules(random, 500))
    });
    compare_all("compare 500 against 500, each within another", 60, |random| {
        let wide = rules(random, 500);
        (wide.clone(), narrowed(random, &wide))
    });
    compare_all("compare 500 against 500, five rules changed", 100, |random| {
        let old = rules(random, 500);
        let new = old.iter().skip(5).cloned().chain(rules(random, 5)).collect();
        (old, new)
    });
    compare_all("compare 50 against 50, two rules changed", 400, |random| {
        let old = prefixes(random, 50);
        let new = old.iter().skip(2).cloned().chain(rules(random, 2)).collect();
        (old, new)
    });
    compare_all("rules of 100 that decide nothing", 200, |random| (rules(random, 100), Vec::new()));
}

/// The rules of a side: one in ten is asked for, one in five denied, the others are allowed. The same rule stands in
/// the same list on each side.
fn access(rules: &[String]) -> Access {
    let lists = rules.iter().map(|rule| {
        let list = match rule.bytes().map(usize::from).sum::<usize>() % 10 {
            0 => List::Ask,
            1 | 2 => List::Deny,
            _ => List::Allow,
        };
        (list, Rule::parse(&format!("Bash({rule})")))
    });
    Access::of_rules(lists, &Place::made_up())
}

/// The same for whole comparisons, in both directions, with a call for each rule that grants something. Where there
/// is nothing to compare with, the rules that decide nothing are looked for.
fn compare_all(name: &str, questions: usize, sets: impl Fn(&mut Random) -> (Vec<String>, Vec<String>)) {
    let mut random = Random(2);
    let mut times = Vec::new();
    let (mut proved, mut flows, mut open) = (0, 0, 0);
    let world = MapWorld::default();
    for _ in 0..questions {
        let (old, new) = sets(&mut random);
        let (old, new) = (access(&old), access(&new));
        let start = microseconds();
        if new.rules().iter().next().is_none() {
            let rules: Vec<RuleId> = old.rules().iter().map(|(rule, _)| rule).collect();
            let idle = proof::idle_rules(&old, rules.into_iter().rev(), &world, &mut Budget::default());
            times.push(microseconds() - start);
            flows += idle.len();
            continue;
        }
        let sides = Sides { old: &old, new: &new, world: &world };
        let found = proof::compare(sides, &mut Budget(40_000_000));
        times.push(microseconds() - start);
        for outcome in [&found.looser, &found.stricter] {
            proved += usize::from(outcome.is_proved_empty());
            flows += outcome.flows.len();
            open += outcome.open.len();
        }
    }
    times.sort();
    let at = |part: usize| times.get((times.len() - 1) * part / 100).copied().unwrap_or_default();
    println!(
        "{name:44} median {}, 99% {}, most {}; found {flows}, proved {proved}, open {open}",
        milliseconds(at(50)),
        milliseconds(at(99)),
        milliseconds(at(100)),
    );
}

/// Prints the median and the 99th percentile of questions, and what was answered.
fn measure(name: &str, questions: usize, mut sets: impl FnMut() -> (Vec<String>, Vec<String>)) {
    let mut times = Vec::new();
    let (mut proved, mut refuted, mut undecided) = (0, 0, 0);
    for _ in 0..questions {
        let (narrow, wide) = sets();
        let (narrow, wide) = (language(&narrow), language(&wide));
        let start = microseconds();
        let proof = implies(&narrow, &wide, &mut Budget::default());
        times.push(microseconds() - start);
        match proof {
            Proof::Proved => proved += 1,
            Proof::Refuted(_) => refuted += 1,
            Proof::Undecided => undecided += 1,
        }
    }
    times.sort();
    let at = |part: usize| times.get((times.len() - 1) * part / 100).copied().unwrap_or_default();
    println!(
        "{name:44} median {}, 99% {}, most {}; proved {proved}, refuted {refuted}, undecided {undecided}",
        milliseconds(at(50)),
        milliseconds(at(99)),
        milliseconds(at(100)),
    );
}

/// The last letters of a text have to be known: a budget that is spent.
fn worst() {
    let open = |class: Class| (0..40).map(move |_| Pattern::one(class.clone()));
    let behind = |first, last| {
        let start = [Pattern::anything(), Pattern::text(first)];
        Pattern::chain(start.into_iter().chain(open(Class::any())).chain([Pattern::text(last)]))
    };
    let letters = || Class::of("ab");
    let ends = [Pattern::many(letters()), Pattern::one(Class::of("xy"))];
    let narrow = Language::from(Pattern::chain(open(letters()).chain(ends)));
    let wide: Language = [behind("a", "x"), behind("b", "y")].into_iter().collect();
    let start = microseconds();
    let proof = implies(&narrow, &wide, &mut Budget::default());
    println!("a budget that is spent: {}, {proof:?}", milliseconds(microseconds() - start));
}

/// The time that this process was on the processor.
fn microseconds() -> i64 {
    let usage = getrusage(UsageWho::RUSAGE_SELF).unwrap();
    usage.user_time().num_microseconds() + usage.system_time().num_microseconds()
}

fn milliseconds(microseconds: i64) -> String {
    format!("{}.{:03} ms", microseconds / 1000, microseconds % 1000)
}

fn language(rules: &[String]) -> Language {
    rules.iter().map(|rule| pattern(rule)).collect()
}

/// A command rule: `*` is anything, and a single ` *` at the end may be missing.
fn pattern(rule: &str) -> Pattern {
    if let Some(prefix) = rule.strip_suffix(" *").filter(|prefix| !prefix.contains('*')) {
        let more = Pattern::chain([Pattern::text(" "), Pattern::anything()]).optional();
        return Pattern::chain([Pattern::text(prefix), more]);
    }
    let mut parts = Vec::new();
    for piece in rule.split('*') {
        if !parts.is_empty() {
            parts.push(Pattern::anything());
        }
        parts.push(Pattern::text(piece));
    }
    Pattern::chain(parts)
}

fn prefixes(random: &mut Random, count: usize) -> Vec<String> {
    (0..count).map(|_| format!("{} {} *", random.of(TOOLS), random.of(VERBS))).collect()
}

/// Rules of all the forms that people write.
fn rules(random: &mut Random, count: usize) -> Vec<String> {
    (0..count)
        .map(|_| {
            let (tool, verb, object) = (random.of(TOOLS), random.of(VERBS), random.of(OBJECTS));
            match random.below(10) {
                0 => format!("{tool} {verb} {object}"),
                1..=3 => format!("{tool} {verb} *"),
                4 => format!("{tool} {verb} {object} *"),
                5 => format!("{tool} {verb}*"),
                6 => format!("{tool} * {object}"),
                7 => format!("{tool} {verb} * {object} *"),
                8 => format!("* {verb} {object}"),
                _ => format!("*{verb}*{object}*"),
            }
        })
        .collect()
}

/// Each rule made narrower, so that all lie within `wide`.
fn narrowed(random: &mut Random, wide: &[String]) -> Vec<String> {
    wide.iter()
        .map(|rule| {
            let word = random.of(OBJECTS);
            match random.below(3) {
                0 => rule.clone(),
                1 if rule.matches('*').count() == 1 => rule.replacen('*', word, 1),
                _ => rule.replacen('*', &format!("{word} *"), 1),
            }
        })
        .collect()
}

fn starred(random: &mut Random) -> String {
    format!("*{}*{}*{}*", random.of(TOOLS), random.of(VERBS), random.of(OBJECTS))
}

/// Numbers that are the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).map_or(0, |number| number % end)
    }

    fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words.get(self.below(words.len())).copied().unwrap_or_default()
    }
}
