//! Proofs about sets of texts, held against all short texts one by one.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use bylaws::automaton::{
    Budget, Class, Language, Pattern, Proof, disjoint, equivalent, implies, never_matches,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};

/// A pattern as text: `a` and `b` are letters, `?` is any character, `*` any number of them, `~` any number
/// but no `a`, `|` a `b` or nothing, `%` any number of pieces that end in their first `a`.
type Form = Vec<u8>;

fn forms(longest: usize) -> impl Strategy<Value = Form> {
    vec(select(b"aaabbb***?~|%".as_slice()), 0..=longest)
}

fn pattern(form: &[u8]) -> Pattern {
    let no_a = || Pattern::many(Class::single('a').complement());
    Pattern::chain(form.iter().map(|piece| match piece {
        b'?' => Pattern::one(Class::any()),
        b'*' => Pattern::anything(),
        b'~' => no_a(),
        b'|' => Pattern::text("b").optional(),
        b'%' => Pattern::chain([no_a(), Pattern::text("a")]).repeated(),
        letter => Pattern::text(&char::from(*letter).to_string()),
    }))
}

/// Whether a text is of a form, by trying all ways.
fn fits(form: &[u8], text: &[u8]) -> bool {
    let Some((piece, rest)) = form.split_first() else { return text.is_empty() };
    let letters = |wanted: fn(u8) -> bool| text.iter().take_while(|letter| wanted(**letter)).count();
    match piece {
        b'?' => !text.is_empty() && fits(rest, &text[1..]),
        b'*' => (0..=text.len()).any(|skipped| fits(rest, &text[skipped..])),
        b'~' => (0..=letters(|letter| letter != b'a')).any(|skipped| fits(rest, &text[skipped..])),
        b'|' => fits(rest, text) || (text.first() == Some(&b'b') && fits(rest, &text[1..])),
        b'%' => {
            let end = text.iter().position(|letter| *letter == b'a');
            fits(rest, text) || end.is_some_and(|end| fits(form, &text[end + 1..]))
        }
        letter => text.first() == Some(letter) && fits(rest, &text[1..]),
    }
}

/// What is true of each of some texts.
type Truths = Vec<bool>;

/// All texts over an alphabet up to a length, the shortest first and each length in the order of letters.
struct Texts {
    all: Vec<Vec<u8>>,
    longest: usize,
    known: RefCell<HashMap<Form, Rc<Truths>>>,
}

impl Texts {
    fn new(alphabet: &[u8], longest: usize) -> Self {
        let mut all = vec![Vec::new()];
        let mut level = all.clone();
        for _ in 0..longest {
            level =
                level.iter().flat_map(|text| alphabet.iter().map(|c| [text, &[*c][..]].concat())).collect();
            all.extend(level.iter().cloned());
        }
        Self { all, longest, known: RefCell::default() }
    }

    fn of_form(&self, form: &Form) -> Rc<Truths> {
        let mut known = self.known.borrow_mut();
        let truths = || Rc::new(self.all.iter().map(|text| fits(form, text)).collect());
        known.entry(form.clone()).or_insert_with(truths).clone()
    }

    fn of_any(&self, forms: &[Form]) -> Truths {
        let forms: Vec<Rc<Truths>> = forms.iter().map(|form| self.of_form(form)).collect();
        (0..self.all.len()).map(|at| forms.iter().any(|truths| truths[at])).collect()
    }

    fn of(&self, tree: &Tree) -> Truths {
        let both = |a: &Tree, b: &Tree, join: fn(bool, bool) -> bool| {
            self.of(a).into_iter().zip(self.of(b)).map(|(a, b)| join(a, b)).collect()
        };
        match tree {
            Tree::Forms(forms) => self.of_any(forms),
            Tree::Not(inner) => self.of(inner).into_iter().map(|is| !is).collect(),
            Tree::And(a, b) => both(a, b, |a, b| a && b),
            Tree::Or(a, b) => both(a, b, |a, b| a || b),
        }
    }

    /// The first text that is in the set.
    fn least(&self, truths: &Truths) -> Option<String> {
        let at = truths.iter().position(|is| *is)?;
        Some(String::from_utf8(self.all[at].clone()).unwrap())
    }

