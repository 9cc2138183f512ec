/** Rows one can walk: `data-row`. One is current; it alone is in the tab order; j and k move, and a swap keeps the place. */
import { all, each, one } from "./dom.js";

const rows = () => all("[data-row]").filter((row) => row.offsetParent !== null);
export const current = () => one("[data-row][aria-current]");
let place = { id: "", index: 0 };

/** @param {HTMLElement | undefined} row @param {boolean} [focus] */
export function enter(row, focus = true) {
  if (!row) return;
  for (const other of all("[data-row]")) {
    if (other === row) continue;
    other.removeAttribute("aria-current");
    other.tabIndex = -1;
  }
  row.setAttribute("aria-current", "true");
  row.tabIndex = 0;
  place = { id: row.id, index: rows().indexOf(row) };
  if (focus) {
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }
}

/** @param {1 | -1} step */
export function move(step) {
  const list = rows();
  const here = list.indexOf(current());
  enter(list[here < 0 ? 0 : Math.min(Math.max(here + step, 0), list.length - 1)]);
}

// A row that becomes current unfolds, and what is below moves: under a finger that is down the button would slip away
// and its click be lost. So a pressed row waits for the click.
let pressed = false;
let waiting;
document.addEventListener("pointerdown", () => { pressed = true; }, true);
for (const end of ["pointerup", "pointercancel"]) {
  document.addEventListener(end, () => {
    pressed = false;
    setTimeout(() => {
      if (waiting?.isConnected && waiting !== current()) enter(waiting, false);
      waiting = undefined;
    });
  }, true);
}

document.addEventListener("focusin", (event) => {
  const row = event.target.closest?.("[data-row]");
  if (!row || row === current()) return;
  if (pressed) waiting = row;
  else enter(row, false);
});

document.addEventListener("htmx:afterSettle", () => {
  if (current() || !place.id) return;
  const list = rows();
  enter(document.getElementById(place.id) ?? list[Math.min(place.index, list.length - 1)], document.activeElement === document.body);
});

each(() => {
  const row = current() ?? rows()[0];
  if (row && !place.id) {
    row.tabIndex = 0;
    if (current()) place = { id: row.id, index: rows().indexOf(row) };
  }
});
