/** Leaves of each block what is in it: for a piece whose frame is drawn around all pieces. */
import type { Root } from 'hast';

export function rehypeUnframed() {
  return (root: Root) => {
    root.children = root.children.flatMap((block) =>
      block.type === 'element' ? block.children : [],
    );
  };
}
