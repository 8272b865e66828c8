import * as z from 'zod';
import { PLAIN_NAME, PLAIN_NAME_RULE } from '../domain/plain-name.ts';
import { ENDPOINT_MODES, FAILINGS, MODELS, NETWORK_DRIVERS, PUBLISH_MODES } from '../domain/scenario.ts';
import { didYouMean } from '../domain/suggest.ts';
import { LONGEST_INPUT, MOST_REPLICAS } from './inputs.ts';
import { parseShortPort } from './published-port.ts';

/** Version 1 of the scenario format. Compose's words wherever Compose has one; ours are model, project, inputs, hosts, swarm, on, tenants, expect, variants. */

/** Docker's rule for names of containers, no longer than a DNS label. */
const serviceName = z
  .string()
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,62}$/, 'a name is 2 to 63 letters, digits, "_", "." or "-", and starts with a letter or digit');
const networkName = z
  .string()
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}$/, 'a name is 1 to 63 letters, digits, "_", "." or "-", and starts with a letter or digit');
const roleName = z
  .string()
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9_-]{0,62}$/, 'a host is 1 to 63 letters, digits, "_" or "-", and starts with a letter or digit');
const plainName = z.string().regex(PLAIN_NAME, `a name is ${PLAIN_NAME_RULE}`);
const sentence = z.string().min(1).max(2000);
const text = z.string().max(4096);
const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_.-]*$/, 'a variable is letters, digits, "_", "." or "-", and starts with a letter or "_"');
const inputName = z
  .string()
  .regex(
    /^[a-z][a-z0-9_-]{0,62}(\.[a-z][a-z0-9_-]{0,62}){0,3}$/,
    'an input is named with words of small letters, digits, "_" or "-", with dots between them: underlay.subnet',
  );
const onRole = roleName
  .optional()
  .meta({ description: 'The role of the host it runs on, or swarm; may be left out where there is one host only.' });

const pool = z.strictObject({
  subnet: z.string().meta({ description: '10.1.0.0/24' }),
  gateway: z.string().optional().meta({ description: '10.1.0.1; the engine chooses when left out.' }),
  ip_range: z.string().optional().meta({ description: 'The part of the subnet that containers get addresses from.' }),
  aux_addresses: z.record(networkName, z.string()).optional().meta({ description: 'Addresses that no container may get, by name.' }),
});

const network = z.strictObject({
  on: z
    .union([roleName, z.array(roleName).min(1).max(64)])
    .optional()
    .meta({
      description:
        'The roles of the hosts that it is made on, on each a network of its own; may be left out where there is one host only. An overlay is on the swarm, and names none.',
    }),
  driver: z.enum(NETWORK_DRIVERS).optional(),
  driver_opts: z.record(z.string().min(1), z.union([z.string(), z.number(), z.boolean()])).optional(),
  internal: z.boolean().optional().meta({ description: 'No way out of the network, and no published ports.' }),
  enable_ipv6: z.boolean().optional(),
  attachable: z.boolean().optional().meta({ description: 'Of an overlay: containers that are no tasks may join it too.' }),
  ipam: z.strictObject({ config: z.array(pool).min(1).max(16) }).optional(),
});

const shortPort = z
  .string()
  .meta({ description: '[HOST_IP:]PUBLISHED:TARGET[/tcp|udp]' })
  .superRefine((written, context) => {
    const parsed = parseShortPort(written);
    if (typeof parsed === 'string') context.addIssue({ code: 'custom', message: parsed });
  });
const portNumber = z.int().min(1).max(65535);
const longPort = z.strictObject({
  target: portNumber.meta({ description: 'The port inside the container.' }),
  published: portNumber.meta({ description: 'The port on the host.' }),
  host_ip: z.string().optional().meta({ description: 'The one address of the host that it is published on; every one when left out.' }),
  protocol: z.enum(['tcp', 'udp']).optional(),
  mode: z.enum(PUBLISH_MODES).optional().meta({
    description: 'On the swarm: ingress, on every node through the routing mesh, or host, on the nodes that a task runs on.',
  }),
});

const attachment = z.strictObject({
  ipv4_address: z.string().optional().meta({ description: '10.1.0.5' }),
  aliases: z.array(networkName).max(32).optional(),
});

const deploy = z.strictObject({
  mode: z
    .enum(['replicated', 'global'])
    .optional()
    .meta({ description: 'A number of tasks, or one on each node; replicated when left out.' }),
  replicas: z.int().min(0).max(MOST_REPLICAS).optional().meta({ description: 'How many tasks; 1 when left out.' }),
  endpoint_mode: z.enum(ENDPOINT_MODES).optional().meta({
    description: 'What the name leads to: vip, a virtual IP before the tasks, or dnsrr, the tasks themselves in turn; vip when left out.',
  }),
  placement: z.strictObject({ host: roleName.meta({ description: 'The role of the only host that takes its tasks.' }) }).optional(),
});

