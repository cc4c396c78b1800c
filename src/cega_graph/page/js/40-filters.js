// Filters: a relation is shown if its role, its basis, the kinds of both its ends, its source, and its project's theme, time and place are.
const YEAR = /^\d{4}/;
const years = new Map(); // project → [first, last] year; an end that is not stated is open; null: undated
for (const node of nodes.values()) {
  if (node.type !== "project") continue;
  const [start, end] = [node.start_date || "", node.end_date || ""];
  const first = YEAR.test(start) ? Number(start.slice(0, 4)) : null;
  const last = YEAR.test(end) ? Number((end.split("/")[1] || end).slice(0, 4)) : YEAR.test(start.split("/")[1] || "") ? Number(start.split("/")[1].slice(0, 4)) : null;
  years.set(node.id, first === null && last === null ? null : [first ?? -Infinity, last ?? Infinity]);
}
const values = {
  source: (relation) => [relation.place.source || ""],
  kind: (relation) => [nodes.get(relation.body).kind, "project"],
  role: (relation) => [relation.role],
  basis: (relation) => [inferred(relation) ? "inferred" : "stated"],
  theme: (relation) => themesOf(nodes.get(relation.project)),
  place: (relation) => placesOf(nodes.get(relation.project)),
};
const themesOf = (project) => (project.theme ? [project.theme] : [""]);
const placesOf = (project) => (project.places?.length ? project.places : [""]);

/** Return for each filter whether a relation passes it: kinds all, of several places any. */
function passes(relation, facet) {
  const off = state.off[facet];
  if (!off.size) return true;
  return facet === "kind" ? values.kind(relation).every((value) => !off.has(value)) : values[facet](relation).some((value) => !off.has(value));
}

function inYears(project) {
  const span = years.get(project);
  if (span === null) return state.undated;
  return (!state.from || span[1] >= Number(state.from)) && (!state.to || span[0] <= Number(state.to));
}

function filter() {
  const passing = [];
  const counts = Object.fromEntries([...FACETS, "year"].map((facet) => [facet, new Map()]));
  const note = (facet, value, what) => {
    const found = counts[facet].get(value);
    if (found) found.add(what);
    else counts[facet].set(value, new Set([what]));
  };
  for (const relation of data.relations) {
    const failed = FACETS.filter((facet) => !passes(relation, facet));
    if (!inYears(relation.project)) failed.push("year");
    if (failed.length > 1) continue;
    if (!failed.length) passing.push(relation);
    if (!failed.length || failed[0] === "kind") {
      const { kind } = nodes.get(relation.body);
      if (!state.off.kind.has("project")) note("kind", kind, relation.body);
      if (!state.off.kind.has(kind)) note("kind", "project", relation.project);
    }
    for (const facet of failed.length ? failed : ["source", "role", "basis", "theme", "place", "year"]) {
      if (facet === "source" || facet === "role" || facet === "basis") note(facet, values[facet](relation)[0], relation.id);
      else if (facet === "theme" || facet === "place") for (const value of values[facet](relation)) note(facet, value, relation.project);
      else if (facet === "year" && years.get(relation.project) === null) note("year", "undated", relation.project);
    }
  }
  state.passing = new Set(passing.map((relation) => relation.id));
  chooseShown();
  showCounts(counts);
  filtered += 1;
}
let filtered = 0; // counts the filterings, so that the table knows whether it is stale

/** Work out what of the present view is shown: what the filters let through, and what is near enough. */
function chooseShown() {
  let shown = [];
  for (const edge of layer().values()) {
    const projects = standing(edge);
    if (projects.length >= (edge.type === "partners" ? state.least : 1)) shown.push([edge.id, projects]);
  }
  const centre = state.open;
  if (centre && (state.steps || data.scale === "search")) {
    const edges = shown.map(([id]) => layer().get(id));
    const far = reachable(centre, state.steps || 2, edges, data.scale === "search" ? 200 : Infinity);
    shown = shown.filter(([id]) => { const edge = layer().get(id); return far.has(edge.from) && far.has(edge.to); });
    if (data.scale === "search") layOut(centre, far, shown.map(([id]) => layer().get(id)));
  } else if (data.scale === "search") {
    shown = [];
  }
  state.shownEdges = new Map(shown);
  state.shownNodes = new Set(shown.flatMap(([id]) => { const { from, to } = layer().get(id); return [from, to]; }));
  if (centre && (state.steps || data.scale === "search") && drawn.has(centre)) state.shownNodes.add(centre);
}

function showCounts(counts) {
  for (const box of byId("filters").elements) {
    if (box.type !== "checkbox") continue;
    const [facet, value] = box.name === "undated" ? ["year", "undated"] : [box.name, box.value];
    const n = counts[facet].get(value)?.size || 0;
    box.closest("label").querySelector("output").textContent = String(n);
  }
}

const signs = {}; // view → the kinds, roles and bases whose signs are drawn in it

