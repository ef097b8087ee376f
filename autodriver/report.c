/* Printing the job's log: whole, or its two ends. Memory does not grow with the log. */
#include "autodriver.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char elided[] = "\n...[excess bytes elided]...\n";

/* The longest character of UTF-8 has one byte that leads and three that continue. */
enum { CONTINUING_MOST = 3 };

static bool continues(unsigned char byte) { return (byte & 0xC0U) == 0x80U; }
static bool leads(unsigned char byte) { return byte >= 0xC0U; }

static unsigned char byte_at(int log, uint64_t place)
{
    unsigned char byte = 0;
    return pread(log, &byte, 1, (off_t)place) == 1 ? byte : 0;
}

/* The nearest place at or before this one that is not inside a character; the place itself if this is no UTF-8. */
static uint64_t back_to_character(int log, uint64_t place)
{
    if (!continues(byte_at(log, place)))
        return place;
    for (uint64_t step = 1; step <= CONTINUING_MOST && step <= place; step++) {
        const unsigned char byte = byte_at(log, place - step);
        if (leads(byte))
            return place - step;
        if (!continues(byte))
            break;
    }
    return place;
}

static uint64_t on_to_character(int log, uint64_t place, uint64_t size)
{
    for (uint64_t step = 0; step <= CONTINUING_MOST && place + step <= size; step++)
        if (place + step == size || !continues(byte_at(log, place + step)))
            return place + step;
    return place;
}

/* Where to cut: at most `limit` bytes stay, half at each end, and no character of UTF-8 is cut in two. */
struct cut cut_log(int log, uint64_t size, uint64_t limit)
{
    if (size <= limit)
        return (struct cut){.head = size, .tail = size};
    const uint64_t half = limit / 2;
    return (struct cut){
        .head = back_to_character(log, half),
        .tail = on_to_character(log, size - (limit - half), size),
    };
}

static bool copy_bytes(int log, uint64_t from, uint64_t to, int out)
{
    char buffer[65536];
    while (from < to) {
        const uint64_t wanted = to - from < sizeof buffer ? to - from : sizeof buffer;
        const ssize_t got = pread(log, buffer, (size_t)wanted, (off_t)from);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 || !write_all(out, buffer, (size_t)got))
            return false;
        from += (uint64_t)got;
    }
    return true;
}

/* Print the log, at most `limit` bytes of it (0: all) and a line that says so; false, with errno, if it cannot be. */
bool print_log(int log, uint64_t limit, int out)
{
    struct stat is;
    if (fstat(log, &is) < 0)
        return false;
    const uint64_t size = (uint64_t)is.st_size;
    const struct cut cut = cut_log(log, size, limit == 0 ? size : limit);
    if (!copy_bytes(log, 0, cut.head, out))
        return false;
    if (cut.head == size)
        return true;
    return write_all(out, elided, strlen(elided)) && copy_bytes(log, cut.tail, size, out);
}
