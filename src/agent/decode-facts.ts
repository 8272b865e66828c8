import type { HostFacts, HostInterface, HostRoute, ListeningSocket, ModuleState, Neighbour } from '../domain/host-facts.ts';
import { cleanText } from '../domain/text.ts';
import {
  type Body,
  choiceField,
  integerField,
  numberField,
  objectList,
  optionalText,
  protocolError,
  textField,
  textList,
} from './fields.ts';

const ANY_TEXT = /^/;
const MAC = /^([0-9a-f]{2}(:[0-9a-f]{2})*)?$/i;
const ADDRESS = /^[0-9a-fA-F.:/]*$/;
const KIND = /^[A-Za-z0-9_-]+$/;
const MODULE_STATES = ['present', 'loadable', 'absent', 'unknown'] as const;
/** More than an answer has room for. */
const MAX_COUNT = 10_000;

/** What a look answered, every field checked and every text safe to show. @throws PROTOCOL */
export function decodeFacts(body: Body): HostFacts {
  return {
    interfaces: objectList(body, 'interfaces', MAX_COUNT, decodeInterface),
    routes: objectList(body, 'routes', MAX_COUNT, decodeRoute),
    listening: objectList(body, 'listening', MAX_COUNT, decodeSocket),
    neighbours: objectList(body, 'neighbours', MAX_COUNT, decodeNeighbour),
    modules: decodeModules(body.modules),
    kernelVersion: shown(body, 'kernelVersion'),
    freeBytes: numberField(body, 'freeBytes', 0, Number.MAX_SAFE_INTEGER),
    truncated: textList(body, 'truncated', /^[a-z]+$/, 8),
  };
}

function decodeInterface(body: Body): HostInterface {
  const kind = optionalText(body, 'kind', KIND, 64);
  return {
    name: shown(body, 'name'),
    up: body.up === true,
    macAddress: textField(body, 'macAddress', MAC, 64),
    mtu: integerField(body, 'mtu', 0, 2 ** 32),
    addresses: textList(body, 'addresses', ADDRESS, MAX_COUNT),
    ...(kind === undefined ? {} : { kind }),
  };
}

function decodeRoute(body: Body): HostRoute {
  return {
    destination: textField(body, 'destination', ADDRESS, 64),
    device: shown(body, 'device'),
    gateway: textField(body, 'gateway', ADDRESS, 64),
  };
}

function decodeSocket(body: Body): ListeningSocket {
  return {
    protocol: choiceField(body, 'protocol', ['tcp', 'udp']),
    address: textField(body, 'address', ADDRESS, 64),
    port: integerField(body, 'port', 0, 65_535),
    uid: integerField(body, 'uid', 0, 2 ** 32),
  };
}

function decodeNeighbour(body: Body): Neighbour {
  const lastMacAddress = optionalText(body, 'lastMacAddress', MAC, 64);
  return {
    address: textField(body, 'address', ADDRESS, 64),
    macAddress: optionalText(body, 'macAddress', MAC, 64),
    ...(lastMacAddress === undefined ? {} : { lastMacAddress }),
    device: shown(body, 'device'),
  };
}

function decodeModules(value: unknown): Readonly<Record<string, ModuleState>> {
  if (typeof value !== 'object' || value === null) throw protocolError("field 'modules' is not an object");
  const modules: Body = { ...value };
  return Object.fromEntries(Object.keys(modules).map((name) => [cleanText(name), choiceField(modules, name, MODULE_STATES)]));
}

function shown(body: Body, key: string): string {
  return cleanText(textField(body, key, ANY_TEXT, 255));
}
