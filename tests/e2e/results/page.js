// page.js WORLD FOLDER: the pages of a server of results in Chromium; WORLD is what world.py printed. Prints TAP; pictures
// go to FOLDER.
import assert from "node:assert/strict";
import { axeIsThere, check, contrastOf, end, launch, spilt, violationsOf } from "./browser.js";

const world = JSON.parse(process.argv[2]);
const folder = process.argv[3];
const wrong = []; // what pages complained of, and whatever they asked others for
const { base, slow, hostile } = world.runs;
const sides = base.map((id) => "base=" + id).concat(slow.map((id) => "new=" + id)).join("&");

const VERDICTS = "section[id^=table-verdicts]";

const browser = await launch("127.0.0.1");

async function open(path, options) {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })).newPage();
  page.setDefaultTimeout(30000);
  page.on("pageerror", (e) => wrong.push(`${path}: exception: ${e.message}`));
  page.on("console", (m) => ["error", "warning"].includes(m.type()) && wrong.push(`${path}: console: ${m.text()}`));
  page.on("request", (r) => r.url().startsWith(world.url) || /^(data|blob):/.test(r.url()) || wrong.push(`${path}: request: ${r.url()}`));
  await go(page, path);
  return page;
}

async function go(page, path) {
  await page.goto(world.url + path);
  await drawn(page);
}

const drawn = (page) => page.waitForFunction(() => !document.querySelector("figure .picture") || document.documentElement.dataset.drawn === "yes").catch(() => {});
const heading = (page) => page.locator("main h1").first().textContent();
const inSite = (page, name) => page.getByRole("navigation", { name: "Site" }).getByRole("link", { name, exact: true });

