// The panel, continued: whom a body is joined with, how far around it the map shows, and what lies behind one edge.
let gifts = null; // body → its edges of the funding view
const giftsOf = (id) => (gifts ??= around([...layer("funding").values()])).get(id) || [];

/** Return body → the projects that it shares with this one. */
function partnersOf(node) {
  const found = new Map();
  for (const project of new Set(node.relations.map((one) => one.project)))
    for (const body of new Set(nodes.get(project).relations.map((one) => one.body)))
      if (body !== node.id) found.set(body, [...(found.get(body) || []), project]);
  return found;
}

const cases = (n) => say(data.are_cases ? (n === 1 ? "n_case" : "n_cases") : n === 1 ? "n_project" : "n_projects", { n });

function listed(title, note, entries) {
  if (!entries.length) return null;
  const item = ({ node, edge, projects, doubt }) => el("li", {},
    symbolOf(node.kind), link(node), " ", pairLink(edge, cases(projects.length)), doubt ? el("span", { class: "chip warn" }, doubt) : null);
  const few = entries.slice(0, 8).map(item);
  const more = entries.slice(8).map(item);
  return el("section", { class: "joined" }, el("h3", {}, `${title} (${entries.length})`), note ? el("p", { class: "place" }, note) : null, el("ul", {}, few),
    more.length ? el("details", {}, el("summary", {}, say("more", { n: more.length })), el("ul", {}, more)) : null);
}

function connections(node) {
  const money = (edges, end) => sorted(edges.map((edge) => ({
    node: nodes.get(edge[end]), edge, projects: edge.projects, doubt: isStated(edge) ? "" : term("bases", "inferred"),
  })), (one) => -one.projects.length, (one) => nameOf(one.node));
  const given = (title, edges, end) => {
    const derived = edges.find((edge) => edge.basis !== "grant"); // not all are stated as pairs: the heading says what they are
    return listed(say(derived ? `${title}_same` : title, { project: term("kinds", "project") }), derived ? caveatOf(derived) : "", money(edges, end));
  };
  const mine = giftsOf(node.id);
  const partners = [...partnersOf(node)].map(([id, projects]) => {
    const [a, b] = [node.id, id].sort();
    return { node: nodes.get(id), edge: { id: `${a}|${b}` }, projects };
  });
  return [
    given("funders", mine.filter((edge) => edge.to === node.id), "from"),
    given("grantees", mine.filter((edge) => edge.from === node.id), "to"),
    listed(say("partners"), say("share_project"), sorted(partners, (one) => -one.projects.length, (one) => nameOf(one.node))),
  ];
}

/** How far around the node the map shows, and the questions that can be asked about it. */
function actions(node) {
  if (!node.relations.length) return null;
  const choice = (steps) => el("button", {
    type: "button", "aria-pressed": String((data.scale === "search" ? state.steps || 2 : state.steps) === steps), "data-steps": steps,
    on: { click: () => { go({ steps }); byId("panel").querySelector(`[data-steps="${steps}"]`)?.focus(); } },
  }, steps ? String(steps) : say("everything"));
  const ask = (question) => el("button", { type: "button", "data-ask": question, on: { click: () => go({ ask: question, a: node.id, b: null, open: null, pair: null, steps: 0 }, { focus: true }) } }, say(`ask_${question}`));
  return [
    el("div", { class: "steps", role: "group", "aria-label": say("around") }, el("span", {}, say("around")), (data.scale === "search" ? [1, 2, 3] : [0, 1, 2, 3]).map(choice)),
    node.type === "organization" ? el("div", { class: "asks", role: "group", "aria-label": say("questions") }, QUESTIONS.map(ask)) : null,
  ];
}

/** What lies behind one edge: its projects, and in each the roles of both ends with their places. */
function pairDetails(edge) {
  const [from, to] = [nodes.get(edge.from), nodes.get(edge.to)];
  if (edge.type === "role") {
    const [relation] = edge.relations;
    return [el("h2", {}, link(nodes.get(relation.body)), " → ", link(nodes.get(relation.project))), el("ul", {}, relationBlock(relation, null))];
  }
  return [
    el("h2", {}, link(from), edge.type === "funding" ? " → " : " – ", link(to)),
    el("p", { class: "place" }, caveatOf(edge)),
    edge.projects.map((project) => [
      el("h3", {}, symbolOf("project"), link(nodes.get(project))),
      [from, to].map((node) => el("div", { class: "end" }, el("div", { class: "who" }, symbolOf(node.kind), link(node)),
        el("ul", {}, behind(edge, project).filter((one) => one.body === node.id).map((one) => relationBlock(one, null))))),
    ]),
  ];
}

function nodeDetails(node) {
  return [
    el("h2", {}, el("bdi", {}, nameOf(node))),
    otherName(node) && otherName(node) !== nameOf(node) ? el("p", { class: "other" }, el("bdi", {}, otherName(node))) : null,
    ...(node.type === "project" ? projectDetails(node) : bodyDetails(node)),
  ];
}

function topLine() {
  const node = nodes.get(state.open);
  if (!node) return state.ask ? say("questions") : term("views", state.view);
  const kind = node.type === "project" && node.number ? say("case", { n: node.number }) : term("kinds", node.kind);
  return kind + (node.member ? ` · ${say("is_member")}` : "");
}

/** Show what is open: a node, an edge or a question. */
function showPanel({ keep = false } = {}) {
  const panel = byId("panel");
  const node = nodes.get(state.open);
  const edge = state.pair && edgeOf(state.pair);
  const scrolled = panel.hidden ? 0 : panel.scrollTop;
  panel.hidden = !node && !edge && !state.ask;
  panel.replaceChildren();
  if (panel.hidden) return;
  panel.setAttribute("aria-label", say("details"));
  const inside = state.ask ? questionDetails() : node ? nodeDetails(node) : pairDetails(edge);
  panel.append(
    el("div", { class: "top" }, node && !state.ask ? symbolOf(node.kind) : null, el("span", {}, topLine()), el("button", { type: "button", id: "close", "aria-label": say("close"), on: { click: close } }, "×")),
    ...(data.excerpt ? [el("p", { class: "place excerpt" }, say("excerpt_more"))] : []),
    ...inside.flat(4).filter(Boolean),
  );
  panel.scrollTop = keep ? scrolled : 0;
}
