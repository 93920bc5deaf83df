// How the OpenAPI document describes the bodies that bring pictures.
import type { BodyDocument, JsonSchema } from './operation.js';

const file: JsonSchema = { type: 'string', format: 'binary', description: 'The bytes of a picture.' };
const base64: JsonSchema = {
  type: 'string',
  description: 'A picture in base64, or as a data URL.',
  contentEncoding: 'base64',
};

/** One black pixel: an example that works. */
export const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==';
const EXAMPLE = `data:image/png;base64,${PIXEL}`;

const FORMATS = 'JPEG, PNG, WebP, GIF, AVIF, TIFF or BMP, told by its content, never by a name or header.';

export function batchBody(min: number, max: number): BodyDocument {
  const list = { type: 'array', minItems: min, maxItems: max } as const;
  return {
    description: `${min} to ${max} pictures, as files of a form or in base64. ${FORMATS}`,
    content: {
      'multipart/form-data': {
        schema: {
          type: 'object',
          description: 'The names `file`, `images`, `image`, `files[]` and `images[]` do as well.',
          properties: { files: { ...list, items: file } },
        },
      },
      'application/json': {
        schema: { type: 'object', properties: { images: { ...list, items: base64 } } },
        example: { images: [EXAMPLE, EXAMPLE] },
      },
    },
  };
}

export const onePictureBody: BodyDocument = {
  description: `One picture: as the field \`file\` or \`image\` of a form, as it is, or in base64. ${FORMATS}`,
  content: {
    'multipart/form-data': {
      schema: {
        type: 'object',
        description: 'Exactly one of the two.',
        properties: { file, image: file },
      },
    },
    'application/json': {
      schema: {
        type: 'object',
        required: ['image'],
        properties: { image: { ...base64, examples: [EXAMPLE] } },
      },
      example: { image: EXAMPLE },
    },
    'image/*': { schema: file },
    'application/octet-stream': { schema: file },
  },
};
