import type { Corruption } from 'ibinn';
import type { App } from '../../app.ts';
import { busy } from '../../busy.ts';
import { canvas, element } from '../../dom.ts';
import { borderLight } from '../../images/adapt.ts';
import { disturbed, disturbs, INTACT } from '../../images/corruption.ts';
import { fromBytes, paint, type Shape, toBytes } from '../../images/pixels.ts';
import { bytesOf, fitSource, own, type Source } from '../../images/source.ts';
import { latestOnly } from '../../latestOnly.ts';
import { whenVisible } from '../../whenVisible.ts';
import { draw as text } from '../../strings/draw.ts';
import { DrawingCanvas } from './drawingCanvas.ts';
import { EveryGamma } from './everyGamma.ts';
import { Framer } from './framer.ts';
import { mountDisturb } from './disturb.ts';
import { Place } from './place.ts';
import { mountSources, type Sources } from './sources.ts';
import { mountTools } from './tools.ts';
import { mountTries } from './tries.ts';
import { mountUndo } from './undo.ts';
import { Verdict } from './verdict.ts';

/** A light ground is pointed out from this share of light in the border on. */
const LIGHT_GROUND = 0.6;

/**
 * Drawing: a canvas, what disturbs the image on it, and what the model makes of it. Returns what puts a picture file on
 * the canvas.
 */
export function mountDraw(app: App): Sources['take'] {
  const { store } = app;
  const view = element('draw');
  const drawingCanvas = new DrawingCanvas(canvas('canvas'));
  const verdict = new Verdict();
  const place = new Place();
  const everyGamma = new EveryGamma(app);
  /** The image before it is disturbed. */
  let base: Uint8Array = new Uint8Array();
  let canvasIsDisturbed = false;

  /** Shows what the model sees: on the canvas only where that is not what was drawn there. */
  const present = (bytes: Uint8Array, isDisturbed: boolean, shape: Shape) => {
    if (isDisturbed || canvasIsDisturbed) drawingCanvas.put(bytes, shape);
    canvasIsDisturbed = isDisturbed;
    paint(canvas('preview'), bytes, shape);
  };
  const prepare = latestOnly(app, view, (model) => verdict.setModel(model));
  const classify = latestOnly(
    app,
    view,
    async (model, { bytes, corruption }: { bytes: Uint8Array; corruption: Corruption }) => {
      if (bytes.length !== model.spec.dims) return;
      const pixels = await disturbed(fromBytes(bytes), model.spec, corruption);
      // Meanwhile a stroke may have begun, which undoes what disturbs the image.
      if (disturbs(corruption) && disturbs(store.state.corruption)) present(toBytes(pixels), true, model.spec);
      const [result] = await model.classify(pixels);
      if (!result || model !== app.model) return;
      verdict.show(model, result);
      disturbing(bytes);
      everyGamma.show(pixels);
      await place.show(model, result.z, !disturbs(corruption));
    },
  );
  const look = () => {
    const { corruption } = store.state;
    if (!disturbs(corruption)) present(base, false, app.wanted);
    classify({ bytes: base, corruption });
  };
  let soon: (() => void) | undefined;
  const lookSoon = () => {
    if (soon) return;
    soon = busy(view);
    requestAnimationFrame(() => {
      look();
      soon?.();
      soon = undefined;
    });
  };
  const put = (bytes: Uint8Array, shape: Shape) => {
    base = bytes;
    // What is disturbed is put there when it is: the canvas would flicker.
    if (!disturbs(store.state.corruption)) drawingCanvas.put(bytes, shape);
    look();
  };
  /** Shows the image that the state names; what the visitor drew is there already. */
  const show = latestOnly(app, view, async (model, source: Source) => {
    const fitting = fitSource(source, model);
    const bytes = await bytesOf(fitting, model);
    if (model !== app.model || source !== store.state.image) return;
    // What is being drawn, or what the camera sees, becomes the image, so it is that which is looked at.
    if (drawingCanvas.drawing || camera.running) return lookSoon();
    put(bytes, model.spec);
    describe(fitting);
  });
  const refresh = whenVisible(view, () => show(store.state.image));

  // Drawing on a disturbed image makes it the image.
  drawingCanvas.onstrokestart = () => {
    if (!canvasIsDisturbed) return;
    base = drawingCanvas.bytes();
    canvasIsDisturbed = false;
    store.set({ corruption: INTACT });
  };
  drawingCanvas.onstroke = () => {
    element('canvas-hint').hidden = true;
    base = drawingCanvas.bytes();
    lookSoon();
  };
  let drawn: Source | undefined;
  drawingCanvas.onstrokeend = () => store.set({ image: (drawn = own(base)) });

  mountTools(drawingCanvas);
  mountTries(app);
  mountUndo(app);
  const disturbing = mountDisturb(app);
  const framer = new Framer(app, () => base);
  /** Says what is on the canvas. */
  const describe = (source: Source) => {
    const note = (words: string) => {
      element('canvas-note').textContent = words;
    };
    const { wanted } = app;
    element('canvas-hint').hidden = source.kind !== 'empty';
    const framed = framer.describe(source);
    if (source.kind === 'sample') return note(text.from(wanted.classes[source.class] ?? ''));
    if (source.kind === 'empty') return note(text.empty);
    const light = wanted.channels === 1 && borderLight(source.bytes, wanted) > LIGHT_GROUND;
    note(framed ?? (light && !app.model?.card.framing ? text.lightGround : text.own));
    if (framed !== undefined) return;
    framer.liesOtherwise(source.bytes).then(
      (otherwise) => otherwise && store.state.image === source && note(text.liesOtherwise),
      () => undefined,
    );
  };
  const bench = {
    seen: async () => toBytes(await disturbed(fromBytes(base), app.wanted, store.state.corruption)),
    preview: (bytes: Uint8Array) => put(bytes, app.wanted),
    restore: refresh,
  };
  const { camera, take } = mountSources(app, bench, framer);

  let named = '';
  app.onWanted(({ channels, classes, group }) => {
    if (group !== named) verdict.setClasses(classes);
    named = group;
    element('tone-field').hidden = channels === 3;
    element('colour-field').hidden = channels === 1;
  });
  app.onModel((model) => {
    prepare(undefined);
    place.setModel(model);
    refresh();
  });
  store.subscribe((changed) => {
    const { image } = store.state;
    if (changed.has('image')) {
      if (image === drawn) describe(image);
      else refresh();
    } else if (changed.has('corruption')) lookSoon();
  });
  return take;
}
