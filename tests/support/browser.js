// What tests of pages in a browser have in common: TAP, a browser that asks nobody else, and what is measured on pages.
import { existsSync, readFileSync } from "node:fs";
import { chromium } from "playwright-core";

let tests = 0;
let failures = 0;

export async function check(name, body) {
  tests++;
  try {
    await body();
    console.log(`ok ${tests} - ${name}`);
  } catch (problem) {
    failures++;
    console.log(`not ok ${tests} - ${name}`);
    console.log(String(problem.stack).replace(/^/gm, "# "));
  }
}

// The end of the test's output, and its status.
export function end() {
  console.log(`1..${tests}`);
  process.exitCode = failures > 0 ? 1 : 0;
}

// reach: hosts that pages may ask for something, none if it is not given.
export const launch = (reach) =>
  chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND" + (reach ? `, EXCLUDE ${reach}` : "")],
  });

// --- What reaches out of its picture, or out of the page -----------------------------

export const spilt = (page) =>
  page.evaluate(() => {
    const found = [];
    for (const svg of document.querySelectorAll("figure .picture svg")) {
      const frame = svg.getBoundingClientRect();
      if (frame.right > document.documentElement.clientWidth + 1) found.push("figure " + svg.closest("figure").id);
      for (const text of svg.querySelectorAll("text")) {
        const box = text.getBoundingClientRect();
        if (box.width > 0 && Number(getComputedStyle(text).opacity) > 0 &&
            (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1))
          found.push(svg.closest("figure").id + ": " + text.textContent);
      }
    }
    const beyond = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    return beyond > 0 ? [...found, `the page is ${beyond} pixels too wide`] : found;
  });

// --- Contrast --------------------------------------------------------------------------

// The least contrast of visible text with what is behind it, as WCAG 2 defines it (relative luminance, 1.4.3). Marks of
// figures have text of their own beside them; their letters count, by fill.
export const contrastOf = (page) => page.evaluate(leastContrast);

function leastContrast() {
  const parse = (color) => color.match(/[\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const color = parse(getComputedStyle(e).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  let worst = { least: 21 };
  for (const e of document.querySelectorAll("body *")) {
    if (!e.checkVisibility() || ![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())) continue;
    if (["SCRIPT", "STYLE", "NOSCRIPT"].includes(e.tagName) || e.closest(".mark-text.role-mark")) continue;
    const style = getComputedStyle(e);
    if (Number(style.opacity) === 0) continue;
    const [a, b] = [luminance(parse(e.ownerSVGElement ? style.fill : style.color)), luminance(behind(e))].sort((x, y) => y - x);
    const contrast = (a + 0.05) / (b + 0.05);
    if (contrast < worst.least) worst = { least: contrast, text: e.textContent.slice(0, 60), tag: e.tagName };
  }
  return worst;
}

// --- What axe-core finds to mend ---------------------------------------------------------

const axe = "node_modules/axe-core/axe.min.js";
export const axeIsThere = () => existsSync(new URL(axe, import.meta.url));

// The page is to be opened with bypassCSP: its own policy would keep the script out.
export async function violationsOf(page) {
  await page.evaluate(readFileSync(new URL(axe, import.meta.url), "utf8"));
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.map((v) => `${v.id}: ${v.nodes[0].html.slice(0, 200)}`);
}
