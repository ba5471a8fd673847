-- ARGV: see the usual case above. Returns the last deadline and the owner of a live record that has
-- an owner.
if not live then return 0 end
local seen_h, seen_l = number(ARGV[1], 9)
local last_h, last_l = number(found, 19)
if less(last_h, last_l, seen_h, seen_l) then
  local seen = string.sub(ARGV[1], 9, 16)
  local touched = string.sub(found, 1, 18) .. seen .. string.sub(found, 27, 42)
  -- The order matters: a full server lets a script write after its first write, and it always
  -- permits PEXPIRE. The value does not grow.
  redis.call('PEXPIRE', KEYS[1], ttl(deadline(touched)))
  redis.call('SETRANGE', KEYS[1], '18', seen)
end
if string.byte(found, 2) % 2 == 0 then return 0 end
return string.sub(found, 35, 74)
