import type { Classification, Model } from 'ibinn';
import { byId, create, element } from '../../dom.ts';
import { fromBytes } from '../../images/pixels.ts';
import { interpolate as text } from '../../strings/interpolate.ts';
import { verdict } from '../../strings/verdict.ts';

/** Shows what a model says of both ends beside each other, and how far their latents are apart. */
export async function compare(model: Model, a: Uint8Array, b: Uint8Array): Promise<() => void> {
  const { dims, classes } = model.spec;
  const pixels = new Float32Array(2 * dims);
  [a, b].forEach((bytes, i) => pixels.set(fromBytes(bytes), i * dims));
  const both = await model.classify(pixels);
  return () => show(both, classes);
}

function show(both: readonly Classification[], classes: readonly string[]): void {
  const { compared } = text;
  const row = (name: string, say: (result: Classification) => string) => {
    const head = create('th', '', name);
    head.scope = 'row';
    return create('tr', '', head, ...both.map((result) => create('td', '', say(result))));
  };
  const share = ({ prediction, posterior }: Classification) => posterior[prediction] ?? 0;
  const rows = [
    row(compared.class, (result) => text.sees(classes[result.prediction] ?? '', share(result))),
    row(compared.bits, ({ bitsPerDim }) => text.bits(bitsPerDim)),
    row(compared.verdict, ({ novelty }) =>
      novelty ? `${verdict.names[novelty.verdict]}, ${verdict.p(novelty.p)}` : text.notSaid,
    ),
  ];
  const heads = ['', text.page.endA, text.page.endB].map((name) => {
    const cell = create(name === '' ? 'td' : 'th', '', name);
    if (name !== '') cell.setAttribute('scope', 'col');
    return cell;
  });
  byId('compare', HTMLTableElement).replaceChildren(
    create('thead', '', create('tr', '', ...heads)),
    create('tbody', '', ...rows),
  );
  const [from, to] = both.map(({ z }) => z);
  const apart = Math.sqrt(from?.reduce((sum, value, i) => sum + (value - (to?.[i] ?? 0)) ** 2, 0) ?? 0);
  element('compare-apart').textContent = text.apart(apart, from?.length ?? 0);
}
