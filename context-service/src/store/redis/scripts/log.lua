-- Reading the log, and text that is still being written.

register('events', function(keys, args)
  local viewer, direction, seq, limit = unpack(args)
  local fields = open(keys, 'epoch', 'seq', 'first')
  if not fields or not admits(keys, viewer) then return fail('not_found') end
  local events = {}
  if direction == 'after' then
    events = redis.call('XRANGE', keys[LOG], '(' .. seq .. '-0', '+', 'COUNT', limit)
  elseif seq ~= '0' then
    events = tail(keys, '(' .. seq .. '-0', limit)
  end
  return { fields.epoch, events, fields.seq, fields.first }
end, 'no-writes')

register('text', function(keys, args)
  local message, part, offset = unpack(args)
  local key = text_key(keys, message, part)
  if redis.call('EXISTS', key) == 1 then return redis.call('GETRANGE', key, offset, -1) end
  local fields = open(keys, 'epoch', 'message', 'part')
  local ahead = fields and fields.message == message and tonumber(part) >= (fields.part or 0)
  return ahead and '' or false
end, 'no-writes')
