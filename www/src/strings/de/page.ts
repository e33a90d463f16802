import { block } from './block.ts';
import { card } from './card.ts';
import { draw } from './draw.ts';
import { frame } from './frame.ts';
import { gamma } from './gamma.ts';
import { interpolate } from './interpolate.ts';
import { map } from './map.ts';
import { occlusion } from './occlusion.ts';
import { pictures } from './pictures.ts';
import { plane } from './plane.ts';
import { sample } from './sample.ts';
import { teach } from './teach.ts';
import { tour } from './tour.ts';

/** The texts that stand in de.html and in the view.html of each view, by view and name. They may hold HTML. */
export const page = {
  frame: frame.page,
  gamma: gamma.page,
  draw: draw.page,
  pictures: pictures.page,
  sample: sample.page,
  interpolate: interpolate.page,
  map: map.page,
  occlusion: occlusion.page,
  block: block.page,
  teach: teach.page,
  plane: plane.page,
  card: card.page,
  tour: tour.page,
};
