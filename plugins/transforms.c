#include "plugins/transforms.h"

#include "plugins/transform_list.h"

const struct cd_plugin *const cd_builtin_transforms[] = {
    &cd_cast_plugins[0],
    &cd_cast_plugins[1],
    &cd_drop_headers_plugin,
    &cd_extract_field_plugins[0],
    &cd_extract_field_plugins[1],
    &cd_filter_plugin,
    &cd_flatten_plugins[0],
    &cd_flatten_plugins[1],
    &cd_header_from_plugins[0],
    &cd_header_from_plugins[1],
    &cd_hoist_field_plugins[0],
    &cd_hoist_field_plugins[1],
    &cd_insert_field_plugins[0],
    &cd_insert_field_plugins[1],
    &cd_insert_header_plugin,
    &cd_mask_field_plugins[0],
    &cd_mask_field_plugins[1],
    &cd_regex_router_plugin,
    &cd_replace_field_plugins[0],
    &cd_replace_field_plugins[1],
    &cd_set_schema_metadata_plugins[0],
    &cd_set_schema_metadata_plugins[1],
    &cd_timestamp_converter_plugins[0],
    &cd_timestamp_converter_plugins[1],
    &cd_timestamp_router_plugin,
    &cd_value_to_key_plugin,
    &cd_has_header_key_plugin,
    &cd_record_is_tombstone_plugin,
    &cd_topic_name_matches_plugin,
};

const size_t cd_builtin_transform_count =
    sizeof(cd_builtin_transforms) / sizeof(cd_builtin_transforms[0]);
