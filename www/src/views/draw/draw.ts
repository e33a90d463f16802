import type { Classification, Model } from 'ibinn';
import type { App } from '../../app.ts';
import { button, byId, canvas, element, input } from '../../dom.ts';
import { fromBytes, paint } from '../../images/pixels.ts';
import { borderLight } from '../../images/resample.ts';
import { bytesOf, fitSource, type Source } from '../../images/source.ts';
import { readImage } from '../../images/upload.ts';
import { latest } from '../../latest.ts';
import { whenSeen } from '../../seen.ts';
import { SEEDS } from '../../state.ts';
import { draw as text } from '../../strings/draw.ts';
import { interpolate } from '../../strings/interpolate.ts';
import { Bars } from './bars.ts';
import { Board } from './board.ts';
import { acceptFiles } from './drop.ts';
import { Gauge } from './gauge.ts';

/** A light ground is pointed out from this share of light in the border on. */
const LIGHT_GROUND = 0.6;

/** Drawing: a board, and what the model makes of what is on it. */
export function mountDraw(app: App): void {
  const { store } = app;
  const board = new Board(canvas('board'));
  const bars = new Bars(element('bars'));
  const gauge = new Gauge(element('gauge'));

  const classify = latest(app, async (model, bytes: Uint8Array) => {
    if (bytes.length !== model.spec.dims) return;
    const [result] = await model.classify(fromBytes(bytes));
    if (!result || model !== app.model) return;
    bars.show(result);
    gauge.show(result.bitsPerDim);
    showNumbers(model, result);
  });
  const look = () => {
    const bytes = board.bytes();
    paint(canvas('preview'), bytes, app.wanted);
    classify(bytes);
    return bytes;
  };
  /** Shows the image that the state names; what the visitor drew is there already. */
  const show = latest(app, async (model, source: Source) => {
    const fitting = fitSource(source, model);
    const bytes = await bytesOf(fitting, model);
    if (model !== app.model || source !== store.state.image) return;
    board.put(bytes, model.spec);
    describe(fitting, model);
    look();
  });
  const refresh = whenSeen(element('draw'), () => show(store.state.image));
  const set = (image: Source) => store.set({ image });

  let frame = 0;
  board.onstroke = () => {
    element('board-hint').hidden = true;
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(look);
  };
  let drawn: Source | undefined;
  board.onstrokeend = () => set((drawn = own(look())));
  bindTools(board);

  button('clear').addEventListener('click', () => set({ kind: 'empty' }));
  button('take-sample').addEventListener('click', () => {
    const { temperature } = store.state;
    const classNumber = Math.floor(app.wanted.classes.length * Math.random());
    set({ kind: 'sample', class: classNumber, index: 0, seed: Math.floor(SEEDS * Math.random()), temperature });
  });
  for (const end of ['a', 'b'] as const) {
    button(`board-${end}`).addEventListener('click', () => {
      store.set({ [end]: store.state.image });
      element('board-note').textContent = interpolate.isEnd(end.toUpperCase());
    });
  }
  const take = async (file: Blob, name: string) => {
    try {
      set(own(await readImage(file, name, app.wanted)));
    } catch (problem) {
      app.fail(problem);
    }
  };
  const file = input('file');
  button('upload').addEventListener('click', () => file.click());
  file.addEventListener('change', () => {
    const chosen = file.files?.[0];
    if (chosen) void take(chosen, chosen.name);
    file.value = '';
  });
  acceptFiles(element('drop'), (blob, name) => void take(blob, name));

  app.onWanted(({ channels, classes }) => {
    bars.setClasses(classes);
    element('tone-field').hidden = channels === 3;
    element('colour-field').hidden = channels === 1;
  });
  app.onModel((model) => {
    gauge.setCard(model.card);
    refresh();
  });
  store.subscribe((changed) => {
    const { image } = store.state;
    if (!changed.has('image')) return;
    if (image === drawn && app.model) describe(image, app.model);
    else refresh();
  });
}

function bindTools(board: Board): void {
  const [size, tone, colour] = [input('brush-size'), input('tone'), input('colour')];
  const eraser = () => element('tools').querySelector<HTMLInputElement>('input[value=eraser]')?.checked ?? false;
  const update = () => {
    const grey = Math.round(255 * Number(tone.value));
    const ink = byId('colour-field', HTMLElement).hidden ? `rgb(${grey} ${grey} ${grey})` : colour.value;
    board.brush = { size: Number(size.value), colour: eraser() ? '#000' : ink };
  };
  for (const control of [size, tone, colour, element('tools')]) control.addEventListener('input', update);
  update();
}

/** An image of the visitor's; one that is black all over is an empty board. */
function own(bytes: Uint8Array): Source {
  return bytes.some((value) => value > 0) ? { kind: 'image', bytes } : { kind: 'empty' };
}

/** Says what is on the board. */
function describe(source: Source, { spec }: Model): void {
  element('board-hint').hidden = source.kind !== 'empty';
  element('board-note').textContent =
    source.kind === 'sample'
      ? text.from(spec.classes[source.class] ?? '')
      : source.kind === 'empty'
        ? text.empty
        : spec.channels === 1 && borderLight(source.bytes, spec) > LIGHT_GROUND
          ? text.lightGround
          : text.own;
}

function showNumbers({ spec }: Model, result: Classification): void {
  const name = spec.classes[result.prediction] ?? '';
  const share = result.posterior[result.prediction] ?? 0;
  element('verdict').textContent = text.verdict(name, share);
  element('entropy').textContent = text.undecided(result.entropy, Math.log(spec.classes.length));
  element('bits').textContent = text.bits(result.bitsPerDim);
  element('bits-more').textContent = text.more(result.bitsPerDimTables, result.logLikelihood);
  const { typicality } = result;
  element('words').textContent = typicality
    ? text.typicality(typicality.shareBelow, typicality.shareMoreTypical)
    : text.noEvaluation;
}
