// page.js FOLDER: report pages in Chromium: FOLDER/{plain,hostile,large,run,sweep}.html. Prints TAP; pictures go to FOLDER.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { axeIsThere, check, contrastOf, end, launch, spilt, violationsOf } from "./browser.js";

const folder = process.argv[2];
const wrong = []; // what pages complained of, and whatever they asked the network for

const browser = await launch();

async function open(name, options) {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })).newPage();
  page.setDefaultTimeout(60000);
  page.on("pageerror", (e) => wrong.push(`${name}: exception: ${e.message}`));
  page.on("console", (m) => ["error", "warning"].includes(m.type()) && wrong.push(`${name}: console: ${m.text()}`));
  page.on("request", (r) => /^(file|data|blob):/.test(r.url()) || wrong.push(`${name}: request: ${r.url()}`));
  await page.goto(`file://${folder}/${name}.html`);
  if (options?.javaScriptEnabled !== false)
    await page.waitForFunction(() => document.documentElement.dataset.drawn === "yes");
  return page;
}

const figures = (page) => page.locator("figure");
const figure = (page, id) => page.locator("#figure-" + id);
const marks = (page, id, kind) => figure(page, id).locator(`svg .mark-${kind} > path`).count();
const rowsOf = (page, id, test) => figure(page, id).locator("tbody tr").filter({ hasText: test ?? "" }).count();

async function download(page, act) {
  const [file] = await Promise.all([page.waitForEvent("download"), act()]);
  return { name: file.suggestedFilename(), text: readFileSync(await file.path(), "utf8") };
}

// Labels of one axis that lie on each other. Rotated ones have boxes that do; they are left out.
const overlapping = (page) =>
  page.evaluate(() => {
    const found = [];
    for (const axis of document.querySelectorAll("figure svg .role-axis-label")) {
      const texts = [...axis.querySelectorAll("text")].filter((t) => t.textContent && Number(getComputedStyle(t).opacity) > 0 && !/rotate/.test(t.getAttribute("transform") ?? ""));
      const boxes = texts.map((t) => t.getBoundingClientRect());
      for (let i = 1; i < boxes.length; i++)
        for (let k = 0; k < i; k++) {
          const [a, b] = [boxes[i], boxes[k]];
          if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 2 && b.top < a.bottom - 2)
            found.push(`${axis.closest("figure").id}: ${texts[k].textContent} and ${texts[i].textContent}`);
        }
    }
    return found;
  });

