-- The mailbox: the inputs that wait for an agent, until their run is finished.
--
-- A sorted set of '<seq> <policy> <agent> <pool> <1 where cancelled>'. Its order is that of the
-- log, but for inputs that interrupt: those come first.
local AHEAD = 1e15

-- How many inputs with policy `merge` share a run, at most.
local MERGED = 32

-- How many old events each new one drops, at most.
local TRIMMED = 16

-- And bytes of their bodies: these have to be read, since their messages' ids stand beside them.
local TRIMMED_BYTES = 2097152

local function place(seq, policy)
  return policy == 'interrupt' and seq - AHEAD or seq
end

local function input(member)
  local seq, policy, agent, pool, cancelled = string.match(member, '^(%d+) (%S+) (%S+) (%S+) (%d)$')
  return {
    seq = tonumber(seq), policy = policy, agent = agent, pool = pool, cancelled = cancelled == '1',
    member = member,
  }
end

local function put(keys, new, cancelled)
  local member = table.concat({ int(new.seq), new.policy, new.agent, new.pool, cancelled and 1 or 0 }, ' ')
  redis.call('ZADD', keys[MAILBOX], place(new.seq, new.policy), member)
end

-- The input with this number, if it waits.
local function waiting(keys, seq)
  for _, score in ipairs({ int(seq), int(seq - AHEAD) }) do
    local found = redis.call('ZRANGE', keys[MAILBOX], score, score, 'BYSCORE')
    if found[1] then return input(found[1]) end
  end
  return nil
end

local function remove(keys, seq)
  for _, score in ipairs({ int(seq), int(seq - AHEAD) }) do
    redis.call('ZREMRANGEBYSCORE', keys[MAILBOX], score, score)
  end
end

-- The inputs that would share the next run.
local function next_inputs(keys)
  local first = redis.call('ZRANGE', keys[MAILBOX], 0, 0)[1]
  if not first then return {} end
  first = input(first)
  if first.policy ~= 'merge' then return { first } end
  local inputs = {}
  for _, member in ipairs(redis.call('ZRANGE', keys[MAILBOX], 0, MERGED - 1)) do
    local one = input(member)
    if one.policy ~= 'merge' or one.agent ~= first.agent or one.cancelled ~= first.cancelled then
      break
    end
    inputs[#inputs + 1] = one
  end
  return inputs
end

-- Drops what retention does not keep: all but the last `keep` events, and never what still waits.
-- Their messages' ids go with them. What gathered behind an input that waited long goes little by
-- little, so that no call takes long.
local function retain(keys, fields, before, keep)
  local written = fields.seq - (before and before.seq or 0)
  local first = math.min(fields.seq - keep + 1, fields.first + TRIMMED * written)
  if first <= fields.first then return end
  for _, range in ipairs({ { '-inf', '(0' }, { '0', '+inf' } }) do
    local oldest = redis.call('ZRANGE', keys[MAILBOX], range[1], range[2], 'BYSCORE', 'LIMIT', 0, 1)[1]
    if oldest then first = math.min(first, input(oldest).seq) end
  end
  if first <= fields.first then return end
  local messages, count = {}, first - fields.first
  local dropped = following(keys, fields, fields.first - 1, count, TRIMMED_BYTES)
  first = fields.first + #dropped / 2
  for i = 2, #dropped, 2 do
    local message = message_of(dropped[i])
    if message ~= '' then messages[#messages + 1] = message end
  end
  if #messages > 0 then redis.call('HDEL', keys[DEDUP], unpack(messages)) end
  redis.call('LTRIM', keys[LOG], int(first - fields.first), -1)
  fields.first = first
end
