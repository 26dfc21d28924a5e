/*
 * Snapshots to JSON, with the members in the order in which the JVM writes them. What belongs to
 * one view or snapshot is rendered once and kept there.
 */
#ifndef CD_API_RENDER_H
#define CD_API_RENDER_H

#include "api/backend.h"
#include "base/buffer.h"

/* ["a","b"] */
void cd_render_names(struct cd_buffer *out, const struct cd_snapshot *snapshot);
/* {"a":{"status":{...},"info":{...}}}; with `status`, connectors without one are left out. */
void cd_render_expanded(struct cd_buffer *out, const struct cd_snapshot *snapshot, bool status,
                        bool info);
/* {"name","config","tasks","type"} */
void cd_render_info(struct cd_buffer *out, const struct cd_connector_view *view);
/* {"name","connector","tasks","type"} */
void cd_render_status(struct cd_buffer *out, const struct cd_connector_view *view);
/* {"id","state","worker_id","trace","version"} */
void cd_render_task_status(struct cd_buffer *out, const struct cd_task_view *task);
/* [{"id":{"connector","task"},"config"}] */
void cd_render_tasks(struct cd_buffer *out, const struct cd_connector_view *view);
/* {"a":"1","b":null} */
void cd_render_config(struct cd_buffer *out, const struct cd_config *config);
/* {"name":{"topics":[...]}}; `view` NULL: none */
void cd_render_topics(struct cd_buffer *out, const char *name,
                      const struct cd_connector_view *view);
/* {"offsets":[...]} */
void cd_render_offsets(struct cd_buffer *out, const struct cd_api_offset *offsets, size_t count);
/* [{"class","type","version"}], in the JVM's order */
void cd_render_plugins(struct cd_buffer *out, struct cd_plugin_views plugins, bool connectors_only);
/* [definition, ...] */
void cd_render_definitions(struct cd_buffer *out, const struct cd_report *report);
void cd_render_report(struct cd_buffer *out, const struct cd_report *report);
/* {"message":"..."} */
void cd_render_message(struct cd_buffer *out, const char *message);

#endif
