#include "daemon/metrics_text.h"

#include <math.h>
#include <stdio.h>

enum { LABELS_MAX = 8 };

void cd_family(struct cd_buffer *out, const char *name, enum cd_family_type type, const char *doc)
{
    static const char *const types[] = {
        [CD_GAUGE] = "gauge",         [CD_COUNTER] = "counter", [CD_UNTYPED] = "untyped",
        [CD_HISTOGRAM] = "histogram", [CD_SUMMARY] = "summary",
    };
    cd_buffer_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, doc, name, types[type]);
}

static void label_value(struct cd_buffer *out, const char *value)
{
    for (const char *c = value == NULL ? "" : value; *c != '\0'; c++) {
        if (*c == '\\' || *c == '"')
            cd_buffer_char(out, '\\');
        if (*c == '\n')
            cd_buffer_text(out, "\\n");
        else
            cd_buffer_char(out, *c);
    }
}

static void labels_of(struct cd_buffer *out, const struct cd_label *labels)
{
    for (size_t i = 0; labels[i].name != NULL; i++) {
        cd_buffer_text(out, i == 0 ? "{" : ",");
        cd_buffer_text(out, labels[i].name);
        cd_buffer_text(out, "=\"");
        label_value(out, labels[i].value);
        cd_buffer_char(out, '"');
    }
    if (labels[0].name != NULL)
        cd_buffer_char(out, '}');
}

static void number(struct cd_buffer *out, double value)
{
    if (isnan(value))
        cd_buffer_text(out, " NaN\n");
    else if (isinf(value))
        cd_buffer_text(out, value > 0 ? " +Inf\n" : " -Inf\n");
    else if (value == floor(value) && fabs(value) < 9e15)
        cd_buffer_printf(out, " %.0f\n", value);
    else
        cd_buffer_printf(out, " %.10g\n", value);
}

void cd_sample(struct cd_buffer *out, const char *name, const char *suffix,
               const struct cd_label *labels, double value)
{
    cd_buffer_text(out, name);
    cd_buffer_text(out, suffix);
    labels_of(out, labels);
    number(out, value);
}

void cd_sample_histogram(struct cd_buffer *out, const char *name, const struct cd_label *labels,
                         const struct cd_histogram_view *histogram)
{
    struct cd_label with_bound[LABELS_MAX + 2] = {{NULL, NULL}};
    size_t count = 0;
    for (; count < LABELS_MAX && labels[count].name != NULL; count++)
        with_bound[count] = labels[count];
    uint64_t total = 0;
    for (size_t i = 0; i < CD_HISTOGRAM_BUCKETS; i++) {
        char bound[32] = "+Inf";
        if (i < CD_HISTOGRAM_BUCKETS - 1)
            snprintf(bound, sizeof(bound), "%g", (double)cd_histogram_bound_ms(i) / 1000);
        with_bound[count] = (struct cd_label){"le", bound};
        total += histogram->buckets[i];
        cd_sample(out, name, "_bucket", with_bound, (double)total);
    }
    cd_sample(out, name, "_sum", labels, (double)histogram->sum_ms / 1000);
    cd_sample(out, name, "_count", labels, (double)total);
}
