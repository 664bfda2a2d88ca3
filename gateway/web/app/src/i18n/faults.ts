/** What is wrong with the answer to a field of a form, in words. */
import type { Field, FieldFault } from '@convene/client';
import type { Forms, Grammar } from './grammar.ts';

/** The sentences for the codes of the wire; `other` is said where the field names no limit. */
export interface FaultWords extends Record<Plain, string> {
  readonly wrong_type: Readonly<Record<Field['input'], string>>;
  readonly too_short: Limited<number>;
  readonly too_long: Limited<number>;
  readonly too_small: Limited<string> & Bounded;
  readonly too_large: Limited<string> & Bounded;
}

type Plain = Exclude<
  FieldFault['code'],
  'wrong_type' | 'too_short' | 'too_long' | 'too_small' | 'too_large'
>;

interface Limited<T> {
  readonly other: string;
  readonly than: (limit: T) => string;
}

interface Bounded {
  readonly day: (limit: string) => string;
  readonly time: (limit: string) => string;
}

/** The sentences as the files have them, which `convene chat` reads, too: `{limit}` stands for the limit. */
interface Told extends Record<Plain, string> {
  readonly wrong_type: FaultWords['wrong_type'];
  readonly too_short: Counted;
  readonly too_long: Counted;
  readonly too_small: Sized;
  readonly too_large: Sized;
}

interface Counted {
  readonly other: string;
  readonly than: Forms;
}

type Sized = Readonly<Record<'other' | 'than' | 'day' | 'time', string>>;

export function faultsOf(told: Told, { plural }: Grammar): FaultWords {
  const counted = ({ other, than }: Counted) => ({
    other,
    than: (limit: number) => plural(limit, than),
  });
  const sized = ({ other, than, day, time }: Sized) => ({
    other,
    than: (limit: string) => than.replace('{limit}', limit),
    day: (limit: string) => day.replace('{limit}', limit),
    time: (limit: string) => time.replace('{limit}', limit),
  });
  return {
    ...told,
    too_short: counted(told.too_short),
    too_long: counted(told.too_long),
    too_small: sized(told.too_small),
    too_large: sized(told.too_large),
  };
}

interface Writer {
  readonly number: (number: number) => string;
  readonly day: (day: string) => string;
  readonly time: (time: string) => string;
}

export function faultSentence(
  { code, message }: FieldFault,
  field: Field,
  faults: FaultWords,
  write: Writer,
): string {
  const isOfAnswer = code !== 'required' && code !== 'unknown_field';
  if (isOfAnswer && field.invalid) return field.invalid;
  const limits: Partial<Record<string, unknown>> = { ...field };
  switch (code) {
    case 'wrong_type':
      return faults.wrong_type[field.input];
    case 'too_short':
      return ofLength(faults.too_short, limits.min_length);
    case 'too_long':
      return ofLength(faults.too_long, limits.max_length);
    case 'too_small':
      return ofSize(faults.too_small, field.input, limits.min, write);
    case 'too_large':
      return ofSize(faults.too_large, field.input, limits.max, write);
    case 'pattern':
      // Of an address or a number that is none, what it must look like is known.
      return field.input === 'text' ? faults.pattern : faults.wrong_type[field.input];
    case 'required':
    case 'not_an_option':
    case 'unknown_field':
      return faults[code];
    default:
      // Of a code that is newer than this page, the server's own words are all there is.
      return message;
  }
}

function ofLength({ than, other }: Limited<number>, limit: unknown): string {
  return typeof limit === 'number' ? than(limit) : other;
}

function ofSize(
  { than, other, day, time }: FaultWords['too_small'],
  input: Field['input'],
  limit: unknown,
  write: Writer,
): string {
  if (typeof limit === 'string') {
    return input === 'time' ? time(write.time(limit)) : day(write.day(limit));
  }
  return typeof limit === 'number' ? than(write.number(limit)) : other;
}
