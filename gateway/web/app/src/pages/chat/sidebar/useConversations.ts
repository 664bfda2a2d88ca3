/** The person's conversations, newest first. There is no feed of the list: it is asked for again. */
import type { Conversation } from '@convene/client';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useLive, useStatus } from '../../../live/client.ts';

export interface ConversationsList {
  readonly conversations: readonly Conversation[];
  readonly loaded: boolean;
  /** Reads the next page, if there is one. */
  readonly more: (() => void) | undefined;
  readonly refresh: () => void;
  /** What is known of one by other ways than the list. */
  readonly take: (conversation: Conversation) => void;
}

const EVERY_MS = 20_000;

export function useConversations(): ConversationsList {
  const { client } = useLive();
  const isOpen = useStatus().state === 'open';
  const [known, setKnown] = useState<ReadonlyMap<string, Conversation>>(new Map());
  const [loaded, setLoaded] = useState(false);
  const [next, setNext] = useState<string>();

  const read = useCallback(
    async (after?: string) => {
      const page = await client.api.conversations(after).catch(() => undefined);
      if (!page) return;
      const isAll = after === undefined && !page.next;
      setKnown((old) =>
        page.conversations.reduce(withNewer, isAll ? onlyOf(old, page.conversations) : old),
      );
      setNext(page.next ?? undefined);
      setLoaded(true);
    },
    [client],
  );

  const refresh = useCallback(() => {
    void read();
  }, [read]);

  const take = useCallback((conversation: Conversation) => {
    setKnown((old) => withNewer(old, conversation));
  }, []);

  useEffect(() => {
    if (!isOpen) return;
    const first = setTimeout(refresh);
    const stop = new AbortController();
    const whenSeen = () => {
      if (document.visibilityState === 'visible') refresh();
    };
    document.addEventListener('visibilitychange', whenSeen, { signal: stop.signal });
    const timer = setInterval(whenSeen, EVERY_MS);
    return () => {
      stop.abort();
      clearTimeout(first);
      clearInterval(timer);
    };
  }, [isOpen, refresh]);

  return useMemo(
    () => ({
      conversations: [...known.values()].sort((a, b) => b.updated_at - a.updated_at),
      loaded,
      more:
        next === undefined
          ? undefined
          : () => {
              void read(next);
            },
      refresh,
      take,
    }),
    [known, loaded, next, read, refresh, take],
  );
}

/** Leaves out those that the person is no longer in. */
function onlyOf(
  known: ReadonlyMap<string, Conversation>,
  conversations: readonly Conversation[],
): ReadonlyMap<string, Conversation> {
  const ids = new Set(conversations.map(({ id }) => id));
  return new Map([...known].filter(([id]) => ids.has(id)));
}

function withNewer(
  known: ReadonlyMap<string, Conversation>,
  conversation: Conversation,
): ReadonlyMap<string, Conversation> {
  const old = known.get(conversation.id);
  if (old && old.head >= conversation.head) return known;
  return new Map(known).set(conversation.id, conversation);
}
