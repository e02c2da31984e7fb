/* What a report does beyond being read: its figures are drawn, its tables are sorted, and their numbers can be taken along.
   All data comes from the tables of the page; whatever stands in them becomes text, never markup. */
"use strict";

const PANEL_LEAST = 260; // pixels: narrower ones stand below each other
const AROUND = 70; // pixels beside a panel, as a first guess
const FITTINGS = 3; // at most, until a figure is as wide as the page
const DRAW_AGAIN = 8; // pixels that the page's width may change by before figures are drawn anew

// The colours that specifications name are those for paper; on the page they follow its style, also when that changes.
const COLOURS = {
  "#1d2126": "ink", "#5b6470": "quiet", "#d9dde2": "rule", "#ffffff": "panel", "#0072b2": "blue", "#d55e00": "vermilion",
  "#009e73": "green", "#b0578f": "purple", "#c48700": "orange", "#3a9bd6": "sky", "#a83d00": "bad", "#006a4e": "good",
  "#0072b3": "heat-low-2", "#9cc9e5": "heat-low-1", "#eef1f4": "heat-none", "#f3b98e": "heat-high-1", "#d55e01": "heat-high-2",
};
const CATEGORIES = ["#0072b2", "#d55e00", "#009e73", "#b0578f", "#c48700", "#3a9bd6"];
const themed = (key, value) => (typeof value === "string" && value in COLOURS ? `var(--${COLOURS[value]})` : value);

function element(name, className, text) {
  const e = document.createElement(name);
  if (className) e.className = className;
  if (text !== undefined) e.textContent = text;
  return e;
}

// --- Tables as data --------------------------------------------------------------

const headsOf = (table) => [...table.tHead.rows[0].cells];

// The number of a cell, exactly; null when it has none.
function numberOf(cell) {
  const text = cell.dataset.v ?? cell.textContent;
  return text.trim() === "" || !Number.isFinite(Number(text)) ? null : Number(text);
}
const isNumber = (cell) => cell.classList.contains("n");
const textOf = (cell) => (cell.querySelector("summary, a") ?? cell).textContent.replace(/^[✓✗?] /, "");

// A row with a link to a page of the site has that, too, as "href".
function valuesOf(table) {
  const ids = headsOf(table).map((th) => th.dataset.id);
  return [...table.tBodies[0].rows].map((row) => {
    const values = [...row.cells].map((cell, i) => [ids[i], isNumber(cell) ? numberOf(cell) : cell.textContent || null]);
    const link = row.querySelector("a[href^='/']");
    return Object.fromEntries(link ? [...values, ["href", link.getAttribute("href")]] : values);
  });
}

