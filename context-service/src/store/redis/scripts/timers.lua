-- Timers: what agents asked to be woken for. Each that is set is a field of META, 'timer:<agent>:<name>',
-- with '<when it rings> <pool of its agent> <tag><body of its event>'.
--
-- Beside the due set there is a set of conversations with timers, in shards of the same slots. A score there
-- is the time of the next timer, or before: so a sweep sees none whose time has not come. On a cluster it is
-- written behind the step that sets a timer. Should that fail, the conversation still stands in the due set,
-- and nobody takes it out there before it stands here.
local TIMER = 'timer:'

-- Most timers of a conversation.
local TIMERS = 64

local function timer_field(agent, name)
  return TIMER .. agent .. ':' .. name
end

-- The timers that are set, the next one first.
local function timers_of(fields)
  local found = {}
  for field, value in pairs(fields) do
    if string.sub(field, 1, #TIMER) == TIMER then
      local agent, name = string.match(field, '^timer:([^:]+):(.+)$')
      local at, pool, event = string.match(value, '^(%d+) (%S+) (.+)$')
      found[#found + 1] = {
        field = field, agent = agent, name = name, at = tonumber(at), pool = pool,
        eid = string.sub(event, 1, 8), body = string.sub(event, 9),
      }
    end
  end
  table.sort(found, function(a, b)
    if a.at ~= b.at then return a.at < b.at end
    return a.field < b.field
  end)
  return found
end

-- When the first of these timers rings that does not ring by then; '' where none does.
local function ring_after(timers, at)
  for _, timer in ipairs(timers) do
    if timer.at > at then return int(timer.at) end
  end
  return ''
end

local function set_timer(fields, at, about)
  local kind, ms, name, event = string.match(about, '^(%a+) (%d+) (%S+) (.+)$')
  local rings = kind == 'after' and at + tonumber(ms) or tonumber(ms)
  fields[timer_field(fields.run_agent, name)] = int(rings) .. ' ' .. fields.run_pool .. ' ' .. event
  fields.latest = math.max(fields.latest or 0, rings)
end

local function clear_timer(fields, name)
  fields[timer_field(fields.run_agent, name)] = nil
end

-- Why the timers among these entries cannot be set or cleared; nil: they can.
local function no_room_for_timers(fields, entries)
  local set, count, runs = nil, 0, fields.run
  for _, entry in ipairs(entries) do
    local sets = entry.effect == 'set_timer'
    if sets or entry.effect == 'clear_timer' then
      if not runs then return fail('no_run') end
      if not set then
        set = {}
        for _, timer in ipairs(timers_of(fields)) do
          set[timer.field], count = true, count + 1
        end
      end
      local name = sets and string.match(entry.about, '^%a+ %d+ (%S+) ') or entry.about
      local field = timer_field(fields.run_agent, name)
      if set[field] then count = count - 1 end
      set[field] = sets or nil
      if sets then count = count + 1 end
      if count > TIMERS then return fail('too_many_timers') end
    elseif entry.effect == 'finish' then
      runs = nil
    end
  end
end

-- Has the conversation looked at `at`, or before. Whoever takes it to be idle meanwhile finds another score.
local function remind(shard, id, at)
  local stands = redis.call('ZSCORE', shard, id)
  if stands then at = math.min(at, tonumber(stands) - 1) end
  redis.call('ZADD', shard, int(at), id)
end

-- Where these entries set timers: has the conversation looked at when its next one rings, where the shard is
-- at hand, and answers when that is. It must not fail what is done.
local function remind_of_next(shard, keys, fields, entries)
  for _, entry in ipairs(entries) do
    if entry.effect == 'set_timer' then
      local first = timers_of(fields)[1]
      -- What is written once more may have rung meanwhile.
      if not first then return '' end
      local at = first.at
      if shard ~= '' then pcall(remind, shard, id_of(keys), at) end
      return int(at)
    end
  end
  return ''
end

-- Lets the next timer ring, if its time has come: its event is written, and waits for its agent. Answers
-- the event's number.
local function ring(keys, fields, at)
  local timer = timers_of(fields)[1]
  if not timer or timer.at > at then return nil end
  fields[timer.field] = nil
  write(keys, fields, at, timer.eid, timer.body)
  put(keys, { seq = fields.seq, policy = 'enqueue', agent = timer.agent, pool = timer.pool })
  return fields.seq
end

-- What a reply says of them.
local function pending(fields)
  local found = {}
  for _, timer in ipairs(timers_of(fields)) do
    found[#found + 1] = timer.agent
    found[#found + 1] = timer.name
    found[#found + 1] = timer.at
  end
  return found
end

register('due_remind', function(keys, args)
  remind(keys[1], args[1], tonumber(args[2]))
  return 0
end)

-- Puts a conversation's timers off for `delay` from now, for the one caller whose score it still had. Answers
-- the new score; 0 for the others.
register('due_put_off', function(keys, args)
  local id, score, delay = args[1], tonumber(args[2]), tonumber(args[3])
  if tonumber(redis.call('ZSCORE', keys[1], id) or 0) ~= score then return 0 end
  local later = now() + delay
  redis.call('ZADD', keys[1], int(later), id)
  return later
end)

-- Has a conversation that still has this score looked at at that time, or not at all.
register('due_rest', function(keys, args)
  local id, score, at = args[1], tonumber(args[2]), args[3]
  if tonumber(redis.call('ZSCORE', keys[1], id) or 0) ~= score then return 0 end
  if at == '' then
    redis.call('ZREM', keys[1], id)
  else
    redis.call('ZADD', keys[1], at, id)
  end
  return 0
end)
