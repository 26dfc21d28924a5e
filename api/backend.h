/*
 * The questions the API may ask of the daemon, as a table of functions. The API knows HTTP and JSON
 * and nothing of Kafka, plugins or tasks; the daemon (or a fake, in tests) fills this table.
 *
 * Two ways to ask. What can be answered at once is read from an immutable snapshot or by a plain
 * function. Everything else is posted as a request: the HTTP exchange is suspended until the
 * backend has filled in `answer` and called cd_request_done, from any thread. No HTTP thread ever
 * waits.
 */
#ifndef CD_API_BACKEND_H
#define CD_API_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/snapshot.h"
#include "base/list.h"
#include "config/properties.h"
#include "config/report.h"

enum cd_request_kind {
    CD_ASK_CREATE,       /* config, initial -> view */
    CD_ASK_PUT_CONFIG,   /* config -> view, created */
    CD_ASK_PATCH_CONFIG, /* config: a null value removes the key -> view */
    CD_ASK_DELETE,
    CD_ASK_RESTART, /* include_tasks, only_failed; -> view when one of the two is set, states
                       RESTARTING */
    CD_ASK_PAUSE,
    CD_ASK_RESUME,
    CD_ASK_STOP,
    CD_ASK_RESTART_TASK,   /* task */
    CD_ASK_OFFSETS_GET,    /* -> offsets */
    CD_ASK_OFFSETS_ALTER,  /* offsets -> by_connector */
    CD_ASK_OFFSETS_RESET,  /* -> by_connector */
    CD_ASK_TOPICS_RESET,   /* unknown connectors too: nothing to do is success */
    CD_ASK_VALIDATE,       /* config -> report, with or without errors; any failure is a 500 */
    CD_ASK_LOGGER_CLUSTER, /* logger, level: for all workers */
    CD_ASK_PUT_TASKS,      /* between workers: task_configs, body, signature */
    CD_ASK_FENCE,          /* between workers: body, signature */
    CD_ASK_HEALTH,         /* a no-op through the main loop -> started */
    CD_ASK_KINDS
};
const char *cd_request_kind_name(enum cd_request_kind kind); /* for logs */

/* The hidden `forward` parameter of mutating routes. */
enum cd_forward { CD_FORWARD_UNSET, CD_FORWARD_TRUE, CD_FORWARD_FALSE };

/* One partition and where to read on; JSON texts, compact. Numbers are as they were written. */
struct cd_api_offset {
    char *partition; /* an object; NULL: null or absent */
    char *offset;    /* an object; NULL: null: forget this partition */
};

/*
 * What the backend fills in. Success is err.code == CD_OK. A failure's HTTP status is `status` when
 * that is set, else by err.native ("NotFoundException" 404, "AlreadyExistsException" 409,
 * "BadRequestException" 400), else by code: CD_ERR_CONFIG 400, CD_ERR_STATE 409, all others 500.
 * The text is `message` when set (long ones), else err.msg.
 *
 * Create, put and patch with an invalid configuration: leave `report` with its errors and err.code
 * at CD_OK: the API answers 400 with the JVM's text. All memory is the request's.
 */
struct cd_answer {
    struct cd_error err;
    int status;
    char *message;
    const struct cd_connector_view *view; /* one reference */
    bool created;                         /* put: 201 */
    bool by_connector; /* alter, reset: the connector changes offsets itself (implements
                          alterOffsets) */
    bool started;      /* health: startup has completed; with err set it decides 503 or 500 */
    struct cd_report *report;
    struct cd_api_offset *offsets;
    size_t offset_count;
};

/* Owned by the backend from post until cd_request_done; the fields up to `answer` are read-only but
 * for stealing `config` and `task_configs` (set them to NULL). */
struct cd_request {
    struct cd_link link; /* the backend's, for its mailbox */
    enum cd_request_kind kind;
    char *connector; /* decoded; NULL where there is none */
    int32_t task;
    struct cd_config
        *config; /* `name` is filled in and equal to `connector`, but for validate and patch */
    enum cd_api_target initial; /* create */
    bool include_tasks;
    bool only_failed;
    enum cd_forward forward;
    struct cd_api_offset *offsets;
    size_t offset_count;
    char *logger;
    char *level; /* upper case */
    struct cd_config **task_configs;
    size_t task_config_count;
    char *body; /* between workers: what was signed */
    size_t body_len;
    char *signature;     /* X-Connect-Authorization; NULL: none */
    char *algorithm;     /* X-Connect-Request-Signature-Algorithm; NULL: none */
    char *authorization; /* to be copied when forwarding; NULL: none */
    int64_t
        deadline_ms; /* monotonic; at that time the client has got a 500, the operation goes on */

