-- Tokens that are good no longer. Times are in seconds.
--
-- The first key is a hash: 't <token>' -> when it may be forgotten, 'u <user>' -> which of their
-- tokens, by when they were issued. The second is a sorted set: the same names -> the number under
-- which they were said last. So is the third: tokens -> when they may be forgotten.

-- How many are forgotten with each new one, at most.
local FORGOTTEN = 64

register('revoke', function(keys, args)
  local name, time = args[1], tonumber(args[2])
  local at = now()
  local past = redis.call('ZRANGE', keys[3], '-inf', int(at / 1000), 'BYSCORE', 'LIMIT', 0, FORGOTTEN)
  for _, one in ipairs(past) do
    redis.call('HDEL', keys[1], one)
    redis.call('ZREM', keys[2], one)
    redis.call('ZREM', keys[3], one)
  end
  local before = redis.call('HGET', keys[1], name)
  if before and tonumber(before) >= time then return 0 end
  local last = redis.call('ZRANGE', keys[2], -1, -1, 'WITHSCORES')[2]
  redis.call('HSET', keys[1], name, int(time))
  redis.call('ZADD', keys[2], int(math.max(at, (tonumber(last or 0)) + 1)), name)
  if string.sub(name, 1, 2) == 't ' then redis.call('ZADD', keys[3], int(time), name) end
  return 0
end)

register('revocations', function(keys, args)
  local after, limit = unpack(args)
  local found = redis.call('ZRANGE', keys[2], '(' .. after, '+inf', 'BYSCORE', 'LIMIT', 0, limit, 'WITHSCORES')
  local all = {}
  for i = 1, #found, 2 do
    all[#all + 1] = int(tonumber(found[i + 1]))
    all[#all + 1] = found[i]
    all[#all + 1] = redis.call('HGET', keys[1], found[i])
  end
  return all
end, 'no-writes')
