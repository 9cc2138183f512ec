/** The vote panel: the chosen decision names the button, its consequence and the fields that belong to it. */
import { all, each, on, one } from "./dom.js";

function follow(form) {
  const chosen = one("[data-choices] input[type=radio]:checked", form);
  const button = one("[data-choice-button]", form);
  const consequence = one("[data-choice-consequence]", form);
  if (button && chosen?.dataset.button) button.textContent = chosen.dataset.button;
  if (button) button.disabled = !chosen;
  if (consequence) consequence.textContent = chosen?.dataset.consequence ?? "";
  for (const part of all("[data-for]", form)) {
    const apt = Boolean(chosen) && part.dataset.for.split(" ").includes(chosen.value);
    part.hidden = !apt;
    for (const field of all("input, select, textarea", part)) field.disabled = !apt;
  }
}

on("change", "[data-choices]", (fieldset) => follow(fieldset.closest("form")));
each((root) => {
  for (const fieldset of all("[data-choices]", root.parentNode ?? root)) follow(fieldset.closest("form"));
});
