import * as z from 'zod';
import { decodeDocument, parseDocument } from '../domain/document.ts';
import { HOST_NAME, readEndpoint } from './endpoints.ts';

/** One host as a file lists it. */
export interface ListedHost {
  readonly name: string;
  readonly endpoint: string;
  readonly address?: string | undefined;
}

const listedHost = z.strictObject({
  name: z.string().regex(HOST_NAME, 'a host is named with letters, digits, dots, dashes and underscores'),
  endpoint: z.string().superRefine((text, context) => {
    const endpoint = readEndpoint(text);
    if ('problem' in endpoint) context.addIssue({ code: 'custom', message: endpoint.problem });
  }),
  /** The address on which published ports are reached; the endpoint's own where it is left out. */
  address: z.string().min(1).optional(),
});

const hostsFile = z.strictObject({
  hosts: z
    .array(listedHost)
    .min(1, 'at least one host is needed')
    .superRefine((hosts, context) => {
      hosts.forEach(({ name }, index) => {
        if (hosts.findIndex((other) => other.name === name) === index) return;
        context.addIssue({ code: 'custom', path: [index, 'name'], message: `two hosts are named ${name}` });
      });
    }),
});

/** The hosts that a file lists. @throws BAD_FILE with every issue as path:line:column */
export function parseHostsFile(path: string, bytes: Uint8Array): readonly ListedHost[] {
  return parseDocument(path, decodeDocument(path, bytes), hostsFile).hosts;
}
