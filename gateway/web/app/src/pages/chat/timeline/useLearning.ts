/** The agent that a person waits for, where it still learns: asked only where nothing comes for a while. */
import type { Agent, Timeline } from '@convene/client';
import { useEffect, useState } from 'react';
import { useLive } from '../../../live/client.ts';

/** An agent that is ready has begun by then, in milliseconds. */
const SOON_MS = 1500;
const PERIOD_MS = 3000;

export function useLearning(agent: string | undefined, timeline: Timeline): Agent | undefined {
  const { client } = useLive();
  const awaited = agent === undefined ? undefined : awaitedIn(timeline);
  /** The message that waits for an agent that learns, and that agent. */
  const [unheard, setUnheard] = useState<{ readonly message: string; readonly by: Agent }>();

  useEffect(() => {
    if (awaited === undefined) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    const ask = async () => {
      const agents = await client.api.agents().catch(() => undefined);
      if (isOver) return;
      const learning = agents?.find(({ name, ready }) => name === agent && !ready);
      setUnheard(learning && { message: awaited, by: learning });
      if (!agents || learning) timer = setTimeout(() => void ask(), PERIOD_MS);
    };
    timer = setTimeout(() => void ask(), SOON_MS);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [agent, awaited, client]);
  return unheard?.message === awaited ? unheard?.by : undefined;
}

/** What was said last, where it was a person's and nobody answers yet. */
function awaitedIn({ items, active }: Timeline): string | undefined {
  if (active) return undefined;
  const last = items.findLast((item) => item.kind === 'message');
  return last?.author.startsWith('user:') ? last.id : undefined;
}
