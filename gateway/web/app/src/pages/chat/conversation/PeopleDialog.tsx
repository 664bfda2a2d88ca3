/** Everybody in the conversation: who is here, who may go, and the way out. */
import type { Conversation, Participant } from '@convene/client';
import { useState } from 'react';
import { useLive } from '../../../live/client.ts';
import { navigate } from '../../../router.ts';
import { Avatar } from '../../../ui/Avatar.tsx';
import { Button } from '../../../ui/Button.tsx';
import { Dialog } from '../../../ui/Dialog.tsx';
import { useComplaint } from '../../../ui/Toast.tsx';
import { ConfirmButton } from '../../../ui/ConfirmButton.tsx';
import { useWords } from '../../../i18n/tongue.ts';
import styles from './PeopleDialog.module.css';
import { InviteLink } from './InviteLink.tsx';
import { mayManage, mayOwn } from './roles.ts';

interface PeopleDialogProps {
  readonly conversation: Conversation;
  readonly here: ReadonlySet<string>;
  readonly onClose: () => void;
}

export function PeopleDialog({ conversation, here, onClose }: PeopleDialogProps) {
  const { client, session } = useLive();
  const complain = useComplaint();
  const [isInviting, setInviting] = useState(false);
  const words = useWords().people;
  const { id, participants } = conversation;
  const me = session.participant;
  const isManager = mayManage(conversation, me);
  const isIn = participants.some((person) => person.id === me);

  const remove = (participant: string) => {
    client.api.removeParticipant(id, participant).catch(complain);
  };
  const promote = (participant: string) => {
    client.api.addParticipant(id, { id: participant, role: 'owner' }).catch(complain);
  };
  const leave = () => {
    client.api
      .removeParticipant(id, me)
      .then(() => {
        navigate({ page: 'new' });
      })
      .catch(complain);
  };

  return (
    <Dialog title={words.title} onClose={onClose}>
      <ul className={styles.people}>
        {participants.map((person) => (
          <Person
            key={person.id}
            person={person}
            isHere={here.has(person.id)}
            isMe={person.id === me}
            onRemove={isManager && person.id !== me ? remove : undefined}
            onPromote={isManager && mayOwn(person) ? promote : undefined}
          />
        ))}
      </ul>
      {isInviting && <InviteLink id={id} />}
      <footer className={styles.footer}>
        {isManager && !isInviting && (
          <Button
            look="main"
            onClick={() => {
              setInviting(true);
            }}
          >
            {words.inviteSomebody}
          </Button>
        )}
        {isIn && (
          <span className={styles.leave}>
            <ConfirmButton words={words.leave} sure={words.leaveSure} onConfirm={leave} />
          </span>
        )}
      </footer>
    </Dialog>
  );
}

interface PersonProps {
  readonly person: Participant;
  readonly isHere: boolean;
  readonly isMe: boolean;
  readonly onRemove: ((participant: string) => void) | undefined;
  readonly onPromote: ((participant: string) => void) | undefined;
}

function Person({ person, isHere, isMe, onRemove, onPromote }: PersonProps) {
  const { id, name, role } = person;
  const words = useWords().people;
  return (
    <li className={styles.person}>
      <Avatar id={id} name={name} here={isHere} />
      <span className={styles.name}>
        <bdi>{name}</bdi>
        {isMe && <span className={styles.soft}> {words.you}</span>}
        <span className={styles.role}>
          {words.roles[role]}
          {isHere && ` · ${words.here}`}
        </span>
      </span>
      <span className={styles.may}>
        {onPromote && (
          <ConfirmButton
            small
            words={words.makeOwner}
            sure={words.sure}
            onConfirm={() => {
              onPromote(id);
            }}
          />
        )}
        {onRemove && (
          <ConfirmButton
            small
            words={words.remove}
            sure={words.sure}
            onConfirm={() => {
              onRemove(id);
            }}
          />
        )}
      </span>
    </li>
  );
}
