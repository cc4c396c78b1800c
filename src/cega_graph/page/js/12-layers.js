// Three views of the same relations: cases and bodies; who gives to whom; who works together.
const NONE = new Map();
const drawn = new Map(model.nodes.map((node) => [node.id, node])); // what the canvas holds, with its place
const ends = (one) => (one.role === "grantee" ? { from: one.project, to: one.body } : { from: one.body, to: one.project });
const modelled = new Map(model.edges.map((edge) => [edge.id, edge]));
const layers = {
  cases: new Map(data.relations.map((one) => [one.id, {
    smooth: false, ...modelled.get(one.id), id: one.id, ...ends(one), type: "role", role: one.role, dashes: inferred(one), relations: [one], projects: [one.project],
  }])),
};

/** Return the edges of a view, by id; partnership is worked out when it is first looked at. */
function layer(view = state.view) {
  layers[view] ??= view === "funding" ? fundingEdges() : partnerEdges();
  return layers[view];
}

function fundingEdges() {
  return new Map(data.funding.map(({ from, to, basis, projects }) => {
    const behind = projects.flatMap((project) => nodes.get(project).relations).filter((one) =>
      (one.body === from && GIVING.has(one.role)) || (one.body === to && one.role === "grantee"));
    const role = behind.some((one) => one.role === "funder") ? "funder" : "intermediary";
    const id = `${from}>${to}`;
    return [id, { id, from, to, type: "funding", role, basis, projects, relations: behind, smooth: false }];
  }));
}

function partnerEdges() {
  const found = new Map();
  for (const [project, rows] of grouped(data.relations, (one) => one.project)) {
    const bodies = [...new Set(rows.map((one) => one.body))].sort();
    for (let i = 0; i < bodies.length; i += 1)
      for (let j = i + 1; j < bodies.length; j += 1) {
        const id = `${bodies[i]}|${bodies[j]}`;
        if (!found.has(id)) found.set(id, { id, from: bodies[i], to: bodies[j], type: "partners", role: "partner", projects: [], smooth: false });
        found.get(id).projects.push(project);
      }
  }
  return found;
}

/** Return the edge of a view with that id, built alone if the whole view was never needed. */
function edgeOf(id) {
  const view = relations.has(id) ? "cases" : id.includes(">") ? "funding" : "partners";
  return layer(view).get(id);
}

/** Return the relations behind an edge in one project, those of its first body first. */
function behind(edge, project) {
  if (edge.relations) return sorted(edge.relations.filter((one) => one.project === project), (one) => one.body !== edge.from);
  const both = nodes.get(project).relations.filter((one) => one.body === edge.from || one.body === edge.to);
  return sorted(both, (one) => one.body !== edge.from);
}

/** Return the projects for which an edge is still shown under the filters. */
function standing(edge) {
  if (edge.type === "role") return state.passing.has(edge.id) ? edge.projects : [];
  return edge.projects.filter((project) => {
    const passing = behind(edge, project).filter((one) => state.passing.has(one.id));
    return passing.some((one) => one.body === edge.from && (edge.type !== "funding" || GIVING.has(one.role)))
      && passing.some((one) => one.body === edge.to && (edge.type !== "funding" || one.role === "grantee"));
  });
}

/** Return whether an edge rests on what sources state in at least one project. */
function isStated(edge) {
  if (edge.type === "role") return !inferred(edge.relations[0]);
  return edge.projects.some((project) => {
    const stated = behind(edge, project).filter((one) => !inferred(one));
    return stated.some((one) => one.body === edge.from) && stated.some((one) => one.body === edge.to);
  });
}

/** Return what joins the two ends of a pair, which is no statement about the two: a grant that names both, or a case. */
const basisOf = (edge) => say(edge.basis === "grant" ? "same_grant" : "same_project", { project: term("kinds", "project") }) + (isStated(edge) ? "" : say("and_inferred"));

/** Return what a pair of a view does not say. */
const caveatOf = (edge) => say(edge.type === "partners" ? "share_project" : edge.basis === "grant" ? "one_grant" : "together", { project: term("kinds", "project") });

/** Return what the pairs that are shown do not say, if any is not stated as such; nothing where lines are roles. */
function caveat() {
  const edge = [...state.shownEdges.keys()].map((id) => layer().get(id)).find((one) => one.type === "partners" || (one.type === "funding" && one.basis !== "grant"));
  return edge ? caveatOf(edge) : "";
}

/** Return node → its edges, of a list of edges. */
function around(edges) {
  const found = new Map();
  const note = (id, edge) => (found.has(id) ? found.get(id).push(edge) : found.set(id, [edge]));
  for (const edge of edges) {
    note(edge.from, edge);
    note(edge.to, edge);
  }
  return found;
}

/** Return id → distance of what lies within some steps of a node, the nearest first, at most so many. */
function reachable(id, steps, edges, most = Infinity) {
  const next = around(edges);
  const far = new Map([[id, 0]]);
  for (const at of far.keys()) {
    if (far.get(at) >= steps) continue;
    for (const edge of next.get(at) || []) {
      const other = edge.from === at ? edge.to : edge.from;
      if (!far.has(other) && far.size < most) far.set(other, far.get(at) + 1);
    }
  }
  return far;
}

/** Return places around a node for a graph without stored positions: a ring for each step, branches side by side. */
function radial(id, far, edges) {
  const next = around(edges.filter((edge) => far.has(edge.from) && far.has(edge.to)));
  const children = new Map([...far.keys()].map((one) => [one, []]));
  const seen = new Set([id]);
  for (const at of far.keys())
    for (const edge of next.get(at) || []) {
      const other = edge.from === at ? edge.to : edge.from;
      if (!seen.has(other) && far.get(other) === far.get(at) + 1) {
        seen.add(other);
        children.get(at).push(other);
      }
    }
  const leaves = new Map();
  for (const at of [...far.keys()].reverse()) leaves.set(at, Math.max(1, children.get(at).reduce((sum, one) => sum + leaves.get(one), 0)));
  const rings = [0];
  const total = leaves.get(id);
  for (let step = 1; step <= Math.max(...far.values()); step += 1) {
    const on = [...far.values()].filter((one) => one === step).length;
    rings.push(Math.max(rings[step - 1] + 110, (on * 44) / (2 * Math.PI), step === 1 ? (total * 10) / (2 * Math.PI) : 0));
  }
  const places = new Map();
  const lay = (at, start) => {
    const turn = ((start + leaves.get(at) / 2) / total) * 2 * Math.PI;
    const r = rings[far.get(at)];
    places.set(at, [Math.round(1.3 * r * Math.cos(turn)), Math.round(r * Math.sin(turn))]);
    let begin = start;
    for (const child of children.get(at)) {
      lay(child, begin);
      begin += leaves.get(child);
    }
  };
  lay(id, 0);
  return places;
}
