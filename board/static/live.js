// Keeps an open page up to date: on each "change" of /api/stream the page is read again and its parts are put in place.
// The page is whole without this script.
"use strict";

const PAUSE_MS = 1500; // at least this long between two readings of the page
let reading = false;
let missed = false;

function places(root) {
  return new Map([...root.querySelectorAll("[data-live]")].map((part) => [part.dataset.live, part]));
}

// A picture keeps its element, so that the old one stays in sight until the new one has come.
function exchangePicture(before, after) {
  if (before.dataset.version === after.dataset.version) return;
  before.dataset.version = after.dataset.version;
  const fresh = [...after.querySelectorAll("source, img")];
  [...before.querySelectorAll("source, img")].forEach((element, i) => {
    const name = element.tagName === "IMG" ? "src" : "srcset";
    element.setAttribute(name, fresh[i].getAttribute(name));
  });
}

function bump(before, after) {
  for (const figure of after.querySelectorAll("[data-figure]")) {
    const old = before.querySelector(`[data-figure="${figure.dataset.figure}"] .value`);
    if (old && old.textContent !== figure.querySelector(".value").textContent) figure.classList.add("bumped");
  }
}

function exchange(before, after) {
  const [picture, fresh] = [before.querySelector("picture"), after.querySelector("picture")];
  if (picture && fresh) {
    exchangePicture(picture, fresh);
    const [table, newer] = [before.querySelector("tbody"), after.querySelector("tbody")];
    if (table && newer && table.innerHTML !== newer.innerHTML) table.replaceWith(newer);
    return;
  }
  if (before.innerHTML === after.innerHTML || before.contains(document.activeElement)) return;
  bump(before, after);
  before.replaceChildren(...after.childNodes);
}

async function refresh() {
  if (reading) {
    missed = true;
    return;
  }
  reading = true;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.ok && !answer.redirected) {
      const next = places(new DOMParser().parseFromString(await answer.text(), "text/html"));
      for (const [name, part] of places(document)) if (next.has(name)) exchange(part, next.get(name));
      showLive(true);
    }
  } catch {
    showLive(false); // the board is away; EventSource comes back by itself
  }
  setTimeout(() => {
    reading = false;
    if (missed) {
      missed = false;
      refresh();
    }
  }, PAUSE_MS);
}

function showLive(is) {
  const light = document.getElementById("live");
  if (light) light.hidden = !is;
}

const stream = new EventSource("/api/stream");
stream.addEventListener("change", refresh);
stream.addEventListener("open", () => showLive(true));
stream.addEventListener("error", () => showLive(false));
addEventListener("pagehide", () => stream.close());
