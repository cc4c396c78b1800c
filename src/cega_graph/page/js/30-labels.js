// Labels: drawn by us at constant size, the important first, none over a symbol or another label
const measured = new Map();
const measurer = document.createElement("canvas").getContext("2d");

function wrapped(node) {
  const key = `${state.lang}|${node.id}`;
  if (measured.has(key)) return measured.get(key);
  const big = node.type === "project";
  const font = big ? `600 13px ${FONT}` : `12px ${FONT}`;
  measurer.font = font;
  const text = nameOf(node).replace(/\s+/g, " ");
  const found = { font, lineHeight: big ? 16 : 14.5, lines: split(text, (big ? 132 : 118) * (state.lang === "en" ? 1.18 : 1)), one: null };
  if (found.lines.length === 1) found.one = found.lines;
  else if (measurer.measureText(text).width < 210) found.one = [text];
  found.width = Math.max(...found.lines.map((line) => measurer.measureText(line).width));
  found.oneWidth = found.one ? measurer.measureText(found.one[0]).width : 0;
  measured.set(key, found);
  return found;
}

/** Two lines at most: words stay whole, Chinese breaks anywhere but before a closing and after an opening mark, the rest is an ellipsis. */
function split(text, width) {
  const units = text.match(/[（《「『“‘]*[\u2e80-\u9fff\uf900-\ufaff\uff00-\uff65\u3000-\u303f][、。，；：！？）》」』”’…·]*|[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uff65\u3000-\u303f]+\s?|\s/gu) || [text];
  const total = measurer.measureText(text).width;
  const wanted = total <= width ? width : Math.max(total / 2 + 8, 60);
  const limit = Math.min(width, wanted);
  const out = [""];
  for (const unit of units) {
    const now = out.at(-1) + unit;
    if (!out.at(-1) || measurer.measureText(now.trimEnd()).width <= (out.length === 2 ? width : limit)) out[out.length - 1] = now;
    else if (out.length < 2) out.push(unit);
    else return [clip(out[0], width), clip(`${out[1].trimEnd()}…`, width)];
  }
  return out.map((line) => clip(line.trim(), width));
}

function clip(line, width) {
  if (measurer.measureText(line).width <= width * 1.15) return line;
  const letters = Array.from(line);
  while (letters.length > 1 && measurer.measureText(`${letters.join("")}…`).width > width) letters.pop();
  return `${letters.join("").trimEnd()}…`;
}

const CELL = 48;
class Grid {
  cells = new Map();

  *keys(box) {
    for (let i = Math.floor(box[0] / CELL); i <= Math.floor(box[2] / CELL); i += 1)
      for (let j = Math.floor(box[1] / CELL); j <= Math.floor(box[3] / CELL); j += 1) yield i * 65536 + j;
  }

  add(box) {
    for (const key of this.keys(box)) this.cells.has(key) ? this.cells.get(key).push(box) : this.cells.set(key, [box]);
  }

  hits(box) {
    for (const key of this.keys(box))
      for (const other of this.cells.get(key) || [])
        if (box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3]) return true;
    return false;
  }
}

let labels = [];
let labelsFor = "";

