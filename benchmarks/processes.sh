#!/bin/bash
# What the runs beside other programs share. To be sourced with the script's arguments, and with $size, $rounds and
# $packages set to what is usual and needed. Then the working directory is one of its own, which goes at the end.

usage() {
    sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" >&2
    exit 2
}

dir=${TMPDIR:-/tmp}
jar=$(dirname "$0")/../examples/cli/target/platter.jar
install=yes
while [ $# -gt 0 ]; do
    case $1 in
        --size) size=$2; shift 2 ;;
        --rounds) rounds=$2; shift 2 ;;
        --dir) dir=$2; shift 2 ;;
        --jar) jar=$2; shift 2 ;;
        --no-install) install=no; shift ;;
        *) usage ;;
    esac
done
[ "$size" -ge 4 ] || { echo "a disk of $size GiB is too small for what is put on it, which is 2 GB" >&2; exit 2; }
jar=$(realpath "$jar")
java=${JAVA_HOME:+$JAVA_HOME/bin/}java

packages="$packages time e2fsprogs dosfstools fdisk mmdebstrap"
if [ $install = yes ] && ! dpkg -s $packages >/dev/null 2>&1; then
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $packages >&2
fi

work=$(mktemp -d "$dir/platter-$(basename "$0" .sh).XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
cd "$work"

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

# --- measuring: each step is a process of its own under time(1), which needs the functions in a file

# export_functions [VARIABLE]...: what a step may use
export_functions() {
    declare -f $(declare -F | awk '{ print $3 }') >functions
    declare -p java jar "$@" >>functions
}

# run TOOL STEP: times one step; appends "seconds processor-seconds KiB" to TOOL.STEP.times
run() {
    sync
    /usr/bin/time -f '%e %U %S %M' -o time.txt bash -c 'set -euo pipefail; . ./functions; "$1"' - "$1_$2" 2>log.txt \
        || { echo "$1 $2 failed:" >&2; cat log.txt >&2; return 1; }
    awk '{ print $1, $2 + $3, $4 }' time.txt >>"$1.$2.times"
}

# median: of the numbers on standard input
median() { sort -g | awk '{ a[NR] = $1 } END { print NR % 2 ? a[(NR + 1) / 2] : (a[NR / 2] + a[NR / 2 + 1]) / 2 }'; }

# column FILE NUMBER: the median of a column
column() {
    [ -e "$1" ] || { echo -; return; }
    cut -d' ' -f"$2" "$1" | median
}

# heading: on what the figures below it were measured
heading() {
    echo "$(nproc) processors, $(uname -sr), $("$java" -version 2>&1 | sed -n 2p), $(date -u +%F)."
    echo "Disk of $size GiB, $(du -m disk | cut -f1) MiB of it not holes. Median of $rounds rounds; load when it ended: $(cut -d' ' -f1-3 /proc/loadavg)."
    echo
}
