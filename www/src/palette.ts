/** Hue of the first class in degrees; the others follow at equal steps around the circle. */
const FIRST_HUE = 25;

/**
 * Gives an element the colour of a class, as the variable `--class-color`. The hues lie at equal steps of OKLCH, and
 * every other class is darker, so that neighbours differ also for those who see few colours.
 */
export function colourByClass(element: HTMLElement | SVGElement, classNumber: number, classes: number): void {
  element.classList.add('classed');
  element.classList.toggle('darker', classNumber % 2 === 0);
  element.style.setProperty('--hue', String(FIRST_HUE + (360 * classNumber) / classes));
}
