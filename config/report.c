#include "config/report.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/buffer.h"

static void free_texts(char ***list, size_t *count)
{
    for (size_t i = 0; i < *count; i++)
        free((*list)[i]);
    free(*list);
    *list = NULL;
    *count = 0;
}

void cd_report_forget(struct cd_report_row *row)
{
    free_texts(&row->errors, &row->error_count);
    free_texts(&row->recommended, &row->recommended_count);
    free(row->value);
    row->value = NULL;
}

static void row_done(struct cd_report_row *row)
{
    cd_report_forget(row);
    free(row->name);
    free(row->group);
    free(row->display);
}

void cd_report_done(struct cd_report *report)
{
    for (size_t i = 0; i < report->count; i++)
        row_done(&report->rows[i]);
    free(report->rows);
    for (size_t i = 0; i < report->group_count; i++)
        free(report->groups[i]);
    free(report->groups);
    free(report->name);
    *report = (struct cd_report)CD_REPORT_INIT;
}

struct cd_report_row *cd_report_row(struct cd_report *report, const char *key)
{
    for (size_t i = 0; i < report->count; i++)
        if (strcmp(report->rows[i].name, key) == 0)
            return &report->rows[i];
    if (report->count == report->capacity) {
        report->capacity = report->capacity == 0 ? 32 : report->capacity * 2;
        report->rows = cd_realloc_array(report->rows, report->capacity, sizeof(*report->rows));
    }
    struct cd_report_row *row = &report->rows[report->count++];
    *row = (struct cd_report_row){.name = cd_strdup(key), .order = -1, .visible = true};
    row->def.name = row->name;
    return row;
}

/* Takes `text` over. */
static void append_text(char ***list, size_t *count, char *text)
{
    *list = cd_realloc_array(*list, *count + 1, sizeof(**list));
    (*list)[(*count)++] = text;
}

void cd_report_error(struct cd_report *report, const char *key, const char *fmt, ...)
{
    struct cd_buffer text CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    va_list args;
    va_start(args, fmt);
    cd_buffer_vprintf(&text, fmt, args);
    va_end(args);
    struct cd_report_row *row = cd_report_row(report, key);
    append_text(&row->errors, &row->error_count, cd_buffer_steal(&text));
}

void cd_report_recommend(struct cd_report *report, const char *key, const char *value)
{
    struct cd_report_row *row = cd_report_row(report, key);
    append_text(&row->recommended, &row->recommended_count, cd_strdup(value));
}

void cd_report_display(struct cd_report *report, const char *key, const char *fmt, ...)
{
    struct cd_buffer text CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    va_list args;
    va_start(args, fmt);
    cd_buffer_vprintf(&text, fmt, args);
    va_end(args);
    struct cd_report_row *row = cd_report_row(report, key);
    free(row->display);
    row->display = cd_buffer_steal(&text);
}

void cd_report_group(struct cd_report *report, const char *group)
{
    for (size_t i = 0; i < report->group_count; i++)
        if (strcmp(report->groups[i], group) == 0)
            return;
    append_text(&report->groups, &report->group_count, cd_strdup(group));
}

size_t cd_report_error_count(const struct cd_report *report)
{
    size_t count = 0;
    for (size_t i = 0; i < report->count; i++) {
        const struct cd_report_row *row = &report->rows[i];
        count += row->counts_once ? (row->error_count > 0) : row->error_count;
    }
    return count;
}

/* ---- JSON ---- */

static const char *const type_names[] = {
    [CD_BOOL] = "BOOLEAN", [CD_STRING] = "STRING", [CD_INT16] = "SHORT",
    [CD_INT32] = "INT",    [CD_INT64] = "LONG",    [CD_FLOAT64] = "DOUBLE",
    [CD_LIST] = "LIST",    [CD_CLASS] = "CLASS",   [CD_SECRET] = "PASSWORD",
};

static const char *const importance_names[] = {
    [CD_HIGH] = "HIGH", [CD_MEDIUM] = "MEDIUM", [CD_LOW] = "LOW"};

static const char *const width_names[] = {[CD_WIDTH_NONE] = "NONE",
                                          [CD_WIDTH_SHORT] = "SHORT",
                                          [CD_WIDTH_MEDIUM] = "MEDIUM",
                                          [CD_WIDTH_LONG] = "LONG"};

static json_t *text_or_null(const char *text)
{
    return text == NULL ? json_null() : json_string(text);
}

