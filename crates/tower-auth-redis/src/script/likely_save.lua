-- The usual save: the record lives and has the expected version, its creation time and owner are
-- the same, and its last use does not move back. The script writes the record as it came and
-- returns -1. Other cases continue below; only that part decides which saves are refused.
-- ARGV[1]: the current time and the record's last use. ARGV[2]: the record in its next version.
-- ARGV[3]: the expected first bytes of the stored record. ARGV[4]: its owner, or nothing. ARGV[5]:
-- the milliseconds until the server removes the record.
-- Calls and strings cost more than all comparisons, so there are few of them, and only a record's
-- fixed fields are read. A number as an argument of a call costs more than its digits as a string.
-- Comparisons with times below 2^53 are exact: larger numbers are rounded, but stay above them.
local find = string.find
local head = redis.call('GETRANGE', KEYS[1], '0', '73')
if find(head, ARGV[3], 1, true) == 1 and find(head, ARGV[4], 43, true) == 43 then
  local last, idle, absolute = struct.unpack('<I8I8I8', head, 19)
  local now, seen = struct.unpack('<I8I8', ARGV[1])
  if now < absolute and now < last + idle and last <= seen
    and now < 9007199254740992 and seen < 9007199254740992 then
    redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[5])
    return -1
  end
end
