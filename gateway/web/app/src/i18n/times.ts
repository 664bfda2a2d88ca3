/** Times as people say them, in a language and its region. */

export interface Times {
  readonly clockTime: (at: number) => string;
  /** The day and the minute. */
  readonly wholeTime: (at: number) => string;
  /** To the second. */
  readonly exactTime: (at: number) => string;
  /** The hour today, the weekday this week, the date before. */
  readonly shortTime: (at: number, now?: number) => string;
  readonly dayName: (at: number, now?: number) => string;
  /** Of a day without a time: `2026-01-31`. */
  readonly day: (day: string) => string;
  /** Of a time of any day: `14:30`. */
  readonly time: (time: string) => string;
}

interface DayNames {
  readonly today: string;
  readonly yesterday: string;
}

const DAY_MS = 86_400_000;

export function timesOf(tag: string, { today, yesterday }: DayNames): Times {
  const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(tag, options);
  const clock = format({ hour: 'numeric', minute: '2-digit' });
  const date = format({ day: 'numeric', month: 'short' });
  const weekday = format({ weekday: 'short' });
  const fullDate = format({ weekday: 'long', day: 'numeric', month: 'long' });
  const whole = format({ dateStyle: 'long', timeStyle: 'short' });
  const everything = format({ dateStyle: 'full', timeStyle: 'medium' });
  const long = format({ dateStyle: 'long' });
  return {
    clockTime: (at) => clock.format(at),
    wholeTime: (at) => whole.format(at),
    exactTime: (at) => everything.format(at),
    shortTime: (at, now = Date.now()) => {
      const days = daysBetween(at, now);
      if (days === 0) return clock.format(at);
      return days < 7 ? weekday.format(at) : date.format(at);
    },
    dayName: (at, now = Date.now()) => {
      const days = daysBetween(at, now);
      if (days === 0) return today;
      return days === 1 ? yesterday : fullDate.format(at);
    },
    day: (day) => {
      const at = new Date(`${day}T00:00`);
      return Number.isNaN(at.getTime()) ? day : long.format(at);
    },
    time: (time) => {
      // A day on which no clock was changed anywhere.
      const at = new Date(`2026-01-15T${time}`);
      return Number.isNaN(at.getTime()) ? time : clock.format(at);
    },
  };
}

export function isSameDay(one: number, other: number): boolean {
  return daysBetween(one, other) === 0;
}

/** Midnights between two moments, in local time. */
function daysBetween(one: number, other: number): number {
  const midnight = (at: number) => new Date(at).setHours(0, 0, 0, 0);
  return Math.round(Math.abs(midnight(other) - midnight(one)) / DAY_MS);
}
