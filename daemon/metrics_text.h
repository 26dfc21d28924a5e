/*
 * Prometheus' text format: families with help and type, samples with labels.
 *
 * All samples of a family stand together, so a family is opened once and its samples follow.
 */
#ifndef CD_DAEMON_METRICS_TEXT_H
#define CD_DAEMON_METRICS_TEXT_H

#include "base/buffer.h"
#include "daemon/sampled.h"

enum cd_family_type {
    CD_GAUGE,
    CD_COUNTER,
    CD_UNTYPED, /* names of others that Prometheus would call wrong for their type */
    CD_HISTOGRAM,
    CD_SUMMARY,
};

struct cd_label {
    const char *name;
    const char *value;
};

/* `doc` is one sentence. */
void cd_family(struct cd_buffer *out, const char *name, enum cd_family_type type, const char *doc);
/* Labels end at the first without a name. `suffix` ("_sum") may be empty. */
void cd_sample(struct cd_buffer *out, const char *name, const char *suffix,
               const struct cd_label *labels, double value);
/* All lines of one histogram, in seconds. */
void cd_sample_histogram(struct cd_buffer *out, const char *name, const struct cd_label *labels,
                         const struct cd_histogram_view *histogram);

#endif
