/*
 * One event, one line: time, level, component, context, message with facts as key=value. Text or
 * JSON. A logger carries the context (connector, task) so that calls do not repeat it.
 *
 *   2026-01-31T12:00:00.123Z INFO  task [orders|task-2] offsets committed records=512 took_ms=14
 *
 * Levels are settable a component, under the JVM's logger names too (api: /admin/loggers); a name
 * covers its children. Thread: any. A line is written by one write(2).
 */
#ifndef CD_BASE_LOG_H
#define CD_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "connectd/host.h"

struct cd_log_component; /* the level of a component; process lifetime */

/* Made by cd_logger_init, or as a constant with only the component set (that costs a look-up a
 * call). */
struct cd_logger {
    const char *component;          /* "herder", "task", "connector.file"; process lifetime */
    char context[128];              /* "orders|task-2"; empty: none */
    char connector[96];             /* for JSON; empty: none */
    int32_t task;                   /* -1: none */
    struct cd_log_component *state; /* NULL: looked up */
};

enum cd_log_format { CD_LOG_TEXT, CD_LOG_JSON };

/* The default is INFO, text, standard error. Call before threads log. */
void cd_log_setup(int fd, enum cd_log_format format);
void cd_logger_init(struct cd_logger *logger, const char *component, const char *connector,
                    int32_t task);

bool cd_log_parse_level(const char *text,
                        enum cd_level *ret); /* OFF FATAL ERROR WARN INFO DEBUG TRACE, any case */
const char *cd_log_level_name(enum cd_level level);

/*
 * Levels, as the JVM worker keeps them. A component that is new takes the level of its nearest
 * ancestor ("a.b" of "a.b.c"), in the end that of "root" (any case). Setting a level makes the
 * component known and sets it for all known ones whose name begins with that text as well; root
 * sets all. Who already is at that level is not touched.
 */
void cd_log_set_level(const char *component, enum cd_level level);
/* The same, telling each component whose level changed, sorted by name. Do not log in the callback.
 */
void cd_log_change_level(const char *component, enum cd_level level,
                         void (*changed)(void *arg, const char *component), void *arg);
bool cd_log_known(const char *component);
/* The level that holds for it, known or not. `modified_ms` 0: never set explicitly; may be NULL. */
enum cd_level cd_log_get_level(const char *component, int64_t *ret_modified_ms);
/* Calls back once a component that was ever used or set, root included, sorted by name. Do not log
 * in it. */
void cd_log_each_level(void (*each)(void *arg, const char *component, enum cd_level level,
                                    int64_t modified_ms),
                       void *arg);

bool cd_log_enabled(const struct cd_logger *logger, enum cd_level level);
CD_PRINTF(3, 4)
void cd_log(const struct cd_logger *logger, enum cd_level level, const char *fmt, ...);
CD_PRINTF(3, 0)
void cd_vlog(const struct cd_logger *logger, enum cd_level level, const char *fmt, va_list args);

#define cd_log_error(logger, ...) cd_log((logger), CD_LOG_ERROR, __VA_ARGS__)
#define cd_log_warn(logger, ...) cd_log((logger), CD_LOG_WARN, __VA_ARGS__)
#define cd_log_info(logger, ...) cd_log((logger), CD_LOG_INFO, __VA_ARGS__)
/* Arguments are not evaluated when the level is off. */
#define cd_log_debug(logger, ...)                                                                  \
    do {                                                                                           \
        if (cd_log_enabled((logger), CD_LOG_DEBUG))                                                \
            cd_log((logger), CD_LOG_DEBUG, __VA_ARGS__);                                           \
    } while (0)

#endif
