// The parts of the page above the table of repositories.

/** Most rows, and most changes, that are shown before somebody asks for all. */
const FIRST_ROWS = 25;
const FIRST_CHANGES = 10;

/** Most names that are told beside a number. */
const FIRST_NAMES = 3;

/** Most values of a fact that are told apart: more is what is different in each repository. */
const MOST_VALUES = 300;

const whole = tally(fleet.repositories);

/** The facts, each with the repositories of its values; those that say most to a reader first. */
const facts = (() => {
  const found = new Map();
  for (const repository of fleet.repositories) {
    for (const [fact, values] of Object.entries(repository.facts ?? {})) {
      if (!found.has(fact)) found.set(fact, new Map());
      for (const value of new Set(values)) {
        const those = found.get(fact);
        if (!those.has(value)) those.set(value, []);
        those.get(value).push(repository);
      }
    }
  }
  found.delete("archived");
  const rank = (fact) => ["environment", "team"].indexOf(fact);
  const known = [...found].filter(([, values]) => values.size <= MOST_VALUES);
  return new Map(known.sort(([a], [b]) => rank(b) - rank(a) || inOrder(a, b)));
})();

function writeOverview() {
  const looked = whole.all - (whole.kinds.get("archived") ?? 0);
  const tile = (words, number, about, state) =>
    make("li", {}, make("a", { href: hashOf({ state }) },
      make("span", { class: "number" }, formatted.format(number)),
      make("span", { class: "words" }, words),
      make("span", { class: "about" }, about)));
  const of = (kind) => whole.kinds.get(kind) ?? 0;
  const tiles = make("ul", { class: "tiles" },
    tile("repositories", whole.all, of("archived") > 0 ? `${formatted.format(of("archived"))} archived, not looked at` : "all of them looked at", ""),
    tile("as policy asks", of("asked"), share(of("asked"), looked), "asked"),
    tile("in drift", of("drift"), share(of("drift"), looked), "drift"),
    tile("no policy", of("none"), share(of("none"), looked), "no-policy"),
    tile("not known", of("unknown"), share(of("unknown"), looked), "unknown"));
  const partial = fleet.repositories.filter((repository) => repository.partial).length;
  const seen = partial === 0 ? null : make("p", { class: "aside" },
    `Of ${countOfRepositories(partial)} the forge showed the root alone: projects in folders below it were not seen, and what is told of them holds for the root. `,
    make("a", { href: hashOf({ state: "partial" }) }, "Which"));
  const rows = states.filter(({ key }) => whole.states.has(key)).map(({ key, meaning, todo }) => {
    const number = whole.states.get(key);
    return [make("a", { href: hashOf({ state: key }) }, stateMark(key)), formatted.format(number), share(number, whole.all), meaning, todo];
  });
  const heads = ["State", { words: "Repositories", class: "figure" }, { words: "Share", class: "figure" }, { words: "What it means", class: "extra" }, { words: "What to do", class: "extra" }];
  const parts = [tiles, seen, bar(whole), table("Repositories by how they stand to the policy", heads, rows)];
  place("overview").replaceChildren(...parts.filter((part) => part !== null));
}

function writeTime() {
  if (!trend) {
    place("time").replaceChildren(make("p", {}, "No history was given. ", make("code", {}, "bylaws fleet check --history FILE"),
      " keeps one, and ", make("code", {}, "bylaws fleet report --history FILE"), " shows it here."));
    return;
  }
  const there = states.filter(({ key }) => trend.runs.some((run) => run.states[key] > 0));
  const heads = ["Day", { words: "All", class: "figure" }, ...there.map(({ words }) => ({ words, class: "figure" })), "Revision of the policy"];
  const rows = [...trend.runs].reverse().map((run) => [
    make("time", { datetime: run.date }, run.date),
    formatted.format(Object.values(run.states).reduce((sum, number) => sum + number, 0)),
    ...there.map(({ key }) => formatted.format(run.states[key] ?? 0)),
    make("code", {}, (run.revision ?? "–").slice(0, 12)),
  ]);
  const numbers = folded("The numbers of each run", () => table("Repositories by state in each run, the newest first", heads, rows), { open: trend.runs.length < 2 });
  const few = trend.runs.length === 0 ? "The history holds no run." : "There is one run so far: the next one makes a line.";
  const parts = trend.runs.length < 2 ? [make("p", {}, few)] : [chart(trend.runs), ...moved()];
  place("time").replaceChildren(...parts, numbers);
  if (numbers.open) numbers.dispatchEvent(new Event("unfold"));
}

