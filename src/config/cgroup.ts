// What this process's control groups grant it, version 1 and 2, along its own group and every parent:
// the tightest limit of the path counts, as it does for the kernel.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface Grants {
  /** Processors' worth of time, such as 1.5; Infinity without a quota. */
  readonly quota: number;
  /** Processors that the group may use; Infinity when nothing restricts them. */
  readonly processors: number;
  /** Infinity without a limit. */
  readonly memoryBytes: number;
}

interface Mount {
  readonly version: 1 | 2;
  /** Which folder of the hierarchy is mounted, and where. */
  readonly root: string;
  readonly point: string;
  readonly controllers: readonly string[];
}

const read = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
};

const lines = (file: string): string[] => (read(file) ?? '').split('\n').filter((line) => line !== '');

/** proc(5): `36 35 98:0 /root /mount/point options - type source super-options`. */
function readMounts(root: string): Mount[] {
  return lines(path.join(root, 'proc/self/mountinfo')).flatMap((line): Mount[] => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , mountRoot = '/', point = '/'] = before.split(' ');
    const [type, , options = ''] = after.split(' ');
    if (type !== 'cgroup' && type !== 'cgroup2') return [];
    return [{ version: type === 'cgroup2' ? 2 : 1, root: mountRoot, point, controllers: options.split(',') }];
  });
}

/** cgroups(7): `hierarchy:controllers:path`; version 2 has hierarchy 0 and no controllers. */
function groupPath(root: string, { version }: Mount, controller: string): string | undefined {
  for (const line of lines(path.join(root, 'proc/self/cgroup'))) {
    const [hierarchy, controllers = '', ...rest] = line.split(':');
    const ours =
      version === 2 ? hierarchy === '0' && controllers === '' : controllers.split(',').includes(controller);
    if (ours) return rest.join(':');
  }
  return undefined;
}

/** The group's own folder first, then each parent up to the mount. */
function foldersOf(root: string, mount: Mount, group: string): string[] {
  const top = path.resolve(root, `.${mount.point}`);
  // A container may see its host's path while only its own part is mounted.
  const inside = mount.root !== '/' && group.startsWith(mount.root) ? group.slice(mount.root.length) : group;
  const folders: string[] = [];
  for (
    let folder = path.resolve(top, `./${inside}`);
    folder.startsWith(`${top}/`);
    folder = path.dirname(folder)
  ) {
    // Not visible from in here: then the mount itself is our group.
    if (existsSync(folder)) folders.push(folder);
  }
  return [...folders, top];
}

/** `max`, -1 and version 1's nearly 2^63 all mean no limit. */
function limit(text: string | undefined): number {
  const value = Number(text);
  return text === undefined || text === '' || !(value > 0) || value > 2 ** 60 ? Infinity : value;
}

/** `0-3,7` names five processors. */
export function countProcessors(list: string | undefined): number {
  if (list === undefined || list === '') return Infinity;
  return list.split(',').reduce((sum, range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return sum + last - first + 1;
  }, 0);
}

type Reader = (folder: string) => number;

/** For each controller, what a folder says in version 2 and in version 1. */
const readers = {
  cpu: {
    2: (folder) => {
      const [quota, period] = (read(path.join(folder, 'cpu.max')) ?? '').split(' ');
      return limit(quota) / Number(period ?? 100_000);
    },
    1: (folder) =>
      limit(read(path.join(folder, 'cpu.cfs_quota_us'))) /
      Number(read(path.join(folder, 'cpu.cfs_period_us')) ?? 100_000),
  },
  cpuset: {
    2: (folder) => countProcessors(read(path.join(folder, 'cpuset.cpus.effective'))),
    1: (folder) =>
      countProcessors(
        read(path.join(folder, 'cpuset.effective_cpus')) ?? read(path.join(folder, 'cpuset.cpus')),
      ),
  },
  memory: {
    2: (folder) => limit(read(path.join(folder, 'memory.max'))),
    1: (folder) => limit(read(path.join(folder, 'memory.limit_in_bytes'))),
  },
} as const satisfies Record<string, Record<1 | 2, Reader>>;

export function readGrants(root: string): Grants {
  const mounts = readMounts(root);
  const tightest = (controller: keyof typeof readers): number => {
    const values = mounts
      .filter(({ version, controllers }) => version === 2 || controllers.includes(controller))
      .flatMap((mount) => {
        const group = groupPath(root, mount, controller);
        return group === undefined
          ? []
          : foldersOf(root, mount, group).map(readers[controller][mount.version]);
      });
    return Math.min(Infinity, ...values);
  };
  return { quota: tightest('cpu'), processors: tightest('cpuset'), memoryBytes: tightest('memory') };
}
