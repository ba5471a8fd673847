-- The usual creation, under a free key. ARGV[1]: the current time. ARGV[2]: the record in its first
-- version. ARGV[3]: the milliseconds until the server removes it. Returns -1. Other cases continue
-- below.
if redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3], 'NX') then return -1 end
