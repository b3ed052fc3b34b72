// Energy, power and state of charge of one transaction over time.
import { Chart, at, axis, colour, fromStart, number, seconds, times } from "./chart.js";

const PAUSE = 5000;
const element = document.getElementById("energy");
const words = element.dataset;
let points = [];
let loading = 0;

function column(index, factor) {
  return points.map((point) => (point[index] === null ? null : point[index] * factor));
}

function hasSoc() {
  return points.some((point) => point[3] !== null);
}

function data() {
  if (!points.length) return null;
  const columns = [points.map(([iso]) => seconds(iso)), column(1, 0.001), column(2, 0.001)];
  return hasSoc() ? [...columns, column(3, 1)] : columns;
}

function curve(label, scale, paint, unit, digits) {
  return { label, scale, stroke: colour(paint), width: 2, spanGaps: true, points: { show: points.length < 3 }, value: (_, v) => number(v, digits, unit) };
}

function options() {
  const fromZero = { range: (_, __, most) => [0, Math.max(1, most * 1.1)] };
  const bothWays = { range: (_, least, most) => [Math.min(0, least * 1.1), Math.max(1, most * 1.1)] }; // cars give back, too
  const unit = (text) => (_, splits) => splits.map((v) => number(v, v % 1 ? 1 : 0, text));
  return {
    scales: { x: { range: fromStart }, kwh: fromZero, kw: bothWays, pct: { range: [0, 100] } },
    axes: [
      axis({ values: times }),
      axis({ scale: "kwh", values: unit("kWh"), size: 80, stroke: colour("--rlv-ok") }),
      axis({ scale: "kw", values: unit("kW"), side: 1, size: 70, grid: { show: false }, stroke: colour("--rlv-busy") }),
    ],
    series: [
      { label: words.time, value: at },
      { ...curve(words.energy, "kwh", "--rlv-ok", "kWh", 2), fill: `${colour("--rlv-ok")}22` },
      curve(words.power, "kw", "--rlv-busy", "kW", 1),
      ...(hasSoc() ? [{ ...curve(words.soc, "pct", "--rlv-calm", "%", 0), dash: [6, 4] }] : []),
    ],
  };
}

const chart = new Chart(element, options, data);

async function load() {
  const response = await fetch(element.dataset.chart, { headers: { accept: "application/json" } });
  if (!response.ok) return;
  ({ points } = await response.json());
  chart.build();
}

document.addEventListener("releve:change", ({ detail }) => {
  if (detail.transaction !== element.dataset.transaction || loading) return;
  loading = setTimeout(() => { loading = 0; load(); }, PAUSE);
});
document.addEventListener("releve:back", load);
load();