const quoted = (text) => (/[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text);

// As the program writes it: an interval takes two columns, a metric has its id beside its name, a picture is none.
function csvOf(table) {
  const rows = [...table.tBodies[0].rows];
  const value = (cell) => cell.dataset.v ?? (textOf(cell) === "\u2013" ? "" : textOf(cell));
  const columns = headsOf(table).flatMap((th, i) => {
    const id = th.dataset.id;
    const any = (test) => rows.some((row) => test(row.cells[i]));
    if (any((cell) => cell.querySelector("svg"))) return [];
    if (any((cell) => cell.dataset.to !== undefined))
      return [[id + "Low", (row) => row.cells[i].dataset.v ?? ""], [id + "High", (row) => row.cells[i].dataset.to ?? ""]];
    const plain = [id, (row) => value(row.cells[i])];
    return any((cell) => cell.dataset.metric) ? [plain, [id + "Id", (row) => row.cells[i].dataset.metric ?? ""]] : [plain];
  });
  const lines = [columns.map(([id]) => id), ...rows.map((row) => columns.map(([, get]) => get(row)))];
  return lines.map((line) => line.map(quoted).join(",") + "\n").join("");
}

// --- Taking along -----------------------------------------------------------------

function offer(name, type, make) {
  const link = element("a");
  link.href = URL.createObjectURL(new Blob([make()], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function addTools(place, tools) {
  const box = place.querySelector(".tools") ?? element("div", "tools");
  for (const [text, label, act] of tools) {
    const button = element("button", "", text);
    button.type = "button";
    button.setAttribute("aria-label", label);
    button.addEventListener("click", act);
    box.append(button);
  }
  place.append(box);
}

// --- Sorting ----------------------------------------------------------------------

// What is not there stands last, whichever way.
function compare(a, b, up) {
  if (a === null || b === null) return (a === null) - (b === null);
  const order = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true });
  return up ? order : -order;
}

function makeSortable(table) {
  const body = table.tBodies[0];
  const original = [...body.rows];
  if (original.length < 2) return;
  headsOf(table).forEach((th, i) => {
    if (th.hidden || !th.textContent.trim() || original.some((row) => row.cells[i].querySelector("svg"))) return;
    const button = element("button");
    button.type = "button";
    button.title = "Sort";
    button.append(...th.childNodes);
    th.append(button);
    button.addEventListener("click", () => {
      const next = { ascending: "descending", descending: null }[th.getAttribute("aria-sort")];
      const order = next === undefined ? "ascending" : next;
      for (const other of headsOf(table)) other.removeAttribute("aria-sort");
      if (order) th.setAttribute("aria-sort", order);
      const key = (row) => (isNumber(row.cells[i]) ? numberOf(row.cells[i]) : textOf(row.cells[i]));
      body.append(...(order ? original.toSorted((a, b) => compare(key(a), key(b), order === "ascending")) : original));
    });
  });
}

// --- Tooltips ---------------------------------------------------------------------

const tip = element("div");
tip.id = "tip";
tip.hidden = true;
tip.setAttribute("aria-hidden", "true"); // the tables say the same

function showTip(handler, event, item, value) {
  tip.hidden = !value;
  if (!value) return;
  tip.replaceChildren(
    ...Object.entries(value).map(([name, text]) => {
      const row = element("div");
      row.append(element("b", "", name), element("span", "", String(text)));
      return row;
    }),
  );
  const box = tip.getBoundingClientRect();
  const x = Math.min(event.clientX + 14, window.innerWidth - box.width - 8);
  const below = event.clientY + 18;
  const y = below + box.height > window.innerHeight ? event.clientY - box.height - 12 : below;
  tip.style.left = Math.max(4, x) + "px";
  tip.style.top = Math.max(4, y) + "px";
}

// --- Figures ----------------------------------------------------------------------

function configFor(width, panel) {
  const text = { labelColor: "#5b6470", titleColor: "#1d2126", labelFontSize: 12, titleFontSize: 12, titleFontWeight: 500 };
  return JSON.parse(
    JSON.stringify({
      aria: false,
      background: null,
      font: getComputedStyle(document.body).fontFamily,
      padding: 2,
      view: { stroke: null },
      axis: {
        ...text, domainColor: "#d9dde2", tickColor: "#d9dde2", gridColor: "#d9dde2", gridOpacity: 0.7, labelOverlap: true,
        labelLimit: width < 500 ? 145 : 240, titleLimit: Math.max(120, width - 60),
      },
      axisXQuantitative: { labelFlush: false, tickCount: Math.max(3, Math.floor(panel / 80)) },
      axisYQuantitative: { titleLimit: 240 },
      legend: { ...text, orient: "top", title: null, symbolStrokeWidth: 2, labelLimit: width - 50, columns: Math.max(1, Math.floor(width / 190)) },
      header: { ...text, labelFontWeight: 600, labelColor: "#1d2126", labelAnchor: "start", labelLimit: width - 10, title: null },
      title: { color: "#1d2126", fontSize: 12, anchor: "start", fontWeight: 600 },
      range: { category: CATEGORIES },
      line: { strokeWidth: 2 },
      rule: { color: "#1d2126" },
      text: { color: "#1d2126", fontSize: 11 },
    }),
    themed,
  );
}

const panelsOf = (spec) => spec.concat ?? spec.vconcat ?? (spec.facet ? [spec.spec] : [spec]);

// Gives the panels of a specification their width. What stands around them - axes, legends - is as wide as its words, and
// `excess` is by how much that was guessed wrong.
function fit(spec, width, excess) {
  const beside = spec.concat || (spec.facet && !spec.facet.row) ? spec.columns ?? 2 : 1;
  const columns = Math.max(1, Math.min(beside, Math.floor(width / PANEL_LEAST)));
  if (beside > 1) spec.columns = columns;
  for (const panel of panelsOf(spec)) panel.width = Math.max(60, Math.floor((width - excess) / columns) - AROUND);
  return spec;
}

class Figure {
  constructor(root) {
    this.root = root;
    this.box = root.querySelector(".picture");
    this.text = root.querySelector("script").textContent;
    this.values = valuesOf(root.querySelector("table"));
    this.view = null;
  }

  async render(excess) {
    const spec = fit(JSON.parse(this.text, themed), this.width, excess);
    spec.data = { name: "table", values: this.values };
    this.view?.finalize();
    this.box.replaceChildren();
    const { spec: parsed } = vegaLite.compile(spec, { config: configFor(this.width, panelsOf(spec)[0].width) });
    this.view = new vega.View(vega.parse(parsed, null, { ast: true }), {
      expr: vegaInterpreter, renderer: "svg", container: this.box, hover: true, tooltip: showTip, logLevel: vega.Error,
    });
    this.view.addEventListener("click", (event, item) => item?.datum?.href && location.assign(item.datum.href));
    await this.view.runAsync();
    return this.box.querySelector("svg");
  }

  async draw() {
    this.width = this.box.clientWidth;
    let svg, excess = 0;
    for (let i = 0; i < FITTINGS; i++) {
      svg = await this.render(excess);
      const left = this.width - svg.viewBox.baseVal.width;
      if (left >= 0 && left <= 4) break;
      excess += 1 - left;
    }
    // Parts of a picture have no words of their own: the sentence is said of the whole, and the table has the numbers.
    for (const part of svg.querySelectorAll("[role]")) for (const name of ["role", "aria-roledescription", "aria-label"]) part.removeAttribute(name);
    svg.removeAttribute("aria-roledescription");
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", this.root.querySelector(".reading").textContent);
    this.root.dataset.drawn = "yes";
  }

  // For other tools: with its data, in the colours of paper.
  standalone() {
    const spec = { $schema: "https://vega.github.io/schema/vega-lite/v6.json", ...JSON.parse(this.text) };
    spec.data = { name: "table", values: this.values };
    return JSON.stringify(spec, null, 1) + "\n";
  }
}

async function drawAll(figures) {
  for (const figure of figures) {
    try {
      await figure.draw();
    } catch (problem) {
      console.error(figure.root.id, problem);
      figure.box.replaceChildren(element("p", "no-picture", "This picture could not be drawn. Its data stands below."));
    }
  }
  document.documentElement.dataset.drawn = "yes";
}

function followWidth(figures) {
  let timer = 0;
  new ResizeObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const changed = figures.filter((f) => f.width && f.box.clientWidth && Math.abs(f.box.clientWidth - f.width) > DRAW_AGAIN);
      if (!window.matchMedia("print").matches && changed.length) drawAll(changed);
    }, 200);
  }).observe(document.getElementById("main"));
}

