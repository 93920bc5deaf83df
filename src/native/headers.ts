// Which headers the addon's sources need: follows `#include` lines, so that a few dozen of the wheel's
// thousands of headers are unpacked.
import path from 'node:path';

/** `<...>` too: TensorFlow includes some of its own headers that way; the system's are not found and skipped. */
export const includesOf = (source: string): string[] =>
  [...source.matchAll(/^[ \t]*#[ \t]*include[ \t]*["<]([^">\n]+)[">]/gm)].map((match) => match[1] ?? '');

export interface HeaderTree {
  has(name: string): boolean;
  read(name: string): Promise<Buffer>;
}

/**
 * Hands each header that `roots` reach, once, to `found`. Names are relative to the include folder;
 * a quoted include may also be relative to the file that includes it.
 */
export async function walkHeaders(
  tree: HeaderTree,
  roots: readonly string[],
  found: (name: string, content: Buffer) => Promise<void>,
): Promise<number> {
  const seen = new Set<string>();
  const open = roots.filter((name) => tree.has(name));
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const content = await tree.read(name);
    await found(name, content);
    for (const include of includesOf(content.toString('utf8'))) {
      const beside = path.posix.join(path.posix.dirname(name), include);
      const next = [beside, include].find((candidate) => tree.has(candidate));
      if (next !== undefined && !seen.has(next)) open.push(next);
    }
  }
  return seen.size;
}
