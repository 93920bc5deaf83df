/**
 * Takes one thing out of the few that are under way; whether it was there. A Set or a Map that runs empty asks V8 for a new
 * table at every deletion, in the heap for what lives long (docs/adr/0008).
 */
export function remove<T>(from: T[], item: T): boolean {
  const at = from.indexOf(item);
  if (at >= 0) from.splice(at, 1);
  return at >= 0;
}
