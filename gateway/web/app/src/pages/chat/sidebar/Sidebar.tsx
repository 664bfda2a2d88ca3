import { useLive } from '../../../live/client.ts';
import { hrefOf } from '../../../router.ts';
import { Avatar } from '../../../ui/Avatar.tsx';
import { IconButton } from '../../../ui/Button.tsx';
import { ThemeToggle } from '../../../ui/ThemeToggle.tsx';
import { LeaveIcon, PlusIcon } from '../../../ui/icons.tsx';
import { Mark } from '../../welcome/Mark.tsx';
import { ConversationList } from './ConversationList.tsx';
import { useWords } from '../../../i18n/tongue.ts';
import { PRODUCT } from '../../../product.ts';
import { LanguageChoice } from '../../../ui/LanguageChoice.tsx';
import styles from './Sidebar.module.css';
import type { ConversationsList } from './useConversations.ts';

interface SidebarProps {
  readonly list: ConversationsList;
  readonly openId: string | undefined;
  /** Nothing else is on screen. */
  readonly isAlone: boolean;
  readonly onSignOut: () => void;
}

export function Sidebar({ list, openId, isAlone, onSignOut }: SidebarProps) {
  const { session } = useLive();
  const words = useWords().list;
  const Name = isAlone ? 'h1' : 'span';
  const nav = (
    <nav className={styles.sidebar} aria-label={words.label}>
      <header className={styles.brand}>
        <Mark size={26} />
        <Name>{PRODUCT}</Name>
      </header>
      <a className={styles.begin} href={hrefOf({ page: 'new' })}>
        <PlusIcon size={18} />
        {words.begin}
      </a>
      <ConversationList list={list} openId={openId} />
      <footer className={styles.account}>
        <Avatar id={session.participant} name={session.name} />
        <span className={styles.me} dir="auto">
          {session.name}
        </span>
        <LanguageChoice />
        <ThemeToggle />
        <IconButton label={words.signOut} onClick={onSignOut}>
          <LeaveIcon />
        </IconButton>
      </footer>
    </nav>
  );
  return isAlone ? <main className={styles.alone}>{nav}</main> : nav;
}
