#include "compat/exception.h"

#include <stddef.h>
#include <string.h>

#define CONNECT "org.apache.kafka.connect.errors."
#define COMMON "org.apache.kafka.common.errors."

/* Where two packages have a class of that name, the one Connect itself throws. */
static const char *const classes[] = {
    CONNECT "AlreadyExistsException",
    CONNECT "ConnectException",
    CONNECT "DataException",
    CONNECT "IllegalWorkerStateException",
    CONNECT "NotFoundException",
    CONNECT "RetriableException",
    CONNECT "SchemaBuilderException",
    CONNECT "SchemaProjectorException",
    "org.apache.kafka.common.KafkaException",
    "org.apache.kafka.common.config.ConfigException",
    COMMON "AuthenticationException",
    COMMON "AuthorizationException",
    COMMON "BrokerNotAvailableException",
    COMMON "ClusterAuthorizationException",
    COMMON "CorruptRecordException",
    COMMON "DisconnectException",
    COMMON "FencedInstanceIdException",
    COMMON "GroupAuthorizationException",
    COMMON "InterruptException",
    COMMON "InvalidConfigurationException",
    COMMON "InvalidPartitionsException",
    COMMON "InvalidProducerEpochException",
    COMMON "InvalidReplicationFactorException",
    COMMON "InvalidTopicException",
    COMMON "NetworkException",
    COMMON "NotEnoughReplicasException",
    COMMON "NotLeaderOrFollowerException",
    COMMON "OffsetOutOfRangeException",
    COMMON "OutOfOrderSequenceException",
    COMMON "PolicyViolationException",
    COMMON "ProducerFencedException",
    COMMON "RebalanceInProgressException",
    COMMON "RecordBatchTooLargeException",
    COMMON "RecordDeserializationException",
    COMMON "RecordTooLargeException",
    COMMON "SaslAuthenticationException",
    COMMON "SerializationException",
    COMMON "SslAuthenticationException",
    COMMON "TimeoutException",
    COMMON "TopicAuthorizationException",
    COMMON "TopicExistsException",
    COMMON "TransactionalIdAuthorizationException",
    COMMON "UnknownServerException",
    COMMON "UnknownTopicOrPartitionException",
    COMMON "UnsupportedVersionException",
    COMMON "WakeupException",
    "java.io.EOFException",
    "java.io.FileNotFoundException",
    "java.io.IOException",
    "java.io.UncheckedIOException",
    "java.io.UnsupportedEncodingException",
    "java.lang.ArithmeticException",
    "java.lang.ArrayIndexOutOfBoundsException",
    "java.lang.ArrayStoreException",
    "java.lang.AssertionError",
    "java.lang.ClassCastException",
    "java.lang.ClassNotFoundException",
    "java.lang.Error",
    "java.lang.Exception",
    "java.lang.IllegalArgumentException",
    "java.lang.IllegalStateException",
    "java.lang.IndexOutOfBoundsException",
    "java.lang.InterruptedException",
    "java.lang.NegativeArraySizeException",
    "java.lang.NullPointerException",
    "java.lang.NumberFormatException",
    "java.lang.OutOfMemoryError",
    "java.lang.RuntimeException",
    "java.lang.StackOverflowError",
    "java.lang.StringIndexOutOfBoundsException",
    "java.lang.UnsupportedOperationException",
    "java.net.SocketException",
    "java.net.SocketTimeoutException",
    "java.net.UnknownHostException",
    "java.nio.BufferOverflowException",
    "java.nio.BufferUnderflowException",
    "java.nio.charset.IllegalCharsetNameException",
    "java.nio.charset.UnsupportedCharsetException",
    "java.nio.file.AccessDeniedException",
    "java.nio.file.NoSuchFileException",
    "java.sql.BatchUpdateException",
    "java.sql.SQLDataException",
    "java.sql.SQLException",
    "java.sql.SQLFeatureNotSupportedException",
    "java.sql.SQLIntegrityConstraintViolationException",
    "java.sql.SQLNonTransientConnectionException",
    "java.sql.SQLSyntaxErrorException",
    "java.sql.SQLTimeoutException",
    "java.sql.SQLTransientConnectionException",
    "java.sql.SQLTransientException",
    "java.text.ParseException",
    "java.time.DateTimeException",
    "java.time.format.DateTimeParseException",
    "java.util.ConcurrentModificationException",
    "java.util.NoSuchElementException",
    "java.util.concurrent.CancellationException",
    "java.util.concurrent.ExecutionException",
    "java.util.regex.PatternSyntaxException",
    "com.fasterxml.jackson.core.JsonParseException",
    "com.fasterxml.jackson.core.exc.StreamConstraintsException",
    "com.fasterxml.jackson.core.io.JsonEOFException",
    "com.fasterxml.jackson.databind.JsonMappingException",
    "com.fasterxml.jackson.databind.exc.InvalidFormatException",
    "com.fasterxml.jackson.databind.exc.MismatchedInputException",
};

const char *cd_exception_class(const char *simple_name)
{
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
        if (strcmp(strrchr(classes[i], '.') + 1, simple_name) == 0)
            return classes[i];
    return NULL;
}

static const char *class_of_code(const struct cd_error *err)
{
    switch (err->code) {
    case CD_ERR_CONFIG:
        return "org.apache.kafka.common.config.ConfigException";
    case CD_ERR_DATA:
        return CONNECT "DataException";
    case CD_ERR_TIMEOUT:
        return COMMON "TimeoutException";
    case CD_ERR_CANCELLED:
        return COMMON "WakeupException";
    case CD_ERR_STATE:
        return "java.lang.IllegalStateException";
    case CD_OK:
    case CD_ERR_REMOTE:
    case CD_ERR_FULL:
    case CD_ERR_BUG:
        break;
    }
    return err->retriable ? CONNECT "RetriableException" : CONNECT "ConnectException";
}

/* What Java's client throws where the broker answers with this error. */
static const char *const of_broker[][2] = {
    {"CLUSTER_AUTHORIZATION_FAILED", COMMON "ClusterAuthorizationException"},
    {"GROUP_AUTHORIZATION_FAILED", COMMON "GroupAuthorizationException"},
    {"INVALID_PARTITIONS", COMMON "InvalidPartitionsException"},
    {"INVALID_RECORD", "org.apache.kafka.common.InvalidRecordException"},
    {"INVALID_REPLICATION_FACTOR", COMMON "InvalidReplicationFactorException"},
    {"INVALID_TIMESTAMP", COMMON "InvalidTimestampException"},
    {"MSG_SIZE_TOO_LARGE", COMMON "RecordTooLargeException"},
    {"NOT_ENOUGH_REPLICAS", COMMON "NotEnoughReplicasException"},
    {"POLICY_VIOLATION", COMMON "PolicyViolationException"},
    {"TOPIC_AUTHORIZATION_FAILED", COMMON "TopicAuthorizationException"},
    {"TOPIC_EXCEPTION", COMMON "InvalidTopicException"},
    {"UNKNOWN_TOPIC_OR_PART", COMMON "UnknownTopicOrPartitionException"},
};

const char *cd_exception_of(const struct cd_error *err)
{
    for (size_t i = 0; i < sizeof(of_broker) / sizeof(of_broker[0]); i++)
        if (strcmp(of_broker[i][0], err->native) == 0)
            return of_broker[i][1];
    const char *known = cd_exception_class(err->native);
    return known == NULL ? class_of_code(err) : known;
}
