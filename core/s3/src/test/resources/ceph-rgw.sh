#!/usr/bin/env bash
# ceph-rgw.sh DIR OSDS PORT: a Ceph cluster with an S3 gateway on loopback, in memory, without systemd; kill the DIR/run/*.pid to end it
set -euo pipefail; D=$(realpath -m "$1") N=${2:-1} P=${3:-17480}; rm -rf "$D"; mkdir -p "$D"/{mon,mgr,rgw,log,run}; F=$(cat /proc/sys/kernel/random/uuid)
cat > "$D/ceph.conf" <<C
[global]
fsid = $F
mon_host = v1:127.0.0.1:$((P+1))
ms_bind_msgr2 = false
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
run_dir = $D/run
admin_socket = $D/run/\$name.asok
pid_file = $D/run/\$name.pid
log_file = $D/log/\$name.log
osd_pool_default_size = $(( N<3 ? N : 3 ))
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 4
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_data_avail_crit = 1
mon_max_pg_per_osd = 1000
osd_objectstore = memstore
memstore_device_bytes = 4294967296
osd_class_load_list = *
osd_class_default_list = *
paxos_propose_interval = 0.05
mgr_initial_modules =
rgw_frontends = beast endpoint=127.0.0.1:$P
rgw_data = $D/rgw
mgr_data = $D/mgr
C
ready() { for ((attempt=0; attempt<150; attempt++)); do "$@" > /dev/null 2>&1 && return; sleep .2; done; "$@"; } # a monitor may refuse what comes too early
export CEPH_CONF="$D/ceph.conf"; ulimit -c 0
monmaptool --create --clobber --fsid $F --addv a "[v1:127.0.0.1:$((P+1))]" "$D/monmap" > /dev/null
ceph-mon --mkfs -i a --monmap "$D/monmap" --mon-data "$D/mon"; ceph-mon -i a --mon-data "$D/mon"; ceph-mgr -i x
for ((i=0; i<N; i++)); do
  u=$(cat /proc/sys/kernel/random/uuid); mkdir "$D/osd$i"
  ceph-osd -i $i --mkfs --osd-uuid $u --osd-data "$D/osd$i" > /dev/null 2>&1; ready ceph osd new $u
  until ceph-osd -i $i --osd-data "$D/osd$i" > /dev/null 2>&1; do sleep .2; done
done
until ceph osd stat -f json | grep -q "\"num_up_osds\":$N"; do sleep .1; done
ready radosgw-admin user create --uid=t --display-name=t --access-key=access --secret-key=secret123
radosgw -n client.rgw; until curl -s -o /dev/null http://127.0.0.1:$P/; do sleep .1; done
