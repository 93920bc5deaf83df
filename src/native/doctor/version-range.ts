// The part of semver that package.json's `engines` uses: `^1.2.3` and `>=1.2.3`, joined by `||`.

type Version = readonly [number, number, number];

function parse(text: string): Version {
  const [major = 0, minor = 0, patch = 0] = text.split('.').map((part) => Number.parseInt(part, 10));
  return [major, minor, patch];
}

function compare(left: Version, right: Version): number {
  return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
}

export function satisfies(version: string, range: string): boolean {
  const found = parse(version);
  return range.split('||').some((part) => {
    const [, operator, text = ''] = /^\s*(\^|>=)(\S+)\s*$/.exec(part) ?? [];
    if (operator === undefined)
      throw new RangeError(`A version range is ^x.y.z or >=x.y.z; found ${part.trim()}`);
    const wanted = parse(text);
    return compare(found, wanted) >= 0 && (operator === '>=' || found[0] === wanted[0]);
  });
}
