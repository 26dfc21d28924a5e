/*
 * `connectd keys`: every setting there is, rendered from the descriptors: the worker's, those of
 * every connector, and those of all plugins that can be loaded. As text, as the reference page
 * (docs/configuration.md) or as connectd.properties(5).
 */
#include "base/alloc.h"
#include "base/buffer.h"
#include "config/connector_keys.h"
#include "config/worker_table.h"
#include "daemon/commands.h"
#include "daemon/runtime.h"
#include "daemon/setup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct style;

struct page {
    FILE *out;
    const struct style *style;
    bool table_open; /* Markdown: the head is printed by the first key */
};

/* How a page is written. */
struct style {
    const char *name;
    void (*begin)(struct page *page);
    void (*section)(struct page *page, int level, const char *title);
    void (*text)(struct page *page, const char *text);
    void (*key)(struct page *page, const struct cd_key *key, const char *ignored);
    void (*end_keys)(struct page *page);
};

/* ---- what is said of a key ---- */

static const char *type_name(enum cd_key_type type)
{
    static const char *const names[] = {
        [CD_BOOL] = "boolean", [CD_STRING] = "text",  [CD_INT16] = "number",
        [CD_INT32] = "number", [CD_INT64] = "number", [CD_FLOAT64] = "number",
        [CD_LIST] = "list",    [CD_CLASS] = "class",  [CD_SECRET] = "secret",
    };
    return names[type];
}

static const char *fallback_of(const struct cd_key *key)
{
    if (key->fallback == NULL)
        return key->optional ? "not set" : "required";
    return key->fallback[0] == '\0' ? "empty" : key->fallback;
}

/* What follows the sentence itself: choices, aliases, what replaces it. */
static void remarks(struct cd_buffer *out, const struct cd_key *key, const char *quote)
{
    for (const char *const *choice = key->one_of; choice != NULL && *choice != NULL; choice++)
        cd_buffer_printf(out, "%s%s%s%s", choice == key->one_of ? " One of " : ", ", quote, *choice,
                         quote);
    if (key->one_of != NULL)
        cd_buffer_text(out, ".");
    for (const char *const *alias = key->aliases; alias != NULL && *alias != NULL; alias++)
        cd_buffer_printf(out, "%s%s%s%s", alias == key->aliases ? " Also called " : ", ", quote,
                         *alias, quote);
    if (key->aliases != NULL && key->aliases[0] != NULL)
        cd_buffer_text(out, ".");
    if (key->deprecated != NULL)
        cd_buffer_printf(out, " Deprecated: %s.", key->deprecated);
}

/* ---- text ---- */

static void text_begin(struct page *page)
{
    (void)page;
}

static void text_section(struct page *page, int level, const char *title)
{
    fprintf(page->out, "%s%s\n", level == 1 ? "\n== " : "\n-- ", title);
}

static void text_text(struct page *page, const char *text)
{
    fprintf(page->out, "%s\n", text);
}

static void text_key(struct page *page, const struct cd_key *key, const char *ignored)
{
    struct cd_buffer more CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    remarks(&more, key, "");
    fprintf(page->out, "%s (%s, %s)\n    %s%.*s%s%s\n", key->name, type_name(key->type),
            fallback_of(key), key->doc == NULL ? "" : key->doc, (int)more.len,
            more.ptr == NULL ? "" : more.ptr,
            ignored == NULL ? "" : " Without effect: ", ignored == NULL ? "" : ignored);
}

static void text_end(struct page *page)
{
    (void)page;
}

/* ---- Markdown ---- */

static void markdown_begin(struct page *page)
{
    fputs("# Configuration reference\n\nWritten by `connectd keys --markdown` (`make docs`) from "
          "the descriptors in the sources; a test compares.\n",
          page->out);
}

static void markdown_section(struct page *page, int level, const char *title)
{
    fprintf(page->out, "\n%s %s\n", level == 1 ? "##" : "###", title);
}

static void markdown_text(struct page *page, const char *text)
{
    fprintf(page->out, "\n%s\n", text);
}

/* A cell must not end at a `|` of the text; a blank line would end the table. */
static void cell(struct page *page, const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '|')
            fputs("\\|", page->out);
        else
            fputc(*c == '\n' ? ' ' : *c, page->out);
    }
}

