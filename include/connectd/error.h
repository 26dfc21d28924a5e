/*
 * Errors: what went wrong, and what the caller can do about it.
 *
 * The struct lives in the caller's frame, so reporting never allocates. The first failure wins;
 * context is put in front on the way up. The connector classifies, the runtime decides: retry,
 * skip, dead letter or fail are never the business of the code that noticed the error.
 */
#ifndef CONNECTD_ERROR_H
#define CONNECTD_ERROR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define CD_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#define CD_MUST_CHECK __attribute__((warn_unused_result))
#define CD_EXPORT __attribute__((visibility("default")))
#define CD_UNUSED __attribute__((unused))
/* Runs `fn(&variable)` when the variable goes out of scope. */
#define CD_AUTO(fn) __attribute__((cleanup(fn)))

enum cd_code {
    CD_OK,
    CD_ERR_CONFIG,    /* a setting is wrong: the task fails, REST answers 400 */
    CD_ERR_DATA,      /* this record is bad: errors.tolerance decides */
    CD_ERR_REMOTE,    /* environment: the other system refused or went away */
    CD_ERR_TIMEOUT,   /* environment: a deadline passed, the outcome is unknown */
    CD_ERR_FULL,      /* the batch has reached its limit: return what there is */
    CD_ERR_STATE,     /* not allowed now: REST answers 409 */
    CD_ERR_CANCELLED, /* we were asked to stop */
    CD_ERR_BUG,       /* ours or the plugin's: the task fails, with all we know */
};

/* The same in every 1.x of the contract. */
struct cd_error {
    uint32_t size; /* of this struct: it crosses the plugin border */
    enum cd_code code;
    bool retriable;  /* the same call, unchanged, may succeed later */
    uint64_t record; /* the culprit, counted from 1 since the last flush or rewind; 0: unknown */
    char
        native[32]; /* SQLSTATE, errno name, Java exception (simple name): for people and metrics */
    char msg[1000]; /* what, which value, what would be right; never a secret */
};

static inline void cd_error_reset(struct cd_error *err)
{
    err->size = sizeof(*err);
    err->code = CD_OK;
    err->retriable = false;
    err->record = 0;
    err->native[0] = '\0';
    err->msg[0] = '\0';
}

#define CD_ERROR_INIT                                                                              \
    {                                                                                              \
        .size = sizeof(struct cd_error)                                                            \
    }

/* Keeps the first failure only. */
CD_PRINTF(3, 0)
static inline bool cd_vfail(struct cd_error *err, enum cd_code code, const char *fmt, va_list args)
{
    if (err->code != CD_OK)
        return false;
    err->code = code;
    (void)vsnprintf(err->msg, sizeof(err->msg), fmt, args); /* a cut message is still a message */
    return false;
}

/* What the three macros below call. A variadic function is never inlined, so the compiler could not
 * see that the answer is always false and would warn of outputs that failure leaves untouched:
 * hence `(call, false)`. */
CD_PRINTF(3, 4)
static inline void cd_error_set(struct cd_error *err, enum cd_code code, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    (void)cd_vfail(err, code, fmt, args);
    va_end(args);
}

CD_PRINTF(4, 5)
static inline void cd_error_set_as(struct cd_error *err, enum cd_code code, const char *native,
                                   const char *fmt, ...)
{
    if (err->code != CD_OK)
        return;
    va_list args;
    va_start(args, fmt);
    (void)cd_vfail(err, code, fmt, args);
    va_end(args);
    (void)snprintf(err->native, sizeof(err->native), "%s", native);
}

CD_PRINTF(2, 3)
static inline void cd_error_prefix(struct cd_error *err, const char *fmt, ...)
{
    char inner[sizeof(err->msg)];
    memcpy(inner, err->msg, sizeof(inner));
    va_list args;
    va_start(args, fmt);
    int used = vsnprintf(err->msg, sizeof(err->msg), fmt, args);
    va_end(args);
    if (used >= 0 && (size_t)used < sizeof(err->msg) - 3)
        (void)snprintf(err->msg + used, sizeof(err->msg) - (size_t)used, ": %s", inner);
}

/* cd_fail(err, code, fmt, ...): keeps the first failure only; always false, so it can be returned
 * as it is. */
#define cd_fail(err, code, ...) (cd_error_set((err), (code), __VA_ARGS__), false)
/* cd_fail_as(err, code, native, fmt, ...): the same, naming what the other system (or the JVM:
 * "DataException") calls it. */
#define cd_fail_as(err, code, native, ...)                                                         \
    (cd_error_set_as((err), (code), (native), __VA_ARGS__), false)
/* cd_fail_while(err, fmt, ...): puts the caller's view in front: "starting 'orders': no leader".
 * Always false. */
#define cd_fail_while(err, ...) (cd_error_prefix((err), __VA_ARGS__), false)

/* "Return DONE, go on next time". */
static inline bool cd_full(const struct cd_error *err)
{
    return err->code == CD_ERR_FULL;
}

/* The outside world's fault, not the record's and not ours. */
static inline bool cd_is_environment(const struct cd_error *err)
{
    return err->code == CD_ERR_REMOTE || err->code == CD_ERR_TIMEOUT;
}

#endif
