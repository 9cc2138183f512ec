/**
 * What a page counts follows what is done on its rows: the top sentence, the sidebar, the numbers beside headings.
 *
 * Such a region has `data-live="name"`, once a page. After a change the page is asked for as it is now and gives its
 * regions to the one on screen; the rows, their undo and what is typed stay. A region that the page has no more is
 * emptied, or says its `data-live-none`.
 */
import htmx from "htmx.org";

import { all } from "./dom.js";

let asking = new AbortController();

document.addEventListener("htmx:afterRequest", (event) => {
  const { requestConfig, xhr } = event.detail;
  if (requestConfig?.verb === "get" || xhr.status === 0 || xhr.status >= 500) return;
  if (!xhr.getResponseHeader("HX-Redirect")) refresh();
});

async function refresh() {
  asking.abort();
  if (all("[data-live]").length === 0) return;
  asking = new AbortController();
  try {
    const headers = { Accept: "text/html", "X-Recount": "1" };
    const answer = await fetch(location.href, { signal: asking.signal, cache: "no-store", headers });
    // The session may have ended, or the page was the answer to a form: the numbers stay until it is opened again.
    if (answer.ok && !answer.redirected) take(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    // Another change came in between and asks anew, or nobody answers: network.js tells.
  }
}

/** @param {Document} fresh */
function take(fresh) {
  document.title = fresh.title;
  const found = new Map(all("[data-live]", fresh).map((region) => [region.dataset.live, region]));
  for (const region of all("[data-live]")) {
    const now = found.get(region.dataset.live);
    if (!now) region.replaceChildren(region.dataset.liveNone ?? "");
    else if (!region.contains(document.activeElement) && !region.isEqualNode(now)) bring(region, document.adoptNode(now));
  }
}

/** @param {HTMLElement} region @param {HTMLElement} now */
function bring(region, now) {
  region.replaceWith(now);
  htmx.process(now);
  htmx.trigger(now, "htmx:load", { elt: now });
}
