/** Not connected: a bar that stays. Something failed: a note with the sentence and the request's id. */
import { one, on } from "./dom.js";

/** @param {string} said @param {string | null} [request] */
export function complain(said, request) {
  const note = one("#problem");
  if (!note) return;
  one("[data-problem-text]", note).textContent = said;
  one("[data-problem-id]", note).textContent = request ?? "";
  note.hidden = false;
}

const connected = (yes) => {
  const bar = one("#offline");
  if (bar) bar.hidden = yes;
};

addEventListener("offline", () => connected(false));
addEventListener("online", () => connected(true));
document.addEventListener("htmx:sendError", () => connected(false));
document.addEventListener("htmx:afterOnLoad", () => connected(true));
on("click", "[data-problem-close]", () => { one("#problem").hidden = true; });
