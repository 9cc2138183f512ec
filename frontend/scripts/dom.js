/** Small words for the DOM, shared by the modules. */

/** @param {string} selector @param {ParentNode} [root] @returns {HTMLElement[]} */
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];

/** @param {string} selector @param {ParentNode} [root] @returns {HTMLElement | null} */
export const one = (selector, root = document) => root.querySelector(selector);

/**
 * Listen once for all elements, present and swapped in later.
 * @param {string} type @param {string} selector @param {(element: HTMLElement, event: Event) => void} react
 */
export function on(type, selector, react) {
  document.addEventListener(type, (event) => {
    const element = event.target instanceof Element ? event.target.closest(selector) : null;
    if (element) react(element, event);
  });
}

/** Run on the page and on everything htmx brings. @param {(root: HTMLElement) => void} react */
export function each(react) {
  const start = () => react(document.body);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
  document.addEventListener("htmx:load", (event) => {
    if (event.detail.elt !== document.body) react(event.detail.elt);
  });
}

/** A text that the template wrote on <body> as data-t-…, in the reader's language. @param {string} name */
export const text = (name) => document.body.dataset[`t${name[0].toUpperCase()}${name.slice(1)}`] ?? "";

/** Whether keys typed now belong to a field. @param {EventTarget | null} target */
export const isField = (target) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.matches("input:not([type=radio], [type=checkbox], [type=button], [type=submit]), textarea, select"));
