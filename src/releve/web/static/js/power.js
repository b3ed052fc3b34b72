// Power of a station's EVSEs over the last hour, continued by the live stream.
import { COLOURS, Chart, at, axis, colour, number, seconds, times, upToEnd } from "./chart.js";

const HOUR = 3600;
const element = document.getElementById("power");
const curves = new Map();

function add(evse, second, watts) {
  const points = curves.get(evse) ?? curves.set(evse, []).get(evse);
  const last = points.at(-1);
  if (last && second < last[0]) return;
  if (last && second === last[0]) points.pop();
  points.push([second, watts / 1000]);
}

function numbersOfEvses() {
  return [...curves.keys()].sort((a, b) => a - b);
}

function data() {
  const oldest = Date.now() / 1000 - HOUR;
  const tables = numbersOfEvses().map((evse) => {
    const points = curves.get(evse).filter(([second]) => second >= oldest);
    return [points.map(([second]) => second), points.map(([, kw]) => kw)];
  }).filter(([x]) => x.length);
  return tables.length ? uPlot.join(tables) : null;
}

function options() {
  const drawn = numbersOfEvses().filter((evse) => curves.get(evse).some(([second]) => second >= Date.now() / 1000 - HOUR));
  return {
    legend: { live: true },
    scales: { x: { range: upToEnd }, y: { range: (_, least, most) => [Math.min(0, least * 1.1), Math.max(1, most * 1.1)] } },
    axes: [axis({ values: times }), axis({ values: (_, splits) => splits.map((v) => number(v, v % 1 ? 1 : 0, "kW")), size: 70 })],
    series: [
      { label: element.dataset.time, value: at },
      ...drawn.map((evse, index) => ({
        label: `${element.dataset.label} ${evse}`,
        stroke: colour(COLOURS[index % COLOURS.length]),
        width: 2,
        spanGaps: true,
        points: { show: false },
        value: (_, kw) => number(kw, 1, "kW"),
      })),
    ],
  };
}

const chart = new Chart(element, options, data);

async function load() {
  const response = await fetch(element.dataset.chart, { headers: { accept: "application/json" } });
  if (!response.ok) return;
  curves.clear();
  for (const [iso, evse, watts] of (await response.json()).points) add(evse, seconds(iso), watts);
  chart.build();
}

document.addEventListener("releve:change", ({ detail }) => {
  if (detail.topic !== "meter.sampled" || detail.station !== element.dataset.station || detail.power_w === null) return;
  add(detail.evse, seconds(detail.at), detail.power_w);
  chart.update();
});
document.addEventListener("releve:back", load);
load();
