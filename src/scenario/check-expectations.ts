import { isIP } from 'node:net';
import type { DocumentIssue } from '../domain/document-issues.ts';
import { CONSOLE, checkName, type Names } from './check-names.ts';
import { hasReferences, withStandIns } from './interpolate.ts';
import type { ExpectationEntry } from './schema.ts';

type Path = readonly PropertyKey[];

/** Everybody whom an expectation names, checked against what the file holds. */
export function checkExpectation(entry: ExpectationEntry, path: Path, names: Names): DocumentIssue[] {
  const { reach, deny, fails, seen, http } = entry;
  const issues: DocumentIssue[] = [];
  if (reach !== undefined) {
    const { to } = reach;
    issues.push(...checkFrom(reach.from, [...path, 'reach', 'from'], names));
    if (typeof to === 'string') issues.push(...checkTarget(to, [...path, 'reach', 'to'], names));
    else issues.push(...to.flatMap((one, index) => checkTarget(one, [...path, 'reach', 'to', index], names)));
  }
  if (deny !== undefined) issues.push(...checkSilence(deny, 'denial', [...path, 'deny'], names));
  if (fails !== undefined) issues.push(...checkSilence(fails, 'failure', [...path, 'fails'], names));
  if (seen !== undefined) {
    issues.push(...checkFrom(seen.from, [...path, 'seen', 'from'], names), ...checkTarget(seen.at, [...path, 'seen', 'at'], names));
    if (!hasReferences(seen.as) && isIP(seen.as) === 0) {
      issues.push({
        path: [...path, 'seen', 'as'],
        message: `${JSON.stringify(seen.as)} is not an address such as 10.1.0.5 or \${host-A.address}`,
      });
    }
  }
  if (http !== undefined) {
    issues.push(...checkUrl(http.url, [...path, 'http', 'url']));
    if (http.tenant !== undefined) issues.push(...checkName('tenant', http.tenant, names.tenants, [...path, 'http', 'tenant']));
  }
  return issues;
}

function checkFrom(from: string, path: Path, { roles, services }: Names): DocumentIssue[] {
  return checkName('place to ask from', from, [CONSOLE, ...services, ...roles], path);
}

/** What must not answer, and its control, which must. */
function checkSilence(
  { from, to, control }: { readonly from: string; readonly to: string; readonly control: string },
  what: string,
  path: Path,
  names: Names,
): DocumentIssue[] {
  const issues = [
    ...checkFrom(from, [...path, 'from'], names),
    ...checkTarget(to, [...path, 'to'], names),
    ...checkTarget(control, [...path, 'control'], names),
  ];
  if (to === control) {
    issues.push({ path: [...path, 'control'], message: `the control of a ${what} must be something that answers, not ${to} itself` });
  }
  return issues;
}

function checkTarget(target: string, path: Path, { services }: Names): DocumentIssue[] {
  const end = target.lastIndexOf(':');
  const place = target.slice(0, end);
  const port = Number(target.slice(end + 1));
  const issues: DocumentIssue[] =
    port >= 1 && port <= 65535 ? [] : [{ path, message: `${target.slice(end + 1)} is not a port from 1 to 65535` }];
  if (hasReferences(place) || isIP(place.replace(/^\[(.*)\]$/, '$1')) !== 0) return issues;
  return [...issues, ...checkName('service', place, services, path)];
}

export function checkUrl(written: string, path: Path): DocumentIssue[] {
  const url = URL.parse(withStandIns(written));
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return [];
  return [{ path, message: `${JSON.stringify(written)} is not a URL such as http://\${host-A.address}:8000` }];
}
