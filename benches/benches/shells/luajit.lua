-- luajit luajit.lua LINES OUT FORMAT: integrations/fluent-bit/lua/auditweir.lua, called as Fluent
-- Bit calls it.
dofile(os.getenv("AUDITWEIR_SCRIPT"))
local lines = {}
for line in io.lines(arg[1]) do
  lines[#lines + 1] = line
end
local function round(file)
  for at = 1, #lines do
    local code, _, record = auditweir("kube.audit", 0, { log = lines[at] })
    assert(code == 2 and record.log)
    if file then
      file:write(record.log, "\n")
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
