-- ARGV[2]: the tombstone. ARGV[3]: the required owner, or nothing. ARGV[4]: whether replicas must
-- confirm the end. Returns 1 if a live record was ended.
if ARGV[3] ~= '' then
  if not live or string.byte(found, 2) % 2 == 0 or string.sub(found, 43, 74) ~= ARGV[3] then
    -- WAIT waits for the changes of its own connection. A repeated end must therefore change
    -- something; otherwise WAIT would not check whether the replicas have the end.
    if ended > 0 and ARGV[4] == '1' then
      redis.call('PEXPIRE', KEYS[1], ttl(number(found, 4)))
    end
    return 0
  end
end
local reason, until_h, until_l = string.byte(ARGV[2], 3), number(ARGV[2], 4)
if ended > 0 then
  reason = ended
  local was_h, was_l = number(found, 4)
  if less(until_h, until_l, was_h, was_l) then until_h, until_l = was_h, was_l end
end
local stone = string.char(1, 128, reason) .. bytes(until_h, until_l) .. bytes(version_h, version_l)
-- A full server lets a script write after its first write, and it always permits a removal. So
-- users can log out on a full server.
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[1], stone, 'PX', ttl(until_h, until_l))
return live and 1 or 0
