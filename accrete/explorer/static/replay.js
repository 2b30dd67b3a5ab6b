// The replay: keys, what is new, the URL of the view, where the page is.
"use strict";
const root = document.getElementById("replay"), quiet = document.getElementById("quiet");
const all = (what, from = root) => [...from.querySelectorAll(what)];
const seen = (el) => el.checkVisibility ? el.checkVisibility() : el.offsetParent;
const say = (text) => { quiet.textContent = text; };
const store = (name, value) => {
  try { return value === undefined ? localStorage.getItem(name) : localStorage.setItem(name, value); } catch { return null; }
};
const STEP = ".record [id^='s-']";
const keyed = root.querySelector("[name=keys]");
keyed.checked = document.documentElement.dataset.keys !== "off" && store("keys") !== "off";
keyed.addEventListener("change", () => store("keys", keyed.checked ? "on" : "off"));

const go = (el) => {
  for (let up = el.parentElement.closest("details"); up; up = up.parentElement.closest("details")) up.open = true;
  const at = el.querySelector(":scope > details > summary") || el;
  if (at === el) at.tabIndex = -1;
  at.focus({ preventScroll: true });
  at.scrollIntoView({ block: "nearest" });
};
const here = () => document.activeElement.closest(STEP)
  || all(STEP).find((el) => seen(el) && el.getBoundingClientRect().bottom > 60);
