// The camera: what part of the map is seen.
const animation = () => (still.matches ? false : { duration: 350, easingFunction: "easeInOutQuad" });

function extent(ids) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const id of ids) {
    if (!drawn.has(id)) continue;
    const [x, y] = at(drawn.get(id));
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x);
    box[3] = Math.max(box[3], y);
  }
  return box;
}

/** Show these nodes; where that would make them too small to read (`least`), show what is around `centre`. */
function fit(ids = state.shownNodes, { animated = false, least = 0.05, most = 1.5, centre = null } = {}) {
  if (![...ids].length) return;
  const canvas = byId("canvas");
  const sheet = phone.matches && !byId("panel").hidden ? canvas.clientHeight * SHEET : 0;
  const box = extent(ids);
  const across = Math.max(canvas.clientWidth - (phone.matches ? 56 : 150), 60);
  const down = Math.max(canvas.clientHeight - sheet - (sheet || phone.matches ? 110 : 78), 60);
  const scale = Math.min(across / (box[2] - box[0] + 1), down / (box[3] - box[1] + 1), most);
  const [x, y] = centre && scale < least ? at(drawn.get(centre)) : [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
  network.moveTo({
    position: { x, y },
    scale: Math.max(scale, least),
    offset: { x: 0, y: -sheet / 2 - (sheet ? 12 : phone.matches ? 16 : 0) },
    animation: animated ? animation() : false,
  });
}

function fitAll() {
  state.fitted = true;
  fit(state.shownNodes, { animated: true });
}

function reveal(id) {
  if (!drawn.has(id) || !state.shownNodes.has(id)) return;
  const canvas = byId("canvas");
  const sheet = phone.matches ? canvas.clientHeight * SHEET : 0;
  const inside = (one) => {
    const seen = network.canvasToDOM(spotOf(one));
    return seen.x > 50 && seen.x < canvas.clientWidth - 50 && seen.y > 30 && seen.y < canvas.clientHeight - sheet - 30;
  };
  const shown = [id, ...(state.lit || [])].filter((one) => drawn.has(one));
  if (network.getScale() > (phone.matches ? 0.45 : 0.6) && shown.every(inside)) return;
  state.fitted = false;
  fit(shown, { animated: true, least: 0.5, most: 1.1, centre: id });
}

function zoom(factor) {
  state.fitted = false;
  network.moveTo({ scale: Math.min(Math.max(network.getScale() * factor, 0.05), 8), animation: animation() });
}

new ResizeObserver(() => frames(() => {
  if (wasUpright !== upright()) {
    wasUpright = upright();
    visNodes?.update([...drawn.values()].map((node) => ({ id: node.id, ...place(node) })));
    restyle();
    state.fitted = true;
  }
  if (state.fitted) fit();
})).observe(byId("canvas"));
network.on("zoom", () => { state.fitted = false; });
network.on("dragStart", () => { state.fitted = false; });

