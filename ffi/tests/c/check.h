/* What the test programs share. Valid C99 and C++. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auditweir.h"
#include "auditweir.h" /* twice on purpose */

#define CHECK(what) \
    do { \
        if (!(what)) { \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #what); \
            exit(1); \
        } \
    } while (0)

#define SECRET "hunter2-hunter2"

#define EVENT \
    "{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"level\":\"Request\",\"auditID\":\"1\"," \
    "\"stage\":\"ResponseComplete\",\"verb\":\"create\",\"user\":{\"username\":\"u\"}," \
    "\"requestURI\":\"/api/v1/namespaces/a/secrets\"," \
    "\"objectRef\":{\"resource\":\"secrets\",\"namespace\":\"a\",\"name\":\"s\",\"apiVersion\":\"v1\"}," \
    "\"requestObject\":{\"kind\":\"Secret\",\"apiVersion\":\"v1\",\"stringData\":{\"x\":\"" SECRET "\"}}}"

static inline const uint8_t *bytes(const char *text) {
    return (const uint8_t *) text;
}

/* Whether the text is in a buffer that has no NUL at its end. */
static inline int has(const uint8_t *buffer, size_t len, const char *text) {
    size_t size = strlen(text), at;
    for (at = 0; at + size <= len; at++) {
        if (memcmp(buffer + at, text, size) == 0) {
            return 1;
        }
    }
    return 0;
}

#endif
