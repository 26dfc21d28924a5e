/* The stages in which a record can fail, by the names that logs, dead letters and traces carry. */
#ifndef CD_DAEMON_STAGE_H
#define CD_DAEMON_STAGE_H

enum cd_stage {
    CD_STAGE_TRANSFORMATION,
    CD_STAGE_HEADER_CONVERTER,
    CD_STAGE_KEY_CONVERTER,
    CD_STAGE_VALUE_CONVERTER,
    CD_STAGE_TASK_PUT,
    CD_STAGE_KAFKA_PRODUCE,
};

static inline const char *cd_stage_name(enum cd_stage stage)
{
    static const char *const names[] = {
        [CD_STAGE_TRANSFORMATION] = "TRANSFORMATION",
        [CD_STAGE_HEADER_CONVERTER] = "HEADER_CONVERTER",
        [CD_STAGE_KEY_CONVERTER] = "KEY_CONVERTER",
        [CD_STAGE_VALUE_CONVERTER] = "VALUE_CONVERTER",
        [CD_STAGE_TASK_PUT] = "TASK_PUT",
        [CD_STAGE_KAFKA_PRODUCE] = "KAFKA_PRODUCE",
    };
    return names[stage];
}

#endif
