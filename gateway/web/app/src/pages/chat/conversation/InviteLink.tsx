/** Makes a link through which others can come in, and helps to pass it on. */
import { useEffect, useState } from 'react';
import { useLive } from '../../../live/client.ts';
import { hrefOf } from '../../../router.ts';
import { Button } from '../../../ui/Button.tsx';
import { useCopy } from '../../../ui/useCopy.ts';
import { wholeTime } from '../times.ts';
import styles from './PeopleDialog.module.css';

interface Invitation {
  readonly url: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export function InviteLink({ id }: { readonly id: string }) {
  const { client } = useLive();
  const { copied, copy } = useCopy();
  const [invitation, setInvitation] = useState<Invitation>();
  const [problem, setProblem] = useState<string>();

  useEffect(() => {
    let isWanted = true;
    client.api
      .invite(id)
      .then(({ invite, expires_at: expiresAt }) => {
        const { origin, pathname } = window.location;
        const url = `${origin}${pathname}${hrefOf({ page: 'join', invite })}`;
        if (isWanted) setInvitation({ url, expiresAt: expiresAt * 1000 });
      })
      .catch((reason: unknown) => {
        if (isWanted) setProblem(reason instanceof Error ? reason.message : 'That did not work.');
      });
    return () => {
      isWanted = false;
    };
  }, [client, id]);

  if (problem !== undefined) return <p role="alert">{problem}</p>;
  return (
    <div className={styles.invite}>
      <p>Whoever has this link can join and read everything, from the beginning.</p>
      <div className={styles.link}>
        <input
          readOnly
          aria-label="Invitation link"
          value={invitation?.url ?? ''}
          placeholder="One moment…"
          onFocus={(event) => {
            event.target.select();
          }}
        />
        <Button
          look="main"
          disabled={!invitation}
          onClick={() => {
            if (invitation) copy(invitation.url);
          }}
        >
          <span aria-live="polite">{copied ? 'Copied' : 'Copy'}</span>
        </Button>
      </div>
      {invitation && <p>It works until {wholeTime(invitation.expiresAt)}.</p>}
    </div>
  );
}
