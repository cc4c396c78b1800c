// The canvas: vis-network draws nodes and edges, each as its kind and role looks.
const drawable = Boolean(window.Path2D && document.createElement("canvas").getContext?.("2d"));
const outlines = drawable ? Object.fromEntries(Object.entries(data.symbols).map(([name, path]) => [name, new Path2D(path)])) : {};
const upright = () => byId("canvas").clientWidth < byId("canvas").clientHeight * 0.9;
let wasUpright = upright();
const at = (node) => (wasUpright ? node.upright : [node.x, node.y]);
const place = (node) => ({ x: at(node)[0], y: at(node)[1] });
const spotOf = (id) => place(drawn.get(id));
const visNode = (node) => ({ id: node.id, shape: "custom", size: node.size, ctxRenderer: renderer, ...place(node) });
const visEdge = ({ id, from, to, smooth }) => ({ id, from, to, ...(smooth ? { smooth } : {}) });
const palette = {};
let trail = new Set(); // the edges of the path that is shown
let laid = NONE; // the edges that vis-network holds
let visNodes = null; // what vis-network holds, once it is there
let visEdges = null;
let network = standIn(byId("canvas"));

/** Read vis-network, which waits in the page as text, and let it take over from what holds its place. */
function startVis() {
  document.head.append(el("script", {}, byId("vis").textContent));
  const { waiting, getScale, getViewPosition } = network;
  visNodes = new vis.DataSet([...drawn.values()].map(visNode));
  visEdges = new vis.DataSet();
  const started = new vis.Network(byId("canvas"), { nodes: visNodes, edges: visEdges }, model.options);
  started.renderer._drawEdges = paintEdges;
  started.renderer._drawArrows = () => {};
  started.moveTo({ position: getViewPosition(), scale: getScale() });
  for (const [event, handler] of waiting) started.on(event, handler);
  network = started;
  restyle();
}

/** Ask for one drawing in the next frame; `network.redraw()` would draw at once, each time. */
function redraw() {
  network.body?.emitter.emit("_requestRedraw");
}

/** Symbols keep nearly their size while the map is zoomed, so that a far view stays readable. */
function pixels(scale) {
  return Math.min(Math.max(scale, data.scale === "overview" ? 0.5 : 0.72), 1.5) / scale;
}

function radius(id) {
  return (drawn.get(id)?.size || 0) * pixels(network.getScale());
}

/** Draw a symbol of a kind around 0, 0. */
function paintSymbol(ctx, kind, r) {
  const mark = marks[kind];
  const ink = colour(mark);
  ctx.save();
  ctx.scale(r, r);
  ctx.lineJoin = "round";
  ctx.lineWidth = mark.hollow ? 0.36 : 0.16;
  ctx.fillStyle = mark.hollow ? palette.back : ink;
  ctx.strokeStyle = mark.hollow ? ink : palette.back;
  ctx.fill(outlines[mark.symbol]);
  ctx.stroke(outlines[mark.symbol]);
  ctx.restore();
}

const symbols = new Map(); // symbols as pictures, for graphs of so many that to draw each anew takes too long

/** Draw a symbol as a picture made once for its kind and size in pixels. */
function stampSymbol(ctx, kind, r, scale) {
  const times = (window.devicePixelRatio || 1) * scale;
  const half = Math.ceil(r * times * 1.7);
  const key = [kind, half, (r * times).toFixed(1), palette.back, colour(marks[kind])].join("|");
  if (!symbols.has(key)) {
    if (symbols.size > 500) symbols.clear();
    const made = document.createElement("canvas");
    made.width = made.height = 2 * half;
    const drawing = made.getContext("2d");
    drawing.translate(half, half);
    paintSymbol(drawing, kind, r * times);
    symbols.set(key, made);
  }
  const size = half / times;
  ctx.drawImage(symbols.get(key), -size, -size, 2 * size, 2 * size);
}

