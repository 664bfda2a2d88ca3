/** The title, and the field that it turns into where the person may change it. */
import { useRef, useState } from 'react';
import { useLive } from '../../../live/client.ts';
import { useComplaint } from '../../../ui/Toast.tsx';
import { isComposing } from '../../../ui/keys.ts';
import { PencilIcon } from '../../../ui/icons.tsx';
import { useWords } from '../../../i18n/tongue.ts';
import styles from './ConversationHeader.module.css';

interface TitleEditorProps {
  readonly id: string;
  readonly title: string;
  readonly isEditable: boolean;
}

export function TitleEditor({ id, title, isEditable }: TitleEditorProps) {
  const { client } = useLive();
  const complain = useComplaint();
  const [isEditing, setEditing] = useState(false);
  const isDone = useRef(false);
  const words = useWords().conversation;

  const finish = (text: string) => {
    if (isDone.current) return;
    isDone.current = true;
    setEditing(false);
    const fresh = text.trim();
    if (fresh !== '' && fresh !== title) client.api.rename(id, fresh).catch(complain);
  };

  if (!isEditable)
    return (
      <h1 className={styles.title} dir="auto">
        {title}
      </h1>
    );
  if (!isEditing) {
    return (
      <h1 className={styles.title}>
        <button
          type="button"
          title={words.rename}
          onClick={() => {
            isDone.current = false;
            setEditing(true);
          }}
        >
          <span dir="auto">{title}</span>
          <PencilIcon size={15} />
        </button>
      </h1>
    );
  }
  return (
    <input
      ref={(field) => {
        field?.select();
      }}
      className={styles.field}
      aria-label={words.title}
      dir="auto"
      defaultValue={title}
      maxLength={120}
      onBlur={(event) => {
        finish(event.target.value);
      }}
      onKeyDown={(event) => {
        if (isComposing(event.nativeEvent)) return;
        if (event.key === 'Enter') finish(event.currentTarget.value);
        if (event.key !== 'Escape') return;
        event.preventDefault();
        event.nativeEvent.stopPropagation();
        finish(title);
      }}
    />
  );
}
