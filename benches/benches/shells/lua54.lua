-- lua5.4 lua54.lua LINES OUT FORMAT: the module, called as Vector's `lua` transform calls it.
local filter = require("auditweir").new({ format = arg[3] })
local lines = {}
for line in io.lines(arg[1]) do
  lines[#lines + 1] = line
end
local out
local function emit(event)
  out = event.log.message
end
local function round(file)
  for at = 1, #lines do
    out = nil
    filter:process({ log = { message = lines[at] } }, emit)
    assert(out)
    if file then
      file:write(out, "\n")
    end
  end
end
io.stdout:setvbuf("line")
for command in io.lines() do
  local count = tonumber(command)
  if count == 0 then
    local file = assert(io.open(arg[2], "wb"))
    round(file)
    file:close()
    print(0)
  else
    local before = os.clock()
    for _ = 1, count do
      round()
    end
    print(string.format("%.0f", (os.clock() - before) * 1e9))
  end
end
