// What every page does: menu, dialog, copying, questions before dangerous forms, local filters, the browser's time zone.
import "./live.js";
import { changed } from "./zone.js";

// Once more now that the server knows the zone, unless the page shows what is shown only once.
const once = performance.getEntriesByType("navigation")[0]?.type !== "reload";
if (changed && once && !document.querySelector(".secret")) location.reload();

// Where the tabs do not fit the screen, the one that is open is not left outside of it.
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

const dialog = document.getElementById("dialog");
document.addEventListener("htmx:after:swap", () => {
  const content = dialog?.querySelector("#dialog-content");
  if (content?.childElementCount && !dialog.open) dialog.showModal();
});
dialog?.addEventListener("close", () => dialog.querySelector("#dialog-content").replaceChildren());

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-close],[data-copy],[data-ask],[data-menu],[data-theme-toggle],[data-download]");
  if (!target) {
    if (event.target === dialog) dialog.close();
    return;
  }
  if ("close" in target.dataset) dialog.close();
  if ("copy" in target.dataset) copy(target);
  if ("ask" in target.dataset && !confirm(target.dataset.ask)) event.preventDefault();
  if ("menu" in target.dataset) menu(target);
  if ("themeToggle" in target.dataset) document.dispatchEvent(new Event("releve:theme-toggle"));
  if ("download" in target.dataset) target.search = filtersOf(document.querySelector(target.dataset.download));
});

// A form that came back: to the field that is wrong.
document.querySelector("main .is-invalid")?.focus();

function copy(button) {
  const field = document.getElementById(button.dataset.copy);
  const label = button.querySelector("span");
  const before = label.textContent;
  field.select();
  // The clipboard exists on secure pages only; elsewhere the text is selected, ready for Ctrl+C.
  navigator.clipboard?.writeText(field.value).then(() => {
    label.textContent = button.dataset.copied;
    setTimeout(() => { label.textContent = before; }, 2000);
  }, () => {});
}

function menu(button) {
  const open = document.getElementById(button.getAttribute("aria-controls")).classList.toggle("open");
  button.setAttribute("aria-expanded", String(open));
}

function filtersOf(form) {
  const filled = [...new FormData(form)].filter(([, value]) => value !== "");
  return new URLSearchParams(filled).toString();
}

function narrow(input) {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const row of document.querySelectorAll(input.dataset.filters)) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
  }
}

document.addEventListener("input", (event) => {
  if ("filters" in event.target.dataset) narrow(event.target);
});
document.addEventListener("htmx:after:swap", () => {
  for (const input of document.querySelectorAll("[data-filters]")) narrow(input);
});
