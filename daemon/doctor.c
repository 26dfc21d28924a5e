#include "daemon/doctor.h"

#include "base/alloc.h"
#include "base/buffer.h"

#include <stdio.h>
#include <stdlib.h>

static const struct {
    const char *name;
    const char *colour;
} verdicts[] = {
    [CD_FINE] = {"ok", "\033[32m"},
    [CD_NOTE] = {"note", ""},
    [CD_DOUBT] = {"warning", "\033[33m"},
    [CD_PROBLEM] = {"problem", "\033[31m"},
};

static void keep(struct cd_doctor *doctor, enum cd_finding verdict, const char *check,
                 const char *fix, const char *text)
{
    json_t *finding = json_pack("{s:s, s:s, s:s, s:s*}", "verdict", verdicts[verdict].name, "check",
                                check, "message", text, "fix", fix);
    (void)json_array_append_new(doctor->findings, finding); /* fails only without memory */
}

static void print(const struct cd_doctor *doctor, enum cd_finding verdict, const char *check,
                  const char *fix, const char *text)
{
    printf("%s%-8s%s %-11s %s\n", doctor->colours ? verdicts[verdict].colour : "",
           verdicts[verdict].name, doctor->colours ? "\033[0m" : "", check, text);
    if (fix != NULL && fix[0] != '\0')
        printf("%21s-> %s\n", "", fix);
    (void)fflush(stdout); /* somebody may be watching: checks take seconds */
}

void cd_doctor_say(struct cd_doctor *doctor, enum cd_finding verdict, const char *check,
                   const char *fix, const char *fmt, ...)
{
    struct cd_buffer text CD_AUTO(cd_buffer_done) = CD_BUFFER_INIT;
    va_list args;
    va_start(args, fmt);
    cd_buffer_vprintf(&text, fmt, args);
    va_end(args);
    doctor->found[verdict]++;
    if (verdict == CD_PROBLEM && doctor->about_connectors)
        doctor->connector_problems++;
    if (doctor->json)
        keep(doctor, verdict, check, fix, text.ptr);
    else
        print(doctor, verdict, check, fix, text.ptr);
}
