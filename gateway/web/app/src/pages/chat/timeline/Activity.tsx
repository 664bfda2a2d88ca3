/** Who is working or typing right now, in a line that is always there: nothing jumps. */
import type { Company, Run, Timeline } from '@convene/client';
import { isolated, plainName } from '../names.ts';
import styles from './Activity.module.css';

interface ActivityProps {
  readonly timeline: Timeline;
  readonly company: Company;
  readonly me: string;
}

export function Activity({ timeline, company, me }: ActivityProps) {
  const { active, items, names } = timeline;
  const name = (id: string) => isolated(names.get(id) ?? plainName(id));
  const isWriting = items.some(
    (item) => item.kind === 'message' && item.status === 'streaming' && item.parts.length > 0,
  );
  const typing = [...company.typing].filter((id) => id !== me).map(name);

  const words = [
    active && !isWriting ? wordsForRun(active, name) : '',
    typing.length === 0 ? '' : `${listOf(typing)} ${typing.length > 1 ? 'are' : 'is'} typing`,
  ].filter(Boolean);

  return (
    <p className={styles.activity} data-trouble={active?.status === 'retrying' || undefined}>
      {words.length > 0 && (
        <>
          <span className={styles.dots} aria-hidden="true">
            <span />
            <span />
            <span />
          </span>
          {words.join(' · ')}
        </>
      )}
    </p>
  );
}

function wordsForRun(run: Run, name: (id: string) => string): string {
  const agent = name(`agent:${run.agent ?? 'agent'}`);
  if (run.status === 'retrying') return `The answer broke off. ${agent} is trying again`;
  return run.attempt > 1 ? `${agent} is trying again` : `${agent} is thinking`;
}

function listOf(names: readonly string[]): string {
  if (names.length < 3) return names.join(' and ');
  return `${names[0] ?? ''} and ${names.length - 1} others`;
}
