#include "daemon/metrics_process.h"

#include "daemon/metrics_text.h"

#include <dirent.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

struct process {
    double rss_bytes;
    double virtual_bytes;
    double threads;
    double open_files;
};

/* Fields of /proc/self/stat behind the command's name. */
enum { FIELD_THREADS = 18, FIELD_VSIZE = 21, FIELD_RSS = 22 };

static void read_stat(struct process *ret)
{
    char line[1024] = "";
    FILE *file = fopen("/proc/self/stat", "re");
    if (file == NULL)
        return; /* without /proc the figures are 0 */
    size_t len = fread(line, 1, sizeof(line) - 1, file);
    (void)fclose(file); /* it was only read */
    line[len] = '\0';
    char *rest = strrchr(line, ')'); /* the name may hold anything, but its end is the last one */
    double pages = 0;
    for (int field = 1; rest != NULL && field <= FIELD_RSS; field++) {
        rest = strchr(rest + 1, ' ');
        double value = rest == NULL ? 0 : strtod(rest, NULL);
        if (field == FIELD_THREADS)
            ret->threads = value;
        if (field == FIELD_VSIZE)
            ret->virtual_bytes = value;
        if (field == FIELD_RSS)
            pages = value;
    }
    ret->rss_bytes = pages * (double)sysconf(_SC_PAGESIZE);
}

static void count_files(struct process *ret)
{
    DIR *folder = opendir("/proc/self/fd");
    if (folder == NULL)
        return;
    while (readdir(folder) != NULL)
        ret->open_files++;
    (void)closedir(folder);
    ret->open_files -= 3; /* ".", ".." and the folder itself */
}

static double cpu_seconds(void)
{
    struct timespec used;
    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) != 0)
        return 0;
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

static double files_max(void)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? (double)limit.rlim_cur : 0;
}

/* The control group's limit, else the machine's memory. */
static double memory_max(void)
{
    double limit = 0;
    FILE *file = fopen("/sys/fs/cgroup/memory.max", "re");
    char text[64] = "";
    if (file != NULL) {
        if (fgets(text, sizeof(text), file) != NULL)
            limit = strtod(text, NULL); /* "max" is 0 */
        (void)fclose(file);
    }
    if (limit > 0)
        return limit;
    struct sysinfo info;
    return sysinfo(&info) == 0 ? (double)info.totalram * info.mem_unit : 0;
}

static void plain(struct cd_buffer *out, const char *name, enum cd_family_type type,
                  const char *doc, double value)
{
    static const struct cd_label none[] = {{NULL, NULL}};
    cd_family(out, name, type, doc);
    cd_sample(out, name, "", none, value);
}

/* jvm_memory_*: in the words of the two generations of Prometheus' JVM client. */
static void areas(struct cd_buffer *out, const char *name, const char *doc, double heap,
                  double other)
{
    cd_family(out, name, CD_GAUGE, doc);
    cd_sample(out, name, "", (const struct cd_label[]){{"area", "heap"}, {NULL, NULL}}, heap);
    cd_sample(out, name, "", (const struct cd_label[]){{"area", "nonheap"}, {NULL, NULL}}, other);
}

static void java_memory(struct cd_buffer *out, const struct process *process)
{
    struct mallinfo2 heap = mallinfo2();
    double used = (double)(heap.uordblks + heap.hblkhd);
    double committed = (double)(heap.arena + heap.hblkhd);
    double other = process->rss_bytes > used ? process->rss_bytes - used : 0;
    double max = memory_max();
    areas(out, "jvm_memory_used_bytes", "Memory in use: heap is the allocator's.", used, other);
    areas(out, "jvm_memory_bytes_used", "Memory in use, older name.", used, other);
    areas(out, "jvm_memory_committed_bytes", "Memory the allocator took.", committed, other);
    areas(out, "jvm_memory_bytes_committed", "Memory the allocator took, older name.", committed,
          other);
    areas(out, "jvm_memory_max_bytes", "Limit of the control group, or the machine's memory.", max,
          max);
    areas(out, "jvm_memory_bytes_max", "Limit of memory, older name.", max, max);
}

static void java_rest(struct cd_buffer *out, const struct process *process)
{
    static const struct cd_label none[] = {{"gc", "none"}, {NULL, NULL}};
    cd_family(out, "jvm_gc_collection_seconds", CD_SUMMARY, "There is no collector: always 0.");
    cd_sample(out, "jvm_gc_collection_seconds", "_sum", none, 0);
    cd_sample(out, "jvm_gc_collection_seconds", "_count", none, 0);
    plain(out, "jvm_threads_current", CD_GAUGE, "Threads of the process.", process->threads);
    plain(out, "jvm_threads_peak", CD_GAUGE, "Threads of the process; no peak is kept.",
          process->threads);
    plain(out, "jvm_threads_started_total", CD_COUNTER, "Threads of the process; no sum is kept.",
          process->threads);
}

void cd_metrics_process(struct cd_buffer *out, int64_t started_wall_ms)
{
    struct process process = {0};
    read_stat(&process);
    count_files(&process);
    plain(out, "process_cpu_seconds_total", CD_COUNTER, "CPU time used.", cpu_seconds());
    plain(out, "process_resident_memory_bytes", CD_GAUGE, "Memory that is resident.",
          process.rss_bytes);
    plain(out, "process_virtual_memory_bytes", CD_GAUGE, "Address space.", process.virtual_bytes);
    plain(out, "process_start_time_seconds", CD_GAUGE, "When the worker started, since 1970.",
          (double)started_wall_ms / 1000);
    plain(out, "process_open_fds", CD_GAUGE, "Open file descriptors.", process.open_files);
    plain(out, "process_max_fds", CD_GAUGE, "Limit of open file descriptors.", files_max());
    plain(out, "process_threads", CD_GAUGE, "Threads.", process.threads);
    java_memory(out, &process);
    java_rest(out, &process);
}
