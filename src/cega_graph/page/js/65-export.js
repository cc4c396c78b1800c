// Taking it away: one list of shapes and texts, as SVG with real text, as PNG, and on paper; the rows as CSV.
const MARGIN = 24;
/** Return what is on the map as shapes in pixels, in the order of drawing, and how large it is. */
function scene() {
  const scale = network.getScale();
  const low = network.DOMtoCanvas({ x: 0, y: 0 });
  const to = ([x, y]) => [(x - low.x) * scale, (y - low.y) * scale];
  const found = [];
  const unit = thick(scale);
  for (const one of strokes) {
    const { points, via, head } = shapeOf(one, unit, scale);
    const line = { type: "line", points: points.map(to), via: via && to(via), width: one.look.width * unit * scale, dashes: one.dashes && [5, 4].map((value) => value * unit * scale) };
    found.push({ ...line, ink: one.look.colour, opacity: one.look.opacity, title: strokeTitle(one) });
    if (head) found.push({ type: "area", points: head.map(to), ink: one.look.colour, opacity: one.look.opacity });
  }
  for (const [id, place_] of joints) {
    const [x, y] = to(place_);
    found.push({ type: "symbol", x, y, r: JOINT, path: data.symbols.dot, hollow: true, ink: palette.soft, opacity: 1, title: nameOf(nodes.get(id)) });
    found.push({ type: "text", x, y, size: JOINT * 1.2, text: (nodes.get(id).number || "").slice(0, 4), bold: true, anchor: "middle", ink: palette.ink, opacity: 1 });
  }
  for (const id of [...state.shownNodes].sort()) {
    const node = nodes.get(id);
    const mark = marks[node.kind];
    const [x, y] = to(at(drawn.get(id)));
    const r = radius(id) * scale;
    const opacity = state.lit && !state.lit.has(id) ? 0.16 : 1;
    found.push({ type: "symbol", x, y, r, path: data.symbols[mark.symbol], hollow: mark.hollow, ink: colour(mark), opacity, title: nameOf(node) });
    if (node.number) found.push({ type: "text", x, y, size: r * (node.number.length > 2 ? 0.7 : 1.05), text: node.number.slice(0, 4), bold: true, anchor: "middle", ink: palette.back, opacity });
    if (node.member) found.push({ type: "ring", x, y, r: r * 1.42 + 1, ink: palette.ink, opacity });
  }
  for (const label of labels) {
    const line = leader(label, scale);
    if (line) found.push({ type: "line", points: line.map(([lx, ly]) => [lx - low.x * scale, ly - low.y * scale]), width: 1, ink: palette.soft, opacity: 0.6 });
  }
  for (const label of labels) {
    const [left, top, right, bottom] = label.box;
    found.push({ type: "plate", x: left - low.x * scale, y: top - low.y * scale, width: right - left, height: bottom - top, ink: palette.back, opacity: PLATE });
    const x = label.x - (label.align * label.w) / 2 + label.align * 2 - low.x * scale;
    label.rows.forEach((text, i) => found.push({
      type: "text", x, y: label.y + (i - (label.rows.length - 1) / 2) * label.lineHeight - low.y * scale, size: label.bold ? 13 : 12, text,
      bold: label.bold, halo: palette.back, ink: palette.ink, opacity: 1, anchor: label.align > 0 ? "start" : label.align < 0 ? "end" : "middle",
    }));
  }
  const [width, height] = [byId("canvas").clientWidth, byId("canvas").clientHeight];
  const edge = { type: "line", points: [[0, height], [width, height]], width: 1, ink: palette.soft, opacity: 0.4 };
  const foot = legendOf(width, height + 18);
  return { width, height: foot.bottom + 8, rule: height, map: found, foot: [edge, ...foot.shapes] };
}

