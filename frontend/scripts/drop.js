/**
 * Proof on the row: drop a file or paste a link anywhere on it.
 *
 * `<form data-drop enctype="multipart/form-data" hx-post …>` holds `input[type=file]` and a text field named `url`; the
 * nearest `[data-row]` takes the drop. States: is-over, is-sending (bar, bytes, cancel), is-refused (the reason in words).
 */
import htmx from "htmx.org";

import { on, one, text } from "./dom.js";

const LINK = /^https?:\/\/\S+$/i;
const zone = (element) => element?.closest?.("[data-row], [data-drop]") ?? null;
const formOf = (area) => (area?.matches("[data-drop]") ? area : one("[data-drop]", area ?? document.createElement("i")));
const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].some((type) => type === "Files" || type === "text/uri-list");

document.addEventListener("dragover", (event) => {
  const area = zone(event.target);
  if (!formOf(area) || !hasFiles(event)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
  area.classList.add("is-over");
});
document.addEventListener("dragleave", (event) => {
  const area = zone(event.target);
  if (area && !area.contains(event.relatedTarget)) area.classList.remove("is-over");
});
document.addEventListener("drop", (event) => {
  const area = zone(event.target);
  const form = formOf(area);
  if (!form) return;
  event.preventDefault();
  area.classList.remove("is-over");
  send(form, event.dataTransfer);
});

document.addEventListener("paste", (event) => {
  const form = formOf(zone(event.target));
  const field = event.target.matches?.("input, textarea") ? event.target : null;
  if (!form || (field && !form.contains(field))) return;
  if (send(form, event.clipboardData)) event.preventDefault();
});

on("change", "[data-drop] input[type=file]", (input) => {
  if (input.files.length) submit(input.form);
});
on("click", "[data-drop-pick]", (button) => one("input[type=file]", button.closest("form"))?.click());
on("click", "[data-drop-cancel]", (button) => htmx.trigger(button.closest("form"), "htmx:abort"));

/** @returns {boolean} whether there was something to send */
function send(form, transfer) {
  const file = one("input[type=file]", form);
  if (file && transfer.files.length) {
    const one_file = new DataTransfer();
    one_file.items.add(transfer.files[0]);
    file.files = one_file.files;
    return submit(form);
  }
  const link = (transfer.getData("text/uri-list") || transfer.getData("text/plain")).trim().split("\n")[0];
  const url = one("input[name=url]", form);
  if (!url || !LINK.test(link)) return false;
  url.value = link;
  return submit(form);
}

function submit(form) {
  const size = one("input[type=file]", form)?.files[0]?.size ?? 0;
  const limit = Number(form.dataset.maxBytes ?? Infinity);
  refuse(form, size > limit ? form.dataset.tTooLarge : "");
  if (size <= limit) form.requestSubmit();
  else one("input[type=file]", form).value = "";
  return true;
}

function refuse(form, said) {
  zone(form).classList.toggle("is-refused", Boolean(said));
  const line = one("[data-drop-say]", form);
  if (line) line.textContent = said ?? "";
}

function sending(form, yes) {
  zone(form)?.classList.toggle("is-sending", yes);
  const bar = one("[data-drop-bar]", form);
  if (bar) bar.hidden = !yes;
}

const megabytes = (bytes) => (bytes / 1048576).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });

on("htmx:beforeRequest", "[data-drop]", (form) => {
  if (one("input[type=file]", form)?.files.length) sending(form, true);
});
on("htmx:xhr:progress", "[data-drop]", (form, event) => {
  const { loaded, total, lengthComputable } = event.detail;
  const bytes = one("[data-drop-bytes]", form);
  if (!bytes || !lengthComputable) return;
  bytes.textContent = `${megabytes(loaded)} / ${megabytes(total)} MB`;
  const line = one("[data-drop-bar] i", form);
  if (line) line.style.width = `${Math.round((100 * loaded) / total)}%`;
});
on("htmx:afterRequest", "[data-drop]", (form, event) => {
  sending(form, false);
  const { xhr } = event.detail;
  const file = one("input[type=file]", form);
  if (file) file.value = "";
  if (xhr.status === 0) refuse(form, event.detail.failed && !navigator.onLine ? text("offline") : "");
});
