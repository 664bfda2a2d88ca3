/**
 * The package as another project gets it: packed, put into a fresh project, and used as its README
 * says, by Node and by a browser's bundler, with all types checked and none skipped.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Answering } from '../../page-tests/gateway/agent.ts';
import { FakeGateway } from '../../page-tests/gateway/gateway.ts';

const run = promisify(execFile);
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const WEB = here('../../');
const STRICT = {
  strict: true,
  skipLibCheck: false,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  target: 'ES2022',
};

let project: string;

/** The README's example of this name. */
async function example(name: string): Promise<string> {
  const readme = await readFile(join(project, 'node_modules/@convene/client/README.md'), 'utf8');
  const code = new RegExp(`\`\`\`ts ${name}\\n([^]*?)\`\`\``).exec(readme)?.[1];
  if (code === undefined) throw new Error(`no example ${name}`);
  return code;
}

/** Checks the types of these files, with these compiler options. */
async function compile(files: string[], options: object): Promise<void> {
  const settings = { compilerOptions: { ...STRICT, ...options }, files };
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify(settings));
  const tsc = join(WEB, 'node_modules/typescript/bin/tsc');
  const { stdout } = await run('node', [tsc, '-p', project]).catch(
    (failure: unknown) => failure as { stdout: string },
  );
  expect(stdout).toBe('');
}

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'convene-client-'));
  const modules = join(project, 'node_modules');
  const target = join(modules, '@convene/client');
  await mkdir(target, { recursive: true });
  await run('npm', ['pack', '--pack-destination', project], { cwd: here('../') });
  const tarball = (await readdir(project)).find((name) => name.endsWith('.tgz')) ?? '';
  await run('tar', ['xzf', join(project, tarball), '-C', target, '--strip-components=1']);
  await mkdir(join(modules, '@types'));
  for (const name of ['ws', 'eventsource-parser', 'undici-types', '@types/ws', '@types/node']) {
    await symlink(join(WEB, 'node_modules', name), join(modules, name));
  }
  await writeFile(join(project, 'package.json'), '{"type":"module"}');
}, 180_000);

afterAll(async () => {
  await rm(project, { recursive: true, force: true });
});

describe('the packed package', () => {
  it('holds no more than it must', async () => {
    const names = await readdir(join(project, 'node_modules/@convene/client'));
    expect(names.sort()).toEqual(['README.md', 'dist', 'package.json', 'src']);
  });

  it('exports nothing that its README does not name', async () => {
    const client = join(project, 'node_modules/@convene/client');
    const readme = await readFile(join(client, 'README.md'), 'utf8');
    const index = await readFile(join(client, 'dist/index.d.ts'), 'utf8');
    const names = Array.from(index.matchAll(/export (?:type )?\{([^}]*)\}/g), ([, list]) => list)
      .flatMap((list) => list?.split(',') ?? [])
      .map((name) => name.trim())
      .filter((name) => name !== '');
    expect(names.length).toBeGreaterThan(30);
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(readme))).toEqual([]);
  });

  it('runs in Node as the README says', async () => {
    for (const name of ['talk', 'events']) {
      await writeFile(join(project, `${name}.ts`), await example(name));
    }
    const node = { module: 'NodeNext', lib: ['ES2023'], types: ['node'] };
    await compile(['talk.ts', 'events.ts'], node);
    const gateway = new FakeGateway();
    const url = await gateway.listen();
    const answering = setInterval(() => {
      const said = gateway.said.pop();
      if (said) new Answering(gateway.log(said.conversation)).answer(`You said: ${said.text}`);
    }, 20);
    try {
      const env = { ...process.env, CONVENE_URL: url };
      const { stdout } = await run('node', [join(project, 'talk.js')], {
        env,
        timeout: 60_000,
      });
      expect(stdout).toBe('You said: Hello!\n');
    } finally {
      clearInterval(answering);
      await gateway.close();
    }
  }, 180_000);

  it('is bundled for a browser as the README says', async () => {
    await writeFile(join(project, 'browser.ts'), await example('browser'));
    const lib = ['ES2023', 'DOM', 'DOM.Iterable'];
    const bundler = { module: 'ESNext', moduleResolution: 'Bundler', noEmit: true, types: [] };
    await compile(['browser.ts'], { ...bundler, lib });
    const { build } = await import('vite');
    const result = await build({
      root: project,
      configFile: false,
      logLevel: 'error',
      build: { write: false, lib: { entry: 'browser.ts', formats: ['es'] } },
    });
    const [output] = Array.isArray(result) ? result : [];
    expect(output?.output[0].code).toContain('/v1/ws');
  }, 180_000);
});
