import { type BoundScenario, bind } from '../../src/cli/scenario-files.ts';
import type { BoundHost } from '../../src/domain/scenario.ts';
import { parseScenario } from '../../src/scenario/load.ts';

/** Cats over the default bridge and a published port, dogs over macvlan: both ways in which two hosts of the guide meet. */
const TEXT = `
version: 1
name: two-hosts
model: multi-host-bridge
title: Two tenants over two hosts
summary: One by a published port, one by addresses of the underlay.
benefits: [both at once]
limits: [none]
hosts: [host-A, host-B]
networks:
  local: { on: [host-A, host-B], driver: bridge }
  wire:
    on: [host-A, host-B]
    driver: macvlan
    ipam: { config: [{ subnet: 192.168.88.0/24, gateway: 192.168.88.1 }] }
services:
  cat-db: { on: host-B, image: redis, networks: [local], ports: ["8001:6379"] }
  cat-web:
    on: host-A
    image: pets-console/web
    networks: [local]
    ports: ["8000:5000"]
    environment: { DB: "\${host-B.name}:8001", ROLE: cat }
  dog-db: { on: host-B, image: redis, networks: { wire: { ipv4_address: 192.168.88.5 } } }
  dog-web:
    on: host-A
    image: pets-console/web
    networks: { wire: { ipv4_address: 192.168.88.4 } }
    environment: { DB: dog-db, ROLE: dog }
    extra_hosts: { dog-db: 192.168.88.5 }
tenants:
  cat: { web: cat-web, db: cat-db, url: "http://\${host-A.address}:8000" }
  dog: { web: dog-web, db: dog-db, url: "http://192.168.88.4:5000" }
expect:
  - reach: { from: cat-web, to: "\${host-B.name}:8001" }
  - reach: { from: host-B, to: "192.168.88.4:5000" }
  - reach: { from: host-A, to: "127.0.0.1:8000" }
  - reach: { from: console, to: "192.168.88.4:5000" }
  - seen: { from: cat-web, at: "\${host-B.name}:8001", as: "\${host-A.address}" }
  - seen: { from: host-A, at: "\${host-B.address}:8001", as: "\${host-A.address}" }
  - seen: { from: dog-web, at: "dog-db:6379", as: 192.168.88.4 }
  - deny: { from: cat-web, to: "cat-db:6379", control: "\${host-B.name}:8001" }
  - fails: { from: cat-web, to: "cat-db:6379", how: no-such-name, control: "\${host-B.name}:8001", because: names end at their host }
  - fails: { from: host-A, to: "192.168.88.4:5000", control: "192.168.88.5:6379", because: a host and its own containers are kept apart }
  - http: { url: "http://\${host-A.address}:8000", status: 200, tenant: cat }
  - http: { url: "http://192.168.88.4:5000", status: 200, tenant: dog }
`;

export const CHECKS = 12;

export function bindTwoHosts(hosts: readonly BoundHost[], change: (text: string) => string = (text) => text): BoundScenario {
  return bind(parseScenario('two-hosts.yaml', change(TEXT)), hosts, {});
}
