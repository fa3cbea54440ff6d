#!/bin/bash
# Times captures and restores by Platter and by the programs that a user would pick instead, on a disk made for the
# purpose, and prints a Markdown table. Whole processes, page cache warm, one after the other in each round;
# medians over the rounds.
#
#   benchmarks/peers.sh [--size GIB, 4 or more] [--rounds N] [--dir DIRECTORY] [--jar PLATTER.JAR] [--no-install]
#
# Needs root only to install packages. Everything is done in files: no mounts, no loop devices. Makes the disk from the
# packages of the Debian that it runs on.
set -euo pipefail

size=8
rounds=5
packages="qemu-utils zstd partclone borgbackup restic casync"
. "$(dirname "$0")/processes.sh"
export BORG_BASE_DIR=$work BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes RESTIC_PASSWORD=none RESTIC_CACHE_DIR=$work/cache

# --- how each program captures to files called NAME.*, and restores them to NAME.out

platter() { "$java" -jar "$jar" "$@" >/dev/null; }

platter_capture() { platter capture --all disk platter.img; }
platter_restore() { platter restore platter.img platter.out; }
platter_same() { cmp disk platter.out; }
platter_size() { stat -c %s platter.img; }

# The image of the row before, which the round's clean-up leaves in place.
verify_capture() { platter verify platter.img; }
again_capture() { platter capture --all --append disk platter.img; }

used_capture() { platter capture disk used.img; }
used_restore() { platter restore used.img used.out; }
used_size() { stat -c %s used.img; }

qemu_capture() { qemu-img convert -c -W -m 2 -O qcow2 -o compression_type=zstd -f raw disk qemu.img; }
qemu_restore() { qemu-img convert -W -m 2 -O raw -f qcow2 qemu.img qemu.out; }
qemu_same() { cmp disk qemu.out; }
qemu_size() { stat -c %s qemu.img; }

# With its own number of coroutines, which write in order.
plain_capture() { qemu-img convert -c -O qcow2 -o compression_type=zstd -f raw disk plain.img; }
plain_restore() { qemu-img convert -O raw -f qcow2 plain.img plain.out; }
plain_same() { cmp disk plain.out; }
plain_size() { stat -c %s plain.img; }

zstd1_capture() { zstd -q -1 -T2 disk -o zstd1.img; }
zstd1_restore() { zstd -dc zstd1.img | dd of=zstd1.out bs=1M iflag=fullblock conv=sparse status=none; }
zstd1_same() { cmp -n "$(stat -c %s zstd1.out)" disk zstd1.out; }
zstd1_size() { stat -c %s zstd1.img; }

zstd3_capture() { zstd -q -3 -T2 disk -o zstd3.img; }
zstd3_size() { stat -c %s zstd3.img; }

partclone_capture() { partclone.extfs -q -c -F -s root -L partclone.log | zstd -q -1 -T2 -o partclone.img; }
partclone_prepare_restore() { truncate -s ${root_mib}M partclone.out; }
partclone_restore() { zstd -dc partclone.img | partclone.extfs -q -r -C -s - -O partclone.out -L partclone.log; }
partclone_size() { stat -c %s partclone.img; }

borg_prepare() { borg init -e none borg.img; }
borg_capture() { borg create -C zstd,1 borg.img::a disk; }
borg_prepare_restore() { mkdir borg.out; }
borg_restore() { cd borg.out; borg extract --sparse ../borg.img::a; }
borg_same() { cmp disk borg.out/disk; }
borg_size() { du -sb borg.img | cut -f1; }

restic_prepare() { restic -q init -r restic.img; }
restic_capture() { restic -q backup -r restic.img disk; }
# Older versions, as Debian 12's, always write the zeros.
restic_sparse=$(restic restore --help 2>/dev/null | grep -o -m1 -e --sparse || true)
restic_restore() { restic -q restore -r restic.img latest --target restic.out $restic_sparse; }
restic_same() { cmp disk "$(find restic.out -name disk -type f)"; }
restic_size() { du -sb restic.img | cut -f1; }

casync_prepare() { mkdir casync.img; }
casync_capture() { casync make --store=casync.img/store casync.img/disk.caibx disk >/dev/null; }
casync_restore() { casync extract --store=casync.img/store casync.img/disk.caibx casync.out; }
casync_same() { cmp disk casync.out; }
casync_size() { du -sb casync.img | cut -f1; }

tools="platter verify again used qemu plain zstd1 zstd3 partclone borg restic casync"
declare -A title=(
    [platter]="**platter capture --all**"
    [verify]="platter verify"
    [again]="platter capture --all --append, disk unchanged"
    [used]="platter capture (used blocks only)"
    [qemu]="qemu-img convert -W -m 2 (-c to qcow2 zstd, back to raw)"
    [plain]="qemu-img convert (-c to qcow2 zstd, back to raw)"
    [zstd1]="zstd -1 -T2 (restore: zstd -dc \\| dd conv=sparse)"
    [zstd3]="zstd -3 -T2"
    [partclone]="partclone.extfs \\| zstd -1 -T2 (root partition only)"
    [borg]="borg create zstd,1"
    [restic]="restic backup"
    [casync]="casync make"
)

# --- measuring

export_functions root_mib restic_sparse

has() { declare -F "$1" >/dev/null; }

round() {
    local tool
    for tool in $tools; do
        if has "${tool}_prepare"; then "${tool}_prepare" >/dev/null 2>&1; fi
        run "$tool" capture
        if has "${tool}_size"; then "${tool}_size" >"$tool.size"; fi
        if has "${tool}_restore"; then
            # What was written around the page cache is as warm as what went through it.
            find "$tool.img" -type f -exec cat {} + >/dev/null
            if has "${tool}_prepare_restore"; then "${tool}_prepare_restore"; fi
            run "$tool" restore
            if has "${tool}_same"; then "${tool}_same" >&2; fi
            rm -rf "$tool.out"
        fi
        # Platter's own image serves the two rows behind it.
        if [ "$tool" != platter ]; then rm -rf "$tool.img" cache; fi
    done
    rm -f platter.img
}

# ratio A B
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { if (a == "-" || b == "-" || b == 0) print "-"; else printf "%.2f", a / b }'; }

report() {
    local tool ours theirs
    heading
    echo "| program | capture, s | CPU, s | peak, MB | size, MB | restore, s | CPU, s | platter's time: capture | restore |"
    echo "|---|---|---|---|---|---|---|---|---|"
    for tool in $tools; do
        case $tool in
            platter | verify | again | used) ours=none ;; # Nothing to be compared with.
            partclone) ours=used ;;
            *) ours=platter ;;
        esac
        theirs=$(column "$tool.capture.times" 1)
        echo "| ${title[$tool]} | $theirs | $(column "$tool.capture.times" 2) \
| $(column "$tool.capture.times" 3 | awk '{ printf "%.0f", $1 / 1024 }') \
| $(if [ -e "$tool.size" ]; then awk '{ printf "%.0f", $1 / 1e6 }' "$tool.size"; else echo -; fi) \
| $(column "$tool.restore.times" 1) | $(column "$tool.restore.times" 2) \
| $(ratio "$(column $ours.capture.times 1)" "$theirs") \
| $(ratio "$(column $ours.restore.times 1)" "$(column "$tool.restore.times" 1)") |"
    done
    echo
    echo "platter verify takes $(ratio "$(column verify.capture.times 1)" "$(column platter.restore.times 1)") of the time of platter restore."
}

make_disk
cat disk root >/dev/null
for i in $(seq "$rounds"); do
    echo "round $i of $rounds" >&2
    round
done
report
