/**
 * Cuts Markdown where one block surely ends and another begins, so that a growing text is parsed
 * again only in its last piece. Where it is not sure it does not cut.
 */

const FENCE = /^ {0,3}(`{3,}|~{3,})/;
/** At the start of a line: what may belong to the block before the blank line. */
const MAY_CONTINUE = /^(?:\s|[-*+](?:\s|$)|\d{1,9}[.)](?:\s|$))/;
/** Definitions are seen from anywhere in the text. */
const DEFINITION = /^ {0,3}\[[^\]]+\]:/m;

export function splitBlocks(markdown: string): string[] {
  if (DEFINITION.test(markdown)) return [markdown];
  const blocks: string[] = [];
  let start = 0;
  let fence: string | undefined;
  let afterBlank = false;
  for (let at = 0; at < markdown.length;) {
    const newline = markdown.indexOf('\n', at);
    const end = newline < 0 ? markdown.length : newline + 1;
    const line = markdown.slice(at, end).trimEnd();
    if (afterBlank && fence === undefined && line !== '' && !MAY_CONTINUE.test(line)) {
      blocks.push(markdown.slice(start, at));
      start = at;
    }
    fence = fenceAfter(line, fence);
    afterBlank = line === '';
    at = end;
  }
  if (start < markdown.length) blocks.push(markdown.slice(start));
  return blocks;
}

/** The fence that is open after `line`. */
function fenceAfter(line: string, open: string | undefined): string | undefined {
  const indented = open === undefined ? line : line.trimStart();
  const mark = (open === undefined ? FENCE.exec(indented) : /^(`{3,}|~{3,})$/.exec(indented))?.[1];
  if (mark === undefined) return open;
  if (open === undefined) return mark;
  return mark.startsWith(open) ? undefined : open;
}
