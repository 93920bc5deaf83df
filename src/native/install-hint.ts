// The command that installs a missing tool, in the words of the system's own package manager.
import { readFileSync } from 'node:fs';

export type Tool = 'python' | 'pip' | 'compiler' | 'make';

interface Manager {
  /** IDs in /etc/os-release: the system's own, or one that it says it is like. */
  readonly systems: readonly string[];
  readonly install: string;
  readonly packages: Readonly<Record<Tool, string>>;
}

const debian: Manager = {
  systems: ['debian', 'ubuntu'],
  install: 'apt-get install',
  packages: { python: 'python3', pip: 'python3-pip', compiler: 'g++', make: 'make' },
};

const managers: readonly Manager[] = [
  debian,
  {
    systems: ['fedora', 'rhel', 'centos', 'amzn'],
    install: 'dnf install',
    packages: { python: 'python3', pip: 'python3-pip', compiler: 'gcc-c++', make: 'make' },
  },
  {
    systems: ['arch'],
    install: 'pacman -S',
    packages: { python: 'python', pip: 'python-pip', compiler: 'gcc', make: 'make' },
  },
  {
    systems: ['suse', 'opensuse'],
    install: 'zypper install',
    packages: { python: 'python3', pip: 'python3-pip', compiler: 'gcc-c++', make: 'make' },
  },
];

export function systemIds(osRelease: string): string[] {
  const value = (key: string): string =>
    new RegExp(`^${key}=["']?([^"'\\n]*)`, 'm').exec(osRelease)?.[1] ?? '';
  return [value('ID'), ...value('ID_LIKE').split(/\s+/)].filter((id) => id !== '');
}

function readOsRelease(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return '';
  }
}

/** One command for all the tools given; on an unknown system, what Debian calls them. */
export function installHint(tools: Tool | readonly Tool[], osRelease = readOsRelease()): string {
  const wanted = typeof tools === 'string' ? [tools] : tools;
  const ids = systemIds(osRelease);
  const known = managers.find(({ systems }) => ids.some((id) => systems.includes(id)));
  const { install, packages } = known ?? debian;
  const command = `\`${install} ${wanted.map((tool) => packages[tool]).join(' ')}\``;
  return known === undefined
    ? `Install with your package manager; on Debian: ${command}`
    : `Run ${command} as root`;
}
