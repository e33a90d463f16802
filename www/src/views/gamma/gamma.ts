import type { App } from '../../app.ts';
import { button, choice, element } from '../../dom.ts';
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
  const { models, store } = app;
  const groups = new Map(models.map(({ group, groupTitle }) => [group, groupTitle]));
  const radios = [...groups].map(([group, title]) => {
    const { label, radio } = choice('group', group, title);
    radio.addEventListener('change', () => {
      const { wanted } = app;
      const members = models.filter((listed) => listed.group === group);
      const alike = members.find((listed) => listed.label === wanted.label);
      store.set({ model: (alike ?? firstOf(members))?.name ?? '' });
    });
    element('groups').append(label);
    return radio;
  });
  element('groups').hidden = groups.size < 2;
  app.onWanted(({ group }) => radios.forEach((radio) => (radio.checked = radio.value === group)));
}
