/** Filters that apply at once, repeated groups of fields, and a warning before typed text is lost. */
import { all, each, on, one } from "./dom.js";

on("change", "form[data-auto-submit] :is(select, input[type=checkbox], input[type=radio], input[type=date])", (field) => {
  field.form.requestSubmit();
});

/** A choice that changes what else the form asks: sent by its own button, so that what was typed comes along. */
on("change", "select[data-shows]", (field) => {
  field.form.requestSubmit(one("button[name=show]", field.parentElement));
});

/** `<div data-repeat><template>… __prefix__ …</template><button data-repeat-add>` — also raises a formset's TOTAL_FORMS. */
on("click", "[data-repeat-add]", (button, event) => {
  event.preventDefault();
  const group = button.closest("[data-repeat]");
  const total = one("input[name$=TOTAL_FORMS]", group);
  const index = total ? Number(total.value) : all("[data-repeat-item]", group).length;
  const holder = document.createElement("div");
  holder.innerHTML = one("template", group).innerHTML.replaceAll("__prefix__", String(index));
  const item = holder.firstElementChild;
  button.before(item);
  if (total) total.value = String(index + 1);
  one("input, textarea, select", item)?.focus();
});
on("click", "[data-repeat-remove]", (button, event) => {
  event.preventDefault();
  const item = button.closest("[data-repeat-item]");
  const gone = one("input[name$=-DELETE]", item);
  if (gone) {
    gone.checked = true;
    item.hidden = true;
  } else {
    item.remove();
  }
});

each((root) => {
  for (const element of all("[data-no-js]", root)) element.hidden = true;
});

// What was typed before the form was shown anew is as unsaved as what is typed now.
let typed = Boolean(one("[data-typed]"));
on("input", "form[data-keep]", () => { typed = true; });
document.addEventListener("submit", () => { typed = false; });
addEventListener("beforeunload", (event) => {
  if (typed) event.preventDefault();
});
