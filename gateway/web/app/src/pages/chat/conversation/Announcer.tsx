/**
 * Reads the conversation to those who hear it: what others said once it is whole, not each piece
 * of it, and that an agent has begun or failed.
 */
import { textOf } from '@convene/client';
import type { Event, Message, View } from '@convene/client';
import { useEffect, useRef, useState } from 'react';
import { failureSentence } from '../../../i18n/problems.ts';
import { useWords } from '../../../i18n/tongue.ts';
import type { Words } from '../../../i18n/words/en/index.ts';

const LONGEST = 600;
/** More at once than this is counted, not read out: somebody was away. */
const MOST = 3;
/** What comes within this time is said together, in milliseconds. */
const TOGETHER_MS = 400;

export function Announcer({ view, me }: { readonly view: View; readonly me: string }) {
  const heard = useRef(view.last);
  const [heardWords, setHeardWords] = useState('');
  const words = useWords();
  const waiting = useRef<string[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  useEffect(() => {
    const fresh = view.events.filter((event) => event.seq > heard.current);
    heard.current = view.last;
    const sentences = fresh.map((event) => wordsFor(event, view, me, words)).filter(Boolean);
    waiting.current.push(...sentences);
    if (waiting.current.length === 0) return;
    timer.current ??= setTimeout(() => {
      const { length } = waiting.current;
      setHeardWords(length > MOST ? words.message.several(length) : waiting.current.join(' '));
      waiting.current = [];
      timer.current = undefined;
    }, TOGETHER_MS);
  }, [me, view, words]);

  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );

  return (
    <div className="unseen" role="status" aria-live="polite">
      {heardWords}
    </div>
  );
}

function wordsFor(event: Event, { timeline }: View, me: string, words: Words): string {
  const name = (id: string) => timeline.names.get(id) ?? id;
  switch (event.type) {
    case 'message.created':
    case 'message.completed': {
      const { author } = event.message;
      if (author === me) return '';
      const offered = offeredIn(event.message);
      const said = [
        shortened(textOf(event.message)),
        offered.length === 0 ? '' : words.message.offered(offered),
      ];
      return `${name(author)}: ${said.filter(Boolean).join(' ')}`;
    }
    case 'run.started':
      return event.attempt === 1
        ? words.message.answering(name(`agent:${event.agent}`))
        : words.message.tryingAgain(name(`agent:${event.agent}`));
    case 'run.finished':
      return event.outcome === 'failed' ? failureSentence(event.error, words) : '';
    default:
      return '';
  }
}

/** What can be pressed or filled in, by name. */
function offeredIn({ parts }: Message): string[] {
  return parts.flatMap((part) => {
    switch (part.type) {
      case 'actions':
        return part.actions.map(({ label }) => label);
      case 'card':
        return [part.title, ...(part.actions ?? []).map(({ label }) => label)];
      case 'form':
        return [part.title ?? part.submit];
      default:
        return [];
    }
  });
}

function shortened(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}