static void markdown_key(struct page *page, const struct cd_key *key, const char *ignored)
{
    struct cd_buffer more CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    if (!page->table_open)
        fputs("\n| key | type | default | meaning |\n|---|---|---|---|\n", page->out);
    page->table_open = true;
    cd_buffer_text(&more, key->doc == NULL ? "" : key->doc);
    remarks(&more, key, "`");
    if (ignored != NULL)
        cd_buffer_printf(&more, " *Without effect: %s.*", ignored);
    fprintf(page->out, "| `%s` | %s | ", key->name, type_name(key->type));
    cell(page, fallback_of(key));
    fputs(" | ", page->out);
    cell(page, more.ptr);
    fputs(" |\n", page->out);
}

static void markdown_end(struct page *page)
{
    (void)page;
    page->table_open = false;
}

/* ---- the manual page ---- */

/* A leading dot or quote is a request of troff, a backslash its escape. */
static void roff(struct page *page, const char *text)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", page->out);
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\\')
            fputs("\\e", page->out);
        else if (*c == '-')
            fputs("\\-", page->out);
        else
            fputc(*c == '\n' ? ' ' : *c, page->out);
    }
}

static void man_begin(struct page *page)
{
    fprintf(page->out,
            ".TH CONNECTD.PROPERTIES 5 \"\" \"connectd %s\" \"connectd\"\n.SH NAME\n"
            "connectd.properties \\- settings of a connectd worker and of its connectors\n"
            ".SH DESCRIPTION\n"
            "A worker's file and a connector's file are Java properties files, the same that Kafka "
            "Connect reads. This page is written from the descriptors in the program\n"
            "(\\fBconnectd keys \\-\\-man\\fR).\n",
            CD_VERSION);
}

static void man_section(struct page *page, int level, const char *title)
{
    fputs(level == 1 ? ".SH " : ".SS ", page->out);
    roff(page, title);
    fputc('\n', page->out);
}

static void man_text(struct page *page, const char *text)
{
    fputs(".PP\n", page->out);
    for (const char *c = text; *c != '\0'; c++)
        if (*c == '-')
            fputs("\\-", page->out);
        else if (*c != '`')
            fputc(*c, page->out);
    fputc('\n', page->out);
}

static void man_key(struct page *page, const struct cd_key *key, const char *ignored)
{
    struct cd_buffer more CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    cd_buffer_text(&more, key->doc == NULL ? "" : key->doc);
    remarks(&more, key, "");
    if (ignored != NULL)
        cd_buffer_printf(&more, " Without effect: %s.", ignored);
    fputs(".TP\n\\fB", page->out);
    roff(page, key->name);
    fprintf(page->out, "\\fR (%s, ", type_name(key->type));
    roff(page, fallback_of(key));
    fputs(")\n", page->out);
    roff(page, more.ptr);
    fputc('\n', page->out);
}

static void man_end(struct page *page)
{
    (void)page;
}

static const struct style styles[] = {
    {"--text", text_begin, text_section, text_text, text_key, text_end},
    {"--markdown", markdown_begin, markdown_section, markdown_text, markdown_key, markdown_end},
    {"--man", man_begin, man_section, man_text, man_key, man_end},
};

/* ---- the page ---- */

static bool is_ours(const struct cd_worker_row *row)
{
    return strncmp(row->key.name, "connectd.", 9) == 0;
}

static void worker_rows(struct page *page, const char *title, size_t first, size_t end, bool ours)
{
    page->style->section(page, 2, title);
    for (size_t i = first; i < end; i++)
        if (is_ours(&cd_worker_rows[i]) == ours)
            page->style->key(page, &cd_worker_rows[i].key, cd_worker_rows[i].ignored);
    page->style->end_keys(page);
}

static void worker(struct page *page)
{
    size_t both = cd_worker_first_row(CD_DISTRIBUTED);
    size_t both_end = cd_worker_end_row(CD_STANDALONE);
    page->style->section(page, 1, "The worker");
    page->style->text(page,
                      "Kafka clients get what begins with `producer.`, `consumer.` and `admin.`, "
                      "converters what begins with their own name (`key.converter.`). An unknown "
                      "key is no error, but for those of `connectd.*`.");
    worker_rows(page, "connectd alone", both, both_end, true);
    worker_rows(page, "Both modes", both, both_end, false);
    worker_rows(page, "Standalone", 0, both, false);
    worker_rows(page, "Distributed", both_end, cd_worker_row_count, false);
}