/** Return what this picture cannot be read without, below it: kinds, lines, what is left out, what the data cover. */
function legendOf(width, top) {
  const shapes = [];
  let [x, y] = [MARGIN, top];
  const wide = (text, bold) => { measurer.font = `${bold ? 600 : 400} 11px ${FONT}`; return measurer.measureText(text).width; };
  const write_ = (text, bold = false) => {
    shapes.push({ type: "text", x, y, size: 11, text, bold, ink: palette.ink, opacity: 1, anchor: "start" });
    x += wide(text, bold);
  };
  const line = () => { x = MARGIN; y += 17; };
  const entry = (room, sign_, text) => {
    if (x + room + wide(text) > width - MARGIN && x > MARGIN) line();
    sign_(x, y);
    x += room;
    write_(text);
    x += 16;
  };
  const paragraph = (text, bold = false) => {
    for (const unit of text.match(/[\u2e80-\uffef][、。，；：！？）》」”]*|[^\s\u2e80-\uffef]+\s?|\s/gu) || []) {
      if (x + wide(unit, bold) > width - MARGIN && x > MARGIN) line();
      const last = shapes.at(-1);
      if (last?.flows && last.y === y && last.bold === bold) { last.text += unit; x = last.x + wide(last.text, bold); } else { write_(unit, bold); shapes.at(-1).flows = true; }
    }
    line();
  };
  paragraph(document.title, true);
  paragraph(data.notes[state.lang]);
  paragraph(shownInWords());
  if (caveat()) paragraph(caveat());
  for (const kind of kindsShown()) entry(14, (at_, y_) => shapes.push({ type: "symbol", x: at_ + 5, y: y_, r: 5, path: data.symbols[marks[kind].symbol], hollow: marks[kind].hollow, ink: colour(marks[kind]), opacity: 1 }), term("kinds", kind));
  if ([...state.shownNodes].some((id) => nodes.get(id).member)) {
    entry(18, (at_, y_) => shapes.push({ type: "symbol", x: at_ + 7, y: y_, r: 3.4, path: data.symbols.dot, ink: palette.ink, opacity: 1 }, { type: "ring", x: at_ + 7, y: y_, r: 6.2, ink: palette.ink, opacity: 1 }), say("member"));
  }
  if (joints.size) entry(16, (at_, y_) => shapes.push({ type: "ring", x: at_ + 6, y: y_, r: 5, ink: palette.soft, opacity: 1 }), say("joint"));
  line();
  for (const { role, text } of linesShown()) entry(38, (at_, y_) => keyLine(shapes, at_, y_, role), text);
  const dashed = [...state.shownEdges.keys()].map((id) => isDashed(layer().get(id)));
  for (const [some, dashes, word] of [[dashed.includes(false), null, "stated"], [dashed.includes(true), [5, 4], "inferred"]]) {
    if (some && state.view !== "partners") entry(38, (at_, y_) => shapes.push({ type: "line", points: [[at_, y_], [at_ + 32, y_]], width: 1.6, dashes, ink: palette.ink, opacity: 1 }), say(state.view === "funding" ? `pair_${word}` : word));
  }
  return { shapes, bottom: y + 8 };
}

function keyLine(shapes, x, y, role) {
  const { width, head } = lineLook(role);
  const ink = colour(lineLook(role));
  const partners = state.view === "partners";
  shapes.push({ type: "line", points: [[x, y], [x + (partners ? 32 : 26), y]], width, ink, opacity: 1 });
  if (!partners) shapes.push({ type: "area", points: (TIPS[head] || TIPS.arrow).map(([dx, dy]) => [x + 32 + dx, y + dy]), ink, opacity: 1 });
}

const kindsShown = () => {
  const found = new Set([...state.shownNodes].map((id) => nodes.get(id).kind));
  return Object.keys(terms.kinds).concat(Object.keys(marks)).filter((kind, i, all) => found.has(kind) && all.indexOf(kind) === i);
};

/** Return the roles of the lines on the map with their words; in partnership all lines mean the same. */
function linesShown() {
  if (state.view === "partners") return state.shownEdges.size ? [{ role: "partner", text: term("views", "partners") }] : [];
  const found = new Set([...state.shownEdges.keys()].map((id) => layer().get(id).role));
  return Object.keys(terms.roles).concat([...found]).filter((role, i, all) => found.has(role) && all.indexOf(role) === i).map((role) => ({ role, text: term("roles", role) }));
}

