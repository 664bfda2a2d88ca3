-- Runs: who may write one, and over which inputs.

local function give_back(fields)
  fields.nonce, fields.holder, fields.deadline = nil, nil, nil
end

-- Nothing waits: what would know the lease's last calls again is not needed any more, since all that
-- come now are fenced.
local function rest(fields)
  fields.taken, fields.writer, fields.step, fields.noted = nil, nil, nil, nil
end

-- How many of the calls that took the lease last are remembered, each by so many bytes that stand
-- for the run that it brought.
local SPENT, MARK = 16, 4

local function mark_of(run)
  return struct.pack('>I4', tonumber(string.sub(redis.sha1hex(run), 1, 2 * MARK), 16))
end

local function is_spent(fields, run)
  local spent, mark = fields.spent or '', mark_of(run)
  for i = 1, #spent, MARK do
    if string.sub(spent, i, i + MARK - 1) == mark then return true end
  end
  return false
end

local function spend(fields, run)
  fields.spent = string.sub(mark_of(run) .. (fields.spent or ''), 1, SPENT * MARK)
end

-- Whether a call that has taken the lease once comes again when what it took is over, or others
-- have taken it since: a network may keep a call for as long as it likes.
local function too_late(fields, nonce, run)
  if fields.taken ~= run then return is_spent(fields, run) end
  return fields.nonce ~= nonce or not fields.run
end

