import { accessSync, constants, statSync } from 'node:fs';
import * as z from 'zod';
import { cidrContains, formatCidr, parseAddress, parseCidr } from '../domain/addresses.ts';
import { decodeDocument, parseDocument } from '../domain/document.ts';
import type { DocumentIssue } from '../domain/document-issues.ts';
import type { Underlay } from '../domain/scenario.ts';
import { contextNameIn, HOST_NAME, readEndpoint } from './endpoints.ts';

const NO_ADDRESS = 'expected an address or the name of a host, without a port';
const path = z.string().min(1).max(4096);

const tls = z.strictObject({
  ca: path.optional().meta({ description: "The authority that signed the engine's certificate; the system's own when left out." }),
  cert: path.optional().meta({ description: 'Our certificate, where the engine asks for one; with `key`.' }),
  key: path.optional(),
  verify: z
    .boolean()
    .optional()
    .meta({ description: "false: take any certificate of the engine's. Anybody in between can then pose as it." }),
});

const ssh = z.strictObject({
  identityFile: path.optional().meta({ description: 'The key to offer, beside those of the ssh configuration.' }),
  knownHostsFile: path.optional().meta({ description: "Where the host's key is known from, instead of ~/.ssh/known_hosts." }),
});

const listedHost = z.strictObject({
  name: z.string().regex(HOST_NAME, 'a host is named with letters, digits, dots, dashes and underscores'),
  endpoint: z
    .string()
    .meta({ description: 'unix:///PATH, tcp://HOST:PORT, ssh://USER@HOST[:PORT][/PATH/TO/docker.sock] or context:NAME' })
    .superRefine((text, context) => {
      if (contextNameIn(text)) return;
      const endpoint = readEndpoint(text);
      if ('problem' in endpoint) context.addIssue({ code: 'custom', message: endpoint.problem });
    }),
  address: z
    .string()
    .regex(/^[A-Za-z0-9_.:-]{1,253}$/, NO_ADDRESS)
    .refine((text) => !text.includes(':') || parseAddress(text) !== undefined, NO_ADDRESS)
    .optional()
    .meta({ description: "Where published ports are reached, on the network that the hosts share; the endpoint's own when left out." }),
  parent: z
    .string()
    .regex(/^[^\s/:]{1,15}$/, 'an interface is named with up to 15 characters, without blanks, slashes and colons')
    .optional()
    .meta({ description: 'The interface that macvlan networks bind to; eth0 when left out.' }),
  readOnly: z.boolean().optional().meta({ description: 'Nothing may be changed there.' }),
  tls: tls.optional(),
  ssh: ssh.optional(),
});

const underlay = z.strictObject({
  subnet: z.string().superRefine((text, context) => {
    const subnet = parseCidr(text);
    const first = parseAddress(text.split('/')[0] ?? '');
    if (subnet !== undefined && first?.value === subnet.first) return;
    const message =
      subnet === undefined
        ? 'expected a subnet, such as 192.168.0.0/24'
        : `${text} is an address inside a subnet, not a subnet; did you mean ${formatCidr(subnet)}?`;
    context.addIssue({ code: 'custom', message });
  }),
  gateway: z
    .string()
    .refine((text) => parseAddress(text) !== undefined, 'expected an address, such as 192.168.0.1')
    .optional(),
});

const hostsFile = z
  .strictObject({
    underlay: underlay.optional().meta({ description: 'The physical network that the hosts share.' }),
    hosts: z.array(listedHost).min(1, 'at least one host is needed'),
  })
  .meta({ title: 'A pets-console hosts file, version 1', description: 'Paths of files are relative to this file; ~/ is the home folder.' });

/** One host as a file lists it; paths of files are relative to that file. */
export type ListedHost = z.infer<typeof listedHost>;

export interface HostsFile {
  readonly hosts: readonly ListedHost[];
  readonly underlay?: Underlay;
}

/** The JSON Schema of a hosts file, made from the one schema that also reads it. */
export function hostsJsonSchema(): object {
  return z.toJSONSchema(hostsFile, { target: 'draft-2020-12', io: 'input' });
}

/** The hosts that a file lists, and their network; `fileAt` says which file a path in it means. @throws BAD_FILE with every issue as path:line:column */
export function parseHostsFile(filePath: string, bytes: Uint8Array, fileAt: (text: string) => string): HostsFile {
  const references = { schema: hostsFileParts, check: (parts: HostsFileParts) => checkFit(parts, fileAt) };
  const { hosts, underlay } = parseDocument(filePath, decodeDocument(filePath, bytes), hostsFile, { references });
  if (underlay === undefined) return { hosts };
  const { subnet, gateway } = underlay;
  return { hosts, underlay: { subnet, ...(gateway === undefined ? {} : { gateway }) } };
}

/** The parts that have to fit together, each optional: what is broken elsewhere does not hide what does not fit. */
const hostsFileParts = z.looseObject({
  underlay: underlay.optional(),
  hosts: z.array(listedHost.partial()).optional(),
});
type HostsFileParts = z.infer<typeof hostsFileParts>;
type PartialHost = NonNullable<HostsFileParts['hosts']>[number];

function checkFit({ hosts = [], underlay: shared }: HostsFileParts, fileAt: (text: string) => string): DocumentIssue[] {
  const twice = hosts.flatMap(({ name }, index) => {
    if (name === undefined || hosts.findIndex((other) => other.name === name) === index) return [];
    return [{ path: ['hosts', index, 'name'], message: `two hosts are named ${name}` }];
  });
  return [...checkUnderlay(shared), ...twice, ...hosts.flatMap((host, index) => checkHost(host, ['hosts', index], fileAt))];
}

function checkUnderlay(shared: HostsFileParts['underlay']): DocumentIssue[] {
  const subnet = parseCidr(shared?.subnet ?? '');
  const gateway = parseAddress(shared?.gateway ?? '');
  if (subnet === undefined || gateway === undefined || cidrContains(subnet, gateway)) return [];
  return [{ path: ['underlay', 'gateway'], message: `the gateway is not in the subnet ${shared?.subnet}` }];
}

function checkHost(host: PartialHost, at: readonly PropertyKey[], fileAt: (text: string) => string): DocumentIssue[] {
  const issues: DocumentIssue[] = [];
  const note = (key: string, message: string) => issues.push({ path: [...at, key], place: 'key', message });
  const { endpoint = '', tls: certificates, ssh: files } = host;
  if (certificates !== undefined && !endpoint.startsWith('tcp://')) note('tls', 'TLS is spoken with tcp:// endpoints only');
  if (files !== undefined && !/^(?:ssh:\/\/|context:)/.test(endpoint)) note('ssh', 'these are for ssh:// endpoints only');
  if ((certificates?.cert === undefined) !== (certificates?.key === undefined)) note('tls', 'cert and key are needed both, or neither');
  for (const [part, texts] of Object.entries({ tls: { ...certificates, verify: undefined }, ssh: { identityFile: files?.identityFile } })) {
    for (const [key, text] of Object.entries(texts)) {
      const problem = text === undefined ? undefined : whyNotReadable(fileAt(text));
      if (problem !== undefined) issues.push({ path: [...at, part, key], message: problem });
    }
  }
  return issues;
}

function whyNotReadable(file: string): string | undefined {
  try {
    if (statSync(file).isDirectory()) return `${file} is a folder`;
    accessSync(file, constants.R_OK);
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT' ? `there is no file ${file}` : `${file} cannot be read`;
  }
}
