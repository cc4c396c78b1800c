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
  else if (breadth(text) < 210) found.one = [text];
  found.width = Math.max(...found.lines.map((line) => measurer.measureText(line).width));
  found.oneWidth = found.one ? measurer.measureText(found.one[0]).width : 0;
  measured.set(key, found);
  return found;
}

const letters = new Map(); // font → letter → its width

/** Return how wide a text is, letter by letter: asking the browser for each possible line takes ten times as long. */
function breadth(text) {
  const { font } = measurer;
  if (!letters.has(font)) letters.set(font, new Map());
  const known = letters.get(font);
  let sum = 0;
  for (const letter of text) {
    if (!known.has(letter)) known.set(letter, measurer.measureText(letter).width);
    sum += known.get(letter);
  }
  return sum;
}

/** Two lines at most: words stay whole, Chinese breaks anywhere but before a closing and after an opening mark, the rest is an ellipsis. */
function split(text, width) {
  const units = text.match(/[（《「『“‘]*[\u2e80-\u9fff\uf900-\ufaff\uff00-\uff65\u3000-\u303f][、。，；：！？）》」』”’…·]*|[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uff65\u3000-\u303f]+\s?|\s/gu) || [text];
  const total = breadth(text);
  const wanted = total <= width ? width : Math.max(total / 2 + 8, 60);
  const limit = Math.min(width, wanted);
  const out = [""];
  for (const unit of units) {
    const now = out.at(-1) + unit;
    if (!out.at(-1) || breadth(now.trimEnd()) <= (out.length === 2 ? width : limit)) out[out.length - 1] = now;
    else if (out.length < 2) out.push(unit);
    else return [clip(out[0], width), clip(`${out[1].trimEnd()}…`, width)];
  }
  return out.map((line) => clip(line.trim(), width));
}

function clip(line, width) {
  if (breadth(line) <= width * 1.15) return line;
  const left = Array.from(line);
  while (left.length > 1 && breadth(`${left.join("")}…`) > width) left.pop();
  return `${left.join("").trimEnd()}…`;
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
let placed = { key: "", scale: 0 }; // what the labels were placed for
const SLACK = 1.2; // while the map is zoomed, labels keep their sides until it is larger or smaller by this

/** Return the labels that have room, in pixels at the present zoom, 0, 0 being the map's. */
function placeLabels(scale, moving) {
  const { x, y } = network.getViewPosition();
  const key = [state.turn, state.hover, state.cursor, state.lang, state.fitted && [x, y].map(Math.round)].join("|");
  const factor = scale / placed.scale;
  if (key === placed.key && (factor === 1 || (moving && factor < SLACK && factor > 1 / SLACK))) return labels.map((label) => moved(label, scale));
  placed = { key, scale };
  const grid = new Grid();
  const spots = [];
  const low = network.DOMtoCanvas({ x: 0, y: 0 });
  const high = network.DOMtoCanvas({ x: byId("canvas").clientWidth, y: byId("canvas").clientHeight });
  const frame = state.fitted ? [low.x * scale, low.y * scale, high.x * scale, high.y * scale] : null;
  for (const id of state.shownNodes) {
    const node = nodes.get(id);
    const point = spotOf(id);
    const r = radius(id) * scale * (node.member || id === state.open ? 1.5 : 1.2) + (id === state.open ? 5 : 0);
    const spot = { id, node, x: point.x * scale, y: point.y * scale, r, point };
    spots.push(spot);
    if (!state.lit || state.lit.has(id)) grid.add([spot.x - r, spot.y - r, spot.x + r, spot.y + r]);
  }
  for (const [x, y] of joints.values()) grid.add([x * scale - JOINT, y * scale - JOINT, x * scale + JOINT, y * scale + JOINT]);
  if (frame) for (const one of [".zoom", "#status"]) grid.add(covered(one).map((value) => value * scale));
  const first = (spot) =>
    spot.id === state.open || spot.id === state.hover || spot.id === state.cursor || spot.id === data.excerpt?.focus ? 0
      : state.lit && !state.lit.has(spot.id) ? 9 : 1;
  spots.sort((a, b) => first(a) - first(b) || weight(b) - weight(a) || (b.node.type === "project") - (a.node.type === "project") || (a.id < b.id ? -1 : 1));
  labels = [];
  for (const spot of spots) {
    if (first(spot) === 9) continue;
    const label = room(spot, grid, frame, spot.id === state.hover || spot.id === state.cursor)
      || (frame && weight(spot) > 1 && data.scale === "whole" ? roomAway(spot, grid, frame) : null);
    if (label) {
      labels.push(label);
      grid.add(label.box);
    }
  }
  return labels;
}

/** How early a label is placed: by the number of projects; a project itself counts as a body in two. */
const weight = ({ node }) => (node.type === "project" ? 2 : node.n_projects || 0);

const AWAY = 170; // pixels: the farthest that a label stands from its symbol, joined to it by a thin line

/** Return a label at the nearest place that is free, where there is no room beside the symbol. */
function roomAway(spot, grid, frame) {
  const text = wrapped(spot.node);
  const [w, h] = [text.width + 4, text.lines.length * text.lineHeight];
  for (let far = 10; far <= AWAY; far += 10)
    for (let turn = 0; turn < 24; turn += 1) {
      const [dx, dy] = [Math.cos((turn * Math.PI) / 12), Math.sin((turn * Math.PI) / 12)];
      const [x, y] = [spot.x + dx * (spot.r + far + w / 2), spot.y + dy * (spot.r + far + h / 2)];
      const box = [x - w / 2, y - h / 2, x + w / 2, y + h / 2];
      if (grid.hits(box) || !within(box, frame)) continue;
      return { ...text, id: spot.id, point: spot.point, offset: [x - spot.x, y - spot.y], rows: text.lines, x, y, w, box, align: 0, bold: spot.node.type === "project", r: spot.r };
    }
  return null;
}

/** Return the line from a label that stands away to its symbol, in pixels; null for one beside it. */
function leader({ box, r, point }, scale) {
  if (r === undefined) return null;
  const [x, y] = [point.x * scale, point.y * scale];
  const end = [Math.min(Math.max(x, box[0]), box[2]), Math.min(Math.max(y, box[1]), box[3])];
  const long = Math.hypot(end[0] - x, end[1] - y) || 1;
  return [end, [x + (r * (end[0] - x)) / long, y + (r * (end[1] - y)) / long]];
}

/** Return a label beside its symbol at another zoom. */
function moved(label, scale) {
  const x = label.point.x * scale + label.offset[0];
  const y = label.point.y * scale + label.offset[1];
  const h = label.box[3] - label.box[1];
  return Object.assign(label, { x, y, box: [x - label.w / 2, y - h / 2, x + label.w / 2, y + h / 2] });
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
      const label = { ...text, id: spot.id, point: spot.point, offset: [x - spot.x, y - spot.y], rows, x, y, w, box, align: dx && !dy ? dx : 0, bold: spot.node.type === "project" };
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
    const dy = spotOf(body).y - spot.point.y;
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
  const centre = spotOf(spot.node.relations[0].project);
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
  const origin = network.canvasToDOM({ x: 0, y: 0 });
  const moving = drawAgain(`${scale} ${origin.x} ${origin.y}`);
  ctx.save();
  ctx.scale(1 / scale, 1 / scale);
  const all = placeLabels(scale, moving);
  Object.assign(ctx, { lineWidth: 1, strokeStyle: palette.soft, globalAlpha: 0.6 });
  for (const label of all) {
    const line = leader(label, scale);
    if (line) ctx.stroke(new Path2D(outline(line, false)));
  }
  ctx.globalAlpha = 1;
  for (const label of all) paintLabel(ctx, label, origin);
  if (state.lit && state.view === "cases") nameRoles(ctx, scale);
  ctx.restore();
});