async function api(method, path, body) {
  const answer = await fetch(world.url + path, {
    method, headers: { Authorization: "Bearer " + world.token, "Content-Type": "application/json" }, body: body && JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer;
}

const report = (id, more) =>
  api("PUT", "/api/v1/live/" + id, { project: "tests", profile: "steady", state: "running", elapsedSeconds: 1, ...more });

const LONG = { "/": "overview", "/runs": "runs", [`/runs/${base[0]}`]: "run", [`/compare?${sides}`]: "compare", "/compare": "choose",
  "/history?project=published": "history", "/alerts": "alerts", "/live": "live", "/dictionary": "dictionary", [`/runs/${hostile[0]}`]: "hostile" };

// What every page has, and axe does not look for: names of things, and their order.
const structure = (page) =>
  page.evaluate(() => {
    const found = [];
    const count = (selector) => document.querySelectorAll(selector).length;
    if (document.documentElement.lang !== "en") found.push("language");
    if (!document.title.trim()) found.push("title");
    if (count("h1") !== 1) found.push(`${count("h1")} first headings`);
    if (count("main") !== 1 || count("body > header") !== 1 || count("body > footer") !== 1) found.push("landmarks");
    if (count("nav [aria-current]") > 2) found.push("marks of where one is");
    const levels = [...document.querySelectorAll("h1,h2,h3,h4")].map((h) => Number(h.tagName[1]));
    if (levels.some((l, i) => (i === 0 ? l !== 1 : l > levels[i - 1] + 1))) found.push("order of headings: " + levels.join(" "));
    const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
    for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) found.push("two of " + id);
    for (const e of document.querySelectorAll("input:not([type=hidden]), select"))
      if (!e.labels?.length && !e.getAttribute("aria-label")) found.push("no label: " + e.name);
    for (const e of document.querySelectorAll("a, button")) if (!(e.textContent.trim() || e.getAttribute("aria-label"))) found.push("no name: " + e.outerHTML.slice(0, 80));
    for (const a of document.querySelectorAll("a[href^='#']")) if (!document.getElementById(a.hash.slice(1))) found.push("nowhere: " + a.hash);
    for (const table of document.querySelectorAll("table")) if (!table.querySelector("th[scope=col]")) found.push("a table without heads");
    return found;
  });

try {
  await check("every page can be read: structure, width, contrast, by day and by night, on desk and phone", async () => {
    for (const [path, name] of Object.entries(LONG))
      for (const [width, colorScheme] of [[1280, "light"], [1280, "dark"], [360, "light"]]) {
        const page = await open(path, { viewport: { width, height: 900 }, colorScheme });
        const where = `${name} at ${width}, ${colorScheme}`;
        assert.deepEqual(await structure(page), [], where);
        assert.deepEqual(await spilt(page), [], where);
        const contrast = await contrastOf(page);
        assert.ok(contrast.least >= 4.5, where + JSON.stringify(contrast));
        await page.screenshot({ path: `${folder}/${name}-${width}-${colorScheme}.png` });
        await page.context().close();
      }
  });
  await check("axe finds nothing to mend" + (axeIsThere() ? "" : " # SKIP axe-core is not there"), async () => {
    if (!axeIsThere()) return;
    for (const path of Object.keys(LONG)) {
      const page = await open(path, { bypassCSP: true });
      assert.deepEqual(await violationsOf(page), [], path);
      await page.context().close();
    }
  });

  const page = await open("/");
  await check("the keyboard comes first to the link that skips", async () => {
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "main");
  });
  await check("the navigation goes everywhere, and says where one is", async () => {
    for (const [name, title] of [["Runs", "Runs"], ["Compare", "Compare"], ["History", /^History/], ["Alerts", "Alerts"], ["Live", "Runs in progress"], ["Metrics", "Metrics"], ["API", "API"], ["Overview", "Results of benchmarks"]]) {
      await inSite(page, name).click();
      await page.waitForLoadState();
      assert.match(await heading(page), new RegExp(title));
      assert.equal(await page.locator("header.site [aria-current]").textContent(), name);
    }
  });
  await check("the overview has the latest runs with key numbers, and series with lines", async () => {
    assert.ok((await page.locator("#table-runs tbody tr").count()) >= 10);
    assert.ok((await page.locator("#table-series svg.sketch").count()) >= 4);
    assert.match(await page.locator("#table-changes").textContent(), /10\.7\.1/);
  });
  await check("runs are filtered, and the filter is in the address", async () => {
    await inSite(page, "Runs").click();
    await page.getByLabel("Version", { exact: true }).selectOption("10.7.1");
    await page.getByRole("button", { name: "Show" }).click();
    await page.waitForURL(/version=10\.7\.1/);
    assert.equal(await page.locator("#table-runs tbody tr").count(), 2);
    await go(page, "/runs?project=published&from=2025-10-13&to=2025-10-13"); // 10.7.1, with both workloads
    assert.match(await page.locator("#table-runs .title").textContent(), /^2 of 2 runs,/);
    assert.equal(await page.getByLabel("To", { exact: true }).inputValue(), "2025-10-13");
    await go(page, "/runs?state=failed");
    assert.match(await page.locator("main").textContent(), /There are no such runs/);
  });

  await check("from choosing versions to the verdict", async () => {
    await inSite(page, "Compare").click();
    await page.getByLabel("Series", { exact: true }).selectOption({ label: "value, 52 hosts" });
    await page.getByRole("button", { name: "Show its runs" }).click();
    await page.getByLabel("Base", { exact: true }).selectOption("version:10.6.1");
    await page.getByLabel("New", { exact: true }).selectOption("version:10.7.1");
    await page.getByRole("button", { name: "Compare all their runs" }).click();
    await page.locator(VERDICTS).waitFor();
    assert.equal(await heading(page), "10.7.1 against 10.6.1");
    assert.match(await page.locator(VERDICTS + " tbody tr", { hasText: "CPU" }).textContent(), /improvement/);
  });
  await check("from choosing runs to the verdict, pictures and a link that stays", async () => {
    await go(page, "/compare");
    await page.getByLabel("Series", { exact: true }).selectOption({ label: "steady, 4 hosts" });
    await page.getByRole("button", { name: "Show its runs" }).click();
    for (const id of base) await page.locator(`input[name=base][value="${id}"]`).check();
    for (const id of slow) await page.locator(`input[name=new][value="${id}"]`).check();
    await page.getByRole("button", { name: "Compare these runs" }).click();
    await page.locator(VERDICTS).waitFor();
    await drawn(page);
    assert.match(await page.locator(".verdict").textContent(), /Regression.*worse/);
    assert.ok((await page.locator("figure[data-drawn=yes]").count()) >= 4);
    assert.equal(await page.locator(VERDICTS + " tbody .mark").first().textContent(), "✗"); // the most harmful first
    await page.getByRole("link", { name: "Link to this comparison" }).click();
    await page.locator(VERDICTS).waitFor();
    await drawn(page);
  });
  await check("runs that differ are refused with what differs, and a way to do it all the same", async () => {
    const quiet = await (await browser.newContext()).newPage(); // a 422 is told on the console
    await quiet.goto(`${world.url}/compare?base=${base[0]}&new=version:10.7.1`);
    assert.equal(await quiet.locator("h1").count(), 1);
    const links = quiet.getByRole("link", { name: "Compare them all the same" });
    assert.equal(await links.count(), 1, await quiet.locator("main").textContent());
    await links.click();
    await quiet.locator(VERDICTS).waitFor();
    await quiet.context().close();
  });

  await check("versions of several series are refused with a link to the comparison in each", async () => {
    const quiet = await (await browser.newContext()).newPage();
    await quiet.goto(`${world.url}/compare?base=version:10.6.1&new=version:10.7.1&series=`);
    const links = quiet.locator("#table-errors a[href*='series=']");
    assert.equal(await links.count(), 2, await quiet.locator("main").textContent());
    assert.equal(await quiet.getByRole("link", { name: "Compare them all the same" }).count(), 0);
    await links.first().click();
    await quiet.locator(VERDICTS).waitFor();
    assert.match(await quiet.locator("h1").textContent(), /10\.7\.1 against 10\.6\.1/);
    await quiet.context().close();
  });

  await check("the history shows the change of level at 10.7.1, and a click goes to the run", async () => {
    await go(page, "/history?project=published&metric=machperf/CentiCpu");
    assert.match(await page.locator(".verdict").textContent(), /10\.7\.1/);
    assert.equal(await page.locator("figure[data-drawn=yes]").count(), 2);
    assert.match(await page.locator("#table-changes-of-level tbody").textContent(), /10\.7\.1.*-[45]\d\.\d%/);
    assert.ok((await page.locator("figure svg .mark-rule > line, figure svg .mark-rule > path").count()) >= 2);
    await page.locator("figure svg .mark-symbol > path").first().scrollIntoViewIfNeeded();
    await page.locator("figure svg .mark-symbol > path").first().click({ force: true });
    await page.waitForURL(/\/runs\/[0-9a-f]{32}$/);
  });
  await check("another metric is picked from a list", async () => {
    await go(page, "/history?project=published");
    await page.getByLabel("Metric", { exact: true }).selectOption("endtoend/cdf0.50");
    await page.getByRole("button", { name: "Show" }).click();
    await page.waitForURL(/metric=endtoend/);
    assert.equal(await heading(page), "History of 50 % adoption");
  });
  await check("a metric that there is not is told", async () => {
    await go(page, "/history?metric=all");
    assert.match(await page.locator(".notice").textContent(), /no metric all/);
  });
  await check("a run has its report, its files, and others to compare with", async () => {
    await go(page, "/runs/" + slow[0]);
    assert.match(await heading(page), /^2026-\d\d-\d\dT.*slow/); // as in lists, not the tag that other runs have, too
    assert.equal(await page.title(), (await heading(page)) + " · Ouroscope");
    assert.ok((await page.locator("figure[data-drawn=yes]").count()) >= 3);
    assert.match(await page.locator("#table-artifacts").textContent(), /analysis\.json/);
    await page.getByRole("link", { name: /^Its series/ }).click();
    await page.locator("#table-metrics").waitFor();
    await page.locator("#table-metrics tbody a").first().click();
    await page.waitForURL(/\/history\?series=/);
  });
  await check("metrics are found in the dictionary by their address", async () => {
    await go(page, "/dictionary#metric-machperf-centicpu");
    assert.equal(await page.locator(":target").textContent(), "CPU");
  });

  await check("hostile names are text everywhere", async () => {
    for (const path of ["/", "/runs", "/runs/" + hostile[0], "/compare?new=" + hostile[0], "/alerts", "/history"]) {
      await go(page, path);
      assert.equal(await page.locator("main img, [onerror], main script:not([type='application/json'])").count(), 0, path);
      assert.equal(await page.evaluate(() => typeof window.owned), "undefined");
    }
    await go(page, "/runs/" + hostile[0]);
    assert.match(await page.locator("main").textContent(), /<script>owned\(\)<\/script>/);
    assert.match(await page.locator("main").textContent(), /\\u\{202e\}evil\\x07/);
  });

  const live = await open("/live");
  await check("a run that reports appears, while the page is open", async () => {
    await live.waitForFunction(() => document.documentElement.dataset.follows === "yes");
    await report("2026-11-23T01-00-00_demo", { slot: 3, nodes: 4, nodesUp: 4, hosts: [{ name: "node-0", isUp: true, height: 1 }] });
    await live.locator("#table-live-runs a", { hasText: "demo" }).waitFor();
    await live.locator("#table-live-runs a", { hasText: "demo" }).click();
    await live.locator("#table-now").waitFor();
  });
  await check("its numbers change in place, and a node that dies is seen", async () => {
    await live.waitForFunction(() => document.documentElement.dataset.follows === "yes");
    await live.evaluate(() => (window.same = true));
    await report("2026-11-23T01-00-00_demo", { elapsedSeconds: 30, slot: 33, heightHigh: 2, nodes: 4, nodesUp: 3, hosts: [{ name: "node-0", isUp: false, height: 2 }],
      notices: [{ at: "2026-11-23T01:00:30Z", text: "node-0 has died <b>" }] });
    await live.locator("#table-now tr", { hasText: /^slot33/ }).waitFor();
    assert.match(await live.locator("#table-hosts").textContent(), /node-0✗ does not run/);
    assert.match(await live.locator("#table-notices").textContent(), /node-0 has died <b>/);
    assert.equal(await live.evaluate(() => window.same), true); // no other page
    await report("2026-11-23T01-00-00_demo", { elapsedSeconds: 31, slot: 34, state: "stopped", ended: true });
    await live.locator(".verdict", { hasText: "stopped" }).waitFor();
    assert.match(await live.locator("#follow").textContent(), /stopped/); // for who listens
  });
  await check("tables of a page that follows can be sorted, also when it was renewed", async () => {
    await go(live, "/");
    await live.waitForFunction(() => document.documentElement.dataset.follows === "yes");
    await report("2026-11-23T01-00-01_other", { slot: 1 });
    await live.locator("#table-live-runs").waitFor();
    const column = () => live.locator("#table-runs tbody tr th").allTextContents();
    await live.locator("#table-runs th[data-id=run] button").click();
    const sorted = await column();
    assert.deepEqual(sorted, sorted.toSorted((a, b) => a.localeCompare(b, "en", { numeric: true })));
    assert.equal(await live.locator("#table-live-runs .tools button").count(), 1);
  });

  const plain = await open("/", { javaScriptEnabled: false });
  await check("without script everything but pictures is there", async () => {
    assert.ok((await plain.locator("#table-runs tbody tr").count()) >= 10);
    await plain.goto(world.url + "/compare?series=" + (await seriesOf(slow[0])));
    await plain.locator(`input[name=base][value="${base[0]}"]`).check();
    await plain.locator(`input[name=new][value="${slow[0]}"]`).check();
    await plain.getByRole("button", { name: "Compare these runs" }).click();
    await plain.locator(VERDICTS).waitFor();
    assert.equal(await plain.locator("figure noscript").first().isVisible(), true);
    await plain.goto(world.url + "/live/2026-11-23T01-00-00_demo");
    assert.match(await plain.locator("#table-now").textContent(), /slot34/);
    assert.equal(await plain.locator("meta[http-equiv=refresh]").count(), 1);
    await plain.goto(world.url + "/docs");
    assert.match(await plain.locator("#table-operations").textContent(), /\/api\/v1\/runs/);
  });

  await check("the API can be tried out", async () => {
    await go(page, "/docs");
    await page.locator("#swagger .info .title").waitFor();
    await page.locator("#operations-tag-about button.expand-operation").click();
    await page.locator("#operations-about-getHealth button.opblock-summary-control").click();
    await page.locator("#operations-about-getHealth .execute").click();
    await page.locator("#operations-about-getHealth .live-responses-table .response-col_status", { hasText: "200" }).waitFor();
  });

  await check("nothing went wrong on the pages, and they asked nobody else", () => assert.deepEqual(wrong, []));

  const gone = await open("/live/2026-11-23T01-00-00_demo");
  await check("what there is not has a page, too", async () => {
    assert.equal((await gone.goto(world.url + "/runs/nothing")).status(), 404);
    assert.match(await gone.locator("main").textContent(), /no run nothing/);
    assert.equal((await gone.goto(world.url + "/nowhere")).status(), 404);
    assert.equal(await gone.getByRole("navigation", { name: "Site" }).count(), 1);
  });
  await check("when the server is away the page says so", async () => {
    await gone.goto(world.url + "/live/2026-11-23T01-00-00_demo");
    await gone.waitForFunction(() => document.documentElement.dataset.follows === "yes");
    process.kill(world.pid, "SIGKILL");
    await gone.locator("#follow", { hasText: "does not answer" }).waitFor();
    assert.match(await gone.locator("#table-now").textContent(), /slot34/);
  });
} finally {
  await browser.close();
  end();
}

async function seriesOf(run) {
  return (await (await api("GET", "/api/v1/runs/" + run)).json()).series;
}
