/** Menus (details), the sidebar on small screens, dialogs and the undo toast. */
import { all, each, on, one } from "./dom.js";

const sidebar = () => one("#menu");
let opener = null;

function side(open) {
  const nav = sidebar();
  if (!nav) return;
  nav.classList.toggle("is-open", open);
  one("#main")?.toggleAttribute("inert", open);
  for (const burger of all("[data-menu]")) burger.setAttribute("aria-expanded", String(open));
  if (open) one("a, input, button", nav)?.focus();
  else opener?.focus();
}

/** @returns {boolean} whether something was open */
export function closeAll() {
  const open = all("details.eg-menu[open]");
  for (const menu of open) {
    menu.open = false;
    if (menu.contains(document.activeElement)) one("summary", menu).focus();
  }
  const shown = sidebar()?.classList.contains("is-open");
  if (shown) side(false);
  return open.length > 0 || Boolean(shown);
}

on("click", "[data-menu]", (burger, event) => {
  event.preventDefault();
  opener = burger;
  side(!sidebar().classList.contains("is-open"));
});
on("click", "[data-dialog]", (button, event) => {
  const dialog = one(`#${CSS.escape(button.dataset.dialog)}`);
  if (!dialog) return;
  event.preventDefault();
  dialog.showModal();
});
on("click", "[data-close]", (button) => button.closest("dialog")?.close());
on("click", "dialog", (dialog, event) => {
  if (event.target === dialog) dialog.close();
});

document.addEventListener("click", (event) => {
  for (const menu of all("details.eg-menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  if (sidebar()?.classList.contains("is-open") && !event.target.closest("#menu, [data-menu]")) side(false);
});

/** Only an undo lives in a toast: ten seconds, and it waits while someone points at it or is in it. */
function fade(toast) {
  let timer = 0;
  const start = () => { timer = setTimeout(() => toast.remove(), 10_000); };
  const stop = () => clearTimeout(timer);
  toast.addEventListener("pointerenter", stop);
  toast.addEventListener("focusin", stop);
  toast.addEventListener("pointerleave", start);
  toast.addEventListener("focusout", start);
  start();
}
each((root) => {
  const toasts = all("[data-toast]", root);
  if (root.matches("[data-toast]")) toasts.push(root);
  for (const toast of toasts) fade(toast);
});
