/** The conversations beside the one that is open; on a phone, one of the two at a time. */
import type { Route } from '../../router.ts';
import { useIsNarrow } from '../../ui/useIsNarrow.ts';
import styles from './ChatPage.module.css';
import { ConversationPanel } from './conversation/ConversationPanel.tsx';
import { DraftPanel } from './draft/DraftPanel.tsx';
import { JoinPanel } from './join/JoinPanel.tsx';
import { useConversations } from './sidebar/useConversations.ts';
import type { ConversationsList } from './sidebar/useConversations.ts';
import { Sidebar } from './sidebar/Sidebar.tsx';

interface ChatPageProps {
  readonly route: Route;
  readonly onSignOut: () => void;
}

export function ChatPage({ route, onSignOut }: ChatPageProps) {
  const list = useConversations();
  const openId = route.page === 'conversation' ? route.id : undefined;
  const isListAlone = useIsNarrow() && route.page === 'list';

  return (
    <div className={styles.page} data-showing={route.page === 'list' ? 'list' : 'conversation'}>
      <Sidebar list={list} openId={openId} isAlone={isListAlone} onSignOut={onSignOut} />
      {!isListAlone && <Panel route={route} list={list} />}
    </div>
  );
}

function Panel({ route, list }: { readonly route: Route; readonly list: ConversationsList }) {
  switch (route.page) {
    case 'conversation':
      return <ConversationPanel key={route.id} id={route.id} onChanged={list.take} />;
    case 'join':
      return (
        <JoinPanel
          key={route.invite}
          invite={route.invite}
          agreed={route.agreed}
          onJoined={list.refresh}
        />
      );
    case 'list':
    case 'new':
      return <DraftPanel onBegun={list.refresh} />;
  }
}
