#include "plugins/field_path.h"

#include <stdlib.h>

#include "base/alloc.h"

static void add_step(struct cd_field_path *path, char *from, const char *to)
{
    path->steps = cd_realloc_array(path->steps, path->count + 1, sizeof(path->steps[0]));
    path->steps[path->count++] = cd_slice_of(from, (size_t)(to - from));
}

/* Is this backtick, within a wrapped step, the one that closes it? */
static bool closes(const char *backtick)
{
    return (backtick[1] == '.' || backtick[1] == '\0') && backtick[-1] != '\\';
}

/* Takes the wrapped step whose first backtick is at `open`; the text is squeezed in place where a
 * backslash goes. NULL: not closed. Else what follows the closing backtick. */
static char *take_wrapped(struct cd_field_path *path, char *open)
{
    char *write = open + 1;
    for (char *read = open + 1; *read != '\0'; read++) {
        if (*read == '`' && closes(read)) {
            add_step(path, open + 1, write);
            return read + 1;
        }
        bool escapes = *read == '\\' && read[1] == '`' && read[2] == '.';
        if (!escapes)
            *write++ = *read;
    }
    return NULL;
}

static char *take_plain(struct cd_field_path *path, char *from)
{
    char *end = from + strcspn(from, ".");
    add_step(path, from, end);
    return end;
}

static bool split_steps(struct cd_field_path *path, const char *original, struct cd_error *err)
{
    for (char *at = path->text;; at++) {
        char *end = *at == '`' ? take_wrapped(path, at) : take_plain(path, at);
        if (end == NULL)
            return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                              "Incomplete backtick pair in path: [%s], consider adding a backslash "
                              "before backtick at position %td to escape it",
                              original, at - path->text);
        if (*end == '\0')
            return true;
        at = end; /* at a dot */
    }
}

bool cd_field_path_parse(struct cd_field_path *path, const char *text, enum cd_field_syntax syntax,
                         struct cd_error *err)
{
    *path = (struct cd_field_path){.text = cd_strdup(text)};
    if (syntax == CD_FIELD_SYNTAX_V1) {
        add_step(path, path->text, path->text + strlen(path->text));
        return true;
    }
    if (*text == '\0' || split_steps(path, text, err))
        return true;
    cd_field_path_done(path);
    return false;
}

void cd_field_path_done(struct cd_field_path *path)
{
    free(path->steps);
    free(path->text);
    *path = (struct cd_field_path){0};
}
