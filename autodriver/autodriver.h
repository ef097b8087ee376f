/* What the parts of autodriver share. The head of autodriver.c says how they work together. */
#ifndef AUTODRIVER_H
#define AUTODRIVER_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#ifndef JOB_ACCOUNT
#define JOB_ACCOUNT "autograde" /* the account that jobs run as */
#endif
#ifndef LOCK_FILE
#define LOCK_FILE "/run/autodriver.lock" /* root's alone: a job cannot hold it */
#endif
#define LOG_NAME "output.log" /* in the job account's home */
#ifndef JOB_UID_FIRST
/* The kernel counts a user's processes over the whole host, those in other containers included. So each job has a user
   id of its own, drawn from a range that neither useradd nor systemd nor Debian gives to anybody. */
#define JOB_UID_FIRST 60706U
#define JOB_UID_COUNT 477U
#endif
#define TIME_LIMIT_VARIABLE "AUTODRIVER_TIME_LIMIT_S" /* tells the job its -t, if there is one */
#define JOB_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

enum exit_status { EXIT_GOOD = 0, EXIT_USAGE = 1, EXIT_TIMED_OUT = 2, EXIT_SYSTEM = 3 };

/* A limit of 0 is none. */
struct options {
    uint64_t processes;
    uint64_t file_bytes;
    uint64_t time_s;
    uint64_t output_bytes;
    const char *folder; /* a plain name in the current folder */
};

/* The account that jobs run as. */
struct account {
    uid_t owner; /* the account's own id: whose its home is between jobs */
    uid_t uid;   /* what this job runs as */
    gid_t gid;
    gid_t groups[64];
    int group_count;
    char home[PATH_MAX];
    char shell[PATH_MAX];
};

/* The one who called, and the limits that came along; see raise_limits(). */
struct caller {
    uid_t uid;
    gid_t gid;
    struct rlimit limits[RLIM_NLIMITS];
};

struct outcome {
    enum { NOT_RUN, EXITED, TIMED_OUT, INTERRUPTED } kind;
    int status; /* EXITED: make's, 0 if a signal ended it. INTERRUPTED: the signal that we got. */
    int signal; /* EXITED: what ended make, or 0 */
};

/* options.c */
bool parse_number(const char *text, uint64_t most, uint64_t *value);
enum exit_status parse_options(int argc, char *const argv[], struct options *options, bool *help);
extern const char usage_text[];

/* complain.c: one sentence on stderr. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
bool write_all(int fd, const void *bytes, size_t count);

/* identity.c: each that can fail returns false after a complaint. */
void settle(void);
bool asks_to_stop(int signal_number);
enum exit_status check_caller(const struct caller *caller);
bool become_root(void);
void raise_limits(struct caller *caller);
bool find_account(struct account *job);
bool is_job_uid(const struct account *job, uid_t uid);
uid_t fresh_uid(const struct account *job);
bool become_account(const struct account *job);
bool become_caller(const struct caller *caller);

/* job.c */
struct workplace {
    int home;    /* the job account's home */
    int folder;  /* the moved folder, in it */
    int log;     /* takes what the job prints */
    int written; /* the same file, to be read */
};
struct outcome run_job(const struct options *options, const struct account *job, const struct caller *caller,
                       const struct workplace *place);

/* killer.c */
struct killer {
    pid_t pid;
    int trigger;
};
bool prepare_killer(const struct account *job, struct killer *killer);
bool end_processes(const struct account *job, struct killer *killer);

/* folder.c */
bool move_folder(const char *name, uid_t caller, const struct account *job, int home, int *moved);

/* clean.c */
bool clean_up(const struct account *job);

/* report.c */
struct cut {
    uint64_t head; /* so many bytes are kept at the start */
    uint64_t tail; /* and from here on; both are the size where nothing is cut */
};
struct cut cut_log(int log, uint64_t size, uint64_t limit);
bool print_log(int log, uint64_t limit, int out);

#endif
