import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { Agent } from '../agent/open-agent.ts';
import { failureOf } from '../domain/errors.ts';
import type { TenantOutline, Unstamped } from '../domain/events.ts';

type Emit = (event: Unstamped) => void;
