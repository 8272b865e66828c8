/** An ID as people write it, a name as it is: for messages. */
export function shownName(idOrName: string): string {
  return /^[0-9a-f]{64}$/.test(idOrName) ? idOrName.slice(0, 12) : idOrName;
}
