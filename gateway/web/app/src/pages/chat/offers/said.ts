/** What somebody said in a message; the answers to a form, as the reader's language writes them. */
import { textOf } from '@convene/client';
import type { Act, Field, Form, MessageItem } from '@convene/client';
import type { Tongue } from '../../../i18n/tongue.ts';

/** `offering` finds a message by its id, where it is in sight. */
export function saidIn(
  item: MessageItem,
  offering: (message: string) => MessageItem | undefined,
  tongue: Tongue,
): string {
  const [part] = item.parts;
  if (part?.type !== 'act' || !isObject(part.value)) return textOf(item);
  const form = formOf(part, offering);
  return form ? answersTo(form, part.value, tongue) : textOf(item);
}

function formOf(
  { message, part }: Act,
  offering: (message: string) => MessageItem | undefined,
): Form | undefined {
  const offer = offering(message)?.parts[part];
  return offer?.type === 'form' ? offer : undefined;
}

/** One on a line, in the order of the form. */
function answersTo({ fields }: Form, values: Json, tongue: Tongue): string {
  const answered = fields.filter(({ name }) => values[name] !== undefined);
  return answered
    .map((field) => `${asLead(field.label)} ${answerText(field, values[field.name], tongue)}`)
    .join('\n');
}

/** A question has an end of its own: no colon follows it. */
function asLead(label: string): string {
  return /[?!.:？؟…]$/u.test(label) ? label : `${label}:`;
}

function answerText(field: Field, value: unknown, { words, number, day, time }: Tongue): string {
  if (typeof value === 'boolean') return value ? words.offers.yes : words.offers.no;
  if (typeof value === 'number') return number(value);
  const texts = (Array.isArray(value) ? value : [value]).map(String);
  if (field.input === 'date') return texts.map(day).join(', ');
  if (field.input === 'time') return texts.map(time).join(', ');
  if (field.input !== 'choice') return texts.join(', ');
  const label = (text: string) => field.options.find((one) => one.value === text)?.label ?? text;
  return texts.map(label).join(', ');
}

type Json = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
