-- Reading the log, and text that is still being written.

register('events', function(keys, args)
  local viewer, direction, seq, limit, bytes = unpack(args)
  local fields = open(keys, 'epoch', 'seq', 'first')
  if not fields or not admits(keys, viewer) then return fail('not_found') end
  local events = {}
  if direction == 'after' then
    events = following(keys, fields, tonumber(seq), limit, bytes)
  elseif seq ~= '0' then
    events = preceding(keys, fields, tonumber(seq), 0, limit, bytes)
  end
  return { fields.epoch, events, fields.seq, fields.first }
end, 'no-writes')

register('text', function(keys, args)
  local message, part, offset = unpack(args)
  local fields = open(keys, 'epoch', 'message')
  return {
    redis.call('GETRANGE', text_key(keys, message, part), offset, -1),
    fields and fields.message == message and 1 or 0,
  }
end, 'no-writes')
