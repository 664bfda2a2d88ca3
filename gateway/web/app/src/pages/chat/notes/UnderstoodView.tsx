/** The intents with how likely they are, and the entities, of one message. */
import type { FoundEntity, RankedIntent, Understood } from '@convene/client';
import { useTongue } from '../../../i18n/tongue.ts';
import styles from './Notes.module.css';
import { valueText } from './turns.ts';

/** Intents with less than this are worth no line, but where there would be none. */
const WORTH = 0.01;

export function UnderstoodView({ understood }: { readonly understood: Understood }) {
  const { notes } = useTongue().words;
  const { decision, intents, entities, language } = understood;
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
                <Intent key={ranked.intent} ranked={ranked} />
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

function Intent({ ranked: { intent, confidence } }: { readonly ranked: RankedIntent }) {
  const { percent } = useTongue();
  return (
    <li className={styles.intent}>
      <code dir="ltr">{intent}</code>
      <span className={styles.score}>{percent(confidence)}</span>
      <svg className={styles.bar} viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
        <rect width="100" height="1" />
        <rect width={Math.max(0, Math.min(1, confidence)) * 100} height="1" />
      </svg>
    </li>
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
