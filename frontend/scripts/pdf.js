/**
 * A PDF drawn page by page: `<div data-pdf="/path" data-worker data-cmaps data-fonts data-t-…>`. Loaded on that page only.
 *
 * pdf.js draws and does nothing else: no scripts of the document, no links, no forms, no evaluation of code, no network but
 * our own static files. The words of each page stand beside its picture for those who do not see it.
 */
import { AnnotationMode, getDocument, GlobalWorkerOptions } from "pdfjs-dist/legacy/build/pdf.mjs";

import { all, one } from "./dom.js";

const MOST_PAGES = 200;
// Sixteen megapixels a picture: a page that asks for more is drawn coarser.
const MOST_PIXELS = 16 * 1024 * 1024;

async function show(place) {
  const { pdf: url, worker, cmaps, fonts } = place.dataset;
  GlobalWorkerOptions.workerSrc = worker;
  const task = getDocument({
    url,
    cMapUrl: cmaps,
    cMapPacked: true,
    standardFontDataUrl: fonts,
    disableRange: true,
    disableStream: true,
    enableXfa: false,
    isEvalSupported: false,
    maxImageSize: MOST_PIXELS,
    useWasm: false,
  });
  const document_ = await task.promise;
  const count = Math.min(document_.numPages, MOST_PAGES);
  const pages = Array.from({ length: count }, (_, index) => frame(place, index + 1, document_.numPages));
  say(place, document_.numPages > count ? place.dataset.tMore.replace("{n}", count) : "");
  await fit(pages, await document_.getPage(1));
  const seen = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      seen.unobserve(target);
      draw(document_, target, pages.indexOf(target) + 1).catch(() => target.classList.add("is-broken"));
    }
  }, { rootMargin: "800px" });
  pages.forEach((page) => seen.observe(page));
}

function frame(place, number, count) {
  const page = document.createElement("figure");
  page.className = "eg-pdf-page";
  const caption = document.createElement("figcaption");
  caption.textContent = place.dataset.tPage.replace("{n}", number).replace("{count}", count);
  page.append(document.createElement("canvas"), caption);
  place.append(page);
  return page;
}

/** Until a page is drawn it has the shape of the first one, so that nothing jumps. */
async function fit(pages, first) {
  const { width, height } = first.getViewport({ scale: 1 });
  for (const page of pages) page.firstChild.style.aspectRatio = `${width} / ${height}`;
}

async function draw(document_, target, number) {
  const page = await document_.getPage(number);
  const canvas = target.firstChild;
  const plain = page.getViewport({ scale: 1 });
  const wanted = (canvas.clientWidth / plain.width) * Math.min(devicePixelRatio, 2);
  const viewport = page.getViewport({ scale: Math.min(wanted, Math.sqrt(MOST_PIXELS / (plain.width * plain.height))) });
  canvas.width = Math.floor(viewport.width);
  canvas.height = Math.floor(viewport.height);
  canvas.style.aspectRatio = `${viewport.width} / ${viewport.height}`;
  canvas.setAttribute("aria-hidden", "true");
  await page.render({ canvas, viewport, annotationMode: AnnotationMode.DISABLE }).promise;
  const { items } = await page.getTextContent();
  const words = document.createElement("p");
  words.className = "visually-hidden";
  words.textContent = items.map(({ str, hasEOL }) => str + (hasEOL ? "\n" : "")).join("");
  target.append(words);
  target.dataset.drawn = "";
}

function say(place, words) {
  const line = one("[data-pdf-say]", place);
  line.textContent = words;
  line.hidden = !words;
}

for (const place of all("[data-pdf]")) show(place).catch(() => say(place, place.dataset.tBroken));
