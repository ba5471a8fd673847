-- The usual save: the version is there and lives, the creation and the owner are the same, and the
-- last use does not move back. Then the record is written as it came, and the answer is -1; all else
-- goes on below, which alone decides what is refused.
-- ARGV[1]: the moment and the record's last use, ARGV[2]: the record as the next version, ARGV[3]: what
-- the present one begins with, ARGV[4]: its owner, or nothing, ARGV[5]: the milliseconds until the
-- server sweeps the record.
-- A call and a string cost more than all comparisons, so there are few, and only a record's fixed
-- fields are read; a number that is handed to a call costs more than its digits as a string. Moments
-- below 2^53 are compared exactly: what is larger is rounded past them.
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
