/** Which row of a list is the first that can be seen below `top`. */
export function firstInSight(list: HTMLElement | null, top: number): HTMLElement | undefined {
  const rows = list?.children;
  if (!rows) return undefined;
  let low = 0;
  let high = rows.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = rows[middle];
    if (row instanceof HTMLElement && row.offsetTop + row.offsetHeight > top) high = middle;
    else low = middle + 1;
  }
  const found = rows[low];
  return found instanceof HTMLElement ? found : undefined;
}
