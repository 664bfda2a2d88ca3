/** Finds words in the page's own code that stand in no catalogue. */
import ts from 'typescript';

/** Attributes that somebody reads or hears. */
const READ = new Set([
  'action',
  'alt',
  'aria-description',
  'aria-label',
  'aria-roledescription',
  'aria-valuetext',
  'label',
  'placeholder',
  'sure',
  'title',
  'words',
]);

const HAS_WORD = /\p{L}{2,}/u;
/** Two words of a sentence: neither a class, nor a path, nor a piece of a header. */
const IS_SENTENCE = /(?:^|[\s>])\p{L}[\p{L}’']*,? \p{L}{2,}/u;

/** Each with its line: text between tags, attributes that are read, and whole sentences in strings. */
export function literalsIn(name: string, source: string): string[] {
  const file = ts.createSourceFile(name, source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found: string[] = [];
  const tell = (node: ts.Node, text: string) => {
    const { line } = file.getLineAndCharacterOfPosition(node.getStart());
    found.push(`${name}:${line + 1}: ${text.trim()}`);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isThrowStatement(node)) return;
    if (ts.isJsxText(node)) {
      if (HAS_WORD.test(node.text)) tell(node, node.text);
    } else if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node)) {
      const isRead = HAS_WORD.test(node.text) && isReadAttribute(node);
      if (isRead || (IS_SENTENCE.test(node.text) && !isPlumbing(node))) tell(node, node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function isReadAttribute(node: ts.Node): boolean {
  const { parent } = node;
  return ts.isJsxAttribute(parent) && READ.has(parent.name.getText());
}

/** Names of classes and shapes of icons are lists of words, too. */
function isPlumbing({ parent }: ts.Node): boolean {
  const isAttribute = ts.isJsxAttribute(parent);
  return (
    isAttribute &&
    ['className', 'd', 'rel', 'viewBox', 'preserveAspectRatio'].includes(parent.name.getText())
  );
}
