import type { Method } from 'ibinn';

/** γ of a method that has one. */
export function gammaOf(method: Method): number | undefined {
  if (method.name !== 'ib-inn') return undefined;
  return method.gamma === 'inf' ? Infinity : method.gamma;
}
