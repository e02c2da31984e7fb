// page.js SITE PICTURES: pages of the built site in Chromium, opened as files. Prints TAP; pictures go to PICTURES.
import assert from "node:assert/strict";
import { axeIsThere, check, contrastOf, end, launch, spilt, violationsOf } from "./browser.js";

const [site, pictures] = process.argv.slice(2);
const wrong = []; // what pages complained of, and whatever they asked the network for
const browser = await launch();

async function open(name, { heard = true, ...options } = {}) {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })).newPage();
  const tell = (what) => heard && wrong.push(`${name}: ${what}`);
  page.on("pageerror", (e) => tell(`exception: ${e.message}`));
  page.on("console", (m) => ["error", "warning"].includes(m.type()) && tell(`console: ${m.text()}`));
  page.on("request", (r) => /^(file|data):/.test(r.url()) || tell(`request: ${r.url()}`));
  await page.goto(`file://${site}/${name}.html`);
  return page;
}

const names = ["index", "docs/index", "docs/explanation/statistics", "docs/formats/profile", "docs/reference/man/ouroscope-serve.1"];
const phone = { viewport: { width: 390, height: 800 } };
const picture = (page, name) => page.screenshot({ path: `${pictures}/${name}.png` });

try {
  for (const name of names)
    for (const colorScheme of ["light", "dark"])
      await check(`${name}, ${colorScheme}: it is read on a desk and on a phone`, async () => {
        for (const [place, options] of [["desk", {}], ["phone", phone]]) {
          const page = await open(name, { colorScheme, ...options });
          await picture(page, `${name.replaceAll("/", "-")}-${colorScheme}-${place}`);
          assert.deepEqual(await spilt(page), []);
          const least = await contrastOf(page);
          assert.ok(least.least >= 4.5, JSON.stringify(least));
          await page.close();
        }
      });

  await check("the navigation has the doors of the map, and shows where one is", async () => {
    const page = await open("docs/explanation/statistics");
    const titles = await page.locator("nav summary").allTextContents();
    for (const title of ["Set-up guides", "Configuration", "Protocols", "Reference"]) assert.ok(titles.includes(title), titles.join());
    assert.match(await page.locator("nav [aria-current=page]").textContent(), /Statistics/);
    assert.equal(await page.locator("nav details:not(.pages)[open] > summary").first().textContent(), "To understand");
  });

  await check("on a phone the navigation is folded away", async () => {
    const page = await open("index", phone);
    assert.equal(await page.locator("nav details.pages").evaluate((d) => d.open), false);
  });

  await check("the search finds a page from the disk, and leads there", async () => {
    const page = await open("index");
    await page.fill("#search", "hodges-lehmann");
    await page.waitForSelector("#found li a");
    assert.match(await page.locator("#found").textContent(), /Two versions/);
    await picture(page, "search");
    await page.press("#search", "Enter");
    await page.waitForURL(/\.html/);
    assert.match(await page.locator("article").textContent(), /Hodges-Lehmann/i);
    await page.fill("#search", "no such words anywhere");
    await page.waitForSelector("#found h1");
    assert.equal(await page.locator("#found h1").textContent(), "Nothing found");
    await page.fill("#search", "");
    assert.ok(await page.locator("article").isVisible());
  });

  await check("without scripts everything is read", async () => {
    const page = await open("docs/index", { javaScriptEnabled: false });
    assert.ok(await page.locator("article h1").isVisible());
    assert.equal(await page.locator("#search").isVisible(), false);
    assert.ok(await page.locator("nav a").first().isVisible());
  });

  if (axeIsThere())
    await check("axe-core finds nothing to mend", async () => {
      for (const name of names) {
        const page = await open(name, { heard: false }); // it fetches style sheets, which files may not
        assert.deepEqual(await violationsOf(page), [], name);
        await page.close();
      }
    });

  await check("no page complained, and none asked anybody", async () => assert.deepEqual(wrong, []));
} finally {
  await browser.close();
  end();
}
