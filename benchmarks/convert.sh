#!/bin/bash
# Times the conversion of a raw disk to compressed qcow2 (zstd) by Platter and by qemu-img, on a Debian-like disk made for
# the purpose, and prints a Markdown table. Whole processes, page cache warm, one after the other in each round, the first
# one in turns; medians over the rounds, and the median of the rounds' ratios.
#
#   benchmarks/convert.sh [--size GIB] [--rounds N] [--dir DIRECTORY] [--jar PLATTER.JAR] [--no-install]
#
# Needs root only to install packages. Everything is done in files: no mounts, no loop devices.
set -euo pipefail

size=4
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
        *) sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
    esac
done
jar=$(realpath "$jar")
java=${JAVA_HOME:+$JAVA_HOME/bin/}java

packages="qemu-utils time e2fsprogs fdisk"
if [ $install = yes ] && ! dpkg -s $packages >/dev/null 2>&1; then
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $packages >&2
fi

work=$(mktemp -d "$dir/platter-convert.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
cd "$work"

# --- the disk: an ext4 partition whose files, a part of /usr, fill a fifth of the disk

make_disk() {
    local mib=1048576 disk_mib=$((size * 1024))
    mkdir tree
    find /usr -xdev -type f -size -64M -printf '%s %P\n' 2>/dev/null | LC_ALL=C sort -k2 \
        | awk -v wanted=$((disk_mib * mib / 5)) '{ sum += $1 } sum <= wanted { sub(/^[0-9]+ /, ""); print }' >files
    tar -C /usr -cf - --no-recursion -T files | tar -C tree -xf -
    truncate -s $((disk_mib - 2))M root
    mke2fs -q -t ext4 -L root -U 6b1d5f0e-9f0a-4f55-8f3f-5c35c0a1b001 -d tree root
    rm -rf tree
    truncate -s ${disk_mib}M disk
    printf 'label: gpt\nstart=1MiB, size=%sMiB, type=linux\n' $((disk_mib - 2)) | sfdisk -q disk
    dd if=root of=disk bs=1M seek=1 conv=notrunc,sparse status=none
    rm root
    sync
}

# --- the two programs; each writes NAME.qcow2, and reads it back to NAME.out

platter_convert() { "$java" -jar "$jar" convert --from raw --compress disk platter.qcow2 >/dev/null; }
platter_back() { "$java" -jar "$jar" convert --to raw platter.qcow2 platter.out >/dev/null; }
qemu_convert() { qemu-img convert -f raw -O qcow2 -c -o compression_type=zstd -W -m 2 disk qemu.qcow2; }
qemu_back() { qemu-img convert -f qcow2 -O raw -W -m 2 qemu.qcow2 qemu.out; }

# run TOOL STEP: times one step; appends "seconds processor-seconds KiB" to TOOL.STEP.times
run() {
    sync
    /usr/bin/time -f '%e %U %S %M' -o time.txt bash -c 'set -euo pipefail; . ./functions; "$1"' - "$1_$2" 2>log.txt \
        || { echo "$1 $2 failed:" >&2; cat log.txt >&2; return 1; }
    awk '{ print $1, $2 + $3, $4 }' time.txt >>"$1.$2.times"
}

round() {
    local tool order="platter qemu"
    if [ $(($1 % 2)) = 0 ]; then order="qemu platter"; fi
    for tool in $order; do
        run "$tool" convert
        stat -c %s "$tool.qcow2" >"$tool.size"
        run "$tool" back
        cmp disk "$tool.out"
        rm -f "$tool.out"
        if [ "$1" = 1 ]; then
            qemu-img check -q -f qcow2 "$tool.qcow2"
            qemu-img compare -q -f raw -F qcow2 disk "$tool.qcow2"
        fi
        rm -f "$tool.qcow2"
    done
}

# median: of the numbers on standard input
median() { sort -g | awk '{ a[NR] = $1 } END { print NR % 2 ? a[(NR + 1) / 2] : (a[NR / 2] + a[NR / 2 + 1]) / 2 }'; }
column() { cut -d' ' -f"$2" "$1" | median; }
# ratio STEP: the median over the rounds of Platter's time over QEMU's
ratio() { paste -d' ' "platter.$1.times" "qemu.$1.times" | awk '{ print $1 / $4 }' | median | awk '{ printf "%.2f", $1 }'; }

row() { # TOOL TITLE
    echo "| $2 | $(column "$1.convert.times" 1) | $(column "$1.convert.times" 2) \
| $(column "$1.convert.times" 3 | awk '{ printf "%.0f", $1 / 1024 }') | $(awk '{ printf "%.1f", $1 / 1e6 }' "$1.size") \
| $(column "$1.back.times" 1) | $(column "$1.back.times" 2) |"
}

report() {
    echo "$(nproc) processors, $(uname -sr), $("$java" -version 2>&1 | sed -n 2p), $(qemu-img --version | head -n 1), $(date -u +%F)."
    echo "Disk of $size GiB, $(du -m disk | cut -f1) MiB of it not holes. Median of $rounds rounds; load when it ended: $(cut -d' ' -f1-3 /proc/loadavg)."
    echo
    echo "| program | raw to qcow2, s | CPU, s | peak, MB | size, MB | back to raw, s | CPU, s |"
    echo "|---|---|---|---|---|---|---|"
    row platter "**platter convert --compress**"
    row qemu "qemu-img convert -c, zstd, -W -m 2"
    echo
    echo "Platter's time over qemu-img's, median of the rounds' ratios: $(ratio convert) to qcow2, $(ratio back) back;" \
        "size: $(paste -d' ' platter.size qemu.size | awk '{ printf "%.3f", $1 / $2 }')."
}

make_disk
declare -f $(declare -F | awk '{ print $3 }') >functions
declare -p java jar >>functions
cat disk >/dev/null
for i in $(seq "$rounds"); do
    echo "round $i of $rounds" >&2
    round "$i"
done
report
