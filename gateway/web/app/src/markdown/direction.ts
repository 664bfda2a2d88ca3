/** Gives each block the direction of its own first words; code is always from left to right. */
import type { Root } from 'hast';

export function rehypeDirection() {
  return ({ children }: Root) => {
    for (const block of children) {
      if (block.type === 'element' && block.tagName !== 'pre') block.properties.dir = 'auto';
    }
  };
}
