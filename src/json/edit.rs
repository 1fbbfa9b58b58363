//! Changes to a document that leave every other byte as it was.
//!
//! All edits of a call speak of the document as it was before the call, so that indexes stay true
//! whatever else is edited. They are gathered into one tree of changes; then each container that
//! changes is rewritten once, the innermost first.

use serde_json::{Map, Value};

use super::layout::{Layout, begins_line, entry_starts, indentation};
use super::node::{Kind, Node};
use super::{Document, Pointer};
use crate::text::Span;

/// Widest line that an insertion into a one-line container may make.
const MAX_WIDTH: usize = 100;

/// One change to a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// Give the place this value; objects that are missing on the way are made.
    Set {
        /// The place.
        at: Pointer,
        /// Its new value.
        value: Value,
    },
    /// Add to the end of the array at the place, which is made where it is missing.
    Append {
        /// The array.
        at: Pointer,
        /// The new element.
        value: Value,
    },
    /// Take the member or element away; nothing happens where there is none.
    Remove {
        /// The member or element.
        at: Pointer,
    },
    /// Take away bytes that are not JSON: a comma before a closing bracket.
    Mend {
        /// The bytes.
        span: Span,
    },
}

/// Why edits cannot be made; the document stays as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The place lies within a value that is neither object nor array.
    #[error("{} holds {found}, so nothing can be put below it", name(at))]
    Blocked {
        /// The value in the way.
        at: Pointer,
        /// What it is.
        found: &'static str,
    },
    /// The way goes through a key that stands there more than once.
    #[error("{} stands there more than once, and only the last counts", name(at))]
    Repeated {
        /// The repeated key.
        at: Pointer,
    },
    /// Two edits ask for different things at one place.
    #[error("{} is asked to be two things at once", name(at))]
    Conflict {
        /// The place.
        at: Pointer,
    },
    /// The document is not JSON, even after mending.
    #[error("the document is not valid JSON")]
    NotJson,
}

/// A place as messages name it.
fn name(at: &Pointer) -> String {
    if at.tokens().is_empty() { "the document".to_owned() } else { format!("`{}`", at.dotted()) }
}

/// The text of `document` after `edits`. No edits give the same text, byte for byte.
pub fn apply(document: &Document, edits: &[Edit]) -> Result<String, EditError> {
    let layout = Layout::of(document);
    let mut change = Change::default();
    let mut mends = Vec::new();
    for edit in edits {
        match edit {
            Edit::Mend { span } => mends.push((*span, String::new())),
            Edit::Set { at, value } => change.node(at).set(at, value)?,
            Edit::Append { at, value } => {
                let node = change.node(at);
                if !node.append.contains(value) {
                    node.append.push(value.clone());
                }
            }
            Edit::Remove { at } => change.node(at).remove = true,
        }
    }
    let mut document =
        if mends.is_empty() { document.clone() } else { Document::parse(splice(document.text(), mends)) };
    if !document.is_strict() {
        return Err(EditError::NotJson);
    }
    if change.is_empty() {
        return Ok(document.text().to_owned());
    }
    let Some(root) = document.root() else {
        let value = change.synthesize(&Pointer::root())?.unwrap_or_default();
        let blank = document.text().trim();
        return Ok(format!("{blank}{}{}", layout.render(&value, Some("")), layout.newline));
    };
    if let Some(value) = &change.set {
        let span = root.span;
        let text = layout.render(value, Some(""));
        return Ok(splice(document.text(), vec![(span, text)]));
    }
    let mut rewrites = Vec::new();
    collect(root, &Pointer::root(), &change, &mut rewrites)?;
    for rewrite in rewrites {
        let text = rewrite.text(&document, &layout);
        document = Document::parse(text);
    }
    Ok(document.text().to_owned())
}

/// What is asked for at one place and below it.
#[derive(Debug, Default)]
struct Change {
    set: Option<Value>,
    remove: bool,
    append: Vec<Value>,
    below: Vec<(String, Change)>,
}

impl Change {
    fn is_empty(&self) -> bool {
        self.set.is_none() && !self.remove && self.append.is_empty() && self.below.is_empty()
    }

