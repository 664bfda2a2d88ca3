-- Conversations, who is in them, and the lists of those that a person is in.

-- Makes a conversation; `new.people` holds {id, role, name}.
local function found(keys, at, new)
  redis.call('UNLINK', unpack(keys))
  local fields = {
    epoch = new.epoch, seq = 0, first = 1, creator = new.people[1][1], pool = new.pool,
    policy = new.policy, created = at, active = at,
  }
  if new.title ~= '' then fields.title = new.title end
  if new.agent ~= '' then fields.agent = new.agent end
  for _, one in ipairs(new.people) do add_participant(keys, fields, unpack(one)) end
  write(keys, fields, at, new.eid, new.body)
  return fields
end

register('create', function(keys, args)
  local idle, epoch, title, agent, pool, policy, eid, body = unpack(args, 1, 8)
  local fields = open(keys)
  if fields then
    -- Who made it and was taken out is as much a stranger to it as anybody.
    if fields.creator ~= args[9] or not participant(keys, args[9]) then
      return fail('another_conversation')
    end
    return { 0, fields.active, conversation(keys, fields) }
  end
  local new = {
    epoch = epoch, title = title, agent = agent, pool = pool, policy = policy, eid = eid, body = body,
    people = {},
  }
  for i = 9, #args, 3 do new.people[#new.people + 1] = { args[i], args[i + 1], args[i + 2] } end
  fields = found(keys, now(), new)
  save(keys, fields, {})
  touch(keys, idle)
  return { 1, fields.active, conversation(keys, fields) }
end)

-- Who is here, as places '<participant> <inbox>'.
local function here(keys, at)
  return redis.call('ZRANGE', keys[HERE], '(' .. int(at), '+inf', 'BYSCORE')
end

register('conversation', function(keys, args)
  local fields = open(keys)
  if not fields or not admits(keys, args[1]) then return fail('not_found') end
  return { conversation(keys, fields), here(keys, now()), fields.uninvited or 0 }
end, 'no-writes')

-- A participant is not here any more, behind no inbox.
local function leave(keys, id)
  for _, one in ipairs(redis.call('ZRANGE', keys[HERE], 0, -1)) do
    if string.sub(one, 1, #id + 1) == id .. ' ' then redis.call('ZREM', keys[HERE], one) end
  end
end

local RANKS = { agent = 0, member = 1, operator = 2, owner = 3 }

-- Refuses one more participant where there are `most`.
local function crowded(keys, most, id)
  if not participant(keys, id) and redis.call('HLEN', keys[PEOPLE]) >= tonumber(most) then
    return 'full ' .. most
  end
end

-- A newcomer, or one who is in it under another name or role.
local function enter(keys, fields, at, id, role, name)
  add_participant(keys, fields, id, role, name)
  fields.active = at
end

local function is_person(id) return string.sub(id, 1, 5) == 'user:' end

-- Whether somebody is the only owner of a conversation with other people in it.
local function leaves_others_behind(keys, id)
  if participant(keys, id) ~= 'owner' then return false end
  local others = false
  for _, other in ipairs(redis.call('HKEYS', keys[PEOPLE])) do
    if other ~= id and is_person(other) then
      if participant(keys, other) == 'owner' then return false end
      others = true
    end
  end
  return others
end

-- Each kind of change answers whether it is in force already and why it is refused, and makes it;
-- then it answers with the run that it stopped, if it did.
local CHANGES = {
  add = {
    holds = function(keys, _, id, role, name)
      local has_role, has_name = participant(keys, id)
      if not has_role then return false end
      return RANKS[has_role] > RANKS[role] or has_role == role and has_name == name
    end,
    refuses = function(keys, _, _, most, id) return crowded(keys, most, id) end,
    make = function(keys, fields, at, _, ...) enter(keys, fields, at, ...) end,
  },
  join = {
    holds = function(keys, _, id) return participant(keys, id) ~= nil end,
    refuses = function(keys, fields, _, most, id, _, _, invited)
      if tonumber(invited) < (fields.uninvited or 0) then return 'uninvited' end
      return crowded(keys, most, id)
    end,
    make = function(keys, fields, at, _, id, role, name) enter(keys, fields, at, id, role, name) end,
  },
  remove = {
    holds = function(keys, _, id) return not participant(keys, id) end,
    refuses = function(keys, _, viewer, _, id)
      if viewer == id and leaves_others_behind(keys, id) then return 'last_owner' end
    end,
    make = function(keys, fields, at, viewer, id)
      redis.call('HDEL', keys[PEOPLE], id)
      redis.call('HDEL', keys[READ], id)
      leave(keys, id)
      fields.active = at
      -- The event that is about to be written: invitations from before it are void.
      if viewer ~= id and is_person(id) then fields.uninvited = fields.seq + 1 end
      local agent = string.match(id, '^agent:(.+)$')
      if agent then stir(fields) end
      if agent and agent == fields.agent then fields.agent = nil end
      if agent and agent == fields.run_agent then return stop(fields, at) end
    end,
  },
  rename = {
    holds = function(_, fields, title) return (fields.title or '') == title end,
    refuses = function() end,
    make = function(_, fields, _, _, title) fields.title = title end,
  },
}

register('change', function(keys, args)
  local idle, keep, most, viewer, kind, eid, body = unpack(args, 1, 7)
  local what, change = { unpack(args, 8) }, CHANGES[kind]
  local fields, before = open(keys)
  if not fields or not admits(keys, viewer) then return fail('not_found') end
  local leaves = kind == 'remove' and what[1] == viewer
  if viewer ~= '' and not leaves and participant(keys, viewer) ~= 'owner' then
    return fail('owners_only')
  end
  local at, stopped = now(), nil
  if not change.holds(keys, fields, unpack(what)) then
    local refused = change.refuses(keys, fields, viewer, most, unpack(what))
    if refused then return fail(refused) end
    stopped = change.make(keys, fields, at, viewer, unpack(what))
    write(keys, fields, at, eid, body)
    retain(keys, fields, before, tonumber(keep))
    save(keys, fields, before)
    touch(keys, idle)
  end
  return {
    fields.epoch, numbered(keys, fields, fields.seq), audience(keys, at), fields.active,
    redis.call('HKEYS', keys[PEOPLE]), stopped or {},
  }
end)

-- A person's list is a sorted set: conversation -> when somebody last spoke, joined or left. It
-- may hold too much, since it is not written in one step with the conversation: readers check.

-- Up to `count` of the list after the place (score, id), or from the top.
register('list', function(keys, args)
  local score, id, count = tonumber(args[1]), args[2], tonumber(args[3])
  local offset, page = 0, {}
  repeat
    local from = score and int(score) or '+inf'
    local batch = redis.call(
      'ZRANGE', keys[1], from, '-inf', 'BYSCORE', 'REV', 'LIMIT', offset, count, 'WITHSCORES')
    for i = 1, #batch, 2 do
      local seen = tonumber(batch[i + 1]) == score and batch[i] >= id
      if not seen and #page < 2 * count then
        page[#page + 1] = batch[i]
        page[#page + 1] = batch[i + 1]
      end
    end
    offset = offset + count
  until #page >= 2 * count or #batch < 2 * count
  return page
end, 'no-writes')

-- Takes a conversation off the list, unless something happened in it since.
register('unlist', function(keys, args)
  local score = redis.call('ZSCORE', keys[1], args[1])
  if score and tonumber(score) < tonumber(args[2]) then redis.call('ZREM', keys[1], args[1]) end
  return 0
end)
