/** What every offer of a conversation needs to know, without each row being told. */
import { createContext, useContext } from 'react';

export interface Around {
  readonly conversation: string;
  readonly me: string;
  readonly names: ReadonlyMap<string, string>;
  /** Whether the person is in the conversation, and so may press. */
  readonly isIn: boolean;
  /** Where one goes on behind what was answered. */
  readonly toComposer: () => void;
}

export const AroundContext = createContext<Around | undefined>(undefined);

export function useAround(): Around {
  const around = useContext(AroundContext);
  if (!around) throw new Error('no conversation: this belongs inside an AroundContext');
  return around;
}
