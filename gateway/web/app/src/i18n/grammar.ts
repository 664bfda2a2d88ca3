/** What languages do differently with numbers and lists, by the browser's own data. */

export interface Grammar {
  /** The form for a count; `#` in it stands for the number. */
  readonly plural: (count: number, forms: Forms) => string;
  /** Names, one after the other: "Ada, Bob and Eve". */
  readonly list: (names: readonly string[]) => string;
  readonly number: (number: number) => string;
}

/** By CLDR's categories: each language names those that it has. */
export type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string };

export function grammarOf(tag: string): Grammar {
  const rules = new Intl.PluralRules(tag);
  const lists = new Intl.ListFormat(tag, { type: 'conjunction' });
  const numbers = new Intl.NumberFormat(tag);
  return {
    plural: (count, forms) =>
      (forms[rules.select(count)] ?? forms.other).replace('#', numbers.format(count)),
    list: (names) => lists.format(names),
    number: (number) => numbers.format(number),
  };
}
