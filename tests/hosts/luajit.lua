-- luajit luajit.lua SCRIPT: each line of stdin through SCRIPT as Fluent Bit's lua filter would call
-- it; the `log` of each record that goes on is printed.
dofile(arg[1])
local text = io.read("*a")
for line in (text .. "\n"):gmatch("([^\n]*)\n") do
  local code, _, records = auditweir("kube.audit", 0, { log = line })
  if code == 2 then
    for _, record in ipairs(records[1] and records or { records }) do
      io.write(record.log or record.message, "\n")
    end
  elseif code ~= -1 then
    error("code " .. tostring(code) .. " would let the record pass")
  end
end
