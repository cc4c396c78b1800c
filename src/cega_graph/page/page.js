"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const { model, words, terms, marks, lines } = data;
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const phone = matchMedia("(max-width: 760px)");
  const FONT = '"PingFang SC","Hiragino Sans GB","Microsoft YaHei","Noto Sans CJK SC","Noto Sans SC",system-ui,sans-serif';
  const SHEET = 0.56; // the part of the height that the panel takes on a phone, as in page.css

  const nodes = new Map(data.nodes.map((node) => [node.id, { ...node, relations: [] }]));
  const relations = new Map(data.relations.map((relation) => [relation.id, relation]));
  for (const relation of data.relations) {
    nodes.get(relation.body).relations.push(relation);
    nodes.get(relation.project).relations.push(relation);
  }
  const edges = new Map(model.edges.map((edge) => [edge.id, edge]));
  const drawn = new Map(model.nodes.map((node) => [node.id, node]));
  const outlines = Object.fromEntries(Object.entries(data.symbols).map(([name, path]) => [name, new Path2D(path)]));

  const state = {
    lang: /^zh/i.test(navigator.language || "") ? "zh" : "en",
    open: null, // the node whose details are shown
    hover: null,
    cursor: null, // the node that the arrow keys are at
    off: { kind: new Set(), role: new Set(), basis: new Set() },
    shownNodes: new Set(drawn.keys()),
    shownEdges: new Set(relations.keys()),
    lit: null, // what is not dimmed; null: everything
    fitted: true, // nobody has moved the map since it was fitted
    toPanel: false, // the next opening moves the focus into the panel
    turn: 0, // counts whatever changes the labels
  };

  // Words
  const say = (key, values = {}) =>
    words[key][state.lang].replace(/\{(\w+)\}/g, (found, name) => (name in values ? String(values[name]) : found));
  const term = (group, id) => (Object.hasOwn(terms[group], id) ? terms[group][id][state.lang] : id);
  const nameOf = (node) => (state.lang === "en" && node.name_en ? node.name_en : node.name);
  const otherName = (node) => (state.lang === "en" && node.name_en ? node.name : node.name_en || "");
  const colour = (look) => look.colour[dark.matches ? "dark" : "light"];
  const css = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  const book = new Map(data.books.map((one) => [one.id, one]));

  // Elements: text goes in as text nodes only
  const el = (tag, props = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [key, value] of Object.entries(props)) {
      if (key === "on") for (const [event, handler] of Object.entries(value)) made.addEventListener(event, handler);
      else made.setAttribute(key, value);
    }
    made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
    return made;
  };
  const SVG = "http://www.w3.org/2000/svg";
  const sign = (type, name, dashed = false) => {
    const svg = document.createElementNS(SVG, "svg");
    const known = byId(`${type === "symbol" ? "s" : "l"}-${name}`) ? name : "other";
    svg.setAttribute("class", `${type} ${type === "symbol" ? "k" : "r"}-${known}${dashed ? " dashed" : ""}`);
    svg.setAttribute("aria-hidden", "true");
    const use = document.createElementNS(SVG, "use");
    use.setAttribute("href", `#${type === "symbol" ? "s" : "l"}-${known}`);
    svg.append(use);
    return svg;
  };
  const symbolOf = (kind) => sign("symbol", kind);
  const lineOf = (role, dashed) => sign("line", role, dashed);
  const address = (id) => `#id=${encodeURIComponent(id)}`;
  const link = (node) => el("a", { href: address(node.id) }, el("bdi", {}, nameOf(node)));

  // Map
  const upright = () => byId("canvas").clientWidth < byId("canvas").clientHeight * 0.9;
  const at = (node) => (upright() ? node.upright : [node.x, node.y]);
  const place = (node) => ({ x: at(node)[0], y: at(node)[1] });
  const visNodes = new vis.DataSet(
    model.nodes.map((node) => ({ id: node.id, shape: "custom", size: node.size, ctxRenderer: renderer, ...place(node) })),
  );
  const visEdges = new vis.DataSet(model.edges.map((edge) => ({ ...edge, ...edgeLook(edge), arrows: { to: { enabled: true, ...head(edge) } } })));
  const network = new vis.Network(byId("canvas"), { nodes: visNodes, edges: visEdges }, model.options);
  let wasUpright = upright();

  /** Symbols keep nearly their size while the map is zoomed, so that a far view stays readable. */
  function pixels(scale) {
    return Math.min(Math.max(scale, 0.72), 1.5) / scale;
  }

  function radius(id) {
    return drawn.get(id).size * pixels(network ? network.getScale() : 1);
  }

  function renderer({ ctx, id, x, y }) {
    const node = nodes.get(id);
    const mark = marks[node.kind];
    const r = drawn.get(id).size * pixels(network.getScale());
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

  function ring(ctx, r, width, ink) {
    ctx.beginPath();
    ctx.arc(0, 0, r, 0, 2 * Math.PI);
    ctx.lineWidth = width;
    ctx.strokeStyle = ink;
    ctx.stroke();
  }

  const palette = {};
  function readPalette() {
    for (const name of ["back", "ink", "soft", "accent"]) palette[name] = css(`--${name}`);
  }

  function head({ id }) {
    const type = lines[relations.get(id).role].head;
    return { type, scaleFactor: type === "circle" || type === "box" ? 0.27 : 0.4 };
  }

  function edgeLook({ id }) {
    const relation = relations.get(id);
    const near = state.open !== null && (relation.body === state.open || relation.project === state.open);
    const opacity = near ? 1 : state.lit ? 0.07 : 0.5;
    const hidden = !state.shownEdges.has(id);
    const width = lines[relation.role].width * (near ? 1.5 : 1);
    return { id, hidden, width, color: { color: colour(lines[relation.role]), opacity, inherit: false } };
  }

  const styled = new Map(); // how each edge was last drawn, so that only changes are
  function restyle() {
    const looks = model.edges.map(edgeLook).filter((look) => {
      const key = `${look.hidden} ${look.width} ${look.color.color} ${look.color.opacity}`;
      if (styled.get(look.id) === key) return false;
      styled.set(look.id, key);
      return true;
    });
    if (looks.length) visEdges.update(looks);
    state.turn += 1;
    network.redraw();
  }

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
    if (frame) grid.add(buttons().map((value) => value * scale));
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

  /** Where the zoom buttons cover the map, in the map's own coordinates. */
  function buttons() {
    const { left, top } = byId("canvas").getBoundingClientRect();
    const box = document.querySelector(".zoom").getBoundingClientRect();
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
      if (nodes.get(body).n_projects !== 1) continue;
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
    if (state.open && drawn.has(state.open)) nameRoles(ctx, scale);
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
    later = setTimeout(() => network.redraw(), 60);
  }

  /** The roles of the open node, written on its lines where there is room: colour alone says nothing. */
  function nameRoles(ctx, scale) {
    const grid = new Grid();
    for (const label of labels) grid.add(label.box);
    for (const id of state.lit) {
      const { x, y } = network.getPosition(id);
      const r = radius(id) * scale * 1.2;
      if (state.shownNodes.has(id)) grid.add([x * scale - r, y * scale - r, x * scale + r, y * scale + r]);
    }
    ctx.font = `11px ${FONT}`;
    ctx.textAlign = "center";
    for (const relation of nodes.get(state.open).relations) {
      if (!state.shownEdges.has(relation.id)) continue;
      const along = curve(edges.get(relation.id));
      const text = term("roles", relation.role);
      const w = ctx.measureText(text).width + 4;
      for (const part of [0.5, 0.38, 0.62, 0.28, 0.74]) {
        const [x, y] = along(part).map((value) => value * scale);
        const box = [x - w / 2, y - 7, x + w / 2, y + 7];
        if (grid.hits(box)) continue;
        grid.add(box);
        ctx.strokeStyle = palette.back;
        ctx.strokeText(text, x, y);
        ctx.fillStyle = colour(lines[relation.role]);
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

  // View
  const frames = (then) => requestAnimationFrame(() => requestAnimationFrame(then));
  const animation = () => (still.matches ? false : { duration: 350, easingFunction: "easeInOutQuad" });

  function extent(ids) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (const id of ids) {
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
    if (!drawn.has(id)) return;
    const canvas = byId("canvas");
    const sheet = phone.matches ? canvas.clientHeight * SHEET : 0;
    const inside = (one) => {
      const seen = network.canvasToDOM(network.getPosition(one));
      return seen.x > 50 && seen.x < canvas.clientWidth - 50 && seen.y > 30 && seen.y < canvas.clientHeight - sheet - 30;
    };
    const shown = [id, ...(state.lit || [])];
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
      visNodes.update(model.nodes.map((node) => ({ id: node.id, ...place(node) })));
      state.turn += 1;
      state.fitted = true;
    }
    if (state.fitted) fit();
  })).observe(byId("canvas"));
  network.on("zoom", () => { state.fitted = false; });
  network.on("dragStart", () => { state.fitted = false; });

  // Filters: a relation is shown if its role, its basis and the kinds of both its ends are
  function filter() {
    for (const box of byId("filters").elements) {
      if (box.type === "checkbox") state.off[box.name][box.checked ? "delete" : "add"](box.value);
    }
    const basis = (relation) => (relation.basis === "inferred" ? "inferred" : "stated");
    const kindOn = (id) => !state.off.kind.has(nodes.get(id).kind);
    const shown = data.relations.filter((relation) =>
      !state.off.role.has(relation.role) && !state.off.basis.has(basis(relation)) && kindOn(relation.body) && kindOn(relation.project));
    state.shownEdges = new Set(shown.map((relation) => relation.id));
    const before = state.shownNodes;
    state.shownNodes = new Set(shown.flatMap((relation) => [relation.body, relation.project]));
    const turned = model.nodes.filter(({ id }) => before.has(id) !== state.shownNodes.has(id));
    if (turned.length) visNodes.update(turned.map(({ id }) => ({ id, hidden: !state.shownNodes.has(id) })));
    for (const row of document.querySelectorAll("[data-relation]")) row.hidden = !state.shownEdges.has(row.dataset.relation);
    for (const body of document.querySelectorAll("#relations tbody")) body.hidden = !body.querySelector("tr[data-relation]:not([hidden])");
    count(shown, basis);
    restyle();
  }

  function count(shown, basis) {
    const numbers = { kind: new Map(), role: new Map(), basis: new Map() };
    const add = (name, value) => numbers[name].set(value, (numbers[name].get(value) || 0) + 1);
    for (const id of state.shownNodes) add("kind", nodes.get(id).kind);
    for (const relation of shown) {
      add("role", relation.role);
      add("basis", basis(relation));
    }
    for (const box of byId("filters").elements) {
      if (box.type !== "checkbox") continue;
      const output = box.closest("label").querySelector("output");
      output.dataset.all ??= output.textContent;
      output.textContent = box.checked ? String(numbers[box.name].get(box.value) || 0) : output.dataset.all;
    }
    tellStatus();
  }

  function tellStatus() {
    byId("status").textContent = say("shown", { nodes: state.shownNodes.size, edges: state.shownEdges.size })
      + (data.isolated.length ? say("and_isolated", { n: data.isolated.length }) : "");
    byId("message").textContent = relations.size ? say("nothing_shown") : say("empty");
    byId("message").hidden = state.shownEdges.size > 0;
  }

  // Details
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
    const inferred = relation.basis === "inferred";
    const known = byId(`l-${relation.role}`) ? relation.role : "other";
    const detail = (key) => relation[key] ? el("p", { class: "place" }, say(key), state.lang === "zh" ? "：" : ": ", el("bdi", {}, relation[key])) : null;
    const time = [relation.since, relation.until].filter(Boolean).join(" – ");
    return el("li", { class: `relation r-${known}${inferred ? " inferred" : ""}`, "data-evidence": relation.id },
      who ? el("div", { class: "who" }, symbolOf(who.kind), link(who)) : null,
      who ? null : el("div", { class: "role" }, lineOf(relation.role, inferred), el("span", {}, term("roles", relation.role)), chip(relation)),
      who && (inferred || relation.basis === "prose") ? el("div", { class: "role" }, chip(relation)) : null,
      inferred && relation.rule ? el("p", { class: "place" }, term("rules", relation.rule)) : null,
      detail("activity"), detail("qualifier"), time ? el("p", { class: "place" }, say("time"), state.lang === "zh" ? "：" : ": ", time) : null,
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
      facts([["also", aliases(node)], ["identifiers", (node.identifiers || []).join(" ")], ["parent", node.parent ? link(nodes.get(node.parent)) : ""]]),
      projects.length ? el("h3", {}, `${say("in_projects")} (${projects.length})`) : el("p", { class: "other" }, say("no_relation")),
      sections.flat(),
      belongings(node),
    ];
  }

  function projectDetails(node) {
    const roles = Object.keys(terms.roles).concat(Object.keys(lines)).filter((role, index, all) => all.indexOf(role) === index);
    const sections = roles.map((role) => [role, node.relations.filter((relation) => relation.role === role)]).filter(([, found]) => found.length);
    const until = node.end_date || (node.start_date ? say("end_unknown") : "");
    return [
      facts([
        ["theme", state.lang === "en" && node.theme_en ? node.theme_en : node.theme],
        ["time", node.start_date || node.end_date ? `${node.start_date || "?"} – ${until}` : ""],
        ["place", node.location], ["programme", node.programme],
      ]),
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

  function showDetails() {
    const panel = byId("panel");
    const node = nodes.get(state.open);
    panel.hidden = !node;
    panel.replaceChildren();
    if (!node) return;
    panel.setAttribute("aria-label", say("details"));
    const project = node.type === "project";
    const kind = project && node.number ? say("case", { n: node.number }) : term("kinds", node.kind);
    const member = node.member ? ` · ${say("member").replace(/[（(].*/, "").trim()}` : "";
    panel.append(...[
      el("div", { class: "top" }, symbolOf(node.kind), el("span", {}, kind, member), el("button", { type: "button", id: "close", "aria-label": say("close"), on: { click: close } }, "×")),
      el("h2", {}, el("bdi", {}, nameOf(node))),
      otherName(node) && otherName(node) !== nameOf(node) ? el("p", { class: "other" }, el("bdi", {}, otherName(node))) : null,
      ...(project ? projectDetails(node) : bodyDetails(node)),
    ].flat(2).filter(Boolean));
    panel.scrollTop = 0;
  }

  function open(id, { focus = false } = {}) {
    state.open = nodes.has(id) ? id : null;
    state.cursor = null;
    state.lit = null;
    if (state.open && drawn.has(id)) {
      state.lit = new Set([id, ...nodes.get(id).relations.filter((one) => state.shownEdges.has(one.id)).flatMap((one) => [one.body, one.project])]);
    }
    const opened = byId("panel").hidden && state.open;
    showDetails();
    restyle();
    byId("legend").classList.remove("open");
    byId("show-legend").setAttribute("aria-expanded", "false");
    if (focus && state.open) byId("panel").focus({ preventScroll: true });
    if (state.open) frames(() => frames(() => { if (opened && state.fitted && !phone.matches) fit(); reveal(id); }));
  }

  const go = (id) => { if (location.hash === address(id)) open(id); else location.hash = address(id); };
  function close() {
    location.hash = "#";
    byId("canvas").focus({ preventScroll: true });
  }
  function readAddress(options) {
    const found = /^#id=(.+)$/.exec(location.hash);
    let id = null;
    try { id = found && decodeURIComponent(found[1]); } catch { id = null; }
    open(id, options);
  }
  addEventListener("hashchange", () => {
    readAddress({ focus: state.toPanel || document.activeElement !== byId("canvas") });
    state.toPanel = false;
  });

  // Pointer and keys on the map
  network.on("click", ({ pointer, nodes: [id] }) => {
    const found = id ?? labelAt(pointer.DOM);
    if (found) go(found);
    else if (state.open) close();
  });
  network.on("hoverNode", ({ node }) => { state.hover = node; byId("canvas").classList.add("over"); network.redraw(); });
  network.on("blurNode", () => { state.hover = null; byId("canvas").classList.remove("over"); network.redraw(); });

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
      state.toPanel = true;
      go(state.cursor || state.open);
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
    let best = from ? null : [...state.shownNodes].sort((a, b) => nodes.get(b).relations.length - nodes.get(a).relations.length)[0];
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
    const seen = network.canvasToDOM(network.getPosition(best));
    const { clientWidth, clientHeight } = byId("canvas");
    if (seen.x < 40 || seen.y < 40 || seen.x > clientWidth - 40 || seen.y > clientHeight - 40) {
      state.fitted = false;
      network.moveTo({ position: network.getPosition(best), animation: animation() });
    }
    network.redraw();
  }

  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && state.open && event.target !== byId("search")) close();
    if (event.key === "/" && !/^(INPUT|TEXTAREA)$/.test(event.target.tagName)) {
      event.preventDefault();
      byId("search").focus();
    }
  });

  // Search: one box over every name
  const normal = (text) => text.normalize("NFKC").toLowerCase().replace(/[\s·()“”"'「」《》,，。.、\-—–]+/g, "");
  const index = data.nodes.map((node) => {
    const names = [...new Set([node.name, node.name_en, ...(node.names || []).map((one) => one.name)].filter(Boolean))];
    return { node, keys: names.map((name) => [name, normal(name)]) };
  });
  const rank = (key, wanted) => (key === wanted ? 0 : key.startsWith(wanted) ? 1 : key.includes(wanted) ? 2 : 9);
  let results = [];
  let chosen = -1;

  function search() {
    const wanted = normal(byId("search").value);
    results = !wanted ? [] : index
      .map(({ node, keys }) => {
        const [score, name] = keys.map(([name_, key]) => [rank(key, wanted), name_]).sort((a, b) => a[0] - b[0])[0] || [9, ""];
        return { node, score: node.type === "project" && node.number === wanted ? 0 : score, name };
      })
      .filter(({ score }) => score < 9)
      .sort((a, b) => a.score - b.score || (b.node.n_projects || 0) - (a.node.n_projects || 0) || a.name.length - b.name.length)
      .slice(0, 12);
    chosen = results.length ? 0 : -1;
    showResults(wanted !== "");
  }

  function showResults(visible) {
    const list = byId("found");
    list.hidden = !visible;
    byId("search").setAttribute("aria-expanded", String(visible));
    list.replaceChildren(...results.map(({ node, name }, i) =>
      el("li", { role: "option", id: `found-${i}`, "aria-selected": String(i === chosen), on: { mousedown: (event) => { event.preventDefault(); choose(i); } } },
        symbolOf(node.kind), el("bdi", {}, nameOf(node)), el("span", { class: "why" }, name && name !== nameOf(node) ? el("bdi", {}, name) : term("kinds", node.kind)))));
    if (visible && !results.length) list.append(el("li", { role: "option", "aria-disabled": "true", "aria-selected": "false" }, say("found_none")));
    mark();
  }

  function mark() {
    [...byId("found").children].forEach((item, i) => item.setAttribute("aria-selected", String(i === chosen && results.length > 0)));
    if (chosen >= 0) {
      byId("search").setAttribute("aria-activedescendant", `found-${chosen}`);
      byId(`found-${chosen}`)?.scrollIntoView({ block: "nearest" });
    } else byId("search").removeAttribute("aria-activedescendant");
  }

  function choose(i) {
    if (!results[i]) return;
    const { id } = results[i].node;
    byId("search").value = "";
    results = [];
    chosen = -1;
    showResults(false);
    if (drawn.has(id) && !state.shownNodes.has(id)) reset();
    show("map");
    go(id);
  }

  byId("search").addEventListener("input", search);
  byId("search").addEventListener("focus", search);
  byId("search").addEventListener("blur", () => showResults(false));
  byId("search").addEventListener("keydown", (event) => {
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves && results.length) chosen = (chosen + moves[event.key] + results.length) % results.length;
    else if (event.key === "Enter" && chosen >= 0) return choose(chosen);
    else if (event.key === "Escape") { byId("search").value = ""; return search(); }
    else return undefined;
    event.preventDefault();
    return mark();
  });

  // Map or table, language, buttons
  function show(what) {
    byId("map").hidden = what !== "map";
    byId("relations").hidden = what !== "table";
    byId("show-map").setAttribute("aria-pressed", String(what === "map"));
    byId("show-table").setAttribute("aria-pressed", String(what === "table"));
    byId("legend").classList.remove("open");
  }

  function speak(lang) {
    state.lang = lang;
    root.lang = lang === "zh" ? "zh-Hans" : "en";
    root.dataset.lang = lang;
    document.title = data.titles[lang];
    byId("search").placeholder = say("search");
    byId("search").setAttribute("aria-label", say("search_label"));
    byId("found").setAttribute("aria-label", say("search_label"));
    byId("canvas").setAttribute("aria-label", say("map_label"));
    byId("language").textContent = words.switch[lang];
    byId("language").lang = lang === "zh" ? "en" : "zh-Hans";
    for (const [id, key] of [["zoom-in", "zoom_in"], ["zoom-out", "zoom_out"], ["fit", "fit"]]) {
      byId(id).title = say(key);
      byId(id).setAttribute("aria-label", say(key));
    }
    state.turn += 1;
    tellStatus();
    showDetails();
    network.redraw();
  }

  function reset() {
    for (const box of byId("filters").elements) if (box.type === "checkbox") box.checked = true;
    filter();
  }

  for (const slot of document.querySelectorAll("[data-node]")) {
    const anchor = el("a", { href: address(slot.dataset.node) });
    anchor.append(...slot.childNodes);
    slot.append(anchor);
  }
  byId("filters").addEventListener("change", filter);
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("reset").addEventListener("click", reset);
  byId("zoom-in").addEventListener("click", () => zoom(1.4));
  byId("zoom-out").addEventListener("click", () => zoom(1 / 1.4));
  byId("fit").addEventListener("click", fitAll);
  byId("show-map").addEventListener("click", () => show("map"));
  byId("show-table").addEventListener("click", () => show("table"));
  byId("language").addEventListener("click", () => speak(state.lang === "zh" ? "en" : "zh"));
  byId("show-legend").addEventListener("click", () => {
    byId("show-legend").setAttribute("aria-expanded", String(byId("legend").classList.toggle("open")));
  });
  const repaint = () => { readPalette(); restyle(); };
  dark.addEventListener("change", repaint);

  speak(state.lang);
  show("map");
  readPalette();
  reset();
  readAddress();
  document.fonts?.ready.then(() => { measured.clear(); state.turn += 1; network.redraw(); });
  frames(() => { if (state.fitted) fit(); root.dataset.ready = "true"; });

  /** For tests and for whoever embeds the page: what is shown, by reading only. */
  window.cegaMap = Object.freeze({
    network,
    labels: () => labels.map(({ id, box, rows }) => ({ id, box, rows })),
    nodes: () => [...state.shownNodes].sort(),
    edges: () => [...state.shownEdges].sort(),
    open: () => state.open,
    at: (id) => network.canvasToDOM(network.getPosition(id)),
  });
})();
