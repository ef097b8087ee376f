/* Moving the caller's folder into the job account's home: every file is made anew there, then the old ones go.

   Nothing that exists changes its owner, so no link of any kind can hand a foreign file to the job, and no descriptor
   that the caller kept reaches what the job works on. (A rename would not do in a container anyway: the folder lies
   in the image's own layer.) Every step goes by descriptor and follows no link, since the caller may move things
   about all the while. What it has no right to is refused: files that are neither its own nor root's (who put the
   hand-in there), and files of root's that have a second name elsewhere. */
#include "autodriver.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEEPEST = 64, NEW_FLAGS = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC };
enum { FOLDER_FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

struct move {
    const struct account *job;
    uid_t caller;
    dev_t device;
};

/* One step of a walk: an entry of a folder that is open. */
struct entry {
    int folder;
    const char *name;
    struct stat is;
    int depth;
};

typedef bool visit(const struct move *move, const struct entry *entry, int to);

static bool failed(const char *what, const char *name)
{
    complain("cannot %s \"%s\": %s", what, name, strerror(errno));
    return false;
}

static bool is_permitted(const struct move *move, const struct stat *is)
{
    if (is->st_uid == move->caller)
        return true;
    return is->st_uid == 0 && (S_ISDIR(is->st_mode) || is->st_nlink == 1);
}

/* Visit all entries of a folder, which is closed afterwards. */
static bool walk(const struct move *move, int folder, int to, int depth, visit *act)
{
    DIR *list = fdopendir(folder);
    if (list == NULL) {
        (void)close(folder);
        return failed("list", "a folder");
    }
    bool good = true;
    while (good) {
        errno = 0;
        const struct dirent *found = readdir(list);
        if (found == NULL) {
            good = errno == 0 || failed("list", "a folder");
            break;
        }
        if (strcmp(found->d_name, ".") == 0 || strcmp(found->d_name, "..") == 0)
            continue;
        struct entry entry = {.folder = folder, .name = found->d_name, .depth = depth};
        if (fstatat(folder, entry.name, &entry.is, AT_SYMLINK_NOFOLLOW) < 0)
            good = failed("look at", entry.name);
        else
            good = act(move, &entry, to);
    }
    (void)closedir(list);
    return good;
}

/* Open a folder within the one that is moved, and look again at what has been opened; -1 after a complaint. */
static int open_inner(const struct move *move, const struct entry *entry)
{
    if (entry->depth >= DEEPEST) {
        complain("\"%s\" lies too deep: %d folders within folders are the most", entry->name, DEEPEST);
        return -1;
    }
    const int inner = openat(entry->folder, entry->name, FOLDER_FLAGS);
    struct stat is;
    if (inner < 0 || fstat(inner, &is) < 0) {
        (void)failed("open", entry->name);
    } else if (!is_permitted(move, &is)) {
        complain("\"%s\" belongs to another user", entry->name);
    } else if (is.st_dev != move->device) {
        complain("\"%s\" is on another file system", entry->name);
    } else {
        return inner;
    }
    if (inner >= 0)
        (void)close(inner);
    return -1;
}

/* Give something new to the job's account; the owner keeps every right, others get what they had. */
static bool hand_over(const struct move *move, int fd, const struct stat *old, mode_t owner)
{
    const struct timespec times[2] = {old->st_atim, old->st_mtim}; /* make goes by them */
    return fchown(fd, move->job->uid, move->job->gid) == 0 && fchmod(fd, (old->st_mode & 0777U) | owner) == 0 &&
           futimens(fd, times) == 0;
}

/* Copy as much as there was when we looked, no more: the caller may go on writing. */
static bool copy_content(int in, int out, off_t size)
{
    static char buffer[65536];
    for (off_t done = 0; done < size;) {
        const off_t rest = size - done;
        const ssize_t got = read(in, buffer, rest < (off_t)sizeof buffer ? (size_t)rest : sizeof buffer);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 || (got > 0 && !write_all(out, buffer, (size_t)got)))
            return false;
        if (got == 0)
            break;
        done += got;
    }
    return true;
}

