// Models of handwritten digits have fields of their own in answers, as the service that they come from had.

export const areDigits = (labels: readonly string[]): boolean =>
  labels.length === 10 && labels.every((label, index) => label === String(index));
