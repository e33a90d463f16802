import type { App } from '../../app.ts';
import { create, element } from '../../dom.ts';
import { paint } from '../../images/pixels.ts';
import { bytesOf, own } from '../../images/source.ts';
import { drawTry, halfOf, TRIES } from '../../images/tries.ts';
import { draw as text } from '../../strings/draw.ts';

/** Things to try by one click: each is shown as it is, and comes on the canvas. */
export function mountTries(app: App): void {
  const { store } = app;
  const tile = (name: string, picture: HTMLElement, pick: () => void) => {
    const button = create('button', 'tile', picture);
    button.type = 'button';
    button.title = name;
    button.setAttribute('aria-label', name);
    button.addEventListener('click', pick);
    return button;
  };
  let laidOut = '';
  app.onWanted((wanted) => {
    const shape = [wanted.channels, wanted.height, wanted.width].join();
    if (shape === laidOut) return;
    laidOut = shape;
    const tiles = TRIES.map((which) => {
      const bytes = drawTry(which, wanted);
      const canvas = create('canvas', 'image');
      paint(canvas, bytes, wanted);
      return tile(text.tries[which], canvas, () => store.set({ image: own(bytes) }));
    });
    // What is half of is drawn by the model that runs when it is asked for.
    const half = tile(text.tries.half, create('span', 'half', '½'), () => {
      void app.use(async (model) => {
        const classNumber = Math.floor(model.spec.classes.length * Math.random());
        const whole = { kind: 'sample', class: classNumber, index: 0, seed: 0, temperature: 0 } as const;
        store.set({ image: own(halfOf(await bytesOf(whole, model), model.spec), { asItIs: true }) });
      });
    });
    element('tries').replaceChildren(...tiles, half);
  });
}