const jump = (what, back) => {
  const now = here(), on = document.activeElement.closest(STEP);
  const found = all(what).filter((el) => seen(el) && el !== on && (!now || (el === now ? !on :
    !!(now.compareDocumentPosition(el) & (back ? 2 : 4)))));
  const to = back ? found.pop() : found[0];
  if (to) go(to); else say("No more of these.");
};
const BOX = ":scope > details";
const KINDS = { j: STEP, k: STEP, J: ".prompt", K: ".prompt", e: ".f", E: ".f", c: ".m", C: ".m", d: ".d", D: ".d" };
const BACK = "kKECD";
document.addEventListener("keydown", (event) => {
  if (!keyed.checked || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, [contenteditable]")) return;
  const key = event.key, now = here();
  say("");
  if (KINDS[key]) jump(KINDS[key], BACK.includes(key));
  else if (key === "o" && now && now.querySelector(BOX)) now.querySelector(BOX).toggleAttribute("open");
  else if (key === "O" && now) all("details", now.closest(".turn")).forEach((el) => { if (seen(el)) el.open = true; });
  else if (key === "n") { const fresh = root.querySelector(".new"); fresh ? go(fresh.nextElementSibling) : say("Nothing new since you looked."); }
  else if (key === "y" && now) navigator.clipboard.writeText(location.href.split("#")[0] + "#" + now.id).then(() => say("The link is copied."));
  else if (key === "[" || key === "]") { const to = document.querySelector(key === "[" ? "[rel=prev]" : "[rel=next]"); if (to) location = to.href; }
  else return;
  event.preventDefault();
});

// What a step holds, once it is opened: the step's page, without the page around it.
root.addEventListener("toggle", async ({ target: box }) => {
  const link = box.open && !box.querySelector(".body") && box.parentElement.querySelector(":scope > a");
  if (!link || box.ariaBusy) return;
  box.ariaBusy = "true";
  const body = document.createElement("div");
  try {
    const answer = await fetch(link.href, { headers: { "HX-Request-Type": "partial" } });
    if (!answer.ok) throw answer;
    body.innerHTML = await answer.text();
    body.className = "body";
    box.append(body);
  } catch { say("This step could not be read. Follow its time to its own page."); box.open = false; }
  box.ariaBusy = null;
}, true);

// A text that was cut, in place of its beginning.
root.addEventListener("click", async (event) => {
  const link = event.target.closest("a.more");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  try {
    const answer = await fetch(link.href, { headers: { "HX-Request-Type": "partial" } });
    if (!answer.ok) throw answer;
    const line = link.parentElement;
    line.previousElementSibling.outerHTML = await answer.text();
    line.remove();
  } catch { location = link.href; }
});

root.querySelector(".views").addEventListener("change", () => {
  const url = new URL(location), view = root.querySelector("[name=view]:checked").value;
  const boxes = all("[name=steps]"), on = boxes.filter((box) => box.checked).map((box) => box.value);
  view === "working" ? url.searchParams.delete("view") : url.searchParams.set("view", view);
  on.length === boxes.length ? url.searchParams.delete("steps") : url.searchParams.set("steps", on.join());
  history.replaceState(null, "", url);
});

const show = () => {
  const to = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  const whole = root.querySelector(".views fieldset a");
  if (!to && whole && location.hash.startsWith("#s-")) location.replace(whole.href.split("#")[0] + location.hash);
  if (!to || !root.contains(to)) return;
  if (getComputedStyle(to).display === "none") root.querySelector("[value=everything]").click();
  go(to);
};
addEventListener("hashchange", show);
addEventListener("load", show);

// Since you looked: the browser remembers the last step it showed of a session, nothing else.
const steps = all(STEP), name = "seen:" + root.dataset.session, old = store(name);
const at = old ? steps.findIndex((el) => el.id === old) : -1;
if (at >= 0 && at < steps.length - 1) {
  const line = document.createElement("p");
  line.className = "new";
  line.textContent = "New since you looked";
  (steps[at + 1].closest(".run") || steps[at + 1]).before(line);
}
if (steps.length) store(name, steps[steps.length - 1].id);

const rail = new Map(all(".rail a").map((link) => [link.hash.slice(1), link]));
const mark = document.querySelector(".timeline .here");
const watch = new IntersectionObserver((seenNow) => {
  const top = seenNow.filter((each) => each.isIntersecting)[0];
  const prompt = top && top.target.querySelector(".prompt");
  if (!prompt) return;
  rail.forEach((link, id) => id === prompt.id ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current"));
  const bar = mark && document.querySelector(`.timeline a[href="#${CSS.escape(prompt.id)}"] rect`);
  if (bar) ["x1", "x2"].forEach((end) => mark.setAttribute(end, +bar.getAttribute("x") + +bar.getAttribute("width")));
}, { rootMargin: "-60px 0px -70% 0px" });
all(".turn").forEach((turn) => watch.observe(turn));

// A session that goes on: its new steps are put below the last one; nothing that is read moves.
const news = document.getElementById("news");
const grow = async () => {
  news.textContent = "";
  const answer = await fetch(location.href, { headers: { "HX-Request-Type": "partial" } });
  if (!answer.ok) return;
  const made = new DOMParser().parseFromString(await answer.text(), "text/html");
  const record = root.querySelector(".record"), turns = all(".turn"), fresh = all(".turn", made);
  const last = turns[turns.length - 1], same = fresh[turns.length - 1];
  let n = 0;
  if (last && same) for (const child of [...same.children]) {
    const ids = [child, ...all("[id]", child)].map((el) => el.id).filter((id) => id.startsWith("s-"));
    const unknown = ids.filter((id) => !document.getElementById(id));
    if (!unknown.length) continue;
    const whole = unknown.length === ids.length;
    const parts = whole ? [child] : unknown.map((id) => made.getElementById(id));
    for (const part of parts) last.append(document.adoptNode(part));
    n += unknown.length;
  }
  for (const turn of fresh.slice(turns.length)) {
    record.append(document.adoptNode(turn));
    watch.observe(turn);
    n += all(STEP, turn).length;
  }
  const rail_ = root.querySelector(".rail ol"), railed = made.querySelector(".rail ol");
  if (rail_ && railed) for (const item of [...railed.children].slice(rail_.children.length)) {
    rail_.append(document.adoptNode(item));
    const link = item.querySelector("a");
    rail.set(link.hash.slice(1), link);
  }
  if (n) say(n === 1 ? "1 new step below." : `${n} new steps below.`);
};
if (news) new MutationObserver(() => { if (news.textContent.trim()) grow(); }).observe(news, { childList: true, subtree: true });
