/** One conversation: its header, what was said, and the place to say more. */
import { hasOlder } from '@convene/client';
import type { Conversation, ConversationState, View } from '@convene/client';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useConversation, useLive } from '../../../live/client.ts';
import { useComplaint } from '../../../ui/Toast.tsx';
import { Composer } from '../composer/Composer.tsx';
import type { Focusable } from '../composer/Composer.tsx';
import { QuickReplies } from '../offers/QuickReplies.tsx';
import { AroundContext } from '../offers/context.ts';
import { Timeline } from '../timeline/Timeline.tsx';
import { titleOf } from '../titles.ts';
import { Announcer } from './Announcer.tsx';
import { ConnectionNote } from './ConnectionNote.tsx';
import { ConversationHeader } from './ConversationHeader.tsx';
import { useWords } from '../../../i18n/tongue.ts';
import { PRODUCT } from '../../../product.ts';
import styles from './ConversationPanel.module.css';
import { Loading, NoLonger, Refused } from './Instead.tsx';
import { useReading } from './useReading.ts';
import { useStop } from './useStop.ts';

interface ConversationPanelProps {
  readonly id: string;
  /** The conversation is another one than before: renamed, joined, longer. */
  readonly onChanged: (conversation: Conversation) => void;
}

export function ConversationPanel(props: ConversationPanelProps) {
  const [joined, setJoined] = useState(0);
  const onJoined = useCallback(() => {
    setJoined((times) => times + 1);
  }, []);
  // Who has been let in asks for it anew.
  return <Panel key={joined} {...props} onJoined={onJoined} />;
}

interface PanelProps extends ConversationPanelProps {
  readonly onJoined: () => void;
}

function Panel({ id, onChanged, onJoined }: PanelProps) {
  const state = useConversation(id);
  const { view, sync, problem } = state;

  useEffect(() => {
    if (view) onChanged(view.conversation);
  }, [onChanged, view]);

  return (
    <main className={styles.panel}>
      <ConnectionNote />
      {sync === 'refused' && problem ? (
        <Refused conversation={id} problem={problem} onJoined={onJoined} />
      ) : view ? (
        <Opened id={id} state={state} view={view} />
      ) : (
        <Loading />
      )}
    </main>
  );
}

interface OpenedProps {
  readonly id: string;
  readonly state: ConversationState;
  readonly view: View;
}

function Opened({ id, state, view }: OpenedProps) {
  const { client, session } = useLive();
  const { conversation, timeline } = view;
  const words = useWords();
  const title = titleOf(conversation, session.participant, words.list);
  const { stop, isStopping } = useStop(id, timeline.active);
  const { older, failed } = useOlder(id, view);
  const [saidCount, setSaidCount] = useState(0);
  const onBottom = useReading(id, view.last);
  const isIn = conversation.participants.some(({ id: other }) => other === session.participant);

  useEffect(() => {
    document.title = `${title} · ${PRODUCT}`;
    return () => {
      document.title = PRODUCT;
    };
  }, [title]);

  const say = useCallback(
    (text: string) => {
      client.send(id, text);
      setSaidCount((count) => count + 1);
      return true;
    },
    [client, id],
  );

  const { names } = timeline;
  const me = session.participant;
  const composer = useRef<Focusable>(null);
  const around = useMemo(() => {
    const toComposer = () => composer.current?.focus();
    return { conversation: id, me, names, isIn, toComposer };
  }, [id, me, names, isIn]);

  return (
    <AroundContext value={around}>
      <ConversationHeader view={view} title={title} here={state.company.here} />
      <Timeline
        view={view}
        pending={state.pending}
        company={state.company}
        saidCount={saidCount}
        loadingOlder={state.loadingOlder}
        olderFailed={failed}
        onOlder={older}
        onBottom={onBottom}
        onSay={say}
      />
      <Announcer view={view} me={session.participant} />
      {isIn && <QuickReplies items={timeline.items} />}
      {isIn ? (
        <Composer
          handle={composer}
          draftKey={id}
          placeholder={words.draft.write}
          onSend={say}
          onTyping={() => {
            client.typing(id);
          }}
          onStop={timeline.active ? stop : undefined}
          isStopping={isStopping}
        />
      ) : (
        <NoLonger />
      )}
    </AroundContext>
  );
}

/** The past, a page at a time; undefined where there is no more of it. */
function useOlder(id: string, view: View) {
  const { client } = useLive();
  const complain = useComplaint();
  const [failed, setFailed] = useState(false);

  const load = useCallback(() => {
    setFailed(false);
    client.loadOlder(id).catch((reason: unknown) => {
      setFailed(true);
      complain(reason);
    });
  }, [client, complain, id]);

  return { older: hasOlder(view) ? load : undefined, failed };
}
