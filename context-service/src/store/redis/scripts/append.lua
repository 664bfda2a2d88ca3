-- The hot path: what a run writes, under its lease.

-- How far back from the log's end a retried append looks for its entries.
local RETRY_WINDOW = 256

-- How many whole messages a run may have.
local SAID = 256

-- What a call without entries reads of the conversation's fields: most calls are such, and all of
-- them take twice as long.
local TEXT_FIELDS = { 'epoch', 'seq', 'nonce', 'run', 'deadline', 'cancel', 'message', 'part', 'parts' }

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
  retry = function(_, fields, at, about)
    give_back(fields)
    fields.not_before = at + tonumber(about)
  end,
}

local ENDS_TEXT = { complete = true, retract = true }

-- Where entries stand that the log's end holds: eid -> {seq, at, the tag in front}.
local function recent(keys)
  local found = {}
  for _, one in ipairs(redis.call('XREVRANGE', keys[LOG], '+', '-', 'COUNT', RETRY_WINDOW)) do
    found[eid_of(one)] = { tonumber(string.match(one[1], '^%d+')), at_of(one), prev_of(one) }
  end
  return found
end

-- The message that streams once the entries are written, and whether it begins with them; or an
-- error.
local function streams_after(fields, entries)
  local message, begins = fields.message, false
  local _, said = string.gsub(fields.said or '', '%S+', '')
  for _, entry in ipairs(entries) do
    if not entry.stands and entry.effect == 'start' then
      if message then return nil, false, fail('streams_already') end
      if said >= SAID then return nil, false, fail('said_too_much') end
      message, begins = entry.about, true
    elseif not entry.stands and ENDS_TEXT[entry.effect] and entry.about == message then
      if entry.effect == 'complete' then said = said + 1 end
      message, begins = nil, false
    end
  end
  return message, begins
end

-- What of the text is to be written: nil where a retry finds all of it; or an error.
local function fresh_text(keys, fields, text, message, begins, retry)
  local stands = not begins and redis.call('STRLEN', text.key) or 0
  if retry and stands > 0 and stands >= text.offset + #text.piece then return nil end
  if text.message ~= message then return nil, fail('not_streaming') end
  local part = not begins and fields.part or nil
  if part and text.part < part then return nil, fail('part_over') end
  if part ~= text.part then stands = 0 end
  if retry and text.offset < stands then return string.sub(text.piece, stands - text.offset + 1) end
  if text.offset ~= stands then return nil, fail('gap ' .. int(stands)) end
  return text.piece
end

-- Appends to the part under way, or begins the next.
local function write_text(keys, fields, text, piece, idle)
  if fields.part == text.part then
    redis.call('APPEND', text.key, piece)
    return
  end
  redis.call('SET', text.key, piece)
  touch({ text.key }, idle)
  fields.part = text.part
  fields.parts = (fields.parts and fields.parts .. ' ' or '') .. int(text.part)
end

-- The entries of a call; those that `known` holds `stands` there.
local function entries_of(args, first, known)
  local entries, standing = {}, 0
  for i = first, #args, 4 do
    local entry = { eid = args[i], body = args[i + 1], effect = args[i + 2], about = args[i + 3] }
    entry.stands = known[entry.eid]
    if entry.stands then standing = standing + 1 end
    entries[#entries + 1] = entry
  end
  return entries, standing
end

register('append', function(keys, args)
  local idle, keep, lingers, nonce, run, ttl, retry = unpack(args, 1, 7)
  local message, part, offset, piece = unpack(args, 8, 11)
  retry = retry == '1'
  local entries, standing = entries_of(args, 12, retry and #args > 11 and recent(keys) or {})
  local fields, before = open(keys, unpack(#entries == 0 and TEXT_FIELDS or {}))
  local at, places = now(), {}
  local function answer()
    return { fields.epoch, fields.seq, fields.cancel and 1 or 0, audience(keys, at), places }
  end
  local ours = fields and fields.nonce == nonce and (run == '' or run == fields.run)
  if ours then fields.deadline = at + tonumber(ttl) end
  if fields and #entries > 0 and standing == #entries then
    for _, entry in ipairs(entries) do places[#places + 1] = entry.stands end
    save(keys, fields, before)
    return answer()
  end
  if not ours then return fail('fenced') end

  -- Everything is checked before anything is written.
  local streams, begins, problem = streams_after(fields, entries)
  if problem then return problem end
  local text = {
    key = text_key(keys, message, part), message = message, part = tonumber(part),
    offset = tonumber(offset), piece = piece,
  }
  if message == '' then
    piece = nil
  else
    piece, problem = fresh_text(keys, fields, text, streams, begins, retry)
    if problem then return problem end
  end

  for _, entry in ipairs(entries) do
    local place = entry.stands
    if not place then
      local prev = write(keys, fields, at, entry.eid, entry.body)
      EFFECTS[entry.effect](keys, fields, at, entry.about, lingers)
      place = { fields.seq, fields.updated, prev }
    end
    places[#places + 1] = place
  end
  if piece and piece ~= '' then write_text(keys, fields, text, piece, idle) end
  if #entries > 0 then retain(keys, fields, before, tonumber(keep)) end
  save(keys, fields, before)
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
