import { parseArgs } from 'node:util';
import { benchBridge } from './bench/bridge.ts';
import { benchModels } from './bench/models.ts';

const BENCHES: Readonly<Record<string, (runs: number, only: readonly string[]) => Promise<void>>> = {
  bridge: benchBridge,
  models: benchModels,
};

const { values, positionals } = parseArgs({ allowPositionals: true, options: { runs: { type: 'string', default: '10' } } });
const [name = '', ...only] = positionals;
const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
if (bench === undefined) {
  process.stderr.write(`bench '${name}' is not known; benches: ${Object.keys(BENCHES).join(', ')}\n  npm run bench -- bridge --runs 10\n`);
  process.exit(2);
}
await bench(Number(values.runs), only);
