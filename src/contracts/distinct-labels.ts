// Labels as keys: one that came before (ImageNet has two cranes) is told apart by its index.

const known = new WeakMap<readonly string[], readonly string[]>();

/** As many as there are labels, in their order; made once for each list. */
export function distinctLabels(labels: readonly string[]): readonly string[] {
  const made = known.get(labels);
  if (made !== undefined) return made;
  const keys = new Set<string>();
  for (const [index, label] of labels.entries()) {
    let key = label;
    while (keys.has(key)) key = `${key}#${index}`;
    keys.add(key);
  }
  const distinct = [...keys];
  known.set(labels, distinct);
  return distinct;
}
