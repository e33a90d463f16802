// Where the things that the tests work with are. `cargo xtask test --only browser` sets the variables.

import { fileURLToPath } from 'node:url';

function required(name: string): string {
  const value = process.env[name];
  if (!value) {
    throw new Error(`${name} is not set; the browser tests are run by: cargo xtask test --only browser`);
  }
  return value;
}

/** The Chromium to drive. */
export const chrome = required('CHROME');
/** The Firefox to drive; none where there is none, and then CI is not set. */
export const firefox = process.env.CI ? required('FIREFOX') : process.env.FIREFOX;
/** The folder with the built site. */
export const siteDir = required('IBINN_SITE_DIR');
/** The native trainer, whose CPU executor is what the browser is compared with. */
export const trainer = required('IBINN_TRAINER');
/** The program that serves a folder. */
export const xtask = required('IBINN_XTASK');
/** The folder of the npm module, built. */
export const moduleDir = fileURLToPath(new URL('../../../web', import.meta.url));