// --- Contents ---------------------------------------------------------------------

// The entry of the part that is being read is marked.
function followReading() {
  const links = new Map([...document.querySelectorAll("nav[aria-label=Contents] a")].map((a) => [a.hash.slice(1), a]));
  const heads = [...document.querySelectorAll("main h2[id], main h3[id]")].filter((h) => links.has(h.id));
  const mark = () => {
    const above = heads.filter((h) => h.getBoundingClientRect().top < 120);
    const now = above.length ? above[above.length - 1] : heads[0];
    for (const [id, a] of links)
      if (id === now?.id) a.setAttribute("aria-current", "location");
      else a.removeAttribute("aria-current");
  };
  document.addEventListener("scroll", () => requestAnimationFrame(mark), { passive: true });
  mark();
}

// A number stays with its unit.
for (const said of document.querySelectorAll(".verdict, .notice, .reading, .units, main > p"))
  for (const node of said.childNodes)
    if (node.nodeType === Node.TEXT_NODE) node.data = node.data.replace(/(\d) (?=(%|[mµn]?s|MB)(?![\p{L}\d]))/gu, "$1\u00a0");

// Tables and figures get what there is to click; pages that change do so with each new part.
function equip(part) {
  const all = (selector) => [...(part.matches?.(selector) ? [part] : []), ...part.querySelectorAll(selector)];
  for (const section of all("section.table")) {
    const table = section.querySelector("table");
    const title = section.querySelector(".title").firstChild.textContent;
    makeSortable(table);
    addTools(section, [
      ["CSV", `Download ${title} as CSV`, () => offer(section.dataset.file + ".csv", "text/csv", () => csvOf(table))],
    ]);
  }
  for (const root of all("figure")) {
    const title = root.querySelector(".title").firstChild.textContent;
    const table = root.querySelector("table");
    addTools(root, [["Data (CSV)", `Download the data of ${title} as CSV`,
      () => offer(root.dataset.file + ".csv", "text/csv", () => csvOf(table))]]);
  }
}
equip(document);
document.body.append(tip);
followReading();
if (typeof vega !== "undefined") {
  const figures = [...document.querySelectorAll("figure")].filter((f) => f.querySelector(".picture")).map((f) => new Figure(f));
  for (const figure of figures) {
    const title = figure.root.querySelector(".title").firstChild.textContent;
    addTools(figure.root, [["Vega-Lite", `Download the Vega-Lite specification of ${title}`,
      () => offer(figure.root.dataset.file + ".vl.json", "application/json", () => figure.standalone())]]);
  }
  drawAll(figures).then(() => followWidth(figures));
}
