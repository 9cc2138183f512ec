/**
 * Keys of ui.md 6. Single keys are off inside fields and when the profile says so (body data-single-keys="off", WCAG 2.1.4).
 *
 * A template names a key with `data-key="d"` on the button or link it presses; in the current row first, then on the page.
 * `data-go="w"` on a link answers `g w`. Nothing that decides (a vote, an acceptance) may carry a key.
 */
import { all, isField, one } from "./dom.js";
import { closeAll } from "./menus.js";
import { current, enter, move } from "./rows.js";

const TOGETHER = 1200;
let leading = 0;

/** Places of the gate page. */
const places = { v: "#vote", t: "#then-now" };
const steps = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 };

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape") return escape(event);
  if (isField(event.target) || one("dialog[open]")) return;
  if (event.key.startsWith("Arrow")) return arrow(event);
  if (event.key === "Enter") return open(event);
  if (document.body.dataset.singleKeys === "off") return;
  if (act(event.key)) event.preventDefault();
});

/** @param {string} key @returns {boolean} whether the key meant something here */
function act(key) {
  if (leading && Date.now() - leading < TOGETHER) {
    leading = 0;
    return press(one(`[data-go="${CSS.escape(key)}"]`));
  }
  if (key === "g") {
    leading = Date.now();
    return true;
  }
  if (key === "/") return focus(one("[data-search]"));
  if (key === "?") return show(one("#keys"));
  if (key in steps && one("[data-row]")) return move(steps[key]) ?? true;
  if (key === "e") return focus(one("[data-drop] input:not([type=file], [type=hidden])", current() ?? document));
  if (key in places && one(places[key])) return focus(one(places[key]));
  if (key === "n" || key === "p") return walk("[data-blocker]", key === "n" ? 1 : -1);
  if (/^[1-5]$/.test(key)) return choose(Number(key));
  return own(key);
}

/** `d` presses the row's button and goes on to the next row. */
function own(key) {
  const selector = `[data-key="${CSS.escape(key)}"]`;
  const row = current();
  const pressed = press((row && one(selector, row)) ?? all(selector).find((element) => !element.closest("[data-row]")));
  if (pressed && key === "d" && row) move(1);
  return pressed;
}

function press(element) {
  if (!element || element.disabled || element.getAttribute("aria-disabled") === "true") return false;
  const target = element.matches("a[href^='#']") ? one(element.getAttribute("href")) : null;
  element.click();
  if (target) focus(target);
  return true;
}

function focus(element) {
  if (!element) return false;
  if (element.tabIndex < 0 && !element.hasAttribute("tabindex")) element.tabIndex = -1;
  element.focus();
  element.select?.();
  return true;
}

function show(dialog) {
  dialog?.showModal();
  return Boolean(dialog);
}

function walk(selector, step) {
  const list = all(selector);
  if (!list.length) return false;
  const here = list.findIndex((element) => element.contains(document.activeElement) || element.hasAttribute("aria-current"));
  const next = list[here < 0 ? (step > 0 ? 0 : list.length - 1) : (here + step + list.length) % list.length];
  for (const element of list) element.toggleAttribute("aria-current", element === next);
  next.scrollIntoView({ block: "center" });
  return focus(next);
}

/** Chooses a decision, never confirms it: that needs Tab and Enter, or a pointer. */
function choose(number) {
  const radio = all("[data-choices] input[type=radio]")[number - 1];
  if (!radio || radio.disabled) return Boolean(radio);
  radio.checked = true;
  radio.dispatchEvent(new Event("change", { bubbles: true }));
  return focus(radio);
}

function arrow(event) {
  const stepper = event.target.closest?.("[data-steps]");
  if (stepper && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
    const links = all("a", stepper);
    const next = links[links.indexOf(event.target.closest("a")) + (event.key === "ArrowRight" ? 1 : -1)];
    if (next) next.focus();
    event.preventDefault();
  } else if (event.target.matches?.("[data-row]") && event.key in steps) {
    move(steps[event.key]);
    event.preventDefault();
  }
}

function open(event) {
  const row = event.target.matches?.("[data-row]") ? event.target : null;
  const link = row && (one("[data-open]", row) ?? one("a[href]", row));
  if (link) {
    event.preventDefault();
    link.click();
  }
}

/** Closes what is open and gives the focus back; in a row's field it goes back to the row. */
function escape(event) {
  if (closeAll()) return event.preventDefault();
  const row = isField(event.target) && event.target.closest("[data-row]");
  if (row) enter(row);
  else if (isField(event.target)) event.target.blur();
}
