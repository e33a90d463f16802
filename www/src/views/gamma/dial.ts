import type { App } from '../../app.ts';
import { choice, create, element, input } from '../../dom.ts';
import type { ListedModel } from '../../models/list.ts';
import { gamma as text } from '../../strings/gamma.ts';

/** The dial: a slider with a stop for each γ of the group, and a choice of the models that have none. */
export function mountDial(app: App): void {
  const dial = input('dial');
  let stops: readonly ListedModel[] = [];
  let marks: readonly HTMLElement[] = [];
  let group = '';

  const layOut = () => {
    stops = app.group.filter(({ gamma }) => gamma !== undefined);
    const others = app.group.filter(({ gamma }) => gamma === undefined);
    dial.max = String(Math.max(0, stops.length - 1));
    element('dial-bar').hidden = app.group.length < 2;
    marks = stops.map((listed) => {
      const mark = create('li', 'dial-stop', create('span', 'dial-dot'), text.stop(listed.gamma ?? 0));
      mark.addEventListener('click', () => choose(listed));
      return mark;
    });
    element('dial-stops').replaceChildren(...marks);
    element('dial-others').hidden = others.length === 0;
    element('dial-others').replaceChildren(
      create('legend', 'visually-hidden', text.others),
      ...others.map((listed) => {
        const { label, radio } = choice('other-method', listed.name, listed.label);
        label.title = text.classNll;
        radio.addEventListener('change', () => choose(listed));
        return label;
      }),
    );
    for (const listed of stops) showProgress(listed);
  };
  const choose = (listed: ListedModel | undefined) => listed && app.store.turnTo(listed.name);
  const showProgress = (listed: ListedModel) =>
    marks[stops.indexOf(listed)]?.style.setProperty('--arrived', String(app.arrived(listed)));

  dial.addEventListener('input', () => choose(stops[Number(dial.value)]));
  // Pressing the thumb where it stands already leads back from a model beside the dial.
  dial.addEventListener('click', () => choose(stops[Number(dial.value)]));
  app.onWanted((wanted) => {
    if (wanted.group !== group) layOut();
    group = wanted.group;
    const place = stops.indexOf(wanted);
    if (place >= 0) dial.value = String(place);
    dial.setAttribute('aria-valuetext', wanted.label);
    // Beside the dial the pill stays where it was.
    if (place >= 0) element('dial-value').textContent = wanted.label;
    const share = Number(dial.value) / Math.max(1, stops.length - 1);
    element('dial-value').style.setProperty('--place', String(share));
    dial.parentElement?.classList.toggle('aside', place < 0);
    marks.forEach((mark, i) => mark.classList.toggle('chosen', i === place));
    for (const radio of element('dial-others').querySelectorAll('input')) radio.checked = radio.value === wanted.name;
  });
  app.onProgress(showProgress);
}
