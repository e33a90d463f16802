import { byId, element, input } from '../../dom.ts';
import type { DrawingCanvas } from './drawingCanvas.ts';

/** The brush: what it draws with, and how wide. */
export function mountTools(drawingCanvas: DrawingCanvas): void {
  const [size, tone, colour] = [input('brush-size'), input('tone'), input('colour')];
  const eraser = () => element('tools').querySelector<HTMLInputElement>('input[value=eraser]')?.checked ?? false;
  const update = () => {
    const grey = Math.round(255 * Number(tone.value));
    const ink = byId('colour-field', HTMLElement).hidden ? `rgb(${grey} ${grey} ${grey})` : colour.value;
    drawingCanvas.brush = { size: Number(size.value), colour: eraser() ? '#000' : ink };
  };
  for (const control of [size, tone, colour, element('tools')]) control.addEventListener('input', update);
  update();
}
