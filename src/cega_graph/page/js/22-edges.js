// Lines: what is drawn for the edges that are shown, on the screen and in exported pictures.
const TIPS = { // arrow heads, around the end of a line that comes from the left
  arrow: [[0, 0], [-8, 3.2], [-8, -3.2]],
  vee: [[0, 0], [-8, 3.4], [-5.5, 0], [-8, -3.4]],
  bar: [[0, 4], [0, -4], [-2, -4], [-2, 4]],
  diamond: [[0, 0], [-4, 2.8], [-8, 0], [-4, -2.8]],
  circle: [[0, 0], [-0.9, 2.1], [-3, 3], [-5.1, 2.1], [-6, 0], [-5.1, -2.1], [-3, -3], [-0.9, -2.1]],
  box: [[0, 2.6], [-5.2, 2.6], [-5.2, -2.6], [0, -2.6]],
};

let strokes = []; // in the order of drawing, the important last
let batches = []; // those of one look, which are drawn as one path
const BATCH = 8; // lines in a path: more cost less to say, but more to fill, and crossing lines in one path do not darken each other

const isDashed = (edge) => (edge.type === "role" ? edge.dashes : edge.type === "funding" && !isStated(edge));
const isNear = (edge) => edge.id === state.pair || (state.open !== null && (edge.from === state.open || edge.to === state.open)) || trail.has(edge.id);

/** Lines and heads keep nearly their size while the map is zoomed: units of the map for one pixel at zoom 1. */
const thick = (scale) => Math.min(Math.max(scale, data.scale === "overview" ? 0.3 : 0.6), 1.5) / scale;
const HEADS_FROM = 0.45; // below, heads would be smaller than 4 pixels

function lookOf(edge) {
  const near = isNear(edge);
  const n = state.shownEdges.get(edge.id).length;
  const faint = edge.type !== "partners" ? 0.5 : n > 1 ? 0.75 : state.shownEdges.size > 300 ? 0.13 : 0.35;
  const opacity = near ? 1 : state.lit || state.pair ? Math.min(faint, 0.07) : faint;
  const width = lineLook(edge.role).width * (near ? 1.5 : 1) * (edge.type === "role" ? 1 : Math.min(0.6 + 0.4 * n, 3));
  return { width, opacity, colour: colour(lineLook(edge.role)) };
}

const DENSE = 6; // pairs: of a project with more, the lines meet at the project's place instead of crossing each other
const JOINT = 7; // pixels, the radius of such a place
let joints = new Map(); // project → the place where its lines meet
let bundled = new Set(); // the edges that are drawn as two parts, through such a place

/** Work out the lines of the edges that are shown, as they look now. */
function chooseStrokes() {
  const edges = [...state.shownEdges.keys()].map((id) => layer().get(id)).filter(({ from, to }) => drawn.has(from) && drawn.has(to));
  const through = state.view === "funding" ? throughProjects(edges) : new Map();
  bundled = new Set([...through.values()].flat().map((edge) => edge.id));
  joints = new Map([...through.keys()].map((project) => [project, at(drawn.get(project))]));
  strokes = edges.filter(({ id }) => !bundled.has(id)).map(strokeOf);
  for (const [project, some] of through) strokes.push(...parts(some, "from", project), ...parts(some, "to", project));
  strokes = sorted(strokes, (one) => one.look.opacity);
  const same = grouped(strokes, ({ look, tip, dashes }) => [look.opacity, look.colour, look.width, tip, dashes].join());
  batches = [...same.values()].flatMap((all) => Array.from({ length: Math.ceil(all.length / BATCH) }, (_, i) => all.slice(i * BATCH, (i + 1) * BATCH)));
}

/** Return project → its edges, where they are many and rest on this project alone. */
function throughProjects(edges) {
  const alone = edges.filter(({ id }) => state.shownEdges.get(id).length === 1 && drawn.has(state.shownEdges.get(id)[0]));
  const found = grouped(alone, ({ id }) => state.shownEdges.get(id)[0]);
  return new Map([...found].filter(([, some]) => some.length > DENSE && new Set(some.map(({ from }) => from)).size > 1 && new Set(some.map(({ to }) => to)).size > 1));
}

/** Return a line between a project's place and each body at one end of some edges; it looks as the strongest of them. */
function parts(edges, side, project) {
  const middle = at(drawn.get(project));
  return [...grouped(edges, (edge) => edge[side])].map(([body, some]) => {
    const [a, b] = side === "from" ? [at(drawn.get(body)), middle] : [middle, at(drawn.get(body))];
    const looks = sorted(some.map(lookOf), (look) => -look.opacity);
    const long = Math.hypot(b[0] - a[0], b[1] - a[1]) || 1;
    const role = some.some((edge) => edge.role === "funder") ? "funder" : "intermediary";
    return {
      edge: some[0], body, project, a, b, via: null, way: [(b[0] - a[0]) / long, (b[1] - a[1]) / long], end: side === "to" ? body : null,
      tip: side === "to" ? lineLook(role).head : "", dashes: some.every(isDashed), look: { ...looks[0], colour: colour(lineLook(role)) },
    };
  });
}

/** Draw the places where the lines of a project meet, with its number. */
function paintJoints(ctx, scale) {
  for (const [id, [x, y]] of joints) {
    const r = JOINT / scale;
    ctx.beginPath();
    ctx.arc(x, y, r, 0, 2 * Math.PI);
    ctx.fillStyle = palette.back;
    ctx.fill();
    ring(ctx, r, 1.3 / scale, palette.soft, x, y);
    Object.assign(ctx, { fillStyle: palette.ink, font: `700 ${r * 1.2}px ${FONT}`, textAlign: "center", textBaseline: "middle" });
    ctx.fillText((nodes.get(id).number || "").slice(0, 4), x, y + r * 0.06);
  }
}

