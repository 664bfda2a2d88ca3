/** What a participant may do. The server decides; this only spares people useless buttons. */
import type { Conversation, Participant } from '@convene/client';

/** Whether they may invite, remove and rename. */
export function mayManage({ participants }: Conversation, me: string): boolean {
  const role = participants.find(({ id }) => id === me)?.role;
  return role === 'owner';
}

/** Whether they could be made an owner. */
export function mayOwn({ id, role }: Participant): boolean {
  return role !== 'owner' && id.startsWith('user:');
}
