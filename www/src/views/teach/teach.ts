import { type CourseSettings, varyPicture } from 'ibinn';
import type { App } from '../../app.ts';
import { busy } from '../../busy.ts';
import { goTo } from '../../contents.ts';
import { button, byId, choice, create, element, input } from '../../dom.ts';
import type { Named } from '../../files/folders.ts';
import { fromBytes, nth, paint, save, toBytes } from '../../images/pixels.ts';
import { fetchModel } from '../../models/modelCache.ts';
import { newSeed } from '../../seeds.ts';
import { teach as text } from '../../strings/teach.ts';
import { mostAlike } from './alike.ts';
import { Charts } from './charts.ts';
import { Easel } from './easel.ts';
import { openedSet, readPictures, savedSet } from './files.ts';
import { acceptPictures } from './intake.ts';
import { Keep, type Kept, type KeptCourse } from './keep.ts';
import { Latents } from './latents.ts';
import { Learning } from './learning.ts';
import { Lesson } from './lesson.ts';
import { Said } from './said.ts';
import { Samples } from './samples.ts';
import { type Class, type Kind, PictureSet } from './set.ts';
import { Tiles } from './tiles.ts';
import { leaveOut } from './without.ts';

/** What γ can be turned to. */
const GAMMAS = [0, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, Infinity];
/** What is asked for once pictures have come to rest for so long. */
const REST_MS = 500;
/** Pictures that the running model draws for a class at once. */
const DRAWN = 10;
/** Variations of a picture that are shown. */
const VARIED = 6;
/** Samples are as varied as the view that shows them opens with. */
const TEMPERATURE = 0.8;

