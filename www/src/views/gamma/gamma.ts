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
  mountFamilies(app);
  mountDial(app);
  mountStage(app);
  button('redraw').addEventListener('click', () => app.store.set({ seed: newSeed() }));
  app.onWanted((wanted) => {
    trade.show(app.family, wanted);
    const { error, bitsPerDim } = wanted;
    element('gamma-words').textContent =
      wanted.loss === 'ib'
        ? text.words(wanted.gamma, error, bitsPerDim)
        : text.wordsOther(wanted.label, error, bitsPerDim);
  });
  return mountStatus();
}

/** The choice of the data set: each family opens with the γ that is set, where it has it. */
function mountFamilies(app: App): void {
  const { models, store } = app;
  const families = [...new Set(models.map(({ family }) => family))];
  const radios = families.map((family) => {
    const { label, radio } = choice('family', family, family);
    radio.addEventListener('change', () => {
      const { loss, gamma } = app.wanted;
      const members = models.filter((listed) => listed.family === family);
      const alike = members.find((listed) => listed.loss === loss && listed.gamma === gamma);
      store.set({ model: (alike ?? firstOf(members))?.name ?? '' });
    });
    element('families').append(label);
    return radio;
  });
  element('families').hidden = families.length < 2;
  app.onWanted(({ family }) => radios.forEach((radio) => (radio.checked = radio.value === family)));
}
