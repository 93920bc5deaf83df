// The doctor's report as a table for people.
import type { Finding } from './finding.js';

const marks: Readonly<Record<Finding['state'], string>> = { ok: '✓', warning: '!', missing: '✗' };

export function renderFindings(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  const indent = ' '.repeat(width + 4);
  const rows = findings.flatMap(({ name, state, value, remedy }) => [
    `${marks[state]} ${name.padEnd(width)}  ${value.replaceAll('\n', `\n${indent}`)}`,
    ...(remedy === undefined ? [] : [`${indent}→ ${remedy}`]),
  ]);
  return rows.join('\n');
}

export function renderVerdict(findings: readonly Finding[]): string {
  const count = (state: Finding['state']): number =>
    findings.filter((finding) => finding.state === state).length;
  const absent = count('missing');
  const warnings = count('warning');
  if (absent > 0)
    return `Not ready to serve: ${absent} missing${warnings > 0 ? `, ${warnings} to look at` : ''}.`;
  return warnings > 0 ? `Ready to serve; ${warnings} to look at.` : 'Ready to serve.';
}
