/* The contract of auditweir.h, sentence by sentence. With an argument: the library panics on it. */
#include <pthread.h>

#include "check.h"

static auditweir_policy *default_policy(void) {
    auditweir_policy *policy = NULL;
    CHECK(auditweir_policy_default(&policy) == AUDITWEIR_STATUS_OK && policy != NULL);
    return policy;
}

static auditweir_filter *new_filter(const auditweir_policy *policy) {
    auditweir_filter *filter = NULL;
    CHECK(auditweir_filter_new(policy, AUDITWEIR_FORMAT_NATIVE, &filter) == AUDITWEIR_STATUS_OK);
    CHECK(filter != NULL);
    return filter;
}

static void versions(void) {
    CHECK(auditweir_abi_version() == AUDITWEIR_ABI_VERSION);
    CHECK(strcmp(auditweir_version(), VERSION) == 0);
}

static void null_is_no_op_or_error(void) {
    auditweir_policy *policy = default_policy();
    auditweir_filter *filter = new_filter(policy);
    auditweir_error *error = NULL;
    const uint8_t *out = bytes("x");
    size_t len = 7;

    auditweir_policy_free(NULL);
    auditweir_filter_free(NULL);
    auditweir_error_free(NULL);
    CHECK(strcmp(auditweir_error_text(NULL), "") == 0);
    CHECK(strcmp(auditweir_filter_last_error(NULL), "") == 0);

    CHECK(auditweir_policy_default(NULL) == AUDITWEIR_STATUS_NULL_ARGUMENT);
    CHECK(auditweir_policy_from_yaml(bytes("{}"), 2, NULL, &error)
          == AUDITWEIR_STATUS_NULL_ARGUMENT);
    CHECK(error == NULL);
    CHECK(auditweir_policy_set_pseudonym_key(NULL, bytes("k"), 1, NULL)
          == AUDITWEIR_STATUS_NULL_ARGUMENT);
    CHECK(auditweir_filter_new(policy, 0, NULL) == AUDITWEIR_STATUS_NULL_ARGUMENT);

    CHECK(auditweir_filter_apply(NULL, bytes(EVENT), 3, &out, &len, NULL)
          == AUDITWEIR_STATUS_NULL_ARGUMENT);
    CHECK(out == NULL && len == 0);
    CHECK(auditweir_filter_apply(filter, NULL, 3, &out, &len, NULL)
          == AUDITWEIR_STATUS_NULL_ARGUMENT);
    CHECK(out == NULL && len == 0);
    CHECK(auditweir_filter_apply(filter, NULL, 0, &out, &len, NULL) == AUDITWEIR_STATUS_OK);
    CHECK(out != NULL && len == 0);
    CHECK(auditweir_filter_apply(filter, bytes("x"), (size_t) -1, &out, &len, NULL)
          == AUDITWEIR_STATUS_INVALID_ARGUMENT);
    CHECK(auditweir_filter_apply(filter, bytes("x"), 1, NULL, &len, NULL)
          == AUDITWEIR_STATUS_NULL_ARGUMENT);
    CHECK(auditweir_filter_apply_lines(filter, bytes("x"), 1, &out, NULL, NULL)
          == AUDITWEIR_STATUS_NULL_ARGUMENT);
    CHECK(auditweir_filter_stats(NULL, &out, &len) == AUDITWEIR_STATUS_NULL_ARGUMENT);
    CHECK(auditweir_filter_stats(filter, NULL, &len) == AUDITWEIR_STATUS_NULL_ARGUMENT);

    auditweir_filter_free(filter);
    filter = (auditweir_filter *) (void *) &len;
    CHECK(auditweir_filter_new(policy, 99, &filter) == AUDITWEIR_STATUS_INVALID_ARGUMENT);
    CHECK(filter == NULL);
    CHECK(auditweir_filter_new(NULL, 0, &filter) == AUDITWEIR_STATUS_NULL_ARGUMENT);
    auditweir_policy_free(policy);
}

