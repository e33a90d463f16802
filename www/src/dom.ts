import { frame } from './strings/frame.ts';

/** The element of index.html with this id, of the kind that the caller relies on. */
export function byId<T extends HTMLElement>(id: string, kind: new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`index.html has no ${kind.name} with the id ${id}`);
  return element;
}

export const input = (id: string) => byId(id, HTMLInputElement);
export const button = (id: string) => byId(id, HTMLButtonElement);
export const canvas = (id: string) => byId(id, HTMLCanvasElement);
export const element = (id: string) => byId(id, HTMLElement);

/** What draws on a canvas. Throws one sentence where the browser has none. */
export function penOf(
  canvas: HTMLCanvasElement,
  settings?: CanvasRenderingContext2DSettings,
): CanvasRenderingContext2D {
  const context = canvas.getContext('2d', settings);
  if (!context) throw new Error(frame.noCanvas);
  return context;
}

type Content = (Node | string)[];

/** A new element with a class name and content. */
export function create<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = '',
  ...content: Content
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (className !== '') made.className = className;
  made.append(...content);
  return made;
}

/** A new SVG element with attributes. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Record<string, string | number>,
  ...content: Content
): SVGElementTagNameMap[K] {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...content);
  return made;
}

/** A choice of one of several: a radio button that looks like what its label holds. */
export function choice(
  group: string,
  value: string,
  ...content: Content
): { label: HTMLLabelElement; radio: HTMLInputElement } {
  const radio = create('input');
  radio.type = 'radio';
  radio.name = group;
  radio.value = value;
  return { label: create('label', '', radio, create('span', '', ...content)), radio };
}
