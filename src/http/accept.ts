// Which of several formats a client would rather have (RFC 9110, 12.5.1), by media types without their parameters:
// scrapers ask for versions that are named differently from one to the next.

/** The quality that an Accept header gives a type: by its name, else by `type/*`, else by that of any type, else 0. */
export function qualityOf(
  accept: string,
  type: string,
): { readonly quality: number; readonly named: boolean } {
  const ranges = new Map<string, number>();
  // Some scrapers name a type in several versions: the one that they would rather have counts.
  for (const range of accept.split(',', MOST_RANGES)) {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    const quality = weight === undefined ? 1 : Number(weight.slice(2));
    if (quality >= 0 && quality <= 1) ranges.set(name, Math.max(quality, ranges.get(name) ?? 0));
  }
  const named = ranges.get(type);
  if (named !== undefined) return { quality: named, named: true };
  const family = ranges.get(`${type.split('/', 1)[0] ?? ''}/*`);
  return { quality: family ?? ranges.get('*/*') ?? 0, named: false };
}

const MOST_RANGES = 32;
