// What the page is made of: elements, words, numbers, tables.
//
// INVARIANT: texts of the data reach the page as text nodes and as nothing else. No markup is made from text.

const { fleet, trend, states, checks } = JSON.parse(document.getElementById("data").textContent);

const stateOf = new Map(states.map((state) => [state.key, state]));

/** The kinds of states, in the order in which they are told of. */
const KINDS = [
  { key: "asked", words: "as policy asks", mark: "●" },
  { key: "drift", words: "in drift", mark: "▲" },
  { key: "none", words: "no policy", mark: "◆" },
  { key: "unknown", words: "not known", mark: "■" },
  { key: "archived", words: "archived", mark: "○" },
];
const kindOf = new Map(KINDS.map((kind) => [kind.key, kind]));

/** Characters that are not seen, or that reorder those around them. */
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

const formatted = new Intl.NumberFormat("en");
const inOrder = new Intl.Collator("en", { numeric: true }).compare;

/** The text with what is hidden in it made visible. */
function tame(text) {
  return String(text).replace(HIDDEN, (hidden) => `\\u{${hidden.codePointAt(0).toString(16)}}`);
}

/** Gives an element its attributes and what stands in it: elements, texts, numbers; null is left out. */
function fill(element, attributes, content) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  for (const part of content.flat(2)) {
    if (part !== null) element.append(part instanceof Node ? part : tame(part));
  }
  return element;
}

/** An element. */
function make(name, attributes = {}, ...content) {
  return fill(document.createElement(name), attributes, content);
}

/** An element of a drawing. */
function draw(name, attributes = {}, ...content) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, content);
}

/** The place of the page that a part of it is written to. */
function place(part) {
  return document.querySelector(`[data-part="${part}"]`);
}

function count(number, one, many = `${one}s`) {
  return `${formatted.format(number)} ${number === 1 ? one : many}`;
}

function countOfRepositories(number) {
  return count(number, "repository", "repositories");
}

/** A share in percent. All and none are said of nothing else. */
function share(part, all) {
  if (all === 0) return "–";
  const percent = Math.round((100 * part) / all);
  if (percent === 100 && part < all) return "> 99 %";
  if (percent === 0 && part > 0) return "< 1 %";
  return `${percent} %`;
}

/** The whole days from one day to another. */
function daysBetween(from, to) {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);
}

/** How many of the repositories are of each kind, and in each state. */
function tally(repositories) {
  const tallied = { all: repositories.length, kinds: new Map(), states: new Map() };
  for (const { state } of repositories) {
    const { kind } = stateOf.get(state);
    tallied.kinds.set(kind, (tallied.kinds.get(kind) ?? 0) + 1);
    tallied.states.set(state, (tallied.states.get(state) ?? 0) + 1);
  }
  return tallied;
}

/** A state in words, with a mark that tells its kind without a colour. */
function stateMark(key) {
  const state = stateOf.get(key);
  const mark = make("span", { class: `mark ${key}`, "aria-hidden": "true" }, kindOf.get(state.kind).mark);
  return make("span", { class: "state" }, mark, state.words);
}

/** A bar of the states of some repositories. A table beside it says the same. */
function bar(tallied) {
  const parts = states.filter(({ key }) => tallied.states.has(key)).map(({ key, words }) => {
    const number = tallied.states.get(key);
    const part = make("span", { class: `part ${key}`, title: `${words}: ${formatted.format(number)}` });
    part.style.setProperty("flex-grow", number);
    return part;
  });
  return make("div", { class: "bar", "aria-hidden": "true" }, parts.reverse());
}

/**
 * A table with its caption, within a region that scrolls where the page is narrow. A head is a text or
 * `{ words, class, sort, sorted }`; a cell is what stands in it, or `{ content, class }`; the first one heads its row.
 */
function table(caption, heads, rows, attributes = {}) {
  const head = heads.map((head) => {
    const { words, class: name = null, sort = null, sorted = null } = typeof head === "string" ? { words: head } : head;
    const content = sort === null ? words : make("button", { type: "button", "data-sort": sort }, words);
    return make("th", { scope: "col", class: name, "aria-sort": sorted }, content);
  });
  const cell = (cell, index) => {
    const plain = cell === null || cell instanceof Node || Array.isArray(cell) || typeof cell !== "object";
    const { content, class: name = null } = plain ? { content: cell } : cell;
    const given = { class: name ?? (typeof heads[index] === "string" ? null : (heads[index].class ?? null)) };
    return index === 0 ? make("th", { scope: "row", ...given }, content) : make("td", given, content);
  };
  const body = make("tbody", {}, rows.map((row) => make("tr", {}, row.map(cell))));
  const made = make("table", attributes, make("caption", {}, caption), make("thead", {}, make("tr", {}, head)), body);
  return make("div", { class: "scrolls", role: "region", "aria-label": tame(caption), tabindex: "0" }, made);
}

/** Shows the first of many, and the others when asked for. `write` gives the element for some of them. */
function firstOf(all, first, write) {
  const holder = make("div");
  const show = (shown) => {
    const rest = all.length - shown;
    const more = make("button", { type: "button", class: "more", click: () => show(all.length) }, `Show all ${formatted.format(all.length)}`);
    holder.replaceChildren(write(all.slice(0, shown)), ...(rest > 0 ? [make("p", { class: "controls" }, more, ` ${formatted.format(rest)} are not shown`)] : []));
  };
  show(Math.min(first, all.length));
  return holder;
}

/** A folded part of the page, written when it is opened, or printed. */
function folded(summary, write, attributes = {}) {
  const made = make("details", attributes, make("summary", {}, summary));
  const open = () => {
    if (made.childElementCount === 1) made.append(write());
  };
  made.addEventListener("toggle", () => made.open && open());
  made.addEventListener("unfold", open);
  return made;
}

/** The lines of a diff that name a file. */
const FILE = /^(--- (a\/|\/dev\/null)|\+\+\+ (b\/|\/dev\/null))/;

/** A diff. Each line keeps its sign, so that nothing is told by colour alone. */
function diff(text, label) {
  const kinds = { "+": "new", "-": "gone", "@": "hunk", "#": "hunk" };
  const kind = (line) => (FILE.test(line) ? "file" : (kinds[line[0]] ?? "same"));
  const lines = text.replace(/\n$/, "").split("\n").map((line) => make("span", { class: kind(line) }, line, "\n"));
  return make("pre", { class: "diff", tabindex: "0", role: "region", "aria-label": tame(label) }, lines);
}
