import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    // Labs of another suite belong to `npm run test:engines`, which says which: elsewhere they are no test that is skipped.
    exclude: [...configDefaults.exclude, ...(process.env.PETS_TEST_SUITE === undefined ? ['test/lab/suite-lab.test.ts'] : [])],
    // Engines are shared between files, so files run one after another.
    fileParallelism: false,
    // A stranger's machine may be busy beside the engines: there a test has a second try. Here it has none, so that a race is seen.
    retry: process.env.CI === 'true' ? 1 : 0,
    testTimeout: 30_000,
    hookTimeout: 120_000,
    env: { FORCE_COLOR: '0' },
  },
});
