/** Programs of the machine that commands of trials use, beside its own. */
export const GUEST_TOOLS: Readonly<Record<string, string>> = {
  'pets-console': `#!/bin/sh
exec node /payload/console/bin/pets-console.cjs "$@"
`,

  /** `on HOST COMMAND …`: in that host's network. */
  on: `#!/bin/sh
host=$1
shift
exec nsenter --net="/run/pets-console/lab/$host/netns" "$@"
`,

  /** `engine HOST …`: the docker command line on that host's engine. */
  engine: `#!/bin/sh
host=$1
shift
exec docker -H "unix:///run/pets-console/lab/$host/docker.sock" "$@"
`,

  /** `page URL`: asks for a page once and says status, tenant and who served it. */
  page: `#!/bin/sh
exec node --eval '
const { status, headers } = await fetch(process.argv[1], { signal: AbortSignal.timeout(20000) });
console.log(status, headers.get("x-pets-tenant"), headers.get("x-pets-served-by"), headers.get("x-pets-hits"));
process.exitCode = status === 200 ? 0 : 1;
' --input-type=module "$1"
`,

  /** `verified SCENARIO …`: `verify`; what is uncertain, and nothing else, is asked once more: a page waits 400 ms for its count, which is little here. */
  verified: `#!/bin/sh
pets-console verify "$@" > /tmp/verified
status=$?
cat /tmp/verified
grep -q '"failed":0,"uncertain":[1-9]' /tmp/verified || exit "$status"
exec pets-console verify "$@"
`,

  /** `remains PROJECT`: names what bears its label on any host, and a swarm that an engine is still in; fails where there is something. */
  remains: `#!/bin/sh
label="label=pets-console.project=$1"
for folder in /run/pets-console/lab/host-*; do
  host=\${folder##*/}
  engine "$host" ps --all --filter "$label" --format "$host: container {{.Names}}" || exit
  engine "$host" network ls --filter "$label" --format "$host: network {{.Name}}" || exit
  engine "$host" info --format "$host: swarm {{.Swarm.LocalNodeState}}" || exit
done | grep -v ': swarm inactive$' > /tmp/remains
cat /tmp/remains
test ! -s /tmp/remains
`,

  /** `networks`: the networks of every engine, those that Docker made included. */
  networks: `#!/bin/sh
for folder in /run/pets-console/lab/host-*; do
  engine "\${folder##*/}" network ls --format "\${folder##*/}: {{.Driver}} {{.Name}}" | sort
done
`,

  /**
   * `capture PATTERN COMMAND …`: shows every frame at host-A's port of the wire while the command runs and until one matches; fails where none
   * does within 20 s. Between two hosts nothing goes by another way.
   */
  capture: `#!/bin/sh
pattern=$1
shift
seen=/tmp/captured
wait_for() {
  tries=0
  until grep -q -e "$1" "$2"; do
    tries=$((tries + 1))
    test "$tries" -lt 100 || return 1
    sleep 0.2
  done
}
on router tcpdump -n -e -l --immediate-mode -i host-A > "$seen" 2> "$seen.said" &
listener=$!
wait_for 'listening on' "$seen.said" || { cat "$seen.said" >&2; exit 1; }
"$@"
status=$?
wait_for "$pattern" "$seen" || status=1
kill "$listener"
wait "$listener"
cat "$seen"
exit "$status"
`,
};
