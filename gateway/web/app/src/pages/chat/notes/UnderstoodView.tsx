/** The intents with how likely they are, and the entities, of one message. */
import type { Clause, FoundEntity, RankedIntent, Understood } from '@convene/client';
import { useTongue } from '../../../i18n/tongue.ts';
import styles from './Notes.module.css';
import { valueText } from './turns.ts';

/** Intents with less than this are worth no line, but where there would be none. */
const WORTH = 0.01;

interface UnderstoodViewProps {
  readonly understood: Understood;
  /** What was said, where that is in sight. */
  readonly text: string | undefined;
}

export function UnderstoodView({ understood, text }: UnderstoodViewProps) {
  const { notes } = useTongue().words;
  const { decision, intents, entities, clauses, language } = understood;
  return (
    <>
      <p className={styles.decision}>
        <span className={styles.badge} data-decision={decision}>
          {notes.decisions[decision]}
        </span>
        {language && <span className={styles.badge}>{language}</span>}
        <span className={styles.soft}>{notes.decisionHints[decision]}</span>
      </p>
      {intents.length > 0 && (
        <div className={styles.part}>
          <h3>{notes.intents}</h3>
          <ol>
            {intents
              .filter(({ confidence }, index) => index === 0 || confidence >= WORTH)
              .map((ranked) => (
                <li key={ranked.intent}>
                  <Intent ranked={ranked} />
                </li>
              ))}
          </ol>
        </div>
      )}
      {clauses.length > 0 && (
        <div className={styles.part}>
          <h3>{notes.clauses}</h3>
          <ol>
            {clauses.map((clause) => (
              <li key={clause.start} className={styles.clause}>
                {text !== undefined && <bdi>{pieceOf(text, clause)}</bdi>}
                <Intent ranked={clause} />
              </li>
            ))}
          </ol>
        </div>
      )}
      {entities.length > 0 && (
        <div className={styles.part}>
          <h3>{notes.entities}</h3>
          <dl className={styles.values}>
            {entities.map((entity, index) => (
              <Entity key={index} entity={entity} />
            ))}
          </dl>
        </div>
      )}
    </>
  );
}

/** Its bytes, as words. */
function pieceOf(text: string, { start, end }: Clause): string {
  return new TextDecoder().decode(new TextEncoder().encode(text).slice(start, end));
}

function Intent({ ranked: { intent, confidence, score } }: { readonly ranked: RankedIntent }) {
  const { percent, words, fixed } = useTongue();
  return (
    <div className={styles.intent}>
      <code dir="ltr">{intent}</code>
      <span className={styles.score}>
        {percent(confidence)}
        {score !== undefined && (
          <span className={styles.soft}> {words.notes.score(fixed(score))}</span>
        )}
      </span>
      <svg className={styles.bar} viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
        <rect width="100" height="1" />
        <rect width={Math.max(0, Math.min(1, confidence)) * 100} height="1" />
      </svg>
    </div>
  );
}

function Entity({ entity: { name, value, role } }: { readonly entity: FoundEntity }) {
  return (
    <div>
      <dt>
        <code dir="ltr">{name}</code>
      </dt>
      <dd>
        <bdi>{valueText(value)}</bdi>
        {role && <span className={styles.soft}>{role}</span>}
      </dd>
    </div>
  );
}
