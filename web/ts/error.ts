/** Why something could not be done, as one sentence for the person who reads it. */
export class IbinnError extends Error {
  override readonly name = 'IbinnError';
}

/** The message of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
