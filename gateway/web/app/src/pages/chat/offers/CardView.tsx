/** A card. Its picture is named and linked, not shown: nothing is loaded from elsewhere. */
import type { Card, MessageItem } from '@convene/client';
import { Markdown } from '../../../markdown/Markdown.tsx';
import { ActionRow } from './ActionRow.tsx';
import { useWords } from '../../../i18n/tongue.ts';
import styles from './Offers.module.css';

interface CardViewProps {
  readonly item: MessageItem;
  readonly part: number;
  readonly card: Card;
}

export function CardView({ item, part, card }: CardViewProps) {
  const words = useWords().offers;
  const { title, subtitle, image, text, fields = [], actions = [] } = card;
  return (
    <section className={styles.card} aria-label={title}>
      <h2 dir="auto">{title}</h2>
      {subtitle && (
        <p className={styles.subtitle} dir="auto">
          {subtitle}
        </p>
      )}
      {image && /^https:/i.test(image) && (
        <p className={styles.subtitle}>
          <a href={image} target="_blank" rel="noopener noreferrer">
            {words.picture(title)}
          </a>
        </p>
      )}
      {text && <Markdown text={text} />}
      {fields.length > 0 && (
        <dl>
          {fields.map(({ label, value }, index) => (
            <div key={index}>
              <dt dir="auto">{label}</dt>
              <dd dir="auto">{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {actions.length > 0 && (
        <ActionRow item={item} part={part} offer={card} actions={actions} label={title} />
      )}
    </section>
  );
}
