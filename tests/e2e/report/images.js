// images.js FOLDER OUT: pictures of report pages for the documentation, of FOLDER/comparison.html into OUT.
import { chromium } from "playwright-core";

const [folder, out] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });

async function open(name, width, colorScheme) {
  const page = await (await browser.newContext({ viewport: { width, height: 1000 }, colorScheme })).newPage();
  await page.goto(`file://${folder}/${name}.html`);
  await page.waitForFunction(() => document.documentElement.dataset.drawn === "yes");
  return page;
}

const comparison = await open("comparison", 1280, "light");
await comparison.screenshot({ path: out + "/report-comparison.png" });
const figures = await open("comparison", 1280, "dark");
await figures.locator("#figure-cdf-endtoend-cdf0-50").screenshot({ path: out + "/report-figure-dark.png" });
const phone = await open("comparison", 390, "light");
await phone.locator("#figure-changes-slow-5").screenshot({ path: out + "/report-phone.png" });
await browser.close();
