// page.js URL SOCKET FOLDER: the live page in Chromium, with nodes that come and go. Prints TAP; pictures go to FOLDER.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { check, contrastOf, end, launch } from "./browser.js";

const [url, socket, folder] = process.argv.slice(2);
const HOSTILE = "</script><b id=owned>\u202eevil";
const wrong = []; // what the page complained of
const nodes = [];

function startNode(name) {
  const node = spawn("python3", ["tests/e2e/tracer-live/node.py", socket, name], { stdio: ["ignore", "inherit", "inherit"] });
  nodes.push(node);
  return node;
}

// The page may not ask anybody but the collector.
const browser = await launch("127.0.0.1");

async function open(options) {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })).newPage();
  page.setDefaultTimeout(30000);
  page.on("pageerror", (e) => wrong.push("exception: " + e.message));
  page.on("console", (m) => m.type() === "error" && wrong.push("console: " + m.text()));
  page.on("requestfailed", (r) => wrong.push("request: " + r.url()));
  await page.goto(url);
  return page;
}

const row = (page, name) => page.locator("#nodes tr", { hasText: name });
const cell = (page, name, i) => row(page, name).locator("td").nth(i).textContent();
const shown = (page, text) => page.locator("#lines li", { hasText: text }).first().waitFor();

try {
  const page = await open();

  await check("without nodes the page says so", async () => {
    await page.locator("#empty").waitFor();
  });
  const first = startNode("node-1");
  startNode("node-2");
  await check("nodes appear by themselves", async () => {
    await row(page, "node-1").waitFor();
    await row(page, "node-2").waitFor();
    assert.equal(await cell(page, "node-1", 0), "connected");
  });
  await check("their lines appear", async () => {
    await shown(page, "Forge.Loop.NodeCannotForge");
  });
  await check("with height, slot, memory and CPU", async () => {
    await page.waitForFunction(() => /^\d+\.\d %$/.test(document.querySelector("#nodes tr").children[4].textContent));
    assert.match(await cell(page, "node-1", 1), /^1,0\d\d$/);
    assert.match(await cell(page, "node-1", 2), /^2\d,\d{3}$/);
    assert.equal(await cell(page, "node-1", 4), "50.0 MiB");
  });
  await check("lines are narrowed by severity", async () => {
    await page.selectOption("#severity", "4");
    // One of each node; the second one may still be on its way.
    await page.waitForFunction(() => document.querySelectorAll("#lines li").length >= 2);
    const severities = await page.locator("#lines .sev").allTextContents();
    assert.ok(severities.length >= 2 && severities.every((s) => s === "Error"), severities);
  });
  await check("by node and by text", async () => {
    await page.selectOption("#only", { label: "node-2" });
    assert.equal(await page.locator("#lines li").count(), 1);
    await page.selectOption("#severity", "0");
    await page.fill("#search", "cannotforge");
    assert.equal(await page.locator("#lines li").count(), 1);
    await page.fill("#search", "there is no such text");
    assert.equal(await page.locator("#lines li").count(), 0);
    await page.fill("#search", "");
    await page.selectOption("#only", "");
  });
  await check("they hold still when told to", async () => {
    await page.check("#pause");
    const before = await page.locator("#lines").textContent();
    await page.waitForTimeout(2500);
    assert.equal(await page.locator("#lines").textContent(), before);
    await page.uncheck("#pause");
    await page.waitForFunction((text) => document.querySelector("#lines").textContent !== text, before);
  });
  await check("the keyboard opens a node, with charts of its history", async () => {
    await row(page, "node-1").locator("th button").focus();
    await page.keyboard.press("Enter");
    await page.locator("#charts figure").nth(2).waitFor();
    assert.equal(await page.locator("#detail-title").textContent(), "node-1");
    assert.equal(await page.evaluate(() => document.activeElement.id), "detail-title");
    assert.match(await page.locator("#facts").textContent(), /Version10\.6\.1/);
    assert.match(await page.locator("#charts svg").first().getAttribute("aria-label"), /^Height: 1,0\d\d to 1,0\d\d, now 1,0\d\d$/);
  });
  await page.screenshot({ path: folder + "/light.png", fullPage: true });
  await check("and closes it, and the focus is where it was", async () => {
    await page.locator("#close").focus();
    await page.keyboard.press("Enter");
    await page.locator("#detail").waitFor({ state: "hidden" });
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "node-1");
  });
  await check("a heading sorts", async () => {
    await page.locator("th[data-sort=name] button").click();
    await page.locator("th[data-sort=name] button").click();
    assert.equal(await page.locator("th[data-sort=name]").getAttribute("aria-sort"), "descending");
    assert.equal(await page.locator("#nodes th").first().textContent(), "node-2");
    await page.locator("th[data-sort=name] button").click();
  });

  first.kill();
  await check("a node that has gone is shown as gone, with the reason", async () => {
    await page.waitForFunction(() => document.querySelector("#nodes tr.gone td")?.textContent === "gone");
    assert.match(await row(page, "node-1").locator(".last").textContent(), /^gone \d+ s ago: ./);
    assert.match(await page.locator("#totals").textContent(), /Nodes connected1 of 2/);
  });

  startNode(HOSTILE);
  await check("hostile names are text", async () => {
    await row(page, "evil").waitFor();
    assert.equal(await row(page, "evil").locator("th").textContent(), "script><b_id=owned>\\u{202e}evil");
    await row(page, "evil").locator("th button").click();
    await page.locator("#charts figure").first().waitFor();
    await page.locator("#close").click();
  });
  await check("hostile lines are text", async () => {
    for (const text of ["</script>", "onerror=", "\\u{202e}right to left\\u{202c} \\u{200b}nothing\\u{feff}", "\\u{1b}[31mred"])
      await shown(page, text);
    assert.equal(await page.locator("#owned, #lines img, #lines svg, #lines script").count(), 0);
    assert.equal(await page.title(), "Ouroscope collector");
  });

  const dark = await open({ colorScheme: "dark" });
  await check("it is dark where that is wanted, and all text can be read", async () => {
    await row(dark, "node-2").waitFor();
    for (const p of [page, dark]) {
      const contrast = await contrastOf(p);
      assert.ok(contrast.least >= 4.5, JSON.stringify(contrast));
    }
    const paper = await dark.evaluate(() => getComputedStyle(document.body).backgroundColor);
    assert.match(paper, /^rgb\((\d|[12]\d), /);
  });
  await dark.screenshot({ path: folder + "/dark.png", fullPage: true });

  const plain = await open({ javaScriptEnabled: false });
  await check("without JavaScript it is a table", async () => {
    assert.match(await row(plain, "node-2").textContent(), /node-2connected1\d\d\d/);
    assert.match(await row(plain, "node-1").textContent(), /gone/);
    assert.equal(await plain.locator("#owned, #nodes img, #nodes script").count(), 0);
    assert.equal(await plain.locator("#lines-section").isVisible(), false);
  });

  await check("nothing went wrong on the page", () => assert.deepEqual(wrong, []));

  process.kill(Number(process.env.COLLECTOR), "SIGKILL");
  await check("when the collector is away the page says so", async () => {
    await page.locator("#state.away").waitFor();
    assert.match(await page.locator("#state").textContent(), /^The collector has not answered for /);
    assert.equal(await page.locator("#nodes tr").count(), 3);
  });
} finally {
  for (const node of nodes) node.kill();
  await browser.close();
  end();
}
