import type { CalibrationCurve } from 'ibinn';
import { svg } from '../../dom.ts';
import { card as text } from '../../strings/card.ts';

const SIZE = 260;
const LEFT = 40;
const BOTTOM = 36;
/** Bins with so few entries do not count in the errors, and are left out of the curve. */
const FEW = 20;
const TICKS = [0, 0.25, 0.5, 0.75, 1];

/** Draws how often the model is right by how sure it says that it is. */
export function drawCurve(frame: HTMLElement, curve: CalibrationCurve | undefined): void {
  if (!curve) return frame.replaceChildren(text.noCalibration);
  const points = curve.bins.flatMap(({ centre, accuracy, count }) =>
    accuracy === null || count <= FEW ? [] : [{ said: centre, right: accuracy }],
  );
  const x = (said: number) => LEFT + SIZE * said;
  const y = (right: number) => 8 + SIZE * (1 - right);
  const picture = svg('svg', { viewBox: `0 0 ${LEFT + SIZE + 12} ${8 + SIZE + BOTTOM}`, 'aria-hidden': 'true' });
  picture.append(
    svg('rect', { class: 'curve-ground', x: LEFT, y: 8, width: SIZE, height: SIZE }),
    svg('line', { class: 'curve-ideal', x1: x(0), y1: y(0), x2: x(1), y2: y(1) }),
    ...TICKS.flatMap((tick) => [
      svg('text', { class: 'tick', x: x(tick), y: 8 + SIZE + 15, 'text-anchor': 'middle' }, `${100 * tick}`),
      svg('text', { class: 'tick', x: LEFT - 6, y: y(tick) + 4, 'text-anchor': 'end' }, `${100 * tick}`),
    ]),
    svg('text', { class: 'side', x: x(0.5), y: 8 + SIZE + 32, 'text-anchor': 'middle' }, `${text.said} (%)`),
    svg(
      'text',
      { class: 'side', x: 10, y: y(0.5), 'text-anchor': 'middle', transform: `rotate(-90 10 ${y(0.5)})` },
      `${text.right} (%)`,
    ),
    svg('polyline', {
      class: 'curve-line',
      points: points.map(({ said, right }) => `${x(said)},${y(right)}`).join(' '),
    }),
    ...points.map(({ said, right }) => svg('circle', { class: 'curve-dot', cx: x(said), cy: y(right), r: 3.5 })),
  );
  frame.setAttribute('role', 'img');
  frame.setAttribute('aria-label', text.curveLabel(points.map(({ said, right }) => text.curvePoint(said, right))));
  frame.replaceChildren(picture);
}