    /// Whether nothing here or below asks for more than that something be gone.
    fn only_removes(&self) -> bool {
        self.set.is_none()
            && self.append.is_empty()
            && self.below.iter().all(|(_, change)| change.only_removes())
    }

    fn node(&mut self, at: &Pointer) -> &mut Self {
        at.tokens().iter().fold(self, |node, token| node.child(token))
    }

    fn child(&mut self, token: &str) -> &mut Self {
        let index = self.below.iter().position(|(key, _)| key == token).unwrap_or_else(|| {
            self.below.push((token.to_owned(), Self::default()));
            self.below.len() - 1
        });
        #[expect(clippy::indexing_slicing, reason = "the index was found or made in the line above")]
        &mut self.below[index].1
    }

    fn set(&mut self, at: &Pointer, value: &Value) -> Result<(), EditError> {
        if self.set.as_ref().is_some_and(|earlier| earlier != value) {
            return Err(EditError::Conflict { at: at.clone() });
        }
        self.set = Some(value.clone());
        Ok(())
    }

    /// The value that this change makes where nothing stood; none where it only removes.
    fn synthesize(&self, at: &Pointer) -> Result<Option<Value>, EditError> {
        let mut value = self.set.clone();
        if !self.append.is_empty() {
            match value.get_or_insert_with(|| Value::Array(Vec::new())) {
                Value::Array(items) => items.extend(self.append.iter().cloned()),
                other => return Err(blocked(at, other)),
            }
        }
        for (key, change) in &self.below {
            let Some(inner) = change.synthesize(&at.join(key.as_str()))? else { continue };
            match value.get_or_insert_with(|| Value::Object(Map::new())) {
                Value::Object(members) => {
                    members.insert(key.clone(), inner);
                }
                other => return Err(blocked(at, other)),
            }
        }
        Ok(value)
    }
}

fn blocked(at: &Pointer, found: &Value) -> EditError {
    let found = match found {
        Value::Object(_) => "an object",
        Value::Array(_) => "an array",
        _ => "a plain value",
    };
    EditError::Blocked { at: at.clone(), found }
}

/// What happens to the entries of one container.
#[derive(Debug)]
struct Rewrite {
    at: Pointer,
    removed: Vec<usize>,
    replaced: Vec<(usize, Value)>,
    added: Vec<(Option<String>, Value)>,
}

/// Lists the containers to rewrite below `node`, the innermost first.
fn collect(node: &Node, at: &Pointer, change: &Change, rewrites: &mut Vec<Rewrite>) -> Result<(), EditError> {
    let mut rewrite =
        Rewrite { at: at.clone(), removed: Vec::new(), replaced: Vec::new(), added: Vec::new() };
    match &node.kind {
        Kind::Array(items) => {
            rewrite.added = change.append.iter().map(|value| (None, value.clone())).collect();
            for (key, below) in &change.below {
                let place = at.join(key.as_str());
                let index = key.parse::<usize>().ok().filter(|index| *index < items.len());
                let Some((index, item)) = index.and_then(|index| Some((index, items.get(index)?))) else {
                    if below.only_removes() {
                        continue;
                    }
                    return Err(EditError::Blocked { at: at.clone(), found: node.kind_name() });
                };
                rewrite.entry(index, item, &place, below, rewrites)?;
            }
        }
        Kind::Object(members) => {
            if !change.append.is_empty() {
                return Err(EditError::Blocked { at: at.clone(), found: node.kind_name() });
            }
            for (key, below) in &change.below {
                let place = at.join(key.as_str());
                let mut same = members.iter().enumerate().filter(|(_, member)| member.key == *key);
                match (same.next(), same.next()) {
                    (Some(_), Some(_)) => return Err(EditError::Repeated { at: place }),
                    (Some((index, member)), None) => {
                        rewrite.entry(index, &member.value, &place, below, rewrites)?;
                    }
                    (None, _) => {
                        if let Some(value) = below.synthesize(&place)? {
                            rewrite.added.push((Some(key.clone()), value));
                        }
                    }
                }
            }
        }
        _ if change.only_removes() => {}
        _ => return Err(EditError::Blocked { at: at.clone(), found: node.kind_name() }),
    }
    if !(rewrite.removed.is_empty() && rewrite.replaced.is_empty() && rewrite.added.is_empty()) {
        rewrites.push(rewrite);
    }
    Ok(())
}

