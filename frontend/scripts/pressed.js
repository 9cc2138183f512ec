/** Under 400 ms nothing; then the pressed button keeps its width, shows a ring and says "Sending". Never sent twice. */
import { text } from "./dom.js";

const WAIT = 400;
/** @type {Map<HTMLElement, () => void>} */
const pressed = new Map();

/** @param {HTMLElement | null | undefined} button */
function press(button) {
  if (!button || pressed.has(button)) return;
  const words = [...button.childNodes];
  const timer = setTimeout(() => {
    button.style.width = `${button.offsetWidth}px`;
    button.classList.add("is-sending");
    button.replaceChildren(text("sending"));
  }, WAIT);
  pressed.set(button, () => {
    clearTimeout(timer);
    if (button.classList.contains("is-sending")) button.replaceChildren(...words);
    button.classList.remove("is-sending");
    button.style.width = "";
    pressed.delete(button);
  });
}

const release = () => { for (const undo of [...pressed.values()]) undo(); };

const buttonOf = (form) => form.querySelector("button:not([type=button], [name])") ?? form.querySelector("button:not([type=button])");

document.addEventListener("submit", (event) => {
  const form = event.target;
  const button = event.submitter ?? buttonOf(form);
  if (pressed.has(button)) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  // A download answers without leaving the page, so nothing would ever release its button.
  if (form.hasAttribute("data-download") || form.method === "dialog") return;
  press(button?.classList.contains("btn") ? button : null);
}, true);

document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt } = event.detail;
  if (elt.matches("button.btn, a.btn")) press(elt);
});
document.addEventListener("htmx:afterRequest", release);
addEventListener("pageshow", release);
