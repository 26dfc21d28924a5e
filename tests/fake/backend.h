/*
 * The daemon as the API sees it, without Kafka: connectors in memory, one thread that answers.
 * Enough of a worker that the whole REST surface can be driven: two connectors (FileStreamSource,
 * FileStreamSink), validation by tables, target states, tasks, offsets, topics.
 */
#ifndef CD_TESTS_FAKE_BACKEND_H
#define CD_TESTS_FAKE_BACKEND_H

#include "api/backend.h"

struct cd_fake_backend;

struct cd_fake_backend *cd_fake_backend_new(void);
void cd_fake_backend_free(struct cd_fake_backend *fake);
const struct cd_backend *cd_fake_backend_table(struct cd_fake_backend *fake);

void cd_fake_backend_set_ready(struct cd_fake_backend *fake, bool ready);
void cd_fake_backend_set_started(struct cd_fake_backend *fake, bool started);
/* What the worker says it is doing; NULL: nothing. */
void cd_fake_backend_set_stage(struct cd_fake_backend *fake, const char *stage);
/* While held, requests wait; released, they are answered. */
void cd_fake_backend_hold(struct cd_fake_backend *fake, bool hold);
/* Requests that wait for the thread. */
size_t cd_fake_backend_pending(struct cd_fake_backend *fake);

/* Puts a connector in place without a request. */
void cd_fake_backend_add(struct cd_fake_backend *fake, const char *name, const char *class_name);
/* Its task (-1: the connector) has failed with this trace. */
void cd_fake_backend_break(struct cd_fake_backend *fake, const char *name, int32_t task,
                           const char *trace);
void cd_fake_backend_topic(struct cd_fake_backend *fake, const char *name, const char *topic);

#endif
