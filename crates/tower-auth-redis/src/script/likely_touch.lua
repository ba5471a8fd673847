-- The usual touch, of a live record that was last used earlier. ARGV[1]: the current time and the
-- time of use. Returns the same as the script below, where other cases continue.
-- Comparisons with times below 2^53 are exact: larger numbers are rounded, but stay above them.
local head = redis.call('GETRANGE', KEYS[1], '0', '73')
if #head >= 42 then
  local format, flags, _, last, idle, absolute = struct.unpack('<BBc16I8I8I8', head)
  local now, seen = struct.unpack('<I8I8', ARGV[1])
  if format == 1 and flags < 4 and now < absolute and now < last + idle and last < seen
    and now < 9007199254740992 and seen < 9007199254740992 then
    local left = math.ceil((math.min(seen + idle, absolute) - now) / 1000)
    -- The order matters: a full server lets a script write after its first write, and it always
    -- permits PEXPIRE. The value does not grow.
    redis.call('PEXPIRE', KEYS[1], math.min(left, 1e13) + 600000)
    redis.call('SETRANGE', KEYS[1], '18', string.sub(ARGV[1], 9, 16))
    if flags % 2 == 0 then return 0 end
    return string.sub(head, 35, 74)
  end
end