/** Return the labels that have room, in pixels at the present zoom, 0, 0 being the map's. */
function placeLabels(scale) {
  const key = `${scale.toFixed(4)}|${state.turn}|${state.hover}|${state.cursor}|${state.lang}|${state.fitted}`;
  if (key === labelsFor) return labels;
  labelsFor = key;
  const grid = new Grid();
  const spots = [];
  const low = network.DOMtoCanvas({ x: 0, y: 0 });
  const high = network.DOMtoCanvas({ x: byId("canvas").clientWidth, y: byId("canvas").clientHeight });
  const frame = state.fitted ? [low.x * scale, low.y * scale, high.x * scale, high.y * scale] : null;
  for (const id of state.shownNodes) {
    const node = nodes.get(id);
    const point = network.getPosition(id);
    const r = radius(id) * scale * (node.member || id === state.open ? 1.5 : 1.2) + (id === state.open ? 5 : 0);
    const spot = { id, node, x: point.x * scale, y: point.y * scale, r, point };
    spots.push(spot);
    if (!state.lit || state.lit.has(id)) grid.add([spot.x - r, spot.y - r, spot.x + r, spot.y + r]);
  }
  if (frame) for (const one of [".zoom", "#status"]) grid.add(covered(one).map((value) => value * scale));
  const first = (spot) =>
    spot.id === state.open || spot.id === state.hover || spot.id === state.cursor ? 0
      : state.lit && !state.lit.has(spot.id) ? 9
      : spot.node.type === "project" ? 1
      : spot.node.n_projects > 1 ? 2 : 3;
  spots.sort((a, b) => first(a) - first(b) || b.node.n_projects - a.node.n_projects || (a.id < b.id ? -1 : 1));
  labels = [];
  for (const spot of spots) {
    if (first(spot) === 9) continue;
    const label = room(spot, grid, frame, spot.id === state.hover || spot.id === state.cursor);
    if (label) {
      labels.push(label);
      grid.add(label.box);
    }
  }
  return labels;
}

/** Where something lies over the map, in the map's own coordinates. */
function covered(selector) {
  const { left, top } = byId("canvas").getBoundingClientRect();
  const box = document.querySelector(selector).getBoundingClientRect();
  const low = network.DOMtoCanvas({ x: box.left - left - 3, y: box.top - top - 3 });
  const high = network.DOMtoCanvas({ x: box.right - left + 3, y: box.bottom - top + 3 });
  return [low.x, low.y, high.x, high.y];
}

function room(spot, grid, frame, must) {
  const text = wrapped(spot.node);
  let last = null;
  for (const [dx, dy, away = 0] of sides(spot)) {
    if (away && state.lit) continue;
    for (const two of text.one && dx && !dy ? [false, true] : [true]) {
      let rows = two ? text.lines : text.one;
      if (away) rows = [`${spot.node.number} ${rows[0]}`, ...rows.slice(1)];
      const w = (two ? text.width : text.oneWidth) + (away ? 26 : 4);
      const h = rows.length * text.lineHeight;
      const x = spot.x + dx * (spot.r + 3 + w / 2);
      const y = spot.y + dy * ((away || spot.r) + 2 + h / 2);
      const box = [x - w / 2, y - h / 2, x + w / 2, y + h / 2];
      const label = { ...text, id: spot.id, rows, x, y, w, box, align: dx && !dy ? dx : 0, bold: spot.node.type === "project" };
      if (!grid.hits(box) && (!frame || within(box, frame))) return label;
      last = last || label;
    }
  }
  return must ? last : null;
}

/** How far the petals of a case go up and down. */
function reach(spot) {
  let [up, down] = [0, 0];
  for (const { body } of spot.node.relations) {
    if (nodes.get(body).n_projects !== 1 || !drawn.has(body)) continue;
    const dy = network.getPosition(body).y - spot.point.y;
    up = Math.max(up, -dy);
    down = Math.max(down, dy);
  }
  return [up, down];
}

function within(box, frame) {
  return box[0] >= frame[0] && box[1] >= frame[1] && box[2] <= frame[2] && box[3] <= frame[3];
}

/** The sides of a symbol that its label is tried at: away from its case first. */
function sides(spot) {
  const below = [[0, 1], [0, -1], [1, 0], [-1, 0]];
  if (spot.node.type === "project" && spot.node.number) {
    const [up, down] = reach(spot).map((length) => length * network.getScale() + 8);
    return [...below, [0, -1, up], [0, 1, down]];
  }
  if (spot.node.type === "project" || spot.node.n_projects !== 1) return below;
  if (!drawn.has(spot.node.relations[0]?.project)) return below;
  const centre = network.getPosition(spot.node.relations[0].project);
  const dx = spot.point.x - centre.x;
  const dy = spot.point.y - centre.y;
  const side = dx < 0 ? -1 : 1;
  const end = dy < 0 ? -1 : 1;
  return Math.abs(dx) > Math.abs(dy) * 0.8
    ? [[side, 0], [0, end], [0, -end], [-side, 0]]
    : [[0, end], [side, 0], [-side, 0], [0, -end]];
}

