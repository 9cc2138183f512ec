/** One polite line that tells what happened: `HX-Trigger: {"say": "…"}` or `data-say` on what was swapped in. */
import { one } from "./dom.js";

/** @param {string} said */
export function announce(said) {
  const line = one("#live");
  if (!line) return;
  // The same words twice in a row are only read again after the line was empty.
  line.textContent = "";
  setTimeout(() => { line.textContent = said; }, 50);
}

document.addEventListener("say", (event) => announce(event.detail?.value ?? event.detail ?? ""));
