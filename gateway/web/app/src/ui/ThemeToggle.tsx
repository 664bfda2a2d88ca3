import { setTheme, useTheme } from '../theme.ts';
import type { Theme } from '../theme.ts';
import { IconButton } from './Button.tsx';
import { MoonIcon, ScreenIcon, SunIcon } from './icons.tsx';

const NEXT: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };
const ICON = { system: ScreenIcon, light: SunIcon, dark: MoonIcon };
const WORDS = { system: 'as the system', light: 'light', dark: 'dark' };

export function ThemeToggle() {
  const theme = useTheme();
  const Icon = ICON[theme];
  return (
    <IconButton
      label={`Theme: ${WORDS[theme]}`}
      onClick={() => {
        setTheme(NEXT[theme]);
      }}
    >
      <Icon />
    </IconButton>
  );
}
