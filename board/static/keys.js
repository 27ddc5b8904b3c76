// The slider of days and the keys. The page is whole without this script: it has a field for the day and links.
"use strict";

const DAY_MS = 86_400_000;
const form = document.getElementById("when");
const slide = document.getElementById("slide");
const field = document.getElementById("as_of");

function dayAt(offset) {
  return new Date(Date.parse(form.dataset.first) + offset * DAY_MS).toISOString().slice(0, 10);
}

function goTo(day) {
  if (day > field.max) return;
  field.value = day;
  form.requestSubmit();
}

if (slide) {
  slide.hidden = false;
  slide.addEventListener("input", () => {
    field.value = dayAt(Number(slide.value));
    slide.setAttribute("aria-valuetext", field.value);
  });
  // An arrow key is a change of a day each time: who holds it is waited for.
  let patience = 0;
  let waiting;
  slide.addEventListener("keydown", () => { patience = 600; });
  slide.addEventListener("pointerdown", () => { patience = 0; });
  slide.addEventListener("change", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => goTo(dayAt(Number(slide.value))), patience);
  });
}

// An address that is passed on says what was asked, and not what was left empty.
document.addEventListener("submit", (event) => {
  if (event.target.method !== "get") return;
  const empty = [...event.target.elements].filter((one) => one.name && one.value === "" && !one.disabled);
  for (const one of empty) one.disabled = true;
  setTimeout(() => { for (const one of empty) one.disabled = false; });
});

// On a phone the pages are wider than the screen: the one that is open is brought into sight.
document.querySelector(".places a[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

function step(by) {
  const rows = [...document.querySelectorAll(".row")];
  const links = rows.map((row) => row.querySelector("a")).filter(Boolean);
  const at = links.findIndex((link) => link.closest(".row").contains(document.activeElement));
  const next = links[Math.max(0, Math.min(links.length - 1, at + by))];
  if (next) next.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, select, textarea")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const place = /^[1-9]$/.test(event.key) && document.querySelectorAll(".places a")[Number(event.key) - 1];
  if (place) place.click();
  else if (event.key === "/") document.getElementById("find").focus();
  else if (event.key === "j") step(1);
  else if (event.key === "k") step(-1);
  else if (event.key === "[") goTo(new Date(Date.parse(field.value) - DAY_MS).toISOString().slice(0, 10));
  else if (event.key === "]") goTo(new Date(Date.parse(field.value) + DAY_MS).toISOString().slice(0, 10));
  else return;
  event.preventDefault();
});
