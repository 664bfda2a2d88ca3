/** Three in a circle: the sign of the house. */
export function Mark({ size = 44 }: { readonly size?: number }) {
  return <img src="/favicon.svg" width={size} height={size} alt="" />;
}
