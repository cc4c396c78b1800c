// What the page knows: the payload, the words, what is chosen, and elements made of text nodes only.
const data = JSON.parse(document.getElementById("data").textContent);
const { model, words, terms, marks, lines } = data;
const root = document.documentElement;
const byId = (id) => document.getElementById(id);
const dark = matchMedia("(prefers-color-scheme: dark)");
const still = matchMedia("(prefers-reduced-motion: reduce)");
const phone = matchMedia("(max-width: 760px)");
const FONT = '"PingFang SC","Hiragino Sans GB","Microsoft YaHei","Noto Sans CJK SC","Noto Sans SC",system-ui,sans-serif';
const SHEET = 0.56; // the part of the height that the panel takes on a phone, as in page.css
const GIVING = new Set(["funder", "intermediary"]);

const nodes = new Map(data.nodes.map((node) => [node.id, { ...node, relations: [] }]));
const relations = new Map(data.relations.map((relation) => [relation.id, relation]));
for (const relation of data.relations) {
  nodes.get(relation.body).relations.push(relation);
  nodes.get(relation.project).relations.push(relation);
}
const inferred = (relation) => relation.basis === "inferred";
const book = new Map(data.books.map((one) => [one.id, one]));

const FACETS = ["source", "kind", "role", "basis", "theme", "place"];
const state = {
  lang: /^zh/i.test(navigator.language || "") ? "zh" : "en",
  view: "cases", // cases, funding or partners
  tab: "map", // map or table
  open: null, // the node whose details are shown
  pair: null, // the edge whose evidence is shown
  steps: 0, // how far around the open node the map shows; 0: everything
  ask: null, // the question that is answered in the panel
  a: null, // the bodies that the question is about
  b: null,
  least: 1, // partnership: the shared projects that an edge needs
  from: "", // years, as typed
  to: "",
  undated: true,
  sort: "", // column of the table, with a leading - if descending
  off: Object.fromEntries(FACETS.map((facet) => [facet, new Set()])),
  hover: null,
  cursor: null, // the node that the arrow keys are at
  shownNodes: new Set(),
  shownEdges: new Map(), // those of the present view, by id
  passing: new Set(), // the relations that the filters let through
  lit: null, // what is not dimmed; null: everything
  fitted: true, // nobody has moved the map since it was fitted
  turn: 0, // counts whatever changes the labels
};

// Words
const say = (key, values = {}) =>
  words[key][state.lang].replace(/\{(\w+)\}/g, (found, name) => (name in values ? String(values[name]) : found));
const term = (group, id) => (Object.hasOwn(terms[group], id) ? terms[group][id][state.lang] : id);
const nameOf = (node) => (state.lang === "en" && node.name_en ? node.name_en : node.name);
const otherName = (node) => (state.lang === "en" && node.name_en ? node.name : node.name_en || "");
const themeOf = (node) => (state.lang === "en" && node.theme_en ? node.theme_en : node.theme);
const colon = () => (state.lang === "zh" ? "：" : ": ");
const comma = () => (state.lang === "zh" ? "、" : ", ");
const colour = (look) => look.colour[paper ? "light" : dark.matches ? "dark" : "light"];
const css = (name) => getComputedStyle(root).getPropertyValue(name).trim();
let paper = false; // true while a picture for paper or export is made

// Elements: text goes in as text nodes only
const el = (tag, props = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (key === "on") for (const [event, handler] of Object.entries(value)) made.addEventListener(event, handler);
    else if (value !== null && value !== false) made.setAttribute(key, value);
  }
  made.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
};
const SVG = "http://www.w3.org/2000/svg";
const svg = (tag, props = {}, ...children) => {
  const made = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(props)) made.setAttribute(key, value);
  made.append(...children);
  return made;
};
const sign = (type, name, dashed = false) => {
  const known = byId(`${type === "symbol" ? "s" : "l"}-${name}`) ? name : "other";
  const look = `${type} ${type === "symbol" ? "k" : "r"}-${known}${dashed ? " dashed" : ""}`;
  return svg("svg", { class: look, "aria-hidden": "true" }, svg("use", { href: `#${type === "symbol" ? "s" : "l"}-${known}` }));
};
const symbolOf = (kind) => sign("symbol", kind);
const lineOf = (role, dashed) => sign("line", role, dashed);
const address = (id) => `#id=${encodeURIComponent(id)}`;
const link = (node) => el("a", { href: address(node.id) }, el("bdi", {}, nameOf(node)));
const pairLink = (edge, text) => el("a", { href: `#pair=${encodeURIComponent(edge.id)}`, class: "pair" }, text);
const sorted = (items, ...keys) => [...items].sort((x, y) => {
  for (const key of keys) {
    const [p, q] = [key(x), key(y)];
    if (p !== q) return p < q ? -1 : 1;
  }
  return 0;
});
const byName = (node) => nameOf(node);
const grouped = (items, key) => {
  const found = new Map();
  for (const item of items) {
    const at = key(item);
    if (found.has(at)) found.get(at).push(item);
    else found.set(at, [item]);
  }
  return found;
};
const frames = (then) => requestAnimationFrame(() => requestAnimationFrame(then));
