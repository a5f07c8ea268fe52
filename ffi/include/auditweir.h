/*
 * auditweir: normalises, redacts and enriches Kubernetes audit events inside the log shipper.
 *
 *     auditweir_policy *policy;
 *     auditweir_filter *filter;
 *     const uint8_t *output;
 *     size_t output_len;
 *
 *     if (auditweir_policy_default(&policy) != AUDITWEIR_STATUS_OK) abort();
 *     if (auditweir_filter_new(policy, AUDITWEIR_FORMAT_NATIVE, &filter) != AUDITWEIR_STATUS_OK)
 *         abort();
 *     auditweir_policy_free(policy);
 *     while (read_line(&line, &len)) {
 *         auditweir_filter_apply(filter, line, len, &output, &output_len, NULL);
 *         fwrite(output, 1, output_len, stdout);
 *     }
 *     auditweir_filter_free(filter);
 *
 * What goes out is safe to pass on whatever the status is: it never contains unprocessed input.
 * An event that cannot be processed safely is answered by a stub that says why.
 *
 * OWNERSHIP  What a function named *_new, *_from_yaml or *_default hands out is yours until you
 *            give it to the *_free function of its type; NULL is allowed there. Input is borrowed
 *            for the call. Output belongs to the filter and is valid until its next call, so that
 *            no memory is allocated per event; copy it if you need it longer. The library frees
 *            nothing of yours, and you free() nothing of the library's.
 *
 * BYTES      A pointer and a length in bytes. (NULL, 0) is empty; (NULL, more) is an argument
 *            error. Input need not be UTF-8; output always is. Output is not NUL-terminated, texts
 *            of type `const char *` are.
 *
 * ERRORS     Functions that can fail return an auditweir_status, 0 for success. Constructors also
 *            hand out an auditweir_error with a text if you ask for it. There is no errno and no
 *            global state. A fault inside the library is caught and reported as a status; the
 *            process is never aborted for it.
 *
 * THREADS    A handle passed as a pointer to const may be used by any number of threads at once,
 *            one passed as a pointer to non-const by one thread at a time. So: one policy for all
 *            threads, one filter for each. A handle may be freed by another thread than made it.
 *
 * VERSIONS   Within one AUDITWEIR_ABI_VERSION functions, codes and members at the end of
 *            auditweir_verdict and auditweir_line are only added. The shared library has no other
 *            exported symbols than these functions and `filter_auditweir_plugin`, which Fluent Bit
 *            looks for.
 *
 * Written by cbindgen from ffi/src; do not edit.
 * SPDX-License-Identifier: Apache-2.0 OR MIT
 */


#ifndef AUDITWEIR_H
#define AUDITWEIR_H

#include <stddef.h>
#include <stdint.h>

// Version of this ABI. Functions and codes are only ever added to a version; what breaks a caller
// makes the next one.
#define AUDITWEIR_ABI_VERSION 1

// What a function says about the call itself. What became of the events is in
// `auditweir_verdict`: an event that cannot be processed is not an error.
//
// Codes come in blocks (1-99 arguments, 100-199 policy, 900-999 faults inside the library) and
// are never renumbered.
enum auditweir_status
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    // Done.
    AUDITWEIR_STATUS_OK = 0,
    // A pointer that must not be NULL is NULL, or NULL came with a length above 0.
    AUDITWEIR_STATUS_NULL_ARGUMENT = 1,
    // A number is none of its constants, or a length is larger than any object.
    AUDITWEIR_STATUS_INVALID_ARGUMENT = 2,
    // The output has no line of this number.
    AUDITWEIR_STATUS_NO_SUCH_LINE = 3,
    // The policy file has an error; the text names line, column and key.
    AUDITWEIR_STATUS_POLICY_INVALID = 100,
    // The policy file is not UTF-8.
    AUDITWEIR_STATUS_POLICY_NOT_UTF8 = 101,
    // The pseudonym key has fewer than 16 bytes.
    AUDITWEIR_STATUS_KEY_TOO_SHORT = 102,
    // A fault inside the library was caught. The output is complete all the same: the event it
    // happened on is a stub, events before and after it were served.
    AUDITWEIR_STATUS_PANIC = 900,
    // A filter could not be set up again after a fault. Every event becomes a stub; free it.
    AUDITWEIR_STATUS_POISONED = 901,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum auditweir_status auditweir_status;
