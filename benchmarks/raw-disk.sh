#!/usr/bin/env bash
# Reads a loop device of 1 GiB by RawDisk, by a plain FileChannel and by dd with direct I/O, in turn, in one run. Needs root.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
loop=
trap '[ -z "$loop" ] || losetup -d "$loop"; rm -rf "$work"' EXIT
head -c 1G /dev/urandom > "$work/disk"
sync "$work/disk"
loop=$(losetup --find --show "$work/disk")
for round in 1 2 3; do
    dd if="$loop" of=/dev/null bs=4M iflag=direct 2>&1 | tail -n 1 | sed 's/.*, /dd           /'
    java -cp target/benchmarks.jar io.platter.benchmarks.RawDiskRead "$loop" 3
done
