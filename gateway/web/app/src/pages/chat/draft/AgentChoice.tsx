import type { Agent } from '@convene/client';
import { useWords } from '../../../i18n/tongue.ts';
import styles from './Draft.module.css';

interface AgentChoiceProps {
  readonly agents: readonly Agent[];
  readonly chosen: string | undefined;
  readonly onChoose: (name: string) => void;
}

export function AgentChoice({ agents, chosen, onChoose }: AgentChoiceProps) {
  const words = useWords().draft;
  return (
    <fieldset className={styles.agents}>
      <legend className="unseen">{words.whoAnswers}</legend>
      {agents.map(({ name, title, description, model, ready }) => (
        <label key={name}>
          <input
            type="radio"
            name="agent"
            value={name}
            checked={name === chosen}
            onChange={() => {
              onChoose(name);
            }}
          />
          <span className={styles.agentName}>
            {title}
            {model && <span>{model}</span>}
          </span>
          {description && <span className={styles.agentText}>{description}</span>}
          {!ready && <span className={styles.agentText}>{words.notReady}</span>}
        </label>
      ))}
    </fieldset>
  );
}
