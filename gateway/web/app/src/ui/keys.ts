/** Keys that an input method has for itself: they choose among its words, and mean nothing to us. */

interface Key {
  readonly isComposing: boolean;
  readonly keyCode: number;
}

/** Safari ends the composition just before the Enter that chose, and tells by the old code alone. */
const IN_COMPOSITION = 229;

export function isComposing({ isComposing: composes, keyCode }: Key): boolean {
  return composes || keyCode === IN_COMPOSITION;
}