static void policies(void) {
    const char *good = "version: 1\nredact:\n  rules:\n    - name: user-names\n"
                       "      paths: [user.username]\n      action: pseudonym\n";
    const char *bad = "version: 1\nredact:\n  ruels: []\n";
    auditweir_policy *policy = NULL;
    auditweir_error *error = NULL;
    auditweir_filter *filter, *keyed;
    const uint8_t *out;
    size_t len;

    CHECK(auditweir_policy_from_yaml(bytes(bad), strlen(bad), &policy, &error)
          == AUDITWEIR_STATUS_POLICY_INVALID);
    CHECK(policy == NULL && error != NULL);
    CHECK(strstr(auditweir_error_text(error), "3:") != NULL);
    CHECK(strstr(auditweir_error_text(error), "ruels") != NULL);
    auditweir_error_free(error);
    CHECK(auditweir_policy_from_yaml(bytes(bad), strlen(bad), &policy, NULL)
          == AUDITWEIR_STATUS_POLICY_INVALID);
    CHECK(auditweir_policy_from_yaml(bytes("\xff"), 1, &policy, &error)
          == AUDITWEIR_STATUS_POLICY_NOT_UTF8);
    auditweir_error_free(error);
    CHECK(auditweir_policy_from_yaml(NULL, 0, &policy, &error) == AUDITWEIR_STATUS_POLICY_INVALID);
    auditweir_error_free(error);

    CHECK(auditweir_policy_from_yaml(bytes(good), strlen(good), &policy, &error)
          == AUDITWEIR_STATUS_OK);
    CHECK(policy != NULL && error == NULL);
    filter = new_filter(policy);
    CHECK(auditweir_policy_set_pseudonym_key(policy, bytes("short"), 5, &error)
          == AUDITWEIR_STATUS_KEY_TOO_SHORT);
    CHECK(strstr(auditweir_error_text(error), "16 bytes") != NULL);
    auditweir_error_free(error);
    CHECK(auditweir_policy_set_pseudonym_key(policy, bytes("0123456789abcdef"), 16, &error)
          == AUDITWEIR_STATUS_OK);
    CHECK(error == NULL);
    keyed = new_filter(policy);
    auditweir_policy_free(policy); /* filters live on */

    CHECK(auditweir_filter_apply(filter, bytes(EVENT), strlen(EVENT), &out, &len, NULL)
          == AUDITWEIR_STATUS_OK);
    CHECK(!has(out, len, "[pseudonym:"));
    CHECK(auditweir_filter_apply(keyed, bytes(EVENT), strlen(EVENT), &out, &len, NULL)
          == AUDITWEIR_STATUS_OK);
    CHECK(has(out, len, "[pseudonym:default:"));
    auditweir_filter_free(filter);
    auditweir_filter_free(keyed);
}

static void one_record_and_lines(void) {
    const char *lines = EVENT "\n\n" EVENT "\r\nnot json " SECRET "\n" EVENT;
    const char *pretty = "{\"kind\":\"EventList\",\n\"apiVersion\":\"audit.k8s.io/v1\",\n\"items\":["
                         EVENT ",\n{\"kind\":\"Event\",\"auditID\":\"b\",\"stage\":"
                         "\"ResponseComplete\",\"verb\":\"get\",\"requestURI\":\"/x\"}]}";
    auditweir_policy *policy = default_policy();
    auditweir_filter *filter = new_filter(policy);
    auditweir_verdict verdict;
    struct { uint32_t size; uint32_t reserved; uint64_t events; uint64_t guard; } old;
    const uint8_t *out;
    size_t len;

    auditweir_policy_free(policy);
    memset(&verdict, 0xff, sizeof verdict);
    verdict.size = sizeof verdict;
    CHECK(auditweir_filter_apply_lines(filter, bytes(lines), strlen(lines), &out, &len, &verdict)
          == AUDITWEIR_STATUS_OK);
    CHECK(verdict.size == sizeof verdict && verdict.reserved == 0);
    CHECK(verdict.events == 3 && verdict.stubs + verdict.rejected == 1 && verdict.dropped == 0);
    CHECK(verdict.redactions == 3);
    CHECK(len > 0 && out[len - 1] == '\n' && !has(out, len, SECRET));
    CHECK(has(out, len, "[redacted:secret-values]"));

    CHECK(auditweir_filter_apply(filter, bytes(pretty), strlen(pretty), &out, &len, &verdict)
          == AUDITWEIR_STATUS_OK);
    CHECK(verdict.events == 2 && verdict.stubs + verdict.rejected == 0);
    CHECK(!has(out, len, SECRET));

    /* A caller built against a smaller struct. */
    old.size = 16;
    old.guard = 42;
    CHECK(auditweir_filter_apply(filter, bytes(EVENT), strlen(EVENT), &out, &len,
                                 (auditweir_verdict *) (void *) &old)
          == AUDITWEIR_STATUS_OK);
    CHECK(old.size == 16 && old.events == 1 && old.guard == 42);

    CHECK(auditweir_filter_stats(filter, &out, &len) == AUDITWEIR_STATUS_OK);
    CHECK(has(out, len, "\"events\":6,") && has(out, len, "\"redactions\":{\"secret-values\":5}"));
    CHECK(has(out, len, "\"panics\":0}") && !has(out, len, SECRET));
    CHECK(strcmp(auditweir_filter_last_error(filter), "") == 0);
    auditweir_filter_free(filter);
}

