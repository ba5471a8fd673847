-- KEYS[1]: an owner's index. ARGV: the key to add, its last deadline, the minute in which it is
-- added, the deadline below which entries are removed (in microseconds), and the milliseconds until
-- the server removes the index.
-- A score is the deadline, whose lowest 20 bits hold the minute. A retired entry has a negative
-- score.
redis.call('ZREMRANGEBYSCORE', KEYS[1], '(-' .. ARGV[4], '(' .. ARGV[4])
local deadline = tonumber(ARGV[2])
local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
if score then
  local before = math.abs(tonumber(score))
  deadline = math.max(deadline, before - before % 1048576)
end
redis.call('ZADD', KEYS[1], string.format('%.0f', deadline + ARGV[3]), ARGV[1])
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[5]) then
  redis.call('PEXPIRE', KEYS[1], ARGV[5])
end
return 1
