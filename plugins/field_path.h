/*
 * Paths to fields, as a configuration spells them (field.syntax.version).
 *
 * V1: the text is one top-level name, dots included. V2: steps are divided by dots; a step in
 * backticks may hold dots, and inside it a backslash keeps a backtick that stands before a dot from
 * closing it.
 *
 * Memory: freed by done.
 */
#ifndef CD_PLUGINS_FIELD_PATH_H
#define CD_PLUGINS_FIELD_PATH_H

#include "connectd/error.h"
#include "connectd/value.h"

struct cd_field_path {
    struct cd_slice *steps;
    size_t count; /* 0 for an empty V2 path, which leads nowhere */
    char *text;   /* what the steps point into */
};

enum cd_field_syntax { CD_FIELD_SYNTAX_V1, CD_FIELD_SYNTAX_V2 };

/* ConfigException: a backtick that is not closed. */
CD_MUST_CHECK bool cd_field_path_parse(struct cd_field_path *path, const char *text,
                                       enum cd_field_syntax syntax, struct cd_error *err);
/* Harmless on a zeroed path. */
void cd_field_path_done(struct cd_field_path *path);

#endif
