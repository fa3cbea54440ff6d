#!/usr/bin/env python3
"""A reader of the Platter image format, version 0.2, written from format.md alone.

    reader.py info FILE            what images a file has, and the state it is in
    reader.py restore FILE N OUT   write image N to the file OUT, by random access (0: the partial image)
    reader.py stream OUT <pipe     write the first image to the file OUT, in one pass over standard input
    reader.py verify FILE          check everything that can be checked

It needs Python 3.10 and the command `zstd`, and is not fast. What breaks a rule is refused: one line says which rule,
where, and what is wrong. The exit status is 1 then, 2 for a wrong command line or an I/O error, and 3 for an error of
this program. As a module it has `images`, `stream_bytes` and `verify`, which print nothing and raise `Refused`.
"""
import hashlib
import io
import os
import shutil
import struct
import subprocess
import sys
from collections import namedtuple
from functools import lru_cache
from types import SimpleNamespace

TYPES = "- FILE FRAME PAGE PROPERTIES IMAGE COMMIT PADDING DIRECTORY CATALOG SIGNATURE PARITY KEYS".split()
FILE, FRAME, PAGE, PROPERTIES, IMAGE, COMMIT, PADDING, DIRECTORY, CATALOG = KNOWN = range(1, 10)
DATA, ZERO, FILL, UNUSED, UNREADABLE = range(5)
ANCILLARY, WITH_DETAIL = {CATALOG, 10, 11, *range(128, 256)}, {FILL, UNREADABLE}
STORED, TABLE_LIMITS = {FILE, IMAGE, COMMIT, PADDING, CATALOG}, {FILE: 4024, PAGE: 2**16, PROPERTIES: 0, PADDING: 0}
PAYLOAD_LIMITS = {PAGE: 2**16, PROPERTIES: 2**20, IMAGE: 4000, COMMIT: 0, CATALOG: 2**20}
FACT_RULES = {FRAME: "R9", PAGE: "R14", PROPERTIES: "R19", IMAGE: "R23", DIRECTORY: "R24", CATALOG: "R9"}
MAGIC, FILES_END, LIMIT, SIZES = b"\x89PLT", 8192, 2**63, [2**exponent for exponent in range(9, 19)]
CRC_TABLE = list(range(256))
for _ in range(8):
    CRC_TABLE = [crc >> 1 ^ 0x82F63B78 * (crc & 1) for crc in CRC_TABLE]
Location = namedtuple("Location", "at length")
Piece = namedtuple("Piece", "start length kind value frame slot")  # value: a block's hash, or an extent's detail
MEBIBYTE, NO_LEAF = 2**20, SimpleNamespace(start=0, end=0, pieces=[])


class Refused(Exception):
    """The file breaks a rule of the format: which, where, what is wrong, and where its record ends."""
    rule = property(lambda self: self.args[0])

    def __str__(self):
        return "{}, {}: {}".format(*self.args)


def hash_of(kind, data):
    return hashlib.sha256(bytes([kind]) + data).digest()


def crc32c(data, table=CRC_TABLE):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 255] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


@lru_cache(maxsize=None)
def layout(text):
    """Fields of a fixed size, each a code, a name, and perhaps the values that are allowed: "B level 0..7". Codes are
    those of `struct`, @ for an offset or a length, L for a location, ? for one or none. A dot names reserved bytes."""
    fields, codes = [], "<"
    for code, name, *allowed in map(str.split, text.split(", ")):
        low, high = map(int, allowed[0].split("..")) if allowed else (0, LIMIT - 1 if code == "@" else LIMIT * 2)
        fields.append((code, name, range(low, high + 1)))
        codes += {"@": "Q", "L": "16s", "?": "16s"}.get(code, code)
    return fields, struct.Struct(codes)


class Fields:
    """The fields of a table or a payload, taken one by one; the record checks that all were taken."""
    def __init__(self, record, data, rule="R6"):
        self.record, self.data, self.rule, self.next = record, data, rule, 0
        record.opened.append(self)

    def bytes(self, count):
        self.record.check(self.rule, length=count <= len(self.data) - self.next)
        self.next += count
        return self.data[self.next - count:self.next]

    def number(self, size):
        return int.from_bytes(self.bytes(size), "little")

    def text(self, length):
        raw = self.bytes(length)
        self.record.check("R7", text=raw.decode("utf-8", "replace").encode() == raw)
        return ascii(raw.decode())

    def take(self, text):
        (fields, form), taken = layout(text), SimpleNamespace()
        for (code, name, allowed), value in zip(fields, form.unpack(self.bytes(form.size))):
            if code in "L?":
                value = self.record.location(value, code == "?")
            elif name == ".":
                self.record.check("R1", reserved_bytes=not any(value))
            elif code[-1] != "s":
                self.record.check("R8" if code == "@" else self.rule, **{name: value in allowed})
            setattr(taken, name, value)
        return taken

    def rows(self, text, count):
        return [self.take(text) for _ in range(count)]


