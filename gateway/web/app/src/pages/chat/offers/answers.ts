/** What a person has typed into a form, and the values that it stands for. */
import type { Field } from '@convene/client';

export type Answer = string | boolean | readonly string[];
export type Answers = Readonly<Record<string, Answer | undefined>>;

/** What stands in the fields at first. */
export function firstAnswers(fields: readonly Field[]): Answers {
  const answers = fields.map(({ name, input, value }) => [name, answerOf(input, value)] as const);
  return Object.fromEntries(answers);
}

/** What somebody has answered; undefined where nobody has. */
export function givenAnswers(fields: readonly Field[], given: unknown): Answers | undefined {
  if (typeof given !== 'object' || given === null) return undefined;
  const values: Partial<Record<string, unknown>> = { ...given };
  const answers = fields.map(({ name, input }) => [name, answerOf(input, values[name])] as const);
  return Object.fromEntries(answers);
}

function answerOf(input: Field['input'], value: unknown): Answer | undefined {
  if (input === 'boolean') return value === true;
  if (Array.isArray(value)) return value.filter((one) => typeof one === 'string');
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  return undefined;
}

/** The value of the form: what was left empty is left out. */
export function answersOf(fields: readonly Field[], answers: Answers): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const field of fields) {
    const value = valueOf(field, answers[field.name]);
    if (value !== undefined) values[field.name] = value;
  }
  return values;
}

/** What is no number is handed in as it is: the server says what is wrong with it. */
function valueOf({ input }: Field, answer: Answer | undefined): unknown {
  if (answer === undefined || answer === '') return undefined;
  if (typeof answer !== 'string') return answer;
  if (input !== 'number' && input !== 'integer') return answer;
  const text = answer.trim().replace(',', '.');
  const number = Number(text);
  return text === '' || !Number.isFinite(number) ? answer : number;
}
