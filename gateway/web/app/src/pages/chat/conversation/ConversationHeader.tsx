import type { View } from '@convene/client';
import { useState } from 'react';
import { useLive } from '../../../live/client.ts';
import { hrefOf } from '../../../router.ts';
import { Avatar } from '../../../ui/Avatar.tsx';
import { IconButton } from '../../../ui/Button.tsx';
import { BackIcon, LinkIcon } from '../../../ui/icons.tsx';
import styles from './ConversationHeader.module.css';
import { InviteDialog } from './InviteDialog.tsx';
import { PeopleDialog } from './PeopleDialog.tsx';
import { mayManage } from './roles.ts';
import { TitleEditor } from './TitleEditor.tsx';

interface ConversationHeaderProps {
  readonly view: View;
  readonly title: string;
  readonly here: ReadonlySet<string>;
}

const FACES = 4;

export function ConversationHeader({ view, title, here }: ConversationHeaderProps) {
  const { session } = useLive();
  const { conversation } = view;
  const { participants } = conversation;
  const [dialog, setDialog] = useState<'people' | 'invite'>();
  const isManager = mayManage(conversation, session.participant);
  const close = () => {
    setDialog(undefined);
  };

  return (
    <header className={styles.header}>
      <a
        className={styles.back}
        href={hrefOf({ page: 'list' })}
        aria-label="Back to the conversations"
      >
        <BackIcon />
      </a>
      <TitleEditor id={conversation.id} title={title} isEditable={isManager} />
      <button
        type="button"
        className={styles.people}
        aria-haspopup="dialog"
        onClick={() => {
          setDialog('people');
        }}
      >
        <span className="unseen">
          People: {participants.length}, of whom {here.size} are here
        </span>
        {participants.slice(0, FACES).map(({ id, name }) => (
          <Avatar key={id} id={id} name={name} small here={here.has(id)} />
        ))}
        {participants.length > FACES && (
          <span className={styles.rest} aria-hidden="true">
            +{participants.length - FACES}
          </span>
        )}
      </button>
      {isManager && (
        <IconButton
          label="Invite"
          aria-haspopup="dialog"
          onClick={() => {
            setDialog('invite');
          }}
        >
          <LinkIcon />
        </IconButton>
      )}
      {dialog === 'people' && (
        <PeopleDialog conversation={conversation} here={here} onClose={close} />
      )}
      {dialog === 'invite' && <InviteDialog id={conversation.id} onClose={close} />}
    </header>
  );
}
