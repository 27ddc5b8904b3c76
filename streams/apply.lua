#!lua name=medpulse

-- A metric is a sum of contributions; a contribution belongs to an event. `medpulse_count` takes back what an event gave
-- before, adds what it gives now and remembers it, in one step: a redelivery does nothing, a correction is a difference,
-- a retraction is a subtraction, and the order of arrival does not matter.
--
-- A batch is worked out in tables first and written at its end, one command for many fields: each command has its price, here
-- and in the file that Redis appends to. Nobody sees Redis between the two.

-- Amounts are strings: HINCRBY reads 64-bit integers, while a Lua number would round beyond 2^53. A sum below `EXACT` is exact.
local EXACT = 2 ^ 50
local ARGS = 1000

local function negated(amount)
  if string.sub(amount, 1, 1) == '-' then return string.sub(amount, 2) end
  return '-' .. amount
end

local function integer(number)
  return string.format('%.0f', number)
end

-- One command with as many arguments as there are, some at a time.
local function many(command, key, args)
  for at = 1, #args, ARGS do
    redis.call(command, key, unpack(args, at, math.min(at + ARGS - 1, #args)))
  end
end

-- Sums by hash and field. `large` has, beside them, the amounts that would not stay exact.
local function sum(sums, key, field, amount)
  local fields = sums[key]
  if not fields then
    fields = {now = {}, large = {}}
    sums[key] = fields
  end
  local number = tonumber(amount)
  if math.abs(number) > EXACT or math.abs((fields.now[field] or 0) + number) > EXACT then
    table.insert(fields.large, {field, amount})
    number = 0
  end
  fields.now[field] = (fields.now[field] or 0) + number
end

-- Adds the sums of one hash; `each` is told the field, what was added and what is there now. Fields that come to 0 go.
local function settle(key, fields, each)
  local gone, large = {}, {}
  for _, one in ipairs(fields.large) do
    redis.call('HINCRBY', key, one[1], one[2])
    large[one[1]] = true
  end
  for field, added in pairs(fields.now) do
    if added ~= 0 or large[field] then
      local left = redis.call('HINCRBY', key, field, integer(added))
      if left == 0 then table.insert(gone, field) end
      each(field, added, left, large[field])
    end
  end
  many('HDEL', key, gone)
  return #gone > 0
end

-- The member of a field of a distinct, latest or fact series: its part of this number.
local function member(field, part)
  if part == 3 then return string.match(field, '^[^|]*|[^|]*|([^|]*)') end
  return string.match(field, '^[^|]*|([^|]*)')
end

-- What an event gives, or, `back`, gave: into the series, and into what their cumulative value is worked out from.
local function add(work, event, contributions, back)
  for _, c in ipairs(contributions) do
    local name, amount = c[1] .. ':' .. c[2], back and negated(c[4]) or c[4]
    local part = work.parts[c[1]]
    work.named[name] = c
    sum(work.series, name, c[3], amount)
    if part then
      sum(work.members, name, member(c[3], part), amount)
    else
      sum(work.totals, 'totals', name, amount)
    end
    work.untold[name] = event
  end
end

local function nothing() end

-- The cumulative value of each series is kept beside it, so that it is read without reading the series: a sum of amounts, or
-- how many members are told by one event at least.
local function write_series(prefix, work)
  for name, fields in pairs(work.series) do
    local key, index, dims = prefix .. 's:' .. name, prefix .. 'i:' .. work.named[name][1], work.named[name][2]
    local fresh = false
    local emptied = settle(key, fields, function(_, added, left, large)
      fresh = fresh or large or left == added
    end)
    if emptied and redis.call('EXISTS', key) == 0 then
      redis.call('SREM', index, dims)
    elseif fresh then
      redis.call('SADD', index, dims)
    end
  end
  for name, fields in pairs(work.members) do
    local more = 0
    settle(prefix .. 'm:' .. name, fields, function(_, added, left)
      if left > 0 and left - added <= 0 then more = more + 1 end
      if left <= 0 and left - added > 0 then more = more - 1 end
    end)
    if more ~= 0 then sum(work.totals, 'totals', name, integer(more)) end
  end
  for _, fields in pairs(work.totals) do settle(prefix .. 'totals', fields, nothing) end
end

-- What an event said before stays readable for people: its last `KEPT` bodies, the newest last.
local KEPT = 20

local function show(prefix, work, event, known)
  local before = work.bodies[event.id]
  if before == nil and known then before = redis.call('HGET', prefix .. 'events', event.id) end
  if before and before ~= event.body then
    redis.call('RPUSH', prefix .. 'past:' .. event.id, before)
    redis.call('LTRIM', prefix .. 'past:' .. event.id, -KEPT, -1)
  end
  work.scores[event.id] = event.score
  work.bodies[event.id] = event.body ~= '' and event.body
  if event.body == '' then return end
  for id, name in pairs(event.names) do work.entities[id] = name end
end

local function write_events(prefix, work)
  local bodies, timeline, gone, entities, applied, untold = {}, {}, {}, {}, {}, {}
  for id, body in pairs(work.bodies) do
    if body then
      table.insert(bodies, id)
      table.insert(bodies, body)
      table.insert(timeline, work.scores[id])
      table.insert(timeline, id)
    else
      table.insert(gone, id)
    end
  end
  for id, name in pairs(work.entities) do
    table.insert(entities, id)
    table.insert(entities, name)
  end
  for id, given in pairs(work.applied) do
    table.insert(applied, id)
    table.insert(applied, given)
  end
  for name, event in pairs(work.untold) do
    table.insert(untold, name)
    table.insert(untold, integer(event.serial) .. '\n' .. event.stamp)
  end
  many('HSET', prefix .. 'events', bodies)
  many('ZADD', prefix .. 'timeline', timeline)
  many('HDEL', prefix .. 'events', gone)
  many('ZREM', prefix .. 'timeline', gone)
  many('HSET', prefix .. 'entities', entities)
  many('HSET', prefix .. 'applied', applied)
  many('HSET', prefix .. 'untold', untold)
  many('ZADD', prefix .. 'changes', work.changes)
end

-- KEYS[1]: the hash of what was applied, whose name without "applied" is the prefix of the view.
-- ARGV[1]: JSON list of {id, order, score, size, names, stamp, contributions (JSON list of [metric, dims, field, amount])}.
-- ARGV[2]: the bodies, one after the other, each of `size` bytes (0 of a retracted event). ARGV[3]: JSON, metric → part of its
-- fields that names the member, where it counts members.
-- Each event that is applied is noted under a serial number in `changes`, so that readers can follow.
-- Each series that changes is noted as untold, under a serial number, until somebody has published its value.
-- Answers, event by event, 1 where it was applied and 0 where this or a later order had been.
local function count(keys, args)
  local memory, parts = keys[1], cjson.decode(args[3])
  local prefix = string.sub(memory, 1, -8)
  local work = {
    parts = parts, series = {}, members = {}, totals = {}, named = {}, untold = {},
    bodies = {}, scores = {}, entities = {}, applied = {}, changes = {},
  }
  local first = tonumber(redis.call('GET', prefix .. 'serial') or 0)
  local answer, at, serial = {}, 0, first
  for i, event in ipairs(cjson.decode(args[1])) do
    event.body = string.sub(args[2], at + 1, at + event.size)
    at = at + event.size
    local before = work.applied[event.id] or redis.call('HGET', memory, event.id)
    local cut = before and string.find(before, '\n', 1, true)
    if before and tonumber(string.sub(before, 1, cut - 1)) >= tonumber(event.order) then
      answer[i] = 0
    else
      serial = serial + 1
      event.serial = serial
      table.insert(work.changes, serial)
      table.insert(work.changes, event.id)
      if before then add(work, event, cjson.decode(string.sub(before, cut + 1)), true) end
      add(work, event, cjson.decode(event.contributions), false)
      work.applied[event.id] = event.order .. '\n' .. event.contributions
      show(prefix, work, event, before)
      answer[i] = 1
    end
  end
  if serial > first then redis.call('INCRBY', prefix .. 'serial', serial - first) end
  write_series(prefix, work)
  write_events(prefix, work)
  return answer
end

-- KEYS[1], KEYS[2]: the hashes of untold series and of published values.
-- ARGV: series, note, value, series, note, value … A series that changed again since its note was read stays untold.
local function told(keys, args)
  for i = 1, #args, 3 do
    redis.call('HSET', keys[2], args[i], args[i + 2])
    if redis.call('HGET', keys[1], args[i]) == args[i + 1] then redis.call('HDEL', keys[1], args[i]) end
  end
  return #args / 3
end

-- KEYS[1]: what every hash of sightings begins with. ARGV[1]: JSON list of [event id, witness, revision, generation, size].
-- ARGV[2]: for each its value, one after the other, each of `size` bytes: "revision generation gone", a line feed, the event.
-- The later of two values of a witness stays, and its generation never falls. Answers, for each, with 0 where its value was
-- kept as it came and the event has no other witness, else with all that is known of the event.
local function witness(keys, args)
  local answer, at = {}, 0
  for i, one in ipairs(cjson.decode(args[1])) do
    local key, who, revision, generation = keys[1] .. one[1], one[2], one[3], one[4]
    local value, kept = string.sub(args[2], at + 1, at + one[5]), false
    at = at + one[5]
    local before = redis.call('HGET', key, who)
    local old_revision, old_generation = -1, -1
    if before then
      local r, g = string.match(before, '^(%d+) (%d+) ')
      old_revision, old_generation = tonumber(r), tonumber(g)
    end
    if revision > old_revision or (revision == old_revision and generation > old_generation) then
      kept = old_generation <= generation
      if not kept then
        value = string.gsub(value, '^(%d+) %d+ ', '%1 ' .. string.format('%d', old_generation) .. ' ', 1)
      end
      redis.call('HSET', key, who, value)
    end
    if (kept or before == value) and redis.call('HLEN', key) == 1 then
      answer[i] = 0
    else
      answer[i] = redis.call('HGETALL', key)
    end
  end
  return answer
end

-- KEYS[1]: what every hash of sightings begins with. ARGV: ids of events.
-- Answers, for each, with the greatest revision, and the sum of revisions and generations, that its witnesses have told.
local function weigh(keys, args)
  local answer = {}
  for i, id in ipairs(args) do
    local revision, said = 0, 0
    for _, value in ipairs(redis.call('HVALS', keys[1] .. id)) do
      local r, g = string.match(value, '^(%d+) (%d+) ')
      revision, said = math.max(revision, tonumber(r)), said + tonumber(r) + tonumber(g)
    end
    answer[i] = {revision, said}
  end
  return answer
end

-- KEYS: the hash of cards, and what every sorted set of a signature begins with. ARGV[1]: JSON list of
-- [notice id, card, signatures]. ARGV[2]: how many others at most.
-- Puts each card down under a serial number that it keeps for ever; answers, for each, with serial, card, serial, card … of those
-- that were put down before it under one of the signatures.
local function meet(keys, args)
  local answer, most = {}, tonumber(args[2])
  for at, one in ipairs(cjson.decode(args[1])) do
    local id = one[1]
    local before = redis.call('HGET', keys[1], id)
    local serial = before and tonumber(string.match(before, '^(%d+)\n')) or redis.call('HLEN', keys[1]) + 1
    redis.call('HSET', keys[1], id, string.format('%d', serial) .. '\n' .. one[2])
    local met, found = {}, {}
    for _, name in ipairs(one[3]) do
      local key = keys[2] .. name
      redis.call('ZADD', key, serial, id)
      for _, other in ipairs(redis.call('ZRANGEBYSCORE', key, '-inf', '(' .. string.format('%d', serial), 'LIMIT', 0, most)) do
        local card = not found[other] and redis.call('HGET', keys[1], other)
        if card then
          found[other] = true
          local cut = string.find(card, '\n', 1, true)
          table.insert(met, string.sub(card, 1, cut - 1))
          table.insert(met, string.sub(card, cut + 1))
        end
      end
    end
    answer[at] = met
  end
  return answer
end

-- KEYS[1]: what every list of a notice's texts begins with. ARGV[1]: JSON list of [notice id, size]. ARGV[2]: the texts, one after
-- the other, each of `size` bytes. ARGV[3]: how many revisions stay. One that is kept already is not kept twice.
local function keep(keys, args)
  local at, most = 0, tonumber(args[3])
  for _, one in ipairs(cjson.decode(args[1])) do
    local key, text = keys[1] .. one[1], string.sub(args[2], at + 1, at + one[2])
    at = at + one[2]
    redis.call('LREM', key, 0, text)
    redis.call('LPUSH', key, text)
    redis.call('LTRIM', key, 0, most - 1)
  end
  return at
end

-- What workers of an earlier epoch call: they wrote otherwise, and end here, before they commit.
local function earlier()
  return redis.error_reply('ERR a later version of medpulse has this Redis')
end

redis.register_function('medpulse_count', count)
redis.register_function('medpulse_told', told)
redis.register_function('medpulse_witness', witness)
redis.register_function('medpulse_weigh', weigh)
redis.register_function('medpulse_meet_all', meet)
redis.register_function('medpulse_keep', keep)
redis.register_function('medpulse_apply', earlier)
redis.register_function('medpulse_sight', earlier)
redis.register_function('medpulse_meet', earlier)
