-- What all scripts share: a conversation's keys and fields, and how its log is written.
--
-- The keys of a conversation share a hash tag and come in this order; each script is given the
-- first so many of them. A text has a key of its own for each part, which is made from the first.
local META, LOG, AUDIENCE, MAILBOX, DEDUP, PEOPLE, HERE, READ = 1, 2, 3, 4, 5, 6, 7, 8

-- The fields of META that are numbers. Times are in milliseconds.
local NUMBERS = {
  seq = true, first = true, created = true, updated = true, active = true, joined = true,
  deadline = true, attempt = true, not_before = true, part = true, left = true,
  uninvited = true, looks = true, step = true,
  entered = true, brought = true, latest = true,
}

-- What callers did wrong has one code, so that it is never taken for an error of Redis's own.
local function fail(reason)
  return redis.error_reply('CONVENE ' .. reason)
end

-- Lua would write large numbers as 1e+15.
local function int(number)
  return string.format('%.0f', number)
end

local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- The conversation's fields, all or those named, and a copy for `save`; nil where there is none.
local function open(keys, ...)
  local fields, before = {}, {}
  local function take(name, value)
    if value then
      fields[name] = NUMBERS[name] and tonumber(value) or value
      before[name] = fields[name]
    end
  end
  if select('#', ...) == 0 then
    local flat = redis.call('HGETALL', keys[META])
    for i = 1, #flat, 2 do take(flat[i], flat[i + 1]) end
  else
    local values = redis.call('HMGET', keys[META], ...)
    for i = 1, select('#', ...) do take((select(i, ...)), values[i]) end
  end
  if not fields.epoch then return nil end
  return fields, before
end

