-- KEYS[1]: an owner's index. ARGV[1]: the present minute, ARGV[2]: keys under which tombstones were found,
-- ARGV[3]: keys under which nothing was found, ARGV[4]: for how many minutes the latter must have been in
-- the index. Lists read none of these any more until the key comes in once more. What is no longer exact
-- as a score has no minute, and stays.
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
