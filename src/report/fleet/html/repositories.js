// The table of repositories, the view of a single one, and the address that leads to both.
//
// All that is chosen stands in the part of the address behind `#`: a link shows what whoever copied it saw.

const PAGE = 100;

/** Most repositories of the table that are printed. */
const MOST_PRINTED = 2000;

/** What may stand in the address, and what is meant where it does not. */
const CHOICES = { search: "", state: "", fact: "", check: "", waiver: "", change: "", sort: "state", page: "1", repository: "" };

let view = { ...CHOICES };
let isPrinting = false;

const element = (id) => document.getElementById(id);
const byName = new Map(fleet.repositories.map((repository) => [repository.name, repository]));
const rankOf = new Map(states.map(({ key }, index) => [key, index]));
const shownFacts = ["team", "environment"].filter((fact) => facts.has(fact));

/** What is searched in a repository. */
const searched = new Map(fleet.repositories.map((repository) => {
  const reasons = (repository.reasons ?? []).flatMap(({ check, message, place }) => [check ?? "", message, place ?? ""]);
  const texts = [repository.name, stateOf.get(repository.state).words, ...Object.values(repository.facts ?? {}).flat(), ...reasons];
  return [repository, texts.join("\n").toLowerCase()];
}));

/** States that are chosen together. */
const TOGETHER = {
  attention: { words: "All that need attention", has: ({ state }) => stateOf.get(state).attention },
  asked: { words: "As policy asks", has: ({ state }) => stateOf.get(state).kind === "asked" },
  drift: { words: "In drift", has: ({ state }) => stateOf.get(state).kind === "drift" },
  unknown: { words: "Not known", has: ({ state }) => stateOf.get(state).kind === "unknown" },
  partial: { words: "Only the root seen", has: ({ partial }) => partial === true },
};

/** The columns: what they are called, what they are sorted by, and what stands in them. */
const COLUMNS = [
  { key: "name", words: "Repository", order: ({ name }) => name, cell: ({ name }) => repositoryLink(name) },
  { key: "state", words: "State", order: ({ state }) => rankOf.get(state), cell: stateCell },
  { key: "why", words: "Why", order: ({ reasons = [] }) => reasons[0]?.message ?? "", cell: ({ reasons = [] }) => reasons[0]?.message ?? "" },
  ...shownFacts.map((fact) => ({
    key: fact, words: fact, class: "extra", order: (repository) => factOf(repository, fact), cell: (repository) => factOf(repository, fact),
  })),
  { key: "findings", words: "Findings", class: "extra", order: ({ findings }) => -(findings.block * 1e8 + findings.warn * 1e4 + findings.note), cell: ({ findings }) => findingsInWords(findings) },
];

function factOf(repository, fact) {
  return (repository.facts?.[fact] ?? []).join(", ");
}

function stateCell({ state, until, partial }) {
  const more = [until === undefined ? null : ` until ${until}`, partial ? make("span", { class: "about" }, "root only") : null];
  return [stateMark(state), ...more];
}

function findingsInWords({ block, warn, note }) {
  const told = [[block, "block"], [warn, "warn"], [note, "note"]].filter(([number]) => number > 0);
  return told.length === 0 ? "none" : told.map(([number, word]) => `${formatted.format(number)} ${word}`).join(", ");
}

