import type { App } from '../../app.ts';
import { button, create, element } from '../../dom.ts';
import { type CorruptionName, disturbs, INTACT } from '../../images/corruption.ts';
import { draw as text } from '../../strings/draw.ts';
import { Sweep } from '../../sweep.ts';

/** How far each slider goes, and in which steps. */
const RANGES: Record<CorruptionName, { readonly most: number; readonly step: number }> = {
  rotation: { most: 360, step: 1 },
  noise: { most: 0.5, step: 0.005 },
  blur: { most: 3, step: 0.05 },
  inversion: { most: 1, step: 0.01 },
  occlusion: { most: 1, step: 0.01 },
  colours: { most: 1, step: 0.01 },
};

const NAMES = Object.keys(RANGES) as CorruptionName[];

/** The sliders that disturb the image on the canvas; each can be swept back and forth by itself. */
export function mountDisturb(app: App): void {
  const { store } = app;
  const set = (name: CorruptionName, value: number) =>
    store.set({ corruption: { ...store.state.corruption, [name]: value } });

  let swept: { readonly name: CorruptionName; readonly sweep: Sweep } | undefined;
  const sliders = NAMES.map((name) => {
    const { most, step } = RANGES[name];
    const slider = create('input');
    Object.assign(slider, { type: 'range', min: '0', max: String(most), step: String(step), id: `disturb-${name}` });
    const value = create('output');
    value.setAttribute('aria-live', 'off');
    const play = create('button', 'icon play');
    play.type = 'button';
    const label = create('label', 'slider', create('span', '', text.corruptions[name]), value, slider);
    const row = create('div', 'disturbance', label, play);
    element('disturb').append(row);
    slider.addEventListener('input', () => {
      const value = Number(slider.value);
      stop();
      set(name, value);
    });
    play.addEventListener('click', () => {
      const going = swept?.name === name;
      stop();
      if (!going) start(name, most);
      show();
    });
    return { name, most, slider, value, play, row };
  });

  const start = (name: CorruptionName, most: number) => {
    const { step } = RANGES[name];
    const sweep = new Sweep((position) => set(name, Number((Math.round((position * most) / step) * step).toFixed(3))));
    swept = { name, sweep };
    sweep.start(store.state.corruption[name] / most);
  };
  const stop = () => {
    swept?.sweep.stop();
    swept = undefined;
    show();
  };
  const show = () => {
    const { corruption } = store.state;
    for (const { name, slider, value, play } of sliders) {
      slider.value = String(corruption[name]);
      value.textContent = text.amount[name](corruption[name]);
      slider.setAttribute('aria-valuetext', value.textContent);
      const going = swept?.name === name;
      const words = going ? text.stopSweep(text.corruptions[name]) : text.sweep(text.corruptions[name]);
      play.classList.toggle('going', going);
      play.setAttribute('aria-label', words);
      play.title = words;
    }
    button('undisturbed').disabled = !disturbs(corruption);
  };

  button('undisturbed').addEventListener('click', () => {
    stop();
    store.set({ corruption: INTACT });
  });
  store.subscribe((changed) => {
    // Whatever puts another image on the canvas ends the sweep.
    if (changed.has('image') && swept) stop();
    if (changed.has('corruption')) show();
  });
  app.onWanted(({ channels }) => {
    for (const { name, row } of sliders) row.hidden = name === 'colours' && channels === 1;
  });
  show();
}