/** Return the view, how much it shows, and each filter that leaves something out, in words. */
function shownInWords() {
  const counted = say(state.view === "cases" ? "shown" : `shown_${state.view}`, { nodes: state.shownNodes.size, edges: state.shownEdges.size });
  const without = [];
  const word = { kind: (id) => term("kinds", id), role: (id) => term("roles", id), basis: (id) => say(id), theme: (id) => themeWord(id), place: (id) => (id ? term("places", id) : say("unstated")), source: (id) => book.get(id)?.title || id };
  const titles = { source: "sources", kind: "kinds", role: "roles", basis: "statement", theme: "theme", place: "place_filter" };
  for (const facet of FACETS) if (state.off[facet].size) without.push(`${say(titles[facet])}${colon()}${[...state.off[facet]].sort().map(word[facet]).join(comma())}`);
  if (!state.undated) without.push(say("undated"));
  const parts = [counted, without.length ? say("without", { what: without.join(state.lang === "zh" ? "；" : "; ") }) : ""];
  if (state.from || state.to) parts.push(`${say("years")}${colon()}${state.from || "…"}–${state.to || "…"}`);
  if (state.view === "partners" && state.least > 1) parts.push(`${say("least")} ${state.least}`);
  if (state.open && state.steps) parts.push(`${say("around")}${colon()}${nameOf(nodes.get(state.open))}, ${state.steps}`);
  return parts.filter(Boolean).join(state.lang === "zh" ? "；" : "; ");
}

function themeWord(theme) {
  const found = theme && [...nodes.values()].find((node) => node.theme === theme);
  return found ? themeOf(found) : say("unstated");
}

const short = (value) => String(Math.round(value * 100) / 100);
const outline = (points, closed, via = null) => {
  const [start, ...rest] = points.map((point) => point.map(short).join(" "));
  return `M${start}${via ? `Q${via.map(short).join(" ")} ${rest[0]}` : rest.map((point) => `L${point}`).join("")}${closed ? "Z" : ""}`;
};

function toSvg({ width, height, rule, map, foot }) {
  const titled = (shape, made) => {
    if (shape.title) made.append(svg("title", {}, shape.title));
    return made;
  };
  const draw = {
    line: (s) => titled(s, svg("path", { d: outline(s.points, false, s.via), fill: "none", stroke: s.ink, "stroke-width": short(s.width), "stroke-opacity": s.opacity, ...(s.dashes ? { "stroke-dasharray": s.dashes.map(short).join(" ") } : {}) })),
    area: (s) => svg("path", { d: outline(s.points, true), fill: s.ink, "fill-opacity": s.opacity }),
    plate: (s) => svg("rect", { x: short(s.x), y: short(s.y), width: short(s.width), height: short(s.height), fill: s.ink, "fill-opacity": s.opacity }),
    ring: (s) => svg("circle", { cx: short(s.x), cy: short(s.y), r: short(s.r), fill: "none", stroke: s.ink, "stroke-width": 1.3, opacity: s.opacity }),
    symbol: (s) => titled(s, svg("path", { d: s.path, transform: `translate(${short(s.x)} ${short(s.y)}) scale(${short(s.r)})`, fill: s.hollow ? palette.back : s.ink, stroke: s.hollow ? s.ink : palette.back, "stroke-width": s.hollow ? 0.36 : 0.16, opacity: s.opacity })),
    text: (s) => svg("text", { x: short(s.x), y: short(s.y + s.size * 0.36), "font-size": short(s.size), "text-anchor": s.anchor, fill: s.ink, opacity: s.opacity, ...(s.bold ? { "font-weight": 600 } : {}), ...(s.halo ? { stroke: s.halo, "stroke-width": 3, "paint-order": "stroke", "stroke-linejoin": "round" } : {}) }, s.text),
  };
  return svg("svg", { xmlns: SVG, viewBox: `0 0 ${width} ${height}`, width, height, "font-family": FONT.replaceAll('"', "'"), role: "img", "aria-label": document.title },
    svg("rect", { width, height, fill: palette.back }),
    svg("svg", { width, height: rule, overflow: "hidden" }, ...map.map((shape) => draw[shape.type](shape))), // cuts what leaves the map
    svg("rect", { y: rule, width, height: height - rule, fill: palette.back }), ...foot.map((shape) => draw[shape.type](shape)));
}

