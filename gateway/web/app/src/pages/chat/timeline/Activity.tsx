/** Who is working or typing right now, in a line that is always there: nothing jumps. */
import type { Company, Run, Timeline } from '@convene/client';
import { isolated, plainName } from '../names.ts';
import { Trouble } from '../notes/Trouble.tsx';
import { useWords } from '../../../i18n/tongue.ts';
import type { Words } from '../../../i18n/words/en/index.ts';
import styles from './Activity.module.css';
import { useLearning } from './useLearning.ts';

interface ActivityProps {
  readonly timeline: Timeline;
  /** Who answers where nobody is named. */
  readonly agent: string | undefined;
  readonly company: Company;
  readonly me: string;
}

export function Activity({ timeline, agent, company, me }: ActivityProps) {
  const { active, items, names } = timeline;
  const words = useWords().message;
  const learning = useLearning(agent, timeline);
  const name = (id: string) => isolated(names.get(id) ?? plainName(id));
  const isWriting = items.some(
    (item) => item.kind === 'message' && item.status === 'streaming' && item.parts.length > 0,
  );
  const typing = [...company.typing].filter((id) => id !== me).map(name);

  const sentences = [
    learning ? words.gettingReady(name(`agent:${agent ?? ''}`)) : '',
    active && !isWriting ? wordsForRun(active, name, words) : '',
    typing.length === 0 ? '' : words.typing(typing),
  ].filter(Boolean);

  return (
    <>
      <p className={styles.activity} data-trouble={active?.status === 'retrying' || undefined}>
        {sentences.length > 0 && (
          <>
            <span className={styles.dots} aria-hidden="true">
              <span />
              <span />
              <span />
            </span>
            {sentences.join(' · ')}
          </>
        )}
      </p>
      <Trouble text={learning?.trouble} />
    </>
  );
}

function wordsForRun(run: Run, name: (id: string) => string, words: Words['message']): string {
  const agent = name(`agent:${run.agent ?? 'agent'}`);
  if (run.status === 'retrying') return words.brokeOff(agent);
  return run.attempt > 1 ? words.tryingAgain(agent) : words.thinking(agent);
}
