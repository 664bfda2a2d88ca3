/** The person's conversations, newest first. There is no feed of the list: it is asked for again. */
import type { Conversation, Conversations } from '@convene/client';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
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
  const { client, session } = useLive();
  const me = session.participant;
  const isOpen = useStatus().state === 'open';
  const [known, setKnown] = useState<ReadonlyMap<string, Conversation>>(new Map());
  const [loaded, setLoaded] = useState(false);
  const [next, setNext] = useState<string>();
  /** Pages behind the first were read: how far, they know. */
  const isPaged = useRef(false);

  const read = useCallback(
    async (after?: string) => {
      const page = await client.api.conversations(after).catch(() => undefined);
      if (!page) return;
      const isFirst = after === undefined;
      setKnown((old) => {
        const kept = isFirst ? withoutGone(old, page) : old;
        return page.conversations.reduce(withNewer, kept);
      });
      if (!isFirst) isPaged.current = true;
      if (!isFirst || !isPaged.current) setNext(page.next ?? undefined);
      setLoaded(true);
    },
    [client],
  );

  const refresh = useCallback(() => {
    void read();
  }, [read]);

  const take = useCallback(
    (conversation: Conversation) => {
      const isIn = conversation.participants.some(({ id }) => id === me);
      setKnown((old) => (isIn ? withNewer(old, conversation) : without(old, conversation.id)));
    },
    [me],
  );

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

/** Leaves out those that the list's first page would hold if the person were still in them. */
export function withoutGone(
  known: ReadonlyMap<string, Conversation>,
  { conversations, next }: Conversations,
): ReadonlyMap<string, Conversation> {
  const ids = new Set(conversations.map(({ id }) => id));
  const oldest = next ? Math.min(...conversations.map((one) => one.updated_at)) : -Infinity;
  const stays = ([id, one]: [string, Conversation]) => ids.has(id) || one.updated_at < oldest;
  return new Map([...known].filter(stays));
}

function without(
  known: ReadonlyMap<string, Conversation>,
  id: string,
): ReadonlyMap<string, Conversation> {
  if (!known.has(id)) return known;
  return new Map([...known].filter(([other]) => other !== id));
}

function withNewer(
  known: ReadonlyMap<string, Conversation>,
  conversation: Conversation,
): ReadonlyMap<string, Conversation> {
  const old = known.get(conversation.id);
  if (old && old.head >= conversation.head) return known;
  return new Map(known).set(conversation.id, conversation);
}
