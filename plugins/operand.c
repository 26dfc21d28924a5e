#include "plugins/operand.h"

static bool fail_requirement(struct cd_value value, const char *demand, const char *purpose,
                             struct cd_error *err)
{
    return cd_fail_as(err, CD_ERR_DATA, "DataException", "Only %s for [%s], found: %s", demand,
                      purpose, CD_CLASS_OF(value));
}

bool cd_require_map(struct cd_value value, const char *purpose, struct cd_error *err)
{
    return value.kind == CD_KIND_MAP ||
           fail_requirement(value, "Map objects supported in absence of schema", purpose, err);
}

bool cd_require_struct(const struct cd_schema *schema, struct cd_value value, const char *purpose,
                       struct cd_error *err)
{
    if (value.kind != CD_KIND_STRUCT)
        return fail_requirement(value, "Struct objects supported", purpose, err);
    return value.as.structure->schema == schema ||
           cd_fail_as(err, CD_ERR_DATA, "DataException", "Struct schemas do not match.");
}

bool cd_require_fields(const struct cd_schema *schema, struct cd_error *err)
{
    return schema->type == CD_TYPE_STRUCT ||
           cd_fail_as(err, CD_ERR_DATA, "DataException", "Cannot list fields on non-struct type");
}

bool cd_strings_have(struct cd_strings list, struct cd_slice name)
{
    for (size_t i = 0; i < list.count; i++)
        if (cd_slice_is(name, list.items[i]))
            return true;
    return false;
}

struct cd_header *cd_headers_copy(const struct cd_host *host, struct cd_batch *out,
                                  const struct cd_record *rec, size_t more, struct cd_error *err)
{
    struct cd_header *headers =
        host->alloc(out, (rec->header_count + more) * sizeof(*headers), err);
    if (headers != NULL && rec->header_count > 0)
        memcpy(headers, rec->headers, rec->header_count * sizeof(*headers));
    return headers;
}

const char *cd_schema_label(const struct cd_schema *schema, char ret[CD_SCHEMA_LABEL_BYTES])
{
    (void)snprintf(ret, CD_SCHEMA_LABEL_BYTES, "Schema{%.*s%s%s}", CD_SLICE_ARG(schema->name),
                   schema->name.ptr == NULL ? "" : ":", cd_type_name(schema->type));
    return ret; /* an absurdly long name is cut */
}
