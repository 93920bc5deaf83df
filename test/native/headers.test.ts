import { expect } from 'chai';
import { includesOf, walkHeaders, type HeaderTree } from '../../src/native/headers.js';

const treeOf = (files: Readonly<Record<string, string>>): HeaderTree => ({
  has: (name) => Object.hasOwn(files, name),
  read: (name) => Promise.resolve(Buffer.from(files[name] ?? '')),
});

async function reached(files: Readonly<Record<string, string>>, roots: string[]): Promise<string[]> {
  const names: string[] = [];
  await walkHeaders(treeOf(files), roots, (name) => {
    names.push(name);
    return Promise.resolve();
  });
  return names.sort();
}

describe('the walk along #include lines', () => {
  it('reads quoted and angled includes, indented ones too, and no other lines', () => {
    const source = '#include "a/b.h"\n  #  include <c.h>\n// #include "no.h"\nconst char* s = "#include";\n';
    expect(includesOf(source)).to.deep.equal(['a/b.h', 'c.h']);
  });

  it('takes what the roots reach, through any number of headers, and nothing else', async () => {
    const files = {
      'tensorflow/c/c_api.h': '#include "tensorflow/c/tf_status.h"\n#include <stddef.h>\n',
      'tensorflow/c/tf_status.h': '#include "xla/tsl/c/tsl_status.h"\n',
      'xla/tsl/c/tsl_status.h': '',
      'tensorflow/c/unrelated.h': '',
    };
    expect(await reached(files, ['tensorflow/c/c_api.h'])).to.deep.equal([
      'tensorflow/c/c_api.h',
      'tensorflow/c/tf_status.h',
      'xla/tsl/c/tsl_status.h',
    ]);
  });

  it('finds a header beside the one that includes it', async () => {
    const files = { 'lib/a.h': '#include "b.h"', 'lib/b.h': '', 'b.h': 'another' };
    expect(await reached(files, ['lib/a.h'])).to.deep.equal(['lib/a.h', 'lib/b.h']);
  });

  it('ends on headers that include each other', async () => {
    expect(await reached({ 'a.h': '#include "b.h"', 'b.h': '#include "a.h"' }, ['a.h'])).to.deep.equal([
      'a.h',
      'b.h',
    ]);
  });

  it('leaves out roots that are not in the tree: the system’s and the package’s own', async () => {
    expect(await reached({ 'a.h': '' }, ['a.h', 'node_api.h', 'utils.h'])).to.deep.equal(['a.h']);
  });
});
