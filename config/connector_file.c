#include "config/connector_file.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/buffer.h"

void cd_connector_file_done(struct cd_connector_file *file)
{
    free(file->name);
    free(file->initial_state);
    cd_config_free(file->config);
    *file = (struct cd_connector_file){0};
}

/* Jackson reads any scalar into a Map<String, String> as the text it was written as; jansson keeps
 * no text, so numbers are printed again: whole ones and plain fractions come out the same. */
static bool scalar_text(const json_t *value, struct cd_buffer *out)
{
    cd_buffer_clear(out);
    if (json_is_string(value))
        cd_buffer_text(out, json_string_value(value));
    else if (json_is_boolean(value))
        cd_buffer_text(out, json_is_true(value) ? "true" : "false");
    else if (json_is_integer(value))
        cd_buffer_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_real(value)) {
        char text[64];
        size_t len =
            json_dumpb(value, text, sizeof(text), JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
        cd_buffer_append(out, text, len < sizeof(text) ? len : sizeof(text));
    } else
        return false;
    return true;
}

/* False: a value is no scalar. */
static bool flat_object(const json_t *object, struct cd_config *into)
{
    struct cd_buffer text CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        if (json_is_null(value))
            cd_config_set(into, key, NULL);
        else if (scalar_text(value, &text))
            cd_config_set(into, key, text.ptr);
        else
            return false;
    }
    return true;
}

static bool take_name(const char *path, struct cd_connector_file *file, struct cd_error *err)
{
    const char *name = cd_config_get(file->config, "name");
    if (name == NULL)
        return cd_fail_as(err, CD_ERR_CONFIG, "ConnectException",
                          "'%s': the connector's configuration has no 'name'", path);
    file->name = cd_strdup(name);
    return true;
}

static bool is_state(const char *text)
{
    return strcmp(text, "RUNNING") == 0 || strcmp(text, "PAUSED") == 0 ||
           strcmp(text, "STOPPED") == 0;
}

/* {"name": ..., "config": {...}, "initial_state": ...} */
static bool request_object(const char *path, const json_t *object, struct cd_connector_file *file,
                           struct cd_error *err)
{
    const char *name = json_string_value(json_object_get(object, "name"));
    const json_t *config = json_object_get(object, "config");
    const json_t *state = json_object_get(object, "initial_state");
    if (name == NULL || !json_is_object(config) || !flat_object(config, file->config))
        return cd_fail(err, CD_ERR_CONFIG,
                       "'%s' is neither a flat object of settings nor an object with 'name' and "
                       "'config'",
                       path);
    const char *inner = cd_config_get(file->config, "name");
    if (inner != NULL && strcmp(inner, name) != 0)
        return cd_fail(
            err, CD_ERR_CONFIG,
            "'%s': Connector name configuration in 'config' request body '%s' must match "
            "name '%s' in request body",
            path, inner, name);
    cd_config_set(file->config, "name", name);
    if (state == NULL || json_is_null(state))
        return true;
    if (!json_is_string(state) || !is_state(json_string_value(state)))
        return cd_fail(err, CD_ERR_CONFIG, "'%s': initial_state must be RUNNING, PAUSED or STOPPED",
                       path);
    file->initial_state = cd_strdup(json_string_value(state));
    return true;
}

static bool load_object(const char *path, const json_t *object, struct cd_connector_file *file,
                        struct cd_error *err)
{
    if (flat_object(object, file->config))
        return true;
    cd_config_free(file->config);
    file->config = cd_config_new();
    return request_object(path, object, file, err);
}

static bool load_text(const char *path, struct cd_slice text, struct cd_connector_file *file,
                      struct cd_error *err)
{
    json_t *root = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, NULL);
    bool ok;
    if (json_is_object(root)) {
        ok = load_object(path, root, file, err);
    } else {
        ok = cd_properties_parse(text, /* utf8 = */ false, file->config, err) ||
             cd_fail_while(err, "'%s'", path);
    }
    json_decref(root);
    return ok;
}

bool cd_connector_file_load(const char *path, struct cd_connector_file *ret, struct cd_error *err)
{
    struct cd_buffer text CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    if (!cd_file_read(path, &text, err))
        return false;
    struct cd_connector_file file = {.config = cd_config_new()};
    if (load_text(path, cd_buffer_view(&text), &file, err) && take_name(path, &file, err)) {
        *ret = file;
        return true;
    }
    cd_connector_file_done(&file);
    return false;
}
