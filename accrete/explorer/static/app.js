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
// A page that waits for the record asks again by itself.
const waits = document.querySelector("[data-soon]");
if (waits) setTimeout(() => location.reload(), 1000 * waits.dataset.soon);
