/*
 * Makes calls of kernel32 for a program that can't, such as one that runs on Linux while this runs under Wine.
 *
 * Each line of standard input is a call: its name and arguments, numbers in decimal, bytes and texts (UTF-16) in hex
 * with an "x" before. Each line of standard output is an answer: the result, GetLastError(), a number, and bytes as above.
 */
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 1048576

static unsigned char in[2][MOST + 2], out[MOST];
static char line[4 * MOST];
static unsigned long long number[8];
static int numbers, texts;
static DWORD length[2];

static int value(char c)
{
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* Takes the arguments of the line apart. A text ends with a NUL of two bytes. */
static void parse(char *arguments)
{
    numbers = texts = 0;
    for (char *word = strtok(arguments, " \r\n"); word; word = strtok(NULL, " \r\n")) {
        if (*word != 'x') {
            number[numbers++] = strtoull(word, NULL, 10);
            continue;
        }
        DWORD n = 0;
        for (word++; word[0] && word[1]; word += 2)
            in[texts][n++] = (unsigned char) (value(word[0]) << 4 | value(word[1]));
        in[texts][n] = in[texts][n + 1] = 0;
        length[texts++] = n;
    }
}

static void answer(long long result, DWORD error, DWORD count, DWORD bytes)
{
    printf("%lld %lu %lu x", result, error, count);
    for (DWORD i = 0; i < bytes; i++)
        printf("%02x", out[i]);
    printf("\n");
    fflush(stdout);
}

int main(void)
{
    while (fgets(line, sizeof line, stdin)) {
        char *space = strpbrk(line, " \r\n");
        *space = 0;
        parse(space + 1);
        const char *call = line;
        const wchar_t *text = (const wchar_t *) in[0];
        HANDLE handle = (HANDLE) (ULONG_PTR) number[0];
        DWORD count = 0, bytes = 0;
        long long result = 0;
        memset(out, 0, 65536);
        SetLastError(0);
        if (!strcmp(call, "CreateFileW")) {
            result = (long long) (LONG_PTR) CreateFileW(text, (DWORD) number[0], (DWORD) number[1], NULL,
                                                        (DWORD) number[2], (DWORD) number[3], NULL);
        } else if (!strcmp(call, "CloseHandle")) {
            result = CloseHandle(handle);
        } else if (!strcmp(call, "DeviceIoControl")) {
            bytes = (DWORD) number[2];
            result = DeviceIoControl(handle, (DWORD) number[1], length[0] ? in[0] : NULL, length[0],
                                     bytes ? out : NULL, bytes, &count, NULL);
        } else if (!strcmp(call, "ReadFile")) {
            result = ReadFile(handle, out, (DWORD) number[1], &count, (OVERLAPPED *) in[0]);
            bytes = count;
        } else if (!strcmp(call, "WriteFile")) {
            result = WriteFile(handle, in[1], length[1], &count, (OVERLAPPED *) in[0]);
        } else if (!strcmp(call, "FlushFileBuffers")) {
            result = FlushFileBuffers(handle);
        } else if (!strcmp(call, "FindFirstVolumeW")) {
            result = (long long) (LONG_PTR) FindFirstVolumeW((wchar_t *) out, bytes = 512);
        } else if (!strcmp(call, "FindNextVolumeW")) {
            result = FindNextVolumeW(handle, (wchar_t *) out, bytes = 512);
        } else if (!strcmp(call, "FindVolumeClose")) {
            result = FindVolumeClose(handle);
        } else if (!strcmp(call, "GetVolumePathNamesForVolumeNameW")) {
            result = GetVolumePathNamesForVolumeNameW(text, (wchar_t *) out, bytes = 512, &count);
        } else if (!strcmp(call, "GetVolumePathNameW")) {
            result = GetVolumePathNameW(text, (wchar_t *) out, bytes = 512);
        } else if (!strcmp(call, "GetVolumeNameForVolumeMountPointW")) {
            result = GetVolumeNameForVolumeMountPointW(text, (wchar_t *) out, bytes = 512);
        } else if (!strcmp(call, "GetSystemWindowsDirectoryW")) {
            result = GetSystemWindowsDirectoryW((wchar_t *) out, bytes = 512);
        } else if (!strcmp(call, "FormatMessageW")) {
            result = FormatMessageW((DWORD) number[0], NULL, (DWORD) number[1], 0, (wchar_t *) out, bytes = 512, NULL);
        }
        answer(result, GetLastError(), count, bytes);
    }
    return 0;
}
