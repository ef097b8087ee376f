/* Leaving nothing of the job behind: its files, its shared memory, semaphores and queues.

   This is done by a process of the job's account, so whatever names a job has laid out, nothing goes that the job
   itself could not have removed. By then no other process of that account lives. */
#include "autodriver.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/random.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DEEPEST = 64, CLEANING_MOST_S = 60 };

/* Where any user may leave files, beside the home. */
static const char *const shared_folders[] = {"/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run/lock"};

struct sweep {
    uid_t owner; /* whose entries go */
    bool all;    /* or everybody's: what lies in the home */
    int top;
    bool deeper; /* something has been moved up to the top, to be swept next */
    bool left;   /* something could not be removed */
};

static void sweep_folder(struct sweep *sweep, int folder, int depth);

/* Folders within folders have no end, descriptors have: what lies too deep is moved up to the top. */
static void move_up(struct sweep *sweep, int folder, const char *name)
{
    uint64_t number = 0;
    char fresh[40];
    if (getrandom(&number, sizeof number, 0) < 0)
        number = 0;
    (void)snprintf(fresh, sizeof fresh, "autodriver-%016llx", (unsigned long long)number);
    if (renameat(folder, name, sweep->top, fresh) == 0)
        sweep->deeper = true;
    else
        sweep->left = true;
}

static void sweep_entry(struct sweep *sweep, int folder, const char *name, int depth)
{
    struct stat is;
    if (fstatat(folder, name, &is, AT_SYMLINK_NOFOLLOW) < 0)
        return;
    const bool goes = sweep->all || is.st_uid == sweep->owner;
    if (!S_ISDIR(is.st_mode)) {
        if (goes && unlinkat(folder, name, 0) < 0)
            sweep->left = true;
        return;
    }
    if (goes && fchmodat(folder, name, 0700, 0) < 0)
        sweep->left = true;
    if (goes && depth >= DEEPEST) {
        move_up(sweep, folder, name);
        return;
    }
    /* A folder of another user stays, but what the job has put into it goes. */
    const int inner = depth < DEEPEST ? openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
    if (inner >= 0)
        sweep_folder(sweep, inner, depth + 1);
    if (goes && unlinkat(folder, name, AT_REMOVEDIR) < 0)
        sweep->left = true;
}

/* Sweep a folder's entries; closes it. */
static void sweep_folder(struct sweep *sweep, int folder, int depth)
{
    DIR *list = fdopendir(folder);
    if (list == NULL) {
        (void)close(folder);
        sweep->left = true;
        return;
    }
    for (const struct dirent *entry; (entry = readdir(list)) != NULL;)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            sweep_entry(sweep, folder, entry->d_name, depth);
    (void)closedir(list);
}

/* Sweep all below a folder, which itself stays; false if something could not be removed. */
static bool sweep_below(const char *path, uid_t owner, bool all)
{
    struct sweep sweep = {.owner = owner, .all = all, .top = -1};
    sweep.top = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (sweep.top < 0)
        return errno == ENOENT;
    do {
        /* A descriptor of its own: a duplicate would share the place in the list. */
        const int folder = openat(sweep.top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        sweep.deeper = false;
        sweep.left = folder < 0;
        if (folder >= 0)
            sweep_folder(&sweep, folder, 0);
    } while (sweep.deeper);
    (void)close(sweep.top);
    return !sweep.left;
}

/* What semctl() takes; the C library leaves its declaration to us. */
union semun {
    struct semid_ds *set;
    struct seminfo *info;
};

/* The kernel lists System V objects by index; the highest in use is what the *_INFO calls return. */
static void remove_ipc(uid_t owner)
{
    struct shminfo shm_info;
    for (int index = shmctl(0, IPC_INFO, (struct shmid_ds *)(void *)&shm_info); index >= 0; index--) {
        struct shmid_ds shm = {0};
        const int id = shmctl(index, SHM_STAT_ANY, &shm);
        if (id >= 0 && shm.shm_perm.uid == owner)
            (void)shmctl(id, IPC_RMID, NULL);
    }
    struct msginfo msg_info;
    for (int index = msgctl(0, IPC_INFO, (struct msqid_ds *)(void *)&msg_info); index >= 0; index--) {
        struct msqid_ds queue = {0};
        const int id = msgctl(index, MSG_STAT_ANY, &queue);
        if (id >= 0 && queue.msg_perm.uid == owner)
            (void)msgctl(id, IPC_RMID, NULL);
    }
    struct seminfo sem_info;
    for (int index = semctl(0, 0, IPC_INFO, (union semun){.info = &sem_info}); index >= 0; index--) {
        struct semid_ds set = {0};
        const int id = semctl(index, 0, SEM_STAT_ANY, (union semun){.set = &set});
        if (id >= 0 && set.sem_perm.uid == owner)
            (void)semctl(id, 0, IPC_RMID);
    }
}

static _Noreturn void clean_as(const struct account *job)
{
    sigset_t none;
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    if (!become_account(job))
        _exit(EXIT_SYSTEM);
    (void)alarm(CLEANING_MOST_S); /* a job may leave files without end */
    (void)umask(077);
    bool good = chmod(job->home, 0700) == 0 && sweep_below(job->home, job->uid, true);
    for (size_t which = 0; which < sizeof shared_folders / sizeof *shared_folders; which++)
        good = sweep_below(shared_folders[which], job->uid, false) && good;
    remove_ipc(job->uid);
    _exit(good ? EXIT_GOOD : EXIT_SYSTEM);
}

/* Remove all that the job's account has in its home and in the shared folders; false after a complaint. */
bool clean_up(const struct account *job)
{
    const pid_t pid = fork();
    if (pid == 0)
        clean_as(job);
    int status = 0;
    if (pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_GOOD)
        return true;
    complain("some files of user " JOB_ACCOUNT " could not be removed");
    return false;
}
