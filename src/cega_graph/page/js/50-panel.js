// The panel: a body or project, and for every relation the place that states it.
const printed = (text) => el("bdi", {}, state.lang === "zh" ? `「${text}」` : `“${text}”`);

function placeLine(at_, project, row = {}, titled = true) {
  const parts = [];
  if (project && book.size > 1 && book.has(at_.source)) parts.push([el("bdi", {}, book.get(at_.source).title || at_.source)]);
  if (project) parts.push([project.number ? say("case", { n: project.number }) : "", titled || !project.number ? el("bdi", {}, ` ${nameOf(project)}`) : ""]);
  else if (book.has(at_.source)) parts.push([el("bdi", {}, book.get(at_.source).title || at_.source)]);
  if (at_.section) parts.push([el("bdi", {}, at_.section)]);
  if (at_.label) parts.push([say(row.basis === "prose" ? "deciding" : "under"), " ", printed(at_.label)]);
  if (at_.locator) parts.push([el("bdi", {}, at_.locator)]);
  const line = parts.flatMap((part, index) => (index ? [" › ", ...part] : part));
  if (at_.mention) line.push(state.lang === "zh" ? "，" : ", ", say("printed_as"), " ", printed(at_.mention));
  return el("p", { class: "place" }, line);
}

function quote(at_) {
  if (!at_.sentence || at_.sentence === at_.mention) return null;
  const start = at_.mention ? at_.sentence.indexOf(at_.mention) : -1;
  if (start < 0) return el("blockquote", {}, at_.sentence);
  const end = start + at_.mention.length;
  return el("blockquote", {}, at_.sentence.slice(0, start), el("mark", {}, at_.mention), at_.sentence.slice(end));
}

function relationBlock(relation, who) {
  const isInferred = inferred(relation);
  const known = byId(`l-${relation.role}`) ? relation.role : "other";
  const detail = (key) => relation[key] ? el("p", { class: "place" }, say(key), colon(), el("bdi", {}, relation[key])) : null;
  const time = [relation.since, relation.until].filter(Boolean).join(" – ");
  return el("li", { class: `relation r-${known}${isInferred ? " inferred" : ""}`, "data-evidence": relation.id },
    who ? el("div", { class: "who" }, symbolOf(who.kind), link(who)) : null,
    who ? null : el("div", { class: "role" }, lineOf(relation.role, isInferred), el("span", {}, term("roles", relation.role)), chip(relation)),
    who && (isInferred || relation.basis === "prose") ? el("div", { class: "role" }, chip(relation)) : null,
    isInferred && relation.rule ? el("p", { class: "place" }, term("rules", relation.rule)) : null,
    detail("activity"), detail("qualifier"), time ? el("p", { class: "place" }, say("time"), colon(), time) : null,
    placeLine(relation.place, nodes.get(relation.project), relation, !who),
    quote(relation.place));
}

const chip = (relation) => el("span", { class: "chip" }, term("bases", relation.basis));

function facts(pairs) {
  const rows = pairs.filter(([, value]) => value && (!Array.isArray(value) || value.length));
  return rows.length ? el("dl", {}, rows.flatMap(([key, value]) => [el("dt", {}, say(key)), el("dd", {}, value)])) : null;
}

function aliases(node) {
  const others = (node.names || []).filter((one) => one.name !== nameOf(node) && one.name !== otherName(node));
  return others.map((one) => el("div", {}, el("bdi", {}, one.name), el("span", { class: "status" }, term("name_statuses", one.status))));
}

function belongings(node) {
  if (!node.belongs) return [];
  const items = node.belongs.map((one) => {
    const network_ = nodes.get(one.network);
    const time = [one.since, one.until].filter(Boolean).join(" – ");
    const status = one.status === "former" ? term("membership_statuses", one.status) : "";
    const by = nodes.get(one.affiliation);
    return el("li", { class: "relation k-network" },
      el("div", {}, network_ ? link(network_) : one.network, " · ", term("membership_roles", one.role), status || time ? el("span", { class: "status" }, [status, time].filter(Boolean).join(" ")) : null),
      by ? el("div", {}, link(by)) : null,
      placeLine(one.place, null), quote(one.place));
  });
  return [el("h3", {}, say("belongs")), el("ul", {}, items)];
}

function bodyDetails(node) {
  const projects = [...new Set(node.relations.map((relation) => relation.project))].map((id) => nodes.get(id));
  const sections = projects.map((project) => [
    el("h4", {}, symbolOf("project"), link(project)),
    el("ul", {}, node.relations.filter((relation) => relation.project === project.id).map((relation) => relationBlock(relation, null))),
  ]);
  return [
    facts([["also", aliases(node)], ["identifiers", (node.identifiers || []).join(" ")], ["place", (node.places || []).map((one) => term("places", one)).join(comma())], ["parent", node.parent ? link(nodes.get(node.parent)) : ""]]),
    actions(node),
    projects.length ? el("h3", {}, `${say("in_projects")} (${projects.length})`) : el("p", { class: "other" }, say("no_relation")),
    sections.flat(),
    belongings(node),
    connections(node),
  ];
}

function projectDetails(node) {
  const roles = Object.keys(terms.roles).concat(Object.keys(lines)).filter((role, index, all) => all.indexOf(role) === index);
  const sections = roles.map((role) => [role, node.relations.filter((relation) => relation.role === role)]).filter(([, found]) => found.length);
  const until = node.end_date || (node.start_date ? say("end_unknown") : "");
  return [
    facts([
      ["theme", themeOf(node)],
      ["time", node.start_date || node.end_date ? `${node.start_date || "?"} – ${until}` : ""],
      ["place", [node.location, ...(node.places || []).map((one) => term("places", one)).filter((one) => !(node.location || "").includes(one.replace(/[省市]$/, "")))].filter(Boolean).join(state.lang === "zh" ? "；" : "; ")], ["programme", node.programme],
    ]),
    actions(node),
    node.amounts ? [el("h3", {}, say("amounts")), el("ul", {}, node.amounts.map(amount))] : [],
    sections.length ? [] : el("p", { class: "other" }, say("no_relation")),
    sections.map(([role, found]) => [
      el("h4", {}, lineOf(role, false), term("roles", role), el("span", { class: "n" }, String(found.length))),
      el("ul", {}, found.map((relation) => relationBlock(relation, nodes.get(relation.body)))),
    ]).flat(),
  ];
}

function amount(one) {
  const text = one.amount ? `${one.approximate ? `${say("approximate")} ` : ""}${one.amount} ${one.currency || ""}` : say("unknown_amount");
  const more = [term("grant_types", one.type), one.date, one.recipients ? say("recipients", { n: one.recipients }) : "", one.conflicts_with ? say("conflict") : ""];
  return el("li", { class: "relation r-funder" }, el("div", { class: "who" }, text), el("div", {}, more.filter(Boolean).join(" · ")), placeLine(one.place, null), quote(one.place));
}

