/** Tells the others, and the list, how far the person has read. */
import { useCallback, useEffect, useState } from 'react';
import { useLive } from '../../../live/client.ts';
import { markRead } from '../sidebar/unread.ts';

/** Returns what to call when the end of the conversation comes into sight, or leaves it. */
export function useReading(id: string, last: number): (isAtBottom: boolean) => void {
  const { client, session } = useLive();
  const [atBottom, setAtBottom] = useState(true);
  const isVisible = useVisible();

  useEffect(() => {
    if (!atBottom || !isVisible) return;
    client.read(id, last);
    markRead(session.participant, id, last);
  }, [atBottom, client, id, isVisible, last, session.participant]);

  return useCallback((isAtBottom: boolean) => {
    setAtBottom(isAtBottom);
  }, []);
}

function useVisible(): boolean {
  const [isVisible, setVisible] = useState(document.visibilityState === 'visible');
  useEffect(() => {
    const changed = () => {
      setVisible(document.visibilityState === 'visible');
    };
    document.addEventListener('visibilitychange', changed);
    return () => {
      document.removeEventListener('visibilitychange', changed);
    };
  }, []);
  return isVisible;
}