    /// Holds an answer against the first of the texts that `tree` holds: it is the least there is, and where
    /// there is none, every text of the answer is longer than all that were tried.
    fn agree(&self, tree: &Tree, proof: &Proof) -> Result<(), TestCaseError> {
        match (self.least(&self.of(tree)), proof) {
            (Some(least), proof) => prop_assert_eq!(proof, &Proof::Refuted(least)),
            (None, Proof::Proved) => {}
            (None, Proof::Refuted(text)) => {
                prop_assert!(text.len() > self.longest && tree.holds(text.as_bytes()), "{text:?}");
            }
            (None, Proof::Undecided) => prop_assert!(false, "undecided"),
        }
        Ok(())
    }
}

/// Sets of texts and what is made of them.
#[derive(Debug, Clone)]
enum Tree {
    Forms(Vec<Form>),
    Not(Box<Tree>),
    And(Box<Tree>, Box<Tree>),
    Or(Box<Tree>, Box<Tree>),
}

impl Tree {
    fn and(self, other: Self) -> Self {
        Self::And(self.into(), other.into())
    }

    fn minus(self, other: Self) -> Self {
        self.and(Self::Not(other.into()))
    }

    fn language(&self) -> Language {
        match self {
            Self::Forms(forms) => forms.iter().map(|form| pattern(form)).collect(),
            Self::Not(inner) => inner.language().complement(),
            Self::And(a, b) => a.language().and(&b.language()),
            Self::Or(a, b) => a.language().or(&b.language()),
        }
    }

    fn holds(&self, text: &[u8]) -> bool {
        match self {
            Self::Forms(forms) => forms.iter().any(|form| fits(form, text)),
            Self::Not(inner) => !inner.holds(text),
            Self::And(a, b) => a.holds(text) && b.holds(text),
            Self::Or(a, b) => a.holds(text) || b.holds(text),
        }
    }
}

fn sets(longest: usize) -> impl Strategy<Value = Tree> {
    vec(forms(longest), 0..5).prop_map(Tree::Forms)
}

fn trees() -> impl Strategy<Value = Tree> {
    sets(4).prop_recursive(3, 12, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|tree| Tree::Not(tree.into())),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| a.and(b)),
            (inner.clone(), inner).prop_map(|(a, b)| Tree::Or(a.into(), b.into())),
        ]
    })
}

fn run<S: Strategy>(cases: u32, strategy: &S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new(config).run(strategy, test).unwrap();
}

/// All texts of `a` and `b`: what may stand in a text, as a question gives it.
fn universe() -> Language {
    Pattern::many(Class::of("ab")).into()
}

#[test]
fn rule_sets_agree_with_all_texts_up_to_length_eight() {
    let texts = Texts::new(b"ab", 8);
    let set = || (sets(4), sets(4)).prop_map(|(allow, deny)| allow.minus(deny));
    run(10_000, &(set(), set()), |(new, old)| {
        let proof = implies(&new.language().and(&universe()), &old.language(), &mut Budget::default());
        texts.agree(&new.minus(old), &proof)
    });
}

#[test]
fn questions_agree_with_all_short_texts() {
    // No pattern has a `c`: it is what stands for every other character.
    let texts = Texts::new(b"abc", 6);
    run(2_000, &(trees(), trees()), |(a, b)| {
        let (left, right) = (a.language(), b.language());
        texts.agree(&a, &never_matches(&left, &mut Budget::default()))?;
        texts.agree(&a.clone().and(b.clone()), &disjoint(&left, &right, &mut Budget::default()))?;
        let differ = Tree::Or(a.clone().minus(b.clone()).into(), b.minus(a).into());
        texts.agree(&differ, &equivalent(&left, &right, &mut Budget::default()))
    });
}

