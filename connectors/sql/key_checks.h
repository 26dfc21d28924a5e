/* Validators for single keys that both directions share, in the form of struct cd_key's `check`. */
#ifndef CD_SQL_KEY_CHECKS_H
#define CD_SQL_KEY_CHECKS_H

#include "connectd/key.h"

bool cd_sql_check_timezone(const struct cd_key *key, const char *value, struct cd_error *err);
/* All-lower or all-upper case of one of the key's choices... */
bool cd_sql_check_one_case(const char *const *choices, const struct cd_key *key, const char *value,
                           struct cd_error *err);
bool cd_sql_check_credentials(const struct cd_key *key, const char *value, struct cd_error *err);
bool cd_sql_check_topic_prefix(const struct cd_key *key, const char *value, struct cd_error *err);
bool cd_sql_check_dialect(const struct cd_key *key, const char *value, struct cd_error *err);

#define CD_SQL_ONE_CASE(name, ...)                                                                 \
    static bool name(const struct cd_key *key, const char *value, struct cd_error *err)            \
    {                                                                                              \
        static const char *const choices[] = {__VA_ARGS__, NULL};                                  \
        return cd_sql_check_one_case(choices, key, value, err);                                    \
    }

#endif
