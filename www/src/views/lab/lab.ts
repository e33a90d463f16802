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
import { AT_FIRST, type LabState, type Shown } from './settings.ts';

/** When one of these changes, the training begins anew. */
const ANEW = ['set', 'classes', 'seed', 'shown'] as const;

/** The lab: flows on points of the plane, trained here while one watches. */
export function mountLab(app: App): void {
  const { store } = app;
  const view = element('lab');
  const runs = [new Run('ib'), new Run('class-nll')];
  const charts = new Charts(element('lab-charts'));
  const brush = mountBrush();
  let before = store.state.lab;

  const shown = () => runs.filter(({ kind }) => ['both', kind].includes(store.state.lab.shown));
  const showNumbers = () => {
    charts.show(shown(), store.state.lab.classes);
    element('lab-steps').textContent = text.steps(shown()[0]?.now?.steps ?? 0);
  };
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
  const describe = () => say(text.summary(shown().flatMap(({ name, now }) => (now ? [{ name, ...now }] : []))));

  const player = new Player(element('lab-figure'), {
    advance: (steps) => each((run) => run.advance(steps, false)),
    changed: (playing, problem) => {
      button('lab-play').textContent = playing ? text.pause : text.page.play;
      if (problem !== undefined) app.fail(problem);
      if (playing) say('');
      else void doing(each((run) => run.advance(0, true))).then(describe);
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
    layOut();
    for (const run of runs) if (!shown().includes(run)) run.close();
    void doing(each((run) => run.restart(store.state.lab, store.state.labPoints)));
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
    void doing(each((run) => run.advance(1, true))).then(describe);
  });
  button('lab-reset').addEventListener('click', () => {
    player.pause();
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
    if (ANEW.some(differs)) begin();
    else {
      layOut();
      if (changed.has('lab')) void doing(each((run) => run.set(lab)));
      if (changed.has('labPoints') || differs('count')) void doing(each((run) => run.setPoints(lab, labPoints)));
    }
    before = lab;
  });
  showPainted();
  layOut();
  begin();
}
