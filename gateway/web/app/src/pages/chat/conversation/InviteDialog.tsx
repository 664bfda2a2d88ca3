import { Dialog } from '../../../ui/Dialog.tsx';
import { InviteLink } from './InviteLink.tsx';

interface InviteDialogProps {
  readonly id: string;
  readonly onClose: () => void;
}

export function InviteDialog({ id, onClose }: InviteDialogProps) {
  return (
    <Dialog title="Invite" onClose={onClose}>
      <InviteLink id={id} />
    </Dialog>
  );
}
