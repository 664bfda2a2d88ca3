-- The agents that workers host, and whether the store is well.
--
-- The first key is a hash: inbox -> '<when announced> <its agents>'; the second a sorted set:
-- inbox -> until when.

register('announce', function(keys, args)
  local inbox, agents, ttl = unpack(args)
  local at = now()
  local stale = redis.call('ZRANGE', keys[2], '-inf', int(at), 'BYSCORE')
  stale[#stale + 1] = inbox
  for _, one in ipairs(stale) do
    redis.call('HDEL', keys[1], one)
    redis.call('ZREM', keys[2], one)
  end
  redis.call('HSET', keys[1], inbox, int(at) .. ' ' .. agents)
  redis.call('ZADD', keys[2], int(at + tonumber(ttl)), inbox)
  return 0
end)

register('agents', function(keys)
  local announced = {}
  for _, inbox in ipairs(redis.call('ZRANGE', keys[2], '(' .. int(now()), '+inf', 'BYSCORE')) do
    announced[#announced + 1] = redis.call('HGET', keys[1], inbox) or nil
  end
  return announced
end, 'no-writes')

-- Writes, and reads again.
register('ping', function(keys, args)
  redis.call('SET', keys[1], args[1], 'PX', 60000)
  return redis.call('GET', keys[1])
end)
