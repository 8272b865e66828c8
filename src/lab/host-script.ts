/**
 * What makes a lab host out of a process in fresh network, mount, host-name, IPC and PID namespaces (run by `sh -c`).
 *
 * The host gets a root of its own: an overlay over the machine's, or over that of another suite, whose changes live in memory. So whatever an engine writes
 * outside its data root (/etc/docker/key.json, /opt/containerd, /run/docker, …) is gone with it, the machine's own
 * daemon.json and containerd are out of sight, and no mount of the machine is pinned. /sys is fresh, since the machine's would show
 * the wrong interfaces; the control groups are the machine's (version 1 or 2), bound back under it.
 *
 * An engine balances load (virtual IPs, the routing mesh) in namespaces that have to forward. A new namespace takes that setting from the
 * machine's first one, whoever makes it. On a host of its own an engine has switched it on there; the machine below a lab need not forward, and is not
 * made to. So each such namespace is told as a link moves into it.
 *
 * The shell stays as the first process: it reaps what containerd orphans, and its end ends everything in the host.
 * Arguments: host name, address, router's address, the host's folder, its data folder, the root below.
 */
export const HOST_SCRIPT = `
set -eu
name=$1 address=$2 router=$3 dir=$4 data=$5 lower=$6

hostname "$name"
mkdir -p "$dir/root"
mount -t tmpfs -o mode=755 tmpfs "$dir/root"
cd "$dir/root"
mkdir upper work new
mount -t overlay -o "lowerdir=$lower,upperdir=$dir/root/upper,workdir=$dir/root/work" overlay new
cd new

if [ "$lower" = / ] && mountpoint -q /usr; then mount --rbind /usr usr; fi
mount -t proc proc proc
mount -t sysfs sysfs sys
mount --rbind /sys/fs/cgroup sys/fs/cgroup
mount --rbind /dev dev
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
if [ ! -L var/run ]; then
  mkdir -p var/run
  mount --bind run var/run
fi

mkdir -p ".$dir" var/lib/docker
mount --bind "$dir" ".$dir"
mount --bind "$data" var/lib/docker

rm -rf etc/docker etc/resolv.conf etc/hosts etc/hostname
mkdir etc/docker
cp "$dir/daemon.json" etc/docker/daemon.json
echo "nameserver $router" > etc/resolv.conf
echo "$name" > etc/hostname
printf '127.0.0.1 localhost\\n%s %s\\n' "$address" "$name" > etc/hosts

mkdir -p mnt
pivot_root . mnt
cd /
umount -l /mnt

dockerd &
engine=$!
ip monitor link | while read -r event; do
  case $event in *new-netnsid*) ;; *) continue ;; esac
  for balancer in /run/docker/netns/ingress_sbox /run/docker/netns/lb_*; do
    if [ -e "$balancer" ]; then nsenter --net="$balancer" sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward' 2>/dev/null || true; fi
  done
done &
wait "$engine"
`;
