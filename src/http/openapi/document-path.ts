// An Express path in OpenAPI's words: `/v1/models/:model\:predict` is `/v1/models/{model}:predict`.

export const documentPath = (path: string): string =>
  path.replaceAll(/(?<!\\):(\w+)/g, '{$1}').replaceAll('\\:', ':');
