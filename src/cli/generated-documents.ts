// Documents made from the code's tables, so that they cannot say anything else.
import { CATALOGUE } from '../errors/catalogue.js';
import { settingGroups, settings, type SettingName } from '../config/schema.js';
import type { Operation } from '../http/operation.js';
import { FORMAT_NOTES } from '../imaging/format-notes.js';
import { layerTable } from '../convert/layers/table.js';
import { apiDocument } from './api-document.js';
import { GENERATED, table } from './markdown.js';
import { defaultOf } from './setting-flags.js';

function errors(): string {
  const rows = Object.entries(CATALOGUE).map(([code, { status, title, remedy, retryable }]) => [
    `<a id="${code}"></a>\`${code}\``,
    String(status),
    title,
    remedy,
    retryable ? 'yes' : 'no',
  ]);
  return `${GENERATED}

# Errors

Every refusal is \`application/problem+json\` (RFC 9457) with a stable \`code\`, the \`request_id\`, and what to do about it.
Only what is no HTTP, or has headers too large to be read, is answered by a status alone.
Codes of models and of the command line appear in the log, in \`GET /health\` and on the terminal.

${table(['code', 'status', 'what', 'what to do', 'worth trying again'], rows)}
`;
}

function configuration(): string {
  const groups = Object.entries(settingGroups).map(([title, group]) => {
    const rows = (Object.keys(group) as SettingName[]).map((name) => {
      const fallback = defaultOf(name);
      return [`\`${name}\``, fallback === '' ? '' : `\`${fallback}\``, settings[name].description ?? ''];
    });
    return `## ${title}\n\n${table(['setting', 'default', 'meaning'], rows)}`;
  });
  return `${GENERATED}

# Configuration

Each setting is an environment variable, a line in \`.env\` in the working directory, and a flag of \`h5serve serve\`:
\`MAX_QUEUE\` is \`--max-queue\`. A flag comes before the environment, the environment before \`.env\`, and an empty text means
the default. All are checked at start; every fault is reported at once and stops the process. \`npx h5serve config\` shows
what is in force and where it came from.

With \`MODEL_PATH\`, or \`h5serve serve CHECKPOINT\`, that one model is served and \`MODELS_DIR\` is not looked at. Its name is
the file's name (\`flowers.h5\` is \`flowers\`), or the folder's for a SavedModel and a model of TensorFlow.js. A
\`labels.txt\` and a \`manifest.json\` beside it count unless \`LABELS_PATH\` (\`--labels\`) and \`MANIFEST_PATH\` (\`--manifest\`)
name others. [operations.md](operations.md) explains proxies, keys, tokens, TLS, CORS, rate limits, the cache and Redis.

${groups.join('\n\n')}
`;
}

function images(): string {
  const rows = Object.entries(FORMAT_NOTES);
  return `${GENERATED}

# Pictures

What a file is, its first bytes tell, never its name or its content type. Anything else is refused with 415 and named.

${table(['format', 'what is read'], rows)}

On the way to the model a picture is turned upright by its EXIF orientation; colours with a profile are brought to sRGB,
CMYK without one as Pillow and browsers do it; what is transparent shows \`input.background\`; grey is weighed as Pillow
weighs it; then it is resized, framed and inverted as the [manifest](models.md) says.

**Resizing** means Pillow's filters, shrinking and enlarging, and \`ImageOps.fit\` and \`ImageOps.pad\` for \`cover\` and
\`contain\`. Pictures of up to 16,384 pixels agree with Pillow to the byte, and so do plain JPEGs of up to two megapixels
(baseline, grey or YCbCr, without a colour profile); others are off by 0.2 of 255 on average, by at most 2 (a large page
of fine print by up to 3.5, a picture with transparency by 1 on average). An AVIF is decoded by another library than
Pillow's, which spreads its colours another way: at sharp edges they differ by up to 40.

**Limits.** The pixels that a header claims are compared with \`MAX_IMAGE_MEGAPIXELS\` before any is decoded. At most twice
that is decoded at a time; other pictures wait. Comments in a PNG never reach the decoder. What is damaged or cut off is
refused with 422 and the reason, and so is a PNG of more than 4,096 chunks beside those of its pixels.

**Speed.** Small PNGs, JPEGs and bitmaps are decoded and resized at once in a millisecond at most, plain JPEGs of up to two
megapixels by the decoder inside TensorFlow ([ADR 9](adr/0009-an-addon-of-our-own.md)), others by libvips; both on threads
of their own. All ways decode PNG and JPEG to the same bytes.
`;
}

function kerasSupport(): string {
  const rows = layerTable.flatMap(({ names, options }) => {
    const [name, ...older] = names;
    const heeded = Object.entries(options).map(([option, limits]) =>
      limits === '' ? option : `${option} (${limits})`,
    );
    return [[`${name}${older.length > 0 ? ` (${older.join(', ')})` : ''}`, heeded.join('; ')]];
  });
  return `${GENERATED}

# Keras layers that are converted

Options that act only while training (initializers, regularizers, constraints, rates of dropouts) are ignored.
A layer or an option value outside this table is refused with its name and place.

Python code is never run. A Lambda that only scales (\`lambda x: x / 127.5 - 1\`) is read and becomes a Rescaling, that of
Inception-ResNet becomes its CustomScaleLayer; every other Lambda is refused. Recurrent layers are unrolled.

${table(['layer', 'options heeded'], rows)}
`;
}

/** By path, relative to the project. */
export const generatedDocuments = (operations: readonly Operation[]): Readonly<Record<string, string>> => ({
  'docs/api.md': apiDocument(operations),
  'docs/errors.md': errors(),
  'docs/configuration.md': configuration(),
  'docs/keras-support.md': kerasSupport(),
  'docs/images.md': images(),
});
