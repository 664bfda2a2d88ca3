/** The page's words: each language has them all, for each code of the wire, and nothing is said beside them. */
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ErrorCode, Field, FieldFault } from '@convene/client';
import { ProblemError } from '@convene/client';
import { faultSentence } from '../src/i18n/faults.ts';
import { LANGUAGES, bestOf, tagFor } from '../src/i18n/languages.ts';
import type { Language } from '../src/i18n/languages.ts';
import { failureSentence, problemSentence } from '../src/i18n/problems.ts';
import { tongueOf } from '../src/i18n/tongue.ts';
import { words as english } from '../src/i18n/words/en/index.ts';
import type { Words } from '../src/i18n/words/en/index.ts';
import { literalsIn } from './literals.ts';

const HERE = new URL('.', import.meta.url);
const ALL = Object.keys(LANGUAGES) as Language[];

async function wordsIn(language: Language): Promise<Words> {
  return (await LANGUAGES[language].load()).words;
}

/** Where each text stands, and whether it is made of something. */
function keysOf(value: unknown, path = ''): string[] {
  if (typeof value === 'string') return [value.trim() === '' ? `${path} is empty` : path];
  if (typeof value === 'function') return [`${path}()`];
  return Object.entries(value as object).flatMap(([key, inner]) => keysOf(inner, `${path}.${key}`));
}

function document(name: string): { components: { schemas: Record<string, { enum?: string[] }> } } {
  const path = new URL(`../../../contract/${name}.json`, HERE);
  return JSON.parse(readFileSync(path, 'utf8')) as ReturnType<typeof document>;
}

/** The codes that a document names, by the name of their type. */
function codesIn(name: string, type: string): string[] {
  return document(name).components.schemas[type]?.enum ?? [];
}

function filesUnder(folder: URL, ending: RegExp): URL[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => ending.test(path))
    .map((path) => new URL(path, folder));
}

