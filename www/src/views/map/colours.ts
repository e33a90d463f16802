import { colourByClass } from '../../palette.ts';

/** Colours of the page, as a canvas takes them. */
export interface Colours {
  /** Of each class. */
  readonly classes: readonly string[];
  /** Of the verdicts: ordinary, unusual, none of these. */
  readonly verdicts: readonly string[];
  readonly ink: string;
  readonly paper: string;
  readonly accent: string;
  readonly soft: string;
}

/** The colours as the style sheets have them now, by day or by night. */
export function coloursOf(frame: HTMLElement, classes: number): Colours {
  const probe = document.createElement('i');
  probe.hidden = true;
  frame.append(probe);
  const read = (value: string) => {
    probe.style.setProperty('color', value);
    return getComputedStyle(probe).color;
  };
  const colours = {
    verdicts: [read('var(--known)'), read('var(--odd)'), read('var(--foreign)')],
    ink: read('var(--ink)'),
    paper: read('var(--paper)'),
    accent: read('var(--accent)'),
    soft: read('var(--soft)'),
    classes: Array.from({ length: classes }, (_, k) => {
      colourByClass(probe, k, classes);
      return read('var(--class-color)');
    }),
  };
  probe.remove();
  return colours;
}