#else
typedef int32_t auditweir_status;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// What stands in a line of the output.
enum auditweir_line_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    // An event, whole but for what was taken out.
    AUDITWEIR_LINE_KIND_EVENT = 0,
    // A stub: the event could not be processed safely.
    AUDITWEIR_LINE_KIND_STUB = 1,
    // A stub for what no API server can have written.
    AUDITWEIR_LINE_KIND_REJECTED = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum auditweir_line_kind auditweir_line_kind;
#else
typedef int32_t auditweir_line_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// Shape of the output.
enum auditweir_format
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    // The event as it came, less what was taken out, plus one `auditweir` member.
    AUDITWEIR_FORMAT_NATIVE = 0,
    // Elastic Common Schema.
    AUDITWEIR_FORMAT_ECS = 1,
    // Open Cybersecurity Schema Framework: API Activity.
    AUDITWEIR_FORMAT_OCSF = 2,
    // OpenTelemetry: one OTLP-JSON log request a line.
    AUDITWEIR_FORMAT_OTEL = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum auditweir_format auditweir_format;
#else
typedef int32_t auditweir_format;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// Why a constructor failed. Free with `auditweir_error_free`.
typedef struct auditweir_error auditweir_error;

// A filter: scratch memory, counters and the buffers it lends out. One thread at a time; make one
// per thread from a shared policy. It may move between threads.
typedef struct auditweir_filter auditweir_filter;

// A compiled policy. Immutable but for `auditweir_policy_set_pseudonym_key`; otherwise any number
// of threads may use it at once. Filters hold their own reference, so it may be freed before them.
typedef struct auditweir_policy auditweir_policy;

// What one call did. Lines in the output = events + stubs + rejected.
typedef struct {
    // Set by the caller to sizeof(auditweir_verdict) before the call; members beyond it are not
    // written, so that later versions can add some.
    uint32_t size;
    // Always 0.
    uint32_t reserved;
    // Events written whole, after redaction.
    uint64_t events;
    // Events written as a stub, because they could not be processed safely.
    uint64_t stubs;
    // Inputs that no API server can have written, each answered by one stub that says so.
    uint64_t rejected;
    // Events dropped because the policy says so.
    uint64_t dropped;
    // Values taken out.
    uint64_t redactions;
} auditweir_verdict;

// One line of the output. See `auditweir_filter_line`.
typedef struct {
    // Set by the caller to sizeof(auditweir_line) before the call; members beyond it are not
    // written, so that later versions can add some.
    uint32_t size;
    // What stands in it.
    auditweir_line_kind kind;
    // The line, the newline at its end included: a part of the output.
    const uint8_t *bytes;
    // Its length in bytes.
    size_t len;
    // Why there is a stub, such as "json-unexpected-end"; not NUL-terminated, never freed. NULL
    // for an event.
    const uint8_t *reason;
    // Length of the reason in bytes.
    size_t reason_len;
    // Byte of the input that the reason refers to; -1 if none.
    int64_t offset;
    // Values taken out.
    uint64_t redactions;
    // The document id: 32 hex digits, the same in every format and for the same event whenever it
    // comes, and a NUL.
    uint8_t id[33];
} auditweir_line;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// The `AUDITWEIR_ABI_VERSION` the library was built with. A caller that opens the library at run
// time refuses any other than its own.
uint32_t auditweir_abi_version(void);

