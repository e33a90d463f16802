import type { PlanePoints, PlaneView } from 'ibinn';
import { quantile } from './contour.ts';
import { MESH_LINES } from './dataSheet.ts';
import type { Sheet } from './sheet.ts';

/** The least that is shown of latent space to each side, and what is left free around means and points. */
const LEAST_REACH = 4;
const MARGIN = 1.12;
/** The share of the points that must be in sight. */
const IN_SIGHT = 0.98;
/** The reach moves by this share of its way with each picture, so that the scale does not jump. */
const EASE = 0.15;
/** A line that goes on as it does here would be longer than so many sides of the picture. */
const TORN = 3;
const DOT_PX = 1.75;
const MEAN_PX = 6;

/** Where the means have been: x, y, x, y, …, one array for each class. */
export type Trails = readonly (readonly number[])[];

/** Latent space: the bent mesh, a cloud for each class, the points, and the means with the way that they came. */
export function drawLatent(
  sheet: Sheet,
  points: PlanePoints,
  classes: number,
  view: PlaneView,
  trails: Trails,
  jump: boolean,
): void {
  const wanted = reachOf(view);
  sheet.reach = jump ? wanted : sheet.reach + EASE * (wanted - sheet.reach);
  if (!sheet.begin(classes)) return;
  const { context, colours, unit } = sheet;

  drawMesh(sheet, view.mesh);
  for (let k = 0; k < classes; k++) {
    const [x, y] = [view.means[2 * k]!, view.means[2 * k + 1]!];
    const colour = colours.classes[k] ?? colours.ink;
    for (const deviations of [2, 1]) {
      context.globalAlpha = 0.13;
      sheet.disc(x, y, sheet.length(deviations), colour);
      context.globalAlpha = 0.9;
      context.strokeStyle = colour;
      context.lineWidth = unit * (deviations === 1 ? 1.75 : 1);
      context.stroke();
    }
  }
  context.globalAlpha = 0.8;
  sheet.dots(view.z, points.classes, DOT_PX * sheet.unit);
  context.globalAlpha = 1;
  trails.forEach((trail, k) => {
    for (const [colour, width] of [
      [colours.paper, 4 * unit],
      [colours.ink, 1.5 * unit],
    ] as const) {
      context.strokeStyle = colour;
      context.lineWidth = width;
      sheet.line(trail);
    }
    sheet.disc(trail[0]!, trail[1]!, 2.5 * unit, colours.ink);
    const [x, y] = [view.means[2 * k]!, view.means[2 * k + 1]!];
    sheet.disc(x, y, (MEAN_PX + 2) * unit, colours.paper);
    sheet.disc(x, y, MEAN_PX * unit, colours.ink);
    sheet.disc(x, y, (MEAN_PX - 2) * unit, colours.classes[k] ?? colours.ink);
  });
}

/** The bent mesh. Where the flow tears it far apart, which is where no points are, its lines are fainter. */
function drawMesh(sheet: Sheet, mesh: Float32Array): void {
  const { context } = sheet;
  const places = mesh.length / (4 * MESH_LINES);
  const [near, torn] = [new Path2D(), new Path2D()];
  for (let i = 0; i + 1 < mesh.length / 2; i++) {
    if ((i + 1) % places === 0) continue;
    const [fromX, fromY] = [sheet.x(mesh[2 * i]!), sheet.y(mesh[2 * i + 1]!)];
    const [toX, toY] = [sheet.x(mesh[2 * i + 2]!), sheet.y(mesh[2 * i + 3]!)];
    const path = Math.hypot(toX - fromX, toY - fromY) * places > TORN * sheet.side ? torn : near;
    path.moveTo(fromX, fromY);
    path.lineTo(toX, toY);
  }
  context.strokeStyle = sheet.colours.soft;
  context.lineWidth = sheet.unit;
  context.globalAlpha = 0.42;
  context.stroke(near);
  context.globalAlpha = 0.14;
  context.stroke(torn);
}

/** How far to each side the means with their clouds and nearly all points lie. */
function reachOf(view: PlaneView): number {
  const far = view.means.reduce((far, value) => Math.max(far, Math.abs(value) + 2), 0);
  const points = view.z.length === 0 ? 0 : quantile(view.z.map(Math.abs), IN_SIGHT);
  return MARGIN * Math.max(LEAST_REACH / MARGIN, far, points);
}
