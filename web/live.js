/* Keeps the live page up to date. Whatever comes from nodes becomes text nodes, never markup. */
"use strict";

const EVERY_MS = 1000; // between two questions
const AWAY_MAX_MS = 30000; // at most, while the collector does not answer
const LINES_KEPT = 16; // of each node, as the collector keeps them
const LINES_SHOWN = 200;
const RATE_MS = 10000; // objects/s are of so long
const CHART_S = 30 * 60; // or as long as there is history
const CHART_POINTS = 120; // about
const CHART_EVERY_MS = 15000;
const HAVE_MAX = 500; // nodes whose lines are told to be had; the address would grow too long
const SEVERITIES = ["Debug", "Info", "Notice", "Warning", "Error", "Critical", "Alert", "Emergency"];
const ABSENT = "\u2013";

const byId = (id) => document.getElementById(id);

const seen = new Map(); // by number: { lines, lineCount, marks } of each node
const rows = new Map(); // by number: { row, cells, button }
let started = null; // of the collector that is known
let latest = null; // its last answer
let chosen = null; // the number of the node shown in detail
let chartsAt = 0;
let sort = { key: "number", up: true };

// --- Text ---------------------------------------------------------------------

// Characters that reorder or hide others are shown by their numbers.
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

const visible = (text) =>
  text.replace(INVISIBLE, (c) => `\\u{${c.codePointAt(0).toString(16)}}`);

// A line of the machine format is its name and data; time, severity and node stand beside it. One that is none, or was cut, is
// shown as it is.
function told(text) {
  try {
    const { ns, data } = JSON.parse(text);
    if (typeof ns === "string") return { ns: visible(ns), rest: visible(JSON.stringify(data) ?? "") };
  } catch {
    // shown as it is
  }
  return { ns: "", rest: visible(text) };
}

function element(name, className, text) {
  const e = document.createElement(name);
  if (className) e.className = className;
  if (text !== undefined) e.textContent = text;
  return e;
}

// Only what is different is written, so that selected text stays selected.
function setText(e, text) {
  if (e.textContent !== text) e.textContent = text;
}

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });

const count = (n) => (n === null || n === undefined ? ABSENT : whole.format(n));
const percent = (n) => (n === null ? ABSENT : tenth.format(n) + " %");
const rate = (n) => (n === null ? ABSENT : n < 10 ? tenth.format(n) : whole.format(n));

function bytes(n) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  if (n === null) return ABSENT;
  let i = 0;
  for (; n >= 1024 && i < units.length - 1; i++) n /= 1024;
  return (i === 0 ? whole : tenth).format(n) + " " + units[i];
}

function duration(ms) {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 60) return s + " s";
  if (s < 3600) return Math.floor(s / 60) + " min";
  if (s < 86400) return Math.floor(s / 3600) + " h " + Math.floor((s % 3600) / 60) + " min";
  return Math.floor(s / 86400) + " d " + Math.floor((s % 86400) / 3600) + " h";
}

const ago = (at, now) => (at === null ? "never" : duration(now - at) + " ago");
const clock = (at) => (at === null ? ABSENT : new Date(at).toISOString().slice(11, 23));

// --- What is known of nodes ------------------------------------------------------

const stateOf = (n) => (!n.connected ? "gone" : n.waiting ? "waiting" : "up");
const STATES = { up: "connected", waiting: "waiting", gone: "gone" };
const STATE_ORDER = { gone: 0, waiting: 1, up: 2 };

function take(data) {
  if (data.started !== started) {
    seen.clear();
    started = data.started;
  }
  const present = new Set();
  for (const node of data.nodes) {
    let known = seen.get(node.number);
    if (!known) seen.set(node.number, (known = { lines: [], lineCount: 0, marks: [] }));
    // Some may be known already: not all that is had can be told.
    const fresh = Math.min(node.lines.length, node.line_count - known.lineCount);
    known.lines = known.lines.concat(node.lines.slice(node.lines.length - fresh)).slice(-LINES_KEPT);
    known.lineCount = node.line_count;
    known.marks.push({ at: data.now, objects: node.objects });
    while (known.marks.length > 2 && data.now - known.marks[1].at >= RATE_MS) known.marks.shift();
    node.rate = rateOf(known.marks);
    node.lost = node.lost_here + node.lost_there;
    node.state = STATE_ORDER[stateOf(node)];
    present.add(node.number);
  }
  for (const number of seen.keys()) if (!present.has(number)) seen.delete(number);
  latest = data;
}

