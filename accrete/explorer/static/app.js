// What a chart's mark stands for, in the line above the chart: on pointing and on focus.
"use strict";
const say = (event) => {
  const mark = event.target.closest("svg a, svg rect");
  const chart = mark && mark.closest(".chart");
  const line = chart && chart.querySelector(".readout");
  if (!line) return;
  const title = mark.querySelector("title");
  if (title) line.textContent = title.textContent;
};
document.addEventListener("pointerover", say);
document.addEventListener("focusin", say);
document.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
  const mark = event.target.closest && event.target.closest(".chart svg a");
  if (!mark) return;
  const marks = [...mark.closest("svg").querySelectorAll("a")];
  const next = marks[marks.indexOf(mark) + (event.key === "ArrowRight" ? 1 : -1)];
  if (next) { next.focus(); event.preventDefault(); }
});
// The keys that work on every page: listed on the page of keys, off by choice, never in a field.
const PAGES = { o: "/", s: "/sessions", p: "/practices", k: "/costs", r: "/projects" };
const off = () => {
  try { if (localStorage.getItem("keys") === "off") return true; } catch { /* none is kept */ }
  return document.documentElement.dataset.keys === "off";
};
let going = false;
document.addEventListener("keydown", (event) => {
  const busy = event.ctrlKey || event.metaKey || event.altKey
    || event.target.closest("input, select, textarea, [contenteditable]");
  if (busy || off()) return;
  const home = document.querySelector("a.home").getAttribute("href").replace(/\/$/, "");
  const path = going ? PAGES[event.key] : { "/": "/search", "?": "/keys" }[event.key];
  going = !going && event.key === "g";
  if (!path && !going) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (path) location.href = home + path;
}, true);
// A page that waits for the record asks again by itself.
const waits = document.querySelector("[data-soon]");
if (waits) setTimeout(() => location.reload(), 1000 * waits.dataset.soon);
