-- What people say, and how they stop an agent.

-- Writes a message, and remembers it; answers the tag in front. `said` has message, author, eid,
-- body, where it presses something: press, and where it wakes an agent: agent, pool and policy.
local function accept(keys, fields, at, said)
  local prev = write(keys, fields, at, said.eid, said.body, said.message)
  fields.active = at
  remember(keys, fields, said.message, said.author)
  mark_pressed(keys, said.press, said.message)
  if said.agent then
    put(keys, { seq = fields.seq, policy = said.policy, agent = said.agent, pool = said.pool })
  end
  return prev
end

-- Something is done about the conversation's work, and a sweeper that finds it left again begins
-- anew (see due.lua).
local function stir(fields)
  fields.look, fields.looks = nil, nil
end

-- Whether the conversation stands in the due set, under `token` or under that of an earlier submit,
-- and has not been taken out meanwhile (see due.lua). Where its `shard` is at hand it enters now, to be
-- looked at after `delay`.
local function enters(keys, fields, at, token, shard, delay)
  local highest, left = math.max(token, fields.entered or 0), fields.left or 0
  if highest <= left then
    if shard == '' then return false end
    highest = defer(shard, id_of(keys), tonumber(delay), left)
  end
  fields.entered, fields.brought = highest, at
  stir(fields)
  return true
end

-- Why nothing can be pressed; nil: it can. '*' stands for what was never offered.
local function unpressable(keys, press)
  if not press then return nil end
  local offered = offer_of(keys, press)
  if not is_offered(offered) then return fail('not_offered') end
  local first = pressed_by(offered, press)
  local known = first and recall(keys, first)
  if known then return fail('already_pressed ' .. int(known.seq) .. ' ' .. known.author) end
end

local function late(fields)
  return fail('late ' .. int(fields.left or 0))
end

-- Asks the run that is claimed and not finished to stop; an attempt that waits is due at once.
local function stop(fields, at)
  fields.cancel = 1
  fields.not_before = nil
  stir(fields)
  local held = fields.nonce and fields.deadline > at
  return { fields.run, held and fields.holder or '' }
end

-- Stands for the pool of an agent of which nobody could be asked.
local UNREAD = '?'

register('submit', function(keys, args)
  local idle, keep, token, message, author, eid, body, wake, announced, policy, lists = unpack(args, 1, 11)
  local shard, delay, outside, offered, part, once = unpack(args, 12)
  local press = press_of(offered, part, once)
  token = tonumber(token)
  local fields, before = open(keys)
  local role, name = participant(keys, author)
  if not fields or not role and outside ~= '1' then return fail('not_found') end
  local at, known = now(), recall(keys, message)
  local ring, interrupted, prev = {}, {}, nil

  if known then
    if known.author ~= author then return fail('another_author') end
    local waits = waiting(keys, known.seq)
    if waits then
      ring = { waits.pool, waits.agent, waits.policy }
    end
  else
    local refused = unpressable(keys, press)
    if refused then return refused end
    local agent = wake ~= '' and (wake == '*' and fields.agent or wake ~= '*' and wake) or nil
    if policy == '' then policy = fields.policy end
    if agent then
      if not has_agent(keys, agent) then return fail('no_such_participant') end
      if policy == 'reject' and (fields.run or redis.call('ZCARD', keys[MAILBOX]) > 0) then
        return fail('busy')
      end
      if not enters(keys, fields, at, token, shard or '', delay) then return late(fields) end
      if agent ~= fields.agent and announced == UNREAD then return fail('unread') end
      local pool = agent ~= fields.agent and announced ~= '' and announced or fields.pool
      ring = { pool, agent, policy }
    end
    if agent and policy == 'interrupt' and fields.run then interrupted = stop(fields, at) end
    prev = accept(keys, fields, at, {
      message = message, author = author, eid = eid, body = body, agent = agent, pool = ring[1],
      policy = policy, press = press,
    })
    retain(keys, fields, before, tonumber(keep))
    save(keys, fields, before)
    touch(keys, idle)
  end

  return {
    known and 1 or 0, fields.epoch, fields.seq, fields.updated, prev or NONE,
    known and numbered(keys, fields, known.seq) or {}, audience(keys, at), name or '', ring, interrupted,
    fields.active, raise(lists, keys, redis.call('HKEYS', keys[PEOPLE]), fields.active),
  }
end)

register('cancel', function(keys, args)
  local idle, viewer, run = unpack(args)
  local fields, before = open(keys)
  if not fields or not admits(keys, viewer) then return fail('not_found') end
  if fields.run then
    if run ~= '' and run ~= fields.run then return fail('nothing_to_cancel') end
    local stopped = stop(fields, now())
    save(keys, fields, before)
    return stopped
  end
  local inputs = next_inputs(keys)
  if run ~= '' or #inputs == 0 then return fail('nothing_to_cancel') end
  for _, one in ipairs(inputs) do
    redis.call('ZREM', keys[MAILBOX], one.member)
    put(keys, one, true)
  end
  stir(fields)
  save(keys, fields, before)
  -- A mailbox that was empty for a moment is another key.
  touch(keys, idle)
  return { '', '' }
end)
