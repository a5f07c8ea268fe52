-- auditweir for Fluent Bit's lua filter: cleans Kubernetes audit events in raw lines.
--
--   filters:
--     - name: lua
--       match: kube.audit
--       script: /fluent-bit/etc/auditweir.lua
--       call: auditweir
--
-- Takes records {log = "<line>"} (or `message`) and answers each with one record
-- {log = "<clean line>"} per event in it; a filter_parser with a json parser behind it makes
-- fields of that. A line nested too deeply for Fluent Bit goes on as {message = "<clean line>"},
-- which that parser leaves alone. Records that a parser has been at already are answered by stubs: a Lua table
-- has lost the digits of large integers and all nulls. A line that a container runtime split goes on
-- when its last part has come under the same tag.
--
-- Settings are environment variables of Fluent Bit's process, or of the `env` section:
--   AUDITWEIR_LIBRARY             libauditweir.so (default: found by the loader)
--   AUDITWEIR_POLICY              policy file (default: the built-in policy)
--   AUDITWEIR_FORMAT              name of an output format (default: native)
--   AUDITWEIR_PSEUDONYM_KEY_FILE  key of the action `pseudonym`
-- A setting that is wrong keeps Fluent Bit from starting.
--
-- Fluent Bit lets a whole chunk pass untouched if a script fails. So everything behind `auditweir`
-- runs in pcall, and a failure is answered by a stub.

local ffi = require("ffi")

-- Written from ffi/include/auditweir.h by ffi/tests/header.rs; do not edit.
local declarations = [[
enum auditweir_status
 {
    AUDITWEIR_STATUS_OK = 0,
    AUDITWEIR_STATUS_NULL_ARGUMENT = 1,
    AUDITWEIR_STATUS_INVALID_ARGUMENT = 2,
    AUDITWEIR_STATUS_NO_SUCH_LINE = 3,
    AUDITWEIR_STATUS_POLICY_INVALID = 100,
    AUDITWEIR_STATUS_POLICY_NOT_UTF8 = 101,
    AUDITWEIR_STATUS_KEY_TOO_SHORT = 102,
    AUDITWEIR_STATUS_PANIC = 900,
    AUDITWEIR_STATUS_POISONED = 901,
};
typedef int32_t auditweir_status;

enum auditweir_line_kind
 {
    AUDITWEIR_LINE_KIND_EVENT = 0,
    AUDITWEIR_LINE_KIND_STUB = 1,
    AUDITWEIR_LINE_KIND_REJECTED = 2,
};
typedef int32_t auditweir_line_kind;

typedef struct auditweir_error auditweir_error;

typedef struct auditweir_filter auditweir_filter;

typedef struct auditweir_policy auditweir_policy;

typedef struct {
    uint32_t size;
    uint32_t reserved;
    uint64_t events;
    uint64_t stubs;
    uint64_t rejected;
    uint64_t dropped;
    uint64_t redactions;
} auditweir_verdict;

typedef struct {
    uint32_t size;
    auditweir_line_kind kind;
    const uint8_t *bytes;
    size_t len;
    const uint8_t *reason;
    size_t reason_len;
    int64_t offset;
    uint64_t redactions;
    uint8_t id[33];
} auditweir_line;

uint32_t auditweir_abi_version(void);

const char *auditweir_version(void);

const char *auditweir_error_text(const auditweir_error *error);

void auditweir_error_free(auditweir_error *error);

auditweir_status auditweir_policy_from_yaml(const uint8_t *yaml,
                                            size_t len,
                                            auditweir_policy **policy,
                                            auditweir_error **error);

auditweir_status auditweir_policy_default(auditweir_policy **policy);

auditweir_status auditweir_policy_set_pseudonym_key(auditweir_policy *policy,
                                                    const uint8_t *key,
                                                    size_t len,
                                                    auditweir_error **error);

void auditweir_policy_free(auditweir_policy *policy);

auditweir_status auditweir_format_named(const uint8_t *name, size_t len, int32_t *format);

auditweir_status auditweir_filter_new(const auditweir_policy *policy,
                                      int32_t format,
                                      auditweir_filter **filter);

auditweir_status auditweir_filter_apply(auditweir_filter *filter,
                                        const uint8_t *input,
                                        size_t len,
                                        const uint8_t **output,
                                        size_t *output_len,
                                        auditweir_verdict *verdict);

auditweir_status auditweir_filter_apply_from(auditweir_filter *filter,
                                             const uint8_t *source,
                                             size_t source_len,
                                             const uint8_t *input,
                                             size_t len,
                                             const uint8_t **output,
                                             size_t *output_len,
                                             auditweir_verdict *verdict);

auditweir_status auditweir_filter_apply_lines(auditweir_filter *filter,
                                              const uint8_t *input,
                                              size_t len,
                                              const uint8_t **output,
                                              size_t *output_len,
                                              auditweir_verdict *verdict);

auditweir_status auditweir_filter_finish(auditweir_filter *filter,
                                         const uint8_t **output,
                                         size_t *output_len,
                                         auditweir_verdict *verdict);

auditweir_status auditweir_filter_line(const auditweir_filter *filter,
                                       size_t index,
                                       auditweir_line *line);

auditweir_status auditweir_filter_stats(auditweir_filter *filter,
                                        const uint8_t **json,
                                        size_t *len);

const char *auditweir_filter_last_error(const auditweir_filter *filter);

void auditweir_filter_free(auditweir_filter *filter);
]]
-- End of the written part.

