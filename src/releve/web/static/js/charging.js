// Power of a station's EVSEs: measured in the last hour, and what the charging profiles allow from now on.
import { COLOURS, Chart, at, axis, colour, number, seconds, times } from "./chart.js";

const element = document.getElementById("charging");
let curves = [];

function data() {
  const drawn = curves.filter(({ points }) => points.some(([, kw]) => kw !== null));
  if (!drawn.length) return null;
  // The last of several values of one second counts: a step has two.
  const tables = drawn.map(({ points }) => [points.map(([second]) => second), points.map(([, kw]) => kw)]);
  return uPlot.join(tables, tables.map(([x]) => x.map(() => 1)));
}

function options() {
  const drawn = curves.filter(({ points }) => points.some(([, kw]) => kw !== null));
  return {
    legend: { live: true },
    scales: { y: { range: (_, __, most) => [0, Math.max(1, (most ?? 0) * 1.1)] } },
    axes: [axis({ values: times }), axis({ values: (_, splits) => splits.map((v) => number(v, v % 1 ? 1 : 0, "kW")), size: 70 })],
    series: [
      { label: element.dataset.time, value: at },
      ...drawn.map(({ evse, index, allowed }) => ({
        label: `${element.dataset.label} ${evse} ${allowed ? element.dataset.allowed : element.dataset.measured}`,
        stroke: colour(COLOURS[index % COLOURS.length]),
        width: 2,
        dash: allowed ? [6, 4] : undefined,
        spanGaps: true,
        points: { show: false },
        value: (_, kw) => number(kw, 1, "kW"),
      })),
    ],
  };
}

const chart = new Chart(element, options, data);

function curve(rows, evse, index, allowed) {
  const points = [];
  for (const [iso, of, watts] of rows) {
    if (of !== evse) continue;
    let second = seconds(iso);
    if (points.length && points.at(-1)[0] >= second) second = points.at(-1)[0] + 0.001;
    points.push([second, watts === null ? null : watts / 1000]);
  }
  return { evse, index, allowed, points };
}

async function load() {
  const response = await fetch(element.dataset.chart, { headers: { accept: "application/json" } });
  if (!response.ok) return;
  const { evses, measured, allowed } = await response.json();
  curves = evses.flatMap((evse, index) => [curve(measured, evse, index, false), curve(allowed, evse, index, true)]);
  chart.build();
}

let waiting = null;
document.addEventListener("releve:change", ({ detail }) => {
  const ours = detail.station === element.dataset.station;
  if (!ours || !["command.ended", "operation.changed", "station.reported", "transaction.ended"].includes(detail.topic)) return;
  clearTimeout(waiting);
  waiting = setTimeout(load, 1000);
});
document.addEventListener("releve:back", load);
load();
