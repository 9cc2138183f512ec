/** `data-copy="#id"` copies that element's text; the button says so for two seconds. */
import { announce } from "./live.js";
import { on, one } from "./dom.js";

on("click", "[data-copy]", async (button) => {
  const source = one(button.dataset.copy);
  if (!source) return;
  const words = (source.value ?? source.textContent).trim();
  try {
    await navigator.clipboard.writeText(words);
  } catch {
    // Plain http: select it, so that one key copies.
    getSelection().selectAllChildren(source);
    return;
  }
  const label = one("[data-copy-label]", button) ?? button;
  const before = label.textContent;
  label.textContent = button.dataset.tDone ?? before;
  announce(label.textContent);
  setTimeout(() => { label.textContent = before; }, 2000);
});