const stamps = new Map(); // labels as pictures: to write them anew in each frame takes many times as long
const RIM = 3; // pixels around the letters

/** Draw a label on whole pixels, so that its letters stay sharp; the first picture does not wait for stamps. */
function paintLabel(ctx, label, origin) {
  if (!network.body) {
    write(ctx, label, label.box[0], label.box[1]);
    return;
  }
  const times = window.devicePixelRatio || 1;
  const whole = (value, from) => Math.round((value + from) * times) / times - from;
  const stamp = stampOf(label, times);
  ctx.drawImage(stamp, whole(label.box[0] - RIM, origin.x), whole(label.box[1] - RIM, origin.y), stamp.width / times, stamp.height / times);
}

function stampOf(label, times) {
  const key = [label.font, label.align, times, palette.ink, palette.back, ...label.rows].join("|");
  const found = stamps.get(key);
  if (found) return found;
  if (stamps.size > 2000) stamps.clear();
  const made = document.createElement("canvas");
  made.width = Math.ceil((label.w + 2 * RIM) * times);
  made.height = Math.ceil((label.rows.length * label.lineHeight + 2 * RIM) * times);
  const ctx = made.getContext("2d");
  ctx.scale(times, times);
  write(ctx, label, RIM, RIM);
  stamps.set(key, made);
  return made;
}

const PLATE = 0.85; // how opaque the ground of a label is, so that no line strikes its letters through

function write(ctx, label, left, top) {
  const x = left + label.w / 2 - (label.align * label.w) / 2 + label.align * 2;
  Object.assign(ctx, { globalAlpha: PLATE, fillStyle: palette.back });
  ctx.fillRect(left, top, label.w, label.rows.length * label.lineHeight);
  ctx.globalAlpha = 1;
  Object.assign(ctx, { font: label.font, textBaseline: "middle", lineJoin: "round", lineWidth: 3.5, strokeStyle: palette.back, fillStyle: palette.ink });
  ctx.textAlign = label.align > 0 ? "left" : label.align < 0 ? "right" : "center";
  label.rows.forEach((row, i) => {
    const y = top + (i + 0.5) * label.lineHeight + 0.5;
    ctx.strokeText(row, x, y);
    ctx.fillText(row, x, y);
  });
}

let view = "";
let later = 0;

/** Return whether the view is not where it was; then draw once more when it stands still: labels find their places. */
function drawAgain(now) {
  if (now === view) return false;
  view = now;
  clearTimeout(later);
  later = setTimeout(() => redraw(), 60);
  return true;
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
    const { x, y } = spotOf(id);
    const r = radius(id) * scale * 1.2;
    if (state.shownNodes.has(id)) grid.add([x * scale - r, y * scale - r, x * scale + r, y * scale + r]);
  }
  Object.assign(ctx, { font: `11px ${FONT}`, textAlign: "center", textBaseline: "middle", lineJoin: "round", lineWidth: 3.5 });
  for (const { id, role } of lit()) {
    const pointAt = along(layers.cases.get(id));
    const text = term("roles", role);
    const w = ctx.measureText(text).width + 4;
    for (const part of [0.5, 0.38, 0.62, 0.28, 0.74]) {
      const [x, y] = pointAt(part).map((value) => value * scale);
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

