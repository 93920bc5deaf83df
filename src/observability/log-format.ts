// How a log entry becomes a line: for people as the Python services wrote it, for machines as JSON.
import type { LogFields } from '../contracts/logger.js';

export interface LogEntry {
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields;
}

/** Python's names, which the log parsers of the systems before this one look for. */
const LEVEL_NAMES: Readonly<Record<string, string>> = { warn: 'WARNING' };

/** `2024-12-13 01:30:45 - h5serve - INFO - message | key: value`, in local time. */
export function humanLine({ level, message, fields }: LogEntry, now = new Date()): string {
  let line = `${localTime(now)} - h5serve - ${LEVEL_NAMES[level] ?? level.toUpperCase()} - ${escapeControls(message)}`;
  for (const key of Object.keys(fields)) {
    const value = fields[key];
    if (value !== undefined) line += ` | ${escapeControls(key)}: ${escapeControls(asText(value))}`;
  }
  return line;
}

export function jsonLine({ level, message, fields }: LogEntry, now = new Date()): string {
  const plain = Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, asPlain(value)]));
  return safeStringify({ ...plain, timestamp: now.toISOString(), level, message });
}

/** One entry, one line: what a client sent must not begin a line of its own or steer a terminal. */
const escapeControls = (text: string): string =>
  text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, (control) => JSON_ESCAPES[control] ?? unicodeEscape(control));

const JSON_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const unicodeEscape = (control: string): string =>
  `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;

function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Error) return value.stack ?? value.message;
  return safeStringify(value);
}

/** JSON.stringify makes `{}` of an Error. */
function asPlain(value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause } = value;
  return { name, message, stack, ...(cause === undefined ? {} : { cause: asPlain(cause) }) };
}

function safeStringify(value: unknown): string {
  try {
    return stringify(value);
  } catch {
    return stringifyWithBigInts(value);
  }
}

function stringifyWithBigInts(value: unknown): string {
  try {
    return stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner));
  } catch (error) {
    return JSON.stringify(`cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function stringify(value: unknown, replace?: (key: string, inner: unknown) => unknown): string {
  // Undefined for functions and symbols, whatever its type says.
  const text: unknown = JSON.stringify(value, replace);
  return typeof text === 'string' ? text : String(value);
}

const two = (part: number): string => String(part).padStart(2, '0');

/** A busy service logs thousands of lines in a second. */
let latest = { second: NaN, text: '' };

function localTime(at: Date): string {
  const second = Math.floor(at.getTime() / 1000);
  if (second !== latest.second) latest = { second, text: inLocalTime(at) };
  return latest.text;
}

const inLocalTime = (at: Date): string =>
  `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ` +
  `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