/** Draw one node at its place. */
function paintNode(ctx, id) {
  const node = nodes.get(id);
  const { x, y } = spotOf(id);
  const r = radius(id);
  ctx.save();
  ctx.translate(x, y);
  ctx.globalAlpha = state.lit && !state.lit.has(id) ? 0.16 : 1;
  if (data.scale === "overview") stampSymbol(ctx, node.kind, r, network.getScale());
  else paintSymbol(ctx, node.kind, r);
  if (node.number) {
    ctx.fillStyle = palette.back;
    ctx.font = `700 ${r * (node.number.length > 2 ? 0.7 : 1.05)}px ${FONT}`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillText(node.number.slice(0, 4), 0, r * 0.06);
  }
  const pixel = 1 / network.getScale();
  if (node.member) ring(ctx, r * 1.42 + pixel, 1.3 * pixel, palette.ink);
  if (id === state.open) ring(ctx, r * 1.5 + 4 * pixel, 2.6 * pixel, palette.accent);
  else if (id === data.excerpt?.focus) ring(ctx, r * 1.5 + 4 * pixel, 1.5 * pixel, palette.accent);
  else if (id === state.cursor || id === state.hover) ring(ctx, r * 1.5 + 3 * pixel, 1.5 * pixel, palette.accent);
  ctx.restore();
}

function renderer({ ctx, id }) {
  const size = 2 * radius(id);
  return { drawNode: () => paintNode(ctx, id), nodeDimensions: { width: size, height: size } };
}

function ring(ctx, r, width, ink, x = 0, y = 0) {
  ctx.beginPath();
  ctx.arc(x, y, r, 0, 2 * Math.PI);
  ctx.lineWidth = width;
  ctx.strokeStyle = ink;
  ctx.stroke();
}

function readPalette() {
  for (const name of ["back", "ink", "soft", "accent"]) palette[name] = css(`--${name}`);
}

function lineLook(role) {
  return lines[role] || lines.other || Object.values(lines)[0];
}

/**
 * Bring the view, as it looks now, to the canvas. What is hidden is written into vis-network 9.1.2's own edges and
 * nodes: through its DataSet the same change takes some twenty times as long.
 */
function restyle() {
  chooseStrokes();
  if (visEdges) tellVis();
  state.turn += 1;
  redraw();
}

function tellVis() {
  const edges = edgesOnCanvas();
  if (laid !== edges) {
    laid = edges;
    visEdges.clear();
    visEdges.add([...edges.values()].map(visEdge));
  }
  for (const id of edges.keys()) {
    const held = network.body.edges[id];
    if (held) held.options.hidden = !state.shownEdges.has(id) || bundled.has(id);
  }
  for (const id of drawn.keys()) {
    const held = network.body.nodes[id];
    if (held) held.options.hidden = !state.shownNodes.has(id);
  }
  network._updateVisibleIndices();
}

let part = { of: null, edges: NONE };

/** Return the edges that vis-network holds: those of the view, or only those shown where all would be too many. */
function edgesOnCanvas() {
  const all = layer();
  if (data.scale !== "search" && all.size <= 2500) return all;
  if (part.of !== state.shownEdges) {
    part = { of: state.shownEdges, edges: new Map([...state.shownEdges.keys()].map((id) => [id, all.get(id)])) };
  }
  return part.edges;
}

/** Put a neighbourhood on the canvas of a graph that is too large to be there as a whole. */
function layOut(id, far, edges) {
  state.shownNodes = new Set(); // the canvas draws at every change of its data
  state.lit = null;
  visEdges?.clear();
  visNodes?.clear();
  laid = NONE;
  drawn.clear();
  for (const [one, [x, y]] of radial(id, far, edges)) {
    drawn.set(one, { id: one, x, y, upright: [Math.round(y * 0.8), Math.round(x * 0.9)], size: nodes.get(one).size });
  }
  visNodes?.add([...drawn.values()].map(visNode));
}
