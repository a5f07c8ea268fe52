-- What people write by hand: takes the values of Secrets out of parsed events, and nothing else.
local function strip(object)
  if type(object) == "table" then
    object.data = nil
    object.stringData = nil
  end
end

function strip_secrets(tag, timestamp, record)
  local ref = record.objectRef
  if not ref or ref.resource ~= "secrets" then
    return 0, timestamp, record
  end
  for _, name in ipairs({ "requestObject", "responseObject" }) do
    local body = record[name]
    if type(body) == "table" then
      strip(body)
      for _, item in ipairs(body.items or {}) do
        strip(item)
      end
    end
  end
  return 2, timestamp, record
end
