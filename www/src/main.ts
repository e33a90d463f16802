import { listModels } from './models/list.ts';
import { mountContents, mountLanguage } from './contents.ts';
import { mountLastView } from './lastView.ts';
import { keepForOffline } from './offline/register.ts';
import { mountProblem } from './problem.ts';
import { mountShare } from './share.ts';
import { Runner } from './runner.ts';
import { Store } from './store.ts';
import { mountTour } from './tour.ts';
import { element } from './dom.ts';
import { embed } from './embed.ts';
import { mountGlossary } from './glossary.ts';
import { acceptFiles } from './files/drop.ts';
import { mountBlock } from './views/block/block.ts';
import { mountCard } from './views/card/card.ts';
import { mountDraw } from './views/draw/draw.ts';
import { mountGamma } from './views/gamma/gamma.ts';
import { mountInterpolate } from './views/interpolate/interpolate.ts';
import { mountPlane } from './views/plane/plane.ts';
import { mountOcclusion } from './views/occlusion/occlusion.ts';
import { mountMap } from './views/map/map.ts';
import { mountPictures } from './views/pictures/pictures.ts';
import { mountSample } from './views/sample/sample.ts';
import { whenNear } from './whenVisible.ts';

const problem = mountProblem();
const store = new Store();
embed();
mountContents();
mountLanguage();
mountGlossary();
mountShare(store, problem.fail);
keepForOffline();

try {
  const runner = new Runner(store, await listModels(), problem);
  const asked = new URLSearchParams(location.search).get('model');
  if (asked) await runner.openFirst(new URL(asked, document.baseURI));
  const status = mountGamma(runner);
  const picture = mountDraw(runner);
  const pictures = mountPictures(runner);
  acceptFiles(element('drop'), { picture, pictures, models: (files) => runner.openFiles(files) });
  mountSample(runner);
  mountInterpolate(runner);
  mountMap(runner);
  mountOcclusion(runner);
  mountBlock(runner);
  whenNear(element('teach'), async () => (await import('./views/teach/teach.ts')).mountTeach(runner)).catch(
    problem.fail,
  );
  mountPlane(runner);
  mountCard(runner);
  mountTour(runner);
  runner.start(status);
  mountLastView();
} catch (thrown) {
  problem.fail(thrown);
}
