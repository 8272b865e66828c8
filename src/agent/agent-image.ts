import { OWN_IMAGE } from '../domain/own-images.ts';

/** Image that holds the agent's program, and the one that names who holds a port. */
export const AGENT_IMAGE = OWN_IMAGE;
