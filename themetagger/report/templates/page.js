"use strict";
// Sorting, filtering, opening and the moving threshold; without it the page shows everything, as it was written.
document.documentElement.classList.add("js");

const table = document.querySelector("#results table");
const body = table.tBodies[0];
const rows = Array.from(body.rows);
const themes = Array.from(document.querySelectorAll("details.theme"));
const count = document.getElementById("count");

function valueOf(row, column) {
  const cell = row.cells[column];
  const given = cell.dataset.v;
  if (given === undefined) return cell.textContent.trim().toLocaleLowerCase();
  return given === "" ? null : Number(given);
}

function sortBy(column, descending) {
  const collator = new Intl.Collator(undefined, { numeric: true });
  const place = new Map(rows.map((row, i) => [row, i]));
  const sorted = rows.slice().sort((a, b) => {
    const one = valueOf(a, column), other = valueOf(b, column);
    if (one === null || other === null) return (one === null) - (other === null) || place.get(a) - place.get(b);
    const order = typeof one === "number" ? one - other : collator.compare(one, other);
    return (descending ? -order : order) || place.get(a) - place.get(b);
  });
  body.append(...sorted);
}

for (const heading of table.tHead.rows[0].cells) {
  heading.querySelector("button").addEventListener("click", () => {
    const before = heading.getAttribute("aria-sort");
    const number = heading.classList.contains("number");
    const next = before === null ? (number ? "descending" : "ascending")
      : before === "ascending" ? "descending" : "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", next);
    sortBy(heading.cellIndex, next === "descending");
  });
}

function filter() {
  const asked = document.getElementById("search").value.trim().toLocaleLowerCase();
  const wanted = new Set(Array.from(document.querySelectorAll("#statuses input:checked"), (box) => box.value));
  let shown = 0;
  const byTheme = new Map();
  for (const row of rows) {
    const fits = wanted.has(row.dataset.status) && row.dataset.find.toLocaleLowerCase().includes(asked);
    row.hidden = !fits;
    shown += fits;
    byTheme.set(row.dataset.theme, fits);
  }
  for (const theme of themes) theme.hidden = byTheme.get(theme.id) === false;
  count.textContent = `${shown} of ${rows.length} theme${rows.length === 1 ? "" : "s"}`;
}
document.getElementById("search").addEventListener("input", filter);
document.getElementById("statuses").addEventListener("change", filter);
filter();

document.getElementById("all-columns").addEventListener("change", (event) => {
  document.getElementById("results").classList.toggle("all", event.target.checked);
});

function openTheme(id) {
  const theme = document.getElementById(id);
  if (!theme || !theme.matches("details.theme")) return;
  theme.hidden = false;
  for (const around of document.querySelectorAll("details.without-model")) around.open ||= around.contains(theme);
  theme.open = true;
  theme.querySelector("summary").focus({ preventScroll: true });
  theme.scrollIntoView();
}
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#theme-']");
  if (link) {
    event.preventDefault();
    history.replaceState(null, "", link.getAttribute("href"));
    openTheme(link.getAttribute("href").slice(1));
  }
});
if (location.hash) openTheme(location.hash.slice(1));
window.addEventListener("hashchange", () => openTheme(location.hash.slice(1)));

for (const [id, open] of [["open-all", true], ["close-all", false]]) {
  document.getElementById(id).addEventListener("click", () => {
    for (const theme of themes) if (!theme.hidden) theme.open = open;
    for (const around of document.querySelectorAll("details.without-model")) around.open = open;
  });
}
document.getElementById("print").addEventListener("click", () => window.print());
window.addEventListener("beforeprint", () => {
  for (const more of document.querySelectorAll("details.more-text")) more.open = true;
});

const picture = document.getElementById("picture-link");
if (picture) picture.href = document.querySelector(".picture img").src;

// what would be if the threshold were elsewhere: the points of the curve are in the page
for (const control of document.querySelectorAll(".threshold-control")) {
  const points = JSON.parse(control.dataset.points);
  const input = control.querySelector("input");
  const output = control.querySelector("output");
  const chart = control.closest("figure").querySelector("svg");
  const mark = document.createElementNS("http://www.w3.org/2000/svg", "path");
  mark.setAttribute("class", "line moved");
  const tell = () => {
    const [threshold, precision, recall, flagged, right, place] = points[Number(input.value)];
    const percent = (share) => (100 * share).toFixed(1) + " %";
    const sentence = `threshold ${threshold.toPrecision(3)}: precision ${percent(precision)}, recall ${percent(recall)}; `
      + `${flagged} text${flagged === 1 ? "" : "s"} tagged, ${right} correctly and ${flagged - right} wrongly`;
    output.textContent = sentence;
    input.setAttribute("aria-valuetext", sentence);
    mark.setAttribute("d", `M${place} 182V10`);
  };
  tell();
  input.addEventListener("input", () => {
    if (!mark.isConnected) chart.append(mark);
    tell();
  });
}
