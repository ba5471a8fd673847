-- ARGV: see the usual case above. Returns the version; otherwise 0 for a conflict, or the
-- tombstone's reason.
if ended > 0 then return ended end
if live or strange then return 0 end
local version = bytes(following())
local record = string.sub(ARGV[2], 1, 2) .. version .. string.sub(ARGV[2], 11)
redis.call('SET', KEYS[1], record, 'PX', ttl(deadline(record)))
return version