// The release, such as "0.1.0". Static; do not free.
const char *auditweir_version(void);

// The message of an error: NUL-terminated UTF-8 that names the place, never a value from an
// event. Owned by `error`, valid until it is freed. NULL gives an empty text.
const char *auditweir_error_text(const auditweir_error *error);

// Frees an error. NULL is allowed and does nothing.
void auditweir_error_free(auditweir_error *error);

// Reads and compiles a policy from YAML or JSON text.
//
// @param yaml    `len` bytes, borrowed for the call. (NULL, 0) is an empty file, an error.
// @param policy  Receives the policy, to be freed with `auditweir_policy_free`; NULL on failure.
// @param error   NULL, or receives the reason on failure, to be freed with
//                `auditweir_error_free`; set to NULL otherwise.
// @return AUDITWEIR_STATUS_OK, _NULL_ARGUMENT, _POLICY_NOT_UTF8, _POLICY_INVALID.
auditweir_status auditweir_policy_from_yaml(const uint8_t *yaml,
                                            size_t len,
                                            auditweir_policy **policy,
                                            auditweir_error **error);

// The default policy, which needs no file.
//
// @param policy  Receives the policy, to be freed with `auditweir_policy_free`; NULL on failure.
// @return AUDITWEIR_STATUS_OK, _NULL_ARGUMENT.
auditweir_status auditweir_policy_default(auditweir_policy **policy);

// Sets the key of the `pseudonym` action. Filters made before keep what they have. No other
// thread may use this policy during the call.
//
// @param policy  Changed only on success.
// @param key     `len` bytes, at least 16; 32 random bytes are right. White space at the end is
//                no part of it, as in every host. Copied.
// @param error   NULL, or receives the reason on failure, to be freed with
//                `auditweir_error_free`; set to NULL otherwise.
// @return AUDITWEIR_STATUS_OK, _NULL_ARGUMENT, _KEY_TOO_SHORT.
auditweir_status auditweir_policy_set_pseudonym_key(auditweir_policy *policy,
                                                    const uint8_t *key,
                                                    size_t len,
                                                    auditweir_error **error);

// Frees a policy. NULL is allowed and does nothing. Filters made from it live on.
void auditweir_policy_free(auditweir_policy *policy);

// The number of an output format, for hosts that are told its name.
//
// @param name    `len` bytes such as "native", borrowed for the call.
// @param format  Receives an `auditweir_format`; 0 on failure.
// @return AUDITWEIR_STATUS_OK, _NULL_ARGUMENT, _INVALID_ARGUMENT.
auditweir_status auditweir_format_named(const uint8_t *name, size_t len, int32_t *format);

// Makes a filter.
//
// @param policy  Borrowed for the call; the filter keeps its own reference.
// @param format  An `auditweir_format`.
// @param filter  Receives the filter, to be freed with `auditweir_filter_free`; NULL on failure.
// @return AUDITWEIR_STATUS_OK, _NULL_ARGUMENT, _INVALID_ARGUMENT.
auditweir_status auditweir_filter_new(const auditweir_policy *policy,
                                      int32_t format,
                                      auditweir_filter **filter);

// Processes one line of an audit log, bare or in a shipper's wrapper, or one record such as an
// EventList. Line breaks inside are white space. No newline at the end is needed.
//
// Never lets raw input through: what cannot be read or judged becomes a stub. Blank input gives
// no output. The parts of a line that a container runtime split (CRI, docker) give no output until
// the last has come: lines of one filter are those of one log, in order; for several logs see
// `auditweir_filter_apply_from`, for the end `auditweir_filter_finish`.
//
// @param input       `len` bytes, borrowed for the call; any bytes, UTF-8 or not. (NULL, 0) is
//                    empty.
// @param output      Receives a pointer to the output: one line of JSON, ended by a newline, per
//                    event that goes on. Owned by the filter, valid until the next call with this
//                    filter; not NUL-terminated; never NULL on AUDITWEIR_STATUS_OK and _PANIC.
// @param output_len  Receives its length in bytes; 0 if nothing goes on.
// @param verdict     NULL, or receives what was done; set its `size` before.
// @return AUDITWEIR_STATUS_OK; _PANIC and _POISONED, with output as described at these codes;
//         _NULL_ARGUMENT and _INVALID_ARGUMENT, with an empty output.
auditweir_status auditweir_filter_apply(auditweir_filter *filter,
                                        const uint8_t *input,
                                        size_t len,
                                        const uint8_t **output,
                                        size_t *output_len,
                                        auditweir_verdict *verdict);

