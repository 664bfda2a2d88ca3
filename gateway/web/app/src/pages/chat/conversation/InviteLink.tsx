/** Makes a link through which others can come in, and helps to pass it on. */
import { useEffect, useState } from 'react';
import { useLive } from '../../../live/client.ts';
import { hrefOf } from '../../../router.ts';
import { Button } from '../../../ui/Button.tsx';
import { useCopy } from '../../../ui/useCopy.ts';
import { problemSentence } from '../../../i18n/problems.ts';
import { useTongue } from '../../../i18n/tongue.ts';
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
  const [problem, setProblem] = useState<unknown>();
  const { words, wholeTime } = useTongue();

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
        if (isWanted) setProblem(reason);
      });
    return () => {
      isWanted = false;
    };
  }, [client, id]);

  if (problem !== undefined) return <p role="alert">{problemSentence(problem, words)}</p>;
  return (
    <div className={styles.invite}>
      <p>{words.people.linkReach}</p>
      <div className={styles.link}>
        <input
          readOnly
          aria-label={words.people.link}
          value={invitation?.url ?? ''}
          placeholder={words.people.linkSoon}
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
          <span aria-live="polite">{copied ? words.frame.copied : words.frame.copy}</span>
        </Button>
      </div>
      {invitation && <p>{words.people.linkUntil(wholeTime(invitation.expiresAt))}</p>}
    </div>
  );
}
