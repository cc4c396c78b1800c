// Questions: paths between two bodies, who funds together, what two bodies share, who funds bodies like this one.
const HUB = 8; // a project with at least so many participants, or a body with at least so many projects, joins much by chance
const degree = (id) => new Set(nodes.get(id).relations.map((one) => (one.body === id ? one.project : one.body))).size;
const isHub = (id) => degree(id) >= HUB;
const MOST_PATHS = 5;
const passing = (id) => nodes.get(id).relations.filter((one) => state.passing.has(one.id));

/** Return node → distance from one, over the relations that the filters let through. */
function distances(from) {
  const far = new Map([[from, 0]]);
  for (const id of far.keys())
    for (const one of passing(id)) {
      const other = one.body === id ? one.project : one.body;
      if (!far.has(other)) far.set(other, far.get(id) + 1);
    }
  return far;
}

/** Return shortest paths as lists of nodes; those with the fewest hubs first. */
function shortestPaths(a, b) {
  const far = distances(b);
  if (!far.has(a)) return [];
  const whole = [];
  const walk = (path) => {
    if (whole.length >= 60) return;
    const last = path.at(-1);
    if (last === b) { whole.push(path); return; }
    const next = new Set(passing(last).map((one) => (one.body === last ? one.project : one.body)).filter((id) => far.get(id) === far.get(last) - 1));
    for (const id of [...next].sort()) walk([...path, id]);
  };
  walk([a]);
  return sorted(whole, (path) => path.slice(1, -1).filter(isHub).length, (path) => path.join());
}

const hops = (path) => path.slice(1).map((id, i) => passing(id).filter((one) => one.body === path[i] || one.project === path[i]));
let chosenPath = 0;
const trailOf = () => {
  if (state.ask !== "path" || !state.a || !state.b) return new Set();
  const path = shortestPaths(state.a, state.b)[chosenPath];
  return new Set(path ? hops(path).flat().map((one) => one.id) : []);
};

function pathAnswer() {
  const paths = shortestPaths(state.a, state.b).slice(0, MOST_PATHS);
  if (!paths.length) return [el("p", { class: "answer" }, say(state.passing.size < data.relations.length ? "no_path_filtered" : "no_path"))];
  chosenPath = Math.min(chosenPath, paths.length - 1);
  const alternatives = paths.length > 1 ? el("div", { class: "steps", role: "group", "aria-label": say("alternatives") }, el("span", {}, say("alternatives")), paths.map((path, i) =>
    el("button", { type: "button", "aria-pressed": String(i === chosenPath), on: { click: () => { chosenPath = i; apply({}, { focus: true, camera: false }); } } }, `${i + 1}${path.slice(1, -1).some(isHub) ? " ◎" : ""}`))) : null;
  const path = paths[chosenPath];
  return [
    el("p", { class: "answer" }, say("path_found", { n: (path.length - 1) / 2 })), alternatives,
    el("ol", { class: "path" }, path.map((id, i) => el("li", {},
      el("div", { class: "who" }, symbolOf(nodes.get(id).kind), link(nodes.get(id)), i && i < path.length - 1 && isHub(id) ? el("span", { class: "chip warn" }, say("hub", { n: degree(id) })) : null),
      i < path.length - 1 ? el("ul", {}, hops(path)[i].map((relation) => relationBlock(relation, null))) : null))),
  ];
}

/** Return body → the projects that it funds, stated or inferred, under the filters. */
function fundedBy() {
  const found = new Map();
  for (const one of data.relations)
    if (one.role === "funder" && state.passing.has(one.id)) found.set(one.body, (found.get(one.body) || new Set()).add(one.project));
  return found;
}

function cofundAnswer() {
  const funded = fundedBy();
  const pairs = [];
  const bodies = [...funded.keys()].sort();
  for (const a of state.a ? [state.a] : bodies)
    for (const b of bodies) {
      if (!(state.a ? b !== a : b > a)) continue;
      const shared = [...(funded.get(a) || [])].filter((project) => funded.get(b).has(project));
      if (shared.length) pairs.push({ a, b, shared });
    }
  const items = sorted(pairs, (one) => -one.shared.length, (one) => nameOf(nodes.get(one.a)), (one) => nameOf(nodes.get(one.b))).slice(0, 100).map(({ a, b, shared }) => el("li", {},
    el("div", { class: "who" }, state.a ? null : [link(nodes.get(a)), " – "], link(nodes.get(b)), " ", pairLink({ id: [a, b].sort().join("|") }, cases(shared.length))),
    el("div", { class: "place" }, shared.map((id, i) => [i ? comma() : "", link(nodes.get(id)), themeOf(nodes.get(id)) ? ` (${themeOf(nodes.get(id))})` : ""]))));
  return [el("p", { class: "answer" }, items.length ? say("cofund_found", { n: pairs.length }) : say("cofund_none")), el("ul", { class: "list" }, items)];
}

function sharedAnswer() {
  const [a, b] = [nodes.get(state.a), nodes.get(state.b)];
  const inCommon = (one, two) => [...one].filter((item) => two.has(item));
  const projects = inCommon(new Set(passing(a.id).map((one) => one.project)), new Set(passing(b.id).map((one) => one.project)));
  const partners = inCommon(new Set(partnersOf(a).keys()), new Set(partnersOf(b).keys()));
  const networks = inCommon(new Set((a.belongs || []).map((one) => one.network)), new Set((b.belongs || []).map((one) => one.network)));
  const bodies = (title, ids) => (ids.length ? [el("h3", {}, `${say(title)} (${ids.length})`), el("ul", { class: "list" }, sorted(ids.map((id) => nodes.get(id)), byName).map((node) => el("li", {}, symbolOf(node.kind), link(node))))] : null);
  return [
    projects.length ? null : el("p", { class: "answer" }, say("shared_none")),
    projects.map((id) => [el("h3", {}, symbolOf("project"), link(nodes.get(id))), el("ul", {}, [a, b].map((node) =>
      el("li", { class: "end" }, el("div", { class: "who" }, link(node)), el("ul", {}, passing(id).filter((one) => one.body === node.id).map((one) => relationBlock(one, null))))))]),
    bodies("shared_partners", partners.filter((id) => !projects.some((project) => passing(project).some((one) => one.body === id)))),
    bodies("shared_networks", networks.filter((id) => nodes.has(id))),
  ];
}

