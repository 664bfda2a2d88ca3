-- Runs: who may write one, and over which inputs.

local function give_back(fields)
  fields.nonce, fields.holder, fields.deadline = nil, nil, nil
end

-- Begins the next attempt or the next run, and takes the lease; false where nothing waits. What
-- the same lease took as the same run is a call that came twice.
local function take(keys, fields, at, lease)
  local again = fields.run == lease.run and fields.nonce == lease.nonce
  if fields.run then
    fields.attempt = fields.attempt + (again and 0 or 1)
  else
    local inputs, seqs = next_inputs(keys), {}
    if #inputs == 0 then return false end
    for _, one in ipairs(inputs) do seqs[#seqs + 1] = int(one.seq) end
    fields.run, fields.attempt, fields.inputs = lease.run, 1, table.concat(seqs, ' ')
    fields.run_agent, fields.run_pool = inputs[1].agent, inputs[1].pool
    fields.cancel = inputs[1].cancelled and 1 or nil
  end
  fields.not_before = nil
  fields.nonce, fields.holder, fields.deadline = lease.nonce, lease.holder, at + lease.ttl
  return true
end

-- What a claim brings.
local function claimed(keys, fields, at, history)
  local inputs = {}
  for seq in string.gmatch(fields.inputs, '%d+') do
    inputs[#inputs + 1] = event(keys, tonumber(seq))[1]
  end
  return {
    fields.nonce, fields.run, fields.attempt, fields.run_agent, fields.run_pool, inputs,
    tail(keys, '+', history), conversation(keys, fields), fields.message or '',
    fields.cancel and 1 or 0, audience(keys, at),
  }
end

-- Puts a command of the queue back where the log has lost it, or where it is to be replayed.
-- Answers the fields and whether a message was written; or nil and an error.
local function restore(keys, fields, at, token, command)
  local known = fields and recall(keys, command.message)
  if known and not command.replay then return fields, false end
  local logged = known and event(keys, known.seq)[1]
  if logged and waiting(keys, known.seq) then return fields, false end

  local due = { left = fields and fields.left, due = fields and fields.due }
  if not enters(due, token) then return nil, late(due) end
  fields = fields or found(keys, at, {
    epoch = command.epoch, title = '', agent = command.agent, pool = command.pool,
    policy = 'enqueue', eid = command.created_eid, body = command.created_body,
    people = {
      { command.author, 'owner', command.author_name },
      { 'agent:' .. command.agent, 'agent', command.agent },
    },
  })
  fields.due = due.due
  if command.policy == '' then command.policy = fields.policy end
  if logged then
    command.seq = known.seq
    put(keys, command)
    return fields, false
  end
  accept(keys, fields, at, command)
  return fields, true
end

register('claim', function(keys, args)
  local idle, keep, token, holder, nonce, run, ttl, history = unpack(args, 1, 8)
  local fields, before = open(keys)
  local at, restored, people = now(), {}, {}
  if args[9] then
    local command, written = {}, nil
    command.replay, command.message, command.author, command.author_name = args[9] == '1', unpack(args, 10, 12)
    command.eid, command.body, command.agent, command.pool, command.policy = unpack(args, 13, 17)
    command.epoch, command.created_eid, command.created_body = unpack(args, 18, 20)
    fields, written = restore(keys, fields, at, tonumber(token), command)
    if not fields then return written end
    if written then
      retain(keys, fields, tonumber(keep))
      restored, people = { fields.seq, at }, redis.call('HKEYS', keys[PEOPLE])
    end
  end
  local function answer(outcome, detail)
    if fields then
      save(keys, fields, before or {})
      touch(keys, idle)
    end
    return { restored, people, outcome, detail }
  end

  if not fields then return answer('empty') end
  if fields.nonce ~= nonce then
    if fields.nonce and fields.deadline > at then return answer('held', fields.deadline - at) end
    if (fields.not_before or 0) > at then return answer('backoff', fields.not_before - at) end
  end
  if not take(keys, fields, at, { nonce = nonce, holder = holder, ttl = tonumber(ttl), run = run }) then
    return answer('empty')
  end
  return answer('claimed', claimed(keys, fields, at, history))
end)

register('release', function(keys, args)
  local idle, nonce, run, ttl, history, abandon = unpack(args)
  local fields, before = open(keys)
  if not fields or fields.nonce ~= nonce then return fail('fenced') end
  local at, next_run, left = now(), {}, 0
  local lease = { nonce = nonce, holder = fields.holder, ttl = tonumber(ttl), run = run }
  if abandon == '1' then
    if fields.run then fields.attempt = fields.attempt - 1 end
    give_back(fields)
  elseif take(keys, fields, at, lease) then
    next_run = claimed(keys, fields, at, history)
  else
    give_back(fields)
    left = fields.due or 0
    fields.left = math.max(fields.left or 0, left)
  end
  save(keys, fields, before)
  touch(keys, idle)
  return { next_run, left }
end)
