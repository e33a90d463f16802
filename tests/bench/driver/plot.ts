// The plot of cost against size, as SVG.

import { rate, type Point } from './scaling.js';

/** A line of the plot. */
export interface Series {
  name: string;
  colour: string;
  points: Point[];
}

const PANEL = { width: 270, height: 200, left: 52, top: 46, bottom: 44, gap: 28 };
const TITLES: Record<Point['axis'], string> = {
  batch: 'images in a batch',
  depth: 'blocks, as a multiple',
  side: 'side of the image in pixels',
};

/** Gigaflops against size, a panel for each axis; where the cost follows the multiply-adds, the line is level. */
export function plot(series: Series[]): string {
  const axes: Point['axis'][] = ['batch', 'depth', 'side'];
  const rates = series.flatMap(({ points }) => points.map(rate));
  const top = Math.ceil(Math.max(...rates, 1) / 20) * 20;
  const width = axes.length * (PANEL.left + PANEL.width + PANEL.gap);
  const height = PANEL.top + PANEL.height + PANEL.bottom;
  const panels = axes.map((axis, i) =>
    panel(axis, series, top, i * (PANEL.left + PANEL.width + PANEL.gap) + PANEL.left),
  );
  const legend = series.map(({ name, colour }, i) => {
    const x = PANEL.left + i * 190;
    return `<rect x="${x}" y="8" width="14" height="4" fill="${colour}"/><text x="${x + 20}" y="14">${name}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11" fill="#444">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...legend,
    ...panels,
    '</svg>\n',
  ].join('\n');
}

function panel(axis: Point['axis'], series: Series[], top: number, left: number): string {
  const values = [
    ...new Set(series.flatMap(({ points }) => points.filter((p) => p.axis === axis).map((p) => p.value))),
  ];
  values.sort((a, b) => a - b);
  const [first, last] = [values[0] ?? 1, values.at(-1) ?? 2];
  const x = (value: number) =>
    left + (last === first ? 0.5 : Math.log(value / first) / Math.log(last / first)) * PANEL.width;
  const y = (value: number) => PANEL.top + PANEL.height * (1 - value / top);
  const bottom = PANEL.top + PANEL.height;
  const levels = [0, 0.25, 0.5, 0.75, 1].map((share) => share * top);
  const grid = levels.map(
    (level) =>
      `<path d="M${left} ${round(y(level))}h${PANEL.width}" stroke="#ddd"/>` +
      `<text x="${left - 6}" y="${round(y(level) + 4)}" text-anchor="end">${level}</text>`,
  );
  const ticks = values.map(
    (value) => `<text x="${round(x(value))}" y="${bottom + 15}" text-anchor="middle">${value}</text>`,
  );
  const lines = series.map(({ points, colour }) => {
    const here = points.filter((point) => point.axis === axis).sort((a, b) => a.value - b.value);
    const places = here.map((point) => [round(x(point.value)), round(y(rate(point)))] as const);
    const dots = places.map(([px, py]) => `<circle cx="${px}" cy="${py}" r="2.5" fill="${colour}"/>`);
    return `<polyline points="${places.map((place) => place.join(',')).join(' ')}" fill="none" stroke="${colour}" stroke-width="1.5"/>${dots.join('')}`;
  });
  const title = `<text x="${left + PANEL.width / 2}" y="${bottom + 34}" text-anchor="middle">${TITLES[axis]}</text>`;
  const unit = `<text x="${left}" y="${PANEL.top - 8}">GFLOP per second of CPU time</text>`;
  return [...grid, ...ticks, ...lines, title, unit].join('\n');
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}
