-- What every script about a record begins with: the record under KEYS[1], by the moment ARGV[1].
-- 64-bit numbers are pairs of halves, since Lua's own are exact up to 2^53 only; strings are never
-- ordered by <, which goes by the server's locale.
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

-- When a record ends: the earlier of idle and absolute deadline.
local function deadline(s)
  local lh, ll = number(s, 19)
  local ih, il = number(s, 27)
  local ah, al = number(s, 35)
  local h, l = add(lh, ll, ih, il)
  if less(ah, al, h, l) then return ah, al end
  return h, l
end
-- The server's broom comes some minutes after that moment, in milliseconds from now.
local function broom(h, l)
  local ms = math.ceil(((h - now_h) * W + (l - now_l)) / 1000)
  return string.format('%.0f', math.min(math.max(ms, 0), 1e13) + GRACE)
end

local found = redis.call('GET', KEYS[1])
-- Is there a live record, a live tombstone (its reason), something that is not ours?
local live, ended, strange = false, 0, false
-- The last version of what is or was under the key.
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

-- The version that follows what is or was there.
local function following()
  if not found then return now_h, now_l end
  local h, l = add(version_h, version_l, 0, 1)
  if less(h, l, now_h, now_l) then return now_h, now_l end
  return h, l
end