function rateOf(marks) {
  const first = marks[0];
  const last = marks[marks.length - 1];
  return last.at > first.at ? ((last.objects - first.objects) * 1000) / (last.at - first.at) : null;
}

function had() {
  if (seen.size > HAVE_MAX) return "";
  return "?have=" + [...seen].map(([number, known]) => number + ":" + known.lineCount).join(",");
}

// --- Totals -------------------------------------------------------------------------

function showTotals(data) {
  const t = data.totals;
  const rates = data.nodes.map((n) => n.rate).filter((r) => r !== null);
  const tiles = [
    ["Nodes connected", `${count(t.connected)} of ${count(t.nodes)}`],
    ["Objects/s", rates.length ? rate(rates.reduce((a, b) => a + b, 0)) : ABSENT],
    ["Lines written", count(t.written_lines)],
    ["Bytes written", bytes(t.written_bytes)],
    ["Lost", `${count(t.lost_here)} here, ${count(t.lost_there)} there`],
    ["Sent again", count(t.repeated)],
    ["Refused connections", count(t.refused_connections)],
    ["History", data.history ? `${bytes(data.history.bytes)}, ${count(data.history.series)} series` : "off"],
    ["Up", duration(data.now - data.started)],
  ];
  fillList(byId("totals"), tiles);
}

// A <dl> of [term, text], written in place while the terms stay.
function fillList(list, pairs) {
  const same =
    list.children.length === pairs.length &&
    pairs.every(([term], i) => list.children[i].firstElementChild.textContent === term);
  if (!same)
    list.replaceChildren(
      ...pairs.map(([term]) => {
        const pair = element("div");
        pair.append(element("dt", "", term), element("dd"));
        return pair;
      }),
    );
  pairs.forEach(([, text], i) => setText(list.children[i].lastElementChild, text));
}

// --- The table ------------------------------------------------------------------------

function makeSortable() {
  for (const th of document.querySelectorAll("th[data-sort]")) {
    const button = element("button");
    button.type = "button";
    button.append(...th.childNodes);
    if (th.dataset.live) button.textContent = th.dataset.live;
    th.append(button);
    button.addEventListener("click", () => {
      const key = th.dataset.sort;
      sort = { key, up: sort.key === key ? !sort.up : key === "name" || key === "state" };
      for (const other of document.querySelectorAll("th[data-sort]")) other.removeAttribute("aria-sort");
      th.setAttribute("aria-sort", sort.up ? "ascending" : "descending");
      showNodes(latest);
    });
  }
}

function compare(a, b) {
  const x = a[sort.key];
  const y = b[sort.key];
  if (x === y) return a.number - b.number;
  if (x === null || y === null) return x === null ? 1 : -1; // what is not known stands last
  const order = typeof x === "string" ? x.localeCompare(y, "en", { numeric: true }) : x - y;
  return sort.up ? order : -order;
}

function makeRow(node) {
  const row = element("tr");
  const head = element("th");
  head.scope = "row";
  const button = element("button");
  button.type = "button";
  button.append(element("bdi"));
  button.addEventListener("click", () => choose(node.number));
  head.append(button);
  row.append(head);
  const cells = {};
  for (const key of ["state", "height", "slot", "cpu", "memory", "peers", "rate", "lost"])
    row.append((cells[key] = element("td", key === "state" ? "" : "number")));
  cells.last = element("td", "last");
  cells.last.append(element("bdi"));
  row.append(cells.last);
  return { row, cells, name: button.firstChild, last: cells.last.firstChild };
}

function fillRow(r, node) {
  const lines = seen.get(node.number).lines;
  const state = stateOf(node);
  r.row.className = state + (node.number === chosen ? " chosen" : "");
  setText(r.name, visible(node.name));
  r.name.title = visible(node.name);
  setText(r.cells.state, STATES[state]);
  setText(r.cells.height, count(node.height));
  setText(r.cells.slot, count(node.slot));
  setText(r.cells.cpu, percent(node.cpu_percent));
  setText(r.cells.memory, bytes(node.memory));
  setText(r.cells.peers, count(node.peers));
  setText(r.cells.rate, rate(node.rate));
  setText(r.cells.lost, `${count(node.lost_here)} / ${count(node.lost_there)}`);
  r.cells.lost.className = node.lost > 0 ? "number lost" : "number";
  setText(r.last, lastOf(node, lines));
}

