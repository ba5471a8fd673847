-- ARGV: see the usual case above. Returns the same as a creation.
if ended > 0 then return ended end
if not live or string.sub(found, 3, 10) ~= string.sub(ARGV[3], 3, 10) then return 0 end
local version = bytes(following())

local flags, rest = string.byte(ARGV[2], 2), 43
local owner = ''
if flags % 2 == 1 then owner, rest = string.sub(ARGV[2], 43, 74), 75 end
-- Keeps the existing owner. The answer names that owner if the caller assumed another.
local other = ''
if string.byte(found, 2) % 2 == 1 then
  local its = string.sub(found, 43, 74)
  if its ~= owner then other = its end
  owner = its
  if flags % 2 == 0 then flags = flags + 1 end
end
-- Keeps the creation time. The last use only moves forward.
local last_h, last_l = number(ARGV[2], 19)
local was_h, was_l = number(found, 19)
if less(last_h, last_l, was_h, was_l) then last_h, last_l = was_h, was_l end

local record = string.char(1, flags) .. version .. string.sub(found, 11, 18)
  .. bytes(last_h, last_l) .. string.sub(ARGV[2], 27, 42) .. owner .. string.sub(ARGV[2], rest)
redis.call('SET', KEYS[1], record, 'PX', ttl(deadline(record)))
return version .. other
