/** Actions to press: in a row, or as a list. */
import type { Action, MessageItem } from '@convene/client';
import { Button } from '../../../ui/Button.tsx';
import { useWords } from '../../../i18n/tongue.ts';
import buttons from '../../../ui/Button.module.css';
import styles from './Offers.module.css';
import { usePress } from './usePress.ts';

interface ActionRowProps {
  readonly item: MessageItem;
  readonly part: number;
  readonly offer: Parameters<typeof usePress>[2];
  readonly actions: readonly Action[];
  /** One below the other. */
  readonly isList?: boolean;
  /** What they are for, to those who hear it. */
  readonly label?: string;
  /** What was pressed is gone then. */
  readonly onTaken?: () => void;
}

export function ActionRow(props: ActionRowProps) {
  const { item, part, offer, actions, isList = false, label, onTaken } = props;
  const words = useWords().offers;
  const { isClosed, underWay, refusal, forOthers, press, whoPressed } = usePress(item, part, offer);
  return (
    <div className={styles.offer}>
      <ul className={isList ? styles.list : styles.actions} aria-label={label ?? words.label}>
        {actions.map((action) => {
          const { id, url, style } = action;
          const who = whoPressed(id);
          return (
            <li key={id}>
              {url ? (
                <LinkOut url={url} label={action.label} />
              ) : (
                <Button
                  look={LOOKS[style ?? 'default']}
                  className={[styles.action, who && styles.pressed].filter(Boolean).join(' ')}
                  aria-disabled={isClosed}
                  aria-busy={underWay === id}
                  onClick={() => {
                    if (!isClosed) void press(id).then((isTaken) => isTaken && onTaken?.());
                  }}
                >
                  <span dir="auto">{action.label}</span>
                  {who && <span className={styles.who}>✓ {who}</span>}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      {forOthers && <p className={styles.hint}>{forOthers}</p>}
      {refusal && (
        <p role="alert" className={styles.refusal}>
          {refusal}
        </p>
      )}
    </div>
  );
}

const LOOKS = { default: 'plain', primary: 'main', danger: 'danger' } as const;

const SAFE = /^(https?|mailto|tel):/i;

function LinkOut({ url, label }: { readonly url: string; readonly label: string }) {
  if (!SAFE.test(url)) return null;
  return (
    <a
      className={[buttons.button, buttons.plain].filter(Boolean).join(' ')}
      href={url}
      target="_blank"
      rel="noopener noreferrer"
    >
      <span dir="auto">{label}</span>
      <span aria-hidden="true">↗</span>
    </a>
  );
}
