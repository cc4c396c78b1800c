// Search: one box over every name in every script, pinyin and its initials, and acronyms.
const normal = (text) => text.normalize("NFKC").toLowerCase().replace(/[\s·()“”"'「」《》,，。.、\-—–]+/g, "");
const SMALL = new Set(["of", "and", "the", "for", "in", "on", "at", "to", "a"]);

/** The first letters of an English name, as people abbreviate it. */
function acronyms(name) {
  if (/[\u2e80-\u9fff]/.test(name)) return [];
  const all = name.match(/[A-Za-z]+/g) || [];
  const initials = (some) => some.map((word) => word[0]).join("").toLowerCase();
  return all.length > 1 ? [initials(all), initials(all.filter((word) => !SMALL.has(word.toLowerCase())))] : [];
}

let index = null;
function indexed() {
  index ??= data.nodes.map((node) => {
    const names = [...new Set([node.name, node.name_en, ...(node.names || []).map((one) => one.name)].filter(Boolean))];
    const spelled = node.pinyin || [];
    const keys = names.map((name) => [name, normal(name), 0]);
    for (const syllables of spelled) {
      keys.push([syllables, normal(syllables), 0.2]);
      keys.push([syllables, syllables.split(" ").map((one) => (/^[a-z]/.test(one) ? one[0] : normal(one))).join(""), 0.3]);
    }
    for (const name of names) for (const short of acronyms(name)) keys.push([name, short, 0.1]);
    return { node, keys, words: names.flatMap((name) => name.toLowerCase().split(/[^\p{L}\p{N}]+/u)) };
  });
  return index;
}

const rank = (spelled, wanted) => (spelled === wanted ? 0 : spelled.startsWith(wanted) ? 1 : spelled.includes(wanted) ? 2 : 9);

/** Return the nodes that bear a name, best first, each with the name that was met. */
function findNames(typed, only = null) {
  const wanted = normal(typed);
  if (!wanted) return [];
  const parts = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return indexed()
    .filter(({ node }) => !only || node.type === only)
    .map(({ node, keys, words: bits }) => {
      let [score, name] = [9, ""];
      for (const [shown, spelled, late] of keys) {
        const found = rank(spelled, wanted) + late;
        if (found < score) [score, name] = [found, shown];
      }
      if (score >= 9 && parts.length > 1 && parts.every((part) => bits.some((bit) => bit.startsWith(part)))) score = 3;
      if (node.type === "project" && node.number === wanted) score = 0;
      return { node, score, name };
    })
    .filter(({ score }) => score < 9)
    .sort((a, b) => a.score - b.score || (b.node.n_projects || 0) - (a.node.n_projects || 0) || a.name.length - b.name.length)
    .slice(0, 12);
}

/** Make a box and a list a combobox as ARIA describes it: arrows, Home, End, Enter, Escape, pointer. */
function combobox(box, list, { only = null, choose, clear = false }) {
  let results = [];
  let chosen = -1;
  const option = (i) => `${list.id}-${i}`;
  const show = (visible) => {
    list.hidden = !visible;
    box.setAttribute("aria-expanded", String(visible));
    list.replaceChildren(...results.map(({ node, name }, i) =>
      el("li", { role: "option", id: option(i), "aria-selected": String(i === chosen), on: { mousedown: (event) => { event.preventDefault(); take(i); } } },
        symbolOf(node.kind), el("bdi", {}, nameOf(node)), el("span", { class: "why" }, name && name !== nameOf(node) ? el("bdi", {}, name) : term("kinds", node.kind)))));
    if (visible && !results.length) list.append(el("li", { role: "option", "aria-disabled": "true", "aria-selected": "false" }, say("found_none")));
    mark();
  };
  const mark = () => {
    [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === chosen && results.length > 0)));
    if (chosen >= 0) {
      box.setAttribute("aria-activedescendant", option(chosen));
      list.children[chosen]?.scrollIntoView({ block: "nearest" });
    } else box.removeAttribute("aria-activedescendant");
  };
  const look = () => {
    results = findNames(box.value, only);
    chosen = results.length ? 0 : -1;
    show(normal(box.value) !== "");
  };
  const take = (i) => {
    const found = results[i];
    if (!found) return;
    if (clear) box.value = "";
    results = [];
    chosen = -1;
    show(false);
    choose(found.node.id);
  };
  box.addEventListener("input", look);
  if (clear) box.addEventListener("focus", look);
  else box.addEventListener("focus", () => box.select());
  box.addEventListener("blur", () => { list.hidden = true; box.setAttribute("aria-expanded", "false"); });
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const moves = { ArrowDown: chosen + 1, ArrowUp: chosen - 1, Home: 0, End: results.length - 1 };
    if (event.key in moves && results.length && !list.hidden) chosen = (moves[event.key] + results.length) % results.length;
    else if (event.key === "ArrowDown" && list.hidden) { look(); return; }
    else if (event.key === "Enter" && chosen >= 0 && !list.hidden) { event.preventDefault(); take(chosen); return; }
    else if (event.key === "Escape" && !list.hidden) { event.stopPropagation(); results = []; chosen = -1; show(false); return; }
    else if (event.key === "Escape") { event.stopPropagation(); box.value = ""; return; }
    else return;
    event.preventDefault();
    mark();
  });
}
