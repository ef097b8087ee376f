/* The command line. */
#include "autodriver.h"

#include <string.h>
#include <unistd.h>

const char usage_text[] =
    "usage: autodriver -u PROCESSES -f FILE_BYTES -t SECONDS -o OUTPUT_BYTES DIRECTORY\n"
    "Runs make in DIRECTORY, a folder of yours in the current folder, as user " JOB_ACCOUNT ", and prints what it\n"
    "printed. DIRECTORY is moved, and is gone afterwards.\n"
    "  -u  processes and threads at a time\n"
    "  -f  size of the largest file, in bytes\n"
    "  -t  seconds until all that runs is ended\n"
    "  -o  bytes of output that are kept; of more, the middle is left out\n"
    "Exit status: 0 make ran, whatever became of it; 1 wrong usage; 2 out of time; 3 the machine's fault.\n";

/* Read a decimal number from 1 to `most`: digits only, so no sign, no space, no "0x", no unit. */
bool parse_number(const char *text, uint64_t most, uint64_t *value)
{
    uint64_t number = 0;
    for (const char *next = text; *next != '\0'; next++) {
        if (*next < '0' || *next > '9')
            return false;
        const uint64_t digit = (uint64_t)(*next - '0');
        if (digit > most || number > (most - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    if (number == 0 || number > most)
        return false;
    *value = number;
    return true;
}

static bool parse_option(int letter, const char *text, struct options *options)
{
    uint64_t *value = NULL;
    uint64_t most = 0;
    switch (letter) {
    case 'u': value = &options->processes; most = 1000000; break;
    case 'f': value = &options->file_bytes; most = (uint64_t)1 << 50; break;
    case 't': value = &options->time_s; most = 10000000; break;
    case 'o': value = &options->output_bytes; most = (uint64_t)1 << 50; break;
    default: return false;
    }
    if (*value != 0) {
        complain("option -%c is given twice", letter);
        return false;
    }
    if (!parse_number(text, most, value)) {
        complain("option -%c: \"%s\" is not a whole number from 1 to %llu", letter, text, (unsigned long long)most);
        return false;
    }
    return true;
}

static bool is_plain_name(const char *name)
{
    return *name != '\0' && strchr(name, '/') == NULL && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

/* Read the command line: EXIT_GOOD, or EXIT_USAGE after a complaint. `help` says that -h was given. */
enum exit_status parse_options(int argc, char *const argv[], struct options *options, bool *help)
{
    memset(options, 0, sizeof *options);
    *help = false;
    opterr = 0;
    for (int letter; (letter = getopt(argc, argv, "+:u:f:t:o:h")) != -1;) {
        if (letter == 'h') {
            *help = true;
            return EXIT_GOOD;
        }
        if (letter == '?' || letter == ':') {
            complain(letter == '?' ? "there is no option -%c" : "option -%c needs a number", optopt);
            return EXIT_USAGE;
        }
        if (!parse_option(letter, optarg, options))
            return EXIT_USAGE;
    }
    if (options->processes == 0 || options->file_bytes == 0 || options->time_s == 0 || options->output_bytes == 0) {
        complain("options -u, -f, -t and -o are all needed");
        return EXIT_USAGE;
    }
    if (argc - optind != 1) {
        complain("one DIRECTORY is needed after the options");
        return EXIT_USAGE;
    }
    options->folder = argv[optind];
    if (!is_plain_name(options->folder) || strcmp(options->folder, LOG_NAME) == 0) {
        complain("\"%s\" cannot be DIRECTORY: it must be the plain name of a folder in the current folder",
                 options->folder);
        return EXIT_USAGE;
    }
    return EXIT_GOOD;
}
