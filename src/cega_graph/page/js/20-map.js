// The canvas: vis-network draws nodes and edges, each as its kind and role looks.
const drawable = Boolean(window.Path2D && document.createElement("canvas").getContext?.("2d"));
const outlines = drawable ? Object.fromEntries(Object.entries(data.symbols).map(([name, path]) => [name, new Path2D(path)])) : {};
const upright = () => byId("canvas").clientWidth < byId("canvas").clientHeight * 0.9;
const at = (node) => (upright() ? node.upright : [node.x, node.y]);
const place = (node) => ({ x: at(node)[0], y: at(node)[1] });
const visNode = (node) => ({ id: node.id, shape: "custom", size: node.size, ctxRenderer: renderer, ...place(node) });
const palette = {};
let trail = new Set(); // the edges of the path that is shown
let wasUpright = upright();
let laid = data.scale === "search" ? NONE : layers.cases; // the edges that the canvas holds
const visNodes = new vis.DataSet(model.nodes.map(visNode));
const visEdges = new vis.DataSet([...laid.values()].map(visEdge));
const nowhere = () => ({ x: 0, y: 0 });
const blank = { on() {}, moveTo() {}, getScale: () => 1, getPosition: nowhere, getViewPosition: nowhere, canvasToDOM: nowhere, DOMtoCanvas: nowhere };
const network = drawable ? new vis.Network(byId("canvas"), { nodes: visNodes, edges: visEdges }, model.options) : blank;

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

function renderer({ ctx, id, x, y }) {
  const node = nodes.get(id);
  const mark = marks[node.kind];
  const r = radius(id);
  return {
    drawNode() {
      const ink = colour(mark);
      ctx.save();
      ctx.translate(x, y);
      ctx.globalAlpha = state.lit && !state.lit.has(id) ? 0.16 : 1;
      ctx.save();
      ctx.scale(r, r);
      ctx.lineJoin = "round";
      ctx.lineWidth = mark.hollow ? 0.36 : 0.16;
      ctx.fillStyle = mark.hollow ? palette.back : ink;
      ctx.strokeStyle = mark.hollow ? ink : palette.back;
      ctx.fill(outlines[mark.symbol]);
      ctx.stroke(outlines[mark.symbol]);
      ctx.restore();
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
      else if (id === state.cursor || id === state.hover) ring(ctx, r * 1.5 + 3 * pixel, 1.5 * pixel, palette.accent);
      ctx.restore();
    },
    nodeDimensions: { width: 2 * r, height: 2 * r },
  };
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

function head(edge) {
  if (edge.type === "partners") return { enabled: false };
  const type = lineLook(edge.role).head;
  return { enabled: true, type, scaleFactor: type === "circle" || type === "box" ? 0.27 : 0.4 };
}

function visEdge(edge) {
  const look = { width: lineLook(edge.role).width, color: { color: colour(lineLook(edge.role)), opacity: 0.5, inherit: false }, arrows: { to: head(edge) } };
  return { id: edge.id, from: edge.from, to: edge.to, ...look, ...(edge.smooth ? { smooth: edge.smooth } : {}), ...(isDashed(edge) ? { dashes: true } : {}) };
}

function isDashed(edge) {
  return edge.type === "role" ? edge.dashes : edge.type === "funding" && !isStated(edge);
}
const isNear = (edge) => edge.id === state.pair || (state.open !== null && (edge.from === state.open || edge.to === state.open)) || trail.has(edge.id);

function edgeLook(edge) {
  const hidden = !state.shownEdges.has(edge.id);
  const near = isNear(edge);
  const n = hidden ? 1 : state.shownEdges.get(edge.id).length;
  const faint = edge.type !== "partners" ? 0.5 : n > 1 ? 0.75 : state.shownEdges.size > 300 ? 0.13 : 0.35;
  const opacity = near ? 1 : state.lit || state.pair ? Math.min(faint, 0.07) : faint;
  const width = lineLook(edge.role).width * (near ? 1.5 : 1) * (edge.type === "role" ? 1 : Math.min(0.6 + 0.4 * n, 3));
  return { hidden, width, opacity, color: colour(lineLook(edge.role)) };
}

/**
 * Bring the view, as it looks now, to the canvas. The looks are written into vis-network 9.1.2's own edges and
 * nodes: through its DataSet the same change takes some twenty times as long.
 */
function restyle() {
  const edges = edgesOnCanvas();
  if (laid !== edges) {
    laid = edges;
    visEdges.clear();
    visEdges.add([...edges.values()].map(visEdge));
  }
  for (const edge of edges.values()) {
    const drawn_ = network.body?.edges[edge.id];
    if (!drawn_) continue;
    const { hidden, width, opacity, color } = edgeLook(edge);
    Object.assign(drawn_.options, { hidden, width });
    Object.assign(drawn_.options.color, { color, opacity });
  }
  for (const id of drawn.keys()) {
    const node = network.body?.nodes[id];
    if (node) node.options.hidden = !state.shownNodes.has(id);
  }
  network._updateVisibleIndices?.();
  state.turn += 1;
  redraw();
}

let part = { of: null, edges: NONE };

/** Return the edges that the canvas holds: those of the view, or only those shown where all would be too many. */
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
  visEdges.clear();
  visNodes.clear();
  laid = NONE;
  drawn.clear();
  for (const [one, [x, y]] of radial(id, far, edges)) {
    drawn.set(one, { id: one, x, y, upright: [Math.round(y * 0.8), Math.round(x * 0.9)], size: nodes.get(one).size });
  }
  visNodes.add([...drawn.values()].map(visNode));
}
