-- KEYS[1]: an owner's index. ARGV[1]: the current minute. ARGV[2]: keys with tombstones. ARGV[3]:
-- keys without a value. ARGV[4]: the minimum age of the latter's entries, in minutes.
-- Lists skip a retired key until it is added again. A score that is not exact has no minute, so its
-- entry stays active.
local function retire(keys, minutes)
  for at = 1, #keys, 17 do
    local key = string.sub(keys, at, at + 16)
    local score = tonumber(redis.call('ZSCORE', KEYS[1], key) or 0)
    if score > 0 and score < 9007199254740992 and (ARGV[1] - score) % 1048576 >= minutes then
      redis.call('ZADD', KEYS[1], string.format('%.0f', -score), key)
    end
  end
end
retire(ARGV[2], 0)
retire(ARGV[3], tonumber(ARGV[4]))
return 1
