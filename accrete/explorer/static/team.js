// The matrix: arrow keys move between cells, and a cell opens under its row. Without this script
// every cell is a link to a page of its own.
"use strict";
const matrix = document.querySelector("table.matrix");
if (matrix) {
  const links = [...matrix.querySelectorAll("tbody th > a, tbody td > a")];
  const rows = () => [...matrix.tBodies].flatMap((body) => [...body.rows])
    .filter((row) => !row.matches(".open, .group"));
  for (const link of links) link.tabIndex = link === links[0] ? 0 : -1;
  matrix.addEventListener("focusin", (event) => {
    if (!links.includes(event.target)) return;
    for (const link of links) if (link.tabIndex === 0) link.tabIndex = -1;
    event.target.tabIndex = 0;
  });
  const at = (row, nth) => row && row.cells[nth] && row.cells[nth].querySelector("a");
  const next = (link, key) => {
    const all = rows();
    const row = link.closest("tr");
    const nth = link.closest("td, th").cellIndex;
    const [down, right] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1],
      Home: [0, -nth], End: [0, row.cells.length - 1 - nth] }[key];
    let [r, c] = [all.indexOf(row) + down, nth + right];
    while (all[r] && all[r].cells[c]) {
      if (at(all[r], c)) return at(all[r], c);
      if (key === "Home") c += 1; else if (key === "End") c -= 1; else { r += down; c += right; }
    }
    return null;
  };
  const close = () => {
    for (const open of matrix.querySelectorAll("tr.open")) open.remove();
    for (const link of matrix.querySelectorAll("[aria-expanded=true]")) link.setAttribute("aria-expanded", "false");
  };
  matrix.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      const opened = matrix.querySelector("[aria-expanded=true]");
      if (opened) { close(); opened.focus(); }
      return;
    }
    if (!links.includes(event.target) || !/^(Arrow|Home$|End$)/.test(event.key)) return;
    const found = next(event.target, event.key);
    if (found) { found.focus(); found.scrollIntoView({ block: "nearest", inline: "nearest" }); }
    event.preventDefault();
  });
  const open = async (link) => {
    const answer = await fetch(link.href, { headers: { "HX-Request-Type": "partial" } });
    const made = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#cell");
    if (!answer.ok || !made) { location.href = link.href; return; }
    close();
    const row = document.createElement("tr");
    row.className = "open";
    const cell = row.insertCell();
    cell.colSpan = link.closest("tr").cells.length;
    cell.append(document.adoptNode(made));
    link.closest("tr").after(row);
    link.setAttribute("aria-expanded", "true");
    const heading = row.querySelector("h2");
    if (heading) heading.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  };
  matrix.addEventListener("click", (event) => {
    const link = event.target.closest("tbody:not(.whole) td > a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    if (link.closest("tr.open")) return;
    event.preventDefault();
    if (link.getAttribute("aria-expanded") === "true") { close(); link.focus(); return; }
    open(link).catch(() => { location.href = link.href; });
  });
}
