/** Instead of an empty page, where drawing it failed: words, and a way out. */
import { Component } from 'react';
import type { ReactNode } from 'react';
import { browserStorage } from '../session/session.ts';
import { Button } from './Button.tsx';
import { currentTongue } from '../i18n/tongue.ts';
import styles from './Mishap.module.css';

interface MishapProps {
  readonly children: ReactNode;
}

export class Mishap extends Component<MishapProps, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render() {
    if (!this.state.hasFailed) return this.props.children;
    const { frame } = currentTongue().words;
    return (
      <main className={styles.mishap}>
        <h1>{frame.broke}</h1>
        <p>{frame.brokeText}</p>
        <Button look="main" onClick={startOver}>
          {frame.reload}
        </Button>
      </main>
    );
  }
}

/** What is held in this tab may be what broke it. */
function startOver(): void {
  browserStorage('session')?.clear();
  window.location.reload();
}
