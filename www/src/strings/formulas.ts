import { f, formula, n, o, row, sub, sup, v } from './math.ts';

const x = v('x');
const y = v('y');
const z = v('z');

/** The posterior of a class, by the distance from its mean. */
export const byBayes = formula(
  v('q'),
  o('('),
  y,
  o('|'),
  x,
  o(')'),
  o('∝'),
  f('exp'),
  o('('),
  o('−'),
  n('½'),
  sup(`<mrow><mo>|</mo>${z}<mo>−</mo>${sub(v('μ'), y)}<mo>|</mo></mrow>`, n('2')),
  o(')'),
);

/** The density of an image, by that of its latent. */
export const density = formula(
  v('q'),
  o('('),
  x,
  o(')'),
  o('='),
  v('q'),
  o('('),
  z,
  o(')'),
  row(o('|'), f('det'), `<mfrac><mrow><mo>∂</mo>${z}</mrow><mrow><mo>∂</mo>${x}</mrow></mfrac>`, o('|')),
);

/** What training minimises. */
export const tradeOff = formula(sub(v('L'), v('X')), o('−'), v('γ'), sub(v('L'), v('Y')));

/** The image at a share t of the way from A to B. */
export const line = formula(
  sup(v('g'), row(o('−'), n('1'))),
  o('('),
  o('('),
  n('1'),
  o('−'),
  v('t'),
  o(')'),
  sub(v('z'), v('A')),
  o('+'),
  v('t'),
  sub(v('z'), v('B')),
  o(')'),
);

/** A sample: from the mean latent of a class in a random direction. */
export const drawn = formula(
  v('x'),
  o('='),
  sup(v('g'), row(o('−'), n('1'))),
  o('('),
  sub(v('m'), v('y')),
  o('+'),
  v('T'),
  v('n'),
  o(')'),
);

/** What a patch contributes to the evidence for a class. */
export const contribution = formula(
  sub(v('c'), v('P')),
  o('('),
  v('y'),
  o(')'),
  o('='),
  f('log'),
  v('q'),
  o('('),
  v('x'),
  o('|'),
  v('y'),
  o(')'),
  o('−'),
  f('log'),
  v('q'),
  o('('),
  sub(v('x'), row(o('∖'), v('P'))),
  o('|'),
  v('y'),
  o(')'),
);

/** The class-NLL as the loss of a very small γ. */
export const classNll = formula(
  sub(v('L'), v('class-NLL')),
  o('='),
  sub(v('L'), v('X')),
  o('−'),
  `<mfrac>${n('1')}${v('D')}</mfrac>`,
  sub(v('L'), v('Y')),
);

/** What a coupling block makes of its second half. */
export const coupled = formula(
  sub(v('u'), '<mn>2</mn>'),
  o('='),
  sub(v('x'), '<mn>2</mn>'),
  o('·'),
  sup(v('e'), v('ℓ')),
  o('+'),
  v('t'),
);
