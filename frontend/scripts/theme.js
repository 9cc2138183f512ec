/** Light, dark or the system's: at once on the page, then kept by the server. */
import { all, on } from "./dom.js";

on("submit", "[data-theme-switch]", (form, event) => {
  const theme = event.submitter?.value;
  if (!theme) return;
  event.preventDefault();
  document.documentElement.dataset.bsTheme = theme;
  for (const button of all("button[name=theme]", form)) button.setAttribute("aria-pressed", String(button.value === theme));
  document.dispatchEvent(new CustomEvent("theme"));
  const body = new FormData(form);
  body.set("theme", theme);
  fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => {});
});
