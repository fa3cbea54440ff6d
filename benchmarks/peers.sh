#!/bin/bash
# Times captures and restores by Platter and by the programs that a user would pick instead, on a Debian-like disk made
# for the purpose, and prints a Markdown table. Whole processes, page cache warm, one after the other in each round;
# medians over the rounds.
#
#   benchmarks/peers.sh [--size GIB, 4 or more] [--rounds N] [--dir DIRECTORY] [--jar PLATTER.JAR] [--no-install]
#
# Needs root only to install packages. Everything is done in files: no mounts, no loop devices. Makes the disk from the
# packages of the Debian that it runs on.
set -euo pipefail

size=8
rounds=5
dir=${TMPDIR:-/tmp}
jar=$(dirname "$0")/../examples/target/platter.jar
install=yes
while [ $# -gt 0 ]; do
    case $1 in
        --size) size=$2; shift 2 ;;
        --rounds) rounds=$2; shift 2 ;;
        --dir) dir=$2; shift 2 ;;
        --jar) jar=$2; shift 2 ;;
        --no-install) install=no; shift ;;
        *) sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
    esac
done
[ "$size" -ge 4 ] || { echo "a disk of $size GiB is too small for what is put on it, which is 2 GB" >&2; exit 2; }
jar=$(realpath "$jar")
java=${JAVA_HOME:+$JAVA_HOME/bin/}java

packages="qemu-utils zstd partclone borgbackup restic casync time e2fsprogs dosfstools fdisk mmdebstrap"
if [ $install = yes ] && ! dpkg -s $packages >/dev/null 2>&1; then
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $packages >&2
fi

work=$(mktemp -d "$dir/platter-peers.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
cd "$work"
export BORG_BASE_DIR=$work BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes RESTIC_PASSWORD=none RESTIC_CACHE_DIR=$work/cache

# --- the disk: GPT, an EFI system partition, and an ext4 root with a Debian as it is installed, apt's cache of the packages
# included; a tenth of the files of /usr/share deleted again

disk_mib=$((size * 1024))
root_start=65
root_mib=$((disk_mib - root_start - 1))
contents=linux-image-amd64,openssh-server,grub-pc,locales,build-essential,git,python3,vim,default-jre-headless

make_disk() {
    local sources
    sources=$(find /etc/apt -type f -size +0 \( -name sources.list -o -path '*/sources.list.d/*.list' -o -path '*/sources.list.d/*.sources' \))
    mmdebstrap --quiet --variant=important --include=$contents --skip=cleanup/apt,download/empty \
        --aptopt='APT::Keep-Downloaded-Packages "true"' "$(. /etc/os-release && echo "$VERSION_CODENAME")" root.tar $sources
    mkdir tree
    tar -C tree --exclude=./dev -xf root.tar
    rm root.tar

    truncate -s ${root_mib}M root
    mke2fs -q -t ext4 -L root -U 6b1d5f0e-9f0a-4f55-8f3f-5c35c0a1b001 -d tree root
    (cd tree && find usr/share -type f) | LC_ALL=C sort | awk 'NR % 10 == 0 { print "rm \"" $0 "\"" }' \
        | debugfs -w -f - root >/dev/null 2>&1
    rm -rf tree
    truncate -s 64M esp
    mkfs.vfat -F 32 -i 504c5401 esp >/dev/null

    truncate -s ${disk_mib}M disk
    sfdisk -q disk <<TABLE
label: gpt
start=1MiB, size=64MiB, type=uefi
start=${root_start}MiB, size=${root_mib}MiB, type=linux
TABLE
    dd if=esp of=disk bs=1M seek=1 conv=notrunc,sparse status=none
    dd if=root of=disk bs=1M seek=$root_start conv=notrunc,sparse status=none
    sync
}

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

# --- measuring: each step is a process of its own under time(1), which needs the functions in a file

declare -f $(declare -F | awk '{ print $3 }') >functions
declare -p java jar root_mib restic_sparse >>functions

has() { declare -F "$1" >/dev/null; }

# run TOOL STEP: times one step; appends "seconds processor-seconds KiB" to TOOL.STEP.times
run() {
    sync
    /usr/bin/time -f '%e %U %S %M' -o time.txt bash -c 'set -euo pipefail; . ./functions; "$1"' - "$1_$2" 2>log.txt \
        || { echo "$1 $2 failed:" >&2; cat log.txt >&2; return 1; }
    awk '{ print $1, $2 + $3, $4 }' time.txt >>"$1.$2.times"
}

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

# median FILE COLUMN
median() {
    [ -e "$1" ] || { echo -; return; }
    cut -d' ' -f"$2" "$1" | sort -g | awk '{ a[NR] = $1 } END { print NR % 2 ? a[(NR + 1) / 2] : (a[NR / 2] + a[NR / 2 + 1]) / 2 }'
}

# ratio A B
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { if (a == "-" || b == "-" || b == 0) print "-"; else printf "%.2f", a / b }'; }

report() {
    local allocated tool ours theirs
    allocated=$(du -m disk | cut -f1)
    echo "$(nproc) processors, $(uname -sr), $("$java" -version 2>&1 | sed -n 2p), $(date -u +%F)."
    echo "Disk of $size GiB, $allocated MiB of it not holes. Median of $rounds rounds; load when it ended: $(cut -d' ' -f1-3 /proc/loadavg)."
    echo
    echo "| program | capture, s | CPU, s | peak, MB | size, MB | restore, s | CPU, s | platter's time: capture | restore |"
    echo "|---|---|---|---|---|---|---|---|---|"
    for tool in $tools; do
        case $tool in
            platter | verify | again | used) ours=none ;; # Nothing to be compared with.
            partclone) ours=used ;;
            *) ours=platter ;;
        esac
        theirs=$(median "$tool.capture.times" 1)
        echo "| ${title[$tool]} | $theirs | $(median "$tool.capture.times" 2) \
| $(median "$tool.capture.times" 3 | awk '{ printf "%.0f", $1 / 1024 }') \
| $(if [ -e "$tool.size" ]; then awk '{ printf "%.0f", $1 / 1e6 }' "$tool.size"; else echo -; fi) \
| $(median "$tool.restore.times" 1) | $(median "$tool.restore.times" 2) \
| $(ratio "$(median $ours.capture.times 1)" "$theirs") \
| $(ratio "$(median $ours.restore.times 1)" "$(median "$tool.restore.times" 1)") |"
    done
    echo
    echo "platter verify takes $(ratio "$(median verify.capture.times 1)" "$(median platter.restore.times 1)") of the time of platter restore."
}

make_disk
cat disk root >/dev/null
for i in $(seq "$rounds"); do
    echo "round $i of $rounds" >&2
    round
done
report
