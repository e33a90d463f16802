import type { Novelty } from 'ibinn';
import type { App } from '../../app.ts';
import { button, create, element } from '../../dom.ts';
import { type CorruptionName, disturbs, INTACT } from '../../images/corruption.ts';
import { fromBytes } from '../../images/pixels.ts';
import { latestOnly } from '../../latestOnly.ts';
import { draw as text } from '../../strings/draw.ts';
import { verdict } from '../../strings/verdict.ts';
import { whenVisible } from '../../whenVisible.ts';
import { turningOf } from './turning.ts';
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

/** The verdicts along the sliders are worked out when the image has rested for this long. */
const REST_MS = 500;

/**
 * The sliders that disturb the image on the canvas; each can be swept back and forth by itself, and shows where on its way
 * the verdict turns. Returns who is told of another image: that before it is disturbed, C·H·W bytes.
 */
export function mountDisturb(app: App): (base: Uint8Array) => void {
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
    const turning = create('span', 'turning');
    turning.setAttribute('role', 'img');
    turning.hidden = true;
    const row = create('div', 'disturbance', label, play, turning);
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
    return { name, most, slider, value, play, row, turning };
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
  return mountTurning(app, sliders);
}

interface Slider {
  readonly name: CorruptionName;
  readonly most: number;
  readonly turning: HTMLElement;
}

/** Below each slider, the verdict at every place of it. */
function mountTurning(app: App, sliders: readonly Slider[]): (base: Uint8Array) => void {
  const view = element('disturb');
  let base: Uint8Array | undefined;
  let resting: ReturnType<typeof setTimeout> | undefined;
  const work = latestOnly(app, view, async (model, bytes: Uint8Array) => {
    if (bytes.length !== model.spec.dims) return;
    const { corruption } = app.store.state;
    const pixels = fromBytes(bytes);
    for (const { name, most, turning } of sliders) {
      if (name === 'colours' && model.spec.channels === 1) continue;
      const found = await turningOf(model, pixels, corruption, name, most);
      // What has moved meanwhile is looked at next.
      if (bytes !== base || model !== app.model || corruption !== app.store.state.corruption) return;
      turning.hidden = found === undefined;
      if (!found) continue;
      const share = 100 / found.verdicts.length;
      const colours = found.verdicts.map((verdict, i) => `${COLOURS[verdict]} ${i * share}% ${(i + 1) * share}%`);
      turning.style.setProperty('background-image', `linear-gradient(to right, ${colours.join(', ')})`);
      const { turns } = found;
      const words = turns
        ? text.turns(text.amount[name](turns.at), verdict.names[turns.to])
        : text.staysAt(verdict.names[found.verdicts[0] ?? 'ordinary']);
      turning.setAttribute('aria-label', words);
      turning.title = words;
    }
  });
  const refresh = whenVisible(view, () => base && work(base));
  const soon = () => {
    clearTimeout(resting);
    resting = setTimeout(refresh, REST_MS);
  };
  app.onModel(soon);
  app.store.subscribe((changed) => changed.has('corruption') && soon());
  return (bytes) => {
    base = bytes;
    soon();
  };
}

const COLOURS: Record<Novelty['verdict'], string> = {
  ordinary: 'var(--known)',
  unusual: 'var(--odd)',
  'none-of-these': 'var(--foreign)',
};
