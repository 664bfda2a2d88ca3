/** The agents that one can begin a conversation with: first who answers where nobody is named. */
import type { Agent } from '@convene/client';
import { useEffect, useState } from 'react';
import { useLive, useStatus } from '../../../live/client.ts';

const PERIOD_MS = 3000;

export function useAgents(): readonly Agent[] | undefined {
  const { client } = useLive();
  const isOpen = useStatus().state === 'open';
  const [agents, setAgents] = useState<readonly Agent[]>();

  useEffect(() => {
    if (!isOpen) return;
    let isWanted = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      const found = await client.api.agents().catch(() => undefined);
      if (!found || !isWanted) return;
      const byDefault = (agent: Agent) => Number(agent.default);
      setAgents(found.toSorted((a, b) => byDefault(b) - byDefault(a)));
      // Who waits for one sees when it is ready.
      if (!found.every(({ ready }) => ready)) timer = setTimeout(() => void ask(), PERIOD_MS);
    };
    void ask();
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [client, isOpen]);
  return agents;
}
