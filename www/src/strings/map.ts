import { number, percent } from './format.ts';
import { term } from './glossary.ts';
import { inline, sub, v } from './math.ts';
import { paper } from './paper.ts';

/** Texts of the map of latent space. */
export const map = {
  page: {
    title: 'Latent space',
    dek: 'Every point is an image. Move over the map, and see what lies there.',
    label:
      'Map of latent space. Move the pointer, or the arrow keys, to decode the image at a point; plus and minus zoom, ' +
      'the Home key shows all.',
    zoomIn: 'Zoom in',
    zoomOut: 'Zoom out',
    zoomFit: 'Show all',
    image: 'The image at the marked point',
    through: 'Plane through',
    tint: 'Tinted by',
    own: 'Go to your image',
    open: 'Look closer',
    useAsA: 'Interpolate from here',
    useAsB: 'Interpolate to here',
    hint: 'Click or tap to mark a point. Drag to move the map, once it is enlarged; two fingers enlarge it.',
    notePlane: 'Two of many directions',
    notePlaneText: `
      <p>${term('latent', 'Latent')} space has as many dimensions as an image has pixels. The map shows the plane in which the means of the
      classes differ most. Dots are test images, cast onto it; discs are the means ${inline(sub(v('μ'), v('y')))} that the
      classes were trained with, and rings the averages ${inline(sub(v('m'), v('y')))} of their training images, around which
      samples are drawn. Both lie apart, mostly in directions that the map does not show.</p>
      ${paper('Fig 7')}`,
    noteRegions: 'Where class and verdict change',
    noteRegionsText: `
      <p>A class wins where its mean is nearest, so regions have straight borders; the tint says how sure the ${term('posterior')} is.
      Tinted by novelty, it says where an image would be ordinary, unusual, or none of these.
      It holds for the plane that you have chosen. A dot may lie in another class’s region, since the directions that the map
      does not show count as well.</p>`,
    noteGamma: 'Clouds move with γ',
    noteGammaText: `
      <p>Low ${inline(v('γ'))} leaves clouds where the images put them, and they overlap. The more the classes count, the
      farther their means push each other apart. Turn the dial and watch.</p>
      ${paper('Figs 4 and 7')}`,
  },

  tints: { classes: 'Class', novelty: 'Novelty', none: 'Nothing' },
  throughMeans: 'the means',
  throughImage: 'your image',
  throughNote:
    'A plane beside that of the means: discs and dots are cast onto it, so a disc may lie in the region of another class.',
  none: 'The card of this model holds no map.',
  pointClass: (name: string, share: number) => `${name} (${percent(share)})`,
  place: (x: number, y: number) => `at (${number(x, 1)}, ${number(y, 1)})`,
  nearest: (name: string) => `Under the pointer: a test image of “${name}”.`,
  images: (count: number) => `${number(count)} test images.`,
};
