/**
 * Bundles scripts, styles, fonts and the icon sprite into static/dist, which git ignores.
 *
 *   npm run build             once, minified
 *   npm run watch             again at each change, readable
 */
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import * as esbuild from "esbuild";
import * as sass from "sass";

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = dirname(HERE);
const OUT = join(ROOT, "static", "dist");
const MODULES = join(ROOT, "node_modules");
const WATCH = process.argv.includes("--watch");
// `light-dark()` and nesting are native from here on; older browsers get a plain page that still works.
const TARGET = ["chrome123", "firefox121", "safari17.5"];

/** Tabler's own build adds the prefix to its custom properties after compiling; so do we. */
const tabler = {
  name: "tabler",
  setup(build) {
    build.onLoad({ filter: /\.scss$/ }, async ({ path }) => {
      const { css } = await sass.compileAsync(path, { loadPaths: [MODULES], quietDeps: true });
      return { contents: css.replaceAll(/(?<![\w-])--(?=[a-z])/g, "--tblr-"), loader: "css" };
    });
  },
};

const options = {
  absWorkingDir: ROOT,
  bundle: true,
  entryPoints: ["frontend/scripts/app.js", "frontend/scripts/charts.js", "frontend/styles/app.css"],
  entryNames: "[name]",
  assetNames: "fonts/[name]",
  format: "iife",
  legalComments: "none",
  loader: { ".woff2": "file" },
  logLevel: "warning",
  minify: !WATCH,
  outdir: OUT,
  plugins: [tabler],
  target: TARGET,
};

// pdf.js and its worker are modules of their own, loaded by the page that previews a PDF and by no other.
const pdf = {
  ...options,
  entryPoints: [
    { in: "frontend/scripts/pdf.js", out: "pdf" },
    { in: "pdfjs-dist/legacy/build/pdf.worker.mjs", out: "pdf-worker" },
  ],
  format: "esm",
};

/** What pdf.js fetches for documents that bring no fonts or character maps of their own. */
async function pdfData() {
  const from = join(MODULES, "pdfjs-dist");
  await cp(join(from, "cmaps"), join(OUT, "pdf", "cmaps"), { recursive: true });
  await cp(join(from, "standard_fonts"), join(OUT, "pdf", "fonts"), { recursive: true });
}

/** One symbol per name in use; a name that Tabler does not have stops the build. */
async function sprite() {
  const icons = JSON.parse(await readFile(join(HERE, "icons.json"), "utf8"));
  const symbols = await Promise.all(Object.entries(icons).map(([name, source]) => symbol(name, source)));
  const signs = await readFile(join(HERE, "signs.svg"), "utf8");
  const own = signs.match(/<symbol[\s\S]*?<\/symbol>/g).map((text) => text.replaceAll(/\s*\n\s*/g, ""));
  return `<svg xmlns="http://www.w3.org/2000/svg">${[...symbols, ...own].join("\n")}</svg>\n`;
}

async function symbol(name, source) {
  const text = await readFile(join(MODULES, "@tabler", "icons", "icons", `${source}.svg`), "utf8");
  const inner = text
    .slice(text.indexOf(">", text.indexOf("<svg")) + 1, text.indexOf("</svg>"))
    .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*\/>/, "")
    .replaceAll(/\s*\n\s*/g, "");
  const paint = source.startsWith("filled/") ? ' fill="currentColor" stroke="none"' : "";
  return `<symbol id="i-${name}" viewBox="0 0 24 24"${paint}>${inner}</symbol>`;
}

async function build() {
  await rm(OUT, { recursive: true, force: true });
  await mkdir(OUT, { recursive: true });
  await writeFile(join(OUT, "sprite.svg"), await sprite());
  await pdfData();
  if (!WATCH) return Promise.all([options, pdf].map((one) => esbuild.build(one)));
  const contexts = await Promise.all([options, pdf].map((one) => esbuild.context({ ...one, logLevel: "info" })));
  return Promise.all(contexts.map((context) => context.watch()));
}

await build();