class Record:
    """A record that is sound (R1 to R4): the next bytes of `read`, which stand at `at`. Lenient: R1 of its table is not asked."""
    def __init__(self, read, at, is_lenient=False):
        self.is_lenient, self.at, self.before, self.end, self.opened = False, at, at, 0, []
        self.place, raw = f"record at {at}", read(32)
        self.check("R2", header=raw[:4] == MAGIC and int.from_bytes(raw[28:], "little") == crc32c(raw[:28]))
        header = Fields(self, raw, "R2").take(
            "4s magic, B type, B flags, B cipher 0..0, 1s ., I size 16..4456448, I body_crc, 12s ., I header_crc")
        self.type, is_listed = header.type, 0 < header.type < 13 or header.type > 127
        self.check("R1", flags=header.flags <= 1)
        self.check("R2", flags=not is_listed or header.flags == (self.type in ANCILLARY))
        self.check("R3", type=self.type in KNOWN or header.flags)
        self.place = f"{TYPES[self.type] if self.type in KNOWN else 'ancillary record'} at {at}"
        self.body, self.length, self.end = read(header.size), 32 + header.size, at + 32 + header.size
        self.check("R4", body_length=len(self.body) == header.size, body_crc=crc32c(self.body) == header.body_crc)
        body = Fields(self, self.body[:16], "R4").take("I table, I stored, I plain 0..4194304, B codec 0..1, 3s .")
        end, self.codec, self.plain = 16 + body.table, body.codec, body.plain
        self.check("R4", lengths=end + body.stored == header.size, plain=self.codec or self.plain == body.stored)
        self.table, self.stored = self.body[16:end], self.body[end:]
        self.is_lenient = is_lenient

    def check(self, rule, **conditions):
        for name, holds in conditions.items():
            if not holds and not (rule == "R1" and self.is_lenient):
                raise Refused(rule, self.place, "wrong " + name, self.end)

    def location(self, raw, or_none=False):
        """What a location in this record names (R9)."""
        at, length, pack = struct.unpack("<QII", raw)
        is_sound = pack == 0 and 0 < at and 0 < length and at + length <= self.before
        self.check("R9", location=is_sound or or_none and not any(raw))
        return Location(at, length) if length else None

    def payload(self):
        self.check("R6", codec=not self.codec or self.type not in STORED,
                   payload_length=self.plain <= PAYLOAD_LIMITS.get(self.type, 2**22),
                   table_length=len(self.table) <= TABLE_LIMITS.get(self.type, 2**23))
        return self.decompress() if self.codec else self.stored

    def decompress(self):
        """One zstd frame, and nothing else (R5)."""
        fields = Fields(self, self.stored, "R5")
        magic, descriptor = fields.number(4), fields.number(1)
        is_single, size_flag = descriptor >> 5 & 1, descriptor >> 6
        window = 0 if is_single else fields.number(1)  # a mantissa of 3 bits, an exponent
        size, block = fields.number(1 << size_flag if size_flag else is_single) + 256 * (size_flag == 1), 0
        self.check("R5", magic=magic == 0xFD2FB528, dictionary=descriptor & 3 == 0, no_size=is_single or size_flag,
                   size=size == self.plain, window=(8 + (window & 7)) << (window >> 3) <= 2**16)
        while not block & 1:  # the last one
            block = fields.number(3)
            fields.bytes(1 if block & 6 == 2 else block >> 3)  # one byte that is repeated, or as many as it says
        fields.bytes(descriptor & 4)  # the checksum, which zstd looks at
        if not shutil.which("zstd"):
            raise OSError("the command zstd is missing")
        shell = f"(zstd -dcq || cat /dev/zero) | head -c {size + 1}"  # if zstd refuses it, what comes is too long
        plain = subprocess.run(shell, shell=True, input=self.stored, capture_output=True).stdout
        self.check("R5", zstd_frame=len(plain) == size)
        return plain

    def contents(self):
        """What the record holds. Its names are the location, the type and the facts of what it names."""
        found = SimpleNamespace(record=self, names=[], facts=())
        vars(found).update(getattr(self, TYPES[self.type].lower())())
        for fields in self.opened:
            self.check(fields.rule, end=fields.next == len(fields.data))
        return found

    def file(self):
        file = Fields(self, self.table[:24]).take("H major, H minor, B hash, 3s ., 16s id")
        self.check("R10", **{f"version {file.major}.{file.minor}": (file.major, file.minor) == (0, 2)})
        self.check("R10", hash=file.hash == 1)
        self.features(self.table[24:], "R10")
        self.check("R6", file_id=any(file.id), payload=not any(self.payload()))
        return vars(file)

    def padding(self):
        return self.check("R6", payload=not any(self.payload())) or {}

    def features(self, data, rule):
        """Features are well-formed, and none is incompatible: this reader knows none."""
        fields, names = Fields(self, data), {}
        masks = fields.take("Q incompatible, Q read_only_compatible, Q compatible, H name_count")
        for name in (fields.take("B mask 0..2, B bit 0..63, B length") for _ in range(masks.name_count)):
            self.check("R6", feature_name=(name.mask, name.bit) not in names)
            names[name.mask, name.bit] = fields.text(name.length)
        lacking = [f"bit {bit} {names.get((0, bit))}" for bit in range(64) if masks.incompatible >> bit & 1]
        self.check(rule, **{"features: " + ", ".join(lacking): not lacking})

    def frame(self):
        payload, count, end = self.payload(), len(self.table) // 44, 0
        self.check("R12", blocks=1 <= count <= 4096)
        blocks = Fields(self, self.table, "R12").rows("32s hash, @ place, I length 1..262144", count)
        for block in blocks:
            self.check("R8", place=block.place + block.length < LIMIT)
            block.data, end = payload[end:end + block.length], end + block.length
        self.check("R12", lengths=end == len(payload))
        return {"blocks": blocks, "facts": (hash_of(0, b"".join(block.hash for block in blocks)),)}

    def page(self):
        """A page with the pieces of a leaf, or the names of its children."""
        fields, table = Fields(self, self.payload(), "R15"), Fields(self, self.table, "R16")
        page = fields.take("B level 0..7, 3s ., I entry_count, I block_count, 4s ., @ start, @ length")
        self.check("R15", length=page.length or page.start == page.level == 0)
        self.check("R16", pack_count=table.number(4) == 0)
        pieces, names, end = [], [], page.start
        if page.level:
            self.check("R15", children=page.entry_count, blocks=not page.block_count, reserved=table.take("4s ."))
            entries = fields.rows("@ start, @ length, 32s hash", page.entry_count)
            names = [(table.take("L location").location, PAGE, child.hash, child.start, child.length, page.level - 1)
                     for child in entries]
        else:
            pieces = entries = self.leaf(page, fields, table)
        for entry in entries:
            self.check("R15", entry=entry.start == end and entry.length)
            end += entry.length
        self.check("R15", end=end == page.start + page.length < LIMIT)
        return {"start": page.start, "end": end, "names": names, "pieces": pieces,
                "facts": (hash_of(1, fields.data), page.start, page.length, page.level)}

    def leaf(self, page, fields, table):
        """The blocks and the extents without blocks of a leaf, in the order of the disk."""
        counts, start, pieces = table.take("I frames, I runs, 4s ."), page.start, []
        frames = [row.location for row in table.rows("L location", counts.frames)]
        runs = table.rows("H frame, H slot, H count 1..65535", counts.runs)
        extents = fields.rows("B kind 0..4, 3s ., I block_count, @ length, Q detail", page.entry_count)
        self.check("R16", frame=all(run.frame < len(frames) for run in runs),
                   runs=sum(run.count for run in runs) == page.block_count)
        self.check("R15", blocks=sum(extent.block_count for extent in extents) == page.block_count)
        blocks = zip(fields.rows("32s hash, I length 1..262144", page.block_count),
                     ((frames[run.frame], run.slot + step) for run in runs for step in range(run.count)))
        for extent in extents:
            kind, count, end = extent.kind, extent.block_count, start + extent.length
            self.check("R15", blocks=(count > 0) == (kind == DATA), detail=kind in WITH_DETAIL or not extent.detail)
            if kind != DATA:
                pieces.append(Piece(start, extent.length, kind, extent.detail, None, None))
                start = end
            for block, source in (next(blocks) for _ in range(count)):
                pieces.append(Piece(start, block.length, DATA, block.hash, *source))
                start += block.length
            self.check("R15", length=start == end)
        return pieces

    def properties(self):
        fields, text_count, partition_count = Fields(self, self.payload(), "R18"), 0, None
        while partition_count != 0:  # texts, the number of partitions, and for each of these: itself, and its texts
            keys, count = set(), fields.number(4)
            text_count += count
            self.check("R18", texts=text_count <= 16384)
            for text in (fields.take("H key_length 1..1024, I value_length") for _ in range(count)):
                key, _ = fields.text(text.key_length), fields.text(text.value_length)
                self.check("R18", key=key not in keys)
                keys.add(key)
            partition_count = fields.number(4) if partition_count is None else partition_count - 1
            self.check("R18", partitions=partition_count <= 16384)
            if partition_count:
                partition = fields.take("I index 1..4294967295, @ start, @ length")
                self.check("R8", partition=partition.start + partition.length < LIMIT)
        return {"facts": (hash_of(3, fields.data),)}

    def image(self):
        features = self.payload()
        self.features(features, "R21")
        image = Fields(self, self.table, "R20").take(
            "I flags, I logical, I physical, I content, @ size, @ covered, 32s root_hash, 32s properties_hash, "
            "L root, ? properties, I number 1..2147483647, I cut, @ data, @ zeros, @ unused, @ unreadable, @ new")
        image.is_partial, image.sectors = image.flags == 1, (image.logical, image.physical, image.content)
        self.check("R1", flags=image.flags <= 1)
        self.check("R20", cut=image.cut in (0, *SIZES[3:]),
                   covered=image.covered == image.size or image.is_partial and not 0 < image.size < image.covered,
                   sectors={*image.sectors} <= {*SIZES[:8]}, hash=any(image.properties_hash) == bool(image.properties))
        image.names = [(image.root, PAGE, image.root_hash, 0, image.covered)]
        image.names += [(image.properties, PROPERTIES, image.properties_hash)] if image.properties else []
        image.id = hash_of(2, self.table[:96] + features)
        return {**vars(image), "facts": (image.id, image.number, image.is_partial)}

    def directory(self):
        fields, table, names = Fields(self, self.payload(), "R24"), Fields(self, self.table, "R24"), []
        page = fields.take("B level 0..5, 3s ., I first, I count, 4s .")
        level, span, end = page.level, 64**page.level, page.first + page.count
        self.check("R24", first_number=page.first % (64 * span) == 1, image_count=1 <= page.count <= 64 * span)
        for first in range(page.first, end, span):
            location, page_or_id = table.take("L location").location, fields.bytes(32)
            names.append((location, DIRECTORY, page_or_id, level - 1, first, min(span, end - first)) if level else
                         (location, IMAGE, page_or_id, first, False))
        return {"level": level, "names": names, "facts": (hash_of(4, fields.data), level, page.first, page.count)}

    def commit(self):
        """A copy of a commit, with the names `directory`, `last` and `partial`."""
        self.before = int.from_bytes(self.table[24:32], "little") - 512
        self.check("R22", length=self.length == 512 and not self.payload())
        commit = Fields(self, self.table, "R22").take(
            "16s file_id, Q sequence, @ at, @ previous, 32s previous_hash, I image_count, 4s ., ? directory, "
            "32s directory_hash, ? partial, 32s partial_id, ? catalog, ? last, 32s last_id, 224s .")
        at, previous, count = commit.at, commit.previous, commit.image_count
        of_images = bool(commit.directory), any(commit.directory_hash), bool(commit.last), any(commit.last_id)
        self.check("R22", pack_offset=at % 4096 == 0 and at >= 12288 and self.at in (at - 512, at),
                   sequence=commit.sequence, previous_commit=previous % 4096 == 0 and previous < at,
                   previous={previous > 0, any(commit.previous_hash)} == {commit.sequence > 1},
                   image_count={*of_images} == {count > 0} and count <= at // 250,
                   partial_image=bool(commit.partial) == any(commit.partial_id))
        level = next(level for level in range(6) if count <= 64**(level + 1))
        commit.directory = commit.directory, DIRECTORY, commit.directory_hash, level, 1, count
        commit.last = commit.last, IMAGE, commit.last_id, count, False
        commit.partial = commit.partial, IMAGE, commit.partial_id, count + 1, True
        return {**vars(commit), "hash": hash_of(5, self.table)}

    def catalog(self):
        catalog = Fields(self, self.table).take("? previous, I frames, I pages, I blocks, 4s ., Q all_blocks")
        payload = Fields(self, self.payload())
        rows = payload.rows("L location, I block_count 1..4096", catalog.frames)
        self.check("R6", block_count=sum(row.block_count for row in rows) == catalog.blocks,
                   all_blocks=catalog.blocks <= catalog.all_blocks <= (self.at + self.length) // 32)
        pages = [(*row.location, PAGE, row.hash) for row in payload.rows("L location, 32s hash", catalog.pages)]
        frames = [(*row.location, FRAME, hash_of(0, payload.bytes(32 * row.block_count))) for row in rows]
        return {**vars(catalog), "rows": frames + pages}


def read_files(data):
    """The file's id from its first 8192 bytes, and what is wrong with one of the copies of FILE, if anything is."""
    copies, damage = [], []
    for at in 0, 4096:
        try:
            for is_lenient in True, False:  # R10 is judged before R1
                record = Record(io.BytesIO(data[at:at + 4096]).read, at, is_lenient)
                record.check("R11", type_or_length=(record.type, record.length) == (FILE, 4096))
                copy = record.contents()
            copies.append(copy)
        except Refused as refusal:
            if refusal.rule == "R10":
                raise
            damage.append(Refused("R11", f"FILE at {at}", refusal))
    if not copies:
        at = 32 if any(data[16:20]) else 48
        has_header = data[:5] == MAGIC + b"\1" and data[28:32] == crc32c(data[:28]).to_bytes(4, "little")
        if has_header and len(data) >= 52 and data[at:at + 4] != b"\0\0\2\0":
            raise Refused("R10", "FILE", "version {}.{}".format(*struct.unpack("<HH", data[at:at + 4])))
        raise damage[0]
    if copies[0].record.body != copies[-1].record.body:
        damage.append(Refused("R11", "FILE at 4096", "not the same as the first copy"))
    return copies[0].id, damage


class Target:
    """Where a disk is restored to: a file, or memory that has room for its first bytes."""
    def __init__(self, file, limit=LIMIT):
        self.file, self.limit, self.beyond = file, limit, {}

    def write(self, at, data, is_source=False):
        """Writes to a place of the disk. Beyond the limit only sources of copies are kept."""
        if is_source and at + len(data) > self.limit:
            self.beyond[at] = data
        if at < self.limit:
            self.file.seek(at)
            self.file.write(data[:self.limit - at])

    def read(self, at, length):
        self.file.seek(at)
        return self.beyond.get(at) or self.file.read(length)

    def fill(self, piece):
        pattern, end = piece.value.to_bytes(8, "little") * (2**17 + 1), piece.start + piece.length
        for start in range(piece.start, min(end, self.limit), MEBIBYTE):
            self.write(start, pattern[start % 8:start % 8 + min(MEBIBYTE, end - start)])

    def first_bytes(self, length):
        """What is in memory of a disk of this length."""
        return self.file.getvalue()[:length].ljust(min(length, self.limit), b"\0")


class Pack:
    """An open file: its last `commit`, its `damage`, its `state`, and where what counts ends."""
    def __init__(self, path):
        self.file, lost = open(path, "rb"), []
        self.read = lru_cache(maxsize=16)(self.read)
        self.size = self.file.seek(0, os.SEEK_END)
        self.file_id, damage = read_files(self.reader(0)(FILES_END))
        for at in range(self.size // 4096 * 4096, FILES_END, -4096):
            copies, are_damaged = self.copies(at)
            lost += [Refused("R22", f"COMMIT at {at}", "both copies are damaged")] * are_damaged
            if copies:
                break
        else:
            raise Refused("R22", "file", "no commit")
        self.commit, self.end, is_cut = copies[0], at + 512, self.size < at + 512
        if not is_cut and [copy.hash for copy in copies] != [self.commit.hash] * 2:
            damage.append(Refused("R22", f"COMMIT at {at}", "a copy is damaged, or not the same as the other"))
        self.damage = lost + damage
        remarks = [f"damaged: {damage}" for damage in self.damage]
        remarks += [f"torn: the last commit ends at {self.end}, the file at {self.size}"] * (self.size != self.end)
        self.tail_image = self.find_tail_image(remarks)
        self.image_count = self.commit.image_count + bool(self.tail_image)
        self.has_partial = self.commit.partial[0] is not None and not self.tail_image
        remarks += ["newer images may be lost"] * (len(lost) > bool(self.tail_image))
        self.end = at if is_cut else self.tail_image.record.end if self.tail_image else self.end
        self.state = "; ".join(remarks) or "clean"

    def reader(self, at):
        self.file.seek(at)
        return self.file.read

    def copies(self, at):
        """The sound copies of the commit at a multiple of 4096, and whether there are two that are damaged."""
        sound, right = [], []
        for start in (at - 512, at) if at else ():
            copy, place = self.reader(start)(512), at.to_bytes(8, "little")
            right.append((copy[48:64] == self.file_id, copy[:5] == MAGIC + b"\6", copy[72:80] == place))
            try:
                sound += [Record(io.BytesIO(copy).read, start).contents()] if all(right[-1]) else []
            except Refused:
                pass
        return sound, not sound and min(map(sum, right), default=0) >= 2 and (right[0][0] or right[1][0])

    def find_tail_image(self, remarks):
        """The complete image after the last commit, if all before it is sound and only its commit is missing."""
        at, broken = self.end, None
        while at:
            try:
                record = Record(self.reader(at), at)
                if record.type == IMAGE and not int.from_bytes(record.table[:1], "little") & 1:
                    image = record.contents()
                    record.check("R25", number=image.number == self.commit.image_count + 1)
                    self.read(*image.names[0])
                    remarks.append(f"image {image.number} has no commit: {broken or 'it counts'}")
                    return None if broken else image
                at = record.end
            except Refused as refusal:  # it may be followed by others, if its header is sound
                at, broken = refusal.args[3] if refusal.args[3] > at else 0, broken or refusal

    def read(self, location, wanted, *facts):
        """What the record at a location holds, which begins with these facts."""
        record = Record(self.reader(location.at), location.at)
        record.check("R9", type_or_length=(record.type, record.length) == (wanted, location.length))
        found = record.contents()
        record.check(FACT_RULES[wanted], facts=found.facts[:len(facts)] == facts)
        return found

    def image(self, number):
        """A complete image, or the partial one (0)."""
        commit = self.commit
        if not (number <= self.image_count and (number or self.has_partial)):
            raise Refused("R23", f"COMMIT at {commit.at}", f"no image {number}; the file is {self.state}")
        if number == 0 or number > commit.image_count:
            return self.tail_image or self.read(*commit.partial)
        try:
            found = self.read(*(commit.directory if number < commit.image_count else commit.last))
            while found.record.type == DIRECTORY:
                found = self.read(*found.names[number - 1 >> 6 * found.level & 63])
            return found
        except (Refused, OSError):  # the commit that brought the image has it, too
            while commit and commit.image_count > number:
                previous_hash, (copies, _) = commit.previous_hash, self.copies(commit.previous)
                commit = next((copy for copy in copies if copy.hash == previous_hash), None)
            if not commit or commit.image_count < number:
                raise
            return self.read(*commit.last)

    def pieces(self, page):
        """All that the leaves below a page say, in the order of the disk."""
        yield from page.pieces
        for name in page.names:
            yield from self.pieces(self.read(*name))

    def restore(self, image, target):
        for piece in self.pieces(self.read(*image.names[0])):
            if piece.kind == DATA:
                frame = self.read(piece.frame, FRAME)
                block = frame.blocks[piece.slot] if piece.slot < len(frame.blocks) else None
                frame.record.check("R17", block=block and (block.hash, block.length) == (piece.value, piece.length))
                frame.record.check("R13", hash=hash_of(0, block.data) == block.hash)
                target.write(piece.start, block.data)
            elif piece.kind == FILL:
                target.fill(piece)


class Walk:
    """Takes the records of a file one by one, and checks each against those before. Writes image 1 to a target."""
    def __init__(self, file_id, target=None):
        self.file_id, self.target = file_id, target
        self.seen, self.blocks = {}, bytearray()  # packOffset: type, length, facts; hash and length of each block
        self.image_count, self.last_image_at, self.first_copy = 0, 0, None
        self.last_commit = SimpleNamespace(sequence=0, at=0, hash=bytes(32), image_count=0)
        # The first image, as a reader in one pass sees it: until it is complete, or turns out not to be fit for that
        self.is_fit, self.unfit, self.first, self.disk_end = True, None, None, LIMIT
        self.places, self.unclaimed = [], set()  # the diskOffset of each block; blocks that no leaf has had
        self.leaf, self.blocks_end = NO_LEAF, 0

    def records(self, read):
        """Takes one record after the other, and gives where each ends."""
        follow, at = {FRAME: self.frame, PAGE: self.page, IMAGE: self.image, COMMIT: self.commit}, FILES_END
        while True:
            record = Record(read, at)
            record.check("R25", second_copy=record.type == COMMIT or not self.first_copy)
            record.check("R11", place=record.type != FILE)
            if record.type in KNOWN:
                found = record.contents()
                for name in found.names:
                    self.named(record, *name)
                if not self.first and (record.type == FRAME or record.type == PAGE and found.pieces):
                    self.needs_seeking(record)
                follow.get(record.type, lambda *_: None)(record, found)
                self.seen[at] = record.type, record.length, found.facts
            at = record.end
            yield at

    def named(self, record, location, wanted, *facts):
        """The facts of what a record names, which has passed and begins with these facts."""
        *found, found_facts = self.seen.get(location.at, (None,))
        record.check("R9", location=found == [wanted, location.length])
        record.check(FACT_RULES[wanted], **{"facts_of_" + TYPES[wanted]: found_facts[:len(facts)] == facts})
        return found_facts

    def needs_seeking(self, record):
        """The first image is not fit for one pass: whoever can seek can read it nevertheless."""
        if self.is_fit:
            record.check("R26", order=not self.target)
            self.is_fit, self.unfit = False, f"- needs a reader that can seek: {record.place}"

    def frame(self, record, frame):
        frame.facts += len(self.blocks) // 36, len(frame.blocks)
        for block in frame.blocks:
            record.check("R13", hash=hash_of(0, block.data) == block.hash)
            self.blocks += block.hash + block.length.to_bytes(4, "little")
            if self.is_fit:
                record.check("R26", place_of_a_block=self.blocks_end <= block.place <= self.disk_end - block.length)
                self.unclaimed.add(len(self.places))
                self.places.append(block.place)
                if self.target:
                    self.target.write(block.place, block.data, True)
            self.blocks_end = max(self.blocks_end, block.place + block.length)

    def page(self, record, page):
        if page.pieces and not self.image_count:
            last, self.leaf = self.leaf, page
            is_same = self.says(page, last) == self.says(last, last)
            if self.is_fit:
                record.check("R26", end=page.end <= self.disk_end, range=page.start == last.end or
                             page.start == last.start and page.end >= last.end and is_same)
        for piece in page.pieces:
            if piece.kind == DATA:
                _, first, count = self.named(record, piece.frame, FRAME)
                source, block = first + piece.slot, piece.value + piece.length.to_bytes(4, "little")
                record.check("R17", slot=piece.slot < count, block=self.blocks[36 * source:36 * source + 36] == block)
                if self.is_fit and self.places[source] == piece.start:
                    self.unclaimed.discard(source)
                elif self.is_fit and self.target:
                    data = self.target.read(self.places[source], piece.length)
                    record.check("R26", source_of_a_block=hash_of(0, data) == piece.value)
                    self.target.write(piece.start, data)
            elif piece.kind == FILL and self.is_fit and self.target:
                self.target.fill(piece)

    def says(self, leaf, last):
        """What a leaf says of the range of the last one, however runs of one kind and detail are cut."""
        said = [(piece.start, piece.kind, piece.value) for piece in leaf.pieces if piece.start < last.end]
        return [new for old, new in zip([(0, None, 0), *said], said) if new[1] == DATA or new[1:] != old[1:]]

    def image(self, record, image):
        record.check("R25", number=image.number == self.image_count + 1)
        if not self.image_count:
            if image.covered < self.leaf.end or image.is_partial and image.covered < self.blocks_end:
                self.needs_seeking(record)  # the image before was given up
                self.first, self.leaf, self.blocks_end = None, NO_LEAF, 0
            self.first, self.disk_end = self.first or image, image.size or self.disk_end
            record.check("R20", sectors=image.sectors == self.first.sectors, size=self.first.size in (0, image.size))
            if self.is_fit and not image.is_partial:
                record.check("R26", end_of_leaves=self.leaf.end == image.covered, unclaimed_blocks=not self.unclaimed)
        self.last_image_at, self.is_fit = record.at, self.is_fit and image.is_partial
        self.image_count += not image.is_partial

    def commit(self, record, commit):
        record.check("R25", copy=self.first_copy == (record.table if record.at == commit.at else None))
        record.check("R22", file_id=commit.file_id == self.file_id)
        self.first_copy, before, self.last_commit = None if self.first_copy else record.table, self.last_commit, commit
        if self.first_copy:
            found = commit.sequence - 1, commit.previous, commit.previous_hash, commit.image_count
            record.check("R25", order=found == (before.sequence, before.at, before.hash, self.image_count),
                         partial_image=not commit.partial[0] or commit.partial[0].at == self.last_image_at)
            for name in filter(lambda name: name[0], (commit.directory, commit.last, commit.partial)):
                self.named(record, *name)


def images(path):
    """Of each complete image, but at most of four: the first MiB of the disk, or why it is refused."""
    pack, found = Pack(path), []
    with pack.file:
        for number in range(1, min(pack.image_count, 4) + 1):
            try:
                image, target = pack.image(number), Target(io.BytesIO(), MEBIBYTE)
                pack.restore(image, target)
                found.append(target.first_bytes(image.covered))
            except Refused as refusal:
                found.append(refusal)
    return found


def stream(read, open_target):
    """Restores the first image in one pass: the walk that did it, up to the commit that follows."""
    file_id, damage = read_files(read(FILES_END))
    for refusal in damage:
        raise refusal
    walk = Walk(file_id, open_target())
    next(end for end in walk.records(read) if walk.last_commit.image_count and not walk.first_copy)
    return walk


def stream_bytes(path):
    """The first MiB of the disk of the first image, as it is restored in one pass."""
    with open(path, "rb") as file:
        walk = stream(file.read, lambda: Target(io.BytesIO(), MEBIBYTE))
    return walk.target.first_bytes(walk.leaf.end)


def verify(path):
    """Checks everything, and says what was there."""
    pack = Pack(path)
    with pack.file:
        for refusal in pack.damage:
            raise refusal
        walk = Walk(pack.file_id)
        end = next(end for end in walk.records(pack.reader(FILES_END)) if end >= pack.end)
        pack.commit.record.check("R22", place=end == pack.end and walk.last_commit.hash == pack.commit.hash)
        passed = [(at, length, kind, facts[0]) for at, (kind, length, facts) in walk.seen.items()
                  if kind in (FRAME, PAGE) and at < pack.commit.at and pack.commit.catalog]
        listed, location, left = [], pack.commit.catalog, None
        while location:  # the chain of catalogs has each frame and page before the last commit once
            catalog = pack.read(location, CATALOG)
            catalog.record.check("R9", all_blocks=left in (None, catalog.all_blocks))
            listed, location, left = listed + catalog.rows, catalog.previous, catalog.all_blocks - catalog.blocks
        pack.commit.record.check("R9", catalog=sorted(listed) == passed, all_blocks=not left)
    return f"{walk.image_count} images, {len(walk.blocks) // 36} blocks, {pack.state} {walk.unfit or ''}".rstrip()


def main(arguments):
    status = 0
    try:
        match arguments:
            case ["info", path]:
                pack = Pack(path)
                for number in range(not pack.has_partial, pack.image_count + 1):
                    try:
                        image = pack.image(number)
                        print(number or "partial", image.id.hex(), f"{image.covered} of {image.size} bytes")
                    except Refused as refusal:
                        status = 1
                        print(f"refused: {refusal} (image {number or 'partial'})", file=sys.stderr)
                print(pack.state)
            case ["restore", path, number, out] if number.isdecimal():
                pack = Pack(path)
                image = pack.image(int(number))
                with open(out, "wb") as file:
                    file.truncate(image.covered)
                    pack.restore(image, Target(file))
                print(image.id.hex(), pack.state)
            case ["stream", out]:
                walk = stream(sys.stdin.buffer.read, lambda: Target(open(out, "w+b")))
                with walk.target.file as file:
                    file.truncate(walk.leaf.end)
                print(walk.last_commit.last_id.hex(), "restored")
            case ["verify", path]:
                print(verify(path))
            case _:
                raise OSError("info FILE | restore FILE N OUT | stream OUT <pipe | verify FILE")
    except Exception as error:
        status = 1 if isinstance(error, Refused) else 2 if isinstance(error, OSError) else 3
        print(f"{['refused', 'error', 'bug'][status - 1]}: {error}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
