/** The conversations beside the one that is open; on a phone, one of the two at a time. */
import { useEffect } from 'react';
import { useLive } from '../../live/client.ts';
import { navigate } from '../../router.ts';
import type { Route } from '../../router.ts';
import { useComplaint } from '../../ui/Toast.tsx';
import styles from './ChatPage.module.css';
import { ConversationPanel } from './conversation/ConversationPanel.tsx';
import { DraftPanel } from './draft/DraftPanel.tsx';
import { useConversations } from './sidebar/useConversations.ts';
import { Sidebar } from './sidebar/Sidebar.tsx';

interface ChatPageProps {
  readonly route: Route;
  readonly onSignOut: () => void;
}

export function ChatPage({ route, onSignOut }: ChatPageProps) {
  const list = useConversations();
  useInvitation(route, list.refresh);
  const openId = route.page === 'conversation' ? route.id : undefined;

  return (
    <div className={styles.page} data-showing={route.page === 'list' ? 'list' : 'conversation'}>
      <Sidebar list={list} openId={openId} onSignOut={onSignOut} />
      {openId === undefined ? (
        <DraftPanel onBegun={list.refresh} />
      ) : (
        <ConversationPanel key={openId} id={openId} onChanged={list.take} />
      )}
    </div>
  );
}

/** Takes up the invitation that the address holds, and takes it out of the address. */
function useInvitation(route: Route, onJoined: () => void): void {
  const { client } = useLive();
  const complain = useComplaint();
  const invite = route.page === 'join' ? route.invite : undefined;

  useEffect(() => {
    if (invite === undefined) return;
    navigate({ page: 'list' }, { replace: true });
    client.api
      .join(invite)
      .then(({ id }) => {
        navigate({ page: 'conversation', id }, { replace: true });
        onJoined();
      })
      .catch(complain);
  }, [client, complain, invite, onJoined]);
}
