import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { speakFirst } from './i18n/tongue.ts';
import { Mishap } from './ui/Mishap.tsx';
import './styles/tokens.css';
import './styles/base.css';

const root = document.getElementById('root');
await speakFirst();
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Mishap>
        <App />
      </Mishap>
    </StrictMode>,
  );
}
