/** A conversation that has not begun: it is made with its first message. */
import { freshId } from '@convene/client';
import { useRef, useState } from 'react';
import { useLive } from '../../../live/client.ts';
import { navigate } from '../../../router.ts';
import { useComplaint } from '../../../ui/Toast.tsx';
import { BackLink } from '../BackLink.tsx';
import { Composer } from '../composer/Composer.tsx';
import { ConnectionNote } from '../conversation/ConnectionNote.tsx';
import { useTongue } from '../../../i18n/tongue.ts';
import panelStyles from '../conversation/ConversationPanel.module.css';
import { isolated } from '../names.ts';
import { Trouble } from '../notes/Trouble.tsx';
import { titleFrom } from '../titles.ts';
import { AgentChoice } from './AgentChoice.tsx';
import styles from './Draft.module.css';
import { EmptyState } from './EmptyState.tsx';
import { suggestionsIn } from './suggestions.ts';
import { useAgents } from './useAgents.ts';

export function DraftPanel({ onBegun }: { readonly onBegun: () => void }) {
  const { client, session } = useLive();
  const complain = useComplaint();
  const agents = useAgents();
  const { words: all, language } = useTongue();
  const words = all.draft;
  const [chosen, setChosen] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  /** The same for each try: a retry of what did succeed makes no second conversation. */
  const id = useRef(freshId());
  const first = agents?.[0];
  const agent = chosen ?? first?.name;
  const answers = agents?.find(({ name }) => name === agent);
  const title = answers?.title;
  const suggestions = suggestionsIn(language, answers);

  const begin = async (text: string): Promise<boolean> => {
    setBusy(true);
    try {
      const made = await client.api.create({
        id: id.current,
        title: titleFrom(text),
        ...(agent === undefined ? {} : { agent }),
      });
      client.send(made.id, text);
      id.current = freshId();
      onBegun();
      navigate({ page: 'conversation', id: made.id });
      return true;
    } catch (problem) {
      complain(problem);
      return false;
    } finally {
      setBusy(false);
    }
  };

  return (
    <main className={panelStyles.panel}>
      <ConnectionNote />
      <BackLink corner />
      <div className={styles.draft}>
        <h1>{words.hello(isolated(session.name))}</h1>
        <p>{suggestions.length > 0 ? words.lead : words.leadAlone}</p>
        {agents && agents.length > 1 ? (
          <AgentChoice agents={agents} chosen={agent} onChoose={setChosen} />
        ) : (
          answers?.ready === false && <p>{words.notReady}</p>
        )}
        {agents?.map(({ name, trouble }) => (
          <Trouble key={name} text={trouble && `${name}: ${trouble}`} />
        ))}
        <EmptyState
          suggestions={suggestions}
          onSay={(text) => {
            void begin(text);
          }}
        />
      </div>
      <Composer
        draftKey="new"
        placeholder={title === undefined ? words.write : words.writeTo(isolated(title))}
        isBusy={isBusy}
        onSend={begin}
      />
    </main>
  );
}
