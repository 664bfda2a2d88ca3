/** Names inside of sentences. */

/** What is written, or orders others to be written, from right to left. */
const MAY_TURN = /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc]/;

/** The name, so that its direction ends with it and does not turn the words around it. */
export function isolated(name: string): string {
  return MAY_TURN.test(name) ? `\u2068${name}\u2069` : name;
}

/** What a participant without a known name is called. */
export function plainName(id: string): string {
  return id.replace(/^\w+:/, '');
}
