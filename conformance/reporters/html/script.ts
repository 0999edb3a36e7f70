/** Adds filters, copying, and printing of what is closed; the page is whole without it. */
export const SCRIPT = String.raw`"use strict";
const filters = document.getElementById("filters");
const words = document.getElementById("words");
const shown = document.getElementById("shown");
const nothing = document.getElementById("nothing");
const rows = [...document.querySelectorAll(".requirement")].map((row) => ({
  row,
  text: row.textContent.toLowerCase(),
  verdicts: row.dataset.verdicts.split(" "),
}));
function apply() {
  const chosen = new Set([...filters.querySelectorAll("input:checked")].map((box) => box.value));
  const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const { row, text, verdicts } of rows) {
    const fits = verdicts.some((one) => chosen.has(one)) && wanted.every((word) => text.includes(word));
    row.hidden = !fits;
    if (fits) count += 1;
  }
  for (const area of document.querySelectorAll(".area")) {
    area.hidden = area.querySelector(".requirement:not([hidden])") === null;
  }
  nothing.hidden = count > 0;
  shown.textContent = count + " of " + rows.length + " requirements shown";
}
filters.addEventListener("input", apply);
filters.addEventListener("submit", (event) => event.preventDefault());
filters.hidden = false;
apply();

for (const button of document.querySelectorAll(".copy")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const code = button.parentElement.querySelector("code");
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = "Selected: copy it with your keyboard";
    }
  });
}
`;