try {
  const page = await open("plain");

  await check("every figure is drawn", async () => {
    assert.equal(await figures(page).count(), 11);
    for (const f of await figures(page).all()) {
      assert.equal(await f.getAttribute("data-drawn"), "yes");
      assert.ok((await f.locator("svg [class*=mark-] > path").count()) > 0, await f.getAttribute("id"));
    }
  });
  await check("what is drawn is what the tables say", async () => {
    assert.equal(await marks(page, "changes-10-7-1", "symbol"), (await rowsOf(page, "changes-10-7-1")) + 7); // of the legend
    assert.equal(await marks(page, "shares", "rect"), await rowsOf(page, "shares"));
    assert.equal(await marks(page, "hosts", "rect"), (await rowsOf(page, "hosts")) + 5); // of the legend
    assert.equal(await marks(page, "history-machperf-centicpu", "symbol"), 24);
    assert.equal(await marks(page, "phases", "rect"), await rowsOf(page, "phases"));
  });
  await check("each figure has title, units with n, a sentence, and a picture that says it", async () => {
    for (const f of await figures(page).all()) {
      const reading = await f.locator(".reading").textContent();
      assert.match(reading, /\d.*\.$/);
      assert.match(await f.locator(".units").textContent(), /n = \d/);
      assert.equal(await f.locator("svg").first().getAttribute("role"), "img");
      assert.equal(await f.locator("svg").first().getAttribute("aria-label"), reading);
    }
  });
  await check("nothing is cut off or lies on each other at 1280 pixels", async () => {
    assert.deepEqual(await spilt(page), []);
    assert.deepEqual(await overlapping(page), []);
  });
  await page.screenshot({ path: folder + "/light.png", fullPage: true });

  await check("a point tells its numbers", async () => {
    await figure(page, "changes-10-7-1").scrollIntoViewIfNeeded();
    await figure(page, "changes-10-7-1").locator("svg .mark-symbol.role-mark > path").first().hover({ force: true });
    await page.locator("#tip:not([hidden])").waitFor();
    assert.match(await page.locator("#tip").textContent(), /^metric.+verdict.+change, %/);
    await page.mouse.move(5, 5);
    await page.locator("#tip").waitFor({ state: "hidden" });
  });
  await check("the data of a figure is at hand as CSV", async () => {
    const { name, text } = await download(page, () => figure(page, "arrival").getByRole("button", { name: /as CSV$/ }).click());
    assert.equal(name, "arrival.csv");
    const lines = text.trimEnd().split("\n");
    assert.equal(lines[0], "share,p05,p50,p95,bound");
    assert.equal(lines.length, 101);
    assert.equal(lines[100].split(",")[0], "1");
  });
  await check("a figure can be taken to other tools", async () => {
    const { name, text } = await download(page, () => figure(page, "arrival").getByRole("button", { name: /specification/ }).click());
    assert.equal(name, "arrival.vl.json");
    const spec = JSON.parse(text);
    assert.match(spec.$schema, /vega-lite\/v6\.json$/);
    assert.equal(spec.data.values.length, 100);
    assert.doesNotMatch(text, /var\(/);
  });
  await check("a table is at hand as CSV with whole numbers", async () => {
    const { name, text } = await download(page, () => page.locator("#table-verdicts").getByRole("button", { name: /as CSV$/ }).click());
    assert.equal(name, "verdicts.csv");
    const lines = text.trimEnd().split("\n");
    assert.equal(lines[0], "metric,metricId,base,change,intervalLow,intervalHigh,verdict");
    assert.match(lines[1], /^forge loop start,forger\/cdfForgerStart,0\.\d{10,},-?[\d.]+,-?[\d.]+,[\d.]+,inconclusive$/);
    assert.equal(lines[6].split(",")[5], "unbounded");
  });

  await check("verdicts and numbers stand in one line, and headings stay above them", async () => {
    const lines = await page.locator("#table-verdicts tbody td").evaluateAll((cells) => cells.filter((c) => c.checkVisibility()).map((c) => {
      const range = document.createRange();
      range.selectNodeContents(c.querySelector("summary") ?? c);
      return new Set([...range.getClientRects()].filter((r) => r.width > 0).map((r) => Math.round(r.bottom / 8))).size;
    }));
    assert.ok(lines.length > 14 && lines.every((n) => n <= 2), lines.join());
    const moved = await page.locator("#table-verdicts .wide").evaluate((box) => {
      box.style.maxHeight = "150px";
      box.scrollTop = 100;
      const apart = box.querySelector("thead th").getBoundingClientRect().top - box.getBoundingClientRect().top;
      box.style.maxHeight = "";
      return [box.scrollTop >= 0, apart];
    });
    assert.ok(Math.abs(moved[1]) <= 2, String(moved));
  });

  const column = (i) => page.locator("#table-verdicts tbody tr").evaluateAll((rows, n) => rows.map((r) => Number(r.cells[n].dataset.v)), i);
  await check("a heading sorts by number, back, and as it was", async () => {
    const before = await column(1);
    const button = page.locator("#table-verdicts th[data-id=base] button");
    await button.focus();
    await page.keyboard.press("Enter");
    assert.deepEqual(await column(1), before.toSorted((a, b) => a - b));
    assert.equal(await page.locator("#table-verdicts th[data-id=base]").getAttribute("aria-sort"), "ascending");
    await page.keyboard.press("Enter");
    assert.deepEqual(await column(1), before.toSorted((a, b) => b - a));
    await page.keyboard.press("Enter");
    assert.deepEqual(await column(1), before);
    assert.equal(await page.locator("#table-verdicts th[aria-sort]").count(), 0);
  });
  await check("the keyboard comes first to the link that skips, and goes everywhere", async () => {
    await page.reload();
    await page.waitForFunction(() => document.documentElement.dataset.drawn === "yes");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "main");
    const seen = new Set();
    for (let i = 0; i < 400; i++) {
      await page.keyboard.press("Tab");
      seen.add(await page.evaluate(() => {
        const e = document.activeElement;
        return e.tagName + (e.closest("figure")?.id ?? "");
      }));
    }
    for (const id of ["figure-changes-10-7-1", "figure-arrival"])
      for (const tag of ["SUMMARY", "BUTTON", "A"]) assert.ok(seen.has(tag + id), tag + id);
  });
  await check("the keyboard opens the data of a figure", async () => {
    await figure(page, "arrival").locator("summary").focus();
    await page.keyboard.press("Enter");
    await figure(page, "arrival").locator("td").first().waitFor({ state: "visible" });
    await page.keyboard.press("Enter");
  });
  await check("metrics are linked with what they mean", async () => {
    await page.locator("#table-verdicts a", { hasText: "50 % adoption" }).click();
    assert.match(page.url(), /#metric-endtoend-cdf0-50$/);
    assert.equal(await page.locator(":target").textContent(), "50 % adoption");
    assert.deepEqual(await page.evaluate(() =>
      [...document.querySelectorAll("a[href^='#']")].filter((a) => !document.getElementById(a.hash.slice(1))).map((a) => a.hash)), []);
  });
  await check("no two elements have the same name", async () => {
    const ids = await page.evaluate(() => [...document.querySelectorAll("[id]")].map((e) => e.id));
    assert.equal(new Set(ids).size, ids.length);
  });
  await check("landmarks and headings are there, in order", async () => {
    for (const role of ["banner", "navigation", "main", "contentinfo"]) assert.equal(await page.getByRole(role).count(), 1, role);
    const levels = await page.evaluate(() => [...document.querySelectorAll("h1,h2,h3")].map((h) => Number(h.tagName[1])));
    assert.ok(levels.every((l, i) => i === 0 ? l === 1 : l <= levels[i - 1] + 1), levels);
  });

  const dark = await open("plain", { colorScheme: "dark" });
  await check("it is dark where that is wanted, figures too, and all text can be read", async () => {
    for (const p of [page, dark]) {
      const contrast = await contrastOf(p);
      assert.ok(contrast.least >= 4.5, JSON.stringify(contrast));
    }
    assert.match(await dark.evaluate(() => getComputedStyle(document.body).backgroundColor), /^rgb\((\d|[12]\d), /);
  });
  await dark.screenshot({ path: folder + "/dark.png", fullPage: true });
  await check("on paper it is light, figures fit, and nothing to click is left", async () => {
    await dark.emulateMedia({ media: "print" });
    assert.equal(await dark.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(255, 255, 255)");
    const contrast = await contrastOf(dark);
    assert.ok(contrast.least >= 4.5, JSON.stringify(contrast));
    for (const what of ["nav", ".tools", ".skip", ".data"]) assert.equal(await dark.locator(what).first().isVisible(), false, what);
    await dark.setViewportSize({ width: 700, height: 990 });
    assert.deepEqual((await spilt(dark)).filter((s) => s.startsWith("figure ")), []);
    const pdf = await dark.pdf({ format: "A4" });
    assert.equal(pdf.subarray(0, 5).toString(), "%PDF-");
    assert.ok(pdf.length > 50000);
  });

  const phone = await open("plain", { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true });
  await check("on a phone nothing is cut off, and the page does not move sideways", async () => {
    assert.deepEqual(await spilt(phone), []);
    assert.deepEqual(await overlapping(phone), []);
    const least = await phone.evaluate(() => Math.min(...[...document.querySelectorAll("figure svg text")].map((t) => parseFloat(getComputedStyle(t).fontSize) * t.ownerSVGElement.getBoundingClientRect().width / t.ownerSVGElement.viewBox.baseVal.width)));
    assert.ok(least >= 10, `letters of ${least} pixels`);
  });
  await phone.screenshot({ path: folder + "/phone.png", fullPage: true });
  await check("figures follow the width of the window", async () => {
    await phone.setViewportSize({ width: 844, height: 390 });
    await phone.waitForFunction(() => [...document.querySelectorAll("figure .picture")].every((b) => Math.abs(b.clientWidth - b.querySelector("svg").getBoundingClientRect().width) < 12));
    assert.deepEqual(await spilt(phone), []);
  });

  const hostile = await open("hostile");
  await check("hostile names are text, in tables, figures, tooltips and files", async () => {
    assert.equal(await hostile.title(), "</title><script>owned()</script>");
    assert.equal(await hostile.locator("#owned, main img, [onload], [onerror]").count(), 0);
    assert.equal(await hostile.locator("figure[data-drawn=yes]").count(), 11);
    assert.ok((await hostile.locator("figure svg text", { hasText: "<b id=owned>" }).count()) > 0);
    await figure(hostile, "hosts").scrollIntoViewIfNeeded();
    await figure(hostile, "hosts").locator("svg .mark-rect.role-mark > path").first().hover({ force: true });
    assert.match(await hostile.locator("#tip:not([hidden])").textContent(), /<img src=x onerror/);
    const { text } = await download(hostile, () => figure(hostile, "hosts").getByRole("button", { name: /as CSV$/ }).click());
    assert.match(text, /"<img src=x onerror=""owned\(\)"">node-0"/);
    assert.deepEqual(await spilt(hostile), []);
  });
  await check("scripts that are not the page's own do not run", async () => {
    const page = await browser.newPage();
    await page.goto(`file://${folder}/plain.html`);
    await page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "window.owned = true";
      document.body.append(script);
    });
    assert.equal(await page.evaluate(() => window.owned), undefined);
    const policy = await page.locator("meta[http-equiv]").getAttribute("content");
    assert.match(policy, /^default-src 'none';.*script-src( 'sha256-[\w+/]{43}='){2}$/);
    await page.close();
  });

  await check("52 hosts and 2,500 blocks a run are drawn, in less than 5 MB", async () => {
    assert.ok(readFileSync(folder + "/large.html").length < 5e6);
    const large = await open("large");
    assert.equal(await large.locator("figure[data-drawn=yes]").count(), 11);
    assert.deepEqual(await spilt(large), []);
    await large.setViewportSize({ width: 390, height: 844 });
    await large.waitForFunction(() => document.querySelector("#figure-hosts svg").getBoundingClientRect().width < 370);
    assert.deepEqual(await spilt(large), []);
  });
  await check("the report of a run is drawn", async () => {
    const run = await open("run");
    assert.ok((await figures(run).count()) >= 3);
    assert.equal(await run.locator("figure[data-drawn=yes]").count(), await figures(run).count());
    assert.deepEqual(await spilt(run), []);
    assert.ok((await run.locator(".self").count()) > 3);
  });

  const plain = await open("plain", { javaScriptEnabled: false });
  await check("the report of a sweep is drawn, on a phone, too", async () => {
    for (const width of [1280, 390]) {
      const sweep = await open("sweep", { viewport: { width, height: 900 } });
      assert.equal(await figures(sweep).count(), 10);
      for (const f of await figures(sweep).all()) assert.equal(await f.getAttribute("data-drawn"), "yes");
      const told = (await marks(sweep, "sweep-matrix", "rect")) - 5; // of the legend; what is not told has no colour
      assert.ok(told > 0 && told <= (await rowsOf(sweep, "sweep-matrix")));
      assert.equal(await sweep.locator(".verdict").count(), 1);
      assert.deepEqual(await spilt(sweep), []);
      assert.deepEqual(await overlapping(sweep), []);
      await sweep.screenshot({ path: `${folder}/sweep-${width}.png`, fullPage: true });
    }
  });
  await check("without script everything but the pictures is there to read", async () => {
    assert.equal(await plain.locator("#table-verdicts tbody tr").count(), 14);
    assert.equal(await figures(plain).count(), 11);
    assert.equal(await plain.locator("noscript").first().isVisible(), true);
    assert.equal(await plain.locator("button").count(), 0);
    await figure(plain, "arrival").locator("summary").click();
    assert.equal(await figure(plain, "arrival").locator("td").first().isVisible(), true);
  });

  await check("axe finds nothing to mend, by day and by night" + (axeIsThere() ? "" : " # SKIP axe-core is not there"), async () => {
    if (!axeIsThere()) return;
    for (const name of ["plain", "run", "sweep"])
      for (const colorScheme of ["light", "dark"]) {
        const page = await open(name, { colorScheme, bypassCSP: true });
        assert.deepEqual(await violationsOf(page), [], name);
        await page.context().close();
      }
  });

  await check("nothing went wrong on the pages, and they asked nobody", () => assert.deepEqual(wrong, []));
} finally {
  await browser.close();
  end();
}
