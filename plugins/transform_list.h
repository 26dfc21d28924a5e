/* What each transform's and predicate's file offers to transforms.c: [0] is $Key, [1] is $Value. */
#ifndef CD_PLUGINS_TRANSFORM_LIST_H
#define CD_PLUGINS_TRANSFORM_LIST_H

#include "connectd/plugin.h"

extern const struct cd_plugin cd_cast_plugins[2];
extern const struct cd_plugin cd_drop_headers_plugin;
extern const struct cd_plugin cd_extract_field_plugins[2];
extern const struct cd_plugin cd_filter_plugin;
extern const struct cd_plugin cd_flatten_plugins[2];
extern const struct cd_plugin cd_header_from_plugins[2];
extern const struct cd_plugin cd_hoist_field_plugins[2];
extern const struct cd_plugin cd_insert_field_plugins[2];
extern const struct cd_plugin cd_insert_header_plugin;
extern const struct cd_plugin cd_mask_field_plugins[2];
extern const struct cd_plugin cd_regex_router_plugin;
extern const struct cd_plugin cd_replace_field_plugins[2];
extern const struct cd_plugin cd_set_schema_metadata_plugins[2];
extern const struct cd_plugin cd_timestamp_converter_plugins[2];
extern const struct cd_plugin cd_timestamp_router_plugin;
extern const struct cd_plugin cd_value_to_key_plugin;

extern const struct cd_plugin cd_has_header_key_plugin;
extern const struct cd_plugin cd_record_is_tombstone_plugin;
extern const struct cd_plugin cd_topic_name_matches_plugin;

#endif
