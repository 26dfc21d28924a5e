/*
 * Versions as Maven orders them, because that is how Connect chooses among several of one class.
 *
 * A version is a list of items: numbers, qualifiers, and as its last item perhaps a list of the
 * same kind, which "-" and a border between digits and letters open.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "compat/utf.h"
#include "plugins/registry.h"

/* ---- ComparableVersion ---- */

enum item_kind { ITEM_NUMBER, ITEM_TEXT, ITEM_LIST };

struct item {
    enum item_kind kind;
    struct cd_slice text; /* digits without leading zeros, or lower-case letters */
    size_t rank;          /* of a text */
    struct item *items;   /* of a list */
    size_t count;
};

/* In their order; the release itself is the empty text. */
static const char *const qualifiers[] = {"alpha", "beta", "milestone", "rc", "snapshot", "", "sp"};
#define QUALIFIERS (sizeof(qualifiers) / sizeof(qualifiers[0]))
#define RELEASE_RANK 5

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "a1" is "alpha-1": one letter stands for a qualifier only in front of a digit. */
static struct cd_slice full_qualifier(struct cd_slice text, bool before_digit)
{
    if (before_digit && cd_slice_is(text, "a"))
        return cd_slice("alpha");
    if (before_digit && cd_slice_is(text, "b"))
        return cd_slice("beta");
    if (before_digit && cd_slice_is(text, "m"))
        return cd_slice("milestone");
    if (cd_slice_is(text, "ga") || cd_slice_is(text, "final") || cd_slice_is(text, "release"))
        return cd_slice("");
    if (cd_slice_is(text, "cr"))
        return cd_slice("rc");
    return text;
}

static size_t rank_of(struct cd_slice qualifier)
{
    size_t rank = 0;
    while (rank < QUALIFIERS && !cd_slice_is(qualifier, qualifiers[rank]))
        rank++;
    return rank;
}

static struct item make_item(const char *at, size_t len, bool digits, bool before_digit)
{
    if (!digits) {
        struct cd_slice text = full_qualifier(cd_slice_of(at, len), before_digit);
        return (struct item){.kind = ITEM_TEXT, .text = text, .rank = rank_of(text)};
    }
    while (len > 0 && *at == '0') {
        at++;
        len--;
    }
    return (struct item){.kind = ITEM_NUMBER, .text = cd_slice_of(at, len)};
}

/* Does the item say nothing, as ".0" and "-final" do? */
static bool is_null_item(const struct item *item)
{
    switch (item->kind) {
    case ITEM_NUMBER:
        return item->text.len == 0;
    case ITEM_TEXT:
        return item->rank == RELEASE_RANK;
    case ITEM_LIST:
        return item->count == 0;
    }
    return false;
}

/* Drops what says nothing from the end, lists that are no longer last included: "1.0-rc" is
 * "1-rc". */
static void normalize(struct item *list)
{
    for (size_t i = list->count; i > 0; i--) {
        if (is_null_item(&list->items[i - 1])) {
            free(list->items[i - 1].items); /* an empty list still has its array */
            memmove(&list->items[i - 1], &list->items[i], (list->count - i) * sizeof(*list->items));
            list->count--;
        } else if (list->items[i - 1].kind != ITEM_LIST) {
            return;
        }
    }
}

static void push(struct item *list, struct item item)
{
    list->items = cd_realloc_array(list->items, list->count + 1, sizeof(*list->items));
    list->items[list->count++] = item;
}

/* A list holds at most one list, its last item: everything after a "-" is inside it. */
static void parse_items(const char *at, const char *end, struct item *list)
{
    const char *start = at;
    for (; at < end; at++) {
        bool border = at > start && is_digit(*at) != is_digit(at[-1]) && *at != '.' && *at != '-';
        if (*at != '.' && *at != '-' && !border)
            continue;
        if (at == start) /* ".." or a leading point: a zero */
            push(list, (struct item){.kind = ITEM_NUMBER, .text = cd_slice("")});
        else
            push(list, make_item(start, (size_t)(at - start), is_digit(*start), is_digit(*at)));
        start = border ? at : at + 1;
        if (*at == '.')
            continue;
        struct item inner = {.kind = ITEM_LIST};
        parse_items(start, end, &inner);
        push(list, inner);
        normalize(list);
        return;
    }
    if (end > start)
        push(list, make_item(start, (size_t)(end - start), is_digit(*start), false));
    normalize(list);
}

static void free_items(struct item *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].kind == ITEM_LIST)
            free_items(&list->items[i]);
    free(list->items);
}

static int compare_numbers(struct cd_slice a, struct cd_slice b)
{
    if (a.len != b.len)
        return a.len < b.len ? -1 : 1;
    return a.len == 0 ? 0 : memcmp(a.ptr, b.ptr, a.len);
}

