#include "plugins/pairs.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "config/keys.h"

static bool fail_pair(struct cd_strings list, const char *item, struct cd_error *err)
{
    struct cd_buffer shown CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    for (size_t i = 0; i < list.count; i++)
        cd_buffer_printf(&shown, "%s%s", i == 0 ? "" : ", ", list.items[i]);
    return cd_fail_as(err, CD_ERR_CONFIG, "ConfigException",
                      "Invalid value [%.*s] for configuration renames: Invalid rename mapping: %s",
                      CD_SLICE_ARG(cd_buffer_view(&shown)), item);
}

static bool parse_pair(struct cd_pair *pair, struct cd_strings list, const char *item,
                       size_t parts_min, struct cd_error *err)
{
    struct cd_slice left = cd_slice(item);
    while (left.len > 0 && left.ptr[left.len - 1] == ':')
        left.len--;
    const char *colon = left.len == 0 ? NULL : memchr(left.ptr, ':', left.len);
    size_t parts = colon != NULL ? 2 : left.len > 0 || *item == '\0' ? 1 : 0;
    if (parts < parts_min)
        return fail_pair(list, item, err);
    if (colon == NULL) {
        pair->left = cd_slice_dup(left);
        return true;
    }
    struct cd_slice right = cd_slice_of(colon + 1, left.len - (size_t)(colon + 1 - left.ptr));
    if (memchr(right.ptr, ':', right.len) != NULL)
        return fail_pair(list, item, err);
    pair->left = cd_slice_dup(cd_slice_of(left.ptr, (size_t)(colon - left.ptr)));
    pair->right = cd_slice_dup(right);
    return true;
}

bool cd_pairs_parse(struct cd_pairs *pairs, struct cd_strings list, size_t parts_min,
                    struct cd_error *err)
{
    *pairs = (struct cd_pairs){cd_new_array(list.count, struct cd_pair), list.count};
    for (size_t i = 0; i < list.count; i++)
        if (!parse_pair(&pairs->list[i], list, list.items[i], parts_min, err)) {
            cd_pairs_done(pairs);
            return false;
        }
    return true;
}

bool cd_pairs_parse_renames(struct cd_pairs *pairs, struct cd_strings list, struct cd_error *err)
{
    return cd_pairs_parse(pairs, list, /* parts_min = */ 2, err);
}

void cd_pairs_done(struct cd_pairs *pairs)
{
    for (size_t i = 0; i < pairs->count; i++) {
        free(pairs->list[i].left);
        free(pairs->list[i].right);
    }
    free(pairs->list);
    *pairs = (struct cd_pairs){0};
}

const char *cd_pairs_get(const struct cd_pairs *pairs, struct cd_slice left)
{
    for (size_t i = pairs->count; i > 0; i--)
        if (cd_slice_is(left, pairs->list[i - 1].left))
            return pairs->list[i - 1].right;
    return NULL;
}

bool cd_check_list(const char *value, bool (*check)(struct cd_strings list, struct cd_error *err),
                   struct cd_error *err)
{
    struct cd_arena arena CD_AUTO(cd_arena_done);
    struct cd_strings list;
    cd_arena_init(&arena, SIZE_MAX, SIZE_MAX);
    return cd_keys_split(value, &arena, &list, err) && check(list, err);
}

static bool check_renames(struct cd_strings list, struct cd_error *err)
{
    struct cd_pairs pairs CD_AUTO(cd_pairs_done) = {0};
    return cd_pairs_parse_renames(&pairs, list, err);
}

bool cd_pairs_check_renames(const struct cd_key *key, const char *value, struct cd_error *err)
{
    (void)key;
    return cd_check_list(value, check_renames, err);
}
