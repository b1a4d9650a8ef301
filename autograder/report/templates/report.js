"use strict";
// Sorting, filtering and shortening of tables. Without this script each table stands there whole.
const SHOWN = 50;
const key = (row, column) => {
  const cell = row.cells[column];
  return cell.dataset.v !== undefined ? Number(cell.dataset.v) : cell.textContent.trim().toLowerCase();
};
const compare = (a, b) =>
  typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), undefined, {numeric: true});

const equip = (table, place) => {
  const body = table.tBodies[0];
  let rows = [...body.rows];
  let short = rows.length > SHOWN;
  const tools = document.createElement("div");
  const label = document.createElement("label");
  const input = document.createElement("input");
  const count = document.createElement("span");
  const more = document.createElement("button");
  const texts = new Map(rows.map(row => [row, row.textContent.toLowerCase()]));
  const show = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let matching = 0;
    for (const row of rows) {
      const matches = words.every(word => texts.get(row).includes(word));
      matching += matches;
      row.hidden = !matches || (short && matching > SHOWN);
    }
    const visible = short ? Math.min(matching, SHOWN) : matching;
    count.textContent = visible === rows.length ? `${rows.length} rows` : `${visible} of ${rows.length} rows`;
    more.hidden = rows.length <= SHOWN;
    more.textContent = short ? "Show all rows" : `Show ${SHOWN} rows`;
  };
  const sort = (column, header) => {
    const down = header.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", down ? "descending" : "ascending");
    const sign = down ? -1 : 1;
    const keys = new Map(rows.map(row => [row, key(row, column)]));
    rows = rows.map((row, place) => [row, place])
      .sort((a, b) => sign * compare(keys.get(a[0]), keys.get(b[0])) || a[1] - b[1]).map(pair => pair[0]);
    body.append(...rows);
    show();
  };
  [...table.tHead.rows[0].cells].forEach((header, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...header.childNodes);
    button.addEventListener("click", () => sort(column, header));
    header.append(button);
  });
  if (rows.length > 5) {
    tools.className = "tools";
    input.type = "search";
    label.append("Filter ", input);
    count.setAttribute("role", "status");
    more.type = "button";
    more.addEventListener("click", () => { short = !short; show(); });
    input.addEventListener("input", show);
    tools.append(label, count, more);
    place.before(tools);
  }
  show();
  return whole => { short = !whole && rows.length > SHOWN; show(); };
};

const tables = [...document.querySelectorAll(".scroll > table")].map(table => equip(table, table.parentElement));
let opened = [];
window.addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not([open])")];
  for (const details of opened) details.open = true;
  for (const show of tables) show(true);
});
window.addEventListener("afterprint", () => {
  for (const details of opened) details.open = false;
  for (const show of tables) show(false);
});
