/** Line icons on a grid of 24. They say nothing by themselves: whoever uses one gives the words. */
import type { ReactNode } from 'react';

/** `points`: it shows a way, which is the other one where one reads from right to left. */
function icon(name: string, shapes: ReactNode, { points = false } = {}) {
  function Icon({ size = 20 }: { readonly size?: number }) {
    return (
      <svg
        width={size}
        height={size}
        viewBox="0 0 24 24"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.75"
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        data-points={points || undefined}
      >
        {shapes}
      </svg>
    );
  }
  Icon.displayName = name;
  return Icon;
}

export const PlusIcon = icon('PlusIcon', <path d="M12 5v14M5 12h14" />);
export const BackIcon = icon('BackIcon', <path d="m15 5-7 7 7 7" />, { points: true });
export const CloseIcon = icon('CloseIcon', <path d="M6 6l12 12M18 6 6 18" />);
export const SendIcon = icon('SendIcon', <path d="M12 19V5M5.5 11.5 12 5l6.5 6.5" />);
export const DownIcon = icon('DownIcon', <path d="M12 5v14M5.5 12.5 12 19l6.5-6.5" />);
export const CheckIcon = icon('CheckIcon', <path d="m5 12.5 4.5 4.5L19 7.5" />);
export const PencilIcon = icon('PencilIcon', <path d="M4 20h4L19 9l-4-4L4 16zM13.5 6.5l4 4" />);
export const StopIcon = icon(
  'StopIcon',
  <rect x="7" y="7" width="10" height="10" rx="1.5" fill="currentColor" />,
);
export const CopyIcon = icon(
  'CopyIcon',
  <>
    <rect x="9" y="9" width="11" height="11" rx="2" />
    <path d="M5 15V6a2 2 0 0 1 2-2h8" />
  </>,
);
export const LinkIcon = icon(
  'LinkIcon',
  <path d="M9.5 14.5 14.5 9.5M11 6.5l1.2-1.2a4.5 4.5 0 0 1 6.4 6.4L17.5 13M13 17.5l-1.2 1.2a4.5 4.5 0 0 1-6.4-6.4L6.5 11" />,
);
export const PeopleIcon = icon(
  'PeopleIcon',
  <>
    <circle cx="9" cy="8" r="3.5" />
    <path d="M2.5 19.5c.6-3.6 3.2-5.5 6.5-5.5s5.9 1.9 6.5 5.5M16 5a3.2 3.2 0 0 1 0 6.2M18 14.5c2 .7 3.2 2.4 3.5 5" />
  </>,
);
export const SunIcon = icon(
  'SunIcon',
  <>
    <circle cx="12" cy="12" r="4" />
    <path d="M12 3v1.5M12 19.5V21M3 12h1.5M19.5 12H21M5.6 5.6l1.1 1.1M17.3 17.3l1.1 1.1M5.6 18.4l1.1-1.1M17.3 6.7l1.1-1.1" />
  </>,
);
export const MoonIcon = icon(
  'MoonIcon',
  <path d="M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z" />,
);
export const GlobeIcon = icon(
  'GlobeIcon',
  <>
    <circle cx="12" cy="12" r="8.5" />
    <path d="M3.5 12h17M12 3.5c2.4 2.3 3.6 5.1 3.6 8.5s-1.2 6.2-3.6 8.5c-2.4-2.3-3.6-5.1-3.6-8.5s1.2-6.2 3.6-8.5z" />
  </>,
);
export const InsightIcon = icon(
  'InsightIcon',
  <path d="M9.5 18h5M10.5 21h3M8.5 14.5c-1.6-1.1-2.5-2.8-2.5-4.8a6 6 0 0 1 12 0c0 2-.9 3.7-2.5 4.8-.5.4-.8.9-.8 1.5H9.3c0-.6-.3-1.1-.8-1.5z" />,
);
export const ScreenIcon = icon(
  'ScreenIcon',
  <>
    <rect x="3.5" y="5" width="17" height="11.5" rx="2" />
    <path d="M9 20h6" />
  </>,
);
export const LeaveIcon = icon(
  'LeaveIcon',
  <path d="M10 4H6a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h4M15 8l4 4-4 4M19 12H9.5" />,
  { points: true },
);
