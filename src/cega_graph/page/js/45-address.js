// The address: everything that is chosen stands behind the # and comes back from it, also on file://.
const VIEWS = ["cases", "funding", "partners"];
const QUESTIONS = ["path", "cofund", "shared", "like"];
let written = null; // the address that is shown
let asked = null; // a camera that the address asks for
let toPanel = false; // the next opening moves the focus into the panel

/** Return the address of what is chosen, with some of it changed; `camera` adds what part of the map is seen. */
function addressOf(changes = {}, { camera = false } = {}) {
  const now = { ...state, ...changes };
  const found = [];
  const note = (name, value) => found.push(`${name}=${encodeURIComponent(value).replace(/%2C/g, ",").replace(/%3A/g, ":")}`);
  if (now.open) note("id", now.open);
  if (now.pair) note("pair", now.pair);
  if (now.steps) note("steps", now.steps);
  if (now.view !== "cases") note("view", now.view);
  if (now.tab !== "map") note("tab", now.tab);
  if (now.ask) note("ask", now.ask);
  if (now.ask && now.a) note("a", now.a);
  if (now.ask && now.b) note("b", now.b);
  for (const facet of FACETS) if (now.off[facet].size) note(`no-${facet}`, [...now.off[facet]].sort().map(encodeURIComponent).join(","));
  if (now.from) note("from", now.from);
  if (now.to) note("to", now.to);
  if (!now.undated) note("undated", "no");
  if (now.least > 1) note("least", now.least);
  if (now.sort) note("sort", now.sort);
  if (camera) {
    note("lang", now.lang);
    if (!state.fitted) {
      const { x, y } = network.getViewPosition();
      note("at", [x, y, network.getScale() * 1000].map(Math.round).join(","));
    }
  }
  return `#${found.join("&")}`;
}

