// Common to the charts: colours of the theme, sizes, drawing again when either changes.

export const COLOURS = ["--rlv-busy", "--rlv-ok", "--rlv-calm", "--rlv-warn", "--rlv-bad"];

export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export function axis(extra = {}) {
  const line = { stroke: colour("--rlv-line"), width: 1 };
  return { stroke: colour("--rlv-quiet"), grid: line, ticks: line, font: "12px system-ui, sans-serif", ...extra };
}

export function seconds(iso) {
  return Date.parse(iso) / 1000;
}

// The time that a chart spans: what there is, at least ten minutes; from its start on, or up to its end.
const LEAST = 600;
export function fromStart(plot, least, most) {
  return [least, Math.max(last(plot, least, most), least + LEAST)];
}
export function upToEnd(plot, least, most) {
  const end = last(plot, least, most);
  return [Math.min(least, end - LEAST), end];
}
// For a single point uPlot says that it spans a day.
function last(plot, least, most) {
  return plot.data[0].length < 2 ? least : most;
}

const numbers = new Map();
export function number(value, digits, unit) {
  if (value === null || value === undefined) return "–";
  if (!numbers.has(digits)) {
    const format = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    numbers.set(digits, new Intl.NumberFormat(document.documentElement.lang, format));
  }
  return `${numbers.get(digits).format(value)} ${unit}`;
}

const clock = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hour12: false });
export function times(_, splits) {
  return splits.map((second) => clock.format(new Date(second * 1000)));
}
const moment = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "medium", hour12: false });
export function at(_, second) {
  return second === null ? "–" : moment.format(new Date(second * 1000));
}

// A chart in an element. options: makes uPlot's options anew; data: gives what is drawn, null for nothing.
export class Chart {
  constructor(element, options, data) {
    this.element = element;
    this.options = options;
    this.data = data;
    this.plot = null;
    new ResizeObserver(() => this.resize()).observe(element);
    document.addEventListener("releve:theme", () => this.build());
  }

  build() {
    this.plot?.destroy();
    this.plot = null;
    this.element.replaceChildren();
    const data = this.data();
    if (!data || !data[0].length) {
      const nothing = document.createElement("p");
      nothing.className = "chart-empty";
      nothing.textContent = this.element.dataset.empty;
      this.element.append(nothing);
      return;
    }
    this.plot = new uPlot({ ...this.options(), width: this.element.clientWidth, height: this.height() }, data, this.element);
  }

  update() {
    const data = this.data();
    if (!this.plot || data.length !== this.plot.series.length) this.build();
    else this.plot.setData(data);
  }

  resize() {
    this.plot?.setSize({ width: this.element.clientWidth, height: this.height() });
  }

  height() {
    return this.element.clientWidth < 500 ? 220 : 280;
  }
}
