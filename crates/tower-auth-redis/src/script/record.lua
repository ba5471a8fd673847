-- The first part of nearly all scripts on a record: reads the record under KEYS[1], as of the time
-- ARGV[1].
-- 64-bit numbers are pairs of 32-bit halves, because Lua's own numbers are exact only up to 2^53.
-- Strings are never ordered with <, which depends on the server's locale.
local W, GRACE = 4294967296, 600000

local function number(s, at)
  local low, high = struct.unpack('<I4I4', s, at)
  return high, low
end
local function bytes(high, low)
  return struct.pack('<I4I4', low, high)
end
local function less(ah, al, bh, bl)
  return ah < bh or (ah == bh and al < bl)
end
local function add(ah, al, bh, bl)
  local high, low = ah + bh, al + bl
  if low >= W then high, low = high + 1, low - W end
  if high >= W then return W - 1, W - 1 end
  return high, low
end

local now_h, now_l = number(ARGV[1], 1)

-- Returns the expiry of a record: the earlier of its idle and absolute deadlines.
local function deadline(s)
  local lh, ll = number(s, 19)
  local ih, il = number(s, 27)
  local ah, al = number(s, 35)
  local h, l = add(lh, ll, ih, il)
  if less(ah, al, h, l) then return ah, al end
  return h, l
end
-- Returns the milliseconds until the server removes the key, some minutes after the given time.
local function ttl(h, l)
  local ms = math.ceil(((h - now_h) * W + (l - now_l)) / 1000)
  return string.format('%.0f', math.min(math.max(ms, 0), 1e13) + GRACE)
end

local found = redis.call('GET', KEYS[1])
-- Whether there is a live record; the reason of a live tombstone, or 0; whether the value has
-- another format.
local live, ended, strange = false, 0, false
-- The last version under the key.
local version_h, version_l = 0, 0
if found then
  local format, flags = string.byte(found, 1, 2)
  if format ~= 1 or not flags then
    strange = true
  elseif flags == 128 and #found >= 19 then
    version_h, version_l = number(found, 12)
    local uh, ul = number(found, 4)
    if less(now_h, now_l, uh, ul) then ended = string.byte(found, 3) end
  elseif flags < 4 and #found >= 42 then
    version_h, version_l = number(found, 3)
    local h, l = deadline(found)
    live = less(now_h, now_l, h, l)
  else
    strange = true
  end
end

-- Returns the version that follows the last one under the key.
local function following()
  if not found then return now_h, now_l end
  local h, l = add(version_h, version_l, 0, 1)
  if less(h, l, now_h, now_l) then return now_h, now_l end
  return h, l
end
