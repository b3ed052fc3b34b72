// Live pages: the server tells what changed, and every part of the page that shows it fetches itself again.
//
// A part says with data-live which topics concern it (a prefix like "evse", or a whole topic), with data-live-station or
// data-live-transaction whose, with data-live-url where its new self is, and with data-live-every how often at most (ms).

const LEAST_PAUSE = 500;
const SILENCE = 40000;
const PATIENCE = 2000;
const banner = document.getElementById("connection-lost");
const waiting = new WeakMap();
let source = null;
let watchdog = 0;
let again = 0;
let lost = false;
let fresh = Boolean(document.body.dataset.after);

function concerns(part, change) {
  const { live, liveStation, liveTransaction } = part.dataset;
  if (liveStation && liveStation !== change.station) return false;
  if (liveTransaction && liveTransaction !== change.transaction) return false;
  return live.split(" ").some((topic) => topic === change.topic || topic === change.topic.split(".")[0]);
}

function refresh(part) {
  const pause = Math.max(LEAST_PAUSE, Number(part.dataset.liveEvery ?? 0));
  const state = waiting.get(part) ?? { last: 0, timer: 0 };
  waiting.set(part, state);
  if (state.timer) return;
  const wait = Math.max(0, state.last + pause - performance.now());
  state.timer = setTimeout(async () => {
    state.timer = 0;
    state.last = performance.now();
    if (part.isConnected) {
      await htmx.ajax("GET", part.dataset.liveUrl, { target: part, source: part, swap: "outerMorph" });
    }
  }, wait);
}

function told(event) {
  alive();
  const { all, changes } = JSON.parse(event.data);
  for (const part of document.querySelectorAll("[data-live]")) {
    if (all || changes.some((change) => concerns(part, change))) refresh(part);
  }
  for (const change of changes) document.dispatchEvent(new CustomEvent("releve:change", { detail: change }));
}

function alive() {
  clearTimeout(watchdog);
  watchdog = setTimeout(() => { fell(); open(); }, SILENCE);
  if (!lost) return;
  lost = false;
  banner.hidden = true;
  // What happened meanwhile was not told to us.
  for (const part of document.querySelectorAll("[data-live]")) refresh(part);
  document.dispatchEvent(new Event("releve:back"));
}

function fell() {
  if (lost) return;
  lost = true;
  banner.querySelector("[data-lost-at]").textContent = new Date().toLocaleTimeString(document.documentElement.lang);
  banner.hidden = false;
}

function open() {
  clearTimeout(again);
  source?.close();
  source = new EventSource(address());
  source.addEventListener("change", told);
  source.addEventListener("beat", alive);
  source.addEventListener("error", () => {
    // Not left to the browser, which would ask for what happened since this page was made, however long ago.
    source?.close();
    fell();
    clearTimeout(again);
    again = setTimeout(open, PATIENCE);
  });
}

// The first stream begins where the page's own knowledge ends; later ones with refreshing everything.
function address() {
  const url = new URL(document.body.dataset.stream, location.href);
  if (fresh) url.searchParams.set("after", document.body.dataset.after);
  fresh = false;
  return url;
}

// A browser has few connections per server: tabs that nobody sees give theirs back.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    clearTimeout(watchdog);
    clearTimeout(again);
    source?.close();
    source = null;
  } else if (!source) {
    lost = true;
    open();
  }
});
addEventListener("pagehide", () => source?.close());

if (banner && document.body.dataset.stream) open();