const service = z.strictObject({
  image: z.string().regex(/^[^\s-]\S{0,254}$/, 'an image is a reference such as redis, redis:7 or registry:5000/team/web:1'),
  on: onRole,
  networks: z
    .union([z.array(networkName), z.record(networkName, attachment.nullable())])
    .optional()
    .meta({ description: "Without any it is on Docker's default network, bridge, where names are not resolved." }),
  ports: z
    .array(z.union([shortPort, longPort]))
    .max(256)
    .optional(),
  environment: z
    .union([
      z.record(variableName, z.union([text, z.number()])),
      z.array(
        z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]*=/, 'expected NAME=value; a variable without a value is not taken from your shell'),
      ),
    ])
    .optional(),
  command: z
    .union([z.string().regex(/^[^"'\\`]*$/, 'a command with quotes is written as a list, one word an entry'), z.array(text).min(1)])
    .optional(),
  extra_hosts: z
    .union([
      z.array(z.string().regex(/^[^\s:=]+[:=]\S+$/, 'expected NAME:ADDRESS')),
      z.record(z.string().regex(/^[^\s:=]+$/, 'a host name has no spaces, ":" or "="'), z.string().min(1)),
    ])
    .optional(),
  deploy: deploy.optional().meta({ description: 'How the swarm runs it; of a service that is on: swarm only.' }),
});

const variant = z.strictObject({
  summary: sentence.meta({ description: 'What is different, and for which hosts it is.' }),
  endpoint_mode: z.enum(ENDPOINT_MODES).optional().meta({ description: 'Of every service on the swarm.' }),
  publish: z.enum(PUBLISH_MODES).optional().meta({ description: 'The mode of every port that is published on the swarm.' }),
  global: z.array(serviceName).max(64).optional().meta({ description: 'Services that get one task on each node.' }),
});

const tenant = z.strictObject({
  web: serviceName.meta({ description: 'The service that serves the pages.' }),
  db: serviceName.meta({ description: 'The service that counts the hits.' }),
  url: text.meta({ description: `Where its page is asked for; may hold \${host-A.address}.` }),
});

const target = z.string().regex(/^\S+:(\d{1,5}|\$\{[^}]+\})$/, `expected NAME:PORT, such as cat-db:6379 or \${host-A.address}:8000`);
const from = serviceName.meta({
  description: 'Where it is asked from: a service, the role of a host, or console, the machine that runs pets-console.',
});
const failing = z.enum(FAILINGS);
const expectation = z
  .strictObject({
    reach: z.strictObject({ from, to: z.union([target, z.array(target).min(1)]) }).optional(),
    deny: z
      .strictObject({
        from,
        to: target,
        control: target.meta({
          description: 'What `from` must reach in the same round, so that silence proves a denial and not a dead wire.',
        }),
      })
      .optional(),
    fails: z
      .strictObject({
        from,
        to: target,
        how: z
          .union([failing, z.array(failing).min(1)])
          .optional()
          .meta({ description: 'The ways in which it may fail; any when left out.' }),
        control: target.meta({ description: 'What `from` must reach in the same round.' }),
        because: sentence.meta({ description: 'Why it fails: what the model teaches here.' }),
      })
      .optional()
      .meta({ description: 'A connection that cannot work with this model: no isolation that somebody wants, but how it is.' }),
    seen: z
      .strictObject({
        from,
        at: target.meta({ description: 'The database as `from` asks for it.' }),
        as: z.string().min(1).meta({ description: 'The address that the database sees it come from.' }),
      })
      .optional()
      .meta({ description: 'Who a connection looks like where it arrives: a masquerade, or its absence.' }),
    http: z.strictObject({ url: text, status: z.int().min(100).max(599).optional(), tenant: plainName.optional() }).optional(),
  })
  .refine((one) => Object.keys(one).length === 1, 'expected exactly one of reach, deny, fails, seen, http');

const input = z.strictObject({
  default: z.union([z.string().min(1).max(LONGEST_INPUT), z.number()]).meta({ description: 'May name the inputs before it.' }),
  description: sentence,
});

const model = z.enum(MODELS, {
  error: ({ input: written }) => {
    if (written === undefined) return undefined;
    return `model ${JSON.stringify(written)} is not known; models: ${MODELS.join(', ')}.${didYouMean(String(written), MODELS)}`;
  },
});

/** The parts of a file that refer to each other. */
const parts = {
  inputs: z.record(inputName, input).meta({
    description: `What the user may choose with --set NAME=VALUE; used as \${NAME}, and \${NAME.4} is the fourth address of a subnet.`,
  }),
  hosts: z.array(roleName).min(1).max(64).meta({ description: 'Roles, bound to real hosts when it runs.' }),
  swarm: z.literal('required').meta({
    description: 'The hosts are nodes of one swarm: of the one that they are in, else of one that is made.',
  }),
  networks: z.record(networkName, network.nullable()),
  services: z.record(serviceName, service),
  tenants: z.record(plainName, tenant),
  expect: z.array(expectation).max(1000),
  variants: z.record(plainName, variant).meta({ description: 'Other ways to deploy the same, chosen with --variant NAME.' }),
};

/** Just those parts, each optional: what is compared when the rest of the file is broken. */
export const scenarioPartsSchema = z.object(parts).partial();
export type ScenarioParts = z.infer<typeof scenarioPartsSchema>;

export const scenarioFileSchema = z
  .strictObject({
    version: z.literal(1),
    name: plainName,
    project: plainName.optional().meta({ description: 'Things deployed together; the name of the scenario when left out.' }),
    model,
    title: sentence,
    summary: sentence.optional().meta({ description: 'One paragraph on what it teaches.' }),
    benefits: z.array(sentence).optional(),
    limits: z.array(sentence).optional(),
    pitfalls: z.array(sentence).optional().meta({ description: 'What goes wrong most with this way to deploy, and how it shows.' }),
    ...parts,
    inputs: parts.inputs.optional(),
    networks: parts.networks.optional(),
    tenants: parts.tenants.optional(),
    expect: parts.expect.optional(),
    swarm: parts.swarm.optional(),
    variants: parts.variants.optional(),
  })
  .meta({ title: 'A pets-console scenario, version 1' });

export type ScenarioFile = z.infer<typeof scenarioFileSchema>;
export type NetworkEntry = ScenarioFile['networks'] extends Readonly<Record<string, infer Entry>> | undefined ? Entry : never;
export type ServiceEntry = z.infer<typeof service>;
export type VariantEntry = z.infer<typeof variant>;
export type ExpectationEntry = z.infer<typeof expectation>;
