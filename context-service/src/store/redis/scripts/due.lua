-- The due set: the conversations that may have work. It is sharded, and outside the hash tag, so
-- it cannot be written in one step with them; yet whatever has work must always stand in it.
--
-- A conversation's score is the time from which a sweeper may look at it, and it only ever grows:
-- so a score is also a token that no two submits share. A submit first enters, under a fresh
-- token, and then brings its input with it. Whoever finds the mailbox empty notes, in that same
-- step, up to which token the conversation has `left`, and then takes it out only if its score is
-- still that token. A submit that was overtaken by this sees it (`late`) and enters again. One that
-- finds that an earlier one `entered`, above what has left, need not enter: the conversation stands there.
-- Where one server has all keys, it enters in its own step.
--
-- A release leaves the conversation where it stands, and only a sweep takes it out, some time after
-- its last event: the shard may be on another node of a cluster, and that node must not remember the
-- end of a run which the conversation's own node, when its power fails, does not.
--
-- Since a score cannot go back, what is due sooner stands there a second time, as '!<id>': at once
-- where nobody may wait for it any more, and at its lease's end while it is under one.

-- Enters, or stays, for `delay` from now, above the token `floor`. Answers the new token.
register('due_enter', function(keys, args)
  return defer(keys[1], args[1], tonumber(args[2]), tonumber(args[3]))
end)

-- Has a conversation looked at after `delay`, beside its own place.
register('due_hurry', function(keys, args)
  redis.call('ZADD', keys[1], int(now() + tonumber(args[2])), '!' .. args[1])
  return 0
end)

-- Takes a conversation from its place beside its own, for one caller only, and puts it off in its own place: its
-- new token there, or 0 where another was first.
register('due_take', function(keys, args)
  local id, delay = args[1], tonumber(args[2])
  if redis.call('ZREM', keys[1], '!' .. id) == 0 then return 0 end
  return defer(keys[1], id, delay)
end)

-- Up to `limit` conversations whose time has come, with their tokens; and as many whose timers' time has
-- come (see timers.lua), as '@<id>'.
register('due_peek', function(keys, args)
  local function peek(shard)
    return redis.call('ZRANGE', shard, '-inf', int(now()), 'BYSCORE', 'LIMIT', 0, args[1], 'WITHSCORES')
  end
  local found, rings = peek(keys[1]), peek(keys[2])
  for i = 1, #rings, 2 do
    found[#found + 1] = '@' .. rings[i]
    found[#found + 1] = rings[i + 1]
  end
  return found
end, 'no-writes')

-- Puts a conversation off for `delay` from now; 1 for the one caller whose token it still had.
register('due_defer', function(keys, args)
  local id, token, delay = args[1], tonumber(args[2]), tonumber(args[3])
  if token_of(keys[1], id) ~= token then return 0 end
  defer(keys[1], id, delay)
  return 1
end)

-- Takes a conversation out, of both its places, if it still has this token.
register('due_leave', function(keys, args)
  local id, token = args[1], tonumber(args[2])
  if token_of(keys[1], id) == token then redis.call('ZREM', keys[1], id, '!' .. id) end
  return 0
end)

-- Looks that pass between two rings, at most.
local REST = 16

-- Counts a look at work that nobody does, and answers whether to ring for it: at the 1st, 2nd, 4th,
-- 8th look and so on since something was done, up to every so manieth. What sweepers that race see
-- under one token is one look.
local function rings(fields, token)
  if fields.look ~= token then fields.look, fields.looks = token, (fields.looks or 0) + 1 end
  local step = 1
  while step < fields.looks and step < REST do step = step * 2 end
  return fields.looks % step == 0
end

-- What a sweeper finds at a conversation: a word, when its next timer rings that is not to ring yet, and by the word: none, no work; held or waits, a
-- lease or a wait that lasts so long (work that was brought less than `grace` ago has a doorbell under way); rests; or work for a pool, and
-- whether a worker has had it: then the ring may come to that very worker, which stands still, and is worth another; and whether
-- it is nothing but a timer, which was not rung for before.
register('work', function(keys, args)
  local token, settling, grace, look = args[1], tonumber(args[2]), tonumber(args[3]), args[4]
  local fields, before = open(keys)
  if not fields then return { 'none', '' } end
  local at, timers = now(), timers_of(fields)
  local timer = timers[1]
  local next_ring = ring_after(timers, at)
  local first = redis.call('ZRANGE', keys[MAILBOX], 0, 0)[1]
  if not first and not (timer and timer.at <= at) then
    local settles = fields.updated + settling - at
    if settles > 0 then return { 'waits', next_ring, settles } end
    fields.left = math.max(fields.left or 0, tonumber(token))
    if (fields.entered or 0) <= fields.left then fields.entered, fields.brought = nil, nil end
    save(keys, fields, before)
    return { 'none', next_ring }
  end
  if fields.nonce and fields.deadline > at then return { 'held', next_ring, fields.deadline - at } end
  if (fields.not_before or 0) > at then return { 'waits', next_ring, fields.not_before - at } end
  local rung = (fields.brought or 0) + grace - at
  if rung > 0 then return { 'waits', next_ring, rung } end
  local ring = rings(fields, look)
  save(keys, fields, before)
  if not ring then return { 'rests', next_ring } end
  local work = first and input(first) or timer
  local agent, pool = fields.run_agent or work.agent, fields.run_pool or work.pool
  -- What waits for an agent that has left is cancelled, which any worker can do.
  local again = fields.run and fields.looks == 1
  local timely = not first and fields.looks == 1
  return { 'work', next_ring, has_agent(keys, agent) and pool or fields.pool, again and 1 or 0, timely and 1 or 0 }
end)
