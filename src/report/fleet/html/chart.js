// The fleet from run to run as a drawing. The table beside it has the same numbers.

/** The lines: each has its own dashes and its own marks, so that it is told from the others without a colour. */
const LINES = [
  { key: "applied", words: "carry the policy", dashes: null, mark: "circle" },
  { key: "asked", words: "as policy asks", dashes: "7 3", mark: "square" },
  { key: "drift", words: "in drift", dashes: "2 3", mark: "triangle" },
  { key: "unknown", words: "not known", dashes: "9 3 2 3", mark: "diamond" },
];

const HEIGHT = 240;
const EDGE = { top: 12, right: 16, bottom: 28, left: 44 };

/** Shares of the repositories that are not archived, for each day its last run. */
function points(runs) {
  const days = new Map();
  for (const run of runs) days.set(run.date, run.states);
  return [...days].map(([day, counted]) => {
    const of = (...kinds) => states.filter(({ kind }) => kinds.includes(kind)).reduce((sum, { key }) => sum + (counted[key] ?? 0), 0);
    const all = of("asked", "drift", "none", "unknown");
    return { day, all, applied: of("asked", "drift"), asked: of("asked"), drift: of("drift"), unknown: of("unknown") };
  });
}

/** A mark of a line, around a point. */
function markAt(line, x, y) {
  const shapes = {
    circle: () => draw("circle", { cx: x, cy: y, r: 3.5 }),
    square: () => draw("rect", { x: x - 3, y: y - 3, width: 6, height: 6 }),
    triangle: () => draw("path", { d: `M${x} ${y - 4}L${x + 4} ${y + 3}L${x - 4} ${y + 3}Z` }),
    diamond: () => draw("path", { d: `M${x} ${y - 4.5}L${x + 4.5} ${y}L${x} ${y + 4.5}L${x - 4.5} ${y}Z` }),
  };
  const mark = shapes[line.mark]();
  mark.setAttribute("class", `dot ${line.key}`);
  return mark;
}

/** The drawing and its legend. */
function chart(runs) {
  const all = points(runs);
  const last = all.at(-1);
  const words = LINES.map((line) => `${line.words} ${share(last[line.key], last.all)}`).join(", ");
  const said = `Shares of the repositories from ${all[0].day} to ${last.day}. On the last day: ${words}.`;
  const canvas = draw("svg", { role: "img", "aria-label": said, height: HEIGHT });
  const paint = (width) => {
    const [start, end] = [Date.parse(all[0].day), Date.parse(last.day)];
    const x = ({ day }) => EDGE.left + ((width - EDGE.left - EDGE.right) * (Date.parse(day) - start)) / Math.max(1, end - start);
    const y = (value) => EDGE.top + (HEIGHT - EDGE.top - EDGE.bottom) * (1 - value);
    const grid = [0, 0.25, 0.5, 0.75, 1].flatMap((value) => [
      draw("line", { class: "grid", x1: EDGE.left, x2: width - EDGE.right, y1: y(value), y2: y(value) }),
      draw("text", { class: "tick", x: EDGE.left - 8, y: y(value) + 4, "text-anchor": "end" }, `${100 * value} %`),
    ]);
    const days = [
      draw("text", { class: "tick", x: EDGE.left, y: HEIGHT - 8 }, all[0].day),
      draw("text", { class: "tick", x: width - EDGE.right, y: HEIGHT - 8, "text-anchor": "end" }, last.day),
    ];
    const lines = LINES.flatMap((line) => {
      const at = all.filter((point) => point.all > 0).map((point) => [x(point), y(point[line.key] / point.all)].map((value) => value.toFixed(1)));
      const path = draw("polyline", { class: `line ${line.key}`, points: at.map((pair) => pair.join(",")).join(" "), "stroke-dasharray": line.dashes });
      const marked = at.length <= 40 ? at : at.slice(-1);
      return [path, ...marked.map(([left, top]) => markAt(line, Number(left), Number(top)))];
    });
    canvas.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    canvas.replaceChildren(...grid, ...days, ...lines);
  };
  const holder = make("div", { class: "chart" }, canvas);
  new ResizeObserver(([{ contentRect }]) => contentRect.width > 0 && paint(Math.round(contentRect.width))).observe(holder);
  paint(960);
  const legend = LINES.map((line) => {
    const sample = draw("svg", { viewBox: "0 0 40 12", width: 40, height: 12, "aria-hidden": "true" },
      draw("line", { class: `line ${line.key}`, x1: 1, x2: 39, y1: 6, y2: 6, "stroke-dasharray": line.dashes }), markAt(line, 20, 6));
    return make("li", {}, sample, `${line.words}: ${share(last[line.key], last.all)}`);
  });
  return make("figure", { class: "trend" }, holder, make("figcaption", {}, make("ul", { class: "legend" }, legend),
    make("p", { class: "about" }, "Shares of all repositories that are not archived, for each day its last run.")));
}
