-- The hot path: what a run writes, under its lease.

-- How many whole messages a run may have.
local SAID = 256

local function each_part(keys, fields, command, ...)
  for part in string.gmatch(fields.parts or '', '%d+') do
    redis.call(command, text_key(keys, fields.message, part), ...)
  end
end

-- Takes a message off those that the run has said whole.
local function unsay(fields, about)
  local left = {}
  for message in string.gmatch(fields.said or '', '%S+') do
    if message ~= about then left[#left + 1] = message end
  end
  fields.said = #left > 0 and table.concat(left, ' ') or nil
end

local function end_text(fields)
  fields.message, fields.part, fields.parts = nil, nil, nil
end

-- What an entry does beyond standing in the log; `about` is a message, or milliseconds.
local EFFECTS = {
  none = function() end,
  start = function(_, fields, _, about)
    end_text(fields)
    fields.message = about
  end,
  complete = function(keys, fields, _, about, lingers)
    if fields.message == about then
      each_part(keys, fields, 'PEXPIRE', lingers)
      end_text(fields)
      if fields.run then fields.said = (fields.said and fields.said .. ' ' or '') .. about end
    end
  end,
  retract = function(keys, fields, _, about)
    withdraw(keys, about)
    if fields.message == about then
      each_part(keys, fields, 'UNLINK')
      end_text(fields)
    end
    unsay(fields, about)
  end,
  finish = function(keys, fields)
    for seq in string.gmatch(fields.inputs or '', '%d+') do remove(keys, tonumber(seq)) end
    fields.run, fields.attempt, fields.inputs = nil, nil, nil
    fields.run_agent, fields.run_pool, fields.cancel, fields.said = nil, nil, nil, nil
  end,
  set_timer = function(_, fields, at, about) set_timer(fields, at, about) end,
  clear_timer = function(_, fields, _, about) clear_timer(fields, about) end,
  retry = function(_, fields, at, about)
    give_back(fields)
    fields.not_before = at + tonumber(about)
  end,
}

EFFECTS.offer = function(keys, fields, at, about, lingers)
  if fields.message == about then offer(keys, fields, about) end
  EFFECTS.complete(keys, fields, at, about, lingers)
end

local ENDS_TEXT = { complete = true, offer = true, retract = true }

-- The message that streams once the entries are written, and whether it begins with them; or an
-- error.
local function streams_after(fields, entries)
  local message, begins = fields.message, false
  local _, said = string.gsub(fields.said or '', '%S+', '')
  for _, entry in ipairs(entries) do
    if entry.effect == 'start' then
      if message then return nil, false, fail('streams_already') end
      if said >= SAID then return nil, false, fail('said_too_much') end
      message, begins = entry.about, true
    elseif ENDS_TEXT[entry.effect] and entry.about == message then
      if entry.effect ~= 'retract' then said = said + 1 end
      message, begins = nil, false
    end
  end
  return message, begins
end

-- Why the text cannot be written where the message `streams`; nil: it can.
local function misplaced(fields, text, streams, begins)
  if text.message ~= streams then return fail('not_streaming') end
  local part = not begins and fields.part or nil
  if part and text.part < part then return fail('part_over') end
  local stands = part == text.part and redis.call('STRLEN', text.key) or 0
  if text.offset ~= stands then return fail('gap ' .. int(stands)) end
end

-- Appends to the part under way, or begins the next; says whether it did.
local function write_text(fields, text, idle)
  if fields.part == text.part then
    redis.call('APPEND', text.key, text.piece)
    return false
  end
  if idle == '0' then
    redis.call('SET', text.key, text.piece)
  else
    redis.call('SET', text.key, text.piece, 'PX', idle)
  end
  fields.part = text.part
  fields.parts = (fields.parts and fields.parts .. ' ' or '') .. int(text.part)
  return true
end

local function entries_of(args, first)
  local entries = {}
  for i = first, #args, 4 do
    entries[#entries + 1] = {
      eid = args[i], body = args[i + 1], effect = args[i + 2], about = args[i + 3],
    }
  end
  return entries
end

-- Where the entries of the last write stand, from the note about the first: {seq, at, the tag in
-- front}.
local function places_of(fields, entries)
  local seq, at, prev = string.match(fields.noted, '^(%d+) (%d+) (.+)$')
  local places = {}
  for i, entry in ipairs(entries) do
    places[i] = { seq + i - 1, tonumber(at), prev }
    prev = entry.eid
  end
  return places
end

-- The writes of a lease are numbered. The last one is noted: its lease (`writer`), its number
-- (`step`) and where its entries begin (`noted`). Answers whether this is that one again, or an error
-- where it may not be made.
local function is_again(fields, nonce, run, step)
  local last = fields.writer == nonce and fields.step or 0
  if step == last and last > 0 then return true end
  if fields.nonce ~= nonce or run ~= '' and run ~= fields.run then return false, fail('fenced') end
  if step ~= last + 1 then return false, fail('out_of_step ' .. int(last)) end
  return false
end

local function text_of(keys, message, part, offset, piece)
  return message ~= '' and {
    key = text_key(keys, message, part), message = message, part = tonumber(part),
    offset = tonumber(offset), piece = piece,
  }
end

-- What most calls bring is text and nothing else. `open` and `save` would take as long again as all
-- the rest.
local function append_text(keys, args)
  local idle, _, _, nonce, run, ttl, step, message, part, offset, piece = unpack(args)
  local epoch, seq, holder, its_run, cancel, streams, its_part, parts, writer, last =
    unpack(redis.call('HMGET', keys[META],
      'epoch', 'seq', 'nonce', 'run', 'cancel', 'message', 'part', 'parts', 'writer', 'step'))
  if not epoch then return fail('fenced') end
  local fields = {
    nonce = holder, run = its_run, part = tonumber(its_part), parts = parts, writer = writer,
    step = tonumber(last),
  }
  step = tonumber(step)
  local again, problem = is_again(fields, nonce, run, step)
  if problem then return problem end
  local at = now()
  local deadline = int(at + ttl)
  if not again then
    local text = text_of(keys, message, part, offset, piece)
    problem = text and misplaced(fields, text, streams, false)
    if problem then return problem end
    if text and piece ~= '' and write_text(fields, text, idle) then
      redis.call('HSET', keys[META], 'part', int(fields.part), 'parts', fields.parts)
    end
    redis.call('HSET', keys[META], 'deadline', deadline, 'writer', nonce, 'step', step)
  elseif holder == nonce then
    redis.call('HSET', keys[META], 'deadline', deadline)
  end
  return { epoch, tonumber(seq), cancel and 1 or 0, audience(keys, at), {} }
end

register('append', function(keys, args)
  if not args[12] then return append_text(keys, args) end
  local shard, unless_cancelled = args[12], args[13] == '1'
  local idle, keep, lingers, nonce, run, ttl, step = unpack(args, 1, 7)
  local entries = entries_of(args, 14)
  local fields, before = open(keys)
  if not fields then return fail('fenced') end
  step = tonumber(step)
  local at = now()
  if fields.nonce == nonce then fields.deadline = at + tonumber(ttl) end
  local function answer()
    save(keys, fields, before)
    return {
      fields.epoch, fields.seq, fields.cancel and 1 or 0, audience(keys, at),
      places_of(fields, entries), remind_of_next(shard, keys, fields, entries),
    }
  end
  local again, refused = is_again(fields, nonce, run, step)
  if refused then return refused end
  if again then return answer() end
  if unless_cancelled and fields.cancel then return fail('cancelled') end

  -- Everything is checked before anything is written.
  local streams, begins, problem = streams_after(fields, entries)
  problem = problem or no_room_for_timers(fields, entries)
  if problem then return problem end
  local text = text_of(keys, unpack(args, 8, 11))
  problem = text and misplaced(fields, text, streams, begins)
  if problem then return problem end

  fields.writer, fields.step = nonce, step
  for i, entry in ipairs(entries) do
    -- What is offered is forgotten by the id that stands with its event.
    local offers = entry.effect == 'offer' and entry.about
    local prev = write(keys, fields, at, entry.eid, entry.body, offers or '')
    if i == 1 then fields.noted = int(fields.seq) .. ' ' .. int(fields.updated) .. ' ' .. prev end
    EFFECTS[entry.effect](keys, fields, at, entry.about, lingers)
  end
  if text and text.piece ~= '' then write_text(fields, text, idle) end
  retain(keys, fields, before, tonumber(keep))
  return answer()
end)

register('renew', function(keys, args)
  local nonce, ttl = unpack(args)
  local fields, before = open(keys, 'epoch', 'seq', 'nonce', 'deadline', 'cancel')
  if not fields or fields.nonce ~= nonce then return fail('fenced') end
  local at = now()
  fields.deadline = at + tonumber(ttl)
  save(keys, fields, before)
  return { fields.epoch, fields.seq, fields.cancel and 1 or 0, audience(keys, at), {} }
end)