function lastOf(node, lines) {
  if (!node.connected)
    return "gone " + ago(node.disconnected_at, latest.now) + (node.why_gone ? ": " + visible(node.why_gone) : "");
  if (!lines.length) return "";
  const { ns, rest } = told(lines[lines.length - 1].text);
  return (ns + " " + rest).trim();
}

function showNodes(data) {
  const sorted = [...data.nodes].sort(compare);
  const body = byId("nodes");
  const present = new Set(data.nodes.map((n) => n.number));
  for (const [number, r] of rows)
    if (!present.has(number)) {
      r.row.remove();
      rows.delete(number);
    }
  sorted.forEach((node, i) => {
    let r = rows.get(node.number);
    if (!r) rows.set(node.number, (r = makeRow(node)));
    fillRow(r, node);
    // A row that stands right is not moved: it would lose the focus.
    if (body.children[i] !== r.row) body.insertBefore(r.row, body.children[i] ?? null);
  });
  while (body.children.length > sorted.length) body.lastElementChild.remove();
  byId("empty").hidden = sorted.length > 0;
}

// --- One node ---------------------------------------------------------------------------

function choose(number) {
  chosen = chosen === number ? null : number;
  chartsAt = 0;
  byId("charts").replaceChildren();
  show();
  if (chosen !== null) byId("detail-title").focus();
}

function showDetail(data) {
  const node = data.nodes.find((n) => n.number === chosen);
  byId("detail").hidden = !node;
  if (!node) return;
  setText(byId("detail-title"), visible(node.name));
  fillList(byId("facts"), [
    ["State", STATES[stateOf(node)] + (node.connected ? ", since " + duration(data.now - node.connected_at) : "")],
    ["Last object", ago(node.last_object_at, data.now)],
    ...(node.connected ? [] : [["Why it went", visible(node.why_gone) || ABSENT]]),
    ["Version", visible(node.version ?? ABSENT)],
    ["Protocol", visible(node.protocol ?? ABSENT)],
    ["Commit", visible(node.commit ?? ABSENT)],
    ["Address", visible(node.id)],
    ["Epoch", count(node.epoch)],
    ["Objects", count(node.objects)],
    ["Lines written", `${count(node.written_lines)} (${bytes(node.written_bytes)})`],
    ["Sent again, not written twice", count(node.repeated)],
    ["Lost here", count(node.lost_here)],
    ["Lost there", count(node.lost_there)],
    ["Connections so far", count(node.connections)],
    ["By severity", node.by_severity.map((n, i) => (n ? `${SEVERITIES[i]} ${count(n)}` : "")).filter(Boolean).join(", ") || ABSENT],
  ]);
  if (data.history && Date.now() - chartsAt >= CHART_EVERY_MS) {
    chartsAt = Date.now();
    drawCharts(node, chartTime(data));
  }
}

// --- Charts -----------------------------------------------------------------------------

// In seconds. A history that has only begun is shown from its beginning.
function chartTime(data) {
  const end = Math.floor(data.now / 1000);
  const oldest = data.history.oldest === null ? end : Math.floor(data.history.oldest / 1000);
  const length = Math.min(CHART_S, Math.max(end - oldest, 10));
  return { start: end - length, end, length, step: Math.max(1, Math.round(length / CHART_POINTS)) };
}

async function drawCharts(node, time) {
  const charts = [
    ["Height", node.series.height, (q) => q, count],
    ["CPU", node.series.cpu_ticks, (q) => `rate(${q}[1m])`, percent],
    ["Memory", node.series.memory, (q) => q, bytes],
  ].filter(([, name]) => name);
  const figures = await Promise.all(
    charts.map(async ([title, name, query, format]) => {
      const selector = `${name}{node_name=${JSON.stringify(node.name)}}`;
      return figure(title, await range(query(selector), time), time, format);
    }),
  );
  if (node.number === chosen) byId("charts").replaceChildren(...figures);
}

// Points [seconds since the start, value]; none when it cannot be asked.
async function range(query, { start, end, step }) {
  const args = new URLSearchParams({ query, start, end, step });
  try {
    const answer = await (await fetch("api/v1/query_range?" + args)).json();
    return answer.data.result[0].values.map(([at, value]) => [at - start, Number(value)]);
  } catch {
    return [];
  }
}

function figure(title, points, time, format) {
  const values = points.map((p) => p[1]);
  const low = Math.min(...values);
  const high = Math.max(...values);
  const now = points.length ? format(values[values.length - 1]) : "nothing yet";
  const said = points.length ? `${format(low)} to ${format(high)}` : "";
  const f = element("figure");
  const caption = element("figcaption");
  const last = `${title}, last ${duration(time.length * 1000)}`;
  caption.append(element("span", "", said ? `${last}: ${said}` : last), element("b", "", now));
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `0 0 ${time.length} 100`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", `${title}: ${said}, now ${now}`);
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", curve(points, low, high, 1.5 * time.step));
  svg.append(path);
  f.append(caption, svg);
  return f;
}