#[test]
fn the_laws_of_sets_hold() {
    run(500, &(trees(), trees()), |(a, b)| {
        let (a, b) = (a.language(), b.language());
        let not_both = a.and(&b).complement();
        let either_not = a.complement().or(&b.complement());
        prop_assert_eq!(equivalent(&not_both, &either_not, &mut Budget::default()), Proof::Proved);
        prop_assert_eq!(
            equivalent(&a.complement().and(&a.complement()).complement(), &a, &mut Budget::default()),
            Proof::Proved
        );
        prop_assert_eq!(never_matches(&a.minus(&a), &mut Budget::default()), Proof::Proved);
        prop_assert_eq!(implies(&a.and(&b), &a, &mut Budget::default()), Proof::Proved);
        prop_assert_eq!(implies(&a, &a.or(&b), &mut Budget::default()), Proof::Proved);
        prop_assert_eq!(equivalent(&a.minus(&b).or(&a.and(&b)), &a, &mut Budget::default()), Proof::Proved);
        let both_ways = implies(&a, &b, &mut Budget::default()) == Proof::Proved
            && implies(&b, &a, &mut Budget::default()) == Proof::Proved;
        prop_assert_eq!(equivalent(&a, &b, &mut Budget::default()) == Proof::Proved, both_ways);
        Ok(())
    });
}

#[test]
fn a_smaller_budget_never_changes_an_answer() {
    run(1_000, &(trees(), 0_usize..2_000), |(tree, budget)| {
        let language = tree.language();
        let answer = never_matches(&language, &mut Budget(budget));
        prop_assert!(
            answer == Proof::Undecided || answer == never_matches(&language, &mut Budget::default()),
            "{answer:?}"
        );
        Ok(())
    });
}

#[test]
fn plain_matching_agrees_with_trying_all_ways() {
    let texts = Texts::new(b"abc", 4);
    run(500, &forms(6), |form| {
        let pattern = pattern(&form);
        for text in &texts.all {
            let text = std::str::from_utf8(text).unwrap();
            prop_assert_eq!(pattern.matches(text), fits(&form, text.as_bytes()), "{}", text);
        }
        Ok(())
    });
}

/// Texts of `a` and `b` that end in an `x` or a `y`, and the patterns `*a???x` and `*b???y`. Nothing short tells
/// them apart, and the last letters have to be known: each place more in the tail doubles what there is to know.
fn tails(length: usize) -> (Language, Language) {
    let open = |class: Class| (0..length).map(move |_| Pattern::one(class.clone()));
    let behind = |first, last| {
        let start = [Pattern::anything(), Pattern::text(first)];
        Pattern::chain(start.into_iter().chain(open(Class::any())).chain([Pattern::text(last)]))
    };
    let letters = || Class::of("ab");
    let ends = [Pattern::one(letters()), Pattern::many(letters()), Pattern::one(Class::of("xy"))];
    let narrow = Pattern::chain(open(letters()).chain(ends));
    (narrow.into(), [behind("a", "x"), behind("b", "y")].into_iter().collect())
}

#[test]
fn hostile_patterns_leave_a_question_undecided() {
    let (narrow, wide) = tails(5);
    assert_eq!(implies(&narrow, &wide, &mut Budget::default()), Proof::Refuted("aaaaaay".to_owned()));
    let (narrow, wide) = tails(40);
    assert_eq!(implies(&narrow, &wide, &mut Budget::default()), Proof::Undecided);
    // One pattern that has as many stars as it likes.
    let stars = |letter: &str, count: usize| {
        let piece = || [Pattern::anything(), Pattern::text(letter)];
        Language::from(Pattern::chain((0..count).flat_map(|_| piece())))
    };
    let few = implies(&stars("a", 100), &stars("b", 100), &mut Budget::default());
    assert_eq!(few, Proof::Refuted("a".repeat(100)));
    let many = implies(&stars("a", 5_000), &stars("b", 5_000), &mut Budget::default());
    assert_eq!(many, Proof::Undecided);
    // Boolean forms blow up before any text is read.
    let pairs =
        (0..40).map(|at| Language::from(Pattern::text(&format!("a{at}"))).minus(&Pattern::text("b").into()));
    let none = pairs.fold(Language::everything(), |all, pair| all.minus(&pair));
    assert_eq!(never_matches(&none, &mut Budget::default()), Proof::Undecided);
}
