"""Runs a program on a pseudo-terminal of 80 columns and tells what its screen shows at the end.

screen.py [--interrupt-at FILE BYTES TIMES] PROGRAM...
Prints the exit code, how often a line was drawn again, and the lines of the screen.
"""
import os, pty, re, select, signal, struct, fcntl, sys, termios, time

COLUMNS = 80


def show(text):
    """The screen after this text: enough of a VT100 for one that draws lines again, and an error for the rest."""
    screen, row, column = [[]], 0, 0
    for part in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|[\s\S]", text):
        if part == "\r":
            column = 0
        elif part == "\n":
            row += 1
        elif part == "\b":
            column = max(0, column - 1)
        elif part == "\x1b[K":
            del screen[row][column:]
        elif re.fullmatch(r"\x1b\[\d*A", part):
            row = max(0, row - int(part[2:-1] or 1))
        elif part.startswith("\x1b") or part < " ":
            sys.exit(f"the screen model does not know {part!r}")
        else:
            if column == COLUMNS:
                row, column = row + 1, 0
            while len(screen) <= row:
                screen.append([])
            screen[row] += " " * (column + 1 - len(screen[row]))
            screen[row][column] = part
            column += 1
        while len(screen) <= row:
            screen.append([])
    return ["".join(line).rstrip() for line in screen]


def main(words):
    awaited = None
    if words[0] == "--interrupt-at":
        awaited, size, times = words[1], int(words[2]), int(words[3])
        words = words[4:]
    child, terminal = pty.fork()
    if child == 0:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Else it stays ignored, as below a shell's background program.
        os.execvp(words[0], words)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    output = b""
    while True:
        if awaited and os.path.exists(awaited) and os.path.getsize(awaited) >= size:
            awaited = None
            for _ in range(times):
                os.write(terminal, b"\x03")
                time.sleep(0.3)
        if select.select([terminal], [], [], 0.02)[0]:
            try:
                piece = os.read(terminal, 65536)
            except OSError:
                break
            if not piece:
                break
            output += piece
    status = os.waitpid(child, 0)[1]
    text = output.decode("utf-8")
    print(os.waitstatus_to_exitcode(status))
    print(len(re.findall(r"\r(?!\n)", text)))
    print("\n".join(show(text)).rstrip("\n"))


main(sys.argv[1:])
