import { setTheme, useTheme } from '../theme.ts';
import type { Theme } from '../theme.ts';
import { IconButton } from './Button.tsx';
import { MoonIcon, ScreenIcon, SunIcon } from './icons.tsx';
import { useWords } from '../i18n/tongue.ts';

const NEXT: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };
const ICON = { system: ScreenIcon, light: SunIcon, dark: MoonIcon };

export function ThemeToggle() {
  const theme = useTheme();
  const words = useWords().frame;
  const Icon = ICON[theme];
  return (
    <IconButton
      label={words.theme[theme]}
      onClick={() => {
        setTheme(NEXT[theme]);
      }}
    >
      <Icon />
    </IconButton>
  );
}
