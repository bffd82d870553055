import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';

const run = promisify(execFile);
const ROOT = new URL('../../', import.meta.url);

// What each folder may import of ours. `relay` and everything above it are the places where stages meet.
const STAGES = ['discover', 'tail', 'normalize', 'ship'];
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  model: [],
  config: ['model', 'normalize', 'ship'],
  aws: ['model', 'config'],
  discover: ['model', 'aws'],
  tail: ['model', 'aws'],
  normalize: ['model'],
  ship: ['model'],
  checkpoint: ['model'],
  search: ['model'],
  spool: ['model'],
  health: ['model'],
  deploy: ['model', 'aws', 'config'],
  members: ['model', 'aws'],
  console: ['model', 'health'],
  localaws: ['model'],
  relay: ['model', 'config', 'aws', ...STAGES, 'checkpoint', 'search', 'spool', 'health'],
};
const FOLDERS = [...Object.keys(ALLOWED), 'commands', 'demo'];

interface Diagnostic {
  readonly category: string;
  readonly location: { readonly path: string | { readonly file: string } };
}

function pathOf({ location }: Diagnostic): string {
  return typeof location.path === 'string' ? location.path : location.path.file;
}

/** One probe file per pair of folders, in a tree of its own with our rules. */
function writeProbes(tree: string): void {
  const rules = JSON.parse(readFileSync(new URL('biome.json', ROOT), 'utf8'));
  const { $schema: _, ...config } = { ...rules, vcs: { enabled: false } };
  writeFileSync(join(tree, 'biome.json'), JSON.stringify(config));
  for (const folder of FOLDERS) {
    mkdirSync(join(tree, 'agent', folder), { recursive: true });
    writeFileSync(join(tree, 'agent', folder, 'thing.ts'), 'export const thing = 1;\n');
  }
  for (const from of Object.keys(ALLOWED)) {
    for (const to of FOLDERS.filter((folder) => folder !== from)) {
      const probe = `import { thing } from '../${to}/thing.ts';\n\nexport const probe = thing;\n`;
      writeFileSync(join(tree, 'agent', from, `probe-${to}.ts`), probe);
    }
  }
}

/** The linter fails where it finds something, and that is what it is asked for here. */
async function outputOf(running: Promise<{ stdout: string }>): Promise<string> {
  try {
    return (await running).stdout;
  } catch (failed) {
    if (failed instanceof Error && 'stdout' in failed) return String(failed.stdout);
    throw failed;
  }
}

async function restricted(tree: string): Promise<ReadonlySet<string>> {
  const biome = new URL('node_modules/.bin/biome', ROOT).pathname;
  const args = ['lint', '--only=style/noRestrictedImports', '--reporter=json', '--max-diagnostics=none'];
  const stdout = await outputOf(run(biome, args, { cwd: tree, maxBuffer: 1e8 }));
  const { diagnostics }: { diagnostics: Diagnostic[] } = JSON.parse(stdout);
  return new Set(diagnostics.map(pathOf));
}

t.test('the linter holds every arrow of the architecture', async (t) => {
  const tree = t.testdir({});
  writeProbes(tree);

  const refused = await restricted(tree);

  for (const [from, allowed] of Object.entries(ALLOWED)) {
    const wrong = FOLDERS.filter((to) => to !== from).filter((to) => {
      const isRefused = refused.has(`agent/${from}/probe-${to}.ts`);
      return isRefused === allowed.includes(to);
    });
    t.same(wrong, [], `${from} may import ${allowed.join(', ') || 'nothing of ours'}, and nothing else`);
  }
});
