/*
 * Configuration texts: a properties file in both encodings, whose values are then expanded, split,
 * and asked for as versions and ranges. Whatever they hold, each call answers or refuses with a
 * reason; what was read is read the same a second time.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "config/keys.h"
#include "config/properties.h"
#include "config/provider.h"
#include "plugins/registry.h"
#include "tests/fuzz/fuzz.h"

const char *const cd_fuzz_seeds[] = {
    "a=b\n# c\nkey\\ two : va\\\n  lue\\u00e9\\uD83D\\uDE00\n",
    "v=${file:/x:y}${e:k} ${a} ${b:c\n",
    "r=[1.0,2.0-rc1),(,0.9-alpha-1]\nv=1.0.0-SNAPSHOT\n",
    "l= a , b,,c \n",
    NULL,
};

static bool answer(void *state, const char *path, const char *key, struct cd_provided *out,
                   struct cd_error *err)
{
    (void)state;
    (void)err;
    out->value(out, path);
    out->value(out, key);
    return true;
}

static const struct cd_provider provider = {.size = sizeof(struct cd_provider), .get = answer};

static void use(const struct cd_resolver *resolver, const char *value)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_arena arena CD_AUTO(cd_arena_done);
    struct cd_strings list;
    bool in;
    cd_arena_init(&arena, SIZE_MAX, SIZE_MAX);
    char *text = cd_resolver_expand_text(resolver, value, NULL, &err);
    assert(text != NULL);
    free(text);
    assert(cd_keys_split(value, &arena, &list, &err));
    assert(cd_version_compare(value, value) == 0);
    assert(cd_version_compare(value, "1.0") == -cd_version_compare("1.0", value));
    if (!cd_version_in("1.0", value, &in, &err))
        assert(err.code == CD_ERR_CONFIG);
}

static void read_as(struct cd_slice text, bool utf8, const struct cd_resolver *resolver)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_config *once CD_AUTO(cd_config_freep) = cd_config_new();
    struct cd_config *twice CD_AUTO(cd_config_freep) = cd_config_new();
    if (!cd_properties_parse(text, utf8, once, &err)) {
        assert(err.msg[0] != '\0');
        return;
    }
    assert(cd_properties_parse(text, utf8, twice, &err));
    assert(cd_config_equal(once, twice));
    for (struct cd_config_iter it = {0}; cd_config_next(once, &it);)
        use(resolver, it.value);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct cd_resolver *resolver = cd_resolver_new();
    cd_resolver_add(resolver, "e", &provider, NULL, NULL, NULL);
    read_as(cd_slice_of(bytes, size), false, resolver);
    read_as(cd_slice_of(bytes, size), true, resolver);
    cd_resolver_free(resolver);
    return 0;
}
