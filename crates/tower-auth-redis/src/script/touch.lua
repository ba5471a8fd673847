-- ARGV: as above. Answers the last deadline and the owner of what lives and has one.
if not live then return 0 end
local seen_h, seen_l = number(ARGV[1], 9)
local last_h, last_l = number(found, 19)
if less(last_h, last_l, seen_h, seen_l) then
  local seen = string.sub(ARGV[1], 9, 16)
  local touched = string.sub(found, 1, 18) .. seen .. string.sub(found, 27, 42)
  -- In this order: a server that is full lets a script write on after its first write, and this is one
  -- that it always lets through. Nothing grows.
  redis.call('PEXPIRE', KEYS[1], broom(deadline(touched)))
  redis.call('SETRANGE', KEYS[1], '18', seen)
end
if string.byte(found, 2) % 2 == 0 then return 0 end
return string.sub(found, 35, 74)
