// images.js URL OUT: pictures of the server's pages for the documentation, into OUT.
import { launch } from "./browser.js";

const [url, out] = process.argv.slice(2);
const browser = await launch("127.0.0.1");

async function picture(path, name, options, part) {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options })).newPage();
  await page.goto(url + path);
  await page.waitForFunction(() => !document.querySelector("figure .picture") || document.documentElement.dataset.drawn === "yes");
  await (part ? page.locator(part).first() : page).screenshot({ path: `${out}/results-${name}.png` });
  await page.context().close();
}

await picture("/", "overview", {});
await picture("/history?project=published&metric=machperf/CentiCpu", "history", { colorScheme: "dark" }, "figure");
await picture("/", "phone", { viewport: { width: 390, height: 800 } });
await browser.close();
