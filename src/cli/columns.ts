// Rows of text as columns, each as wide as its widest cell.

export type Align = 'left' | 'right';

export function columns(rows: readonly (readonly string[])[], align: readonly Align[]): readonly string[] {
  const widths = align.map((_, at) => Math.max(0, ...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) =>
    align
      .map((side, at) => {
        const cell = row[at] ?? '';
        return side === 'left' ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0);
      })
      .join('  ')
      .trimEnd(),
  );
}
