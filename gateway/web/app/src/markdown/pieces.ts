/**
 * Cuts a very long block into pieces inside of one frame, so that of a growing one only the last piece
 * is parsed again. Where it is not sure that the pieces mean what the whole means it does not cut. A
 * cut stays while text is added.
 */

export type Pieces =
  | { readonly frame: 'paragraph'; readonly pieces: readonly string[] }
  /** `start`: the number of the first item; of a list without numbers there is none. */
  | {
      readonly frame: 'list';
      readonly start: number | undefined;
      readonly pieces: readonly string[];
    }
  /** Its pieces are text as it is. */
  | { readonly frame: 'code'; readonly language: string; readonly pieces: readonly string[] };

/** A piece has about this many characters; no piece, if there is no second. */
const PIECE = 2000;

/** Undefined where it is best parsed as it is. */
export function piecesOf(block: string): Pieces | undefined {
  if (block.length < 2 * PIECE || block.includes('\r')) return undefined;
  const cut = codePieces(block) ?? listPieces(block) ?? paragraphPieces(block);
  return cut && cut.pieces.length > 1 ? cut : undefined;
}

const OPENING = /^(`{3,}|~{3,})([^\s`]*)[ \t]*\n/;

/** A fenced block means nothing but itself until its fence ends it. */
function codePieces(block: string): Pieces | undefined {
  const [opening, fence = '', language = ''] = OPENING.exec(block) ?? [];
  if (opening === undefined || /[&\\]/.test(language)) return undefined;
  const closing = new RegExp(`^ {0,3}${fence.charAt(0)}{${fence.length},}[ \\t]*$`, 'm');
  const rest = block.slice(opening.length);
  const end = closing.exec(rest);
  if (end && rest.slice(end.index + end[0].length).trim() !== '') return undefined;
  const code = end ? rest.slice(0, end.index) : rest;
  const pieces = cutLines(code.endsWith('\n') ? code : `${code}\n`, () => true);
  return { frame: 'code', language, pieces };
}

const ITEM = /^(?:([-*+])|\d{1,9}([.)])) (?=[\p{L}\p{N}`]|\*{1,2}[\p{L}\p{N}])/u;

/**
 * A tight list is cut between its own items. Nothing but items of the first one's kind, and what is
 * indented as far as an item's text, may be in it.
 */
function listPieces(block: string): Pieces | undefined {
  const signOf = (line: string) => {
    const [mark, bullet, stop] = ITEM.exec(line) ?? [];
    return mark === undefined ? undefined : { sign: bullet ?? stop, width: mark.length };
  };
  const first = signOf(block);
  if (!first) return undefined;
  let { width } = first;
  // Of the last line nobody knows yet what it will be.
  for (const line of block.trimEnd().split('\n').slice(0, -1)) {
    const item = signOf(line);
    if (item && item.sign !== first.sign) return undefined;
    if (item) ({ width } = item);
    else if (line.trim() === '' || !line.startsWith(' '.repeat(width))) return undefined;
  }
  const start = /^\d+/.exec(block)?.[0];
  return {
    frame: 'list',
    start: start === undefined ? undefined : Number(start),
    pieces: cutLines(block, (line) => ITEM.test(line)),
  };
}

/** Pieces of whole lines, each begun by a line that may begin one. */
function cutLines(text: string, mayBegin: (line: string) => boolean): string[] {
  const pieces: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length;) {
    const newline = text.indexOf('\n', at);
    const end = newline < 0 ? text.length : newline + 1;
    if (at - start >= PIECE && newline >= 0 && mayBegin(text.slice(at, end))) {
      pieces.push(text.slice(start, at));
      start = at;
    }
    at = end;
  }
  return start < text.length ? [...pieces, text.slice(start)] : pieces;
}

/** What is settled wherever it stands in a paragraph: plain words, and marks that are complete. */
const SETTLED = new RegExp(
  [
    /(?<plain>(?:[\p{L}\p{M}\p{N} \n,;.?'"()%$=+#…–—-]|[:!](?=[ \n]))+)/u,
    /(?<!`)`[^`\n]+`(?=[^`])/u,
    /(?<=[ \n(])(?<mark>\*{1,2})[\p{L}\p{N}](?:[\p{L}\p{M}\p{N} ,;.'-]*[\p{L}\p{N}])?\k<mark>(?=[ \n,;.?)])/u,
    /(?<=[ \n(])\[[\p{L}\p{M}\p{N} ,;.'-]+\]\(https?:\/\/[\w./?=#%+-]+\)(?=[ \n,;.?)])/u,
  ]
    .map(({ source }) => source)
    .join('|'),
  'uy',
);
/** Among what is plain, what means something all the same: a link of GFM, a hard break. */
const MEANS = /www\.| {2}\n/i;
/** A whole word, which begins nothing but a paragraph. */
const WORD = /[\p{L}\p{N}]+[ \n]/uy;
/** A line that may begin another block, or make a heading of those above it. */
const NO_MORE = /\n(?:[^\p{L}\p{N}]|\d{1,9}[.)])/u;

/** A paragraph is cut between words, where everything before them is settled. */
function paragraphPieces(block: string): Pieces | undefined {
  WORD.lastIndex = 0;
  if (!WORD.test(block) || NO_MORE.test(block.trimEnd())) return undefined;
  const meaning = block.search(MEANS);
  const limit = meaning < 0 ? block.length : meaning;
  const pieces: string[] = [];
  let start = 0;
  for (let at = 0; at < limit; at = SETTLED.lastIndex) {
    SETTLED.lastIndex = at;
    const found = SETTLED.exec(block);
    if (!found) break;
    const end = Math.min(limit, SETTLED.lastIndex);
    if (found.groups?.plain === undefined) continue;
    for (;;) {
      const cut = nextWord(block, Math.max(at, start + PIECE), end);
      if (cut === undefined) break;
      pieces.push(block.slice(start, cut));
      start = cut;
    }
  }
  return { frame: 'paragraph', pieces: [...pieces, block.slice(start)] };
}

/** Where the next word begins that ends before `end`. */
function nextWord(block: string, from: number, end: number): number | undefined {
  for (let space = block.indexOf(' ', from); space >= 0 && space < end;) {
    WORD.lastIndex = space + 1;
    if (WORD.test(block)) return WORD.lastIndex <= end ? space + 1 : undefined;
    space = block.indexOf(' ', space + 1);
  }
  return undefined;
}
