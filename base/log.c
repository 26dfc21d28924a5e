#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/thread.h"

/* One a known component, never freed: loggers point at them, and a level check is one relaxed load.
 */
struct cd_log_component {
    struct cd_log_component *next; /* sorted by name */
    const char *name;
    _Atomic(int) level;
    int64_t modified_ms; /* guarded by lock */
};

static struct cd_log_component root = {.name = "root", .level = CD_LOG_INFO};

/* guarded by lock: the list behind `root`; set once before threads start: where and how lines go */
static struct cd_mutex lock = CD_MUTEX_INIT;
static struct cd_log_component *components;
static int output = STDERR_FILENO;
static enum cd_log_format format = CD_LOG_TEXT;

void cd_log_setup(int fd, enum cd_log_format form)
{
    output = fd;
    format = form;
}

/* ---- levels ---- */

static const struct {
    const char *name;
    enum cd_level level;
} level_names[] = {
    {"TRACE", CD_LOG_TRACE}, {"DEBUG", CD_LOG_DEBUG}, {"INFO", CD_LOG_INFO},
    {"WARN", CD_LOG_WARN},   {"ERROR", CD_LOG_ERROR}, {"OFF", CD_LOG_OFF},
    {"FATAL", CD_LOG_ERROR}, /* nothing is logged above ERROR, and asking for less must not silence
                                that */
};

bool cd_log_parse_level(const char *text, enum cd_level *ret)
{
    for (size_t i = 0; i < sizeof(level_names) / sizeof(level_names[0]); i++) {
        if (strcasecmp(text, level_names[i].name) != 0)
            continue;
        *ret = level_names[i].level;
        return true;
    }
    return false;
}

const char *cd_log_level_name(enum cd_level level)
{
    return level_names[level].name;
}

static bool is_root(const char *name)
{
    return strcasecmp(name, "root") == 0;
}

static struct cd_log_component *find(const char *name)
{
    if (is_root(name))
        return &root;
    for (struct cd_log_component *at = components; at != NULL; at = at->next)
        if (strcmp(at->name, name) == 0)
            return at;
    return NULL;
}

static bool covers(const char *ancestor, const char *name)
{
    size_t len = strlen(ancestor);
    return strncmp(ancestor, name, len) == 0 && (name[len] == '.' || name[len] == '\0');
}

/* The component itself if it is known, else its nearest known ancestor. */
static const struct cd_log_component *nearest(const char *name)
{
    const struct cd_log_component *best = &root;
    if (is_root(name))
        return best;
    for (const struct cd_log_component *at = components; at != NULL; at = at->next)
        if (covers(at->name, name)) /* sorted: a longer ancestor comes later */
            best = at;
    return best;
}

static int level_of(const struct cd_log_component *component)
{
    return atomic_load_explicit(&component->level, memory_order_relaxed);
}

static struct cd_log_component *find_or_add(const char *name)
{
    struct cd_log_component *known = find(name);
    if (known != NULL)
        return known;
    struct cd_log_component *added = cd_new(struct cd_log_component);
    added->name = cd_strdup(name);
    atomic_init(&added->level, level_of(nearest(name)));
    struct cd_log_component **at = &components;
    while (*at != NULL && strcmp((*at)->name, name) < 0)
        at = &(*at)->next;
    added->next = *at;
    *at = added;
    return added;
}

static bool change(struct cd_log_component *component, enum cd_level level)
{
    if (level_of(component) == (int)level)
        return false;
    atomic_store_explicit(&component->level, (int)level, memory_order_relaxed);
    component->modified_ms = cd_wall_ms();
    return true;
}

/* In the order of names, with root in its place among them. */
static void each_component(void (*each)(void *arg, struct cd_log_component *component), void *arg)
{
    struct cd_log_component *at = components;
    for (; at != NULL && strcmp(at->name, root.name) < 0; at = at->next)
        each(arg, at);
    each(arg, &root);
    for (; at != NULL; at = at->next)
        each(arg, at);
}

struct level_change {
    const char *prefix; /* NULL: all */
    enum cd_level level;
    void (*changed)(void *arg, const char *component);
    void *arg;
};

