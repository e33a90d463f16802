import type { Method, Model } from 'ibinn';
import type { Shape } from '../images/pixels.ts';
import { card as cardText } from '../strings/card.ts';
import { gamma as text } from '../strings/gamma.ts';
import { gammaOf } from './gammaOf.ts';

/** A model that the site offers, with what is known of it before it is loaded. */
export interface ListedModel extends Shape {
  /** File name without its ending; the address of the page names the model by it. */
  readonly name: string;
  readonly title: string;
  /** What tells its group from others. Models of one group have data set and architecture in common, and differ in their method. */
  readonly group: string;
  /** The name of its group for people. */
  readonly groupTitle: string;
  readonly method: Method;
  /** What tells it from others of its group: "γ = 1", or the name of its method. */
  readonly label: string;
  /** The trade-off, 0 to infinity; undefined where its method has none, so that it stands beside the dial. */
  readonly gamma: number | undefined;
  readonly classes: readonly string[];
  /** Size of the file. */
  readonly bytes: number;
  /** Changes with the content of the file. */
  readonly version: string;
  /** Measured on test images, where it was evaluated: error in percent, bits per dimension. */
  readonly error: number | undefined;
  readonly bitsPerDim: number | undefined;
  /** Its file: where it is found, or what the visitor opened. */
  readonly file: URL | Blob;
}

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
  const groups = isObject(list) && Array.isArray(list.groups) ? list.groups.map(readGroup) : [];
  const models = groups.flatMap(
    (group) => group?.models.map((entry) => read(entry, group, titleOf(group, groups), folder)) ?? [],
  );
  if (models.length === 0 || groups.includes(undefined) || models.includes(undefined)) throw new Error(text.emptyList);
  return models.flatMap((model) => model ?? []);
}

/** The model that a group opens with: the one that counts both wishes the same, or else its first. */
export function firstOf(group: readonly ListedModel[]): ListedModel | undefined {
  return group.find(({ gamma }) => gamma === 1) ?? group[0];
}

/** Models that the visitor opened are named so in the address; no file of the site begins so. */
const OWN = 'own.';
/** What stands between what the models of a visitor's group have in common and their names. */
const MEMBERS = ' + ';

/** The name of a file that the visitor is to open, by the name of its model in an address; undefined of a model of the site. */
export function ownFile(name: string): string | undefined {
  return name.startsWith(OWN) ? `${name.slice(OWN.length)}.safetensors` : undefined;
}

/** A model that was opened from a file, listed as the site's own are, beside `others`. */
export function listOwn(
  { card, spec }: Model,
  fileName: string,
  file: Blob,
  others: readonly ListedModel[],
): ListedModel {
  const { dataset, preset, method } = card.training;
  const { channels, height, width, classes } = spec;
  const name =
    OWN +
    fileName
      .replace(/\.safetensors$/i, '')
      .replace(/[^\w.-]+/g, '-')
      .slice(0, 60);
  const label = text.label(method);
  const kin = [OWN, dataset, preset, channels, height, width, ...classes].join(' ');
  // One of the same data set, architecture and method is no other stop of the same dial.
  const taken = others.some((other) => kinOf(other) === kin && other.label === label && other.name !== name);
  const title = cardText.dataSets[dataset] ?? dataset;
  return {
    name,
    title: card.title,
    group: taken ? `${kin} ${name}` : kin,
    groupTitle: text.ownGroup(taken ? fileName : title),
    method,
    label,
    gamma: gammaOf(method),
    classes,
    channels,
    height,
    width,
    bytes: file.size,
    version: '',
    error: card.evaluation?.error,
    bitsPerDim: card.evaluation?.bits_per_dim,
    file,
  };
}

/**
 * The models with one more that the visitor opened, in place of one of its name. Those of a group that it joins are listed
 * anew, under another name of the group, so that what shows the group shows all of it.
 */
export function withOwn(own: ListedModel, models: readonly ListedModel[]): { own: ListedModel; models: ListedModel[] } {
  const others = models.filter(({ name }) => name !== own.name);
  const members = [...others.filter((other) => kinOf(other) === own.group), own];
  members.sort((a, b) => (a.gamma ?? Infinity) - (b.gamma ?? Infinity));
  const group = own.group + MEMBERS + members.map(({ name }) => name).join(MEMBERS);
  const joined = members.map((member) => ({ ...member, group }));
  return {
    own: joined[members.indexOf(own)] ?? own,
    models: [...others.filter((other) => kinOf(other) !== own.group), ...joined],
  };
}

/** What the models of a visitor's group have in common. */
function kinOf({ group }: ListedModel): string {
  return group.split(MEMBERS)[0] ?? '';
}

/** Models of one data set and one architecture. */
interface Group {
  readonly dataset: string;
  readonly preset: string;
  /** Its own name, where there is another group of the same. */
  readonly title: string | undefined;
  readonly models: readonly unknown[];
}

function readGroup(group: unknown): Group | undefined {
  if (!isObject(group)) return undefined;
  const { dataset, preset, title, models } = group;
  if (typeof dataset !== 'string' || typeof preset !== 'string' || !Array.isArray(models)) return undefined;
  return { dataset, preset, title: typeof title === 'string' ? title : undefined, models };
}

/** The data set's name, with the architecture where there are several of it. */
function titleOf({ dataset, preset, title }: Group, groups: readonly (Group | undefined)[]): string {
  if (title !== undefined) return title;
  const name = cardText.dataSets[dataset] ?? dataset;
  return groups.some((other) => other?.dataset === dataset && other.preset !== preset) ? `${name}, ${preset}` : name;
}

function read(entry: unknown, group: Group, groupTitle: string, folder: URL): ListedModel | undefined {
  if (!isObject(entry)) return undefined;
  const { file, title, classes, version, channels, height, width, bytes } = entry;
  const method = readMethod(entry.method);
  const texts = [file, title, version];
  const numbers = [channels, height, width, bytes];
  if (!texts.every((text) => typeof text === 'string') || !numbers.every((value) => typeof value === 'number')) {
    return undefined;
  }
  if (!Array.isArray(classes) || method === undefined) return undefined;
  const [fileName, titleText, versionText] = texts as [string, string, string];
  const [c, h, w, size] = numbers as [number, number, number, number];
  const address = new URL(fileName, folder);
  address.searchParams.set('v', versionText);
  return {
    name: fileName.replace(/\.safetensors$/, ''),
    title: titleText,
    group: [group.dataset, group.preset, group.title ?? ''].join(' ').trim(),
    groupTitle,
    method,
    label: text.label(method),
    gamma: gammaOf(method),
    classes: classes.map(String),
    channels: c,
    height: h,
    width: w,
    bytes: size,
    version: versionText,
    error: optional(entry.error),
    bitsPerDim: optional(entry.bits_per_dim),
    file: address,
  };
}

function readMethod(method: unknown): Method | undefined {
  if (!isObject(method)) return undefined;
  const { name, gamma, frozen_means } = method;
  if (name === 'ib-inn') return gamma === 'inf' || typeof gamma === 'number' ? { name, gamma } : undefined;
  if (name !== 'class-nll') return undefined;
  return typeof frozen_means === 'number' ? { name, frozen_means } : { name };
}

function optional(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
