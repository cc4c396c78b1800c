// Language, buttons, and the first drawing.
const LABELS = [["zoom-in", "zoom_in"], ["zoom-out", "zoom_out"], ["fit", "fit"], ["from", "year_from"], ["to", "year_to"], ["from-slide", "year_from"], ["to-slide", "year_to"], ["link", "link"], ["language", "switch_label"], ["panel", "details"], ["relations", "table"], ["views", "view"]];

function speak(lang) {
  state.lang = lang;
  root.lang = lang === "zh" ? "zh-Hans" : "en";
  root.dataset.lang = lang;
  document.title = data.titles[lang];
  byId("search").placeholder = say("search");
  for (const id of ["search", "found"]) byId(id).setAttribute("aria-label", say("search_label"));
  byId("canvas").setAttribute("aria-label", say("map_label"));
  byId("language").textContent = words.switch[lang];
  byId("language").lang = lang === "zh" ? "en" : "zh-Hans";
  for (const [id, word] of LABELS) byId(id)?.setAttribute("aria-label", id === "language" ? words.switch[lang] : say(word));
  for (const id of ["zoom-in", "zoom-out", "fit"]) byId(id).title = byId(id).getAttribute("aria-label");
  state.turn += 1;
}

const reset = () => go(unfiltered(), { replace: true, camera: false });

for (const slot of document.querySelectorAll("#isolated [data-node]")) {
  const anchor = el("a", { href: address(slot.dataset.node) });
  anchor.append(...slot.childNodes);
  slot.append(anchor);
}
byId("filters").addEventListener("change", () => {
  readForm();
  go({}, { replace: true, camera: false });
});
byId("filters").addEventListener("submit", (event) => event.preventDefault());
byId("reset").addEventListener("click", reset);
byId("zoom-in").addEventListener("click", () => zoom(1.4));
byId("zoom-out").addEventListener("click", () => zoom(1 / 1.4));
byId("fit").addEventListener("click", fitAll);
byId("show-map").addEventListener("click", () => go({ tab: "map" }));
byId("show-table").addEventListener("click", () => go({ tab: "table" }));
byId("language").addEventListener("click", () => go({ lang: state.lang === "zh" ? "en" : "zh" }, { replace: true, camera: false }));
byId("ask").addEventListener("click", () => go({ ask: "path", a: nodes.get(state.open)?.type === "organization" ? state.open : null, b: null, open: null, pair: null, steps: 0 }, { focus: true }));
for (const button of byId("views").querySelectorAll("button")) button.addEventListener("click", () => go({ view: button.value, pair: null }));
for (const button of byId("take").querySelectorAll("button")) {
  button.addEventListener("click", () => {
    EXPORTS[button.value]();
    if (button.value !== "link") byId("take").open = false;
  });
}
byId("show-legend").addEventListener("click", () => {
  byId("show-legend").setAttribute("aria-expanded", String(byId("legend").classList.toggle("open")));
});
document.addEventListener("click", (event) => {
  if (!byId("take").contains(event.target)) byId("take").open = false;
});
byId("take").addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !byId("take").open) return;
  event.stopPropagation();
  byId("take").open = false;
  byId("take").querySelector("summary").focus();
});
combobox(byId("search"), byId("found"), {
  clear: true,
  choose: (id) => {
    const hidden = drawn.has(id) && !state.shownNodes.has(id) && data.scale !== "search";
    openNode(id, { focus: true });
    if (hidden && !state.shownNodes.has(id)) go({ ...unfiltered(), tab: "map", view: "cases" }, { replace: true });
    else if (state.tab !== "map") go({ tab: "map" }, { replace: true });
  },
});
dark.addEventListener("change", () => { readPalette(); restyle(); });

if (/[?&]embed\b/.test(location.search) || root.hasAttribute("data-embed")) root.dataset.embed = "true";
root.dataset.canvas = String(drawable);
byId("no-canvas").hidden = drawable;
speak(state.lang);
readPalette();
readAddress();
if (data.scale === "search" && data.excerpt?.focus && location.hash.length < 2) apply({ open: data.excerpt.focus });
if (state.fitted) fit();
if (asked) {
  state.fitted = false;
  network.moveTo({ position: { x: asked[0], y: asked[1] }, scale: asked[2] / 1000 });
}
network.draw();
requestAnimationFrame(() => setTimeout(() => {
  performance.mark("first-map"); // the frame with the picture has been handed over
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", takeOver);
  else setTimeout(takeOver);
}));

/** Now that the whole page is there: the panel after the table, as it is read, and vis-network. */
function takeOver() {
  byId("relations").after(byId("panel"));
  showTab();
  if (drawable) startVis();
  performance.mark("ready");
  root.dataset.ready = "true";
}

/** For tests and for whoever embeds the page: what is shown, by reading only. */
window.cegaMap = Object.freeze({
  get network() { return network; },
  labels: () => labels.map(({ id, box, rows: lines_ }) => ({ id, box, rows: lines_ })),
  nodes: () => [...state.shownNodes].sort(),
  edges: () => [...state.shownEdges.keys()].sort(),
  open: () => state.open,
  state: () => ({ ...state, off: Object.fromEntries(FACETS.map((facet) => [facet, [...state.off[facet]]])), shownNodes: undefined, shownEdges: undefined, passing: undefined, lit: undefined }),
  at: (id) => network.canvasToDOM(spotOf(id)),
  joints: () => [...joints].map(([id, [x, y]]) => ({ id, ...network.canvasToDOM({ x, y }) })),
  svg: () => new XMLSerializer().serializeToString(onPaper(() => toSvg(scene()))),
  csv: toCsv,
  address: () => addressOf({}, { camera: true }),
  find: (text) => findNames(text).map(({ node }) => node.id),
});
