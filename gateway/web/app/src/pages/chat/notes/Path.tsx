/** The way through the flows: each step, and why it was taken. */
import type { Fact, Why } from '@convene/client';
import { useWords } from '../../../i18n/tongue.ts';
import type { Words } from '../../../i18n/words/en/index.ts';
import styles from './Notes.module.css';
import { pathOf } from './turns.ts';
import type { PathStep } from './turns.ts';

/** Deeper ones stand no further in: there is no room for them on a phone. */
const DEEPEST = 3;

export function Path({ facts }: { readonly facts: readonly Fact[] }) {
  const { notes } = useWords();
  const path = pathOf(facts);
  return (
    <div className={styles.part}>
      <h3>{notes.path}</h3>
      {path.length === 0 ? (
        <p className={styles.soft}>{notes.nothing}</p>
      ) : (
        <ol className={styles.path}>
          {path.map(({ depth, fact }, index) => (
            <li key={index} data-depth={Math.min(depth, DEEPEST)}>
              <Step fact={fact} notes={notes} />
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

interface StepProps {
  readonly fact: PathStep['fact'];
  readonly notes: Words['notes'];
}

function Step({ fact, notes }: StepProps) {
  switch (fact.type) {
    case 'flow.started':
      return (
        <>
          <strong>
            <code dir="ltr">{fact.flow}</code> {notes.starts}
          </strong>
          <Reason why={fact.why} notes={notes} />
        </>
      );
    case 'flow.stepped':
      return (
        <>
          <code dir="ltr">{fact.step}</code>
          <Reason why={fact.why} notes={notes} />
        </>
      );
    case 'flow.ended': {
      const outcomes: Partial<Record<string, string>> = notes.outcomes;
      return (
        <>
          <strong>
            <code dir="ltr">{fact.flow}</code>
          </strong>
          <span className={styles.soft}>{outcomes[fact.outcome] ?? fact.outcome}</span>
        </>
      );
    }
    case 'other': {
      const facts: Partial<Record<string, string>> = notes.facts;
      return (
        <>
          <span>{facts[fact.of] ?? inPlainWords(fact.of)}</span>
          {fact.what !== undefined && <code dir="ltr">{fact.what}</code>}
        </>
      );
    }
  }
}

function Reason({ why, notes }: { readonly why: Why; readonly notes: Words['notes'] }) {
  const whys: Partial<Record<string, string>> = notes.whys;
  return (
    <span className={styles.soft}>
      {whys[why.kind] ?? why.kind}
      {why.what !== undefined && (
        <>
          {' '}
          <code dir="ltr">{why.what}</code>
        </>
      )}
    </span>
  );
}

/** A fact that this page does not know yet, from a newer server. */
function inPlainWords(of: string): string {
  return of.replaceAll(/[._]/g, ' ');
}