/** In the legend, hide the signs that this view does not draw; their filters stay. */
function showSigns() {
  const cased = state.view === "cases";
  const edges = cased ? [] : [...layer().values()];
  const ends_ = () => edges.flatMap(({ from, to }) => [nodes.get(from), nodes.get(to)]);
  const lines_ = state.view === "funding" ? edges : [];
  signs[state.view] ??= { kind: new Set(ends_().map((node) => node.kind)), role: new Set(lines_.map((edge) => edge.role)),
    basis: new Set(lines_.map((edge) => (isDashed(edge) ? "inferred" : "stated"))), member: ends_().some((node) => node.member) };
  for (const box of byId("filters").querySelectorAll("input[type=checkbox]")) {
    box.closest("label").classList.toggle("undrawn", !cased && ["kind", "role", "basis"].includes(box.name) && !signs[state.view][box.name].has(box.value));
  }
  if (byId("members")) byId("members").hidden = !cased && !signs[state.view].member;
  byId("joint").hidden = !joints.size;
}

/** Return how many bodies the view does not show: those without any relation, in the funding view those without one of its own. */
function besides() {
  if (state.view !== "funding") return data.isolated.length ? say("and_isolated", { n: data.isolated.length }) : "";
  const n = data.nodes.filter((node) => node.type === "organization" && !(giftsOf(node.id).length)).length;
  return n ? say("and_unfunded", { n }) : "";
}

function tellStatus() {
  const { shownNodes, shownEdges } = state;
  const kept = state.view === "cases" ? "shown" : `shown_${state.view}`;
  showSigns();
  const left = data.relations.length - state.passing.size;
  byId("status").textContent = (data.excerpt ? `${data.excerpt.words[state.lang]} ` : "")
    + say(kept, { nodes: shownNodes.size, edges: shownEdges.size })
    + (left ? say("and_filtered", { n: left }) : "")
    + besides()
    + (caveat() ? `${state.lang === "zh" ? "。" : ". "}${caveat()}` : "");
  const message = !relations.size ? "empty" : data.scale === "search" && !state.open ? "search_first" : "nothing_shown";
  byId("message").textContent = say(message, { n: nodes.size });
  byId("message").hidden = shownEdges.size > 0;
}

/** Read what the form says into the state, and what the state says into the form. */
function readForm() {
  for (const box of byId("filters").elements) {
    if (box.type !== "checkbox") continue;
    if (box.name === "undated") state.undated = box.checked;
    else state.off[box.name][box.checked ? "delete" : "add"](box.value);
  }
  for (const end of ["from", "to"]) if (byId(end)) state[end] = YEAR.test(byId(end).value) ? byId(end).value.slice(0, 4) : "";
  if (byId("least")) state.least = Math.max(1, Number(byId("least").value) || 1);
}

function writeForm() {
  for (const box of byId("filters").elements) {
    if (box.type === "checkbox") box.checked = box.name === "undated" ? state.undated : !state.off[box.name].has(box.value);
  }
  for (const end of ["from", "to"]) if (byId(end)) byId(end).value = state[end];
  writeYears();
  if (byId("least")) byId("least").value = String(state.least);
}

// Years: bars of how many projects run in each, and a pair of sliders below them.
const span = byId("bars") ? [Number(byId("from-slide").min), Number(byId("to-slide").max)] : null;
const running = span ? Array.from({ length: span[1] - span[0] + 1 }, (_, i) => [...years.values()].filter((one) => one && one[0] <= span[0] + i && one[1] >= span[0] + i).length) : [];
if (span) byId("bars").append(...running.map((n) => el("span", {}, svg("svg", { viewBox: "0 0 1 1", preserveAspectRatio: "none" }, svg("path", { d: `M0 1V${1 - n / Math.max(...running, 1)}H1V1Z` })))));

function writeYears() {
  if (!span) return;
  const [from, to] = [Number(state.from || span[0]), Number(state.to || span[1])];
  [...byId("bars").children].forEach((bar, i) => bar.classList.toggle("out", span[0] + i < from || span[0] + i > to));
  for (const [id, year] of [["from-slide", from], ["to-slide", to]]) {
    byId(id).value = String(year);
    byId(id).setAttribute("aria-valuetext", `${year}${colon()}${cases(running[Number(byId(id).value) - span[0]])}`);
  }
}

/** Read a slider into its box: at the end of the scale there is no bound, and the two do not pass each other. */
function slide(end) {
  const [from, to] = [Number(byId("from-slide").value), Number(byId("to-slide").value)];
  const year = end === "from" ? Math.min(from, to) : Math.max(from, to);
  byId(end).value = year === span[end === "from" ? 0 : 1] ? "" : String(year);
}
if (span) for (const end of ["from", "to"]) byId(`${end}-slide`).addEventListener("input", () => { slide(end); readForm(); go({}, { replace: true, camera: false }); });

function unfiltered() {
  return { off: Object.fromEntries(FACETS.map((facet) => [facet, new Set()])), from: "", to: "", undated: true, least: 1 };
}
