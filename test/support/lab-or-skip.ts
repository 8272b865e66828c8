import { labObstacles } from '../../src/lab/obstacles.ts';

const obstacles = await labObstacles();

/** Tests on a real engine may be skipped only where none is to be had (no root, no Linux), loudly, and never in CI. */
export const skipWithoutLab = obstacles.length > 0 && process.env.CI !== 'true';
if (skipWithoutLab) console.warn(`SKIPPED: no lab can be made here: ${obstacles.map(({ message }) => message).join('; ')}`);
