#include "plugins/topic_regex.h"

#include "compat/regex.h"

bool cd_topic_regex_init(struct cd_topic_regex *regex, const char *pattern, struct cd_error *err)
{
    regex->regex = cd_regex_new(cd_slice(pattern), err);
    return regex->regex != NULL;
}

void cd_topic_regex_done(struct cd_topic_regex *regex)
{
    cd_regex_free(regex->regex);
    cd_buffer_done(&regex->topic);
    *regex = (struct cd_topic_regex){0};
}

bool cd_topic_regex_ask(struct cd_topic_regex *regex, struct cd_slice topic, struct cd_error *err)
{
    regex->known = false;
    if (!cd_regex_matches(regex->regex, topic, &regex->matches, err))
        return false;
    cd_buffer_clear(&regex->topic);
    cd_buffer_slice(&regex->topic, topic);
    regex->known = true;
    return true;
}

bool cd_check_regex(const struct cd_key *key, const char *value, struct cd_error *err)
{
    (void)key;
    struct cd_error why = CD_ERROR_INIT;
    struct cd_regex *regex = cd_regex_new(cd_slice(value), &why);
    bool ok = regex != NULL;
    cd_regex_free(regex);
    return ok || cd_fail(err, CD_ERR_CONFIG, "Invalid regex: %s", why.msg);
}