local ABI_VERSION = 1

local STUB = '{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditweir":{"v":1,"stub":"%s"}}'

local function setting(name)
  local value = type(FLB_ENV) == "table" and FLB_ENV[name] or os.getenv(name)
  if value == nil or value == "" then
    return nil
  end
  return tostring(value)
end

local function read_file(path)
  local file, why = io.open(path, "rb")
  if not file then
    error("auditweir: " .. why, 0)
  end
  local text = file:read("*a")
  file:close()
  if not text then
    error("auditweir: " .. path .. ": cannot be read", 0)
  end
  return text
end

-- Containers inside each other up to which a parser may make fields of a line. Fluent Bit's json
-- parser accepts one more than its outputs can read (64 since 4.1), and the whole chunk with such a
-- record is lost without a word. Before 4.1 it is 32: set `limits.depth: 30` in the policy there.
local DEPTH = 60

-- Opens the library and makes the filter, once per Lua state. Errors are meant to be seen.
local function open()
  pcall(ffi.cdef, declarations) -- fails if another script of this state has declared the same
  local lib = ffi.load(setting("AUDITWEIR_LIBRARY") or "auditweir")
  local abi = lib.auditweir_abi_version()
  if abi ~= ABI_VERSION then
    error("auditweir: the library has ABI version " .. abi .. ", this script needs " .. ABI_VERSION, 0)
  end

  -- Finalizers call into the library: it must be there until the state is closed.
  package.loaded["auditweir.library"] = lib

  local policies = ffi.new("auditweir_policy *[1]")
  local failure = ffi.new("auditweir_error *[1]")
  local function check(status, what)
    if status ~= lib.AUDITWEIR_STATUS_OK then
      local text = ffi.string(lib.auditweir_error_text(failure[0]))
      lib.auditweir_error_free(failure[0])
      lib.auditweir_policy_free(policies[0])
      error("auditweir: " .. what .. ": " .. (text ~= "" and text or "status " .. status), 0)
    end
  end

  local format = ffi.new("int32_t[1]")
  local name = setting("AUDITWEIR_FORMAT") or "native"
  if lib.auditweir_format_named(name, #name, format) ~= lib.AUDITWEIR_STATUS_OK then
    error("auditweir: AUDITWEIR_FORMAT: no format has the name `" .. name .. "`", 0)
  end
  local path = setting("AUDITWEIR_POLICY")
  if path then
    local text = read_file(path)
    check(lib.auditweir_policy_from_yaml(text, #text, policies, failure), path)
  else
    check(lib.auditweir_policy_default(policies), "default policy")
  end
  local key_path = setting("AUDITWEIR_PSEUDONYM_KEY_FILE")
  if key_path then
    local key = read_file(key_path)
    check(lib.auditweir_policy_set_pseudonym_key(policies[0], key, #key, failure), key_path)
  end
  local filters = ffi.new("auditweir_filter *[1]")
  check(lib.auditweir_filter_new(policies[0], format[0], filters), "filter")
  lib.auditweir_policy_free(policies[0])
  return lib, ffi.gc(filters[0], lib.auditweir_filter_free)
end

local lib, filter = open()
local output = ffi.new("const uint8_t *[1]")
local output_len = ffi.new("size_t[1]")

-- The clean lines for a line, as one string with a newline behind each.
local function apply(tag, line)
  local status = lib.auditweir_filter_apply_from(filter, tag, #tag, line, #line, output, output_len, nil)
  -- After a fault inside the library (900 and above) the output is complete, with a stub in it.
  if status ~= lib.AUDITWEIR_STATUS_OK and status < lib.AUDITWEIR_STATUS_PANIC then
    error("status " .. status, 0)
  end
  return ffi.string(output[0], output_len[0])
end

-- Whether a clean line nests deeper than the host can carry. Brackets in strings count as well:
-- at worst a line stays text without need.
local function too_deep(line)
  local bytes = ffi.cast("const uint8_t *", line)
  local depth = 0
  for at = 0, #line - 1 do
    local byte = bytes[at]
    if byte == 123 or byte == 91 then
      depth = depth + 1
      if depth > DEPTH then
        return true
      end
    elseif byte == 125 or byte == 93 then
      depth = depth - 1
    end
  end
  return false
end

local function clean_record(line)
  if too_deep(line) then
    return { message = line } -- the parser behind looks at `log` alone
  end
  return { log = line }
end

local function stub(reason)
  return { log = STUB:format(reason) }
end

local function answer(tag, record)
  local line = record.log
  if type(line) ~= "string" then
    line = record.message
  end
  if type(line) ~= "string" then
    return stub("lua-needs-raw-lines")
  end
  local clean = apply(tag, line)
  local first = clean:find("\n", 1, true)
  if not first then
    return nil
  end
  if first == #clean then
    return clean_record(clean:sub(1, -2))
  end
  local records = {}
  for one in clean:gmatch("[^\n]+") do
    records[#records + 1] = clean_record(one)
  end
  return records
end

-- Called by Fluent Bit. 2: keep the time, take the new record. -1: nothing goes on. Never 0, which
-- would let the record pass as it is.
function auditweir(tag, timestamp, record)
  local ok, records = pcall(answer, tag, record)
  if not ok then
    return 2, timestamp, stub("lua-error")
  end
  if records == nil then
    return -1, timestamp, record
  end
  return 2, timestamp, records
end
