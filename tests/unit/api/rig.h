/* What the tests of the API share: includes of cmocka, and a server before a fake backend. */
#ifndef CD_TESTS_UNIT_API_RIG_H
#define CD_TESTS_UNIT_API_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/server.h"
#include "base/log.h"
#include "tests/fake/backend.h"
#include "tests/fake/http.h"

struct rig {
    struct cd_fake_backend *fake;
    struct cd_api *api;
    uint16_t port;
};

/* `settings`: properties text, or NULL. Fails the test if it cannot start. */
static inline struct rig rig_start_with(const char *settings, const struct cd_api_options *timeouts)
{
    struct rig rig;
    struct cd_error err = CD_ERROR_INIT;
    struct cd_config *worker = cd_config_new();
    cd_config_set(worker, "listeners", "http://127.0.0.1:0");
    if (settings != NULL)
        assert_true(cd_properties_parse(cd_slice(settings), false, worker, &err));
    struct cd_api_options options = timeouts == NULL ? (struct cd_api_options){0} : *timeouts;
    options.worker = worker;
    (void)signal(SIGPIPE, SIG_IGN);
    cd_log_set_level("root", CD_LOG_WARN);
    rig.fake = cd_fake_backend_new();
    rig.api = cd_api_open(&options, &err);
    if (rig.api == NULL)
        fail_msg("%s", err.msg);
    assert_true(cd_api_start(rig.api, cd_fake_backend_table(rig.fake), &err));
    rig.port = cd_api_port(rig.api, 0);
    cd_config_free(worker);
    return rig;
}

static inline struct rig rig_start(const char *settings)
{
    return rig_start_with(settings, NULL);
}

static inline void rig_stop(struct rig *rig)
{
    cd_api_stop(rig->api);
    cd_fake_backend_free(rig->fake);
    cd_api_close(rig->api);
}

#define JSON_TYPE "Content-Type: application/json\r\n"

#endif