static int compare_texts(const struct item *a, const struct item *b)
{
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    if (a->rank < QUALIFIERS)
        return 0;
    size_t common = a->text.len < b->text.len ? a->text.len : b->text.len;
    int order = memcmp(a->text.ptr, b->text.ptr, common);
    return order != 0 ? order : (a->text.len > b->text.len) - (a->text.len < b->text.len);
}

static int compare_lists(const struct item *a, const struct item *b);

/* Against nothing: the other version has ended. */
static int compare_to_nothing(const struct item *item)
{
    switch (item->kind) {
    case ITEM_NUMBER:
        return item->text.len == 0 ? 0 : 1;
    case ITEM_TEXT:
        return item->rank < RELEASE_RANK ? -1 : item->rank > RELEASE_RANK ? 1 : 0;
    case ITEM_LIST:
        for (size_t i = 0; i < item->count; i++) {
            int order = compare_to_nothing(&item->items[i]);
            if (order != 0)
                return order;
        }
        return 0;
    }
    return 0;
}

/* 1-text < 1-list < 1.number */
static int kind_rank(enum item_kind kind)
{
    return kind == ITEM_TEXT ? 0 : kind == ITEM_LIST ? 1 : 2;
}

static int compare_items(const struct item *a, const struct item *b)
{
    if (a->kind != b->kind)
        return kind_rank(a->kind) - kind_rank(b->kind);
    if (a->kind == ITEM_NUMBER)
        return compare_numbers(a->text, b->text);
    return a->kind == ITEM_TEXT ? compare_texts(a, b) : compare_lists(a, b);
}

static int compare_lists(const struct item *a, const struct item *b)
{
    for (size_t i = 0; i < a->count || i < b->count; i++) {
        int order = i >= a->count   ? -compare_to_nothing(&b->items[i])
                    : i >= b->count ? compare_to_nothing(&a->items[i])
                                    : compare_items(&a->items[i], &b->items[i]);
        if (order != 0)
            return order;
    }
    return 0;
}

/* Each "-" is a level deeper, and threads have small stacks: nobody's version is longer. */
#define VERSION_BYTES_MAX 200

/* In lower case, cut to what is looked at. */
static char *lower(const char *text)
{
    char *copy = cd_strndup(text, strnlen(text, VERSION_BYTES_MAX));
    for (char *c = copy; *c != '\0'; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    return copy;
}

int cd_version_compare(const char *a, const char *b)
{
    char *text_a CD_AUTO_FREE = lower(a);
    char *text_b CD_AUTO_FREE = lower(b);
    struct item list_a = {.kind = ITEM_LIST};
    struct item list_b = {.kind = ITEM_LIST};
    parse_items(text_a, text_a + strlen(text_a), &list_a);
    parse_items(text_b, text_b + strlen(text_b), &list_b);
    int order = compare_lists(&list_a, &list_b);
    free_items(&list_a);
    free_items(&list_b);
    return order < 0 ? -1 : order > 0;
}

/* ---- VersionRange ---- */

static char *trimmed(const char *at, size_t len)
{
    return cd_slice_dup(cd_java_trim(cd_slice_of(at, len)));
}

/* Between the brackets, both included: "(1,2]", "[1.0]". */
static bool in_bounds(const char *version, const char *at, const char *end)
{
    const char *comma = memchr(at, ',', (size_t)(end - at));
    if (comma == NULL) {
        char *exact CD_AUTO_FREE = trimmed(at + 1, (size_t)(end - at) - 1);
        return cd_version_compare(version, exact) == 0;
    }
    char *low CD_AUTO_FREE = trimmed(at + 1, (size_t)(comma - at) - 1);
    char *high CD_AUTO_FREE = trimmed(comma + 1, (size_t)(end - comma) - 1);
    int above = *low == '\0' ? 1 : cd_version_compare(version, low);
    int below = *high == '\0' ? 1 : cd_version_compare(high, version);
    return (above > 0 || (above == 0 && *at == '[')) && (below > 0 || (below == 0 && *end == ']'));
}

bool cd_version_in(const char *version, const char *range, bool *ret, struct cd_error *err)
{
    bool found = false;
    struct cd_slice text = cd_java_trim(cd_slice(range));
    const char *at = text.ptr;
    const char *stop = text.ptr + text.len;
    if (text.len > 0 && *at != '[' && *at != '(') { /* Connect takes a bare version as exact */
        char *exact CD_AUTO_FREE = trimmed(at, text.len);
        *ret = cd_version_compare(version, exact) == 0;
        return true;
    }
    while (at < stop && (*at == '[' || *at == '(')) {
        const char *end = at + 1 + strcspn(at + 1, "])");
        if (end >= stop)
            return cd_fail(err, CD_ERR_CONFIG, "Unbounded range: %s", range);
        found = found || in_bounds(version, at, end);
        at = end + 1;
        while (at < stop && (*at == ',' || *at == ' '))
            at++;
    }
    if (at < stop || text.len == 0)
        return cd_fail(err, CD_ERR_CONFIG, "'%s' is neither a version nor a range like [1.0,2.0)",
                       range);
    *ret = found;
    return true;
}
