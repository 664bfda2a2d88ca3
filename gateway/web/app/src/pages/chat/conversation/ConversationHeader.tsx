import type { View } from '@convene/client';
import { useState } from 'react';
import { useLive } from '../../../live/client.ts';
import { Avatar } from '../../../ui/Avatar.tsx';
import { BackLink } from '../BackLink.tsx';
import { IconButton } from '../../../ui/Button.tsx';
import { LinkIcon } from '../../../ui/icons.tsx';
import { useIsNarrow } from '../../../ui/useIsNarrow.ts';
import { useWords } from '../../../i18n/tongue.ts';
import styles from './ConversationHeader.module.css';
import { NotesSwitch } from '../notes/NotesSwitch.tsx';
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
const FEW_FACES = 2;

export function ConversationHeader({ view, title, here }: ConversationHeaderProps) {
  const { session } = useLive();
  const words = useWords().people;
  const { conversation } = view;
  const { participants } = conversation;
  const me = session.participant;
  const others = participants.filter(({ id }) => id !== me);
  const faces = [...others, ...participants.filter(({ id }) => id === me)];
  const room = useIsNarrow() ? FEW_FACES : FACES;
  const [dialog, setDialog] = useState<'people' | 'invite'>();
  const isManager = mayManage(conversation, me);
  const close = () => {
    setDialog(undefined);
  };

  return (
    <header className={styles.header}>
      <BackLink />
      <TitleEditor id={conversation.id} title={title} isEditable={isManager} />
      <NotesSwitch />
      <button
        type="button"
        className={styles.people}
        aria-haspopup="dialog"
        onClick={() => {
          setDialog('people');
        }}
      >
        <span className="unseen">{words.summary(participants.length, here.size)}</span>
        {faces.slice(0, room).map(({ id, name }) => (
          <Avatar key={id} id={id} name={name} small here={here.has(id)} />
        ))}
        {faces.length > room && (
          <span className={styles.rest} aria-hidden="true">
            +{faces.length - room}
          </span>
        )}
      </button>
      {isManager && (
        <IconButton
          label={words.invite}
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