-- Begins the next attempt or the next run, and takes the lease; false where nothing waits. The call
-- that did so last is noted by the run that it brought, so that it is known when it comes twice.
local function take(keys, fields, at, lease)
  local again = fields.nonce == lease.nonce and fields.taken == lease.run
  if fields.run then
    fields.attempt = fields.attempt + (again and 0 or 1)
    -- What an attempt that is over has offered is taken back by the next, which begins here.
    for message in string.gmatch(not again and fields.said or '', '%S+') do withdraw(keys, message) end
  else
    local inputs, seqs = next_inputs(keys), {}
    if #inputs == 0 then
      lease.rang = ring(keys, fields, at)
      if not lease.rang then return false end
      inputs = next_inputs(keys)
    end
    for _, one in ipairs(inputs) do seqs[#seqs + 1] = int(one.seq) end
    fields.run, fields.attempt, fields.inputs = lease.run, 1, table.concat(seqs, ' ')
    fields.run_agent, fields.run_pool = inputs[1].agent, inputs[1].pool
    fields.cancel = inputs[1].cancelled and 1 or nil
  end
  if not has_agent(keys, fields.run_agent) then fields.cancel = 1 end
  stir(fields)
  if not again then spend(fields, lease.run) end
  fields.not_before, fields.taken = nil, lease.run
  fields.nonce, fields.holder, fields.deadline = lease.nonce, lease.holder, at + lease.ttl
  return true
end

-- What a claim brings.
local function claimed(keys, fields, at, rang, history, from, bytes)
  local inputs, said = {}, {}
  for seq in string.gmatch(fields.inputs, '%d+') do
    seq = tonumber(seq)
    inputs[#inputs + 1] = seq
    inputs[#inputs + 1] = event(keys, fields, seq)
  end
  for message in string.gmatch(fields.said or '', '%S+') do said[#said + 1] = message end
  return {
    fields.nonce, fields.run, fields.attempt, fields.run_agent, fields.run_pool, inputs,
    preceding(keys, fields, fields.seq + 1, from, history, bytes), conversation(keys, fields),
    fields.message or '', said, fields.cancel and 1 or 0, audience(keys, at),
    rang and numbered(keys, fields, rang) or {}, pending(fields),
  }
end

-- Where the log has a command's message: its number, or 0 where retention dropped it, which it does
-- only to what was answered; nil: nowhere.
local function where(keys, fields, command)
  local known = recall(keys, command.message)
  if known then return known.seq end
  local there = event(keys, fields, command.seq)
  if there and eid_of(there) == command.eid then return command.seq end
  local dropped = command.accepted_epoch == fields.epoch and command.seq < fields.first
  return dropped and 0 or nil
end

-- How many of a conversation's last replays are remembered.
local REPLAYS = 32

-- Whether this dead letter was not replayed before; from now on it was.
local function first_replay(fields, letter)
  local replayed = {}
  for one in string.gmatch(fields.replayed or '', '%S+') do
    if one == letter then return false end
    replayed[#replayed + 1] = one
  end
  replayed[#replayed + 1] = letter
  if #replayed > REPLAYS then table.remove(replayed, 1) end
  fields.replayed = table.concat(replayed, ' ')
  return true
end

-- For how long the log has held a command's message; '' where it need not hold it any more.
local function held_for(keys, fields, at, command)
  local seq = where(keys, fields, command)
  local there = seq and seq > 0 and event(keys, fields, seq)
  return there and int(math.max(at - at_of(there), 0)) or ''
end

-- Puts a command of the queue back where the log has lost it, or where it is to be replayed.
-- Answers the fields and, where a message was written, the tag in front of it; or nil and an error.
local function restore(keys, fields, at, token, command)
  local seq = fields and where(keys, fields, command)
  local replay = command.replay ~= '' and (not fields or first_replay(fields, command.replay))
  if seq and not replay then return fields, false end
  local logged = seq and seq > 0
  if logged and waiting(keys, seq) then return fields, false end
  -- Somebody else pressed while the log did not know of it: there may be no second one.
  local offered = not logged and fields and offer_of(keys, command.press)
  local first = offered and pressed_by(offered, command.press)
  if first and first ~= command.message then return fields, false end

  if not enters(keys, fields or {}, at, token, command.shard, command.delay) then return nil, late(fields or {}) end
  local anew = not fields
  fields = fields or found(keys, at, {
    epoch = command.epoch, title = '', agent = command.agent, pool = command.pool,
    policy = 'enqueue', eid = command.created_eid, body = command.created_body,
    people = {
      { command.author, 'owner', command.author_name },
      { 'agent:' .. command.agent, 'agent', command.agent },
    },
  })
  if anew and replay then first_replay(fields, command.replay) end
  if command.policy == '' then command.policy = fields.policy end
  -- What it was to interrupt is long over.
  if command.policy == 'interrupt' then command.policy = 'enqueue' end
  if logged then
    command.seq = seq
    put(keys, command)
    return fields, false
  end
  -- Its tag vouches for the log in front of it.
  local same = fields.epoch == command.accepted_epoch and fields.eid == command.prev
  if not same then command.eid = command.anew end
  return fields, accept(keys, fields, at, command)
end

register('claim', function(keys, args)
  local idle, keep, token, holder, nonce, run, ttl, history, from, bytes, shard, delay = unpack(args, 1, 12)
  local fields, before = open(keys)
  local at, restored, people = now(), {}, {}
  local command = args[13] and { shard = shard, delay = delay }
  if fields and too_late(fields, nonce, run) then return fail('fenced') end
  if command then
    local written
    command.replay, command.message, command.author, command.author_name = unpack(args, 13, 16)
    command.eid, command.body, command.agent, command.pool, command.policy = unpack(args, 17, 21)
    command.accepted_epoch, command.seq = args[22], tonumber(args[23])
    command.epoch, command.created_eid, command.created_body = unpack(args, 24, 26)
    command.prev, command.anew = unpack(args, 27, 28)
    command.press = press_of(unpack(args, 29, 31))
    fields, written = restore(keys, fields, at, tonumber(token), command)
    if not fields then return written end
    if written then
      retain(keys, fields, before, tonumber(keep))
      restored = { fields.seq, fields.updated, written, fields.eid }
      people = redis.call('HKEYS', keys[PEOPLE])
    end
  end
  local function answer(outcome, detail)
    local held = ''
    if fields then
      if command then held = held_for(keys, fields, at, command) end
      save(keys, fields, before or {})
      touch(keys, idle)
    end
    return { restored, people, outcome, detail or '', held }
  end

  if not fields then return answer('empty') end
  if fields.nonce ~= nonce then
    if fields.nonce and fields.deadline > at then return answer('held', fields.deadline - at) end
    if (fields.not_before or 0) > at then return answer('backoff', fields.not_before - at) end
  end
  local lease = { nonce = nonce, holder = holder, ttl = tonumber(ttl), run = run }
  if not take(keys, fields, at, lease) then return answer('empty') end
  hurry(shard, keys, tonumber(ttl))
  return answer('claimed', claimed(keys, fields, at, lease.rang, history, from, bytes))
end)

register('release', function(keys, args)
  local idle, nonce, run, ttl, history, from, bytes, abandon, over = unpack(args)
  local fields, before = open(keys)
  if not fields or fields.nonce ~= nonce or too_late(fields, nonce, run) then return fail('fenced') end
  local goes_on = fields.run and fields.taken ~= run
  if over ~= '' and goes_on and fields.run ~= over then return fail('fenced') end
  local at, next_run = now(), {}
  local lease = { nonce = nonce, holder = fields.holder, ttl = tonumber(ttl), run = run }
  if abandon == '1' then
    if fields.run then fields.attempt = fields.attempt - 1 end
    give_back(fields)
  elseif take(keys, fields, at, lease) then
    next_run = claimed(keys, fields, at, lease.rang, history, from, bytes)
  else
    give_back(fields)
    rest(fields)
  end
  save(keys, fields, before)
  touch(keys, idle)
  return { next_run }
end)
