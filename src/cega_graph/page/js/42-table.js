// The table: the same relations as text, in any order. Rows are made as they are scrolled to.
const nodeCell = (id) => [symbolOf(nodes.get(id).kind), link(nodes.get(id))];
const bdi = (text) => (text ? el("bdi", {}, text) : "");
const natural = (node) => [/^\d+$/.test(node.number || "") ? node.number.padStart(9, "0") : "~", nameOf(node)].join(" ");
const roleOrder = Object.keys(terms.roles);
const caseTitle = (node) => (node.number ? `${node.number} ${nameOf(node)}` : nameOf(node));

const RELATION_COLUMNS = [
  { id: "case", word: "col_case", text: (one) => caseTitle(nodes.get(one.project)), sort: (one) => natural(nodes.get(one.project)), cell: (one) => [nodes.get(one.project).number ? `${nodes.get(one.project).number} ` : "", link(nodes.get(one.project))] },
  { id: "body", word: "col_body", text: (one) => nameOf(nodes.get(one.body)), cell: (one) => nodeCell(one.body) },
  { id: "role", word: "col_role", text: (one) => term("roles", one.role), sort: (one) => String(roleOrder.indexOf(one.role)).padStart(3, "0"), cell: (one) => [lineOf(one.role, inferred(one)), term("roles", one.role)] },
  { id: "basis", word: "col_basis", text: (one) => term("bases", one.basis), cell: (one) => term("bases", one.basis) },
  { id: "section", word: "col_section", text: (one) => one.place.section || "" },
  { id: "label", word: "col_label", text: (one) => one.place.label || "" },
  { id: "mention", word: "col_mention", text: (one) => one.place.mention || "" },
];
const PAIR_COLUMNS = [
  { id: "from", word: "col_from", text: (one) => nameOf(nodes.get(one.from)), cell: (one) => nodeCell(one.from) },
  { id: "to", word: "col_to", text: (one) => nameOf(nodes.get(one.to)), cell: (one) => nodeCell(one.to) },
  { id: "n", word: "col_n", text: (one) => String(standing(one).length), sort: (one) => String(standing(one).length).padStart(6, "0"), cell: (one) => pairLink(one, cases(standing(one).length)) },
  { id: "cases", word: "col_cases", text: (one) => standing(one).map((id) => caseTitle(nodes.get(id))).join("; "), cell: (one) => standing(one).map((id, i) => [i ? comma() : "", link(nodes.get(id))]) },
  { id: "stated", word: "col_basis", text: basisOf },
];
const COLUMNS = [...RELATION_COLUMNS, ...PAIR_COLUMNS];
const columns = () => (state.view === "cases" ? RELATION_COLUMNS : PAIR_COLUMNS);
const CHUNK = 120;
const AT_ONCE = 600; // rows: so many are made at once, so that the browser's own search finds them all
const order = new Map(data.nodes.map((node, i) => [node.id, i])); // cases by number
let rows = [];
let made = 0;
let tabled = ""; // what the table was made for

/** Return what the table and the CSV hold: the relations or edges that are shown, in the chosen order. */
function shownRows() {
  const whole = data.scale === "search" && !state.open && state.view === "cases";
  const found = whole ? data.relations.filter((one) => state.passing.has(one.id))
    : [...state.shownEdges.keys()].map((id) => (state.view === "cases" ? relations.get(id) : layer().get(id)));
  if (state.view === "cases") found.sort((one, two) => order.get(one.project) - order.get(two.project));
  const column = columns().find(({ id }) => id === state.sort.replace("-", ""));
  if (!column) return state.view === "cases" ? found : sorted(found, (one) => -standing(one).length, PAIR_COLUMNS[0].text, PAIR_COLUMNS[1].text);
  const collator = new Intl.Collator(state.lang === "zh" ? "zh-Hans" : "en");
  const keyed = found.map((one) => [(column.sort || column.text)(one), one]);
  const turn = state.sort.startsWith("-") ? -1 : 1;
  return keyed.sort((x, y) => turn * collator.compare(x[0], y[0])).map(([, one]) => one);
}

function rowOf(one) {
  const cells = columns().map((column) => el("td", { "data-column": column.id }, column.cell ? column.cell(one) : bdi(column.text(one))));
  const guessed = one.basis === "inferred" || (one.type && !isStated(one));
  return el("tr", { "data-relation": one.id, class: guessed ? "inferred" : null }, cells);
}

function moreRows(n = CHUNK) {
  if (made >= rows.length) return;
  byId("rows").append(...rows.slice(made, made + n).map(rowOf));
  made = Math.min(made + n, rows.length);
}

function showTable() {
  if (document.readyState === "loading") return;
  const now = [filtered, state.view, state.sort, state.lang, state.open && state.steps, state.least].join("|");
  if (now === tabled) return;
  tabled = now;
  rows = shownRows();
  made = 0;
  const head = columns().map((column) => {
    const way = state.sort === column.id ? "ascending" : state.sort === `-${column.id}` ? "descending" : null;
    return el("th", { scope: "col", "aria-sort": way },
      el("button", { type: "button", "data-sort": column.id, on: { click: () => sortBy(column.id) } }, say(column.word), el("span", { "aria-hidden": "true" }, { ascending: " ▲", descending: " ▼" }[way] || "")));
  });
  byId("relations").querySelectorAll("tbody").forEach((body) => body.remove());
  byId("relations").querySelector("thead").replaceChildren(el("tr", {}, head));
  byId("relations").querySelector("table").setAttribute("aria-rowcount", String(rows.length + 1));
  byId("relations").querySelector("table").append(el("tbody", { id: "rows" }));
  byId("relations").querySelector("caption").textContent = [say(state.view === "cases" ? "table_caption" : `caption_${state.view}`), caveat()].filter(Boolean).join(state.lang === "zh" ? "。" : ". ");
  moreRows(rows.length <= AT_ONCE ? AT_ONCE : CHUNK);
  byId("no-rows").hidden = rows.length > 0;
}

function sortBy(id) {
  go({ sort: state.sort === id ? `-${id}` : state.sort === `-${id}` ? "" : id }, { replace: true, camera: false });
  byId("relations").querySelector(`[data-sort="${id}"]`)?.focus();
}

byId("relations").addEventListener("scroll", () => {
  const box = byId("relations");
  if (box.scrollTop + box.clientHeight > box.scrollHeight - 800) moreRows();
});

/** Show the map or the table. */
function showTab() {
  const map = state.tab === "map" && drawable;
  byId("map").hidden = !map;
  byId("relations").hidden = map;
  root.dataset.view = state.view;
  for (const button of byId("views").querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.value === state.view));
  byId("show-map").setAttribute("aria-pressed", String(map));
  byId("show-table").setAttribute("aria-pressed", String(!map));
  if (!map) showTable();
}
