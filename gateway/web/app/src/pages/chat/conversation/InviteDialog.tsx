import { Dialog } from '../../../ui/Dialog.tsx';
import { InviteLink } from './InviteLink.tsx';
import { useWords } from '../../../i18n/tongue.ts';

interface InviteDialogProps {
  readonly id: string;
  readonly onClose: () => void;
}

export function InviteDialog({ id, onClose }: InviteDialogProps) {
  const words = useWords().people;
  return (
    <Dialog title={words.invite} onClose={onClose}>
      <InviteLink id={id} />
    </Dialog>
  );
}
