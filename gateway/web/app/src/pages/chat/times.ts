/** Times as people say them, in the browser's language. */

const clock = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
const date = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'short' });
const fullDate = new Intl.DateTimeFormat(undefined, {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
});
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: 'long', timeStyle: 'short' });
const everything = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' });

const DAY_MS = 86_400_000;

export const clockTime = (at: number) => clock.format(at);
export const wholeTime = (at: number) => whole.format(at);
export const exactTime = (at: number) => everything.format(at);

/** The hour today, the weekday this week, the date before. */
export function shortTime(at: number, now = Date.now()): string {
  const days = daysBetween(at, now);
  if (days === 0) return clock.format(at);
  return days < 7 ? weekday.format(at) : date.format(at);
}

export function dayName(at: number, now = Date.now()): string {
  const days = daysBetween(at, now);
  if (days === 0) return 'Today';
  return days === 1 ? 'Yesterday' : fullDate.format(at);
}

export function isSameDay(one: number, other: number): boolean {
  return daysBetween(one, other) === 0;
}

/** Midnights between two moments, in local time. */
function daysBetween(one: number, other: number): number {
  const midnight = (at: number) => new Date(at).setHours(0, 0, 0, 0);
  return Math.round(Math.abs(midnight(other) - midnight(one)) / DAY_MS);
}
