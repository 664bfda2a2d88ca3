/** Shows or hides what was understood: for staff alone. */
import { useWords } from '../../../i18n/tongue.ts';
import { useLive } from '../../../live/client.ts';
import { isStaff } from '../../../session/session.ts';
import { IconButton } from '../../../ui/Button.tsx';
import { InsightIcon } from '../../../ui/icons.tsx';
import { showNotes, useNotesShown } from './shown.ts';

export function NotesSwitch() {
  const { session } = useLive();
  const isShown = useNotesShown();
  const words = useWords().notes;
  if (!isStaff(session)) return null;
  return (
    <IconButton
      label={words.toggle}
      role="switch"
      aria-checked={isShown}
      onClick={() => {
        showNotes(!isShown);
      }}
    >
      <InsightIcon />
    </IconButton>
  );
}
