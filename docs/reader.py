#!/usr/bin/env python3
"""A reader of Platter image files, format version 0.1, written from format.md alone; (§) names its sections.
It needs Python 3.11 and the command `zstd`, and is written to be read, not to be fast.

    python3 reader.py restore FILE OUTPUT [IMAGE_NUMBER]     (default: the newest image)
    python3 reader.py verify FILE
"""
import contextlib, functools, os, struct, subprocess, sys
from collections import namedtuple
from hashlib import sha256

FILE, FRAME, PAGE, PROPERTIES, IMAGE, COMMIT, PADDING = range(1, 8)
DATA, ZERO, FILL, UNUSED, UNREADABLE = range(5)
Commit = namedtuple("Commit", "sequence offset previous last_image partial image_count end")  # a location: offset, length
Image = namedtuple("Image", "record number partial size root previous properties properties_hash")
Page = namedtuple("Page", "location hash level start length")            # as it must be; any level if that is None
class Damaged(Exception): pass
class CutOff(Damaged): pass
def check(condition, offset, message, error=Damaged):
    if not condition:
        raise error(f"at offset {offset}: {message}")
def note(text):
    print(f"note: {text}", file=sys.stderr)

CRC_TABLE = list(range(256))
for _ in range(8):
    CRC_TABLE = [crc >> 1 ^ 0x82F63B78 * (crc & 1) for crc in CRC_TABLE]
def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = CRC_TABLE[(crc ^ byte) & 255] ^ crc >> 8
    return crc ^ 0xFFFFFFFF

class Fields:
    """Takes one field after another from a table or payload, and never more than there are."""
    def __init__(self, data, offset):
        self.data, self.at, self.offset = data, 0, offset
    def take(self, form):
        start, self.at = self.at, self.at + struct.calcsize("<" + form)
        check(self.at <= len(self.data), self.offset, "the content is shorter than it says")
        return struct.unpack_from("<" + form, self.data, start)
    def refuse_features(self):                                           # (§5) this reader knows none
        incompatible, = self.take("Q18x")
        check(not incompatible, self.offset, f"unknown features {incompatible:#x} {self.data[self.at:]} are needed")