    struct cd_answer answer;
    void (*done)(struct cd_request *request); /* the API's */
    void *owner;                              /* the API's */
};

/* Hands the request back, answered. Exactly once a request; from any thread, also from inside post.
 */
void cd_request_done(struct cd_request *request);

/* Shorter ways to answer. The texts are formatted without a length limit. */
CD_PRINTF(3, 4) void cd_answer_fail(struct cd_answer *answer, int status, const char *fmt, ...);
/* 400 `Connector config {...} contains no connector type`, naming the keys only: values may be
 * secrets. */
void cd_answer_no_type(struct cd_answer *answer, const struct cd_config *config);
/* Takes over both texts. */
void cd_answer_offset(struct cd_answer *answer, char *partition, char *offset);

/* A request that belongs to no HTTP exchange, for tests and for the daemon's own use; `done` is
 * called by cd_request_done and then has to free it. */
struct cd_request *cd_request_new(enum cd_request_kind kind, const char *connector);
void cd_request_free(struct cd_request *request);

/* Sink offsets as Kafka has them. */
struct cd_sink_offset {
    char *topic;
    int32_t partition;
    bool forget; /* the offset was null */
    int64_t offset;
};

/*
 * Reads the offsets of an alter request as those of a sink. For the backend, after it has seen that
 * the connector exists, is a sink and is stopped: false fills `answer` in with the JVM's 400.
 * Several entries for a partition: all are returned, the last one wins. Free with
 * cd_sink_offsets_free.
 */
CD_MUST_CHECK bool cd_sink_offsets_parse(const struct cd_request *request,
                                         struct cd_sink_offset **ret, size_t *ret_count,
                                         struct cd_answer *answer);
void cd_sink_offsets_free(struct cd_sink_offset *offsets, size_t count);
/* The JSON texts of a sink's offset, for cd_answer_offset; to be freed. */
char *cd_sink_partition_json(const char *topic, int32_t partition);
char *cd_sink_offset_json(int64_t offset);

enum cd_plugin_type {
    CD_PLUGIN_TYPE_SINK,
    CD_PLUGIN_TYPE_SOURCE,
    CD_PLUGIN_TYPE_TRANSFORM,
    CD_PLUGIN_TYPE_PREDICATE,
    CD_PLUGIN_TYPE_CONVERTER,
    CD_PLUGIN_TYPE_HEADER_CONVERTER,
};

struct cd_plugin_view {
    const char *class_name;
    enum cd_plugin_type type;
    const char *version; /* NULL: none */
};

struct cd_plugin_views {
    const struct cd_plugin_view *items; /* in any order; a class may stand there under two types */
    size_t count;
};

struct cd_root_info {
    const char *version;          /* of Kafka Connect, as tools parse it: "4.1.1" */
    const char *commit;           /* connectd's own build */
    const char *kafka_cluster_id; /* NULL: not known yet */
};

/* `state` is passed to every function. None of them may block; all may be called from any HTTP
 * thread. */
struct cd_backend {
    void *state;
    /* Do the routes exist? Before, all paths but /livez, /readyz and /metrics are the 404 of a bare
     * server. */
    bool (*ready)(void *state);
    /* Has startup ever completed? It decides between 503 and 500 when /health times out. */
    bool (*started)(void *state);
    /* Gives a reference to the newest snapshot. It shows all that was answered before
     * (read-your-writes). */
    const struct cd_snapshot *(*snapshot)(void *state);
    /* Never refuses: a full queue is an answer like any other (CD_ERR_STATE). */
    void (*post)(void *state, struct cd_request *request);
    /* Texts borrowed, valid until the API has stopped. */
    void (*root)(void *state, struct cd_root_info *ret);
    /* Borrowed, valid and the same until the API has stopped. */
    struct cd_plugin_views (*plugins)(void *state);
    /* The definitions of a plugin (class or alias), its own keys first: rows with has_definition.
     * On failure `answer` says why (404 `Unknown plugin <p>.`). */
    bool (*plugin_config)(void *state, const char *plugin, struct cd_report *ret,
                          struct cd_answer *answer);
    /* What the worker is doing, for the text of a time-out: "The worker is currently reading to the
     * end of the config topic, which began at 2026-01-31T12:00:00.123Z" without the full stop.
     * NULL: nothing to say. To be freed. */
    char *(*stage)(void *state);
    /* Prometheus text; to be freed. The member may be NULL: GET /metrics is a 404. */
    char *(*metrics)(void *state);
    /* What is green and moves nothing, a line each, for /readyz; to be freed; NULL: nothing. The
     * member may be NULL. */
    char *(*trouble)(void *state);
};

#endif
