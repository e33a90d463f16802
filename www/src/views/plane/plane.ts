import type { App } from '../../app.ts';
import { busy } from '../../busy.ts';
import { button, element } from '../../dom.ts';
import { whenVisible } from '../../whenVisible.ts';
import { plane as text } from '../../strings/plane.ts';
import { Charts } from './chart.ts';
import { mountBrush, mountControls } from './controls.ts';
import { MOST_PAINTED, onGrid, toPlane } from './painted.ts';
import { paintOn } from './painting.ts';
import { Player } from './player.ts';
import { Run } from './run.ts';
import { AT_FIRST, type PlaneState, MOST_STEPS, type Shown } from './settings.ts';

/** When one of these changes, the training begins anew. */
const ANEW = ['set', 'classes', 'seed', 'shown'] as const;
/** Steps between two pictures while a link's training is taken again. */
const CATCH_UP = 20;

/** Flows on points of the plane, trained here while one watches. */
export function mountPlane(app: App): void {
  const { store } = app;
  const view = element('plane');
  const runs = [new Run('ib'), new Run('class-nll')];
  const charts = new Charts(element('plane-charts'));
  const brush = mountBrush();
  let before = store.state.plane;
  /** Whether settings and points have stayed as they were at the first step, so that a link can bring the training back. */
  let steady = true;
  /** How often the training has begun. */
  let beginnings = 0;

  const shown = () => runs.filter(({ kind }) => ['both', kind].includes(store.state.plane.shown));
  const showNumbers = () => {
    charts.show(shown(), store.state.plane.classes);
    element('plane-steps').textContent = text.steps(stepsTaken());
  };
  const stepsTaken = () => shown()[0]?.now?.steps ?? 0;
  const say = (words: string) => (element('plane-status').textContent = words);
  const each = async (work: (run: Run) => Promise<void>) => {
    const done = busy(view);
    try {
      await Promise.all(shown().map(work));
      showNumbers();
    } finally {
      done();
    }
  };
  /** Says where the training rests, and lets the address hold it. */
  const rest = () => {
    say(text.summary(shown().flatMap(({ name, now }) => (now ? [{ name, ...now }] : []))));
    keepSteps(steady && stepsTaken() <= MOST_STEPS ? stepsTaken() : 0);
  };
  const keepSteps = (steps: number) => {
    before = { ...store.state.plane, steps };
    store.set({ plane: before });
  };

  const player = new Player(element('plane-figure'), {
    advance: (steps) => each((run) => run.advance(steps, false)),
    changed: (playing, problem) => {
      button('plane-play').textContent = playing ? text.pause : text.page.play;
      if (problem !== undefined) app.fail(problem);
      if (playing) say('');
      else void doing(each((run) => run.advance(0, true))).then(rest);
    },
  });
  /** Does something to the runs that are shown; a problem ends the playing. */
  const doing = (work: Promise<void>) =>
    work.catch((problem: unknown) => {
      player.pause();
      app.fail(problem);
    });

  const layOut = () => {
    const { plane } = store.state;
    brush.setClasses(plane.classes);
    element('plane-figure').classList.toggle('alone', plane.shown !== 'both');
    for (const run of runs) {
      run.name = run.kind === 'ib' ? text.ib(plane.gamma) : text.classNll(plane.dims);
      element(`plane-run-${run.kind}`).hidden = !shown().includes(run);
      element(`plane-name-${run.kind}`).textContent = run.name;
    }
  };
  const restart = () => {
    const { plane, planePoints } = store.state;
    const beginning = ++beginnings;
    steady = true;
    layOut();
    for (const run of runs) if (!shown().includes(run)) run.close();
    const restarted = each((run) => run.restart(plane, planePoints));
    void doing(plane.steps === 0 ? restarted : restarted.then(() => catchUp(plane.steps, beginning)));
  };
  /** Takes the steps of a link, unless the visitor has something else in mind meanwhile. */
  const catchUp = async (steps: number, beginning: number) => {
    const done = busy(view);
    try {
      while (beginning === beginnings && steady && stepsTaken() < steps) {
        const next = Math.min(CATCH_UP, steps - stepsTaken());
        await each((run) => run.advance(next, stepsTaken() + next === steps));
      }
    } finally {
      done();
    }
    if (beginning === beginnings) rest();
  };
  const begin = whenVisible(view, restart);

  const play = () => {
    const { plane, planePoints } = store.state;
    if (plane.set === 'blank' && toPlane(planePoints, plane.classes).classes.length === 0) say(text.noPoints);
    else player.play();
  };
  button('plane-play').addEventListener('click', () => (player.playing ? player.pause() : play()));
  button('plane-step').addEventListener('click', () => {
    player.pause();
    void doing(each((run) => run.advance(1, true))).then(rest);
  });
  button('plane-reset').addEventListener('click', () => {
    player.pause();
    keepSteps(0);
    restart();
    say('');
  });
  const tryThis = (id: string, which: Shown) =>
    button(id).addEventListener('click', () => {
      store.set({ plane: { ...AT_FIRST, shown: which }, planePoints: [] });
      restart();
      player.play();
    });
  tryThis('plane-try-ib', 'ib');
  tryThis('plane-try-class-nll', 'class-nll');
  tryThis('plane-try-both', 'both');

  const deeds = {
    painted: (x: number, y: number) => {
      const { planePoints } = store.state;
      if (planePoints.length >= MOST_PAINTED) say(text.enough(MOST_PAINTED));
      else store.set({ planePoints: [...planePoints, onGrid({ x, y, class: brush.label() })] });
    },
    undone: () => store.set({ planePoints: store.state.planePoints.slice(0, -1) }),
    chosen: brush.choose,
  };
  for (const run of runs) paintOn(run.plane, deeds);
  button('plane-undo').addEventListener('click', deeds.undone);
  button('plane-clear').addEventListener('click', () => store.set({ planePoints: [] }));

  mountControls(app);
  const showPainted = () => (element('plane-painted').textContent = text.painted(store.state.planePoints.length));
  store.subscribe((changed) => {
    if (changed.has('planePoints')) showPainted();
    if (!changed.has('plane') && !changed.has('planePoints')) return;
    const { plane, planePoints } = store.state;
    const differs = (name: keyof PlaneState) => plane[name] !== before[name];
    // Steps that the view did not write itself came with an address.
    if (ANEW.some(differs) || (differs('steps') && plane.steps > 0)) begin();
    else if (plane !== before || changed.has('planePoints')) {
      if (stepsTaken() > 0) steady = false;
      layOut();
      if (changed.has('plane')) void doing(each((run) => run.set(plane)));
      if (changed.has('planePoints') || differs('count')) void doing(each((run) => run.setPoints(plane, planePoints)));
    }
    before = plane;
    if (!steady && plane.steps > 0) keepSteps(0);
  });
  showPainted();
  layOut();
  begin();
}
