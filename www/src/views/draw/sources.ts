import type { App } from '../../app.ts';
import { busy } from '../../busy.ts';
import { button, element, input } from '../../dom.ts';
import { disturbs, INTACT } from '../../images/corruption.ts';
import type { Source } from '../../images/source.ts';
import { readImage } from '../../images/upload.ts';
import { newSeed } from '../../seeds.ts';
import { draw as text } from '../../strings/draw.ts';
import { interpolate } from '../../strings/interpolate.ts';
import { Camera } from './camera.ts';
import type { Note } from './note.ts';

/** What the buttons below the canvas need of it. */
export interface Bench {
  /** The image on the canvas, with what disturbs it in it. */
  seen(): Promise<Source>;
  /** Puts an image on the canvas that is not yet the state's. */
  preview(image: Source): void;
  /** Puts the state's image on the canvas again. */
  restore(): void;
}

/** What gives the canvas its image. */
export interface Sources {
  /** While it runs, the canvas shows what it sees and not the state's image. */
  readonly camera: Camera;
  /** Puts a picture file on the canvas; tells whether it was taken. */
  take(file: Blob, name: string): Promise<boolean>;
}

/** Where images come from, and where they go: files, the camera, samples; the ends of the interpolation. */
export function mountSources(app: App, bench: Bench, note: Note): Sources {
  const { store } = app;
  const camera = mountCamera(app, bench, note);
  const set = (image: Source) => store.set({ image });

  button('clear').addEventListener('click', () => set({ kind: 'empty' }));
  button('take-sample').addEventListener('click', () => {
    const { temperature } = store.state;
    const classNumber = Math.floor(app.wanted.classes.length * Math.random());
    set({ kind: 'sample', class: classNumber, index: 0, seed: newSeed(), temperature });
  });
  for (const end of ['a', 'b'] as const) {
    button(`canvas-${end}`).addEventListener('click', async () => {
      const { image, corruption } = store.state;
      const seen = camera.running || disturbs(corruption) ? await bench.seen().catch(app.fail) : image;
      if (!seen) return;
      store.set({ [end]: seen });
      note.say(interpolate.isEnd(end.toUpperCase()));
    });
  }

  /** Counts the files and all else that becomes the image: a file that was read too late is not shown. */
  let turn = 0;
  store.subscribe((changed) => changed.has('image') && turn++);
  const take = async (file: Blob, name: string) => {
    const mine = ++turn;
    const done = busy(element('draw'));
    try {
      const image = await readImage(file, name, app.wanted, app.model?.card.framing);
      if (mine === turn) set(image);
      return store.state.image === image;
    } catch (problem) {
      if (mine === turn) app.fail(problem);
      return false;
    } finally {
      done();
    }
  };
  const file = input('file');
  button('upload').addEventListener('click', () => file.click());
  file.addEventListener('change', () => {
    const chosen = file.files?.[0];
    if (chosen) void take(chosen, chosen.name);
    file.value = '';
  });
  // Whoever goes on with another image is done with what went wrong; what an address lacks is told by the runner.
  store.subscribe((changed) => changed.has('image') && !changed.has('model') && app.resolved());
  return { camera, take };
}

/** The camera's button: the first press opens it, the second keeps the picture. */
function mountCamera(app: App, bench: Bench, note: Note): Camera {
  const switchTo = button('camera');
  const camera = new Camera((image) => bench.preview(image), app.fail);
  /** Whether the button says that the camera runs. */
  let said = false;
  const say = () => {
    said = camera.running;
    switchTo.textContent = camera.running ? text.keepPicture : text.page.camera;
    switchTo.classList.toggle('primary', camera.running);
  };
  switchTo.addEventListener('click', async () => {
    if (camera.running) {
      camera.stop();
      // The picture is kept as it was seen, so what disturbed it is in it.
      const image = await bench.seen().catch(app.fail);
      if (image) app.store.set({ image, corruption: INTACT });
    } else {
      await camera.start(app.wanted, () => app.model?.card.framing).catch(app.fail);
      if (camera.running) {
        app.resolved();
        note.live();
      }
    }
    say();
  });
  // Any other image takes the canvas from the camera.
  app.store.subscribe((changed) => {
    if (!changed.has('image')) return;
    camera.stop();
    say();
  });
  // A page that is out of sight has let go of the camera, and nobody has kept its picture.
  document.addEventListener('visibilitychange', () => {
    if (said && !camera.running) bench.restore();
    say();
  });
  return camera;
}
