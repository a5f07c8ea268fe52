/* soak N FILE: N calls over the lines of FILE; memory must stay flat after the first tenth. */
#include <unistd.h>

#include "check.h"

static long resident_kib(void) {
    long pages = 0, total = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    CHECK(file != NULL);
    CHECK(fscanf(file, "%ld %ld", &total, &pages) == 2);
    fclose(file);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

int main(int argc, char **argv) {
    auditweir_policy *policy;
    auditweir_filter *filter;
    char *text;
    const uint8_t *out;
    size_t size, out_len;
    long n, calls, warm = 0, now;
    FILE *file;

    CHECK(argc == 3);
    calls = atol(argv[1]);
    file = fopen(argv[2], "rb");
    CHECK(file != NULL);
    CHECK(fseek(file, 0, SEEK_END) == 0);
    size = (size_t) ftell(file);
    rewind(file);
    text = (char *) malloc(size + 1);
    CHECK(text != NULL && fread(text, 1, size, file) == size);
    fclose(file);

    CHECK(auditweir_policy_default(&policy) == AUDITWEIR_STATUS_OK);
    CHECK(auditweir_filter_new(policy, AUDITWEIR_FORMAT_NATIVE, &filter) == AUDITWEIR_STATUS_OK);
    auditweir_policy_free(policy);
    for (n = 0; n < calls;) {
        const char *at = text, *end = text + size;
        while (at < end && n < calls) {
            const char *next = (const char *) memchr(at, '\n', (size_t) (end - at));
            next = next != NULL ? next + 1 : end;
            CHECK(auditweir_filter_apply(filter, bytes(at), (size_t) (next - at), &out, &out_len,
                                         NULL)
                  == AUDITWEIR_STATUS_OK);
            at = next;
            if (++n == calls / 10) {
                warm = resident_kib();
            }
        }
    }
    now = resident_kib();
    printf("%ld calls: %ld KiB resident after the first tenth, %ld KiB at the end\n", calls, warm,
           now);
    CHECK(now <= warm + 1024);
    auditweir_filter_free(filter);
    free(text);
    return 0;
}
