/** The agents that one can begin a conversation with: first who answers where nobody is named. */
import type { Agent } from '@convene/client';
import { useEffect, useState } from 'react';
import { useLive, useStatus } from '../../../live/client.ts';

export function useAgents(): readonly Agent[] | undefined {
  const { client } = useLive();
  const isOpen = useStatus().state === 'open';
  const [agents, setAgents] = useState<readonly Agent[]>();

  useEffect(() => {
    if (!isOpen) return;
    let isWanted = true;
    client.api
      .agents()
      .then((found) => {
        const byDefault = (agent: Agent) => Number(agent.default);
        if (isWanted) setAgents(found.toSorted((a, b) => byDefault(b) - byDefault(a)));
      })
      .catch(() => undefined);
    return () => {
      isWanted = false;
    };
  }, [client, isOpen]);
  return agents;
}
