// Pointer and keys on the map.
network.on("click", ({ pointer, nodes: [id], edges: [edge] }) => {
  const found = id ?? labelAt(pointer.DOM) ?? (edge === undefined ? meetingAt(pointer.canvas) : null);
  if (found) openNode(found);
  else if (edge !== undefined) openPair(edge);
  else if (state.open || state.pair) close();
});
network.on("hoverNode", ({ node }) => { state.hover = node; byId("canvas").classList.add("over"); redraw(); });
network.on("blurNode", () => { state.hover = null; byId("canvas").classList.remove("over"); redraw(); });

function labelAt({ x, y }) {
  const scale = network.getScale();
  const point = network.DOMtoCanvas({ x, y });
  const [px, py] = [point.x * scale, point.y * scale];
  return labels.find(({ box }) => px >= box[0] && px <= box[2] && py >= box[1] && py <= box[3])?.id;
}

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
byId("canvas").addEventListener("keydown", (event) => {
  if (event.key in STEPS) step(...STEPS[event.key]);
  else if (event.key === "Enter" && (state.cursor || state.open)) {
    openNode(state.cursor || state.open, { focus: true });
  }
  else if (event.key === "+" || event.key === "=") zoom(1.3);
  else if (event.key === "-") zoom(1 / 1.3);
  else if (event.key === "0") fitAll();
  else return;
  event.preventDefault();
});

/** Move the cursor to the nearest node in a direction; from nowhere, to the first case. */
function step(dx, dy) {
  const from = state.cursor || (drawn.has(state.open) ? state.open : null);
  let best = from ? null : sorted([...state.shownNodes], (one) => one).sort((a, b) => nodes.get(b).relations.length - nodes.get(a).relations.length)[0];
  let least = Infinity;
  if (from) {
    const [x0, y0] = at(drawn.get(from));
    for (const id of state.shownNodes) {
      const [x, y] = at(drawn.get(id));
      const along = (x - x0) * dx + (y - y0) * dy;
      const aside = Math.abs((x - x0) * dy) + Math.abs((y - y0) * dx);
      if (id !== from && along > 0 && along + 2.2 * aside < least) [best, least] = [id, along + 2.2 * aside];
    }
  }
  if (!best) return;
  state.cursor = best;
  byId("status").textContent = nameOf(nodes.get(best));
  const seen = network.canvasToDOM(spotOf(best));
  const { clientWidth, clientHeight } = byId("canvas");
  if (seen.x < 40 || seen.y < 40 || seen.x > clientWidth - 40 || seen.y > clientHeight - 40) {
    state.fitted = false;
    network.moveTo({ position: spotOf(best), animation: animation() });
  }
  redraw();
}

addEventListener("keydown", (event) => {
  if (event.key === "Escape" && (state.open || state.pair || state.ask)) close();
  if (event.key === "/" && !/^(INPUT|TEXTAREA)$/.test(event.target.tagName)) {
    event.preventDefault();
    byId("search").focus();
  }
});