/** Return what an address chooses; what it does not name or names wrongly is as at the beginning. */
function chosenBy(hash) {
  const found = new Map();
  for (const part of hash.replace(/^#/, "").split("&")) {
    const [name, ...rest] = part.split("=");
    try { found.set(name, decodeURIComponent(rest.join("="))); } catch { /* a broken escape chooses nothing */ }
  }
  const get = (name, allowed, otherwise) => (allowed(found.get(name)) ? found.get(name) : otherwise);
  const id = (name) => get(name, (value) => nodes.has(value), null);
  const year = (name) => get(name, (value) => /^\d{4}$/.test(value || ""), "");
  const decoded = (text) => { try { return decodeURIComponent(text); } catch { return text; } };
  const chosen = {
    open: id("id"),
    pair: get("pair", (value) => value && edgeOf(value), null),
    steps: Number(get("steps", (value) => /^[123]$/.test(value || ""), 0)),
    view: get("view", (value) => VIEWS.includes(value), "cases"),
    tab: get("tab", (value) => value === "table", "map"),
    ask: get("ask", (value) => QUESTIONS.includes(value), null),
    a: id("a"),
    b: id("b"),
    off: Object.fromEntries(FACETS.map((facet) => [facet, new Set(found.has(`no-${facet}`) ? found.get(`no-${facet}`).split(",").map(decoded) : [])])),
    from: year("from"),
    to: year("to"),
    undated: found.get("undated") !== "no",
    least: Math.max(1, Number.parseInt(found.get("least"), 10) || 1),
    sort: get("sort", (value) => COLUMNS.some((column) => value === column.id || value === `-${column.id}`), ""),
  };
  if (["zh", "en"].includes(found.get("lang"))) chosen.lang = found.get("lang");
  const amiss = ["id", "a", "b"].some((name) => found.get(name) && !nodes.has(found.get(name))) || (found.get("pair") && !chosen.pair);
  byId("unknown").hidden = !amiss;
  const camera = (found.get("at") || "").split(",").map(Number);
  asked = camera.length === 3 && camera.every(Number.isFinite) ? camera : null;
  return chosen;
}

/** Choose something: it goes into the address (a new step of the history, unless `replace`) and onto the page. */
function go(changes, { replace = false, ...options } = {}) {
  byId("unknown").hidden = true;
  const hash = addressOf(changes);
  if (hash !== written) {
    const url = `${location.href.split("#")[0]}${hash}`;
    try { history[replace ? "replaceState" : "pushState"](null, "", url); } catch { /* in a frame without an address */ }
    written = hash;
  }
  apply(changes, options);
}

function openNode(id, options) {
  const node = nodes.get(id);
  if (node) go({ open: id, pair: null, ask: null, view: node.type === "project" ? "cases" : state.view }, options);
}

function openPair(id) {
  const edge = edgeOf(id);
  if (edge) go({ open: null, ask: null, steps: 0, pair: id, view: edge.type === "role" ? "cases" : edge.type });
}

/** Close the panel and give the focus back to the map. */
function close() {
  go({ open: null, pair: null, ask: null, a: null, b: null, steps: 0 });
  byId("canvas").focus({ preventScroll: true });
}

/** Bring a choice to map, panel, table and controls. */
function apply(changes, { focus = false, camera = true } = {}) {
  const before = { open: state.open, a: state.a, b: state.b, pair: state.pair, view: state.view, steps: state.steps, ask: state.ask, panel: !byId("panel").hidden };
  const spoken = changes.lang && changes.lang !== state.lang;
  Object.assign(state, changes, { cursor: null });
  if (spoken) speak(state.lang);
  writeForm();
  filter();
  const chosen = state.open !== before.open || state.pair !== before.pair || state.ask !== before.ask || state.view !== before.view
    || state.a !== before.a || state.b !== before.b;
  showPanel({ keep: !chosen && !spoken });
  chooseLit();
  showTab();
  restyle();
  tellStatus();
  byId("legend").classList.remove("open");
  byId("show-legend").setAttribute("aria-expanded", "false");
  if (focus && !byId("panel").hidden) byId("panel").focus({ preventScroll: true });
  if (camera && (chosen || state.steps !== before.steps)) frames(() => frames(() => look(before)));
}

function look(before) {
  if (state.tab !== "map") return;
  if (data.scale === "search" || state.steps !== before.steps) fitAll();
  const resized = byId("panel").hidden === before.panel;
  if (resized && state.fitted && !phone.matches) fit();
  if (state.open) reveal(state.open);
  else if (state.pair) reveal(edgeOf(state.pair).from);
  else if (trail.size) reveal(state.a);
}

/** What is not dimmed: the open node and what it is joined to, the ends of an edge, or a path. */
function chooseLit() {
  state.lit = null;
  trail = state.ask ? trailOf() : new Set();
  if (trail.size) state.lit = new Set([...trail].map((id) => layer("cases").get(id)).flatMap((edge) => [edge.from, edge.to]));
  else if (state.pair) state.lit = new Set([edgeOf(state.pair).from, edgeOf(state.pair).to]);
  else if (state.open && drawn.has(state.open)) {
    state.lit = new Set([state.open]);
    for (const id of state.shownEdges.keys()) {
      const edge = layer().get(id);
      if (edge.from === state.open || edge.to === state.open) state.lit.add(edge.from).add(edge.to);
    }
  }
}

function readAddress(options) {
  written = location.hash;
  apply(chosenBy(location.hash), options);
}

for (const event of ["popstate", "hashchange"]) {
  addEventListener(event, () => {
    if (location.hash !== written && !(location.hash === "" && written === "#")) readAddress({ focus: document.activeElement !== byId("canvas") });
  });
}

// Links within the page: followed here, because a page inside a frame may have no address of its own.
document.addEventListener("click", (event) => {
  const anchor = event.target.closest?.('a[href^="#"]');
  if (!anchor || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const chosen = new Map(anchor.getAttribute("href").slice(1).split("&").map((part) => part.split("=").map(decodeURIComponent)));
  if (chosen.has("id")) openNode(chosen.get("id"), { focus: true });
  else if (chosen.has("pair")) openPair(chosen.get("pair"));
});

async function copyLink() {
  const url = `${location.href.split("#")[0]}${addressOf({}, { camera: true })}`;
  byId("link").hidden = false;
  byId("link").value = url;
  byId("link").select();
  try {
    await navigator.clipboard.writeText(url);
    byId("said").textContent = say("copied");
  } catch {
    byId("said").textContent = say("copy_yourself");
  }
}