const DOING = new Set(["grantee", "executor"]);

/** Bodies like one: they carry work out, as it does, in a project of the same theme or place, and are of its kind. */
function likeAnswer() {
  const own = nodes.get(state.a);
  const mine = new Set(own.relations.map((one) => one.project));
  const projects = [...mine].map((id) => nodes.get(id));
  const themes = new Set(projects.map((one) => one.theme).filter(Boolean));
  const places = new Set([...projects.flatMap((one) => one.places || []), ...(own.places || [])]);
  const already = new Set([...mine].flatMap((id) => passing(id)).filter((one) => GIVING.has(one.role)).map((one) => one.body));
  const found = new Map();
  for (const project of nodes.values()) {
    if (project.type !== "project" || mine.has(project.id)) continue;
    const why = [themes.has(project.theme) ? themeOf(project) : "", ...(project.places || []).filter((one) => places.has(one)).map((one) => term("places", one))].filter(Boolean);
    const peers = passing(project.id).filter((one) => DOING.has(one.role) && one.body !== own.id && nodes.get(one.body).kind === own.kind).map((one) => one.body);
    if (!why.length || !peers.length) continue;
    for (const one of passing(project.id)) {
      if (one.role !== "funder" || already.has(one.body) || one.body === own.id) continue;
      if (!found.has(one.body)) found.set(one.body, { peers: new Set(), projects: new Map(), guess: true });
      const entry = found.get(one.body);
      peers.filter((peer) => peer !== one.body).forEach((peer) => entry.peers.add(peer));
      entry.projects.set(project.id, why);
      entry.guess &&= inferred(one);
    }
  }
  const entries = sorted([...found].filter(([, one]) => one.peers.size), ([, one]) => -one.peers.size, ([id]) => nameOf(nodes.get(id)));
  const names = (ids) => sorted(ids.map((id) => nodes.get(id)), byName).map((node, i) => [i ? comma() : "", link(node)]);
  return [
    el("p", { class: "place rule" }, say("like_rule", { kind: term("kinds", own.kind), themes: [...themes].map((one) => themeOf(projects.find((p) => p.theme === one))).join(comma()) || "–", places: [...places].map((one) => term("places", one)).join(comma()) || "–" })),
    el("p", { class: "answer" }, entries.length ? say("like_found", { n: entries.length }) : say("like_none")),
    el("ul", { class: "list" }, entries.map(([id, one]) => el("li", {},
      el("div", { class: "who" }, symbolOf(nodes.get(id).kind), link(nodes.get(id)), one.guess ? el("span", { class: "chip warn" }, term("bases", "inferred")) : null),
      el("div", { class: "place" }, say("like_peers", { n: one.peers.size }), colon(), names([...one.peers])),
      [...one.projects].map(([project, why]) => el("div", { class: "place" }, symbolOf("project"), link(nodes.get(project)), ` (${why.join(comma())})`))))),
  ];
}

const ANSWERS = { path: pathAnswer, cofund: cofundAnswer, shared: sharedAnswer, like: likeAnswer };
const NEEDS = { path: ["a", "b"], cofund: [], shared: ["a", "b"], like: ["a"] };
const OFFERS = { path: ["a", "b"], cofund: ["a"], shared: ["a", "b"], like: ["a"] };

function questionDetails() {
  const question = state.ask;
  const tabs = el("div", { class: "asks", role: "group", "aria-label": say("questions") }, QUESTIONS.map((one) =>
    el("button", { type: "button", "data-ask": one, "aria-pressed": String(one === question), on: { click: () => { chosenPath = 0; go({ ask: one }, { focus: true }); } } }, say(`ask_${one}`))));
  const picks = OFFERS[question].map((side) => picker(side, question));
  const ready = NEEDS[question].every((side) => state[side] && nodes.get(state[side]).type === "organization") ;
  const same = ready && NEEDS[question].length > 1 && state.a === state.b;
  return [tabs, el("h2", {}, say(`question_${question}`)), picks, el("p", { class: "place caveat" }, say(`caveat_${question}`)), same ? el("p", { class: "answer" }, say("same_body")) : ready ? ANSWERS[question]() : el("p", { class: "answer" }, say("choose_bodies"))];
}

function picker(side, question) {
  const box = el("input", { type: "text", id: `pick-${side}`, role: "combobox", "aria-expanded": "false", "aria-controls": `picks-${side}`, "aria-autocomplete": "list", autocomplete: "off", spellcheck: "false", placeholder: say("search_label") });
  const list = el("ul", { id: `picks-${side}`, role: "listbox", class: "found", "aria-label": say(`pick_${side}`), hidden: "" });
  box.value = state[side] ? nameOf(nodes.get(state[side])) : "";
  combobox(box, list, { only: "organization", choose: (id) => { chosenPath = 0; go({ [side]: id }); byId(side === "a" && !state.b && OFFERS[question].length > 1 ? "pick-b" : `pick-${side}`)?.focus(); } });
  return el("div", { class: "pick search" }, el("label", { for: `pick-${side}` }, say({ cofund: "pick_any", like: "pick_body" }[question] || `pick_${side}`)), box, list);
}
