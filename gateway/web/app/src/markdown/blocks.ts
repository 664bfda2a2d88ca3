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

/** A piece of plain words has about this many characters. */
const PIECE = 2000;
/** Characters that mean themselves wherever they stand in a paragraph. */
const PLAIN = /^[\p{L}\p{M}\p{N} \n,;.?'"()…–—-]*/u;
/** Among them, what means something all the same: a link of GFM, a hard break. */
const MEANS = /www\.| {2}\n/i;
/** A whole word, which begins nothing but a paragraph. */
const WORD = /[\p{L}\p{N}]+[ \n]/uy;
/** A line that may begin another block, or make a heading of those above it. */
const NO_MORE = /\n(?:[^\p{L}\p{N}]|\d{1,9}[.)])/u;

/**
 * Cuts a very long paragraph between words before which nothing has a meaning to Markdown: all pieces
 * but the last are text as it is, and only the last has to be parsed. A cut stays while text is added.
 */
export function splitWords(block: string): string[] {
  WORD.lastIndex = 0;
  const isShort = block.length < 2 * PIECE;
  if (isShort || !WORD.test(block) || NO_MORE.test(block.trimEnd())) return [block];
  const plain = plainLength(block);
  const pieces: string[] = [];
  let start = 0;
  for (let at = nextWord(block, PIECE); at > 0; at = nextWord(block, start + PIECE)) {
    if (WORD.lastIndex > plain) break;
    pieces.push(block.slice(start, at));
    start = at;
  }
  return [...pieces, block.slice(start)];
}

function plainLength(block: string): number {
  const { length } = PLAIN.exec(block)?.[0] ?? '';
  const meaning = block.search(MEANS);
  return meaning < 0 ? length : Math.min(length, meaning);
}

/** Where the next word begins; `WORD.lastIndex` is then its end. 0 where there is none yet. */
function nextWord(block: string, from: number): number {
  for (let space = block.indexOf(' ', from); space >= 0; space = block.indexOf(' ', space + 1)) {
    WORD.lastIndex = space + 1;
    if (WORD.test(block)) return space + 1;
  }
  return 0;
}
