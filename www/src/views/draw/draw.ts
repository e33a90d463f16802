import type { Corruption, FramedImage, Model } from 'ibinn';
import type { App } from '../../app.ts';
import { busy } from '../../busy.ts';
import { canvas, element } from '../../dom.ts';
import { disturbed, disturbs, INTACT } from '../../images/corruption.ts';
import { fromBytes, paint, toBytes } from '../../images/pixels.ts';
import { fitSource, knownOf, own, type Source, seenOf } from '../../images/source.ts';
import { latestOnly } from '../../latestOnly.ts';
import { whenVisible } from '../../whenVisible.ts';
import { DrawingCanvas } from './drawingCanvas.ts';
import { EveryGamma } from './everyGamma.ts';
import { mountDisturb } from './disturb.ts';
import { Note } from './note.ts';
import { Place } from './place.ts';
import { mountSources, type Sources } from './sources.ts';
import { mountTools } from './tools.ts';
import { mountTries } from './tries.ts';
import { mountUndo } from './undo.ts';
import { Verdict } from './verdict.ts';

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
  const note = new Note(app);
  /** The image before it is framed and disturbed. */
  let base: Source = { kind: 'empty' };
  /** What is to be drawn on, put on the canvas together with what covers it: it would flicker. */
  let waiting: Uint8Array | undefined;
  /** Why something covers what was drawn. */
  let cover: 'none' | 'framed' | 'disturbed' = 'none';

  /** Shows what the model sees: on the canvas only where that is not what was drawn there, and while nobody draws. */
  const present = (bytes: Uint8Array, why: typeof cover, { spec }: Model) => {
    paint(canvas('preview'), bytes, spec);
    if (drawingCanvas.drawing) return;
    if (waiting) drawingCanvas.put(waiting, spec);
    waiting = undefined;
    cover = why === 'framed' && drawingCanvas.inHand ? 'none' : why;
    if (cover === 'none') drawingCanvas.uncover();
    else drawingCanvas.cover(bytes, spec);
  };
  const presentFramed = ({ image }: FramedImage, model: Model) =>
    present(image, isCovered(base, model) ? 'framed' : 'none', model);
  const prepare = latestOnly(app, view, (model) => verdict.setModel(model));
  const classify = latestOnly(
    app,
    view,
    async (model, { image, corruption }: { image: Source; corruption: Corruption }) => {
      if (fitSource(image, model) !== image) return;
      const seen = await seenOf(image, model);
      const pixels = await disturbed(fromBytes(seen.image), model.spec, corruption);
      // Meanwhile a stroke may have begun, which undoes what disturbs the image.
      if (disturbs(corruption)) {
        if (disturbs(store.state.corruption)) present(toBytes(pixels), 'disturbed', model);
      } else if (image === base && model === app.model && !disturbs(store.state.corruption)) presentFramed(seen, model);
      const [result] = await model.classify(pixels);
      if (!result || model !== app.model) return;
      verdict.show(model, result);
      disturbing(seen.image);
      everyGamma.show(pixels);
      await place.show(model, result.z, !disturbs(corruption));
    },
  );
  const look = () => {
    const { model } = app;
    const { corruption } = store.state;
    const seen = model && knownOf(base, model);
    if (seen && !disturbs(corruption)) presentFramed(seen, model);
    // Until a model runs, what is drawn is shown as it is.
    if (!model && base.kind === 'image') paint(canvas('preview'), base.bytes, app.wanted);
    classify({ image: base, corruption });
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
  let drawn: Source | undefined;
  let onCanvas: Source | undefined;
  /** Puts an image on the canvas. */
  const put = (image: Source, { image: bytes }: FramedImage, model: Model) => {
    base = onCanvas = image;
    // On what was drawn one goes on drawing, on what was made of a picture, too.
    waiting = image.kind === 'image' && isCovered(image, model) ? image.bytes : bytes;
    look();
  };
  /** Shows the image that the state names; what the visitor drew is there already. */
  const show = latestOnly(app, view, async (model, source: Source) => {
    const fitting = fitSource(source, model);
    const seen = await seenOf(fitting, model);
    if (model !== app.model || source !== store.state.image) return;
    // What is being drawn, or what the camera sees, becomes the image, so it is that which is looked at.
    if (drawingCanvas.drawing || camera.running) return lookSoon();
    if (fitting !== drawn || onCanvas !== drawn) put(fitting, seen, model);
    else look();
    note.describe(fitting, seen);
  });
  const refresh = whenVisible(view, () => show(store.state.image));

  let asItIs = false;
  drawingCanvas.onhand = () => {
    const seen = app.model && knownOf(base, app.model);
    if (seen && app.model && cover !== 'disturbed' && !disturbs(store.state.corruption)) presentFramed(seen, app.model);
  };
  drawingCanvas.onstrokestart = () => {
    asItIs = base.kind === 'image' && base.asItIs;
    if (cover === 'disturbed') {
      // Drawing on a disturbed image makes it the image.
      drawingCanvas.keep();
      asItIs = app.model?.card.framing !== undefined;
      base = own(drawingCanvas.bytes(), { asItIs });
      store.set({ corruption: INTACT });
    }
    if (waiting) drawingCanvas.put(waiting, app.wanted);
    waiting = undefined;
    drawingCanvas.uncover();
    cover = 'none';
  };
  drawingCanvas.onstroke = () => {
    element('canvas-hint').hidden = true;
    base = own(drawingCanvas.bytes(), { asItIs });
    lookSoon();
  };
  drawingCanvas.onstrokeend = () => store.set({ image: (drawn = onCanvas = base) });

  mountTools(drawingCanvas);
  mountTries(app);
  mountUndo(app);
  const disturbing = mountDisturb(app);
  const { camera, take } = mountSources(
    app,
    {
      seen: async () => {
        const { model } = app;
        if (!model || !disturbs(store.state.corruption)) return base;
        const pixels = fromBytes((await seenOf(base, model)).image);
        const bytes = toBytes(await disturbed(pixels, model.spec, store.state.corruption));
        return own(bytes, { asItIs: model.card.framing !== undefined });
      },
      preview: async (picture) => {
        const { model } = app;
        if (!model) return;
        const image = picture.kind === 'image' ? { ...picture, asItIs: note.asItIs } : picture;
        const seen = await seenOf(image, model);
        if (camera.running && model === app.model) put(image, seen, model);
      },
      restore: refresh,
    },
    note,
  );

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
    if (changed.has('image')) refresh();
    else if (changed.has('corruption')) lookSoon();
  });
  return take;
}

/** Whether the model sees something else than what was drawn: of pictures, what they were made into is drawn on. */
function isCovered(image: Source, model: Model): boolean {
  return image.kind === 'image' && !image.framed && knownOf(image, model)?.how === 'framed';
}
