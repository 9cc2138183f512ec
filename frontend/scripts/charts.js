/**
 * Charts: `<div class="eg-chart" data-chart="id-of-json" role="img" aria-label="…">` beside `{{ option|json_script:"id-of-json" }}`.
 *
 * The JSON is an ECharts option whose colours are token names ("$fail", "$ink-2"); type, tooltip, grid and motion are set here
 * so that each chart looks the same. Tooltips are drawn on the canvas: HTML ones need style attributes.
 */
import { BarChart, HeatmapChart, LineChart, ScatterChart } from "echarts/charts";
import { AriaComponent, GridComponent, MarkLineComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

import { all, each } from "./dom.js";

echarts.use([BarChart, HeatmapChart, LineChart, ScatterChart, AriaComponent, GridComponent, MarkLineComponent, TooltipComponent, VisualMapComponent, CanvasRenderer]);

const still = matchMedia("(prefers-reduced-motion: reduce)");
const dark = matchMedia("(prefers-color-scheme: dark)");

/** A token's colour as the browser resolves it: light-dark() only does so in a real property. */
function token(name) {
  const probe = document.createElement("i");
  probe.style.color = `var(--eg-${name})`;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

function coloured(value) {
  if (Array.isArray(value)) return value.map(coloured);
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, coloured(inner)]));
  return typeof value === "string" && /^\$[a-z0-9-]+$/.test(value) ? token(value.slice(1)) : value;
}

function axis(given) {
  const line = { lineStyle: { color: token("line-strong") } };
  return [given ?? {}].flat().map((one) => ({
    ...one,
    axisLine: { ...line, ...one.axisLine },
    axisTick: { show: false, ...one.axisTick },
    splitLine: { lineStyle: { color: token("line") }, ...one.splitLine },
    axisLabel: { color: token("ink-3"), fontSize: 12, ...one.axisLabel },
  }));
}

function draw(element) {
  const data = document.getElementById(element.dataset.chart);
  if (!data) return;
  const option = coloured(JSON.parse(data.textContent));
  const chart = echarts.getInstanceByDom(element) ?? echarts.init(element, null, { renderer: "canvas" });
  chart.setOption({
    animation: !still.matches,
    aria: { enabled: true, decal: { show: true }, label: { enabled: false } },
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: token("ink-2") },
    grid: { left: 8, right: 16, top: 16, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    color: ["ink", "wait", "carry", "stale", "pass", "fail"].map(token),
    ...option,
    tooltip: { renderMode: "richText", trigger: "axis", confine: true, backgroundColor: token("surface"), borderColor: token("line-strong"), textStyle: { color: token("ink"), fontSize: 13 }, ...option.tooltip },
    xAxis: axis(option.xAxis),
    yAxis: axis(option.yAxis),
  }, true);
  watch(element, chart);
}

function watch(element, chart) {
  if (element.dataset.drawn) return;
  element.dataset.drawn = "yes";
  new ResizeObserver(() => chart.resize()).observe(element);
}

const redraw = () => all("[data-chart]").forEach(draw);
document.addEventListener("theme", redraw);
dark.addEventListener("change", redraw);
each((root) => all("[data-chart]", root).forEach(draw));
