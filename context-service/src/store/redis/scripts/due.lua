-- The due set: the conversations that may have work. It is sharded, and outside the hash tag, so
-- it cannot be written in one step with them; yet whatever has work must always stand in it.
--
-- A conversation's score is the time from which a sweeper may look at it, and it only ever grows:
-- so a score is also a token that no two submits share. A submit first enters, under a fresh
-- token, and then notes it beside its input. Whoever finds the mailbox empty notes, in that same
-- step, up to which token the conversation has `left`, and then takes it out only if its score is
-- still that token. A submit that was overtaken by this sees it (`late`) and enters again.

-- Enters, or stays, for `delay` from now, above the token `floor`. Answers the new token.
register('due_enter', function(keys, args)
  local id, delay, floor = args[1], tonumber(args[2]), tonumber(args[3])
  local score = tonumber(redis.call('ZSCORE', keys[1], id) or 0)
  local token = math.max(now() + delay, score + 1, floor + 1)
  redis.call('ZADD', keys[1], int(token), id)
  return token
end)

-- Up to `limit` conversations whose time has come, with their tokens.
register('due_peek', function(keys, args)
  return redis.call(
    'ZRANGE', keys[1], '-inf', int(now()), 'BYSCORE', 'LIMIT', 0, args[1], 'WITHSCORES')
end, 'no-writes')

-- Puts a conversation off for `delay` from now; 1 for the one caller whose token it still had.
register('due_defer', function(keys, args)
  local id, token, delay = args[1], tonumber(args[2]), tonumber(args[3])
  if tonumber(redis.call('ZSCORE', keys[1], id) or 0) ~= token then return 0 end
  redis.call('ZADD', keys[1], int(math.max(now() + delay, token + 1)), id)
  return 1
end)

-- Takes a conversation out if it still has this token.
register('due_leave', function(keys, args)
  local id, token = args[1], tonumber(args[2])
  if tonumber(redis.call('ZSCORE', keys[1], id) or 0) == token then redis.call('ZREM', keys[1], id) end
  return 0
end)

-- What a sweeper finds at a conversation: no work, work that waits for so long, or work for a pool.
register('work', function(keys, args)
  local fields, before = open(keys)
  if not fields then return { 'none' } end
  local first = redis.call('ZRANGE', keys[MAILBOX], 0, 0)[1]
  if not first then
    fields.left = math.max(fields.left or 0, tonumber(args[1]))
    save(keys, fields, before)
    return { 'none' }
  end
  local wait = math.max(fields.nonce and fields.deadline or 0, fields.not_before or 0) - now()
  if wait > 0 then return { 'waits', wait } end
  return { 'work', fields.run_pool or input(first).pool }
end)