describe.each(ALL)('the words in %s', (language) => {
  it('are all there', async () => {
    const words = await wordsIn(language);
    expect(keysOf(words).sort()).toEqual(keysOf(english).sort());
  });

  it.skipIf(language === 'en')('are not those of English', async () => {
    const words = await wordsIn(language);
    for (const part of ['door', 'problems', 'failures', 'conversation'] as const) {
      const ours = Object.entries(words[part]);
      const theirs: Record<string, unknown> = english[part];
      const same = ours.filter(([key, text]) => typeof text === 'string' && text === theirs[key]);
      // Some words are the same, as `Conversation` is in French.
      expect(same.map(([key]) => key).length, part).toBeLessThan(3);
    }
  });

  it('have a sentence for each code that the documents name', async () => {
    const words = await wordsIn(language);
    const tongue = tongueOf(language, words, language);
    for (const name of ['openapi', 'asyncapi']) {
      const codes = codesIn(name, 'ErrorCode') as ErrorCode[];
      expect(codes.length).toBeGreaterThan(15);
      for (const code of codes) {
        const problem = new ProblemError({ code, message: 'in English', retryable: false });
        expect(problemSentence(problem, words), code).toMatch(/[.。!؟]$/u);
        expect(problemSentence(problem, words), code).not.toBe('in English');
      }
    }
    const inputs = Object.keys(english.faults.wrong_type) as Field['input'][];
    const faults = codesIn('openapi', 'FaultCode') as FieldFault['code'][];
    expect(faults.length).toBeGreaterThan(5);
    for (const code of faults) {
      for (const input of inputs) {
        for (const limits of [{}, { min: 1, max: 6, min_length: 1, max_length: 2 }]) {
          const field = { name: 'x', label: 'X', input, ...limits } as Field;
          const fault = { field: 'x', code, message: 'in English' };
          const sentence = faultSentence(fault, field, words.faults, tongue);
          expect(sentence, code).not.toMatch(/in English|undefined|#/);
        }
      }
    }
  });

  it('have a sentence for each failure of the agents that come with Convene', async () => {
    const words = await wordsIn(language);
    const codes = new Set<string>();
    for (const folder of ['agent-worker/src/', 'crates/agent/src/']) {
      for (const file of filesUnder(new URL(`../../../../${folder}`, HERE), /\.rs$/)) {
        // The guide fails on command, in words of its own.
        if (file.pathname.includes('/guide/') || /tests?\.rs|testing/.test(file.pathname)) continue;
        const [source = ''] = readFileSync(file, 'utf8').split(/#\[cfg\(test\)\]\s*mod \w+ \{/);
        const calls = source.matchAll(/Error::(?:permanent|transient)\(\s*"(\w+)"/g);
        for (const [, code] of calls) if (code !== undefined) codes.add(code);
      }
    }
    for (const code of ['model_unavailable', 'project_not_ready']) expect(codes).toContain(code);
    const unsaid = [...codes].filter(
      (code) => failureSentence({ code, message: 'in English' }, words) === 'in English',
    );
    expect(unsaid).toEqual([]);
  });

  it('count and name as the language does', async () => {
    const { message, join, people } = await wordsIn(language);
    const counted = [0, 1, 2, 3, 11, 100].map((count) => message.several(count));
    expect(new Set(counted).size).toBe(6);
    for (const sentence of [
      ...counted,
      join.several(3),
      people.summary(3, 1),
      message.typing(['Ada', 'Bob', 'Eve']),
      message.began(),
      message.began('Ada'),
    ]) {
      expect(sentence).not.toMatch(/#|undefined/);
    }
    expect(message.began('Ada')).not.toBe(message.began());
    expect(message.seenBy(['Ada', 'Bob'])).toMatch(/Ada.*Bob/);
  });
});

describe('a code that is newer than the page', () => {
  it('is said in the words that came with it', async () => {
    const words = await wordsIn('de');
    const code = 'quite_new' as ErrorCode;
    const problem = new ProblemError({ code, message: 'Quite new.', retryable: false });
    expect(problemSentence(problem, words)).toBe('Quite new.');
    expect(failureSentence({ code: 'my_agents_own', message: 'Mine.' }, words)).toBe('Mine.');
    const field: Field = { name: 'x', label: 'X', input: 'text' };
    const fault = { field: 'x', code: 'newer' as 'pattern', message: 'Newer.' };
    const tongue = tongueOf('de', words, 'de');
    expect(faultSentence(fault, field, words.faults, tongue)).toBe('Newer.');
  });
});

describe('a sentence', () => {
  it('says the limit of a field, as the language writes it', async () => {
    const of = (code: FieldFault['code'], limits: object, tongue: ReturnType<typeof tongueOf>) => {
      const field = { name: 'x', label: 'X', ...limits } as Field;
      return faultSentence({ field: 'x', code, message: '' }, field, tongue.words.faults, tongue);
    };
    const german = tongueOf('de', await wordsIn('de'), 'de-DE');
    const number = { input: 'number', min: 1.5, max: 12_000 };
    expect(of('too_small', number, german)).toBe('Es muss mindestens 1,5 sein.');
    expect(of('too_large', number, german)).toBe('Es darf höchstens 12.000 sein.');
    const day = { input: 'date', min: '2026-12-01', max: '2026-12-24' };
    expect(of('too_small', day, german)).toContain('1. Dezember 2026');
    const time = { input: 'time', max: '17:30' };
    expect(of('too_large', time, german)).toBe('Es darf nicht nach 17:30 sein.');
    expect(of('too_large', time, tongueOf('en', english, 'en-US'))).toContain('5:30');
    const text = { input: 'text', min_length: 3 };
    const french = tongueOf('fr', await wordsIn('fr'), 'fr');
    expect(of('too_short', text, french)).toBe('Il faut au moins 3 caractères.');
  });

  it('is the field’s own of an answer that does not fit, where it has one', () => {
    const field: Field = { name: 'x', label: 'X', input: 'text', invalid: 'Two letters.' };
    const of = (code: FieldFault['code']) =>
      faultSentence(
        { field: 'x', code, message: '' },
        field,
        english.faults,
        tongueOf('en', english, 'en'),
      );
    expect(of('pattern')).toBe('Two letters.');
    expect(of('wrong_type')).toBe('Two letters.');
    expect(of('required')).toBe(english.faults.required);
  });

  it('says where it is that a code has a closer meaning', () => {
    const problem = new ProblemError({ code: 'not_found', message: '', retryable: false });
    const { join } = english;
    expect(problemSentence(problem, english, { not_found: join.isVoid })).toBe(join.isVoid);
    expect(problemSentence(new Error('TypeError'), english)).toBe(english.unknownProblem);
  });
});

describe('the language', () => {
  it("is the first of the browser's that the page speaks, in its region", () => {
    expect(bestOf(['pt-BR', 'de-CH', 'en'])).toBe('de');
    expect(bestOf(['AR-eg'])).toBe('ar');
    expect(bestOf(['constructor', 'pt'])).toBe('en');
    expect(bestOf([])).toBe('en');
    expect(tagFor('de', ['en', 'de-CH', 'de'])).toBe('de-CH');
    expect(tagFor('fr', ['en'])).toBe('fr');
  });
});

describe('the code of the page', () => {
  it('says nothing that stands in no catalogue', () => {
    const source = new URL('../src/', HERE);
    const files = filesUnder(source, /\.tsx?$/).filter(
      ({ pathname }) => !pathname.includes('/words/'),
    );
    expect(files.length).toBeGreaterThan(50);
    const found = files.flatMap((file) =>
      literalsIn(file.pathname.slice(source.pathname.length), readFileSync(file, 'utf8')),
    );
    expect(found).toEqual([]);
  });

  it.each([
    ['<p>Not sent</p>', 'a.tsx:1: Not sent'],
    ['<input aria-label="Title" className="a b" />', 'a.tsx:1: Title'],
    ["const x = who ? 'the first one' : y;", 'a.tsx:1: the first one'],
    ['const x = `You have ${n} of them`;', 'a.tsx:1: You have'],
  ])('is found out: %s', (source, found) => {
    expect(literalsIn('a.tsx', source)).toEqual([found]);
  });

  it.each([
    '<p>{words.sent} · {n}</p>',
    "const x = 'a-class';",
    "throw new Error('no client: a defect');",
  ])('may say: %s', (source) => {
    expect(literalsIn('a.tsx', source)).toEqual([]);
  });
});