class Record:
    """(§4) A header, checked. Table and payload are read, and their CRCs checked, when they are asked for."""
    def __init__(self, file, offset):
        self.file, self.offset = file, offset
        header = Fields(self.read(offset, 32), offset)
        magic, self.type, self.codec, *lengths, self.table_crc, self.payload_crc, crc = header.take("4sBB2x6I")
        check(magic == b"\x89PLT" and crc == crc32c(header.data[:28]), offset, "no record, or a damaged header")
        check(max(lengths) <= (1 << 24) + (1 << 16), offset, "a length is over its limit")
        self.table_length, self.payload_length, self.plain_length = lengths
        self.end = offset + 32 + self.table_length + self.payload_length
        check(self.end <= file.seek(0, os.SEEK_END), offset, "the record is cut off", CutOff)
        if not FILE <= self.type <= PADDING and self.type < 128:
            sys.exit(f"error: at offset {offset}: a record of the unknown type {self.type}")
    def read(self, offset, length, crc=None):
        self.file.seek(offset)
        data = self.file.read(length)
        check(crc in (None, crc32c(data)), self.offset, "the table or payload has not its CRC")
        return data
    def table(self):
        return Fields(self.read(self.offset + 32, self.table_length, self.table_crc), self.offset)
    def payload(self):
        data = self.read(self.end - self.payload_length, self.payload_length, self.payload_crc)
        if self.codec == 1:                                              # take no more than can be right
            command = f"zstd -dcq --memory=16MB | head -c {self.plain_length + 1}"
            data = subprocess.run(command, shell=True, input=data, capture_output=True).stdout
        check(self.codec < 2 and len(data) == self.plain_length, self.offset, "zstd can't decode the payload")
        return Fields(data, self.offset)
    @functools.cached_property
    def blocks(self):                                                    # (§6)
        table, payload, blocks = self.table(), self.payload(), {}
        for slot in range(self.table_length // 44):
            block_hash, length = table.take("32s8xI")
            data, = payload.take(f"{length}s")
            check(sha256(data).digest() == block_hash, self.offset, f"the block in slot {slot} has not its hash")
            blocks[slot, block_hash, length] = data
        return blocks

class Platter:
    def __init__(self, path):                                            # (§10)
        self.file = open(path, "rb")
        self.record = functools.lru_cache(16)(lambda offset: Record(self.file, offset))
        table = self.record(0).table()
        check(self.record(0).type == FILE and table.take("H6x") == (0,), 0, "not a FILE of version 0")
        table.refuse_features()
        self.hides_images, self.damage = False, None
        self.commit, self.images = self.last_commit(), {}
        location, referrer = self.commit.last_image, self.commit.end
        for number in range(self.commit.image_count, 0, -1):             # from the newest down to image 1
            image = self.images[number] = self.read_image(self.located(location, IMAGE, referrer))
            check(image.number == number and not image.partial, location[0], f"not the complete image {number}")
            location, referrer = image.previous, location[0]
    def located(self, location, kind, referrer):                         # referrer: the offset of what names it
        record = self.record(location[0])
        check(record.type == kind and record.end == sum(location) <= referrer, location[0], "another record was named")
        return record
    def records(self, end):
        offset = 0
        while offset < end:
            record = self.record(offset)
            yield record
            offset = record.end
    def last_commit(self):                                               # (§10, Open)
        size, commit, at = self.file.seek(0, os.SEEK_END), Commit(0, 0, 0, [0, 0], [0, 0], 0, 0), 4096
        with contextlib.suppress(Damaged):
            return self.read_commit(self.record(max(size - 96, 0)))
        while size - at >= 32:
            try:
                record = self.record(at)
                if record.type == COMMIT:
                    commit = self.read_commit(record)
                elif record.type == IMAGE and self.is_complete(record, commit):
                    commit = commit._replace(                            # what lacks its commit only, counts
                        last_image=[at, record.end - at], image_count=commit.image_count + 1, end=record.end)
                at = record.end
            except CutOff:
                break
            except Damaged as damage:
                follower = self.commit_after(at, commit)
                self.hides_images = follower is None and self.image_follows(at)
                if follower or self.hides_images or commit.end > commit.offset + 96:
                    self.damage = damage                                 # else it is only torn
                if follower is None:
                    note(f"{damage}; newer images may follow, and can't be reached" if self.hides_images else damage)
                    break
                note(f"{damage}; a commit follows, and counts")
                commit, at = follower, follower.end
        check(commit.sequence, 0, "no commit")
        note("the file does not end with a commit")
        return commit
    def commit_after(self, damage, last):
        """The newest commit past a damage whose chain leads to the last one before."""
        for end in range(self.file.seek(0, os.SEEK_END) // 4096 * 4096, damage + 96, -4096):
            with contextlib.suppress(Damaged):
                found = commit = self.read_commit(self.record(end - 96))
                self.hides_images = True
                while (commit.previous, commit.sequence) not in ((last.offset, last.sequence + 1), (damage, last.sequence + 2)):
                    before = self.read_commit(self.record(commit.previous))
                    check(damage < before.offset and before.sequence == commit.sequence - 1, before.offset, "no chain")
                    commit = before
                return found
    def image_follows(self, damage):
        if self.hides_images:                                            # by a commit without a chain
            return True
        self.file.seek(damage)
        content = self.file.read()
        at = content.find(b"\x89PLT\x05", 1)
        while at > 0:
            with contextlib.suppress(Damaged):
                if self.is_complete(self.record(damage + at)):
                    return True
            at = content.find(b"\x89PLT\x05", at + 1)
        return False
    def is_complete(self, record, last=None):
        with contextlib.suppress(Damaged):
            image = self.read_image(record)
            self.page(image.root, record.offset)
            follows = last is None or (image.number == last.image_count + 1 and image.previous == last.last_image)
            return not image.partial and follows
        return False
    def read_commit(self, record):                                       # (§9)
        check(record.type == COMMIT and record.end % 4096 == 0, record.offset, "not a COMMIT, or a misplaced one")
        sequence, own_offset, previous, *images, image_count = record.table().take("QQQ QI4x QI4x I4x")
        check(own_offset == record.offset and record.end - record.offset == 96, record.offset, "a COMMIT for another place")
        check((images[0] > 0) == (image_count > 0), record.offset, "a COMMIT of images without the newest")
        return Commit(sequence, record.offset, previous, images[:2], images[2:], image_count, record.end)
    def read_image(self, record):                                        # (§8)
        number, partial, size, covered, *rest = record.table().take("IIQQ8x QI4x QI4x32s QI4x32s")
        check(max(size, covered) < 1 << 63 and (partial or size == covered), record.offset, "a wrong size")
        return Image(record, number, partial, size, Page(rest[2:4], rest[4], None, 0, covered), rest[:2], rest[5:7], rest[7])
    def page(self, page, referrer):                                      # (§7)
        fields = self.located(page.location, PAGE, referrer).payload()
        level, entry_count, block_count, *own_range = fields.take("B3xII4xQQ")
        entries = [fields.take("QQ32s" if level else "B3xIQQ") for _ in range(entry_count)]
        hashes = [fields.take("32sI") for _ in range(block_count)]
        offset = fields.offset
        check(sha256(fields.data[:fields.at]).digest() == page.hash, offset, "a page has not its hash")
        in_place = own_range == [page.start, page.length] and level <= 7 and page.level in (None, level)
        check(in_place, offset, "a page has not the range or the level for which it was fetched")
        return fields, level, entries, hashes
    def pieces(self, page, referrer):
        """What is below a page, in order: kind, start, length, and the block's bytes or the extent's detail."""
        fields, level, entries, hashes = self.page(page, referrer)
        offset, at, end = fields.offset, page.start, page.start + page.length
        frames = {} if level else {number: fields.take("QI4x") for number in range(*fields.take("I4x"))}
        for _, length, child_hash in entries if level else ():           # each child checks its range
            yield from self.pieces(Page(fields.take("QI4x"), child_hash, level - 1, at, length), offset)
            at += length
        for kind, count, length, detail in entries if not level else ():
            blocks, hashes = hashes[:count], hashes[count:]
            check(kind <= UNREADABLE and at + length <= end, offset, "an extent leaves its page, or is of unknown kind")
            check(sum(size for _, size in blocks) == length * (kind == DATA), offset, "blocks don't fill an extent")
            for block_hash, size in blocks:
                number, slot = fields.take("HH")
                data = self.located(frames.get(number, (0, 0)), FRAME, offset).blocks.get((slot, block_hash, size))
                check(data, offset, f"a block is not in slot {slot} of its frame")
                yield kind, at, size, data
                at += size
            if kind != DATA:
                yield kind, at, length, detail
                at += length
        check(at == end, offset, "a page's entries don't fill it")

def restore(path, output_path, number=None):
    platter = Platter(path)
    check(number or not platter.hides_images, platter.commit.end, "the newest images can't be reached: ask by number")
    image = platter.images.get(int(number or len(platter.images)))
    check(image, platter.commit.end, "no such image was committed before here")
    image.record.payload().refuse_features()
    check(os.path.realpath(path) != os.path.realpath(output_path), 0, "the output is the file itself")
    with open(output_path, "wb") as output:
        for kind, start, length, detail in platter.pieces(image.root, image.record.offset):
            output.seek(start)                                           # what is neither DATA nor FILL becomes a hole
            if kind == DATA:
                output.write(detail)
            elif kind == FILL:
                pattern = struct.pack("<Q", detail) * (1 << 17)          # extents start at multiples of 512
                for done in range(0, length, len(pattern)):
                    output.write(pattern[:length - done])
            elif kind == UNREADABLE:
                print(f"note: {length} bytes at {start} could not be read from the disk", file=sys.stderr)
        output.truncate(image.size)

def verify(path):
    platter = Platter(path)
    last, images = Commit(0, 0, 0, [0, 0], [0, 0], 0, 0), [[0, 0], [0, 0], 0]    # newest, partial, how many
    for record in platter.records(platter.commit.end):
        _, payload = record.table(), record.payload()
        check((record.type == FILE) == (record.offset == 0), record.offset, "a FILE that is not the first record, or none")
        if record.type == FRAME:
            check(record.blocks, record.offset, "a FRAME without blocks")
        elif record.type == PADDING:
            check(not any(payload.data), record.offset, "a PADDING that is not zeros")
        elif record.type == COMMIT:                                      # says what was before it
            commit = platter.read_commit(record)
            follows = commit.sequence == last.sequence + 1 and commit.previous == last.offset
            right = [commit.last_image, commit.partial, commit.image_count] in (images, [images[0], [0, 0], images[2]])
            check(follows and right, record.offset, "a COMMIT of something else than what is before it")
            last = commit
        elif record.type == IMAGE:                                       # what it names is before it
            payload.refuse_features()
            image, location = platter.read_image(record), [record.offset, record.end - record.offset]
            follows = image.number == images[2] + 1 and image.previous == images[0]
            check(follows, record.offset, "an IMAGE that does not follow the one before")
            images = [images[0], location, images[2]] if image.partial else [location, [0, 0], images[2] + 1]
            if image.properties[0]:
                properties = platter.located(image.properties, PROPERTIES, record.offset).payload()
                check(sha256(properties.data).digest() == image.properties_hash, record.offset, "wrong PROPERTIES")
            check(sum(p[2] for p in platter.pieces(image.root, record.offset)) == image.root.length, record.offset, "gaps")
    if platter.damage:
        raise platter.damage
    print(f"good: {platter.commit.end} bytes were committed, {len(platter.images)} images")

if __name__ == "__main__":
    commands = {("restore", 4): restore, ("restore", 5): restore, ("verify", 3): verify}
    try:
        commands.get((*sys.argv[1:2], len(sys.argv)), lambda *_: sys.exit(__doc__))(*sys.argv[2:])
    except (Damaged, OSError, ValueError, OverflowError) as error:
        sys.exit(f"error: {error}")
