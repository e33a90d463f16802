// Our npm module, as any page would use it: the model runs in workers of its own.

import type * as Ibinn from '../../../../web/dist/index.js';
import { modelUrl } from '../case.js';
import type { Load } from '../session.js';

const MODULE = '/ours/dist/index.js';

/** `cpu`, `workers` or `gpu`. */
export const load: Load = async (variant) => {
  const { load } = (await import(MODULE)) as typeof Ibinn;
  return {
    async open({ model: name, direction }) {
      const executor = variant === 'gpu' ? 'gpu' : 'cpu';
      const model = await load(modelUrl(name), { executor, workers: variant === 'workers' ? 2 : 1 });
      return {
        unit: 'pixels',
        async run(input) {
          return direction === 'encode' ? model.encode(input) : { images: await model.decode(input) };
        },
        async close() {
          model.close();
        },
      };
    },
  };
};
