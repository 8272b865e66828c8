import { PetsError } from '../domain/errors.ts';
import type { Deployment, ServiceDeclaration, VariantDeclaration } from '../domain/scenario.ts';
import { didYouMean } from '../domain/suggest.ts';
import { type GivenDeployment, MOST_REPLICAS } from './inputs.ts';
import type { ServiceEntry, VariantEntry } from './schema.ts';

type Services = Readonly<Record<string, ServiceDeclaration>>;

/** How a swarm runs a service, every default filled in. */
export function deploymentOf({ deploy }: ServiceEntry): Deployment {
  const placement = deploy?.placement?.host;
  return {
    replicas: deploy?.mode === 'global' ? 'global' : (deploy?.replicas ?? 1),
    endpointMode: deploy?.endpoint_mode ?? 'vip',
    ...(placement === undefined ? {} : { placement }),
  };
}

export function normalizeVariant(entry: VariantEntry): VariantDeclaration {
  return {
    summary: entry.summary,
    ...(entry.endpoint_mode === undefined ? {} : { endpointMode: entry.endpoint_mode }),
    ...(entry.publish === undefined ? {} : { publish: entry.publish }),
    global: entry.global ?? [],
  };
}

/** The variant that is asked for, else the preferred one. @throws BAD_USAGE with the ones there are */
export function chooseVariant(
  scenario: string,
  variants: Readonly<Record<string, VariantDeclaration>>,
  { variant, preferredVariant }: GivenDeployment,
): { readonly name: string; readonly changes: VariantDeclaration } | undefined {
  const name = variant ?? preferredVariant;
  const changes = name !== undefined && Object.hasOwn(variants, name) ? variants[name] : undefined;
  if (name !== undefined && changes !== undefined) return { name, changes };
  if (variant === undefined) return undefined;
  const names = Object.keys(variants);
  const known = names.length === 0 ? 'it has none' : `variants: ${names.join(', ')}`;
  throw new PetsError('BAD_USAGE', {
    message: `scenario ${scenario} has no variant ${JSON.stringify(variant)}; ${known}.${didYouMean(variant, names)}`,
    hint: names.length === 0 ? 'leave --variant out' : `--variant ${names[0]}`,
  });
}

/** The services as a variant has them; those on hosts stay as they are. */
export function applyVariant(services: Services, { endpointMode, publish, global }: VariantDeclaration): Services {
  return Object.fromEntries(
    Object.entries(services).map(([name, service]) => {
      const { deploy, ports } = service;
      if (deploy === undefined) return [name, service];
      const changed: Deployment = {
        ...deploy,
        replicas: global.includes(name) ? 'global' : deploy.replicas,
        endpointMode: endpointMode ?? deploy.endpointMode,
      };
      return [
        name,
        { ...service, deploy: changed, ports: publish === undefined ? ports : ports.map((port) => ({ ...port, mode: publish })) },
      ];
    }),
  );
}

/** How many tasks of a service there can be: a port in mode host is had by one task on each host. */
export function mostTasks({ ports, deploy }: ServiceDeclaration, hosts: number): number {
  if (!ports.some(({ mode }) => mode === 'host')) return MOST_REPLICAS;
  return deploy?.placement === undefined ? hosts : 1;
}

/** Those on the swarm that have a number of tasks, and not one on each node. */
export function scalableServices(services: Services): readonly string[] {
  return Object.keys(services).filter((name) => typeof services[name]?.deploy?.replicas === 'number');
}

/** The services with as many tasks as asked for. @throws BAD_USAGE with those that can be scaled */
export function scaleServices(scenario: string, services: Services, scale: Readonly<Record<string, number>>, hosts: number): Services {
  const scalable = scalableServices(services);
  const faults = Object.entries(scale).flatMap(([name, count]) => faultOfScale(name, services, count, hosts) ?? []);
  if (faults.length > 0) {
    const known = scalable.length === 0 ? 'it has none that can be scaled' : `services that can be scaled: ${scalable.join(', ')}`;
    const [mistyped = ''] = Object.keys(scale).filter((name) => !Object.hasOwn(services, name));
    // What publishes a port is what is scaled: a database that is would count twice.
    const example = scalable.find((name) => services[name]?.ports.length !== 0) ?? scalable[0];
    throw new PetsError('BAD_USAGE', {
      message: `scenario ${scenario}: ${faults.join('; ')}; ${known}.${didYouMean(mistyped, scalable)}`,
      hint: example === undefined ? 'leave --scale out' : `--scale ${example}=2`,
    });
  }
  return Object.fromEntries(
    Object.entries(services).map(([name, service]) => {
      const replicas = Object.hasOwn(scale, name) ? scale[name] : undefined;
      return [
        name,
        service.deploy === undefined || replicas === undefined ? service : { ...service, deploy: { ...service.deploy, replicas } },
      ];
    }),
  );
}

function faultOfScale(name: string, services: Services, count: number, hosts: number): string | undefined {
  const service = Object.hasOwn(services, name) ? services[name] : undefined;
  if (service === undefined) return `service ${JSON.stringify(name)} is not known`;
  if (service.deploy === undefined)
    return `service ${name} is on ${service.on}, where there is one of it: only services on the swarm are scaled`;
  if (service.deploy.replicas === 'global') return `service ${name} is global: it has one task on each node`;
  const most = mostTasks(service, hosts);
  if (count > most) return `service ${name} publishes in mode host, one task on each host: ${most} at most, not ${count}`;
  return undefined;
}