// Where points are missing the line is broken; one that stands alone is a dot.
function curve(points, low, high, gap) {
  // What hardly moves shall look so.
  const span = Math.max(high - low, Math.abs(high) / 1000) || 1;
  let before = -Infinity;
  return points
    .map(([at, value]) => {
      const y = (95 - ((value - low) / span) * 90).toFixed(1);
      const piece = at - before > gap ? `M${at} ${y}h0` : `L${at} ${y}`;
      before = at;
      return piece;
    })
    .join("");
}

// --- Lines -----------------------------------------------------------------------------

function makeFilter() {
  const form = byId("filter");
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => latest && showLines(latest, true));
  byId("lines-section").hidden = false;
}

function fillNodeChoice(data) {
  const select = byId("only");
  const names = data.nodes.map((n) => [String(n.number), visible(n.name)]);
  const same =
    select.options.length === names.length + 1 &&
    names.every(([value, name], i) => select.options[i + 1].value === value && select.options[i + 1].text === name);
  if (same) return;
  const value = select.value;
  while (select.options.length > 1) select.remove(1);
  for (const [number, name] of names) select.add(new Option(name, number));
  select.value = names.some(([number]) => number === value) ? value : "";
}

function showLines(data, asked) {
  fillNodeChoice(data);
  if (byId("pause").checked && !asked) return;
  const least = Number(byId("severity").value);
  const only = byId("only").value;
  const wanted = byId("search").value.toLowerCase();
  let all = 0;
  const found = [];
  for (const node of data.nodes) {
    if (only && String(node.number) !== only) continue;
    for (const line of seen.get(node.number).lines) {
      all++;
      if (line.severity >= least && (!wanted || line.text.toLowerCase().includes(wanted)))
        found.push({ node, line });
    }
  }
  found.sort((a, b) => b.line.at - a.line.at);
  const shown = found.slice(0, LINES_SHOWN);
  setText(byId("shown"), `${count(shown.length)} of ${count(all)} lines`);
  const key = shown.map(({ node, line }) => `${node.number} ${line.at} ${line.text}`).join("\n");
  const list = byId("lines");
  if (list.shownKey === key) return;
  list.shownKey = key;
  list.replaceChildren(...shown.map(({ node, line }) => makeLine(node, line)));
}

function makeLine(node, line) {
  const item = element("li", "sev-" + line.severity);
  const time = element("time", "", clock(line.at));
  const text = element("span", "text");
  const { ns, rest } = told(line.text);
  text.append(element("b", "", ns), ns && rest ? " " + rest : rest);
  time.dateTime = line.at === null ? "" : new Date(line.at).toISOString();
  item.append(
    time,
    element("span", "sev", SEVERITIES[line.severity] ?? "?"),
    element("span", "node", visible(node.name)),
    text,
  );
  return item;
}

// --- Asking ------------------------------------------------------------------------------

function show() {
  if (!latest) return;
  showTotals(latest);
  showNodes(latest);
  showDetail(latest);
  showLines(latest, false);
}

function say(text, away) {
  const state = byId("state");
  setText(state, text);
  state.className = away ? "away" : "";
}

async function ask() {
  const answer = await fetch("live.json" + had(), { cache: "no-store" });
  if (!answer.ok) throw new Error("status " + answer.status);
  return answer.json();
}

async function run() {
  let pause = EVERY_MS;
  let answeredAt = Date.now();
  for (;;) {
    try {
      take(await ask());
      show();
      answeredAt = Date.now();
      pause = EVERY_MS;
      say("Up to date.", false);
    } catch (problem) {
      pause = Math.min(pause * 2, AWAY_MAX_MS);
      say(
        `The collector has not answered for ${duration(Date.now() - answeredAt)}; what is shown is old. Asking again in ${duration(pause)}.`,
        true,
      );
      console.debug(problem);
    }
    await new Promise((resolve) => setTimeout(resolve, document.hidden ? 5 * pause : pause));
  }
}

makeSortable();
makeFilter();
byId("close").addEventListener("click", () => {
  const r = rows.get(chosen);
  choose(chosen);
  if (r) r.name.parentElement.focus();
});
run();
