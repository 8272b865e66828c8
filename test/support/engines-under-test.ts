import { parseSuite, type SuiteWish } from '../../src/lab/suites.ts';

/** Which engines the labs of the tests are made of: this machine's own, unless `npm run test:engines` says otherwise. */
export function enginesUnderTest(): SuiteWish {
  const { PETS_TEST_SUITE, PETS_TEST_MIXED } = process.env;
  if (PETS_TEST_SUITE === undefined) return {};
  return { suite: parseSuite(PETS_TEST_SUITE), ...(PETS_TEST_MIXED === 'yes' && { mixed: true }) };
}
