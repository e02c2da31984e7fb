// images.js URL OUT: a picture of the collector's live page for the documentation, into OUT; there is a cluster to be seen.
import { launch } from "./browser.js";

const [url, out] = process.argv.slice(2);
const browser = await launch("127.0.0.1");
const page = await (await browser.newContext({ viewport: { width: 1280, height: 760 } })).newPage();
await page.goto(url);
await page.locator("#nodes tr", { hasText: "node-5" }).waitFor();
await page.waitForTimeout(12000); // until there is something to draw
await page.screenshot({ path: `${out}/live-page.png` });
await browser.close();
