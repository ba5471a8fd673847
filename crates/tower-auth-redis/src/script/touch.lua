-- ARGV[2]: when it was seen.
if not live then return 0 end
local seen_h, seen_l = number(ARGV[2], 1)
local last_h, last_l = number(found, 19)
if not less(last_h, last_l, seen_h, seen_l) then return 0 end
redis.call('SETRANGE', KEYS[1], 18, ARGV[2])
local touched = string.sub(found, 1, 18) .. ARGV[2] .. string.sub(found, 27, 42)
redis.call('PEXPIRE', KEYS[1], broom(deadline(touched)))
return 1
