import { own } from '../domain/own.ts';
import type { Scenario } from '../domain/scenario.ts';

/** Databases of tenants that are to have several tasks: each task counts by itself, and a hit goes to one of them. */
export function splitCounts({ services, tenants, hosts }: Pick<Scenario, 'services' | 'tenants' | 'hosts'>): readonly string[] {
  return Object.entries(tenants).flatMap(([tenant, { db }]) => {
    const { replicas, placement } = own(services, db)?.deploy ?? { replicas: 1 };
    const tasks = replicas === 'global' ? (placement === undefined ? hosts.length : 1) : replicas;
    if (tasks < 2) return [];
    const remedy = replicas === 'global' ? 'let it have one task' : `--scale ${db}=1`;
    return [
      `${db} is the database of tenant ${tenant} and would have ${tasks} tasks: its count would split, since each counts only the hits that reach it; ${remedy}`,
    ];
  });
}
