import type { App } from '../../app.ts';
import { busy } from '../../busy.ts';
import { button, element } from '../../dom.ts';
import { whenSeen } from '../../seen.ts';
import { lab as text } from '../../strings/lab.ts';
import { Charts } from './chart.ts';
import { mountBrush, mountControls } from './controls.ts';
import { MOST_PAINTED, onGrid, toLab } from './painted.ts';
import { paintOn } from './painting.ts';
import { Player } from './player.ts';
import { Run } from './run.ts';
import { AT_FIRST, type LabState, MOST_STEPS, type Shown } from './settings.ts';

/** When one of these changes, the training begins anew. */
const ANEW = ['set', 'classes', 'seed', 'shown'] as const;
/** Steps between two pictures while a link's training is taken again. */
const CATCH_UP = 20;

/** The lab: flows on points of the plane, trained here while one watches. */
export function mountLab(app: App): void {
  const { store } = app;
  const view = element('lab');
  const runs = [new Run('ib'), new Run('class-nll')];
  const charts = new Charts(element('lab-charts'));
  const brush = mountBrush();
  let before = store.state.lab;
  /** Whether settings and points have stayed as they were at the first step, so that a link can bring the training back. */
  let steady = true;
  /** How often the training has begun. */
  let beginnings = 0;

  const shown = () => runs.filter(({ kind }) => ['both', kind].includes(store.state.lab.shown));
  const showNumbers = () => {
    charts.show(shown(), store.state.lab.classes);
    element('lab-steps').textContent = text.steps(stepsTaken());
  };
  const stepsTaken = () => shown()[0]?.now?.steps ?? 0;
  const say = (words: string) => (element('lab-status').textContent = words);
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
    before = { ...store.state.lab, steps };
    store.set({ lab: before });
  };

  const player = new Player(element('lab-figure'), {
    advance: (steps) => each((run) => run.advance(steps, false)),
    changed: (playing, problem) => {
      button('lab-play').textContent = playing ? text.pause : text.page.play;
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
    const { lab } = store.state;
    brush.setClasses(lab.classes);
    element('lab-figure').classList.toggle('alone', lab.shown !== 'both');
    for (const run of runs) {
      run.name = run.kind === 'ib' ? text.ib(lab.gamma) : text.classNll(lab.dims);
      element(`lab-run-${run.kind}`).hidden = !shown().includes(run);
      element(`lab-name-${run.kind}`).textContent = run.name;
    }
  };
  const restart = () => {
    const { lab, labPoints } = store.state;
    const beginning = ++beginnings;
    steady = true;
    layOut();
    for (const run of runs) if (!shown().includes(run)) run.close();
    const restarted = each((run) => run.restart(lab, labPoints));
    void doing(lab.steps === 0 ? restarted : restarted.then(() => catchUp(lab.steps, beginning)));
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
  const begin = whenSeen(view, restart);

  const play = () => {
    const { lab, labPoints } = store.state;
    if (lab.set === 'blank' && toLab(labPoints, lab.classes).classes.length === 0) say(text.noPoints);
    else player.play();
  };
  button('lab-play').addEventListener('click', () => (player.playing ? player.pause() : play()));
  button('lab-step').addEventListener('click', () => {
    player.pause();
    void doing(each((run) => run.advance(1, true))).then(rest);
  });
  button('lab-reset').addEventListener('click', () => {
    player.pause();
    keepSteps(0);
    restart();
    say('');
  });
  const tryThis = (id: string, which: Shown) =>
    button(id).addEventListener('click', () => {
      store.set({ lab: { ...AT_FIRST, shown: which }, labPoints: [] });
      restart();
      player.play();
    });
  tryThis('lab-try-ib', 'ib');
  tryThis('lab-try-class-nll', 'class-nll');
  tryThis('lab-try-both', 'both');

  const deeds = {
    painted: (x: number, y: number) => {
      const { labPoints } = store.state;
      if (labPoints.length >= MOST_PAINTED) say(text.enough(MOST_PAINTED));
      else store.set({ labPoints: [...labPoints, onGrid({ x, y, class: brush.label() })] });
    },
    undone: () => store.set({ labPoints: store.state.labPoints.slice(0, -1) }),
    chosen: brush.choose,
  };
  for (const run of runs) paintOn(run.plane, deeds);
  button('lab-undo').addEventListener('click', deeds.undone);
  button('lab-clear').addEventListener('click', () => store.set({ labPoints: [] }));

  mountControls(app);
  const showPainted = () => (element('lab-painted').textContent = text.painted(store.state.labPoints.length));
  store.subscribe((changed) => {
    if (changed.has('labPoints')) showPainted();
    if (!changed.has('lab') && !changed.has('labPoints')) return;
    const { lab, labPoints } = store.state;
    const differs = (name: keyof LabState) => lab[name] !== before[name];
    // Steps that the lab did not write itself came with an address.
    if (ANEW.some(differs) || (differs('steps') && lab.steps > 0)) begin();
    else if (lab !== before || changed.has('labPoints')) {
      if (stepsTaken() > 0) steady = false;
      layOut();
      if (changed.has('lab')) void doing(each((run) => run.set(lab)));
      if (changed.has('labPoints') || differs('count')) void doing(each((run) => run.setPoints(lab, labPoints)));
    }
    before = lab;
    if (!steady && lab.steps > 0) keepSteps(0);
  });
  showPainted();
  layOut();
  begin();
}