static json_t *default_json(const struct cd_key *key)
{
    if (key->fallback == NULL)
        return json_null();
    return json_string(key->type == CD_SECRET ? "[hidden]" : key->fallback);
}

static json_t *text_array(char *const *texts, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(array, json_string(texts[i])); /* fails when memory is gone */
    return array;
}

static json_t *dependents_json(const struct cd_key *key)
{
    json_t *array = json_array();
    for (const char *const *name = key->dependents; name != NULL && *name != NULL; name++)
        (void)json_array_append_new(array, json_string(*name));
    return array;
}

/* json_object_set_new fails only when memory is gone or the text is no UTF-8; then the member is
 * missing from an answer for people. */
static void put(json_t *object, const char *name, json_t *value)
{
    (void)json_object_set_new(object, name, value == NULL ? json_null() : value);
}

static const char *display_name(const struct cd_report_row *row)
{
    if (row->display != NULL)
        return row->display;
    return row->def.display != NULL ? row->def.display : row->name;
}

json_t *cd_report_definition_json(const struct cd_report_row *row)
{
    const struct cd_key *def = &row->def;
    json_t *object = json_object();
    put(object, "name", json_string(row->name));
    put(object, "type", json_string(type_names[def->type]));
    put(object, "required", json_boolean(def->fallback == NULL && !def->optional));
    put(object, "default_value", default_json(def));
    put(object, "importance", json_string(importance_names[def->importance]));
    put(object, "documentation", json_string(def->doc == NULL ? "" : def->doc));
    put(object, "group", text_or_null(row->group));
    put(object, "width", json_string(width_names[def->width]));
    put(object, "display_name", json_string(display_name(row)));
    put(object, "dependents", dependents_json(def));
    put(object, "order", json_integer(row->order));
    return object;
}

static json_t *row_json(const struct cd_report_row *row)
{
    json_t *value = json_object();
    put(value, "name", json_string(row->name));
    put(value, "value",
        row->is_secret && row->value != NULL ? json_string("[hidden]") : text_or_null(row->value));
    put(value, "recommended_values", text_array(row->recommended, row->recommended_count));
    put(value, "errors", text_array(row->errors, row->error_count));
    put(value, "visible", json_boolean(row->visible));
    json_t *object = json_object();
    put(object, "definition", row->has_definition ? cd_report_definition_json(row) : json_null());
    put(object, "value", value);
    return object;
}

json_t *cd_report_json(const struct cd_report *report)
{
    json_t *configs = json_array();
    for (int defined = 0; defined <= 1; defined++) /* the JVM puts unknown keys first */
        for (size_t i = 0; i < report->count; i++)
            if (report->rows[i].has_definition == (defined != 0))
                (void)json_array_append_new(configs, row_json(&report->rows[i]));
    json_t *object = json_object();
    put(object, "name", text_or_null(report->name));
    put(object, "error_count", json_integer((json_int_t)cd_report_error_count(report)));
    put(object, "groups", text_array(report->groups, report->group_count));
    put(object, "configs", configs);
    return object;
}

/* ---- texts ---- */

void cd_report_print(const struct cd_report *report, FILE *out)
{
    for (size_t i = 0; i < report->count; i++)
        for (size_t e = 0; e < report->rows[i].error_count; e++)
            (void)fprintf(out, "%s: %s\n", report->rows[i].name, report->rows[i].errors[e]);
}

char *cd_report_text(const struct cd_report *report)
{
    struct cd_buffer text = CD_BUFFER_INIT;
    cd_buffer_printf(&text,
                     "Connector configuration is invalid and contains the following %zu error(s):",
                     cd_report_error_count(report));
    for (size_t i = 0; i < report->count; i++)
        for (size_t e = 0; e < report->rows[i].error_count; e++)
            cd_buffer_printf(&text, "\n%s", report->rows[i].errors[e]);
    cd_buffer_text(&text, "\nYou can also find the above list of errors at the endpoint "
                          "`/connector-plugins/{connectorType}/config/validate`");
    return cd_buffer_steal(&text);
}

bool cd_report_fail(const struct cd_report *report, struct cd_error *err)
{
    if (cd_report_error_count(report) == 0)
        return true;
    char *text CD_AUTO_FREE = cd_report_text(report);
    return cd_fail_as(err, CD_ERR_CONFIG, "BadRequestException", "%s", text);
}
