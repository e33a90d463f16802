import type { App } from '../../app.ts';
import { button, choice, element, input } from '../../dom.ts';
import { colourByClass } from '../../palette.ts';
import { newSeed, typedSeed } from '../../seeds.ts';
import { plane as text } from '../../strings/plane.ts';
import { CLASSES, COUNT, DIMS, GAMMAS, type PlaneState, NOISE, RATES, SETS, SHOWN } from './settings.ts';

/** A slider over the stops of a setting. */
interface Slider {
  readonly id: string;
  readonly name: 'classes' | 'count' | 'gamma' | 'rate' | 'noise';
  readonly stops: readonly number[];
  readonly show: (value: number) => string;
}

const SLIDERS: readonly Slider[] = [
  { id: 'plane-classes', name: 'classes', stops: steps(CLASSES.least, CLASSES.most, 1), show: text.whole },
  { id: 'plane-count', name: 'count', stops: steps(COUNT.least, COUNT.most, COUNT.step), show: text.whole },
  { id: 'plane-gamma', name: 'gamma', stops: GAMMAS, show: text.gamma },
  { id: 'plane-rate', name: 'rate', stops: RATES, show: String },
  { id: 'plane-noise', name: 'noise', stops: steps(0, NOISE.most, NOISE.step), show: text.length },
];

/** Keeps the controls and the state in step, but for the class that is painted. */
export function mountControls({ store }: App): void {
  const set = (patch: Partial<PlaneState>) => store.set({ plane: { ...store.state.plane, steps: 0, ...patch } });
  const radios = [
    ...radiosOf('plane-sets', 'set', SETS, text.sets, set),
    ...radiosOf('plane-shown', 'shown', SHOWN, text.shown, set),
    ...radiosOf('plane-dims', 'dims', DIMS, text.dims, set),
  ];
  for (const { id, name, stops } of SLIDERS) {
    const slider = input(id);
    slider.max = String(stops.length - 1);
    slider.addEventListener('input', () => set({ [name]: stops[Number(slider.value)] }));
  }
  const seed = input('plane-seed');
  seed.addEventListener('change', () => {
    set({ seed: typedSeed(seed.value) });
    seed.value = String(store.state.plane.seed);
  });
  button('plane-new-seed').addEventListener('click', () => set({ seed: newSeed() }));

  const show = () => {
    const { plane } = store.state;
    for (const { radio, name, value } of radios) radio.checked = value === plane[name];
    for (const { id, name, stops, show } of SLIDERS) {
      const nearest = stops.reduce(
        (best, stop, i) => (far(stop, plane[name]) < far(stops[best]!, plane[name]) ? i : best),
        0,
      );
      input(id).value = String(nearest);
      input(id).setAttribute('aria-valuetext', show(plane[name]));
      element(`${id}-value`).textContent = show(plane[name]);
    }
    seed.value = String(plane.seed);
    element('plane-gamma-field').hidden = plane.shown === 'class-nll';
    element('plane-dims').hidden = plane.shown === 'ib';
    element('plane-count-field').hidden = plane.set === 'blank';
  };
  store.subscribe((changed) => changed.has('plane') && show());
  show();
}

/** The chips that choose which class is painted; returns the functions that read and set it. */
export function mountBrush(): {
  label: () => number;
  choose: (label: number) => void;
  setClasses: (count: number) => void;
} {
  let [chosen, classes] = [0, 0];
  const radios: HTMLInputElement[] = [];
  const choose = (label: number) => {
    if (label >= classes) return;
    chosen = label;
    radios.forEach((radio, k) => (radio.checked = k === label));
  };
  return {
    label: () => chosen,
    choose,
    setClasses: (count) => {
      if (count === classes) return;
      classes = count;
      for (const radio of radios.splice(0)) radio.parentElement?.remove();
      for (let k = 0; k < count; k++) {
        const { label, radio } = choice('plane-brush', String(k), text.className(k));
        colourByClass(label, k, count);
        radio.addEventListener('change', () => choose(k));
        radios.push(radio);
        element('plane-brush').append(label);
      }
      choose(Math.min(chosen, count - 1));
    },
  };
}

function radiosOf<K extends 'set' | 'shown' | 'dims'>(
  id: string,
  name: K,
  values: readonly PlaneState[K][],
  words: (value: PlaneState[K]) => string,
  set: (patch: Partial<PlaneState>) => void,
): { radio: HTMLInputElement; name: K; value: PlaneState[K] }[] {
  return values.map((value) => {
    const { label, radio } = choice(id, String(value), words(value));
    radio.addEventListener('change', () => set({ [name]: value }));
    element(id).append(label);
    return { radio, name, value };
  });
}

function steps(least: number, most: number, step: number): number[] {
  return Array.from({ length: Math.round((most - least) / step) + 1 }, (_, i) => Number((least + i * step).toFixed(2)));
}

/** How far one value is from another; ∞ is not far from itself. */
function far(a: number, b: number): number {
  return a === b ? 0 : Math.abs(a - b);
}