/** Return what a click on such a place or on a part of a line means: the project, or the body at its other end. */
function meetingAt({ x, y }) {
  const scale = network.getScale();
  for (const [id, [jx, jy]] of joints) if (Math.hypot(jx - x, jy - y) * scale <= JOINT + 3) return id;
  const apart = ({ a, b }) => {
    const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
    const t = Math.min(1, Math.max(0, ((x - a[0]) * dx + (y - a[1]) * dy) / (dx * dx + dy * dy || 1)));
    return Math.hypot(a[0] + t * dx - x, a[1] + t * dy - y) * scale;
  };
  return sorted(strokes.filter((one) => one.body && apart(one) < 6), apart)[0]?.body;
}

function strokeOf(edge) {
  const [a, b] = [at(drawn.get(edge.from)), at(drawn.get(edge.to))];
  const via = edge.smooth ? bent(a, b, edge.smooth) : null;
  const [x, y] = via || a;
  const long = Math.hypot(b[0] - x, b[1] - y) || 1;
  const tip = edge.type === "partners" ? "" : lineLook(edge.role).head;
  return { edge, a, b, via, way: [(b[0] - x) / long, (b[1] - y) / long], end: edge.to, tip, dashes: isDashed(edge), look: lookOf(edge) };
}

/** Return the middle point of a line, bent as vis-network 9.1.2 bends it (`curvedCW`), where it takes clicks. */
function bent([ax, ay], [bx, by], { type, roundness }) {
  const bend = ((type === "curvedCW" ? 1 : -1) * roundness + 1) / 2;
  const turn = Math.atan2(ay - by, bx - ax) + bend * Math.PI;
  const long = Math.hypot(bx - ax, by - ay) * bend;
  return [ax + long * Math.sin(turn), ay + long * Math.cos(turn)];
}

/** Return the ends of a line, the second where its head begins, and the outline of its head. */
function shapeOf({ a, b, via, way: [cos, sin], end, tip }, unit, scale) {
  if (!tip || unit * scale < HEADS_FROM) return { points: [a, b], via, head: null };
  const gap = end ? radius(end) * 1.15 + unit : 0;
  const [x, y] = [b[0] - gap * cos, b[1] - gap * sin];
  const head = (TIPS[tip] || TIPS.arrow).map(([along, aside]) => [x + unit * (along * cos - aside * sin), y + unit * (along * sin + aside * cos)]);
  const back = BACKS[tip] * unit;
  return { points: [a, [x - back * cos, y - back * sin]], via, head };
}
const BACKS = Object.fromEntries(Object.entries(TIPS).map(([name, points]) => [name, name === "vee" ? 5 : -Math.min(...points.map(([x]) => x)) - 0.5]));

/** Draw the lines that are in view, some of one look as one path. */
function paintEdges(ctx) {
  const scale = network.getScale();
  const unit = thick(scale);
  const low = network.DOMtoCanvas({ x: 0, y: 0 });
  const high = network.DOMtoCanvas({ x: byId("canvas").clientWidth, y: byId("canvas").clientHeight });
  const outside = ({ a, b, via }) => {
    const points = via ? [a, via, b] : [a, b];
    return points.every(([x]) => x < low.x) || points.every(([x]) => x > high.x) || points.every(([, y]) => y < low.y) || points.every(([, y]) => y > high.y);
  };
  ctx.save();
  for (const batch of batches) {
    const [{ look, dashes }] = batch;
    const heads = new Path2D();
    ctx.beginPath();
    for (const one of batch) {
      if (outside(one)) continue;
      const { points: [from, to], via, head } = shapeOf(one, unit, scale);
      ctx.moveTo(...from);
      if (via) ctx.quadraticCurveTo(...via, ...to);
      else ctx.lineTo(...to);
      head?.forEach((point, i) => (i ? heads.lineTo(...point) : heads.moveTo(...point)));
      if (head) heads.closePath();
    }
    ctx.globalAlpha = look.opacity;
    ctx.strokeStyle = look.colour;
    ctx.fillStyle = look.colour;
    ctx.lineWidth = look.width * unit;
    ctx.setLineDash(dashes ? [5 * unit, 4 * unit] : []);
    ctx.stroke();
    ctx.fill(heads);
  }
  ctx.globalAlpha = 1;
  ctx.setLineDash([]);
  paintJoints(ctx, scale);
  ctx.restore();
}

function strokeTitle({ edge, body, project }) {
  if (body) return `${nameOf(nodes.get(body))} – ${nameOf(nodes.get(project))}`;
  const what = edge.type === "role" ? term("roles", edge.role) : cases(state.shownEdges.get(edge.id).length);
  return `${nameOf(nodes.get(edge.from))} → ${nameOf(nodes.get(edge.to))}: ${what}`;
}

/** Return the point of an edge at a part of its way, 0 its start and 1 its end. */
function along(edge) {
  const [a, b] = [at(drawn.get(edge.from)), at(drawn.get(edge.to))];
  const via = edge.smooth ? bent(a, b, edge.smooth) : [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  return (t) => [0, 1].map((axis) => (1 - t) ** 2 * a[axis] + 2 * t * (1 - t) * via[axis] + t ** 2 * b[axis]);
}
