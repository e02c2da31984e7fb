// report-figures.js CHARTS PAGE FOLDER FIGURE...: figures of a report as SVG files, FOLDER/FIGURE.svg.
//
// CHARTS is the script that fetch-charts.sh names, PAGE an HTML report. The specification and the data of a figure stand in
// the page; they are drawn by the same libraries as in a browser, without one.
const fs = require("fs");
const vm = require("vm");

const WIDTH = 560;
const [chartsFile, pageFile, folder, ...wanted] = process.argv.slice(2);
const page = fs.readFileSync(pageFile, "utf8");

// Without require and module the libraries make themselves global, as in a page.
const world = vm.createContext({ console, setTimeout, clearTimeout, setInterval, clearInterval, structuredClone, URL });
world.self = world;
vm.runInContext(fs.readFileSync(chartsFile, "utf8"), world);

const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'" };
const textOf = (html) => html.replace(/<[^>]*>/g, "").replace(/&(amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity]);

// The rows of the figure's own table: numbers are in data-v, in full.
function valuesOf(html) {
  const ids = [...html.matchAll(/<th[^>]* data-id="([^"]*)"/g)].map((match) => match[1]);
  const body = html.slice(html.indexOf("<tbody"), html.indexOf("</tbody>"));
  return [...body.matchAll(/<tr[^>]*>(.*?)<\/tr>/gs)].map(([, row]) => {
    const cells = [...row.matchAll(/<(t[dh])([^>]*)>(.*?)<\/\1>/gs)].map(([, , attributes, content]) => {
      const number = attributes.match(/ data-v="([^"]*)"/);
      const text = textOf(content);
      return number ? Number(number[1]) : text === "" || text === "\u2013" ? null : text;
    });
    return Object.fromEntries(cells.map((value, i) => [ids[i], value]));
  });
}

async function draw(id) {
  const html = page.match(new RegExp(`<figure id="figure-${id}".*?</figure>`, "s"))?.[0];
  if (!html) throw new Error(`${pageFile} has no figure ${id}`);
  const spec = JSON.parse(html.match(/<script type="application\/json">(.*?)<\/script>/s)[1]);
  spec.width = WIDTH;
  spec.data = { name: "table", values: valuesOf(html) };
  world.spec = JSON.stringify(spec);
  const svg = await vm.runInContext(`(async () => {
    const { spec: parsed } = vegaLite.compile(JSON.parse(spec), { config: { background: "white", font: "sans-serif" } });
    return new vega.View(vega.parse(parsed, null, { ast: true }), { expr: vegaInterpreter, renderer: "none" }).toSVG();
  })()`, world);
  fs.writeFileSync(`${folder}/${id}.svg`, svg + "\n");
}

(async () => {
  for (const id of wanted) await draw(id);
})().catch((problem) => {
  console.error(`report-figures: ${problem.message}`);
  process.exit(1);
});
