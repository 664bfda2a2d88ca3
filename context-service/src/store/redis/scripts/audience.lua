-- The audience: which inboxes have a subscriber, and who is behind them.
--
-- AUDIENCE: inbox -> until when. HERE: '<participant> <inbox>' -> until when.

-- An inbox listens from now on, with those of the viewers `args[first..]` that may. Its place is
-- known by when it ends.
local function join(keys, at, ttl, inbox, args, first)
  for _, key in ipairs({ keys[AUDIENCE], keys[HERE] }) do
    redis.call('ZREMRANGEBYSCORE', key, '-inf', int(at))
  end
  redis.call('ZADD', keys[AUDIENCE], int(at + ttl), inbox)
  for i = first, #args do
    if admits(keys, args[i]) then
      redis.call('ZADD', keys[HERE], int(at + ttl), args[i] .. ' ' .. inbox)
    end
  end
  -- Where a gateway has died and nobody comes after it, nothing else would take these away.
  for _, key in ipairs({ keys[AUDIENCE], keys[HERE] }) do
    if redis.call('PTTL', key) < ttl then redis.call('PEXPIRE', key, int(ttl)) end
  end
  return int(at + ttl)
end

-- How much of the part under way there is.
local function length(keys, fields)
  if not fields.part then return 0 end
  return redis.call('STRLEN', text_key(keys, fields.message, int(fields.part)))
end

-- Whether this byte of the part under way is in the middle of a character.
local function splits(keys, fields, offset)
  if not fields.part then return false end
  local text = text_key(keys, fields.message, int(fields.part))
  local byte = string.byte(redis.call('GETRANGE', text, int(offset), int(offset)))
  return byte ~= nil and byte >= 0x80 and byte < 0xC0
end

-- How a reader at this position goes on.
local function resumption(keys, fields, after, limit)
  if not after.seq then return 'snapshot' end
  if after.epoch ~= fields.epoch or after.seq > fields.seq then return 'reset' end
  local kept = after.seq == 0 and after.eid or nil
  local there = event(keys, fields, after.seq)
  if there then kept = eid_of(there) end
  if kept and kept ~= after.eid then return 'reset' end
  if fields.message and after.message == fields.message then
    local part = fields.part or 0
    if after.part > part then return 'reset' end
    if after.part == part
      and (after.offset > length(keys, fields) or splits(keys, fields, after.offset)) then
      return 'reset'
    end
  end
  if not kept or after.seq + 1 < fields.first or fields.seq - after.seq > limit then
    return 'snapshot'
  end
  return 'resumed'
end

-- The text under way, from where the reader stands in it.
local function streaming(keys, fields, after)
  if not fields.message then return {} end
  local part, offset, text = fields.part or 0, 0, ''
  if after and after.message == fields.message and after.part == part then offset = after.offset end
  if fields.part then
    text = redis.call('GETRANGE', text_key(keys, fields.message, int(part)), offset, -1)
  end
  return { fields.message, part, offset, text }
end

register('subscribe', function(keys, args)
  local idle, ttl, viewer, inbox, limit, bytes = unpack(args, 1, 6)
  local epoch, seq, eid, message, part, offset = unpack(args, 7)
  local fields = open(keys)
  if not fields or not admits(keys, viewer) then return fail('not_found') end
  local at = now()
  local place = join(keys, at, tonumber(ttl), inbox, { viewer }, 1)
  touch(keys, idle)
  local after = {
    epoch = epoch, seq = tonumber(seq), eid = eid, message = message, part = tonumber(part),
    offset = tonumber(offset),
  }
  local kind, events = resumption(keys, fields, after, tonumber(limit))
  if kind == 'resumed' then
    events = following(keys, fields, after.seq, limit, bytes)
    -- What leaves something out would be a hole.
    if #events < 2 * (fields.seq - after.seq) then kind = 'snapshot' end
  end
  if kind ~= 'resumed' then events, after = preceding(keys, fields, fields.seq + 1, 0, limit, bytes), nil end
  return {
    kind, conversation(keys, fields), events, fields.eid, streaming(keys, fields, after),
    here(keys, at), audience(keys, at), place,
  }
end)

-- Whether somebody is there, and has not come after the place that is given up.
local function leaves(key, who, place)
  local score = redis.call('ZSCORE', key, who)
  return score and (place == '' or tonumber(score) <= tonumber(place))
end

register('unsubscribe', function(keys, args)
  local inbox, viewer, last, place = unpack(args)
  local at = now()
  local seat = viewer .. ' ' .. inbox
  if viewer ~= '' and leaves(keys[HERE], seat, place) then redis.call('ZREM', keys[HERE], seat) end
  if last == '1' and leaves(keys[AUDIENCE], inbox, place) then
    redis.call('ZREM', keys[AUDIENCE], inbox)
    for _, one in ipairs(redis.call('ZRANGE', keys[HERE], 0, -1)) do
      if string.sub(one, -#inbox - 1) == ' ' .. inbox then redis.call('ZREM', keys[HERE], one) end
    end
  end
  local gone = viewer ~= '' and 1 or 0
  for _, one in ipairs(here(keys, at)) do
    if string.sub(one, 1, #viewer + 1) == viewer .. ' ' then gone = 0 end
  end
  return { audience(keys, at), gone }
end)

-- Who is here, in a list, unless there are more places than `most`; then an empty one.
local function few_here(keys, at, most)
  local places = redis.call(
    'ZRANGE', keys[HERE], '(' .. int(at), '+inf', 'BYSCORE', 'LIMIT', 0, most + 1)
  return #places <= most and { places } or {}
end

register('audit', function(keys, args)
  local idle, ttl, most, inbox = unpack(args, 1, 4)
  local fields = open(keys, 'epoch', 'seq', 'eid', 'message', 'part')
  if not fields then return {} end
  local at = now()
  local place = join(keys, at, tonumber(ttl), inbox, args, 5)
  touch(keys, idle)
  local text = fields.message and { fields.message, fields.part or 0, length(keys, fields) } or {}
  return { fields.epoch, fields.seq, fields.eid, text, few_here(keys, at, tonumber(most)), place }
end)

register('signal', function(keys, args)
  local idle, viewer, read = unpack(args)
  local fields = open(keys, 'epoch', 'seq')
  if not fields or not admits(keys, viewer) then return fail('not_found') end
  if read ~= '' then
    -- What is past the head has not been read, whatever is said.
    local upto = math.min(tonumber(read), fields.seq)
    local known = tonumber(redis.call('HGET', keys[READ], viewer) or 0)
    if upto > known then
      redis.call('HSET', keys[READ], viewer, int(upto))
      touch(keys, idle)
    end
    read = int(math.max(upto, known))
  end
  return { audience(keys, now()), read }
end)
