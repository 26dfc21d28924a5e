#include "config/provider.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/map.h"

struct entry {
    const struct cd_provider *provider; /* borrowed */
    void *state;
    void (*release)(void *owner);
    void *owner;
};

struct cd_resolver {
    struct cd_strmap providers; /* struct entry */
};

static void free_entry(void *arg)
{
    struct entry *entry = arg;
    if (entry->release != NULL)
        entry->release(entry->owner);
    free(entry);
}

struct cd_resolver *cd_resolver_new(void)
{
    struct cd_resolver *resolver = cd_new(struct cd_resolver);
    cd_strmap_init(&resolver->providers, free_entry);
    return resolver;
}

void cd_resolver_free(struct cd_resolver *resolver)
{
    if (resolver == NULL)
        return;
    cd_strmap_done(&resolver->providers);
    free(resolver);
}

void cd_resolver_add(struct cd_resolver *resolver, const char *name,
                     const struct cd_provider *provider, void *state, void (*release)(void *owner),
                     void *owner)
{
    struct entry *entry = cd_new(struct entry);
    *entry = (struct entry){provider, state, release, owner};
    (void)cd_strmap_put(&resolver->providers, name, entry);
}

/* ---- ${provider:[path:]key} ---- */

struct variable {
    const char *start; /* of "${" */
    const char *end;   /* behind "}" */
    struct cd_slice provider;
    struct cd_slice path; /* may be empty */
    struct cd_slice key;
};

/* The first variable at or after `at`: the first colon ends the provider, the next one, if any, the
 * path, the first brace the key, so a path holds no colon and a key may. */
static bool find_variable(const char *at, struct variable *ret)
{
    for (; (at = strstr(at, "${")) != NULL; at++) {
        const char *text = at + 2;
        const char *brace = strchr(text, '}');
        if (brace == NULL)
            return false;
        const char *colon = memchr(text, ':', (size_t)(brace - text));
        if (colon == NULL)
            continue;
        const char *rest = colon + 1;
        const char *second = memchr(rest, ':', (size_t)(brace - rest));
        const char *key = second == NULL ? rest : second + 1;
        *ret = (struct variable){
            .start = at,
            .end = brace + 1,
            .provider = cd_slice_of(text, (size_t)(colon - text)),
            .path = second == NULL ? cd_slice("") : cd_slice_of(rest, (size_t)(second - rest)),
            .key = cd_slice_of(key, (size_t)(brace - key)),
        };
        return true;
    }
    return false;
}

bool cd_resolver_mentions(const char *value)
{
    struct variable variable;
    return value != NULL && find_variable(value, &variable);
}

/* What one question of ours is answered with. */
struct answer {
    struct cd_provided base; /* first */
    struct cd_buffer *out;
    bool found;
    int64_t ttl_ms;
};

static void take_value(struct cd_provided *out, const char *value)
{
    struct answer *answer = (struct answer *)(void *)out;
    if (value == NULL || answer->found)
        return;
    answer->found = true;
    cd_buffer_text(answer->out, value);
}

static void take_ttl(struct cd_provided *out, int64_t ttl_ms)
{
    struct answer *answer = (struct answer *)(void *)out;
    if (ttl_ms >= 0 && (answer->ttl_ms < 0 || ttl_ms < answer->ttl_ms))
        answer->ttl_ms = ttl_ms;
}

/* Appends what the variable stands for, or its own text. */
static bool resolve(const struct cd_resolver *resolver, const struct variable *variable,
                    struct cd_buffer *out, int64_t *ttl_ms, struct cd_error *err)
{
    struct answer answer = {{take_value, take_ttl}, out, false, *ttl_ms};
    const struct entry *entry = cd_strmap_get_slice(&resolver->providers, variable->provider);
    if (entry != NULL) {
        char *path CD_AUTO_FREE = cd_slice_dup(variable->path);
        char *key CD_AUTO_FREE = cd_slice_dup(variable->key);
        if (!entry->provider->get(entry->state, path, key, &answer.base, err))
            return false;
    }
    if (!answer.found)
        cd_buffer_append(out, variable->start, (size_t)(variable->end - variable->start));
    *ttl_ms = answer.ttl_ms;
    return true;
}

static bool expand_into(const struct cd_resolver *resolver, const char *text, struct cd_buffer *out,
                        int64_t *ttl_ms, struct cd_error *err)
{
    struct variable variable;
    const char *at = text;
    for (; find_variable(at, &variable); at = variable.end) {
        cd_buffer_append(out, at, (size_t)(variable.start - at));
        if (!resolve(resolver, &variable, out, ttl_ms, err))
            return false;
    }
    cd_buffer_text(out, at);
    return true;
}

char *cd_resolver_expand_text(const struct cd_resolver *resolver, const char *text,
                              int64_t *ret_ttl_ms, struct cd_error *err)
{
    struct cd_buffer out = CD_BUFFER_INIT;
    int64_t ttl_ms = -1;
    if (!expand_into(resolver, text, &out, &ttl_ms, err)) {
        cd_buffer_done(&out);
        return NULL;
    }
    if (ret_ttl_ms != NULL)
        *ret_ttl_ms = ttl_ms;
    return cd_buffer_steal(&out);
}

static bool expand_all(const struct cd_resolver *resolver, const struct cd_config *config,
                       struct cd_config *expanded, int64_t *ttl_ms, struct cd_error *err)
{
    struct cd_buffer text CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    for (struct cd_config_iter it = {0}; cd_config_next(config, &it);) {
        if (!cd_resolver_mentions(it.value))
            continue;
        cd_buffer_clear(&text);
        if (!expand_into(resolver, it.value, &text, ttl_ms, err))
            return false;
        cd_config_set(expanded, it.key, text.ptr);
    }
    return true;
}

struct cd_config *cd_resolver_expand(const struct cd_resolver *resolver,
                                     const struct cd_config *config, int64_t *ret_ttl_ms,
                                     struct cd_error *err)
{
    struct cd_config *expanded = cd_config_copy(config);
    int64_t ttl_ms = -1;
    if (resolver != NULL && !expand_all(resolver, config, expanded, &ttl_ms, err)) {
        cd_config_free(expanded);
        return NULL;
    }
    if (ret_ttl_ms != NULL)
        *ret_ttl_ms = ttl_ms;
    return expanded;
}
