/** Widths come as data (`data-width="57"`, percent), because the content policy allows no style attributes. */
import { all, each } from "./dom.js";

each((root) => {
  const bars = all("[data-width]", root);
  if (root.matches("[data-width]")) bars.push(root);
  for (const bar of bars) bar.style.width = `${Math.min(100, Math.max(0, Number(bar.dataset.width) || 0))}%`;
});
