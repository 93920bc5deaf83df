// The way imports point (docs/architecture.md). Leaves at the bottom, start.ts and cli.ts on top.
const leaves = ['config', 'errors', 'contracts'];
const mayImport = {
  config: ['errors'],
  errors: [],
  contracts: ['errors'],
  access: [],
  redis: [],
  imaging: [],
  models: [],
  observability: [],
  convert: [],
  native: [],
  inference: ['models'],
  http: ['imaging', 'models', 'observability'],
};

const rules = Object.entries(mayImport).map(([room, others]) => ({
  name: `${room}-imports-downward`,
  comment: `src/${room} may import ${[...new Set([room, ...others, ...(leaves.includes(room) ? [] : leaves)])].join(', ')}`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: {
    path: '^(src|workers)/',
    pathNot: `^src/(${[...new Set([room, ...others, ...(leaves.includes(room) ? [] : leaves)])].join('|')})/`,
  },
}));

module.exports = {
  forbidden: [
    ...rules,
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'app-never-sees-the-engine',
      comment: 'HTTP sees inference only through the Classifier interface in contracts/.',
      severity: 'error',
      from: { path: '^src/(app\\.ts|http/)' },
      to: { path: '(^src/inference/|node_modules/piscina)' },
    },
    {
      name: 'tensorflow-stays-in-its-rooms',
      comment:
        'Only the worker, the native room and the two entry points and the loading of models touch the addon.',
      severity: 'error',
      from: {
        pathNot: '^(src/native/|workers/|src/start\\.ts|src/load-models\\.ts|src/cli\\.ts|src/cli/|test/)',
      },
      to: { path: '(@tensorflow/tfjs-node|^src/native/)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: ['.ts', '.js'] },
  },
};
