/** Stops the run under way, by the button or by Escape. */
import { ProblemError } from '@convene/client';
import type { Run } from '@convene/client';
import { useCallback, useEffect, useState } from 'react';
import { useLive } from '../../../live/client.ts';
import { isDialogOpen } from '../../../ui/Dialog.tsx';
import { isComposing } from '../../../ui/keys.ts';
import { useComplaint } from '../../../ui/Toast.tsx';

export function useStop(id: string, active: Run | undefined) {
  const { client } = useLive();
  const complain = useComplaint();
  const run = active?.id;
  /** The run that was told to stop and has not yet. */
  const [stopping, setStopping] = useState<string>();

  const stop = useCallback(() => {
    if (run === undefined) return;
    setStopping(run);
    client.cancel(id, run).catch((problem: unknown) => {
      setStopping(undefined);
      const isOver = problem instanceof ProblemError && problem.code === 'nothing_to_cancel';
      if (!isOver) complain(problem);
    });
  }, [client, complain, id, run]);

  useEffect(() => {
    if (run === undefined) return;
    const pressed = (event: KeyboardEvent) => {
      const isOurs = event.key === 'Escape' && !event.defaultPrevented && !isComposing(event);
      if (!isOurs || isDialogOpen()) return;
      event.preventDefault();
      stop();
    };
    document.addEventListener('keydown', pressed);
    return () => {
      document.removeEventListener('keydown', pressed);
    };
  }, [run, stop]);

  return { stop, isStopping: run !== undefined && stopping === run };
}
