// The pages can be read without this. It folds the navigation on a phone, and searches.
const base = document.documentElement.dataset.base || ".";
const pages = document.querySelector("nav details.pages");
const form = document.querySelector("form[role=search]");
const field = document.getElementById("search");
const found = document.getElementById("found");
const article = document.querySelector("article");
const MOST = 30;

if (matchMedia("(max-width: 60rem)").matches) pages.open = false;
document.querySelector("nav [aria-current]")?.scrollIntoView({ block: "center" });
scrollTo(0, location.hash ? scrollY : 0);
form.hidden = false;

// The index is a script, so that it is found from a disk, too.
let loading;
function index() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = base + "/search/index.js";
    script.onload = () => resolve(globalThis.searchIndex.map((d) => ({ ...d, low: d.text.toLowerCase(), head: d.title.toLowerCase() })));
    script.onerror = reject;
    document.head.append(script);
  });
  return loading;
}

// All words must be there; a word in the title is worth more than many in the text, and in a short text more than in a long one.
function weigh(doc, words) {
  let weight = 0;
  for (const word of words) {
    const inHead = doc.head.includes(word);
    const count = doc.low.split(word).length - 1;
    if (!inHead && count === 0) return 0;
    weight += (inHead ? 20 : 0) + (doc.head === word ? 20 : 0) + (100 * count) / (doc.text.length + 500);
  }
  return weight;
}

function excerpt(doc, words) {
  const at = Math.max(0, Math.min(...words.map((w) => doc.low.indexOf(w)).filter((i) => i >= 0), doc.text.length) - 60);
  return (at > 0 ? "… " : "") + doc.text.slice(at, at + 180).trim() + (doc.text.length > at + 180 ? " …" : "");
}

function element(name, text, properties = {}) {
  const e = Object.assign(document.createElement(name), properties);
  e.textContent = text;
  return e;
}

async function search() {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  found.hidden = words.length === 0;
  article.hidden = words.length > 0;
  if (words.length === 0) return;
  const docs = await index();
  const hits = docs.map((doc) => [weigh(doc, words), doc]).filter(([w]) => w > 0).sort((a, b) => b[0] - a[0]).map(([, doc]) => doc);
  const list = document.createElement("ol");
  for (const doc of hits.slice(0, MOST)) {
    const item = document.createElement("li");
    item.append(element("a", doc.title, { href: base + "/" + doc.location }), element("p", excerpt(doc, words)));
    list.append(item);
  }
  const count = hits.length > MOST ? `${hits.length} places, the best ${MOST}` : hits.length === 1 ? "One place" : `${hits.length} places`;
  found.replaceChildren(element("h1", hits.length ? count : "Nothing found"), list);
}
field.addEventListener("input", search);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  found.querySelector("a")?.click();
});
found.addEventListener("click", (event) => {
  if (event.target.closest("a")) {
    field.value = "";
    search();
  }
});
