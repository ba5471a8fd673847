-- KEYS[1]: an owner's index. ARGV: the key that comes in, its last deadline and the minute that it comes
-- in at, what is long over (in microseconds), and how many milliseconds it is until the key's broom.
-- A score is the deadline, of which the minute takes the lowest 20 bits; below zero the entry is retired.
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