static void change_if_covered(void *arg, struct cd_log_component *component)
{
    const struct level_change *wanted = arg;
    if (wanted->prefix != NULL && (component == &root || strncmp(component->name, wanted->prefix,
                                                                 strlen(wanted->prefix)) != 0))
        return;
    if (change(component, wanted->level) && wanted->changed != NULL)
        wanted->changed(wanted->arg, component->name);
}

void cd_log_change_level(const char *component, enum cd_level level,
                         void (*changed)(void *arg, const char *component), void *arg)
{
    struct level_change wanted = {is_root(component) ? NULL : component, level, changed, arg};
    cd_mutex_lock(&lock);
    (void)find_or_add(component); /* it exists from here on */
    each_component(change_if_covered, &wanted);
    cd_mutex_unlock(&lock);
}

void cd_log_set_level(const char *component, enum cd_level level)
{
    cd_log_change_level(component, level, NULL, NULL);
}

bool cd_log_known(const char *component)
{
    cd_mutex_lock(&lock);
    bool known = find(component) != NULL;
    cd_mutex_unlock(&lock);
    return known;
}

enum cd_level cd_log_get_level(const char *component, int64_t *ret_modified_ms)
{
    cd_mutex_lock(&lock);
    const struct cd_log_component *known = find(component);
    if (ret_modified_ms != NULL)
        *ret_modified_ms = known == NULL ? 0 : known->modified_ms;
    int level = level_of(nearest(component));
    cd_mutex_unlock(&lock);
    return (enum cd_level)level;
}

struct level_visit {
    void (*each)(void *arg, const char *component, enum cd_level level, int64_t modified_ms);
    void *arg;
};

static void visit(void *arg, struct cd_log_component *component)
{
    const struct level_visit *visitor = arg;
    visitor->each(visitor->arg, component->name, (enum cd_level)level_of(component),
                  component->modified_ms);
}

void cd_log_each_level(void (*each)(void *arg, const char *component, enum cd_level level,
                                    int64_t modified_ms),
                       void *arg)
{
    struct level_visit visitor = {each, arg};
    cd_mutex_lock(&lock);
    each_component(visit, &visitor);
    cd_mutex_unlock(&lock);
}

static struct cd_log_component *component_of(const struct cd_logger *logger)
{
    if (logger->state != NULL)
        return logger->state;
    cd_mutex_lock(&lock);
    struct cd_log_component *component = find_or_add(logger->component);
    cd_mutex_unlock(&lock);
    return component;
}

void cd_logger_init(struct cd_logger *logger, const char *component, const char *connector,
                    int32_t task)
{
    *logger = (struct cd_logger){.component = component, .task = task};
    logger->state = component_of(logger);
    if (connector == NULL || connector[0] == '\0')
        return;
    (void)snprintf(logger->connector, sizeof(logger->connector), "%s", connector);
    if (task >= 0) /* as the JVM's connector contexts look */
        (void)snprintf(logger->context, sizeof(logger->context), "%s|task-%d", logger->connector,
                       task);
    else
        (void)snprintf(logger->context, sizeof(logger->context), "%s", logger->connector);
}

bool cd_log_enabled(const struct cd_logger *logger, enum cd_level level)
{
    return (int)level >= level_of(component_of(logger));
}

/* ---- lines ---- */

static void put_time(struct cd_buffer *line)
{
    int64_t now_ms = cd_wall_ms();
    time_t seconds = (time_t)(now_ms / 1000);
    struct tm utc;
    (void)gmtime_r(&seconds, &utc); /* fails only beyond year 2^31 */
    cd_buffer_printf(line, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", utc.tm_year + 1900,
                     utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                     (int)(now_ms % 1000));
}

/* A line stays a line, and a terminal is not at the mercy of what a record holds. */
static void put_plain(struct cd_buffer *line, struct cd_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c == '\n')
            cd_buffer_text(line, "\\n");
        else if ((c < 0x20 && c != '\t') || c == 0x7f)
            cd_buffer_printf(line, "\\x%02x", c);
        else
            cd_buffer_char(line, (char)c);
    }
}

