-- The usual creation, of a key that is free. ARGV[1]: the moment, ARGV[2]: the record as the first
-- version, ARGV[3]: the milliseconds until the server sweeps it. Answers -1; all else goes on below.
if redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3], 'NX') then return -1 end