impl Rewrite {
    /// Notes what happens to the entry `index`, or goes on below it.
    fn entry(
        &mut self,
        index: usize,
        node: &Node,
        place: &Pointer,
        change: &Change,
        rewrites: &mut Vec<Self>,
    ) -> Result<(), EditError> {
        if change.remove {
            if change.set.is_some() || !change.append.is_empty() {
                return Err(EditError::Conflict { at: place.clone() });
            }
            self.removed.push(index);
        } else if change.set.is_some() {
            if let Some(value) = change.synthesize(place)?.filter(|value| *value != node.to_value()) {
                self.replaced.push((index, value));
            }
        } else {
            collect(node, place, change, rewrites)?;
        }
        Ok(())
    }

    /// The whole text after this rewrite.
    fn text(&self, document: &Document, layout: &Layout) -> String {
        let Some(node) = document.at(&self.at) else { return document.text().to_owned() };
        let one_line = !document.source().slice(node.span).contains('\n');
        if !one_line {
            return splice(document.text(), self.splices(document, layout, node, false));
        }
        let before = width(document, node.span.start);
        let text = splice(document.text(), self.splices(document, layout, node, true));
        let after = width(&Document::parse(text.as_str()), node.span.start);
        if after <= MAX_WIDTH || (before > MAX_WIDTH && self.has_kept(node)) {
            return text;
        }
        let spread = vec![(node.span, self.spread(document, layout, node))];
        splice(document.text(), spread)
    }

    fn has_kept(&self, node: &Node) -> bool {
        entry_starts(node).len() > self.removed.len()
    }

    /// The smallest changes that do the work.
    fn splices(
        &self,
        document: &Document,
        layout: &Layout,
        node: &Node,
        one_line: bool,
    ) -> Vec<(Span, String)> {
        let entries = entry_spans(node);
        if !self.has_kept(node) {
            return vec![(node.span, self.fresh(document, layout, node, one_line))];
        }
        let mut splices = Vec::new();
        for (index, value) in &self.replaced {
            if let Some(span) = value_span(node, *index) {
                let base = indentation(document, span.start).to_owned();
                let flat = layout.render(value, None);
                let old = document.source().slice(span);
                let rest = width(document, span.start).saturating_sub(old.chars().count());
                // What stood on one line stays there while it fits.
                let stays = old.starts_with(['{', '['])
                    && !old.contains('\n')
                    && rest + flat.chars().count() <= MAX_WIDTH;
                let text = if one_line || stays { flat } else { layout.render(value, Some(&base)) };
                splices.push((span, text));
            }
        }
        let mut kept_end: Option<usize> = None;
        let mut gone: Option<Span> = None;
        for (index, span) in entries.iter().enumerate() {
            if self.removed.contains(&index) {
                let start = gone.map(|gone| gone.start).or(kept_end).unwrap_or(span.start);
                gone = Some(Span::new(start, span.end));
            } else {
                if let Some(gap) = gone.take() {
                    // Behind a kept entry the comma before the gap goes; at the front, the one behind it.
                    let end = if kept_end.is_some() { gap.end } else { span.start };
                    splices.push((Span::new(gap.start, end), String::new()));
                }
                kept_end = Some(span.end);
            }
        }
        splices.extend(gone.map(|gap| (gap, String::new())));
        if let Some(last) = kept_end {
            let text = self.appended(document, layout, node, one_line);
            if !text.is_empty() {
                // Where the entries behind the last kept one go, their gap begins at the same place:
                // the new entries take its room.
                match splices.iter_mut().find(|(span, text)| span.start == last && text.is_empty()) {
                    Some((_, replacement)) => *replacement = text,
                    None => splices.push((Span::at(last), text)),
                }
            }
        }
        splices
    }

