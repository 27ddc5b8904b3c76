#!lua name=medpulse

-- A metric is a sum of contributions; a contribution belongs to an event. `medpulse_total` takes back what an event gave
-- before, adds what it gives now and remembers it, in one step: a redelivery does nothing, a correction is a difference,
-- a retraction is a subtraction, and the order of arrival does not matter.
--
-- A batch is worked out in tables first and written at its end, one command for many fields: each command has its price, here
-- and in the file that Redis appends to. Nobody sees Redis between the two.

-- Amounts are strings: HINCRBY reads 64-bit integers, while a Lua number would round beyond 2^53. A sum below `EXACT` is exact.
local EXACT = 2 ^ 50
local ARGS = 1000
local ONE_BY_ONE = 2

local function negated(amount)
  if string.sub(amount, 1, 1) == '-' then return string.sub(amount, 2) end
  return '-' .. amount
end

local function integer(number)
  return string.format('%.0f', number)
end

-- Some of a list, from a place on: as many as one command takes.
local function some(list, at)
  return unpack(list, at, math.min(at + ARGS - 1, #list))
end

-- One command with as many arguments as there are, some at a time.
local function many(command, key, args)
  for at = 1, #args, ARGS do redis.call(command, key, some(args, at)) end
end

-- The values of many fields of a hash, in their order; false where there is none.
local function values(key, fields)
  local found = {}
  for at = 1, #fields, ARGS do
    for _, value in ipairs(redis.call('HMGET', key, some(fields, at))) do table.insert(found, value) end
  end
  return found
end

-- Sums of one hash by field. `large` has, beside them, the amounts that would not stay exact.
local function sums()
  return {now = {}, large = {}}
end

local function sum(into, field, amount)
  local number, before = tonumber(amount), into.now[field] or 0
  if math.abs(number) > EXACT or math.abs(before + number) > EXACT then
    table.insert(into.large, {field, amount})
    number = 0
  end
  into.now[field] = before + number
end

-- Adds the sums of one hash; `each` is told the field, what was added and what is there now. Fields that come to 0 go.
local function settle(key, added, each)
  local fields, gone, set, large = {}, {}, {}, {}
  for _, one in ipairs(added.large) do
    redis.call('HINCRBY', key, one[1], one[2])
    large[one[1]] = true
  end
  for field, number in pairs(added.now) do
    if number ~= 0 or large[field] then table.insert(fields, field) end
  end
  -- Many fields are read at once and written at once; a value that would not stay exact is left to HINCRBY.
  local before = #fields > ONE_BY_ONE and values(key, fields)
  for at, field in ipairs(fields) do
    local number = added.now[field]
    local was = before and tonumber(before[at] or 0)
    local left
    if was and math.abs(was) <= EXACT then
      left = was + number
      if left ~= 0 then
        table.insert(set, field)
        table.insert(set, left)
      end
    else
      left = redis.call('HINCRBY', key, field, number)
    end
    if left == 0 then table.insert(gone, field) end
    each(field, number, left, large[field])
  end
  many('HSET', key, set)
  many('HDEL', key, gone)
  return #gone > 0
end

-- The member of a field of a distinct, latest or fact series: its part of this number.
local function member(field, part)
  if part == 3 then return string.match(field, '^[^|]*|[^|]*|([^|]*)') end
  return string.match(field, '^[^|]*|([^|]*)')
end

-- The series of a metric and dimensions as far as this batch changes it.
local function series_of(work, metric, dims)
  local by_dims = work.metrics[metric]
  if not by_dims then
    by_dims = {}
    work.metrics[metric] = by_dims
  end
  local series = by_dims[dims]
  if not series then
    local part = work.parts[metric]
    series = {
      name = metric .. ':' .. dims, metric = metric, dims = dims, part = part, fields = sums(), members = part and sums(),
    }
    by_dims[dims] = series
    table.insert(work.series, series)
  end
  return series
end

-- An amount that an event gives: into its series, and into what the cumulative value of that is worked out from.
local function add(work, event, metric, dims, field, amount)
  local series = series_of(work, metric, dims)
  sum(series.fields, field, amount)
  if series.part then
    sum(series.members, member(field, series.part), amount)
  else
    sum(work.totals, series.name, amount)
  end
  if not series.event or series.event.serial < event.serial then series.event = event end
end

-- What an event gives, or, `back`, gave.
local function add_all(work, event, contributions, back)
  for _, c in ipairs(contributions) do
    add(work, event, c[1], c[2], c[3], back and negated(c[4]) or c[4])
  end
end

local function nothing() end

-- The cumulative value of each series is kept beside it, so that it is read without reading the series: a sum of amounts, or
-- how many members are told by one event at least.
local function write_series(prefix, work)
  for _, series in ipairs(work.series) do
    local key, index = prefix .. 's:' .. series.name, prefix .. 'i:' .. series.metric
    local fresh = false
    local emptied = settle(key, series.fields, function(_, added, left, large)
      fresh = fresh or large or left == added
    end)
    if emptied and redis.call('EXISTS', key) == 0 then
      redis.call('SREM', index, series.dims)
    elseif fresh then
      redis.call('SADD', index, series.dims)
    end
    if series.part then
      local more = 0
      settle(prefix .. 'm:' .. series.name, series.members, function(_, added, left)
        if left > 0 and left - added <= 0 then more = more + 1 end
        if left <= 0 and left - added > 0 then more = more - 1 end
      end)
      if more ~= 0 then sum(work.totals, series.name, more) end
    end
  end
  settle(prefix .. 'totals', work.totals, nothing)
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
  for at = 1, #event.names, 2 do work.entities[event.names[at]] = event.names[at + 1] end
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
  for _, series in ipairs(work.series) do
    table.insert(untold, series.name)
    table.insert(untold, integer(series.event.serial) .. '\n' .. series.event.stamp)
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

-- The events of a batch, and their ids.
local function events_of(rows, bodies, given)
  local events, ids, body_at, given_at = {}, {}, 0, 0
  for i, row in ipairs(rows) do
    local id, order, score, stamp, names, body_size, given_size = unpack(row)
    events[i] = {
      id = id, order = order, score = score, stamp = stamp, names = names,
      body = string.sub(bodies, body_at + 1, body_at + body_size),
      given = string.sub(given, given_at + 1, given_at + given_size),
    }
    body_at, given_at, ids[i] = body_at + body_size, given_at + given_size, id
  end
  return events, ids
end

-- Whether nothing is known of any event, and none comes twice.
local function all_new(ids, known)
  local met = {}
  for i, id in ipairs(ids) do
    if known[i] or met[id] then return false end
    met[id] = true
  end
  return true
end

-- KEYS[1]: the hash of what was applied, whose name without "applied" is the prefix of the view.
-- ARGV[1]: JSON list of [id, order, score, stamp, [entity, name, …], size of the body, size of what it gives].
-- ARGV[2]: the bodies, one after the other (of 0 bytes for a retracted event). ARGV[3]: what each event gives, one after the
-- other: JSON lists of [metric, dims, field, amount]. ARGV[4]: the same of all events, summed by metric, dims and field: JSON list
-- of [metric, dims, field, amount, position of the last event that gives it]. ARGV[5]: JSON, metric → part of its fields that
-- names the member, where it counts members.
-- Each event that is applied is noted under a serial number in `changes`, so that readers can follow.
-- Each series that changes is noted as untold, under a serial number, until somebody has published its value.
-- Answers, event by event, 1 where it was applied and 0 where this or a later order had been.
local function total(keys, args)
  local memory = keys[1]
  local prefix = string.sub(memory, 1, -8)
  local work = {
    parts = cjson.decode(args[5]), metrics = {}, series = {}, totals = sums(),
    bodies = {}, scores = {}, entities = {}, applied = {}, changes = {},
  }
  local events, ids = events_of(cjson.decode(args[1]), args[2], args[3])
  local known = values(memory, ids)
  local new = all_new(ids, known)
  local first = tonumber(redis.call('GET', prefix .. 'serial') or 0)
  local answer, serial = {}, first
  for i, event in ipairs(events) do
    local before = work.applied[event.id] or known[i]
    local cut = before and string.find(before, '\n', 1, true)
    if before and tonumber(string.sub(before, 1, cut - 1)) >= tonumber(event.order) then
      answer[i] = 0
    else
      serial = serial + 1
      event.serial = serial
      table.insert(work.changes, serial)
      table.insert(work.changes, event.id)
      if before then add_all(work, event, cjson.decode(string.sub(before, cut + 1)), true) end
      if not new then add_all(work, event, cjson.decode(event.given), false) end
      work.applied[event.id] = event.order .. '\n' .. event.given
      show(prefix, work, event, before)
      answer[i] = 1
    end
  end
  -- Where all events are new, which is nearly always, what they give together needs not be worked out here.
  if new then
    for _, c in ipairs(cjson.decode(args[4])) do add(work, events[c[5]], c[1], c[2], c[3], c[4]) end
  end
  if serial > first then redis.call('INCRBY', prefix .. 'serial', serial - first) end
  write_series(prefix, work)
  write_events(prefix, work)
  return answer
end

-- KEYS: the hashes of untold series, of published values and of totals. ARGV: series, note, value, value published before, and
-- so on. A series that changed again since its note was read stays untold.
-- Where another worker has published one of its values meanwhile, nobody knows whose came last on the topic. Unless both say what is
-- true now, the wrong one counts as published and the series is untold again. Answers how many are.
local function tell(keys, args)
  local names, again, published, back, gone = {}, 0, {}, {}, {}
  for i = 1, #args, 4 do table.insert(names, args[i]) end
  local notes, others, totals = values(keys[1], names), values(keys[2], names), values(keys[3], names)
  for at, series in ipairs(names) do
    local note, ours, previous = args[4 * at - 2], args[4 * at - 1], tonumber(args[4 * at])
    local now, other = tonumber(totals[at] or 0), tonumber(others[at] or 0)
    local sure = other == previous or (other == now and tonumber(ours) == now)
    if sure or other == now then
      table.insert(published, series)
      table.insert(published, ours)
    end
    if not sure then
      again = again + 1
      if not notes[at] then
        table.insert(back, series)
        table.insert(back, note)
      end
    elseif notes[at] == note then
      table.insert(gone, series)
    end
  end
  many('HSET', keys[2], published)
  many('HSET', keys[1], back)
  many('HDEL', keys[1], gone)
  return again
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
    local witnesses = redis.call('HLEN', key)
    local before = witnesses > 0 and redis.call('HGET', key, who)
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
      witnesses = witnesses + redis.call('HSET', key, who, value)
    end
    if (kept or before == value) and witnesses == 1 then
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
-- Puts each card down under a serial number that it keeps for ever. Answers with a list of serial, card, serial, card …, and
-- after it, for each card put down, with the places in that list of those that were put down before it under one of its
-- signatures: where an office gives all its notices one title, they are the same ones again and again.
local function introduce(keys, args)
  local rows, most = cjson.decode(args[1]), tonumber(args[2])
  local ids = {}
  for at, one in ipairs(rows) do ids[at] = one[1] end
  local known, last = values(keys[1], ids), redis.call('HLEN', keys[1])
  local cards, place, put, serials = {}, {}, {}, {}

  local function place_of(id)
    if not place[id] then
      local card = put[id] or redis.call('HGET', keys[1], id)
      if not card then return nil end
      local cut = string.find(card, '\n', 1, true)
      table.insert(cards, string.sub(card, 1, cut - 1))
      table.insert(cards, string.sub(card, cut + 1))
      place[id] = #cards / 2
    end
    return place[id]
  end

  local answer = {cards}
  for at, one in ipairs(rows) do
    local id = one[1]
    local serial = serials[id] or known[at] and tonumber(string.match(known[at], '^(%d+)\n'))
    if not serial then
      last = last + 1
      serial = last
    end
    local number = string.format('%d', serial)
    serials[id], put[id], place[id] = serial, number .. '\n' .. one[2], nil
    local met, found = {}, {}
    for _, name in ipairs(one[3]) do
      local key = keys[2] .. name
      redis.call('ZADD', key, serial, id)
      for _, other in ipairs(redis.call('ZRANGEBYSCORE', key, '-inf', '(' .. number, 'LIMIT', 0, most)) do
        local where = not found[other] and place_of(other)
        if where then
          found[other] = true
          table.insert(met, where)
        end
      end
    end
    answer[at + 1] = met
  end
  local set = {}
  for id, card in pairs(put) do
    table.insert(set, id)
    table.insert(set, card)
  end
  many('HSET', keys[1], set)
  return answer
end

-- KEYS[1]: what every list of a notice's texts begins with. ARGV[1]: JSON list of [notice id, size]. ARGV[2]: the texts, one after
-- the other, each of `size` bytes. ARGV[3]: how many revisions stay. One that is kept already is not kept twice.
local function keep(keys, args)
  local at, most = 0, tonumber(args[3])
  for _, one in ipairs(cjson.decode(args[1])) do
    local key, text = keys[1] .. one[1], string.sub(args[2], at + 1, at + one[2])
    at = at + one[2]
    local some = redis.call('EXISTS', key) == 1
    if some then redis.call('LREM', key, 0, text) end
    redis.call('LPUSH', key, text)
    if some then redis.call('LTRIM', key, 0, most - 1) end
  end
  return at
end

-- What workers of an earlier epoch call: they wrote otherwise, and end here, before they commit.
local function earlier()
  return redis.error_reply('ERR a later version of medpulse has this Redis')
end

redis.register_function('medpulse_total', total)
redis.register_function('medpulse_tell', tell)
redis.register_function('medpulse_witness', witness)
redis.register_function('medpulse_weigh', weigh)
redis.register_function('medpulse_introduce', introduce)
redis.register_function('medpulse_keep', keep)
redis.register_function('medpulse_apply', earlier)
redis.register_function('medpulse_sight', earlier)
redis.register_function('medpulse_meet', earlier)
