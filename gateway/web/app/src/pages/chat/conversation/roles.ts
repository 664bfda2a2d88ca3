/** What a participant may do. The server decides; this only spares people useless buttons. */
import type { Conversation, Role } from '@convene/client';

/** Whether they may invite, remove and rename. */
export function mayManage({ participants }: Conversation, me: string): boolean {
  const role = participants.find(({ id }) => id === me)?.role;
  return role === 'owner' || role === 'operator';
}

export const ROLE_NAMES: Record<Role, string> = {
  owner: 'Began it',
  member: 'Member',
  operator: 'Operator',
  agent: 'Agent',
};