    /// The new entries with the commas before them.
    fn appended(&self, document: &Document, layout: &Layout, node: &Node, one_line: bool) -> String {
        let starts = entry_starts(node);
        let own_line = starts.iter().rev().find(|start| begins_line(document, **start));
        let base = match own_line {
            Some(start) => indentation(document, *start).to_owned(),
            None => format!("{}{}", indentation(document, node.span.start), layout.indent),
        };
        let flat = has_flat_entries(document, node);
        let mut text = String::new();
        for (key, value) in &self.added {
            let key = key.as_deref();
            if one_line {
                text.push_str(&own_comma(document, node).unwrap_or_else(|| layout.comma.clone()));
            } else {
                text.push(',');
                text.push_str(layout.newline);
                text.push_str(&base);
            }
            let on_one_line = rendered(layout, key, value, None);
            let fits = base.chars().count() + on_one_line.chars().count() <= MAX_WIDTH;
            text.push_str(&if one_line || (flat && fits) {
                on_one_line
            } else {
                rendered(layout, key, value, Some(&base))
            });
        }
        text
    }

    /// The container with nothing of its old entries left.
    fn fresh(&self, document: &Document, layout: &Layout, node: &Node, one_line: bool) -> String {
        let base = (!one_line).then(|| indentation(document, node.span.start).to_owned());
        layout.render(&self.added_value(node), base.as_deref())
    }

    fn added_value(&self, node: &Node) -> Value {
        if node.is_array() {
            return Value::Array(self.added.iter().map(|(_, value)| value.clone()).collect());
        }
        let members = self.added.iter().map(|(key, value)| (key.clone().unwrap_or_default(), value.clone()));
        Value::Object(members.collect())
    }

    /// A one-line container written over several lines, each kept entry as it was.
    fn spread(&self, document: &Document, layout: &Layout, node: &Node) -> String {
        let outer = indentation(document, node.span.start);
        let inner = format!("{outer}{}", layout.indent);
        let kept =
            entry_spans(node).into_iter().enumerate().filter(|(index, _)| !self.removed.contains(index));
        let mut entries: Vec<String> = kept
            .map(|(index, span)| match self.replaced.iter().find(|(at, _)| *at == index) {
                Some((_, value)) => {
                    let key = node.members().get(index).map(|member| member.key.as_str());
                    rendered(layout, key, value, Some(&inner))
                }
                None => document.source().slice(span).to_owned(),
            })
            .collect();
        entries.extend(
            self.added.iter().map(|(key, value)| rendered(layout, key.as_deref(), value, Some(&inner))),
        );
        let [open, close] = if node.is_array() { ['[', ']'] } else { ['{', '}'] };
        let newline = layout.newline;
        let body = entries.join(&format!(",{newline}{inner}"));
        format!("{open}{newline}{inner}{body}{newline}{outer}{close}")
    }
}

fn rendered(layout: &Layout, key: Option<&str>, value: &Value, base: Option<&str>) -> String {
    match key {
        Some(key) => layout.render_member(key, value, base),
        None => layout.render(value, base),
    }
}

/// What stands between the first two entries of a one-line container.
fn own_comma(document: &Document, node: &Node) -> Option<String> {
    let entries = entry_spans(node);
    let between = document.text().get(entries.first()?.end..entries.get(1)?.start)?;
    between.chars().all(|c| c == ',' || c == ' ').then(|| between.to_owned())
}

/// Whether the objects and arrays in a container all stand on one line each.
fn has_flat_entries(document: &Document, node: &Node) -> bool {
    let values = node.members().iter().map(|member| &member.value).chain(node.items());
    let mut containers =
        values.filter(|value| !value.members().is_empty() || !value.items().is_empty()).peekable();
    containers.peek().is_some() && containers.all(|value| !document.source().slice(value.span).contains('\n'))
}

fn entry_spans(node: &Node) -> Vec<Span> {
    let members = node.members().iter().map(super::Member::span);
    members.chain(node.items().iter().map(|item| item.span)).collect()
}

fn value_span(node: &Node, index: usize) -> Option<Span> {
    let member = node.members().get(index).map(|member| member.value.span);
    member.or_else(|| node.items().get(index).map(|item| item.span))
}

/// Width in characters of the line that holds `offset`.
fn width(document: &Document, offset: usize) -> usize {
    document.source().line_at(offset).chars().count()
}

/// Puts each text in the place of its span. Spans do not overlap.
fn splice(text: &str, mut splices: Vec<(Span, String)>) -> String {
    splices.sort_by_key(|(span, _)| (span.start, span.end));
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (span, new) in &splices {
        out.push_str(text.get(done..span.start).unwrap_or_default());
        out.push_str(new);
        done = span.end;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}
