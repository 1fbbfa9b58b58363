//! What a command line is made of. Spans are byte offsets into the whole line.

use crate::text::Span;

/// A sequence of statements: a whole command line, or the inside of a group or substitution.
pub type Statements<'a> = Vec<Statement<'a>>;

/// A statement and how it ends.
#[derive(Debug, Clone)]
pub struct Statement<'a> {
    /// The statement.
    pub node: Node<'a>,
    /// Whether a `&` ends it.
    pub background: bool,
}

/// A command of any kind, or several that are joined.
#[derive(Debug, Clone)]
pub enum Node<'a> {
    /// A command with its words.
    Simple(Box<Simple<'a>>),
    /// Commands joined by `|` and `|&`.
    Pipeline(Vec<Node<'a>>),
    /// Commands joined by `&&` and `||`.
    List(Box<Node<'a>>, Vec<(Join, Node<'a>)>),
    /// `! command`.
    Negated(Box<Node<'a>>),
    /// A compound command with the redirections behind it.
    Compound(Box<Compound<'a>>),
}

/// How two commands of a list are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// `&&`
    And,
    /// `||`
    Or,
}

/// A compound command.
#[derive(Debug, Clone)]
pub struct Compound<'a> {
    /// From its first word to its last redirection.
    pub span: Span,
    /// What it is.
    pub kind: Kind<'a>,
    /// The redirections behind it.
    pub redirections: Vec<Redirection<'a>>,
}

/// The kinds of compound commands.
#[derive(Debug, Clone)]
pub enum Kind<'a> {
    /// `( … )`
    Subshell(Statements<'a>),
    /// `{ …; }`
    Group(Statements<'a>),
    /// `(( … ))`
    Arithmetic(Vec<Part<'a>>),
    /// `if … then … elif … else … fi`: conditions and branches in the order in which they are written.
    If(Vec<Statements<'a>>),
    /// `while` and `until`.
    Loop(Statements<'a>, Statements<'a>),
    /// `for name in words; do …; done`
    For(For<'a>),
    /// `for ((…)); do …; done`
    CountingFor(Vec<Part<'a>>, Statements<'a>),
    /// `select name in words; do …; done`
    Select(For<'a>),
    /// `case word in pattern) …;; esac`
    Case(RawWord<'a>, Vec<(Vec<RawWord<'a>>, Statements<'a>)>),
    /// `name() …` and `function name …`, with its body.
    Function(Box<Node<'a>>),
    /// `[[ … ]]`: its words and operators.
    Test(Vec<RawWord<'a>>),
}

/// A `for` loop over words.
#[derive(Debug, Clone)]
pub struct For<'a> {
    /// The variable.
    pub name: &'a str,
    /// The words, none without `in`.
    pub words: Option<Vec<RawWord<'a>>>,
    /// What is repeated.
    pub body: Statements<'a>,
    /// Whether the body stands in braces instead of `do … done`.
    pub braces: bool,
}

/// A command with its words.
#[derive(Debug, Clone)]
pub struct Simple<'a> {
    /// From the first assignment, word or redirection to the last word or here-string; redirections behind
    /// are left out.
    pub span: Span,
    /// Assignments in front of the words.
    pub assignments: Vec<Assignment<'a>>,
    /// The command and what follows it.
    pub words: Vec<RawWord<'a>>,
    /// All redirections.
    pub redirections: Vec<Redirection<'a>>,
}

/// `name=value`.
#[derive(Debug, Clone)]
pub struct Assignment<'a> {
    /// Where it stands.
    pub span: Span,
    /// The variable.
    pub name: &'a str,
    /// Whether it is `name[…]=`.
    pub subscript: bool,
    /// Whether it is `+=`.
    pub append: bool,
    /// Whether the value is a list in parentheses.
    pub list: bool,
    /// The value; empty for an empty one.
    pub value: RawWord<'a>,
}

/// A redirection.
#[derive(Debug, Clone)]
pub struct Redirection<'a> {
    /// Where it stands.
    pub span: Span,
    /// The digits in front of it.
    pub descriptor: &'a str,
    /// `>`, `>>`, `>|`, `>&`, `&>`, `&>>`, `<`, `<>`, `<&`, `<<`, `<<-`, `<<<`.
    pub operator: &'a str,
    /// What stands behind it: a file, a descriptor, the text of a here-string, the end word of a here-document.
    pub target: RawWord<'a>,
    /// Whether it stands before the first word of the command.
    pub leading: bool,
    /// Whether the name of a variable in braces stands in front of it.
    pub names_variable: bool,
    /// Of a here-document: whether its text is taken as it is.
    pub quoted: bool,
    /// Of a here-document: its text.
    pub body: Span,
    /// Of a here-document: the substitutions in a text that is not taken as it is.
    pub body_parts: Vec<Part<'a>>,
    /// Of a here-document: whether something else follows on its line.
    pub followed: bool,
}

/// A word as it is written.
#[derive(Debug, Clone, Default)]
pub struct RawWord<'a> {
    /// Where it stands.
    pub span: Span,
    /// Its pieces; none when it is plain text without quotes, backslashes and expansions.
    pub parts: Vec<Part<'a>>,
}

/// A piece of a word.
#[derive(Debug, Clone)]
pub enum Part<'a> {
    /// Text that stands for itself.
    Literal(&'a str),
    /// The character behind a backslash; empty for a line that goes on.
    Escaped(&'a str),
    /// `'…'`
    Single(&'a str),
    /// `"…"`
    Double(Vec<Part<'a>>),
    /// `$'…'`
    Ansi(&'a str),
    /// `$"…"`
    Localized(Vec<Part<'a>>),
    /// `$name`, `$1`, `$?`
    Variable(&'a str),
    /// `${…}`
    Parameter(Vec<Part<'a>>),
    /// `$(…)` and backquotes.
    Command(Substitution<'a>),
    /// `<(…)` and `>(…)`
    Process(Substitution<'a>),
    /// `$((…))` and `$[…]`
    Arithmetic(Span, Vec<Part<'a>>),
    /// A `$` that begins nothing.
    Dollar,
}

/// A substitution of commands.
#[derive(Debug, Clone)]
pub struct Substitution<'a> {
    /// Where it stands.
    pub span: Span,
    /// What runs.
    pub statements: Statements<'a>,
}
