import type { Classification, Model } from 'ibinn';
import type { App } from '../../app.ts';
import { byId, canvas, choice, element } from '../../dom.ts';
import { toBytes } from '../../images/pixels.ts';
import { disturbedPixels, fitSource } from '../../images/source.ts';
import { latestOnly } from '../../latestOnly.ts';
import { whenVisible } from '../../whenVisible.ts';
import { PATCHES, type State } from '../../state.ts';
import { occlusion as text } from '../../strings/occlusion.ts';
import { type Change, changesOf, type Patch, patchesOf, spread } from './evidence.ts';
import { Heat } from './heat.ts';

/** What is known of an image. */
interface Known {
  readonly model: Model;
  readonly bytes: Uint8Array;
  readonly whole: Classification;
  readonly changes: readonly Change[];
}

/** What the model looks at: which parts of the image on the canvas speak for a class, and which make it unlikely. */
export function mountOcclusion(app: App): void {
  const { store } = app;
  const view = element('occlusion');
  const selects = { for: byId('for-class', HTMLSelectElement), against: byId('against-class', HTMLSelectElement) };
  let known: Known | undefined;
  let pointed: { x: number; y: number } | undefined;
  const point = (pixel: typeof pointed) => {
    pointed = pixel;
    show();
  };
  const evidence = new Heat(canvas('evidence'), point);
  const strangeness = new Heat(canvas('strangeness'), point);

  const show = () => {
    if (!known || known.model !== app.model) return;
    const { model, bytes, whole, changes } = known;
    const [forClass, against] = classesOf(store.state, whole);
    const ofEvidence = ({ classes }: Change) => classes[forClass]! - classes[against]!;
    const ofLikelihood = ({ likelihood }: Change) => likelihood;
    const names = [model.spec.classes[forClass] ?? '', model.spec.classes[against] ?? ''] as const;
    const under = pointed && nearest(changes, pointed);
    const draw = (
      heat: Heat,
      note: string,
      value: (change: Change) => number,
      here: (value: number) => string,
      scale: (most: number) => string,
    ) => {
      const values = spread(changes, model.spec, value);
      const most = Math.max(1e-3, ...values.map(Math.abs));
      heat.show(bytes, model.spec, values, most, under?.patch);
      element(note).textContent = under ? here(value(under)) : scale(most);
    };
    draw(
      evidence,
      'evidence-note',
      ofEvidence,
      (value) => text.evidence(value, ...names),
      (most) => text.evidenceScale(most, ...names),
    );
    draw(strangeness, 'strangeness-note', ofLikelihood, text.likelihood, text.likelihoodScale);
    for (const option of selects.for.options) option.disabled = option.value === String(store.state.against);
    for (const option of selects.against.options) option.disabled = option.value === String(store.state.forClass);
    showChoice(selects.for, store.state.forClass, text.predicted(names[0]));
    showChoice(selects.against, store.state.against, text.runnerUp(names[1]));
  };

  const work = latestOnly(app, view, async (model, state: Readonly<State>) => {
    const pixels = await disturbedPixels(fitSource(state.image, model), state.corruption, model);
    const seen = toBytes(pixels);
    const patches = patchesOf(model.spec, Math.min(state.patch, model.spec.height, model.spec.width));
    await changesOf(model, pixels, patches, (changes, whole) => {
      if (model !== app.model || !same(state, store.state)) return false;
      known = { model, bytes: seen, whole, changes };
      show();
      return true;
    });
  });
  const refresh = whenVisible(view, () => work(store.state));

  for (const [select, property] of [
    [selects.for, 'forClass'],
    [selects.against, 'against'],
  ] as const) {
    select.addEventListener('change', () =>
      store.set({ [property]: select.value === '' ? 'auto' : Number(select.value) }),
    );
  }
  const radios = PATCHES.map((side) => {
    const { label, radio } = choice('patch', String(side), text.patches(side));
    radio.addEventListener('change', () => store.set({ patch: side }));
    element('patch').append(label);
    return radio;
  });
  const check = () => radios.forEach((radio) => (radio.checked = Number(radio.value) === store.state.patch));
  check();
  app.onWanted(({ classes }) => {
    for (const select of Object.values(selects)) offer(select, classes);
  });
  app.onModel(refresh);
  store.subscribe((changed) => {
    if (changed.has('image') || changed.has('corruption') || changed.has('patch')) refresh();
    if (changed.has('forClass') || changed.has('against')) show();
    if (changed.has('patch')) check();
  });
}

/** Whether two states ask for the same. */
function same(a: Readonly<State>, b: Readonly<State>): boolean {
  return a.image === b.image && a.corruption === b.corruption && a.patch === b.patch;
}

/** The two classes that are compared: those that were chosen, or else the most probable ones that are left. */
function classesOf({ forClass, against }: Readonly<State>, { posterior }: Classification): [number, number] {
  const byProbability = [...posterior.keys()].sort((a, b) => posterior[b]! - posterior[a]!);
  const chosen = (value: number | 'auto') => (value !== 'auto' && value < posterior.length ? value : undefined);
  const first = chosen(forClass) ?? byProbability.find((k) => k !== chosen(against)) ?? 0;
  const other = chosen(against);
  const second = other !== undefined && other !== first ? other : (byProbability.find((k) => k !== first) ?? 0);
  return [first, second];
}

/** The change by the patch whose middle is nearest to a pixel. */
function nearest(changes: readonly Change[], { x, y }: { x: number; y: number }): Change | undefined {
  const far = ({ left, top, side }: Patch) => Math.hypot(left + side / 2 - x - 0.5, top + side / 2 - y - 0.5);
  return changes.reduce<Change | undefined>(
    (best, next) => (best && far(best.patch) <= far(next.patch) ? best : next),
    undefined,
  );
}

function offer(select: HTMLSelectElement, classes: readonly string[]): void {
  select.replaceChildren(new Option('', ''), ...classes.map((name, k) => new Option(name, String(k))));
}

/** Shows what is chosen; the first entry, which leaves the choice to the posterior, says what that chose. */
function showChoice(select: HTMLSelectElement, value: number | 'auto', automatic: string): void {
  select.value = value === 'auto' ? '' : String(value);
  const [first] = select.options;
  if (first && value === 'auto') first.text = automatic;
}