/** What moved since the run before. */
function moved() {
  const attention = (state) => state !== undefined && stateOf.get(state).attention;
  const fell = trend.moves.filter(({ to }) => attention(to));
  const mended = trend.moves.filter(({ from, to }) => attention(from) && !attention(to));
  const said = make("p", {}, `Since the run before, ${countOfRepositories(fell.length)} came to need attention newly or otherwise, ${formatted.format(mended.length)} no longer do.`);
  if (fell.length === 0) return [said];
  const list = (some) => make("ul", { class: "plain" }, some.map(({ name, from, to }) => make("li", {},
    repositoryLink(name), ` ${from === undefined ? "new" : stateOf.get(from).words} → ${stateOf.get(to).words}`)));
  return [said, firstOf(fell, FIRST_CHANGES, list)];
}

function writeGroups() {
  if (facts.size === 0) {
    place("groups").replaceChildren(make("p", {}, "Nothing is known of teams or environments. The inventory of the policy says them, and ",
      make("code", {}, "bylaws fleet discover --facts FILE"), " joins them from a table."));
    return;
  }
  const shown = ["team", "environment"].filter((fact) => facts.has(fact));
  const others = [...facts.keys()].filter((fact) => !shown.includes(fact));
  place("groups").replaceChildren(...shown.map(tableOfFact),
    ...others.map((fact) => folded(`By ${fact} (${count(facts.get(fact).size, "value")})`, () => tableOfFact(fact))));
}

/** The states of the repositories by the values of a fact, where most needs attention first. */
function tableOfFact(fact) {
  const values = [...facts.get(fact)].map(([value, repositories]) => ({ value, tallied: tally(repositories) }));
  const without = fleet.repositories.filter((repository) => !(fact in (repository.facts ?? {})));
  if (without.length > 0) values.push({ value: null, tallied: tally(without) });
  const attention = ({ tallied }) => ["drift", "none", "unknown"].reduce((sum, kind) => sum + (tallied.kinds.get(kind) ?? 0), 0);
  values.sort((a, b) => attention(b) - attention(a) || inOrder(a.value ?? "", b.value ?? ""));
  const there = states.filter(({ key }) => whole.states.has(key));
  const heads = [fact, { words: make("span", { class: "unseen" }, "Bar of the states"), class: "bars" }, { words: "All", class: "figure" }, { words: "As policy asks", class: "figure" },
    ...there.map(({ words }) => ({ words, class: "figure" }))];
  const row = ({ value, tallied }) => {
    const chosen = factFilter(fact, value);
    const figure = (number, filter) => (number === 0 ? make("span", { class: "none" }, "0") : make("a", { href: hashOf(filter) }, formatted.format(number)));
    return [
      value === null ? make("em", {}, "not said") : value, bar(tallied), figure(tallied.all, { fact: chosen }),
      share(tallied.kinds.get("asked") ?? 0, tallied.all - (tallied.kinds.get("archived") ?? 0)),
      ...there.map(({ key }) => figure(tallied.states.get(key) ?? 0, { fact: chosen, state: key })),
    ];
  };
  return firstOf(values, FIRST_ROWS, (some) => table(`States by ${fact}`, heads, some.map(row), { class: "dense" }));
}

function writeFindings() {
  const found = new Map();
  const weights = ["note", "warn", "block"];
  for (const repository of fleet.repositories) {
    const seen = new Set();
    for (const { check, severity } of repository.reasons ?? []) {
      if (check === undefined) continue;
      if (!found.has(check)) found.set(check, { check, weight: -1, repositories: [] });
      const entry = found.get(check);
      entry.weight = Math.max(entry.weight, weights.indexOf(severity));
      if (!seen.has(check)) entry.repositories.push(repository);
      seen.add(check);
    }
  }
  if (found.size === 0) {
    place("findings").replaceChildren(make("p", {}, "No finding decides the state of a repository."));
    return;
  }
  const worst = [...found.values()].sort((a, b) => b.weight - a.weight || b.repositories.length - a.repositories.length || inOrder(a.check, b.check));
  const heads = ["Check", "Weight", { words: "Repositories", class: "figure" }, { words: "The first ones", class: "extra" }];
  const row = ({ check, weight, repositories }) => [
    [make("code", {}, check), checks[check] === undefined ? null : make("span", { class: "about" }, `${checks[check].summary}: ${checks[check].why}`)],
    make("span", { class: `weight ${weights[weight] ?? ""}` }, weights[weight] ?? "–"),
    make("a", { href: hashOf({ check }) }, formatted.format(repositories.length)),
    names(repositories.map(({ name }) => name)),
  ];
  place("findings").replaceChildren(
    make("p", {}, "What decides the states above, counted once for each repository; of each, the first findings are kept."),
    firstOf(worst, FIRST_ROWS, (some) => table("Checks by weight and by how many repositories they decide", heads, some.map(row))));
}

/** The first of some names as links, and how many more there are. */
function names(all) {
  const list = all.slice(0, FIRST_NAMES).flatMap((name, index) => [index > 0 ? ", " : null, repositoryLink(name)]);
  return all.length > FIRST_NAMES ? [...list, ` and ${formatted.format(all.length - FIRST_NAMES)} more`] : list;
}

