/*
 * The settings of connectors that belong to the runtime, not to the plugin: names, converters,
 * transforms, error handling, topics. Tables and typed structs; the texts are Connect's.
 *
 * What needs the plugins' registry (do classes exist, what keys do they have) is asked by the
 * caller; what can be said without it is checked here.
 */
#ifndef CD_CONFIG_CONNECTOR_KEYS_H
#define CD_CONFIG_CONNECTOR_KEYS_H

#include "config/keys.h"

/* The default of an optional number that is null. */
#define CD_NOT_SET INT64_MIN

/* Texts live in the arena that was given to parse. */
struct cd_common_config {
    const char *name;
    const char *connector_class;
    const char *plugin_version; /* NULL: the newest */
    int32_t tasks_max;
    bool tasks_max_enforce;
    const char *key_converter; /* NULL: the worker's, with the worker's settings */
    const char *key_converter_version;
    const char *value_converter;
    const char *value_converter_version;
    const char *header_converter;
    const char *header_converter_version;
    struct cd_strings transforms;
    struct cd_strings predicates;
    const char *reload_action; /* "none" or "restart" */
    int64_t retry_timeout_ms;  /* 0: no retries, -1: for ever */
    int64_t retry_delay_max_ms;
    const char *tolerance; /* "none" or "all" */
    bool tolerate_all;
    bool log_errors;
    bool log_messages;
};

struct cd_source_config {
    struct cd_common_config common; /* first */
    struct cd_strings topic_creation_groups;
    const char *exactly_once_support; /* as given: any case */
    const char *transaction_boundary; /* as given: any case */
    int64_t transaction_interval_ms;  /* CD_NOT_SET: the worker's offset.flush.interval.ms */
    const char *offsets_topic;        /* NULL: the worker's */
};

struct cd_sink_config {
    struct cd_common_config common; /* first */
    struct cd_strings topics;
    const char *topics_regex;
    const char *dlq_topic; /* empty: none */
    int16_t dlq_replication;
    bool dlq_headers;
};

/* One alias of `transforms` or `predicates`; the plugin's own keys are below the same prefix. */
struct cd_transform_config {
    const char *type;
    const char *version;
    const char *predicate; /* NULL: none */
    bool negate;
};
struct cd_predicate_config {
    const char *type;
    const char *version;
};

/* One group of topic.creation.*: "default" first, then topic.creation.groups in order. */
struct cd_topic_group {
    const char *name;
    struct cd_strings include; /* Java regular expressions, full match */
    struct cd_strings exclude;
    int16_t replication;        /* -1: the broker's */
    int32_t partitions;         /* -1: the broker's */
    struct cd_config *settings; /* other topic settings */
};
struct cd_topic_groups {
    struct cd_topic_group *groups;
    size_t count; /* 0: no topic.creation.* key: topics are not created */
};

/* Tables in Connect's order: common, then the kind's own. Offsets fit the structs above. */
struct cd_keys cd_source_config_keys(void);
struct cd_keys cd_sink_config_keys(void);
struct cd_keys cd_transform_config_keys(void); /* type, plugin.version, predicate, negate */
struct cd_keys cd_predicate_config_keys(void);
/* Below topic.creation.default. and below topic.creation.<group>.; other keys there are topics'. */
struct cd_keys cd_topic_default_keys(void);
struct cd_keys cd_topic_group_keys(void);

/* All problems go to `report`, cross-checks included. */
CD_MUST_CHECK bool cd_source_config_parse(const struct cd_config *config, struct cd_arena *arena,
                                          struct cd_source_config *ret, struct cd_report *report);
CD_MUST_CHECK bool cd_sink_config_parse(const struct cd_config *config, struct cd_arena *arena,
                                        struct cd_sink_config *ret, struct cd_report *report);
/* `config` without the alias' prefix. */
CD_MUST_CHECK bool cd_transform_config_parse(const struct cd_config *config, struct cd_arena *arena,
                                             struct cd_transform_config *ret, struct cd_error *err);
CD_MUST_CHECK bool cd_predicate_config_parse(const struct cd_config *config, struct cd_arena *arena,
                                             struct cd_predicate_config *ret, struct cd_error *err);
CD_MUST_CHECK bool cd_topic_groups_parse(const struct cd_config *config, struct cd_arena *arena,
                                         struct cd_topic_groups *ret, struct cd_error *err);
void cd_topic_groups_done(struct cd_topic_groups *groups);

/* Rows for validate: the kind's table with its groups (those without a row of their own, too), and
 * the sink's cross-checks. */
void cd_source_config_describe(const struct cd_config *config, struct cd_report *report);
void cd_sink_config_describe(const struct cd_config *config, struct cd_report *report);
/* "transforms.a." rows: type, version, and when the class is known (`plugin` has keys or is empty)
 * the plugin's own with the implicit ones, group "Transforms: a". `plugin` NULL: the class is not
 * known: only type and version appear, and the caller adds the error. */
void cd_transform_config_describe(const char *alias, const struct cd_keys *plugin,
                                  const struct cd_config *config, struct cd_report *report);
void cd_predicate_config_describe(const char *alias, const struct cd_keys *plugin,
                                  const struct cd_config *config, struct cd_report *report);

/* May `key` ("producer.override.x") be overridden under `policy`? Names as in runtime.md 1.8. */
CD_MUST_CHECK bool cd_override_allowed(const char *policy, const char *key, struct cd_error *err);

#endif