static bool copy_file(const struct move *move, const struct entry *entry, int to)
{
    /* Non-blocking: it may be a pipe by now. */
    const int in = openat(entry->folder, entry->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat is;
    if (in < 0)
        return failed("open", entry->name);
    if (fstat(in, &is) < 0 || !S_ISREG(is.st_mode) || !is_permitted(move, &is)) {
        (void)close(in);
        complain("\"%s\" is not a file of its own: it belongs to another user, or has a second name (a hard link)",
                 entry->name);
        return false;
    }
    const int out = openat(to, entry->name, NEW_FLAGS, 0600);
    const bool good = out >= 0 && copy_content(in, out, is.st_size) && hand_over(move, out, &is, 0);
    if (!good)
        (void)failed("copy", entry->name);
    if (out >= 0)
        (void)close(out);
    (void)close(in);
    return good;
}

/* A link is copied as what it is, a text. */
static bool copy_link(const struct move *move, const struct entry *entry, int to)
{
    char text[PATH_MAX];
    const ssize_t length = readlinkat(entry->folder, entry->name, text, sizeof text - 1);
    if (length < 0)
        return failed("read the link", entry->name);
    text[length] = '\0';
    if (symlinkat(text, to, entry->name) == 0 &&
        fchownat(to, entry->name, move->job->uid, move->job->gid, AT_SYMLINK_NOFOLLOW) == 0)
        return true;
    return failed("copy the link", entry->name);
}

static bool copy_entry(const struct move *move, const struct entry *entry, int to);

/* Make a folder that is the job's from the start, so that cleaning can remove it half filled. Opened; -1 after a
   complaint. */
static int make_folder(const struct move *move, int where, const char *name)
{
    const int made = mkdirat(where, name, 0700) == 0 ? openat(where, name, FOLDER_FLAGS) : -1;
    if (made >= 0 && fchown(made, move->job->uid, move->job->gid) == 0)
        return made;
    (void)failed("make the folder", name);
    if (made >= 0)
        (void)close(made);
    return -1;
}

static bool copy_folder(const struct move *move, const struct entry *entry, int to)
{
    const int inner = open_inner(move, entry);
    if (inner < 0)
        return false;
    const int made = make_folder(move, to, entry->name);
    if (made < 0) {
        (void)close(inner);
        return false;
    }
    bool good = walk(move, inner, made, entry->depth + 1, copy_entry);
    if (good && !hand_over(move, made, &entry->is, 0700))
        good = failed("hand over", entry->name);
    (void)close(made);
    return good;
}

static bool copy_entry(const struct move *move, const struct entry *entry, int to)
{
    if (!is_permitted(move, &entry->is)) {
        complain("\"%s\" belongs to another user, or is root's and has a second name (a hard link)", entry->name);
        return false;
    }
    if (S_ISREG(entry->is.st_mode))
        return copy_file(move, entry, to);
    if (S_ISDIR(entry->is.st_mode))
        return copy_folder(move, entry, to);
    if (S_ISLNK(entry->is.st_mode))
        return copy_link(move, entry, to);
    complain("\"%s\" is neither a file, a folder nor a link: remove it", entry->name);
    return false;
}

/* Remove what has been copied. */
static bool remove_entry(const struct move *move, const struct entry *entry, int unused)
{
    const bool is_folder = S_ISDIR(entry->is.st_mode);
    if (is_folder) {
        const int inner = open_inner(move, entry);
        if (inner < 0 || !walk(move, inner, unused, entry->depth + 1, remove_entry))
            return false;
    }
    return unlinkat(entry->folder, entry->name, is_folder ? AT_REMOVEDIR : 0) == 0 || failed("remove", entry->name);
}

/* Move a folder of the current folder into the home; `moved` becomes the open new one. False after a complaint. */
bool move_folder(const char *name, uid_t caller, const struct account *job, int home, int *moved)
{
    struct stat is;
    const int folder = openat(AT_FDCWD, name, FOLDER_FLAGS);
    *moved = -1;
    if (folder < 0) {
        complain("cannot open the folder \"%s\": %s", name,
                 errno == ELOOP || errno == ENOTDIR ? "it is not a folder, or a symbolic link" : strerror(errno));
        return false;
    }
    if (fstat(folder, &is) < 0 || is.st_uid != caller) {
        (void)close(folder);
        complain("the folder \"%s\" is not yours: it must belong to the user who runs autodriver", name);
        return false;
    }
    const struct move move = {.job = job, .caller = caller, .device = is.st_dev};
    const int again = fcntl(folder, F_DUPFD_CLOEXEC, 0);
    *moved = again < 0 ? -1 : make_folder(&move, home, name);
    if (*moved < 0) {
        (void)close(folder);
        if (again >= 0)
            (void)close(again);
        return false;
    }
    const bool copied = walk(&move, again, *moved, 0, copy_entry);
    if (copied && !hand_over(&move, *moved, &is, 0700)) {
        (void)close(folder);
        return failed("hand over", name);
    }
    if (!copied || lseek(folder, 0, SEEK_SET) < 0) {
        (void)close(folder);
        return false;
    }
    return walk(&move, folder, -1, 0, remove_entry) &&
           (unlinkat(AT_FDCWD, name, AT_REMOVEDIR) == 0 || failed("remove", name));
}
