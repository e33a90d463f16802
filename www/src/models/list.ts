import type { Shape } from '../images/pixels.ts';
import { gamma as text } from '../strings/gamma.ts';

/** A model that the site offers, with what is known of it before it is loaded. */
export interface ListedModel extends Shape {
  /** File name without its ending; the address of the page names the model by it. */
  readonly name: string;
  readonly title: string;
  /** Models of one family differ in γ or in the loss only. */
  readonly family: string;
  /** What tells it from others of its family: "γ = 1", or the name of its loss. */
  readonly label: string;
  readonly loss: string;
  /** The trade-off, 0 to infinity. */
  readonly gamma: number;
  readonly classes: readonly string[];
  /** Size of the file. */
  readonly bytes: number;
  /** Changes with the content of the file. */
  readonly version: string;
  /** Measured on test images, where it was judged: error in percent, bits per dimension. */
  readonly error: number | undefined;
  readonly bitsPerDim: number | undefined;
  readonly address: URL;
}

/** The loss whose trade-off γ is; models of another one stand beside the dial. */
export const WITH_GAMMA = 'ib';

/**
 * The models that `models/index.json` lists, which `cargo xtask site` makes from their files.
 *
 * Rejects with one sentence when there is no such list.
 */
export async function listModels(): Promise<ListedModel[]> {
  const folder = new URL('models/', document.baseURI);
  const response = await fetch(new URL('index.json', folder)).catch((problem: unknown) => {
    throw new Error(text.noList(problem instanceof Error ? problem.message : String(problem)));
  });
  if (!response.ok) throw new Error(text.noList(`status ${response.status}`));
  const list: unknown = await response.json().catch(() => undefined);
  const entries = isObject(list) && Array.isArray(list.models) ? list.models : [];
  const models = entries.flatMap((entry: unknown) => read(entry, folder) ?? []);
  if (models.length === 0 || models.length < entries.length) throw new Error(text.emptyList);
  return models;
}

/** The model that a family opens with: the one that counts both wishes the same, or else its first. */
export function firstOf(family: readonly ListedModel[]): ListedModel | undefined {
  return family.find(({ loss, gamma }) => loss === WITH_GAMMA && gamma === 1) ?? family[0];
}

function read(entry: unknown, folder: URL): ListedModel | undefined {
  if (!isObject(entry)) return undefined;
  const { file, title, family, loss, classes, version, channels, height, width, bytes } = entry;
  const gamma = entry.gamma === 'inf' ? Infinity : entry.gamma;
  const texts = [file, title, family, loss, version];
  const numbers = [gamma, channels, height, width, bytes];
  if (!texts.every((text) => typeof text === 'string') || !numbers.every((value) => typeof value === 'number')) {
    return undefined;
  }
  if (!Array.isArray(classes)) return undefined;
  const [fileName, titleText, familyName, lossName, versionText] = texts as [string, string, string, string, string];
  const [gammaValue, c, h, w, size] = numbers as [number, number, number, number, number];
  const address = new URL(fileName, folder);
  address.searchParams.set('v', versionText);
  return {
    name: fileName.replace(/\.safetensors$/, ''),
    title: titleText,
    family: familyName,
    label: lossName === WITH_GAMMA ? text.label(gammaValue) : (titleText.split(' · ')[1] ?? lossName),
    loss: lossName,
    gamma: gammaValue,
    classes: classes.map(String),
    channels: c,
    height: h,
    width: w,
    bytes: size,
    version: versionText,
    error: optional(entry.error),
    bitsPerDim: optional(entry.bits_per_dim),
    address,
  };
}

function optional(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