network.on("afterDrawing", (ctx) => {
  const scale = network.getScale();
  ctx.save();
  ctx.scale(1 / scale, 1 / scale);
  ctx.textBaseline = "middle";
  ctx.lineJoin = "round";
  ctx.lineWidth = 3.5;
  for (const label of placeLabels(scale)) {
    ctx.font = label.font;
    ctx.textAlign = label.align > 0 ? "left" : label.align < 0 ? "right" : "center";
    const x = label.x - (label.align * label.w) / 2 + label.align * 2;
    label.rows.forEach((row, index) => {
      const y = label.y + (index - (label.rows.length - 1) / 2) * label.lineHeight + 0.5;
      ctx.strokeStyle = palette.back;
      ctx.strokeText(row, x, y);
      ctx.fillStyle = palette.ink;
      ctx.fillText(row, x, y);
    });
  }
  if (state.lit && state.view === "cases") nameRoles(ctx, scale);
  ctx.restore();
  drawAgain(scale);
});

let view = "";
let later = 0;

/** vis-network 9.1.2 leaves out nodes that were out of view a frame ago: draw once more when the view stands still. */
function drawAgain(scale) {
  const { x, y } = network.getViewPosition();
  const now = `${scale} ${x} ${y}`;
  if (now === view) return;
  view = now;
  clearTimeout(later);
  later = setTimeout(() => redraw(), 60);
}

/** Return the shown relations that nothing dims. */
function lit() {
  const found = state.open ? nodes.get(state.open).relations : [...trail, state.pair].map((id) => relations.get(id)).filter(Boolean);
  return found.filter((one) => state.shownEdges.has(one.id));
}

/** The roles of the open node, written on its lines where there is room: colour alone says nothing. */
function nameRoles(ctx, scale) {
  const grid = new Grid();
  for (const label of labels) grid.add(label.box);
  for (const id of state.lit) {
    if (!drawn.has(id)) continue;
    const { x, y } = network.getPosition(id);
    const r = radius(id) * scale * 1.2;
    if (state.shownNodes.has(id)) grid.add([x * scale - r, y * scale - r, x * scale + r, y * scale + r]);
  }
  ctx.font = `11px ${FONT}`;
  ctx.textAlign = "center";
  for (const { id, role } of lit()) {
    const along = curve(layers.cases.get(id));
    const text = term("roles", role);
    const w = ctx.measureText(text).width + 4;
    for (const part of [0.5, 0.38, 0.62, 0.28, 0.74]) {
      const [x, y] = along(part).map((value) => value * scale);
      const box = [x - w / 2, y - 7, x + w / 2, y + 7];
      if (grid.hits(box)) continue;
      grid.add(box);
      ctx.strokeStyle = palette.back;
      ctx.strokeText(text, x, y);
      ctx.fillStyle = colour(lineLook(role));
      ctx.fillText(text, x, y);
      break;
    }
  }
}

/** Return the points of an edge, 0 its start and 1 its end; bent as vis-network 9.1.2 bends it (`curvedCW`). */
function curve(edge) {
  const a = network.getPosition(edge.from);
  const b = network.getPosition(edge.to);
  if (!edge.smooth) return (t) => [a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t];
  const bend = ((edge.smooth.type === "curvedCW" ? 1 : -1) * edge.smooth.roundness + 1) / 2;
  const turn = Math.atan2(a.y - b.y, b.x - a.x) + bend * Math.PI;
  const long = Math.hypot(b.x - a.x, b.y - a.y) * bend;
  const via = { x: a.x + long * Math.sin(turn), y: a.y + long * Math.cos(turn) };
  const mix = (t, axis) => (1 - t) ** 2 * a[axis] + 2 * t * (1 - t) * via[axis] + t ** 2 * b[axis];
  return (t) => [mix(t, "x"), mix(t, "y")];
}