function writeWaivers() {
  const waivers = fleet.waivers ?? [];
  if (waivers.length === 0) {
    place("waivers").replaceChildren(make("p", {}, "The policy has no waiver, or the report was written without them."));
    return;
  }
  const needed = new Map();
  for (const repository of fleet.repositories) {
    for (const id of repository.waivers ?? []) needed.set(id, (needed.get(id) ?? 0) + 1);
  }
  const heads = ["Waiver", "Ends", "Owner", "Approved by", { words: "Needed by", class: "figure" }, { words: "For", class: "extra" }];
  const row = (waiver) => {
    const users = needed.get(waiver.id) ?? 0;
    return [
      [make("strong", {}, waiver.id), make("span", { class: "about" }, waiver.reason),
        make("span", { class: "about" }, "opens ", waiver.opens.map((opened, index) => [index > 0 ? ", " : null, make("code", {}, opened)]))],
      [make("time", { datetime: waiver.expires }, waiver.expires), ends(waiver.expires)],
      waiver.owner,
      [waiver.approvedBy, waiver.ticket === undefined ? null : make("span", { class: "about" }, link(waiver.ticket))],
      users === 0 ? "none" : make("a", { href: hashOf({ waiver: waiver.id }) }, formatted.format(users)),
      waiver.repositories.map((pattern, index) => [index > 0 ? ", " : null, make("code", {}, pattern)]),
    ];
  };
  place("waivers").replaceChildren(firstOf(waivers, FIRST_ROWS, (some) => table("Waivers, the one that ends first before the others", heads, some.map(row))));
}

/** How far the end of a waiver is from the day of the report, which still counts. */
function ends(day) {
  const left = daysBetween(fleet.date, day);
  if (left < 0) return make("span", { class: "ends expired" }, `expired ${count(-left, "day")} ago`);
  const words = left === 0 ? "its last day" : `${count(left, "day")} left`;
  return make("span", { class: left <= 30 ? "ends soon" : "ends" }, words);
}

/** A link to what is an address of the web, and the text alone otherwise. */
function link(text) {
  return /^https?:\/\//.test(text) ? make("a", { href: text, rel: "noreferrer noopener" }, text) : text;
}

function writeChanges() {
  const sharing = new Map();
  for (const repository of fleet.repositories) {
    if (repository.change === undefined) continue;
    if (!sharing.has(repository.change)) sharing.set(repository.change, []);
    sharing.get(repository.change).push(repository.name);
  }
  if (sharing.size === 0) {
    place("changes").replaceChildren(make("p", {}, "Nothing would change, or the report was written without changes."));
    return;
  }
  const total = [...sharing.values()].reduce((sum, those) => sum + those.length, 0);
  const groups = [...sharing].sort(([, a], [, b]) => b.length - a.length);
  const entry = ([digest, those]) => {
    const text = fleet.changes?.[digest]?.diff;
    const summary = [make("strong", {}, countOfRepositories(those.length)), " ", make("span", { class: "about" }, `${those.slice(0, FIRST_NAMES).join(", ")}${those.length > FIRST_NAMES ? ", …" : ""}`),
      make("span", { class: "size" }, sizeOf(text))];
    return folded(summary, () => make("div", {},
      make("p", {}, names(those), ". ", make("a", { href: hashOf({ change: digest }) }, "Show these repositories")),
      shownDiff(text)), { class: "change" });
  };
  place("changes").replaceChildren(
    make("p", {}, `What `, make("code", {}, "bylaws apply --upgrade"), ` would write in ${countOfRepositories(total)}: ${count(groups.length, "change")}, each told once. Nothing was written.`),
    firstOf(groups, FIRST_CHANGES, (some) => make("div", { class: "stack" }, some.map(entry))));
}

function shownDiff(text) {
  return text === undefined ? make("p", {}, "The diff of this change is not in the report.") : diff(text, "The change as a diff");
}

/** How many lines a diff takes away and adds. */
function sizeOf(text = "") {
  const lines = text.split("\n");
  const number = (sign) => lines.filter((line) => line.startsWith(sign) && !FILE.test(line)).length;
  return `+${formatted.format(number("+"))} −${formatted.format(number("-"))} lines`;
}

function writeWords() {
  const told = states.map(({ key, meaning, todo }) => [make("dt", {}, stateMark(key)), make("dd", {}, `${meaning}. ${todo === "" ? "" : `To do: ${todo}.`}`)]);
  place("words").replaceChildren(
    make("p", {}, "A repository is in the first of these states that fits it. Those that are in drift carry the policy and differ from it: edited, weaker, behind or faulty. Not known are those that could not be read or reached."),
    make("dl", { class: "words" }, told),
    make("p", {}, make("strong", {}, "Partial view: "), "some forges show the root of a repository alone. Projects in folders below it were not seen, so that such a repository is as told only as far as it was seen. A clone or a bare copy shows all of it."));
}
