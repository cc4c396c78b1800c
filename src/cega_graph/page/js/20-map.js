// The canvas: vis-network draws nodes and edges, each as its kind and role looks.
const drawable = Boolean(window.Path2D && document.createElement("canvas").getContext?.("2d"));
const outlines = drawable ? Object.fromEntries(Object.entries(data.symbols).map(([name, path]) => [name, new Path2D(path)])) : {};
const upright = () => byId("canvas").clientWidth < byId("canvas").clientHeight * 0.9;
const at = (node) => (upright() ? node.upright : [node.x, node.y]);
const place = (node) => ({ x: at(node)[0], y: at(node)[1] });
const visNode = (node) => ({ id: node.id, shape: "custom", size: node.size, ctxRenderer: renderer, hidden: true, ...place(node) });
const visNodes = new vis.DataSet([]);
const visEdges = new vis.DataSet([]);
const nowhere = () => ({ x: 0, y: 0 });
const blank = { on() {}, redraw() {}, moveTo() {}, getScale: () => 1, getPosition: nowhere, getViewPosition: nowhere, canvasToDOM: nowhere, DOMtoCanvas: nowhere };
const network = drawable ? new vis.Network(byId("canvas"), { nodes: visNodes, edges: visEdges }, model.options) : blank;
const palette = {};
let wasUpright = upright();
visNodes.add(model.nodes.map(visNode));

/** Symbols keep nearly their size while the map is zoomed, so that a far view stays readable. */
function pixels(scale) {
  return Math.min(Math.max(scale, data.scale === "overview" ? 0.5 : 0.72), 1.5) / scale;
}

function radius(id) {
  return drawn.get(id).size * pixels(network.getScale());
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

const lineLook = (role) => lines[role] || lines.other;

function head(edge) {
  if (edge.type === "partners") return { enabled: false };
  const type = lineLook(edge.role).head;
  return { enabled: true, type, scaleFactor: type === "circle" || type === "box" ? 0.27 : 0.4 };
}

const isNear = (edge) => edge.id === state.pair || (state.open !== null && (edge.from === state.open || edge.to === state.open)) || trail.has(edge.id);
let trail = new Set(); // the edges of the path that is shown

function edgeLook(edge) {
  const hidden = !state.shownEdges.has(edge.id);
  const near = isNear(edge);
  const n = hidden ? 1 : state.shownEdges.get(edge.id).length;
  const faint = edge.type !== "partners" ? 0.5 : n > 1 ? 0.75 : state.shownEdges.size > 300 ? 0.13 : 0.35;
  const opacity = near ? 1 : state.lit || state.pair ? Math.min(faint, 0.07) : faint;
  const width = lineLook(edge.role).width * (near ? 1.5 : 1) * (edge.type === "role" ? 1 : Math.min(0.6 + 0.4 * n, 3));
  return { id: edge.id, hidden, width, color: { color: colour(lineLook(edge.role)), opacity, inherit: false } };
}

const styled = new Map(); // how each edge was last drawn, so that only changes are
let laid = null; // the edges that the canvas holds

/** Bring the edges of the view, as they look now, to the canvas. */
function restyle() {
  const edges = edgesOnCanvas();
  if (laid !== edges) {
    laid = edges;
    styled.clear();
    visEdges.clear();
    visEdges.add([...edges.values()].map((edge) => ({
      id: edge.id, from: edge.from, to: edge.to, smooth: edge.smooth || false,
      dashes: edge.type === "role" ? edge.dashes : edge.type === "funding" && !isStated(edge),
      arrows: { to: head(edge) }, ...noted(edgeLook(edge)),
    })));
  } else {
    const looks = [];
    for (const edge of edges.values()) {
      const look = edgeLook(edge);
      const known = styled.get(look.id);
      if (!known || known !== key(look)) looks.push(noted(look));
    }
    if (looks.length) visEdges.update(looks);
  }
  state.turn += 1;
  network.redraw();
}

const key = (look) => `${look.hidden} ${look.width} ${look.color.color} ${look.color.opacity}`;
function noted(look) {
  styled.set(look.id, key(look));
  return look;
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
  drawn.clear();
  for (const [one, [x, y]] of radial(id, far, edges)) {
    drawn.set(one, { id: one, x, y, upright: [Math.round(y * 0.8), Math.round(x * 0.9)], size: nodes.get(one).size });
  }
  visEdges.clear();
  laid = null;
  visNodes.clear();
  visNodes.add([...drawn.values()].map(visNode));
}