// Like `auditweir_filter_apply`, for a line of one of several logs.
//
// @param source  `source_len` bytes that name the log, such as a path or a tag; the parts of a
//                line are looked for among lines of the same name.
auditweir_status auditweir_filter_apply_from(auditweir_filter *filter,
                                             const uint8_t *source,
                                             size_t source_len,
                                             const uint8_t *input,
                                             size_t len,
                                             const uint8_t **output,
                                             size_t *output_len,
                                             auditweir_verdict *verdict);

// Like `auditweir_filter_apply` for any number of lines at once (NDJSON): each line of `input` is
// one record. The last needs no newline. Blank lines give nothing.
//
// A status of AUDITWEIR_STATUS_PANIC says that at least one line was answered by a stub because
// of a fault; all other lines were served.
auditweir_status auditweir_filter_apply_lines(auditweir_filter *filter,
                                              const uint8_t *input,
                                              size_t len,
                                              const uint8_t **output,
                                              size_t *output_len,
                                              auditweir_verdict *verdict);

// Processes what still waits for its rest, when no more lines will come. Output and verdict as in
// `auditweir_filter_apply`.
auditweir_status auditweir_filter_finish(auditweir_filter *filter,
                                         const uint8_t **output,
                                         size_t *output_len,
                                         auditweir_verdict *verdict);

// One line of the last output of this filter: what stands in it, and its document id, so that no
// host need read it again.
//
// @param index  Which line, from 0; there are events + stubs + rejected of the verdict.
// @param line   Receives what is known of it; set its `size` before. What it points to belongs to
//               the filter and is valid as long as the output.
// @return AUDITWEIR_STATUS_OK, _NULL_ARGUMENT, _NO_SUCH_LINE.
auditweir_status auditweir_filter_line(const auditweir_filter *filter,
                                       size_t index,
                                       auditweir_line *line);

// Totals since the filter was made, as one JSON object:
//
// {"inputs":N,"bytesIn":N,"bytesOut":N,"events":N,"stubs":N,"rejected":N,"cut":N,
// "foreign":N,"dropped":{REASON:N},"reasons":{REASON:N},"redactions":{RULE:N},"panics":N}
//
// `cut` are events that a log service cut off, `foreign` lines of other programs; `reasons` says why
// there were stubs and rejects. Nothing in it comes from an event.
//
// @param json  Receives a pointer to the text: owned by the filter, valid until the next call of
//              this function with it or until it is freed; not NUL-terminated.
// @param len   Receives its length in bytes.
// @return AUDITWEIR_STATUS_OK, _NULL_ARGUMENT.
auditweir_status auditweir_filter_stats(auditweir_filter *filter,
                                        const uint8_t **json,
                                        size_t *len);

// What went wrong in the last `auditweir_filter_apply` or `auditweir_filter_apply_lines` of this
// filter, for a bug report: NUL-terminated text with a place in the library's source, nothing
// from an event. Empty if nothing went wrong or `filter` is NULL. Owned by the filter, valid until
// the next call with it.
const char *auditweir_filter_last_error(const auditweir_filter *filter);

// Frees a filter and the buffers it lent out. NULL is allowed and does nothing.
void auditweir_filter_free(auditweir_filter *filter);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* AUDITWEIR_H */
