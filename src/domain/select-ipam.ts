import { type Cidr, cidrSize, formatAddress, parseAddress, parseCidr } from './addresses.ts';
import { assignableBlockOf, type Block, type LedgerEntry, ledgerOf, type PoolLedger } from './ipam.ts';
import type { NetworkRow } from './select-networks.ts';

/** One pool of one network, with a letter for each address that somebody holds. */
export interface PoolRow {
  /** Of the network; a network with two pools has two rows of one key. */
  readonly networkKey: string;
  readonly network: NetworkRow;
  readonly pool: PoolLedger;
  readonly entries: readonly AddressRow[];
}

export interface AddressRow extends LedgerEntry {
  /** Stands for the address on the map. */
  readonly letter: string;
  /** Was not held before the network's last change. */
  readonly arrivedLately: boolean;
}

/** The pools of the networks, in the networks' order. */
export function selectPools(networks: readonly NetworkRow[]): readonly PoolRow[] {
  return networks.flatMap((network) => {
    // A swarm's network names its holders by their tasks, and before the change by their containers.
    const identityOf = network.holds === undefined ? identityOfEntry : ({ address }: LedgerEntry) => address;
    const before = new Set(
      network.previous === undefined ? [] : ledgerOf(network.previous).pools.flatMap((pool) => pool.entries.map(identityOf)),
    );
    return ledgerOf(network.live, network.holds).pools.map((pool) => ({
      networkKey: network.key,
      network,
      pool,
      entries: withLetters(pool.entries).map((entry) => ({
        ...entry,
        arrivedLately: network.changedLately && !before.has(identityOf(entry)),
      })),
    }));
  });
}

/** One subnet that several engines hand addresses out of, each unaware of the others. */
export interface SharedSubnet {
  readonly subnet: string;
  readonly networks: readonly NetworkRow[];
}

/** Macvlan pools of several hosts on one subnet, where two engines may hand out the same address: Docker gives from .2 upward on each. */
export function selectSharedSubnets(pools: readonly PoolRow[]): readonly SharedSubnet[] {
  const bySubnet = Map.groupBy(
    pools.filter(({ network }) => network.live.driver === 'macvlan'),
    ({ pool }) => pool.subnet,
  );
  return [...bySubnet].flatMap(([subnet, sharing]) => {
    const clashing = sharing.filter((one) => sharing.some((other) => other.network.host !== one.network.host && overlap(one, other)));
    return clashing.length === 0 ? [] : [{ subnet, networks: clashing.map(({ network }) => network) }];
  });
}

function overlap(one: PoolRow, other: PoolRow): boolean {
  const [first, second] = [assignableBlockOf(one.pool), assignableBlockOf(other.pool)];
  return first !== undefined && second !== undefined && first.first <= second.last && second.first <= first.last;
}

function identityOfEntry(entry: LedgerEntry): string {
  return `${entry.address} ${entry.kind} ${entry.owner}`;
}

/** Of those that are not told apart by a letter of their own. */
const LETTERS: Readonly<Partial<Record<LedgerEntry['kind'], string>>> = {
  gateway: 'G',
  auxiliary: 'x',
  'virtual-ip': 'V',
  'load-balancer': '=',
};
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz';

/** A letter that reminds of the owner where it is still free (`cat-db` → d, `cat-web` → w), else the next one of the alphabet. */
function withLetters(entries: readonly LedgerEntry[]): readonly (LedgerEntry & { readonly letter: string })[] {
  const taken = new Map<string, string>();
  return entries.map((entry) => {
    // Two tasks of a service that has one on each node bear one name.
    const letter = LETTERS[entry.kind] ?? taken.get(entry.owner) ?? freeLetter(entry.owner, new Set(taken.values()));
    if (LETTERS[entry.kind] === undefined) taken.set(entry.owner, letter);
    return { ...entry, letter };
  });
}

function freeLetter(owner: string, taken: ReadonlySet<string>): string {
  // The slot of a task is no word: `cat-db.1` is a db.
  const words = owner
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => /^[a-z]/.test(word));
  const candidates = [words.at(-1)?.[0] ?? '', ...owner.toLowerCase(), ...ALPHABET];
  return candidates.find((letter) => ALPHABET.includes(letter) && letter !== '' && letter !== 'x' && !taken.has(letter)) ?? '▪';
}

/** A cell of the address map. */
export interface MapCell {
  readonly kind: LedgerEntry['kind'] | 'free' | 'outside';
  readonly letter: string;
}

export type MapRow =
  /** Addresses side by side, from `first` on. */
  | { readonly kind: 'cells'; readonly first: string; readonly cells: readonly MapCell[] }
  /** Rows in which nobody holds anything: how many addresses they have, and how many of those Docker may hand out. */
  | { readonly kind: 'folded'; readonly addresses: number; readonly free: number };

/** How many addresses stand in one row of the map: a digit of the last byte in hexadecimal. */
export const MAP_COLUMNS = 16;

/**
 * The pool as a grid, rows without a holder folded into their number. Undefined for IPv6, whose pools are deserts.
 * What Docker hands to nobody is `outside`: network and broadcast address, and all beyond the IP range.
 */
export function addressMap(row: PoolRow): readonly MapRow[] | undefined {
  const subnet = parseCidr(row.pool.subnet);
  const block = assignableBlockOf(row.pool);
  if (subnet === undefined || block === undefined || subnet.family !== 4) return undefined;
  const size = cidrSize(subnet);
  const held = new Map(
    row.entries.flatMap((entry): [bigint, AddressRow][] => {
      const value = parseAddress(entry.address)?.value;
      return value === undefined ? [] : [[value - subnet.first, entry]];
    }),
  );
  const columns = BigInt(MAP_COLUMNS);
  const inhabited = [...new Set([0n, ...[...held.keys()].map((offset) => offset / columns)])]
    .filter((each) => each >= 0n)
    .sort((one, other) => Number(one - other));
  const rows: MapRow[] = [];
  let next = 0n;
  for (const index of inhabited) {
    rows.push(...foldedRow(subnet, block, next * columns, index * columns));
    rows.push(cellsOf(subnet, block, index * columns, held));
    next = index + 1n;
  }
  return [...rows, ...foldedRow(subnet, block, next * columns, size)];
}

/** The addresses from offset `from` up to, not including, `until`, as one row. */
function foldedRow(subnet: Cidr, block: Block, from: bigint, until: bigint): readonly MapRow[] {
  if (until <= from) return [];
  const first = bigMax(subnet.first + from, block.first);
  const last = bigMin(subnet.first + until - 1n, block.last);
  return [{ kind: 'folded', addresses: Number(until - from), free: Number(bigMax(0n, last - first + 1n)) }];
}

function bigMax(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}

function bigMin(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

function cellsOf(subnet: Cidr, block: Block, from: bigint, held: ReadonlyMap<bigint, AddressRow>): MapRow {
  const size = cidrSize(subnet);
  const until = from + BigInt(MAP_COLUMNS) < size ? from + BigInt(MAP_COLUMNS) : size;
  const cells = Array.from({ length: Number(until - from) }, (_, index): MapCell => {
    const offset = from + BigInt(index);
    const entry = held.get(offset);
    if (entry !== undefined) return { kind: entry.kind, letter: entry.letter };
    const value = subnet.first + offset;
    return { kind: block.first <= value && value <= block.last ? 'free' : 'outside', letter: '' };
  });
  return { kind: 'cells', first: formatAddress({ family: 4, value: subnet.first + from }), cells };
}
