/* The handlers by resource; the route table is in router.c. Each replies or asks, exactly once. */
#ifndef CD_API_HANDLERS_H
#define CD_API_HANDLERS_H

#include "api/exchange.h"

/* root.c */
void cd_get_root(struct cd_exchange *ex);
void cd_get_health(struct cd_exchange *ex);
void cd_get_livez(struct cd_exchange *ex);
void cd_get_readyz(struct cd_exchange *ex);
void cd_get_metrics(struct cd_exchange *ex);
void cd_get_openapi(struct cd_exchange *ex);

/* connectors.c */
void cd_list_connectors(struct cd_exchange *ex);
void cd_create_connector(struct cd_exchange *ex);
void cd_get_connector(struct cd_exchange *ex);
void cd_get_config(struct cd_exchange *ex);
void cd_put_config(struct cd_exchange *ex);
void cd_patch_config(struct cd_exchange *ex);
void cd_delete_connector(struct cd_exchange *ex);

/* lifecycle.c */
void cd_get_status(struct cd_exchange *ex);
void cd_restart_connector(struct cd_exchange *ex);
void cd_pause_connector(struct cd_exchange *ex);
void cd_resume_connector(struct cd_exchange *ex);
void cd_stop_connector(struct cd_exchange *ex);
void cd_get_topics(struct cd_exchange *ex);
void cd_reset_topics(struct cd_exchange *ex);

/* tasks.c */
void cd_get_tasks(struct cd_exchange *ex);
void cd_put_tasks(struct cd_exchange *ex);
void cd_get_task_status(struct cd_exchange *ex);
void cd_restart_task(struct cd_exchange *ex);
void cd_put_fence(struct cd_exchange *ex);

/* offsets.c */
void cd_get_offsets(struct cd_exchange *ex);
void cd_alter_offsets(struct cd_exchange *ex);
void cd_reset_offsets(struct cd_exchange *ex);

/* plugins.c */
void cd_list_plugins(struct cd_exchange *ex);
void cd_get_plugin_config(struct cd_exchange *ex);
void cd_validate_config(struct cd_exchange *ex);

/* loggers.c */
void cd_list_loggers(struct cd_exchange *ex);
void cd_get_logger(struct cd_exchange *ex);
void cd_put_logger(struct cd_exchange *ex);

#endif
