// JSON as Python writes it.

/** Throws where it is not JSON even so. */
export function parseConfig(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    const numbered = withJsonNumbers(json);
    if (numbered === json) throw error;
    return JSON.parse(numbered);
  }
}

/** Python writes NaN and Infinity, which JSON does not have; what stands in texts is left alone. */
const withJsonNumbers = (json: string): string =>
  json.replaceAll(/"[^"\\]*(?:\\.[^"\\]*)*"|NaN|Infinity/g, (token) =>
    token === 'NaN' ? 'null' : token === 'Infinity' ? '1e999' : token,
  );
