-- KEYS[1]: an owner's index. ARGV: the key that comes in, its last deadline, what is long over
-- (both in microseconds), and how many milliseconds it is until the key's broom.
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[3])
redis.call('ZADD', KEYS[1], 'GT', ARGV[2], ARGV[1])
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[4]) then
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
end
return 1
