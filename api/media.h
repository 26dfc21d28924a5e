/* Content-Type and Accept, as far as the API cares: is it JSON? */
#ifndef CD_API_MEDIA_H
#define CD_API_MEDIA_H

#include <stdbool.h>

enum cd_media { CD_MEDIA_JSON, CD_MEDIA_OTHER, CD_MEDIA_BROKEN };

/* Of a Content-Type header; parameters are ignored. */
enum cd_media cd_media_type(const char *header);
/* Does an Accept header allow `type`/`subtype`? An empty header allows everything. Weights are
 * ignored, as by the JVM. */
bool cd_media_accepts(const char *header, const char *type, const char *subtype);

#endif
