/* Audit lines on standard input, clean lines on standard output. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

#include "auditweir.h"

int main(void) {
    auditweir_policy *policy;
    auditweir_filter *filter;
    const uint8_t *clean;
    size_t clean_len, room = 0;
    char *line = NULL;
    ssize_t len;

    if (auditweir_policy_default(&policy) != AUDITWEIR_STATUS_OK
        || auditweir_filter_new(policy, AUDITWEIR_FORMAT_ECS, &filter) != AUDITWEIR_STATUS_OK) {
        return 1;
    }
    auditweir_policy_free(policy);
    while ((len = getline(&line, &room, stdin)) > 0) {
        /* The answer is complete and safe whatever the status is; it is the filter's. */
        auditweir_filter_apply(filter, (const uint8_t *) line, (size_t) len, &clean, &clean_len,
                               NULL);
        fwrite(clean, 1, clean_len, stdout);
    }
    auditweir_filter_free(filter);
    free(line);
    return 0;
}