/* Length of the well-formed UTF-8 character at the start, 0 if there is none. */
static size_t utf8_char(struct cd_slice text)
{
    unsigned char lead = (unsigned char)text.ptr[0];
    size_t len = lead < 0x80   ? 1
                 : lead < 0xc2 ? 0
                 : lead < 0xe0 ? 2
                 : lead < 0xf0 ? 3
                 : lead < 0xf5 ? 4
                               : 0;
    if (len == 0 || len > text.len)
        return 0;
    for (size_t i = 1; i < len; i++)
        if (((unsigned char)text.ptr[i] & 0xc0) != 0x80)
            return 0;
    unsigned char second = len > 1 ? (unsigned char)text.ptr[1] : 0;
    bool wrong = (lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
                 (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f);
    return wrong ? 0 : len;
}

static void put_json_text(struct cd_buffer *line, struct cd_slice text)
{
    cd_buffer_char(line, '"');
    for (size_t i = 0; i < text.len;) {
        unsigned char c = (unsigned char)text.ptr[i];
        size_t len = utf8_char(cd_slice_of(text.ptr + i, text.len - i));
        if (c == '"' || c == '\\')
            cd_buffer_printf(line, "\\%c", c);
        else if (c == '\n')
            cd_buffer_text(line, "\\n");
        else if (c < 0x20)
            cd_buffer_printf(line, "\\u%04x", c);
        else if (len == 0)
            cd_buffer_text(line, "\\ufffd");
        else
            cd_buffer_append(line, text.ptr + i, len);
        i += len == 0 ? 1 : len;
    }
    cd_buffer_char(line, '"');
}

static void put_json_member(struct cd_buffer *line, const char *name, const char *text)
{
    cd_buffer_printf(line, ",\"%s\":", name);
    put_json_text(line, cd_slice(text));
}

static void put_text_line(struct cd_buffer *line, const struct cd_logger *logger,
                          enum cd_level level, struct cd_slice message)
{
    put_time(line);
    cd_buffer_printf(line, " %-5s %s ", cd_log_level_name(level), logger->component);
    if (logger->context[0] != '\0') {
        cd_buffer_char(line, '[');
        put_plain(line, cd_slice(logger->context));
        cd_buffer_text(line, "] ");
    }
    put_plain(line, message);
}

static void put_json_line(struct cd_buffer *line, const struct cd_logger *logger,
                          enum cd_level level, struct cd_slice message)
{
    cd_buffer_text(line, "{\"time\":\"");
    put_time(line);
    cd_buffer_printf(line, "\",\"level\":\"%s\"", cd_log_level_name(level));
    put_json_member(line, "component", logger->component);
    if (logger->connector[0] != '\0')
        put_json_member(line, "connector", logger->connector);
    else if (logger->context[0] != '\0')
        put_json_member(line, "context", logger->context);
    if (logger->connector[0] != '\0' && logger->task >= 0)
        cd_buffer_printf(line, ",\"task\":%d", logger->task);
    cd_buffer_text(line, ",\"message\":");
    put_json_text(line, message);
    cd_buffer_char(line, '}');
}

/* One write(2) a line; what a full pipe left over follows. A log that cannot be written is nobody's
 * to report. */
static void write_out(const struct cd_buffer *line)
{
    size_t done = 0;
    while (done < line->len) {
        ssize_t n = write(output, line->ptr + done, line->len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        done += (size_t)n;
    }
}

void cd_vlog(const struct cd_logger *logger, enum cd_level level, const char *fmt, va_list args)
{
    if (!cd_log_enabled(logger, level))
        return;
    int saved_errno = errno; /* logging between a failure and its report must not change it */
    CD_AUTO(cd_buffer_done) struct cd_buffer message = CD_BUFFER_INIT;
    CD_AUTO(cd_buffer_done) struct cd_buffer line = CD_BUFFER_INIT;
    cd_buffer_vprintf(&message, fmt, args);
    if (format == CD_LOG_JSON)
        put_json_line(&line, logger, level, cd_buffer_view(&message));
    else
        put_text_line(&line, logger, level, cd_buffer_view(&message));
    cd_buffer_char(&line, '\n');
    write_out(&line);
    errno = saved_errno;
}

void cd_log(const struct cd_logger *logger, enum cd_level level, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    cd_vlog(logger, level, fmt, args);
    va_end(args);
}
