/* The command line. */
#include "autodriver.h"

#include <getopt.h>
#include <string.h>

const char usage_text[] =
    "usage: autodriver [-u PROCESSES] [-f FILE_BYTES] [-t SECONDS] [-o OUTPUT_BYTES] DIRECTORY\n"
    "Runs make in DIRECTORY, a folder of yours in the current folder, as user " JOB_ACCOUNT ", and prints what it\n"
    "printed. DIRECTORY is moved, and is gone afterwards.\n"
    "  -u, --nproc    processes and threads at a time\n"
    "  -f, --fsize    size of the largest file, in bytes\n"
    "  -t, --timeout  seconds until all that runs is ended\n"
    "  -o, --osize    bytes of output that are kept; of more, the middle is left out\n"
    "An option that is 0 or left out sets no limit. -i, --timestamp-interval and -z, --timezone change nothing.\n"
    "Exit status: 0 make ran, whatever became of it; 1 wrong usage; 2 out of time; 3 the machine's fault.\n";

/* Read a decimal number from 0 to `most`: digits only, so no sign, no space, no "0x", no unit. */
bool parse_number(const char *text, uint64_t most, uint64_t *value)
{
    uint64_t number = 0;
    if (*text == '\0')
        return false;
    for (const char *next = text; *next != '\0'; next++) {
        if (*next < '0' || *next > '9')
            return false;
        const uint64_t digit = (uint64_t)(*next - '0');
        if (digit > most || number > (most - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    *value = number;
    return true;
}

/* As Tango's program has them: short and long, any long one by its beginning, the last one counts, and the directory
   may stand anywhere. */
static const struct option long_options[] = {
    {"nproc", required_argument, NULL, 'u'},
    {"fsize", required_argument, NULL, 'f'},
    {"timeout", required_argument, NULL, 't'},
    {"osize", required_argument, NULL, 'o'},
    {"timestamp-interval", required_argument, NULL, 'i'},
    {"timezone", required_argument, NULL, 'z'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static bool parse_option(int letter, const char *text, struct options *options)
{
    uint64_t ignored = 0;
    uint64_t *value = NULL;
    uint64_t most = UINT32_MAX;
    switch (letter) {
    case 'u': value = &options->processes; break;
    case 'f': value = &options->file_bytes; most = (uint64_t)1 << 50; break;
    case 't': value = &options->time_s; break;
    case 'o': value = &options->output_bytes; most = (uint64_t)1 << 50; break;
    case 'i': value = &ignored; break;
    default: return letter == 'z';
    }
    if (parse_number(text, most, value))
        return true;
    complain("option -%c: \"%s\" is not a whole number from 0 to %llu", letter, text, (unsigned long long)most);
    return false;
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
    for (int letter; (letter = getopt_long(argc, argv, ":u:f:t:o:i:z:h", long_options, NULL)) != -1;) {
        if (letter == 'h') {
            *help = true;
            return EXIT_GOOD;
        }
        if (letter == ':') {
            complain("option -%c needs a value", optopt);
            return EXIT_USAGE;
        }
        if (letter == '?') {
            if (optopt != 0 && strchr("uftoizh", optopt) == NULL)
                complain("there is no option -%c", optopt);
            else
                complain("there is no option \"%s\", or it is short for several", argv[optind - 1]);
            return EXIT_USAGE;
        }
        if (!parse_option(letter, optarg, options))
            return EXIT_USAGE;
    }
    if (argc - optind != 1) {
        complain("one DIRECTORY is needed beside the options");
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
