-- What `require "auditweir"` gives. Called by the library with its native functions.
--
-- auditweir.new{...} -> filter. All options may be left out:
--   policy              text of a policy (YAML), or
--   policy_file         path of one; default: the built-in policy
--   format              name of an output format, by default "native"
--   pseudonym_key       key of the action `pseudonym`, 16 bytes or more, or
--   pseudonym_key_file  path of one; a line end behind it is not part of the key
--   message_key         member of a log event that holds the raw line (default "message")
-- Raises a string that names option, file, line and column if something is wrong: Vector does not
-- take the configuration then.
--
-- filter:process(event, emit)  cleans an event of Vector's and emits what goes on; see below.
-- filter:apply(line)           -> array of clean lines (no newline), {events, stubs, rejected,
--                              dropped, redactions}. Raises if `line` is not a string.
-- filter:finish(emit)          emits what still waits for the rest of its line.
-- filter:stats()               -> totals since the filter was made.
-- filter:metrics(emit)         emits what has been counted since its last call, as metrics.

local native = ...

-- Members that Vector's sources put beside a raw line. No other goes on: it could hold the event
-- that a transform before this one has parsed.
local CARRIED = { "file", "host", "source_type", "timestamp" }

-- The globals may be changed by the host's script later.
local error, pcall, pairs, ipairs, rawget, type, tostring = error, pcall, pairs, ipairs, rawget, type, tostring
local date = os.date

local Filter = {}
Filter.__index = Filter

-- The clean lines of an event (nil, a string or an array), and the table whose members to carry.
local function clean(self, event)
  local log = type(event) == "table" and rawget(event, "log")
  if type(log) ~= "table" then
    -- A metric, or no event at all. A function has no JSON form: a stub, counted as lua-type.
    return self.weir:record(error), nil
  end
  local message = rawget(log, self.message_key)
  if type(message) == "string" then
    -- Lines of one file are in order, and only they can be parts of one line.
    local file = rawget(log, "file")
    return self.weir:line(message, type(file) == "string" and file or nil), log
  elseif message == nil then
    return self.weir:record(log), nil
  end
  return self.weir:record(message), log
end

local function send(self, emit, line, from)
  local log = { [self.message_key] = line }
  if from then
    for _, name in ipairs(CARRIED) do
      if name ~= self.message_key then
        log[name] = rawget(from, name)
      end
    end
  end
  if pcall(emit, { log = log }) then
    return
  end
  -- Whatever the host has against a carried member, the line itself is to go on.
  if from and pcall(emit, { log = { [self.message_key] = line } }) then
    return
  end
  self.not_taken = self.not_taken + 1
  -- Vector counts the error and discards the event. The text has nothing of it.
  error("auditweir: the host did not take an event", 0)
end

-- For `hooks.process`. `event` is {log = {...}}:
--   message is a string   that line is cleaned; `file`, `host`, `source_type` and `timestamp` are
--                         carried over to each event emitted;
--   message is a table    the same for a line that was parsed in place;
--   no message            the whole of `log` is taken for a parsed audit event, nothing is carried.
-- Emits {log = {message = "<clean line>", ...}} for each audit event that goes on, none for one
-- that the policy drops or for a blank line. Whatever fails is answered by a stub. A line that a
-- container runtime split is emitted when its last part has come from the same `file`.
function Filter:process(event, emit)
  local ok, lines, from = pcall(clean, self, event)
  if not ok then
    self.faults = self.faults + 1
    lines, from = native.stub, nil
  end
  if type(lines) == "string" then
    send(self, emit, lines, from)
  elseif lines then
    for _, line in ipairs(lines) do
      send(self, emit, line, from)
    end
  end
end

-- For `hooks.shutdown`: emits what still waits for the rest of its line.
function Filter:finish(emit)
  local ok, lines = pcall(self.weir.finish, self.weir)
  if not ok then
    self.faults = self.faults + 1
    lines = { native.stub }
  end
  for _, line in ipairs(lines) do
    send(self, emit, line, nil)
  end
end

function Filter:apply(line)
  if type(line) ~= "string" then
    error("auditweir: apply needs a string, not a " .. type(line), 2)
  end
  local ok, lines, verdict = pcall(self.weir.apply, self.weir, line)
  if not ok then
    self.faults = self.faults + 1
    return { native.stub }, { events = 0, stubs = 1, rejected = 0, dropped = 0, redactions = 0 }
  end
  return lines, verdict
end

-- {inputs, bytesIn, bytesOut, events, stubs, rejected, cut, foreign, panics, dropped = {REASON = n},
-- reasons = {REASON = n}, redactions = {RULE = n}, faults, notTaken}. `reasons` says why there were
-- stubs and rejects; `faults` counts stubs made by this script alone, `notTaken` clean lines that
-- the host refused. Nothing in it comes from an event.
function Filter:stats()
  local stats = self.weir:stats()
  stats.faults = self.faults
  stats.notTaken = self.not_taken
  return stats
end

-- For a timer and `hooks.shutdown`: incremental counters in the namespace `auditweir`.
function Filter:metrics(emit)
  local stats = self:stats()
  local function counter(id, name, value, tags)
    local more = value - (self.sent[id] or 0)
    if more > 0 then
      self.sent[id] = value
      emit({
        metric = {
          namespace = "auditweir",
          name = name,
          kind = "incremental",
          timestamp = date("!*t"),
          tags = tags,
          counter = { value = more },
        },
      })
    end
  end
  for _, name in ipairs({ "inputs", "events", "stubs", "rejected", "panics", "faults", "notTaken" }) do
    counter(name, name:gsub("%u", function(c) return "_" .. c:lower() end) .. "_total", stats[name])
  end
  for reason, count in pairs(stats.dropped) do
    counter("dropped " .. reason, "dropped_total", count, { reason = reason })
  end
  for rule, count in pairs(stats.redactions) do
    counter("redactions " .. rule, "redactions_total", count, { rule = rule })
  end
end

local auditweir = { version = native.version }

function auditweir.new(options)
  if options ~= nil and type(options) ~= "table" then
    error("auditweir: new: options are a table, not a " .. type(options), 0)
  end
  local own, message_key = {}, "message"
  for name, value in pairs(options or {}) do
    if name == "message_key" then
      message_key = value
    else
      own[name] = value
    end
  end
  if type(message_key) ~= "string" or message_key == "" then
    error("auditweir: message_key: a name is needed", 0)
  end
  local ok, weir, why = pcall(native.open, own)
  if not ok then
    error("auditweir: internal error while reading the options", 0)
  elseif not weir then
    error("auditweir: " .. tostring(why), 0)
  end
  local filter = { weir = weir, message_key = message_key, faults = 0, not_taken = 0, sent = {} }
  return setmetatable(filter, Filter)
end

return auditweir