function toCanvas({ width, height, rule, map, foot }, times) {
  const canvas = document.createElement("canvas");
  canvas.width = width * times;
  canvas.height = height * times;
  const ctx = canvas.getContext("2d");
  ctx.scale(times, times);
  ctx.fillStyle = palette.back;
  ctx.fillRect(0, 0, width, height);
  ctx.lineJoin = "round";
  const draw = {
    line: (s) => { ctx.setLineDash(s.dashes || []); ctx.strokeStyle = s.ink; ctx.lineWidth = s.width; ctx.stroke(new Path2D(outline(s.points, false, s.via))); ctx.setLineDash([]); },
    area: (s) => { ctx.fillStyle = s.ink; ctx.fill(new Path2D(outline(s.points, true))); },
    plate: (s) => { ctx.fillStyle = s.ink; ctx.fillRect(s.x, s.y, s.width, s.height); },
    ring: (s) => ring(ctx, s.r, 1.3, s.ink, s.x, s.y),
    symbol: (s) => {
      ctx.save();
      ctx.translate(s.x, s.y);
      ctx.scale(s.r, s.r);
      ctx.lineWidth = s.hollow ? 0.36 : 0.16;
      ctx.fillStyle = s.hollow ? palette.back : s.ink;
      ctx.strokeStyle = s.hollow ? s.ink : palette.back;
      ctx.fill(new Path2D(s.path));
      ctx.stroke(new Path2D(s.path));
      ctx.restore();
    },
    text: (s) => {
      ctx.font = `${s.bold ? 600 : 400} ${s.size}px ${FONT}`;
      ctx.textAlign = { start: "left", middle: "center", end: "right" }[s.anchor];
      ctx.textBaseline = "alphabetic";
      if (s.halo) { ctx.lineWidth = 3; ctx.strokeStyle = s.halo; ctx.strokeText(s.text, s.x, s.y + s.size * 0.36); }
      ctx.fillStyle = s.ink;
      ctx.fillText(s.text, s.x, s.y + s.size * 0.36);
    },
  };
  const paint = (shape) => {
    ctx.globalAlpha = shape.opacity;
    draw[shape.type](shape);
  };
  ctx.save();
  ctx.beginPath();
  ctx.rect(0, 0, width, rule);
  ctx.clip();
  map.forEach(paint);
  ctx.restore();
  foot.forEach(paint);
  return canvas;
}

/** Make something in the colours of paper, whatever the screen's are. */
function onPaper(make) {
  paper = true;
  const before = { ...palette };
  Object.assign(palette, data.paper);
  chooseStrokes();
  try { return make(); } finally {
    paper = false;
    Object.assign(palette, before);
    chooseStrokes();
  }
}

/** A cell of a CSV file: what a spreadsheet would take for a formula is guarded by an apostrophe. */
function cell(text) {
  const guarded = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

function toCsv() {
  const extra = state.view === "cases" ? [["project_id", (one) => one.project], ["organization_id", (one) => one.body], ["participation_id", (one) => one.id], ["rule", (one) => (one.rule ? term("rules", one.rule) : "")], ["sentence", (one) => one.place.sentence || ""]]
    : [["from_id", (one) => one.from], ["to_id", (one) => one.to], ["project_ids", (one) => standing(one).join(";")], [say("col_note"), caveatOf]];
  const used = extra.filter(([name]) => name !== "sentence" || data.relations.some((one) => one.place.sentence));
  const header = [...columns().map(({ word }) => say(word)), ...used.map(([name]) => name)];
  const body = shownRows().map((one) => [...columns().map(({ text }) => text(one)), ...used.map(([, value]) => value(one))]);
  return `\ufeff${[header, ...body].map((line) => line.map(cell).join(",")).join("\r\n")}\r\n`;
}

function save(blob, name) {
  const url = URL.createObjectURL(blob);
  const anchor = el("a", { href: url, download: name });
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
  byId("said").textContent = say("saved", { name });
}

const EXPORTS = {
  png: () => onPaper(() => toCanvas(scene(), 2)).toBlob((blob) => save(blob, "map.png"), "image/png"),
  svg: () => save(new Blob([new XMLSerializer().serializeToString(onPaper(() => toSvg(scene())))], { type: "image/svg+xml" }), "map.svg"),
  csv: () => save(new Blob([toCsv()], { type: "text/csv;charset=utf-8" }), "map.csv"),
  link: copyLink,
  print: () => print(),
};

addEventListener("beforeprint", () => {
  showTable();
  moreRows(Infinity);
  if (drawable && state.tab === "map" && state.shownEdges.size) byId("print").replaceChildren(onPaper(() => toSvg(scene())));
});
addEventListener("afterprint", () => byId("print").replaceChildren());
