// Following a message log: new messages are put on top, what is open stays open.
const PAUSE = 2000;
const MOST = 500;
const toggle = document.querySelector("[data-follow]");
let timer = 0;

async function look() {
  const list = document.querySelector(toggle.dataset.follow);
  const address = new URL(list.dataset.url, location.href);
  address.searchParams.delete("after");
  const response = await fetch(address, { headers: { "HX-Request": "true" } });
  if (response.ok && toggle.checked) {
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    show(list, [...fresh.querySelectorAll(".exchange")]);
  }
  if (toggle.checked) timer = setTimeout(look, PAUSE);
}

function show(list, exchanges) {
  const holder = list.querySelector(".exchanges");
  const unknown = exchanges.filter((exchange) => !document.getElementById(exchange.id));
  holder.prepend(...unknown.map((exchange) => document.importNode(exchange, true)));
  if (holder.childElementCount) list.querySelector(".nothing")?.remove();
  while (holder.childElementCount > MOST) holder.lastElementChild.remove();
}

toggle.addEventListener("change", () => {
  clearTimeout(timer);
  if (toggle.checked) look();
});