static void lines_say_what_they_are(void) {
    const char *lines = EVENT "\nnot json " SECRET "\n" EVENT;
    auditweir_policy *policy = default_policy();
    auditweir_filter *filter = new_filter(policy);
    auditweir_line line;
    struct { uint32_t size; int32_t kind; uint64_t guard; } old;
    const uint8_t *out;
    size_t len, at = 0;
    char id[33];
    int n;

    auditweir_policy_free(policy);
    memset(&line, 0xff, sizeof line);
    line.size = sizeof line;
    CHECK(auditweir_filter_line(filter, 0, &line) == AUDITWEIR_STATUS_NO_SUCH_LINE);
    CHECK(auditweir_filter_line(NULL, 0, &line) == AUDITWEIR_STATUS_NULL_ARGUMENT);
    CHECK(auditweir_filter_line(filter, 0, NULL) == AUDITWEIR_STATUS_NULL_ARGUMENT);
    CHECK(auditweir_filter_apply_lines(filter, bytes(lines), strlen(lines), &out, &len, NULL)
          == AUDITWEIR_STATUS_OK);
    for (n = 0; n < 3; n++) {
        CHECK(auditweir_filter_line(filter, (size_t) n, &line) == AUDITWEIR_STATUS_OK);
        CHECK(line.size == sizeof line && line.bytes == out + at && line.len > 1);
        CHECK(line.bytes[line.len - 1] == '\n' && strlen((const char *) line.id) == 32);
        CHECK(has(line.bytes, line.len, (const char *) line.id));
        if (n == 1) {
            CHECK(line.kind == AUDITWEIR_LINE_KIND_REJECTED && line.redactions == 0);
            CHECK(line.reason != NULL && has(line.bytes, line.len, "\"rejected\":true"));
            CHECK(line.reason_len > 0 && line.offset >= 0);
        } else {
            CHECK(line.kind == AUDITWEIR_LINE_KIND_EVENT && line.redactions == 1);
            CHECK(line.reason == NULL && line.reason_len == 0 && line.offset == -1);
        }
        if (n == 0) {
            memcpy(id, line.id, sizeof id);
        } else {
            CHECK((strcmp(id, (const char *) line.id) == 0) == (n == 2));
        }
        at += line.len;
    }
    CHECK(at == len);
    CHECK(auditweir_filter_line(filter, 3, &line) == AUDITWEIR_STATUS_NO_SUCH_LINE);

    /* A caller built against a smaller struct; the output before is forgotten. */
    CHECK(auditweir_filter_apply(filter, bytes(EVENT), strlen(EVENT), &out, &len, NULL)
          == AUDITWEIR_STATUS_OK);
    old.size = 8;
    old.guard = 42;
    CHECK(auditweir_filter_line(filter, 0, (auditweir_line *) (void *) &old)
          == AUDITWEIR_STATUS_OK);
    CHECK(old.size == 8 && old.kind == AUDITWEIR_LINE_KIND_EVENT && old.guard == 42);
    CHECK(auditweir_filter_line(filter, 1, &line) == AUDITWEIR_STATUS_NO_SUCH_LINE);
    auditweir_filter_free(filter);
}

static void *one_thread(void *policy) {
    auditweir_filter *filter = new_filter((const auditweir_policy *) policy);
    const uint8_t *out;
    size_t len;
    int n;

    for (n = 0; n < 200; n++) {
        CHECK(auditweir_filter_apply(filter, bytes(EVENT), strlen(EVENT), &out, &len, NULL)
              == AUDITWEIR_STATUS_OK);
        CHECK(!has(out, len, SECRET));
    }
    return filter;
}

static void threads_share_a_policy(void) {
    auditweir_policy *policy = default_policy();
    pthread_t threads[4];
    void *filter;
    int n;

    for (n = 0; n < 4; n++) {
        CHECK(pthread_create(&threads[n], NULL, one_thread, policy) == 0);
    }
    for (n = 0; n < 4; n++) {
        CHECK(pthread_join(threads[n], &filter) == 0);
        auditweir_filter_free((auditweir_filter *) filter); /* by another thread than made it */
    }
    auditweir_policy_free(policy);
}

static void panics_cost_one_event(const char *trap) {
    char lines[4096];
    auditweir_policy *policy = default_policy();
    auditweir_filter *filter = new_filter(policy);
    auditweir_verdict verdict;
    const uint8_t *out;
    size_t len;

    verdict.size = sizeof verdict;
    sprintf(lines, "%s\n{\"%s\":\"%s\"}\n%s\n", EVENT, trap, SECRET, EVENT);
    CHECK(auditweir_filter_apply_lines(filter, bytes(lines), strlen(lines), &out, &len, &verdict)
          == AUDITWEIR_STATUS_PANIC);
    CHECK(verdict.events == 2 && verdict.stubs == 1);
    CHECK(!has(out, len, SECRET) && has(out, len, "\"stub\":\"internal\""));
    CHECK(strstr(auditweir_filter_last_error(filter), "lib.rs:") != NULL);
    CHECK(strstr(auditweir_filter_last_error(filter), SECRET) == NULL);
    CHECK(auditweir_filter_apply(filter, bytes(EVENT), strlen(EVENT), &out, &len, &verdict)
          == AUDITWEIR_STATUS_OK);
    CHECK(verdict.events == 1 && strcmp(auditweir_filter_last_error(filter), "") == 0);
    CHECK(auditweir_filter_stats(filter, &out, &len) == AUDITWEIR_STATUS_OK);
    CHECK(has(out, len, "\"panics\":1}"));
    auditweir_filter_free(filter);
    auditweir_policy_free(policy);
}

int main(int argc, char **argv) {
    versions();
    null_is_no_op_or_error();
    policies();
    one_record_and_lines();
    lines_say_what_they_are();
    threads_share_a_policy();
    if (argc > 1) {
        panics_cost_one_event(argv[1]);
    }
    puts("the contract holds");
    return 0;
}
