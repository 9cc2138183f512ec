/** htmx under our content policy: no eval, no style tags of its own, no page copies in storage; refusals are shown. */
import htmx from "htmx.org";

import { announce } from "./live.js";
import { complain } from "./network.js";
import { text } from "./dom.js";

Object.assign(htmx.config, {
  allowEval: false,
  includeIndicatorStyles: false,
  historyCacheSize: 0,
  refreshOnHistoryMiss: true,
  selfRequestsOnly: true,
  scrollIntoViewOnBoost: false,
  responseHandling: [
    { code: "204", swap: false },
    { code: "[23]..", swap: true },
    // A refusal (409, 412, 422, …) brings its fragment: the form with its errors, the newer state beside yours.
    { code: "4..", swap: true, error: false },
    { code: "5..", swap: false, error: true },
  ],
});

/** The cookie is named by the scheme: plain on loopback, __Host- on https. */
export function csrfToken() {
  const cookie = document.cookie.match(/(?:^|;\s*)(?:__Host-)?csrftoken=([^;]+)/);
  const field = document.querySelector("input[name=csrfmiddlewaretoken]");
  return cookie ? decodeURIComponent(cookie[1]) : (field?.value ?? "");
}

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = csrfToken();
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  // The session ended while the page was open: sign in, then come back.
  if (new URL(xhr.responseURL || location.href).pathname.startsWith("/accounts/login/") && !location.pathname.startsWith("/accounts/")) {
    event.detail.shouldSwap = false;
    location.assign(`/accounts/login/?next=${encodeURIComponent(location.pathname + location.search)}`);
    return;
  }
  // A refusal may bring the whole page as it is now and say which part of it to take.
  if (xhr.status >= 400 && !isFragment(xhr) && !xhr.getResponseHeader("HX-Reselect")) {
    event.detail.shouldSwap = false;
    complain(sentence(xhr) || text("problem"), xhr.getResponseHeader("X-Request-Id"));
  }
});

document.addEventListener("htmx:responseError", (event) => {
  const { xhr } = event.detail;
  complain(sentence(xhr) || text("problem"), xhr.getResponseHeader("X-Request-Id"));
});

document.addEventListener("htmx:afterSettle", (event) => {
  const { elt } = event.detail;
  const said = elt.dataset?.say ?? elt.querySelector?.("[data-say]")?.dataset.say;
  if (said) announce(said);
  // The focused element is gone: go on from the heading of what came in its place.
  if (document.activeElement === document.body && elt.isConnected) {
    const next = elt.matches("[data-row]") ? elt : elt.querySelector("[autofocus], h1, h2, h3");
    if (next && event.detail.requestConfig?.elt !== document.body) {
      if (!next.hasAttribute("tabindex")) next.tabIndex = -1;
      next.focus({ preventScroll: true });
    }
  }
});

function isFragment(xhr) {
  const type = xhr.getResponseHeader("Content-Type") ?? "";
  return type.startsWith("text/html") && !/^\s*<!doctype/i.test(xhr.responseText);
}

/** The refusal in words: a problem document's detail, or the heading of a whole error page. */
function sentence(xhr) {
  const type = xhr.getResponseHeader("Content-Type") ?? "";
  if (type.includes("json")) {
    try {
      const problem = JSON.parse(xhr.responseText);
      return problem.detail || problem.title || "";
    } catch {
      return "";
    }
  }
  return new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector("h1")?.textContent.trim() ?? "";
}