/** The part of an address that makes these choices. */
function hashOf(choices) {
  const chosen = Object.entries(choices).filter(([name, value]) => value !== CHOICES[name]);
  return `#${chosen.map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll("%2F", "/")}`).join("&") || "repositories"}`;
}

/** The choices of an address; none where it leads to a part of the page. */
function choicesOf(hash) {
  if (hash.length > 1 && !hash.includes("=")) return null;
  const choices = { ...CHOICES };
  for (const part of hash.slice(1).split("&")) {
    const [name, ...value] = part.split("=");
    if (!(name in CHOICES)) continue;
    try {
      choices[name] = decodeURIComponent(value.join("="));
    } catch {
      choices[name] = value.join("=");
    }
  }
  return choices;
}

/** The choice of repositories with this value of a fact; none is of those of which nothing says it. */
function factFilter(fact, value) {
  return value === null ? `!${fact}` : `${fact}=${value}`;
}

function repositoryLink(name) {
  return make("a", { href: hashOf({ repository: name }), "data-repository": name, class: "name" }, name);
}

/** Whether a repository is among those that are chosen. */
function chooser({ search, state, fact, check, waiver, change }) {
  const words = search.toLowerCase().split(/\s+/).filter((word) => word !== "");
  const [name, ...value] = fact.split("=");
  const tests = [
    words.length === 0 ? null : (repository) => words.every((word) => searched.get(repository).includes(word)),
    state === "" ? null : (TOGETHER[state]?.has ?? ((repository) => repository.state === state)),
    fact === "" ? null : fact.startsWith("!") ? ({ facts = {} }) => !(fact.slice(1) in facts) : ({ facts = {} }) => (facts[name] ?? []).includes(value.join("=")),
    check === "" ? null : ({ reasons = [] }) => reasons.some((reason) => reason.check === check),
    waiver === "" ? null : ({ waivers = [] }) => waivers.includes(waiver),
    change === "" ? null : (repository) => repository.change === change,
  ].filter((test) => test !== null);
  return (repository) => tests.every((test) => test(repository));
}

const orders = new Map();

/** All repositories in the order of a column, `-` before its name for the other way round. */
function ordered(sort) {
  if (!orders.has(sort)) {
    const column = COLUMNS.find(({ key }) => key === sort.replace(/^-/, "")) ?? COLUMNS[1];
    const keys = new Map(fleet.repositories.map((repository) => [repository, column.order(repository)]));
    const compare = (a, b) => (typeof a === "number" ? a - b : inOrder(a, b));
    const sign = sort.startsWith("-") ? -1 : 1;
    orders.set(sort, [...fleet.repositories].sort((a, b) => sign * compare(keys.get(a), keys.get(b))));
  }
  return orders.get(sort);
}

/** Writes the table as it is chosen. */
function writeTable() {
  const found = ordered(view.sort).filter(chooser(view));
  const size = isPrinting ? MOST_PRINTED : PAGE;
  const last = Math.max(1, Math.ceil(found.length / size));
  const page = isPrinting ? 1 : Math.min(last, Math.max(1, Number.parseInt(view.page, 10) || 1));
  const some = found.slice((page - 1) * size, page * size);
  const [, way, sorted] = /^(-?)(.*)$/.exec(view.sort);
  const heads = COLUMNS.map(({ key, words, class: name = null }) => ({
    words, class: name, sort: key, sorted: key === sorted ? (way === "-" ? "descending" : "ascending") : null,
  }));
  const rows = some.map((repository) => COLUMNS.map(({ cell }) => cell(repository)));
  const focused = document.activeElement?.closest("[data-sort]")?.dataset.sort;
  place("repositories").replaceChildren(table("Repositories; the heads sort", heads, rows, { class: "repositories" }));
  if (focused !== undefined) place("repositories").querySelector(`[data-sort="${focused}"]`)?.focus();
  const all = countOfRepositories(fleet.repositories.length);
  element("hits").textContent = found.length === fleet.repositories.length ? all : `${formatted.format(found.length)} of ${all}`;
  if (isPrinting && found.length > some.length) element("hits").textContent += `, of which the first ${formatted.format(some.length)} are printed`;
  writePages(page, last);
  const narrowed = [view.waiver === "" ? null : `which need the waiver ${view.waiver}`, view.change === "" ? null : "which share one change"];
  const told = narrowed.filter((text) => text !== null);
  element("narrowed").hidden = told.length === 0;
  element("narrowed").textContent = `Only those ${told.join(" and ")}.`;
}

function writePages(page, last) {
  const button = (words, to) => make("button", { type: "button", disabled: to < 1 || to > last, "data-page": to }, words);
  element("pages").hidden = last === 1;
  const focused = document.activeElement?.dataset?.page === undefined ? null : document.activeElement.textContent;
  element("pages").replaceChildren(button("Previous", page - 1), make("span", {}, `Page ${formatted.format(page)} of ${formatted.format(last)}`), button("Next", page + 1));
  if (focused !== null) [...element("pages").querySelectorAll("button")].find((one) => one.textContent === focused && !one.disabled)?.focus();
}

/** Fills the lists of choices. */
function writeChoices() {
  const option = (value, words) => make("option", { value }, words);
  const there = states.filter(({ key }) => whole.states.has(key)).map(({ key, words }) => option(key, `${words} (${formatted.format(whole.states.get(key))})`));
  const together = Object.entries(TOGETHER).map(([key, { words }]) => option(key, words));
  element("state").append(option("", "All states"), ...together, make("optgroup", { label: "One state" }, there));
  const groups = [...facts].map(([fact, values]) => make("optgroup", { label: tame(fact) },
    [...values.keys()].sort(inOrder).map((value) => option(factFilter(fact, value), `${fact}: ${value}`)), option(factFilter(fact, null), `${fact}: not said`)));
  element("fact").append(option("", "All facts"), ...groups);
  const known = new Set(fleet.repositories.flatMap(({ reasons = [] }) => reasons.map(({ check }) => check ?? "")));
  element("check").append(option("", "All checks"), ...[...known].filter((check) => check !== "").sort().map((check) => option(check, check)));
}

/** Writes the view of one repository. */
function writeRepository(name) {
  const repository = byName.get(name);
  const title = make("h2", { id: "repository-title", tabindex: "-1" }, name);
  const close = make("button", { type: "button", class: "close", click: () => element("repository").close() }, "Close");
  const head = make("header", {}, title, close);
  if (repository === undefined) {
    element("repository").replaceChildren(head, make("p", {}, "This report knows no repository of that name."));
    return;
  }
  const state = stateOf.get(repository.state);
  const pair = (term, ...content) => [make("dt", {}, term), make("dd", {}, content)];
  const listed = (texts) => texts.map((text, index) => [index > 0 ? ", " : null, make("code", {}, text)]).flat();
  const about = make("dl", { class: "pairs" },
    pair("Findings", findingsInWords(repository.findings), repository.findings.fixable > 0 ? `; ${formatted.format(repository.findings.fixable)} can be mended by the program` : null),
    repository.waivers === undefined ? null : pair("Waivers that it needs", listed(repository.waivers), repository.until === undefined ? null : `; the first ends on ${repository.until}`),
    pair("Read from", link(repository.source)),
    pair("Commit", repository.commit === undefined ? "none: a work tree, or nothing was read" : make("code", {}, repository.commit)),
    Object.entries(repository.facts ?? {}).map(([fact, values]) => pair(fact, values.join(", "))).flat());
  const partial = repository.partial
    ? make("p", { class: "aside" }, "Partial view: the forge showed the root alone. Projects in folders below it were not seen; a clone or a bare copy shows them.")
    : null;
  const parts = [head, make("p", { class: "lead" }, stateMark(repository.state), `: ${state.meaning}. `, state.todo === "" ? null : `To do: ${state.todo}.`),
    partial, about, ...reasonsOf(repository), ...changeOf(repository)];
  element("repository").replaceChildren(...parts.filter((part) => part !== null));
}

function reasonsOf({ reasons = [], further = 0 }) {
  if (reasons.length === 0) return [];
  const entry = ({ check, severity, message, place, witness }) => make("li", {},
    severity === undefined ? null : make("span", { class: `weight ${severity}` }, severity), check === undefined ? null : [" ", make("code", {}, check)],
    make("p", {}, message), place === undefined ? null : make("p", { class: "about" }, make("code", {}, place)),
    witness === undefined ? null : make("p", {}, "Shown by ", make("code", {}, witness.call), `, which ${NOW[witness.now] ?? witness.now}, and policy ${POLICY[witness.policy] ?? witness.policy}.`));
  const more = further > 0 ? make("p", {}, `${formatted.format(further)} more decide it as well.`) : null;
  return [make("h3", {}, "Why"), make("ol", { class: "reasons" }, reasons.map(entry)), more];
}

/** What becomes of a call that shows a reason, and what policy says of it. */
const NOW = { allow: "is allowed", ask: "is asked for", deny: "is denied", "not-allowed": "is not allowed", undecided: "is left to what cannot be known here" };
const POLICY = { allow: "allows it", ask: "has it asked for", deny: "denies it", "not-allowed": "does not let it be allowed", undecided: "leaves it to what cannot be known here" };

function changeOf({ name, change }) {
  if (change === undefined) return [];
  const others = fleet.repositories.filter((other) => other.change === change && other.name !== name).length;
  return [make("h3", {}, "What would change"),
    others === 0 ? null : make("p", {}, make("a", { href: hashOf({ change }) }, countOfRepositories(others + 1)), " share this change."),
    shownDiff(fleet.changes?.[change]?.diff)];
}

/** Brings the page to what is chosen. */
function show() {
  for (const name of ["search", "state", "fact", "check"]) {
    if (element(name).value !== view[name]) element(name).value = view[name];
  }
  writeTable();
  showRepository();
}

function showRepository() {
  const dialog = element("repository");
  if (view.repository === "") {
    dialog.close();
    return;
  }
  writeRepository(view.repository);
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
  element("repository-title").focus();
}

/** Makes choices by hand. Those that one types or steps through make no new entry in the history. */
function choose(choices) {
  view = { ...view, page: "1", ...choices };
  history.replaceState(null, "", hashOf(view));
  writeTable();
}

function listen() {
  element("search").addEventListener("input", ({ target }) => choose({ search: target.value }));
  for (const name of ["state", "fact", "check"]) {
    element(name).addEventListener("change", ({ target }) => choose({ [name]: target.value }));
  }
  document.querySelector("form.filters").addEventListener("submit", (event) => event.preventDefault());
  element("clear").addEventListener("click", () => {
    view = { ...CHOICES, sort: view.sort };
    history.replaceState(null, "", hashOf(view));
    show();
    element("search").focus();
  });
  place("repositories").addEventListener("click", ({ target }) => {
    const sort = target.closest("[data-sort]")?.dataset.sort;
    if (sort !== undefined) choose({ sort: view.sort === sort ? `-${sort}` : sort });
  });
  element("pages").addEventListener("click", ({ target }) => {
    const page = target.dataset.page;
    if (page !== undefined) choose({ page });
  });
  document.addEventListener("click", (event) => {
    const name = event.target.closest("a[data-repository]")?.dataset.repository;
    if (name === undefined || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    view = { ...view, repository: name };
    history.pushState(null, "", hashOf(view));
    showRepository();
  });
  element("repository").addEventListener("click", ({ target, currentTarget }) => target === currentTarget && currentTarget.close());
  element("repository").addEventListener("close", () => {
    if (view.repository === "") return;
    view = { ...view, repository: "" };
    history.replaceState(null, "", hashOf(view));
  });
  document.addEventListener("keydown", (event) => {
    const isTyped = event.target.closest("input, select, textarea") !== null;
    if (event.key !== "/" || isTyped || event.ctrlKey || event.metaKey || event.altKey || element("repository").open) return;
    event.preventDefault();
    element("search").focus();
    element("search").select();
  });
  addEventListener("hashchange", () => follow(true));
  addEventListener("beforeprint", () => unfold(true));
  addEventListener("afterprint", () => unfold(false));
}

/** Follows the address. Whoever came by a link within the page is brought to the table. */
function follow(isWithin) {
  const choices = choicesOf(location.hash);
  if (choices === null) return;
  view = choices;
  show();
  if (isWithin && view.repository === "") {
    element("repositories").scrollIntoView();
    element("repositories-title").focus({ preventScroll: true });
  }
}

/** Unfolds what is printed, and folds it again. */
function unfold(starts) {
  isPrinting = starts;
  for (const details of document.querySelectorAll("main details")) {
    if (starts && !details.open) {
      details.dispatchEvent(new Event("unfold"));
      details.dataset.printed = "";
      details.open = true;
    } else if (!starts && "printed" in details.dataset) {
      delete details.dataset.printed;
      details.open = false;
    }
  }
  writeTable();
}

element("page").hidden = false;
document.querySelector("body > nav").hidden = false;
writeOverview();
writeTime();
writeGroups();
writeFindings();
writeWaivers();
writeChanges();
writeWords();
writeChoices();
listen();
follow(false);
if (choicesOf(location.hash) === null) {
  show();
  element(location.hash.slice(1))?.scrollIntoView();
}
