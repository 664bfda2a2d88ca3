/** The language of the page: a list as the system shows it, behind a sign that needs no words. */
import { LANGUAGES, isLanguage } from '../i18n/languages.ts';
import { chooseLanguage, useTongue } from '../i18n/tongue.ts';
import styles from './LanguageChoice.module.css';
import { GlobeIcon } from './icons.tsx';

export function LanguageChoice() {
  const { language, words } = useTongue();
  return (
    <span className={styles.choice} title={words.frame.language}>
      <GlobeIcon />
      <select
        aria-label={words.frame.language}
        value={language}
        onChange={(event) => {
          const chosen = event.currentTarget.value;
          if (isLanguage(chosen)) void chooseLanguage(chosen);
        }}
      >
        {Object.entries(LANGUAGES).map(([tag, { name }]) => (
          <option key={tag} value={tag} lang={tag}>
            {name}
          </option>
        ))}
      </select>
    </span>
  );
}
