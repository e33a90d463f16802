import type { App } from '../../app.ts';
import { button, choice, element, input } from '../../dom.ts';
import { colourByClass } from '../../palette.ts';
import { newSeed, typedSeed } from '../../seeds.ts';
import { lab as text } from '../../strings/lab.ts';
import { CLASSES, COUNT, DIMS, GAMMAS, type LabState, NOISE, RATES, SETS, SHOWN } from './settings.ts';

/** A slider over the stops of a setting. */
interface Slider {
  readonly id: string;
  readonly name: 'classes' | 'count' | 'gamma' | 'rate' | 'noise';
  readonly stops: readonly number[];
  readonly show: (value: number) => string;
}

const SLIDERS: readonly Slider[] = [
  { id: 'lab-classes', name: 'classes', stops: steps(CLASSES.least, CLASSES.most, 1), show: text.whole },
  { id: 'lab-count', name: 'count', stops: steps(COUNT.least, COUNT.most, COUNT.step), show: text.whole },
  { id: 'lab-gamma', name: 'gamma', stops: GAMMAS, show: text.gamma },
  { id: 'lab-rate', name: 'rate', stops: RATES, show: String },
  { id: 'lab-noise', name: 'noise', stops: steps(0, NOISE.most, NOISE.step), show: text.length },
];

/** Keeps the controls and the state in step, but for the class that is painted. */
export function mountControls({ store }: App): void {
  const set = (patch: Partial<LabState>) => store.set({ lab: { ...store.state.lab, steps: 0, ...patch } });
  const radios = [
    ...radiosOf('lab-sets', 'set', SETS, text.sets, set),
    ...radiosOf('lab-shown', 'shown', SHOWN, text.shown, set),
    ...radiosOf('lab-dims', 'dims', DIMS, text.dims, set),
  ];
  for (const { id, name, stops } of SLIDERS) {
    const slider = input(id);
    slider.max = String(stops.length - 1);
    slider.addEventListener('input', () => set({ [name]: stops[Number(slider.value)] }));
  }
  const seed = input('lab-seed');
  seed.addEventListener('change', () => {
    set({ seed: typedSeed(seed.value) });
    seed.value = String(store.state.lab.seed);
  });
  button('lab-new-seed').addEventListener('click', () => set({ seed: newSeed() }));

  const show = () => {
    const { lab } = store.state;
    for (const { radio, name, value } of radios) radio.checked = value === lab[name];
    for (const { id, name, stops, show } of SLIDERS) {
      const nearest = stops.reduce(
        (best, stop, i) => (far(stop, lab[name]) < far(stops[best]!, lab[name]) ? i : best),
        0,
      );
      input(id).value = String(nearest);
      input(id).setAttribute('aria-valuetext', show(lab[name]));
      element(`${id}-value`).textContent = show(lab[name]);
    }
    seed.value = String(lab.seed);
    element('lab-gamma-field').hidden = lab.shown === 'class-nll';
    element('lab-dims').hidden = lab.shown === 'ib';
    element('lab-count-field').hidden = lab.set === 'blank';
  };
  store.subscribe((changed) => changed.has('lab') && show());
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
        const { label, radio } = choice('lab-brush', String(k), text.className(k));
        colourByClass(label, k, count);
        radio.addEventListener('change', () => choose(k));
        radios.push(radio);
        element('lab-brush').append(label);
      }
      choose(Math.min(chosen, count - 1));
    },
  };
}

function radiosOf<K extends 'set' | 'shown' | 'dims'>(
  id: string,
  name: K,
  values: readonly LabState[K][],
  words: (value: LabState[K]) => string,
  set: (patch: Partial<LabState>) => void,
): { radio: HTMLInputElement; name: K; value: LabState[K] }[] {
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
