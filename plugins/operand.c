#include "plugins/operand.h"

#include "data/schema.h"

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
