/* An intrusive doubly linked list: the links live in the elements. A head is a link that points at
 * itself. */
#ifndef CD_BASE_LIST_H
#define CD_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct cd_link {
    struct cd_link *next;
    struct cd_link *prev;
};

#define CD_CONTAINER_OF(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

static inline void cd_list_init(struct cd_link *head)
{
    head->next = head;
    head->prev = head;
}

static inline bool cd_list_empty(const struct cd_link *head)
{
    return head->next == head;
}

static inline void cd_list_push_back(struct cd_link *head, struct cd_link *link)
{
    link->prev = head->prev;
    link->next = head;
    head->prev->next = link;
    head->prev = link;
}

/* Harmless on a link that was initialised and is in no list. */
static inline void cd_list_remove(struct cd_link *link)
{
    link->prev->next = link->next;
    link->next->prev = link->prev;
    cd_list_init(link);
}

/* NULL when empty. */
static inline struct cd_link *cd_list_pop_front(struct cd_link *head)
{
    if (cd_list_empty(head))
        return NULL;
    struct cd_link *first = head->next;
    cd_list_remove(first);
    return first;
}

#endif
