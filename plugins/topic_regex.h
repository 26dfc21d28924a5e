/*
 * A Java regular expression that is asked about topics. Records of one topic follow each other, so
 * the last question and its answer are remembered.
 *
 * Thread: the transform's. Memory: freed by done.
 */
#ifndef CD_PLUGINS_TOPIC_REGEX_H
#define CD_PLUGINS_TOPIC_REGEX_H

#include "base/buffer.h"
#include "connectd/key.h"
#include "connectd/value.h"

struct cd_regex;

struct cd_topic_regex {
    struct cd_regex *regex;
    struct cd_buffer topic; /* the last one asked about */
    bool known;             /* there was one */
    bool matches;           /* the whole of it */
};

CD_MUST_CHECK bool cd_topic_regex_init(struct cd_topic_regex *regex, const char *pattern,
                                       struct cd_error *err);
/* Harmless when zeroed. */
void cd_topic_regex_done(struct cd_topic_regex *regex);

/* Is `topic` the one asked about last? */
static inline bool cd_topic_regex_knows(const struct cd_topic_regex *regex, struct cd_slice topic)
{
    return regex->known && cd_slice_equal(topic, cd_buffer_view(&regex->topic));
}

/* Asks about a topic that it does not know; `matches` is the answer. */
CD_MUST_CHECK bool cd_topic_regex_ask(struct cd_topic_regex *regex, struct cd_slice topic,
                                      struct cd_error *err);

/* A validator of keys: "Invalid regex: ...". */
bool cd_check_regex(const struct cd_key *key, const char *value, struct cd_error *err);

#endif
