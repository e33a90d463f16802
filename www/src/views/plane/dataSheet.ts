import type { PlanePoints, PlaneView } from 'ibinn';
import { contour, quantile, type Segment, withoutThreads } from './contour.ts';
import { EXTENT } from './painted.ts';
import type { Sheet } from './sheet.ts';

/** Lines of the mesh each way. */
export const MESH_LINES = 13;
/** The lines of equal density leave out these shares of the points. */
const LEFT_OUT = [0.05, 0.5];
/** Beyond the outer line the tint fades out within so many nats. */
const FADE_NATS = 4;
/** Tint of what the posterior is sure of, and on top of it where the points are likely. */
const TINT = { sure: 0.12, likely: 0.4 };
const DOT_PX = 2;
const PAINTED_PX = 3.5;
/** A posterior that single precision holds for 0. */
const LEAST_SHARE = 1e-30;

/** The plane of the data: density and decisions of the flow, the mesh before it is bent, and the points. */
export function drawPlane(sheet: Sheet, points: PlanePoints, own: number, classes: number, view: PlaneView): void {
  sheet.reach = EXTENT;
  if (!sheet.begin(classes)) return;
  const { context, colours } = sheet;
  const side = Math.sqrt(view.logLikelihood.length);
  drawField(sheet, side, classes, view);
  drawMesh(sheet);

  context.strokeStyle = colours.ink;
  if (view.pointLogLikelihood.length > 0) {
    context.globalAlpha = 0.45;
    context.lineWidth = 1;
    const density = withoutThreads(view.logLikelihood, side);
    for (const share of LEFT_OUT) {
      strokeCells(sheet, side, contour(density, side, quantile(view.pointLogLikelihood, share)));
    }
  }
  context.globalAlpha = 1;
  context.lineWidth = 1.75 * sheet.unit;
  // Of two classes one border is the other's.
  for (let k = 0; k < (classes === 2 ? 1 : classes); k++) {
    strokeCells(sheet, side, contour(withoutThreads(odds(view, classes, k), side), side, 0));
  }

  const toy = points.classes.length - own;
  sheet.dots(points.x.subarray(0, 2 * toy), points.classes.subarray(0, toy), DOT_PX * sheet.unit);
  for (let i = toy; i < points.classes.length; i++) {
    const [x, y] = [points.x[2 * i]!, points.x[2 * i + 1]!];
    sheet.disc(x, y, PAINTED_PX * sheet.unit + 1.25, colours.ink);
    sheet.disc(x, y, PAINTED_PX * sheet.unit, colours.classes[points.classes[i]!] ?? colours.ink);
  }
}

/** How much more probable class k is than any other, in nats, in every cell. */
function odds(view: PlaneView, classes: number, k: number): Float64Array {
  const log = (share: number) => Math.log(Math.max(LEAST_SHARE, share));
  return Float64Array.from({ length: view.logLikelihood.length }, (_, cell) => {
    const shares = view.posterior.subarray(cell * classes, (cell + 1) * classes);
    return log(shares[k]!) - log(Math.max(...shares.filter((_, other) => other !== k)));
  });
}

/** A pixel a cell, in the colours of the classes by their posterior, enlarged smoothly. */
function drawField(
  sheet: Sheet,
  side: number,
  classes: number,
  { logLikelihood, posterior, pointLogLikelihood }: PlaneView,
): void {
  const outer = quantile(pointLogLikelihood, LEFT_OUT[0]!);
  const picture = new ImageData(side, side);
  logLikelihood.forEach((density, cell) => {
    let [red, green, blue, most] = [0, 0, 0, 0];
    for (let k = 0; k < classes; k++) {
      const share = posterior[cell * classes + k]!;
      const [r, g, b] = sheet.rgb[k]!;
      red += share * r;
      green += share * g;
      blue += share * b;
      most = Math.max(most, share);
    }
    const sure = (most - 1 / classes) / (1 - 1 / classes);
    const likely = Number.isNaN(outer) ? 0 : Math.min(1, Math.max(0, 1 + (density - outer) / FADE_NATS));
    const row = side - 1 - Math.floor(cell / side);
    const alpha = 255 * (TINT.sure * sure + TINT.likely * likely ** 2);
    picture.data.set([red, green, blue, alpha], 4 * (row * side + (cell % side)));
  });
  const cells = new OffscreenCanvas(side, side);
  cells.getContext('2d')?.putImageData(picture, 0, 0);
  sheet.context.imageSmoothingEnabled = true;
  sheet.context.imageSmoothingQuality = 'high';
  sheet.context.drawImage(cells, 0, 0, sheet.side, sheet.side);
}

/** The lines that the other picture shows bent. */
function drawMesh(sheet: Sheet): void {
  const { context } = sheet;
  context.strokeStyle = sheet.colours.soft;
  context.globalAlpha = 0.16;
  context.lineWidth = 1;
  context.beginPath();
  for (let line = 0; line < MESH_LINES; line++) {
    const at = (line / (MESH_LINES - 1)) * sheet.side;
    context.moveTo(at, 0);
    context.lineTo(at, sheet.side);
    context.moveTo(0, at);
    context.lineTo(sheet.side, at);
  }
  context.stroke();
}

function strokeCells(sheet: Sheet, cells: number, segments: readonly Segment[]): void {
  const { context, side } = sheet;
  const cell = side / cells;
  context.beginPath();
  for (const [fromX, fromY, toX, toY] of segments) {
    context.moveTo(fromX * cell, side - fromY * cell);
    context.lineTo(toX * cell, side - toY * cell);
  }
  context.stroke();
}
