import type { App } from '../../app.ts';
import { button, choice, element, input } from '../../dom.ts';
import { firstOf } from '../../models/list.ts';
import type { Status } from '../../runner.ts';
import { newSeed } from '../../seeds.ts';
import { gamma as text } from '../../strings/gamma.ts';
import { mountDial } from './dial.ts';
import { mountStage } from './stage.ts';
import { mountStatus } from './status.ts';
import { Trade } from './trade.ts';

/** The first view: the dial, what each class looks like, and what γ trades. Returns who is told of what runs. */
export function mountGamma(app: App): Status {
  const trade = new Trade(element('trade'));
  mountGroups(app);
  mountOpen(app);
  mountDial(app);
  mountStage(app);
  button('redraw').addEventListener('click', () => app.store.set({ seed: newSeed() }));
  app.onWanted((wanted) => {
    trade.show(app.group, wanted);
    const { error, bitsPerDim } = wanted;
    element('gamma-words').textContent =
      wanted.gamma === undefined
        ? text.wordsOther(wanted.label, error, bitsPerDim)
        : text.words(wanted.gamma, error, bitsPerDim);
  });
  return mountStatus();
}

/** The choice of the data set: each group opens with the method and the γ that are set, where it has them. */
function mountGroups(app: App): void {
  const frame = element('groups');
  const offer = (group: string, title: string) => {
    const { label, radio } = choice('group', group, title);
    radio.addEventListener('change', () => {
      const members = app.models.filter((listed) => listed.group === group);
      const alike = members.find((listed) => listed.label === app.wanted.label);
      app.store.turnTo((alike ?? firstOf(members))?.name ?? '');
    });
    return label;
  };
  let offered = '';
  app.onWanted((wanted) => {
    const groups = new Map(app.models.map(({ group, groupTitle }) => [group, groupTitle]));
    const names = [...groups.keys()].join();
    if (names !== offered) {
      const labels = [...groups].map(([group, title]) => offer(group, title));
      frame.replaceChildren(...frame.querySelectorAll('legend'), ...labels);
      frame.hidden = groups.size < 2;
    }
    offered = names;
    for (const radio of frame.querySelectorAll('input')) radio.checked = radio.value === wanted.group;
  });
}

/** The button that opens model files of the visitor's own. */
function mountOpen(app: App): void {
  const files = input('model-file');
  button('open-model').addEventListener('click', () => files.click());
  files.addEventListener('change', () => {
    void app.openFiles([...(files.files ?? [])]);
    files.value = '';
  });
}
