import { type Cidr, cidrsOverlap, formatCidr } from '../domain/addresses.ts';
import { PetsError } from '../domain/errors.ts';
import { checkSubnet, firstFreeSubnet } from './addresses.ts';
import { takenSubnets } from './wire.ts';

const GUIDE_SUBNET = '192.168.0.0/24';

/**
 * The subnet of a new lab: the wished one, else the guide's, else the next that this machine has neither a route to nor an address in.
 * @throws LAB_FAILED when the wished one is taken, naming by what
 */
export async function chooseSubnet(wish: string | undefined, say: (text: string) => void): Promise<Cidr> {
  const taken = await takenSubnets();
  if (wish !== undefined) return refuseTaken(checkSubnet(wish), taken);
  const free = firstFreeSubnet(taken.map(({ subnet }) => subnet));
  if (free === undefined) {
    throw new PetsError('LAB_FAILED', {
      message: 'this machine has routes to all of 192.168.0.0/16',
      hint: 'name a private subnet of your own: pets-console lab up --subnet 10.77.0.0/24',
    });
  }
  if (formatCidr(free) !== GUIDE_SUBNET) say(`this machine already uses ${GUIDE_SUBNET}, so the lab takes ${formatCidr(free)}`);
  return free;
}

function refuseTaken(wish: Cidr, taken: readonly { subnet: Cidr; device: string }[]): Cidr {
  const owner = taken.find(({ subnet }) => cidrsOverlap(wish, subnet));
  if (owner === undefined) return wish;
  throw new PetsError('LAB_FAILED', {
    message: `subnet ${formatCidr(wish)} overlaps ${formatCidr(owner.subnet)} on ${owner.device} of this machine`,
    hint: 'choose another, or leave --subnet out: pets-console lab up',
  });
}
