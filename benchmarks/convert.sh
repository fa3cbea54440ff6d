#!/bin/bash
# Times the conversion of a raw disk to compressed qcow2 (zstd) and back by Platter and by qemu-img, on a disk made for the
# purpose, and prints a Markdown table. Whole processes, page cache warm, one after the other in each round, the first
# one in turns; medians over the rounds, and the median of the rounds' ratios.
#
#   benchmarks/convert.sh [--size GIB, 4 or more] [--rounds N] [--dir DIRECTORY] [--jar PLATTER.JAR] [--no-install]
#
# Needs root only to install packages. Everything is done in files: no mounts, no loop devices. Makes the disk from the
# packages of the Debian that it runs on.
set -euo pipefail

size=4
rounds=5
packages=qemu-utils
. "$(dirname "$0")/processes.sh"

# --- the two programs; each writes NAME.qcow2, and reads it back to NAME.out

platter_convert() { "$java" -jar "$jar" convert --from raw --compress disk platter.qcow2 >/dev/null; }
platter_back() { "$java" -jar "$jar" convert --to raw platter.qcow2 platter.out >/dev/null; }
qemu_convert() { qemu-img convert -f raw -O qcow2 -c -o compression_type=zstd -W -m 2 disk qemu.qcow2; }
qemu_back() { qemu-img convert -f qcow2 -O raw -W -m 2 qemu.qcow2 qemu.out; }

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

# ratio STEP: the median over the rounds of Platter's time over QEMU's
ratio() { paste -d' ' "platter.$1.times" "qemu.$1.times" | awk '{ print $1 / $4 }' | median | awk '{ printf "%.2f", $1 }'; }

row() { # TOOL TITLE
    echo "| $2 | $(column "$1.convert.times" 1) | $(column "$1.convert.times" 2) \
| $(column "$1.convert.times" 3 | awk '{ printf "%.0f", $1 / 1024 }') | $(awk '{ printf "%.1f", $1 / 1e6 }' "$1.size") \
| $(column "$1.back.times" 1) | $(column "$1.back.times" 2) |"
}

report() {
    heading
    echo "| program | raw to qcow2, s | CPU, s | peak, MB | size, MB | back to raw, s | CPU, s |"
    echo "|---|---|---|---|---|---|---|"
    row platter "**platter convert --compress**"
    row qemu "qemu-img convert -c, zstd, -W -m 2"
    echo
    echo "Platter's time over qemu-img's, median of the rounds' ratios: $(ratio convert) to qcow2, $(ratio back) back;" \
        "size: $(paste -d' ' platter.size qemu.size | awk '{ printf "%.3f", $1 / $2 }')."
}

make_disk
rm root
export_functions
cat disk >/dev/null
for i in $(seq "$rounds"); do
    echo "round $i of $rounds" >&2
    round "$i"
done
report
