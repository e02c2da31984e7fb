/* Pages that follow what happens: on news, and when the connection comes back, the page is asked for again, and what became
   different takes its place. The server alone knows how a page looks. */
"use strict";

(() => {
  const AGAIN_MS = 1000; // between two questions, at least
  const kinds = document.body.dataset.follows;
  const subject = document.body.dataset.subject;
  const live = document.getElementById("live");
  const follow = document.getElementById("follow");
  if (!kinds || !live || !window.EventSource) return;

  let asking = false;
  let asked = false; // again, while an answer was on its way
  let askedAt = 0;
  let verdict = verdictOf(live);
  const sources = new WeakMap([...live.children].map((part) => [part, part.outerHTML]));

  function verdictOf(part) {
    return part.querySelector(".verdict")?.textContent ?? "";
  }

  // Parts that stayed the same are left alone: what is selected, sorted or scrolled there stays so.
  function renew(page) {
    const fresh = [...page.getElementById("live").children];
    const old = [...live.children];
    fresh.forEach((part, i) => {
      const source = part.outerHTML;
      if (old[i] && sources.get(old[i]) === source) return;
      sources.set(part, source);
      if (old[i]) old[i].replaceWith(part);
      else live.append(part);
      equip(part);
    });
    for (const part of old.slice(fresh.length)) part.remove();
    say(verdictOf(live));
  }

  // Read aloud when the state becomes another one, not with every number.
  function say(now) {
    if (now !== verdict) follow.textContent = now;
    verdict = now;
  }

  async function ask() {
    if (asking) return void (asked = true);
    asking = true;
    await new Promise((done) => setTimeout(done, Math.max(0, askedAt + AGAIN_MS - Date.now())));
    askedAt = Date.now();
    asked = false;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (answer.ok) renew(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch {
      // the stream tells when the server is back
    }
    asking = false;
    document.documentElement.dataset.renewed = String(askedAt);
    if (asked) ask();
  }

  let begun = false;
  const stream = new EventSource("/api/v1/events?kind=" + encodeURIComponent(kinds));
  stream.addEventListener("open", () => {
    document.documentElement.dataset.follows = "yes";
    if (begun) {
      follow.textContent = "";
      ask();
    }
    begun = true;
  });
  stream.addEventListener("error", () => {
    follow.textContent = "The server does not answer; what is shown is what it last said.";
  });
  stream.addEventListener("reset", ask);
  for (const kind of kinds.split(","))
    stream.addEventListener(kind, (event) => {
      if (!subject || JSON.parse(event.data).subject === subject) ask();
    });
  window.addEventListener("pagehide", () => stream.close());
})();
