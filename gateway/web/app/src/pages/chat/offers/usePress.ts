/** Pressing what a part of a message offers: what was pressed, by whom, and what came of it. */
import type { FieldFault, MessageItem, Press } from '@convene/client';
import { ProblemError } from '@convene/client';
import { useCallback, useState } from 'react';
import { useLive } from '../../../live/client.ts';
import { isolated, plainName } from '../names.ts';
import { useAround } from './context.ts';
import { problemSentence } from '../../../i18n/problems.ts';
import { useWords } from '../../../i18n/tongue.ts';

export interface Pressing {
  /** Nothing can be pressed: somebody was first, it is over or for others, or a press is on its way. */
  readonly isClosed: boolean;
  /** It was answered otherwise, or is not asked any more. */
  readonly isOver: boolean;
  /** The action whose press is on its way. */
  readonly underWay: string | undefined;
  /** Why it was refused, in a sentence; `faults` says more about a form. */
  readonly refusal: string | undefined;
  readonly faults: readonly FieldFault[];
  /** For whom it is, in words, where that is not the reader. */
  readonly forOthers: string | undefined;
  /** Whether it was taken. */
  readonly press: (action: string, value?: unknown) => Promise<boolean>;
  /** Who has pressed an action, in words; undefined: nobody. */
  readonly whoPressed: (action: string) => string | undefined;
}

interface Offer {
  readonly once?: boolean | undefined;
  readonly for?: readonly string[] | null | undefined;
}

export function usePress(item: MessageItem, part: number, offer: Offer): Pressing {
  const { client } = useLive();
  const { conversation, me, names, isIn } = useAround();
  const words = useWords();
  const [underWay, setUnderWay] = useState<string>();
  const [refusal, setRefusal] = useState<ProblemError>();
  const presses = item.presses.filter((press) => press.part === part);
  const isOver = item.closed.includes(part);
  const { id: message, whole } = item;

  const press = useCallback(
    async (action: string, value?: unknown) => {
      if (whole === undefined) return false;
      setUnderWay(action);
      setRefusal(undefined);
      const act = { seq: whole, message, action };
      try {
        await client.act(conversation, value === undefined ? act : { ...act, value });
        return true;
      } catch (problem) {
        if (problem instanceof ProblemError) setRefusal(problem);
        return false;
      } finally {
        setUnderWay(undefined);
      }
    },
    [client, conversation, message, whole],
  );

  const name = (id: string) =>
    id === me ? words.offers.you : isolated(names.get(id) ?? plainName(id));
  const others = isForOthers(offer, me) ? (offer.for ?? []).map(name) : [];
  return {
    isClosed: isOver || isClosed(offer, presses, me) || !isIn || underWay !== undefined,
    isOver: isOver && presses.length === 0,
    underWay,
    refusal: refusal && problemSentence(refusal, words),
    faults: refusal?.faults ?? [],
    forOthers: others.length > 0 ? words.offers.forOthers(others.join(', ')) : undefined,
    press,
    whoPressed: (action) => {
      const people = new Set(presses.filter((one) => one.action === action).map((p) => p.author));
      return people.size === 0 ? undefined : [...people].map(name).join(', ');
    },
  };
}

/** Whether nobody, or not this person, can press it any more. */
export function isClosed(offer: Offer, presses: readonly Press[], me: string): boolean {
  return isForOthers(offer, me) || (offer.once === true && presses.length > 0);
}

function isForOthers(offer: Offer, me: string): boolean {
  return offer.for ? !offer.for.includes(me) : false;
}