-- Writes what differs from `before`.
local function save(keys, fields, before)
  local set, unset = {}, {}
  for name, value in pairs(fields) do
    if before[name] ~= value then
      set[#set + 1] = name
      set[#set + 1] = value
    end
  end
  for name in pairs(before) do
    if fields[name] == nil then unset[#unset + 1] = name end
  end
  if #set > 0 then redis.call('HSET', keys[META], unpack(set)) end
  if #unset > 0 then redis.call('HDEL', keys[META], unpack(unset)) end
end

-- Keys that are forgotten with what is in them, whatever becomes of the conversation.
local PASSING = { [AUDIENCE] = true, [HERE] = true }

-- Puts off the day on which an idle conversation is forgotten. 0: it is never forgotten, not even
-- where it has such a day from when that was set otherwise. While a timer is set, the conversation is
-- not idle.
local function touch(keys, idle)
  local forgets = idle ~= '0'
  if forgets then
    local latest = tonumber(redis.call('HGET', keys[META], 'latest') or 0)
    idle = int(tonumber(idle) + math.max(latest - now(), 0))
  end
  if not forgets and redis.call('PTTL', keys[META]) < 0 then return end
  for i, key in ipairs(keys) do
    if PASSING[i] then
      -- It has a day of its own.
    elseif forgets then
      redis.call('PEXPIRE', key, idle)
    else
      redis.call('PERSIST', key)
    end
  end
end

-- The role and name of a participant; nil where they are not in it. A value is
-- '<order of joining> <role> <name>'.
local function participant(keys, id)
  local value = redis.call('HGET', keys[PEOPLE], id)
  if not value then return nil end
  local order, role, name = string.match(value, '^(%d+) (%S+) (.*)$')
  return role, name, order
end

-- Whether an agent is in the conversation.
local function has_agent(keys, name)
  return redis.call('HEXISTS', keys[PEOPLE], 'agent:' .. name) == 1
end

-- Whether the viewer may look; '' is one of our own services.
local function admits(keys, viewer)
  return viewer == '' or redis.call('HEXISTS', keys[PEOPLE], viewer) == 1
end

local function add_participant(keys, fields, id, role, name)
  local _, _, order = participant(keys, id)
  if not order then
    fields.joined = (fields.joined or 0) + 1
    order = int(fields.joined)
  end
  redis.call('HSET', keys[PEOPLE], id, order .. ' ' .. role .. ' ' .. name)
end

-- What a reply says of a conversation.
local function conversation(keys, fields)
  return {
    fields.epoch, fields.seq, fields.first, fields.title or '', fields.agent or '', fields.policy,
    fields.created, fields.updated, redis.call('HGETALL', keys[PEOPLE]),
  }
end

-- The inboxes to tell.
local function audience(keys, at)
  return redis.call('ZRANGE', keys[AUDIENCE], '(' .. int(at), '+inf', 'BYSCORE')
end

-- The tag in front of the first event. Tags are eight bytes.
local NONE = '\0\0\0\0\0\0\0\0'

-- The log is a list, since that takes less than half of what a stream does where it is short. An event
-- has the number of its place, counted from `first`, and is: its tag, the tag in front, when it was
-- written in six bytes, the length and the id of a person's message, and its body.
local HEADER = 23

-- Appends an event to the log, which says which one it follows; answers that one's tag. `message`
-- is the id of a person's message. Time never runs backwards here, whatever the server's clock does.
local function write(keys, fields, at, eid, body, message)
  local prev = fields.eid or NONE
  message = message or ''
  -- What a script has written stays, so this comes first.
  if redis.call('LLEN', keys[LOG]) ~= fields.seq - fields.first + 1 then
    error('the log is not as long as it should be')
  end
  fields.seq = fields.seq + 1
  fields.eid = eid
  fields.updated = math.max(at, fields.updated or 0)
  redis.call(
    'RPUSH', keys[LOG],
    eid .. prev .. struct.pack('>I6', fields.updated) .. string.char(#message) .. message .. body)
  return prev
end

local function eid_of(event) return string.sub(event, 1, 8) end
local function at_of(event) return (struct.unpack('>I6', event, 17)) end
local function message_of(event) return string.sub(event, HEADER + 1, HEADER + string.byte(event, HEADER)) end
local function size_of(event) return #event - HEADER - string.byte(event, HEADER) end

-- The event with this number; nil where there is none, or retention dropped it.
local function event(keys, fields, seq)
  if seq < fields.first or seq > fields.seq then return nil end
  return redis.call('LINDEX', keys[LOG], int(seq - fields.first)) or nil
end

-- Replies have each event behind its number.
local function numbered(keys, fields, seq)
  local found = event(keys, fields, seq)
  return found and { seq, found } or {}
end

-- How many events are read together, since their size is known only then.
local SLICE = 8

local function slice(keys, fields, first, last)
  local some = redis.call('LRANGE', keys[LOG], int(first - fields.first), int(last - fields.first))
  if #some ~= last - first + 1 then error('the log is not as long as it should be') end
  return some
end

-- The events after this number, for a reply: up to `limit` and so many bytes of their bodies, but at
-- least one.
local function following(keys, fields, seq, limit, bytes)
  limit, bytes = tonumber(limit), tonumber(bytes)
  local found, at = {}, math.max(seq + 1, fields.first)
  local last = math.min(at + limit - 1, fields.seq)
  while at <= last do
    for _, one in ipairs(slice(keys, fields, at, math.min(at + SLICE - 1, last))) do
      bytes = bytes - size_of(one)
      if bytes < 0 and #found > 0 then return found end
      found[#found + 1] = at
      found[#found + 1] = one
      at = at + 1
    end
  end
  return found
end

-- The same before this number and from `from` on: the last of them, oldest first.
local function preceding(keys, fields, seq, from, limit, bytes)
  limit, bytes = tonumber(limit), tonumber(bytes)
  local newest, last = {}, math.min(seq - 1, fields.seq)
  local first, at = math.max(last - limit + 1, tonumber(from), fields.first), last
  while at >= first and bytes >= 0 do
    local some = slice(keys, fields, math.max(at - SLICE + 1, first), at)
    for i = #some, 1, -1 do
      bytes = bytes - size_of(some[i])
      if bytes < 0 and #newest > 0 then break end
      newest[#newest + 1] = some[i]
    end
    at = at - SLICE
  end
  local found = {}
  for i = #newest, 1, -1 do
    found[#found + 1] = last - i + 1
    found[#found + 1] = newest[i]
  end
  return found
end

-- What stands outside the conversation's keys is on the same server, where that stands alone: then it
-- is written in the same step, and nobody waits for another call. On a cluster its name is empty here,
-- and the caller writes it afterwards. What is written so is a reminder: it must not fail what is done.

local function id_of(keys)
  return string.match(keys[META], '{(.-)}')
end

-- The conversation's token in this shard of the due set; 0 where it is not there (see due.lua).
local function token_of(shard, id)
  return tonumber(redis.call('ZSCORE', shard, id) or 0)
end

-- Gives the conversation a token that is `delay` from now, and above the one it has.
local function defer(shard, id, delay, floor)
  local token = math.max(now() + delay, token_of(shard, id) + 1, (floor or 0) + 1)
  redis.call('ZADD', shard, int(token), id)
  return token
end

-- Has the conversation looked at after `delay`, beside its own place in this shard of the due set.
local function hurry(shard, keys, delay)
  if shard ~= '' then redis.pcall('ZADD', shard, int(now() + delay), '!' .. id_of(keys)) end
end

-- Puts the conversation into these people's lists; answers who is left for the caller to do.
local function raise(lists, keys, people, at)
  if (lists or '') == '' then return people end
  local id = id_of(keys)
  for _, person in ipairs(people) do
    if string.sub(person, 1, 5) == 'user:' then
      redis.pcall('ZADD', lists .. person, 'GT', int(at), id)
    end
  end
  return {}
end

local function text_key(keys, message, part)
  return string.sub(keys[META], 1, -#'meta' - 1) .. 't:' .. message .. ':' .. part
end

-- Where a message that a person sent stands, and who that was; nil: nowhere in the log. What the
-- log drops is forgotten with it (see `retain`).
local function recall(keys, message)
  local value = redis.call('HGET', keys[DEDUP], message)
  if not value then return nil end
  local seq, author = string.match(value, '^(%d+) (.+)$')
  return { seq = tonumber(seq), author = author }
end

-- Remembers where the message that was just written stands.
local function remember(keys, fields, message, author)
  redis.call('HSET', keys[DEDUP], message, int(fields.seq) .. ' ' .. author)
end

-- What agents offered stands among the messages, under the id of the message that offers it:
-- '<seq> offers', and behind that ' <part>:<message>' for each part of which one press counts and that
-- was pressed. Agents' ids are no person's, and what the log drops is forgotten with it, too.
local function offer_of(keys, press)
  return press and recall(keys, press.offer)
end

local function offer(keys, fields, message)
  redis.call('HSET', keys[DEDUP], message, int(fields.seq) .. ' offers')
end

-- Takes an offer back. Where it was pressed and only one press counts, it stands there as 'withdrawn', and with it
-- who was first: another press may yet come back from the queue.
local function withdraw(keys, message)
  local offered = recall(keys, message)
  local marks = offered and string.match(offered.author, '^%S+( .+)$')
  if marks then
    redis.call('HSET', keys[DEDUP], message, int(offered.seq) .. ' withdrawn' .. marks)
  else
    redis.call('HDEL', keys[DEDUP], message)
  end
end

local function is_offered(offered)
  return offered and string.match(offered.author, '^%S+') == 'offers'
end

-- The message that has pressed this part of an offer, where only one may.
local function pressed_by(offered, press)
  if not press.once then return nil end
  for part, message in string.gmatch(offered.author, ' (%d+):(%S+)') do
    if part == press.part then return message end
  end
  return nil
end

-- Remembers who was first, where that matters and the offer still stands.
local function mark_pressed(keys, press, message)
  local offered = press and press.once and offer_of(keys, press)
  if offered then
    local value = int(offered.seq) .. ' ' .. offered.author .. ' ' .. press.part .. ':' .. message
    redis.call('HSET', keys[DEDUP], press.offer, value)
  end
end

local function press_of(offered, part, once)
  return (offered or '') ~= '' and { offer = offered, part = part, once = once == '1' } or nil
end

local function register(name, callback, ...)
  redis.register_function({ function_name = LIBRARY .. '_' .. name, callback = callback, flags = { ... } })
end