/** Teaching: pictures of the visitor's classes, a flow that learns them, and what it says of the easel. */
export async function mountTeach(app: App): Promise<void> {
  const view = element('teach');
  const mounted = busy(view);
  leaveOut(view);
  const set = new PictureSet();
  const keep = new Keep();
  const said = new Said();
  const charts = new Charts(element('teach-charts'));
  const samples = new Samples(element('teach-samples'));
  const latents = new Latents();
  let from: 'model' | 'nothing' = 'model';
  let gamma = 1;

  const settings = (): CourseSettings => ({ gamma, strength: input('teach-vary').checked ? 1 : 0 });
  /** Whether the page's running model takes such pictures. */
  const fits = () => {
    const { channels, height, width } = app.wanted;
    const { shape } = set;
    return channels === shape.channels && height === shape.height && width === shape.width;
  };
  const beginsWithModel = () => from === 'model' && fits();
  const framing = () => {
    const known = learning.steps > 0 ? learning.model : beginsWithModel() ? app.model : undefined;
    return known?.card.framing;
  };
  const fileOfModel = async (): Promise<Uint8Array | undefined> => {
    if (!beginsWithModel()) return undefined;
    const response = await fetchModel(app.wanted, new AbortController().signal);
    return new Uint8Array(await response.arrayBuffer());
  };
  const hint = (words: string) => (element('teach-hint').textContent = words);

  // What is on the easel is looked at, the newest alone.
  let looking = false;
  let again = false;
  const look = async () => {
    again = true;
    if (looking) return;
    looking = true;
    const done = busy(view);
    while (again) {
      again = false;
      const { model } = learning;
      if (!model || easel.isEmpty) {
        said.clear(model);
        if (model) void latents.look(model, undefined, undefined);
        continue;
      }
      try {
        const bytes = await easel.seen();
        const [result] = await model.classify(fromBytes(bytes));
        if (!result || easel.isEmpty) continue;
        said.show(model, result);
        await latents.look(model, result.z, bytes);
        if (result.novelty) lesson.saw(result.novelty.verdict);
        showLesson();
      } catch (problem) {
        // A model that has made room for a newer one has nothing to say.
        if (model === learning.model) app.fail(problem);
        else again = true;
      }
    }
    looking = false;
    done();
  };

  const learning = new Learning({
    stepped: (readout, rate) => {
      element('teach-state').textContent = text.state(readout, rate);
      charts.step(readout.steps, readout.lX, readout.lY);
      showLesson();
    },
    looked: (model, steps) => {
      const { validation } = model.card;
      if (validation && steps > 0) charts.right(steps, 1 - validation.error / 100);
      show();
      element('teach-drawn').hidden = false;
      const done = busy(view);
      latents
        .show(model, set)
        .then(() => samples.show(model))
        .catch((problem: unknown) => model === learning.model && app.fail(problem))
        .finally(done);
      void look();
    },
    rested: (problem) => {
      if (problem !== undefined) app.fail(problem);
      rest();
      show();
      if (problem !== undefined) hint(text.stopped);
    },
    keep: (course) => void keep.putCourse(course),
  });

  const tiles = new Tiles(element('teach-classes'), set, {
    renamed: () => changed(),
    files: (to) => {
      tiles.choose(to);
      input('teach-files').click();
    },
    drawn: (to) => void drawFor(to),
    removed: (which) => {
      set.classes.splice(set.classes.indexOf(which), 1);
      changed();
    },
    chose: () => show(),
  });
  const easel = new Easel({
    shape: () => set.shape,
    framing,
    changed: () => void look(),
    add: (picture) => add(tiles.into, [picture]),
    fail: app.fail,
  });

  /** Tells the view that something is under way that a visitor can see. */
  let working: (() => void) | undefined;
  const rest = () => {
    working?.();
    working = undefined;
  };

  const lesson = new Lesson(() => showLesson());
  const showLesson = () => lesson.show(set, learning.steps);

  const show = () => {
    const offered = fits() && app.model !== undefined;
    tiles.show(offered ? app.wanted.title : undefined);
    tiles.offerDrawn(offered);
    easel.setInto(tiles.into?.name ?? '');
    const { missing } = set;
    const steps = learning.steps;
    const begun = steps > 0 || learning.runs;
    button('teach-train').disabled = missing !== undefined && !learning.runs;
    button('teach-train').textContent = learning.runs ? text.pause : steps > 0 ? text.goOn : text.page.train;
    for (const id of ['teach-play', 'teach-save-model']) button(id).hidden = learning.file === undefined;
    for (const radio of element('teach-begin').querySelectorAll('input')) radio.disabled = begun;
    for (const radio of element('teach-kind').querySelectorAll('input')) {
      radio.checked = radio.value === set.kind;
      radio.disabled = begun;
    }
    const count = tiles.chosen.size;
    element('teach-chosen').hidden = count === 0;
    element('teach-chosen-count').textContent = text.chosen(count);
    showMoves();
    const advice = [set.advice, alike()].filter((words) => words !== undefined).join(' ');
    if (learning.runs) hint(advice);
    else if (missing !== undefined) hint(missing);
    else if (steps > 0) hint(`${text.rested(steps)} ${advice}`.trim());
    else if (learning.model) hint(`${text.atOnce} ${advice}`.trim());
    else hint(advice === '' ? text.ready : advice);
    showLesson();
    showVaried();
  };

  /** Offers the classes that chosen pictures can be moved to. */
  let moves = '';
  const showMoves = () => {
    const names = set.classes.map(({ name }, i) => name.trim() || text.className(i));
    const list = byId('teach-move', HTMLSelectElement);
    if (moves !== names.join('\n')) {
      moves = names.join('\n');
      const others = names.map((name, i) => new Option(name, String(i)));
      list.replaceChildren(new Option('…'), ...others);
    }
    list.selectedIndex = 0;
  };

  /** Which classes look alike to what has been learnt, if any do. */
  const alike = () => {
    const most = mostAlike(learning.confusion);
    const [a, b] = most?.classes.map((i) => learning.model?.spec.classes[i]) ?? [];
    return most && a !== undefined && b !== undefined ? text.alike(a, b, most.share) : undefined;
  };

  /** Shows how the newest picture is varied. */
  let varied: Uint8Array | undefined;
  const showVaried = () => {
    const newest = (
      tiles.into?.pictures.length ? tiles.into : set.classes.find(({ pictures }) => pictures.length)
    )?.pictures.at(-1);
    const wanted = input('teach-vary').checked ? newest : undefined;
    if (wanted === varied) return;
    varied = wanted;
    if (!wanted) return element('teach-varied').replaceChildren();
    const { shape } = set;
    void Promise.all(Array.from({ length: VARIED }, (_, i) => varyPicture(wanted, shape, i, 1))).then((pictures) => {
      if (varied !== wanted) return;
      const canvases = pictures.map((picture) => {
        const canvas = create('canvas', 'image');
        paint(canvas, picture, shape);
        return canvas;
      });
      element('teach-varied').replaceChildren(...canvases);
    }, app.fail);
  };

  /** Whether the visitor has been told that starting over takes everything. */
  let sure = false;
  let soon: ReturnType<typeof setTimeout> | undefined;
  let due: (() => void) | undefined;
  /** The set has changed: what is known of it is found out again, once it rests, and kept. */
  const changed = () => {
    sure = false;
    if (learning.isOfOthers(set.key)) {
      forget();
      app.resolved();
    }
    show();
    clearTimeout(soon);
    due ??= busy(view);
    soon = setTimeout(
      () =>
        void settle().finally(() => {
          due?.();
          due = undefined;
        }),
      REST_MS,
    );
  };
  const settle = async () => {
    const kept: Kept = { kind: set.kind, classes: set.classes.map(({ name, pictures }) => ({ name, pictures })) };
    await keep.putSet(kept);
    if (set.missing !== undefined) return;
    try {
      if (learning.steps > 0 || learning.runs) return await learning.setPictures(set.pictures);
      const file = await fileOfModel();
      if (!file || set.missing !== undefined) return;
      if (!learning.model) hint(text.atOnceBusy);
      await learning.atOnce(set.pictures, file);
    } catch (problem) {
      app.fail(problem);
    }
  };
  const forget = () => {
    learning.forget();
    charts.clear();
    latents.clear();
    rest();
    said.clear(undefined);
    element('teach-state').textContent = '';
    element('teach-drawn').hidden = true;
  };
  const add = (to: Class | undefined, pictures: readonly Uint8Array[]) => {
    if (!to) return;
    try {
      set.add(to, pictures);
    } catch (problem) {
      app.fail(problem);
    }
    changed();
  };
  const drawFor = (to: Class) =>
    app.use(async (model) => {
      const done = busy(view);
      try {
        // What is called as one of the model's classes is that one; else pictures are of the next one in turn.
        const named = model.spec.classes.indexOf(to.name.trim());
        const label = named >= 0 ? named : set.classes.indexOf(to) % model.spec.classes.length;
        const wanted = { class: label, count: DRAWN, temperature: TEMPERATURE, seed: newSeed() };
        const { pixels } = await model.sample(wanted);
        const pictures = Array.from({ length: DRAWN }, (_, i) => toBytes(nth(pixels, i, model.spec)));
        add(to, pictures);
      } finally {
        done();
      }
    });

  const takeFiles = async (to: Class | undefined, files: readonly Named[]) => {
    const done = busy(view);
    const { pictures, problem } = await readPictures(files, set, framing());
    if (problem !== undefined) app.fail(problem);
    else app.resolved();
    add(to, pictures);
    done();
  };
  const takeSet = async (files: readonly Named[]) => {
    const done = busy(view);
    try {
      const { classes, problem } = await openedSet(files, set);
      if (problem !== undefined) app.fail(problem);
      else app.resolved();
      set.classes = classes;
      tiles.chosen.clear();
      changed();
    } catch (problem) {
      app.fail(problem);
    } finally {
      done();
    }
  };
  acceptPictures(view, {
    classOf: (card) => set.classes[card],
    pictures: (to, files) => void takeFiles(to ?? tiles.into, files),
    set: (files) => void takeSet(files),
  });

  button('teach-open').addEventListener('click', () => input('teach-set-file').click());
  button('teach-save').addEventListener('click', () => {
    void savedSet(set).then((blob) => save(blob, text.setName), app.fail);
  });
  button('teach-add-class').addEventListener('click', () => {
    try {
      set.addClass();
      changed();
      tiles.choose(set.classes.at(-1)!);
      show();
    } catch (problem) {
      app.fail(problem);
    }
  });
  button('teach-start-over').addEventListener('click', () => {
    sure = !sure;
    if (sure) {
      hint(text.sure);
      return;
    }
    forget();
    set.clear();
    tiles.chosen.clear();
    easel.clear();
    changed();
  });
  const takeChosen = () => {
    const moved = set.classes.flatMap(({ pictures }) => pictures.filter((picture) => tiles.chosen.has(picture)));
    for (const each of set.classes) each.pictures = each.pictures.filter((picture) => !tiles.chosen.has(picture));
    tiles.chosen.clear();
    return moved;
  };
  button('teach-remove').addEventListener('click', () => {
    takeChosen();
    changed();
  });
  view.addEventListener('keydown', ({ key, target }) => {
    if (key !== 'Delete' || tiles.chosen.size === 0 || target instanceof HTMLInputElement) return;
    takeChosen();
    changed();
  });
  byId('teach-move', HTMLSelectElement).addEventListener('change', ({ target }) => {
    const to = set.classes[Number((target as HTMLSelectElement).value)];
    if (to) add(to, takeChosen());
  });

  button('teach-train').addEventListener('click', () => {
    sure = false;
    if (learning.runs) {
      button('teach-train').disabled = true;
      learning.pause();
      return;
    }
    if (set.missing !== undefined) {
      hint(set.missing);
      return;
    }
    app.resolved();
    working ??= busy(view);
    void learning.train(set.pictures, set.key, settings(), fileOfModel);
    element('teach-state').textContent = learning.steps > 0 ? '' : text.starting;
    show();
  });
  button('teach-save-model').addEventListener('click', () => {
    if (learning.file) save(new Blob([learning.file as BlobPart]), text.modelName);
  });
  button('teach-play').addEventListener('click', () => {
    if (!learning.file) return;
    const file = new File([learning.file as BlobPart], text.modelName);
    void app.openFiles([file]).then((opened) => opened && goTo(element('gamma')));
  });

  const slider = input('teach-gamma');
  slider.max = String(GAMMAS.length - 1);
  slider.value = String(GAMMAS.indexOf(gamma));
  const showGamma = () => (element('teach-gamma-value').textContent = text.gamma(gamma));
  slider.addEventListener('input', () => {
    gamma = GAMMAS[Number(slider.value)] ?? 1;
    showGamma();
    learning.set(settings()).catch(app.fail);
  });
  showGamma();
  input('teach-vary').addEventListener('change', () => {
    learning.set(settings()).catch(app.fail);
    showVaried();
  });
  for (const radio of element('teach-kind').querySelectorAll('input')) {
    radio.addEventListener('change', async () => {
      const done = busy(view);
      await set.become(radio.value as Kind).catch(app.fail);
      done();
      tiles.chosen.clear();
      forget();
      showStarts();
      easel.clear();
      changed();
    });
  }
  const showStarts = () => {
    const starts = fits()
      ? ([
          ['model', text.fromModel(app.wanted.title)],
          ['nothing', text.fromNothing],
        ] as const)
      : ([['nothing', text.fromNothing]] as const);
    const chosen = fits() ? from : 'nothing';
    const labels = starts.map(([value, words]) => {
      const { label, radio } = choice('teach-begin', value, words);
      radio.checked = value === chosen;
      radio.addEventListener('change', () => {
        from = value;
        if (learning.steps === 0) forget();
        changed();
      });
      return label;
    });
    const legend = element('teach-begin').querySelector('legend');
    element('teach-begin').replaceChildren(...(legend ? [legend] : []), ...labels);
  };
  app.onWanted(() => {
    showStarts();
    show();
  });
  app.onModel(() => show());

  const kept = await keep.get<Kept>('set');
  if (kept && kept.classes.length > 0) {
    set.kind = kept.kind;
    set.classes = kept.classes.map(({ name, pictures }) => ({ name, pictures: [...pictures] }));
  }
  easel.clear();
  showStarts();
  show();
  said.clear(undefined);
  const course = await keep.get<KeptCourse>('course');
  try {
    if (course && course.key === set.key && set.missing === undefined) await learning.resume(course, set.pictures);
    else if (set.missing === undefined) await settle();
  } catch (problem) {
    // What an older page has kept cannot be gone on from; the pictures are there.
    void keep.putCourse(undefined);
    app.fail(problem);
  }
  mounted();
}