static void keys_of(struct page *page, struct cd_keys keys)
{
    for (size_t i = 0; i < keys.count; i++) {
        struct cd_key key = cd_keys_at(keys, i);
        if (!key.internal)
            page->style->key(page, &key, NULL);
    }
    page->style->end_keys(page);
}

static void connectors(struct page *page)
{
    page->style->section(page, 1, "Every connector");
    page->style->section(page, 2, "Sources");
    keys_of(page, cd_source_config_keys());
    page->style->section(page, 2, "Sinks");
    keys_of(page, cd_sink_config_keys());
    page->style->section(page, 2, "Topics that a source creates (topic.creation.default.*)");
    keys_of(page, cd_topic_default_keys());
    page->style->section(page, 2, "Groups of them (topic.creation.GROUP.*)");
    page->style->text(page, "Any other key of a group is a setting of its topics, such as "
                            "`cleanup.policy`.");
    keys_of(page, cd_topic_group_keys());
    page->style->section(page, 2, "Each of transforms (transforms.NAME.*)");
    keys_of(page, cd_transform_config_keys());
    page->style->section(page, 2, "Each of predicates (predicates.NAME.*)");
    keys_of(page, cd_predicate_config_keys());
}

struct listing {
    struct page *page;
    struct cd_keys last; /* several classes share one table (Cast$Key, Cast$Value) */
};

static bool same_keys(struct cd_keys a, struct cd_keys b)
{
    if (a.count != b.count)
        return false;
    for (size_t i = 0; i < a.count; i++) {
        struct cd_key one = cd_keys_at(a, i);
        struct cd_key other = cd_keys_at(b, i);
        if (strcmp(one.name, other.name) != 0 ||
            strcmp(one.doc == NULL ? "" : one.doc, other.doc == NULL ? "" : other.doc) != 0)
            return false;
    }
    return true;
}

/* Where it comes from, without the folder: one class may be in two libraries. */
static const char *library(const struct cd_registered *row)
{
    const char *slash = strrchr(row->location, '/');
    return slash == NULL ? row->location : slash + 1;
}

static void plugin(void *arg, enum cd_plugin_kind kind, const struct cd_registered *row)
{
    struct listing *listing = arg;
    struct page *page = listing->page;
    CD_AUTO_FREE char *title =
        cd_asprintf("%s (%s, %s)", row->plugin.class_name, cd_plugin_kind_name(kind), library(row));
    if (row->keys.count == 0)
        return;
    page->style->section(page, 2, title);
    if (same_keys(row->keys, listing->last))
        page->style->text(page, "The settings of the class before it.");
    else
        keys_of(page, row->keys);
    listing->last = row->keys;
}

static bool write_page(struct page *page, const char *plugin_path, struct cd_error *err)
{
    struct cd_setup setup = {.raw = cd_config_new()};
    if (plugin_path != NULL)
        cd_config_set(setup.raw, "plugin.path", plugin_path);
    bool ok = cd_setup_plugins(&setup, err);
    if (ok) {
        struct listing listing = {.page = page};
        page->style->begin(page);
        worker(page);
        connectors(page);
        page->style->section(page, 1, "Plugins");
        cd_registry_list(setup.registry, /* connectors_only = */ false, plugin, &listing);
        cd_registry_each(setup.registry, CD_PLUGIN_PROVIDER, plugin, &listing);
    }
    cd_setup_done(&setup);
    return ok;
}

int cd_command_keys(int argc, char **argv)
{
    struct page page = {.out = stdout, .style = &styles[0]};
    const char *plugin_path = NULL;
    for (int i = 1; i < argc; i++) {
        const struct style *found = NULL;
        for (size_t s = 0; s < sizeof(styles) / sizeof(styles[0]); s++)
            if (strcmp(argv[i], styles[s].name) == 0)
                found = &styles[s];
        if (found != NULL) {
            page.style = found;
        } else if (strcmp(argv[i], "--plugin-path") == 0 && i + 1 < argc) {
            plugin_path = argv[++i];
        } else {
            fprintf(stderr,
                    "connectd keys: '%s' is not an option: --text, --markdown, --man, "
                    "--plugin-path PATH\n",
                    argv[i]);
            return CD_EXIT_USAGE;
        }
    }
    struct cd_error err = CD_ERROR_INIT;
    if (write_page(&page, plugin_path, &err))
        return CD_EXIT_OK;
    fprintf(stderr, "connectd keys: %s\n", err.msg);
    return CD_EXIT_CONFIG;
}
