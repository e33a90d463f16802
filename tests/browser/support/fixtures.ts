// What the tests in Chromium start from: the models that the site ships, and a page that reports its errors.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { siteDir } from './environment';
import { isForeign } from './server';
import { withServers } from './servers';

/** A model that the site ships. */
export interface ShippedModel {
  /** Its file's name. */
  file: string;
  /** The file's name without its ending, which addresses name the model by. */
  name: string;
  /** Its name for people. */
  title: string;
  /** Models of a group differ in their method. */
  group: string;
  /** γ of those that the dial turns through. */
  gamma: number | 'inf' | undefined;
  /** Names of its classes. */
  classes: string[];
  /** Where its file lies on disk. */
  path: string;
}

/** All models that the site ships, as the page lists them. */
export const allModels: ShippedModel[] = listed();

/** Of each group the model that the page opens with: what most tests go through. */
export const shippedModels: ShippedModel[] = [...new Set(allModels.map(({ group }) => group))].flatMap((group) => {
  const members = allModels.filter((model) => model.group === group);
  return members.find(({ gamma }) => gamma === 1) ?? members.slice(0, 1);
});

function listed(): ShippedModel[] {
  const folder = join(siteDir, 'models');
  const { groups } = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as { groups: ListedGroup[] };
  return groups.flatMap(({ dataset, preset, models }) =>
    models.map(({ method, ...model }) => ({
      ...model,
      group: `${dataset} ${preset}`,
      gamma: method.gamma,
      name: model.file.replace('.safetensors', ''),
      path: join(folder, model.file),
    })),
  );
}

interface ListedGroup {
  dataset: string;
  preset: string;
  models: { file: string; title: string; method: { name: string; gamma?: number | 'inf' }; classes: string[] }[];
}

interface Fixtures {
  /** Console messages that a test provokes. */
  expectedFaults: RegExp | undefined;
  /** Fails the test when the page threw, broke its policy, asked another host for something, or was answered with an error. */
  faults: string[];
}

export const test = withServers.extend<Fixtures>({
  expectedFaults: [undefined, { option: true }],
  faults: [
    async ({ page, expectedFaults }, use) => {
      const faults: string[] = [];
      page.on('pageerror', (error) => faults.push(`uncaught: ${error.message}`));
      page.on('console', (message) => {
        if (message.type() === 'error' && !expectedFaults?.test(message.text())) {
          faults.push(`console: ${message.text()}`);
        }
      });
      page.on('request', (request) => {
        if (isForeign(request.url())) {
          faults.push(`asked another host: ${request.url()}`);
        }
      });
      await use(faults);
      expect(faults).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
